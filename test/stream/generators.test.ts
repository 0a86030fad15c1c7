// Generators: several rows of one, in select lists, LATERAL VIEW and streams; and what Spark refuses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  explode,
  explodeOuter,
  inline,
  jsonTuple,
  lit,
  MemoryStream,
  type MillraceError,
  posexplode,
  type ResultBatch,
  Session,
  schema,
  stack,
} from 'millrace';

const session = Session.create({ timeZone: 'UTC' });
const rows = session.createDataFrame(
  [
    { id: 1, items: ['a', 'b'], sizes: new Map([['x', 1]]), text: '{"p":1,"q":"z"}' },
    { id: 2, items: [], sizes: null, text: null },
    { id: 3, items: null, sizes: new Map(), text: 'no json' },
  ],
  'id INT, items ARRAY<STRING>, sizes MAP<STRING, INT>, text STRING',
);
rows.createOrReplaceTempView('generator_rows');

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as MillraceError).code;
  }
  return 'no error';
}

test('the typed API: elements, entries, positions, names', async () => {
  assert.deepEqual(await rows.select('id', explode('items').as('item')).collect(), [
    { id: 1, item: 'a' },
    { id: 1, item: 'b' },
  ]);
  assert.deepEqual(await rows.select('id', explodeOuter('sizes').as('k', 'v')).collect(), [
    { id: 1, k: 'x', v: 1 },
    { id: 2, k: null, v: null },
    { id: 3, k: null, v: null },
  ]);
  assert.deepEqual(await rows.select(posexplode('items')).collect(), [
    { pos: 0, col: 'a' },
    { pos: 1, col: 'b' },
  ]);
  assert.deepEqual(await rows.withColumn('item', explode('items')).select('id', 'item').collect(), [
    { id: 1, item: 'a' },
    { id: 1, item: 'b' },
  ]);
  assert.deepEqual(await rows.select(jsonTuple('text', 'p', 'q', 'r')).collect(), [
    { c0: '1', c1: 'z', c2: null },
    { c0: null, c1: null, c2: null },
    { c0: null, c1: null, c2: null },
  ]);
  assert.deepEqual(
    await rows
      .limit(1)
      .select(stack(lit(2), lit(1), lit('x'), lit(2)))
      .collect(),
    [
      { col0: 1, col1: 'x' },
      { col0: 2, col1: null },
    ],
  );
  const structs = session.sql("SELECT array(named_struct('f', 1, 'g', 'x'), NULL) AS s");
  assert.deepEqual(await structs.select(inline('s')).collect(), [
    { f: 1, g: 'x' },
    { f: null, g: null },
  ]);
});

test('SQL: two generators, LATERAL VIEW, generators over groups', async () => {
  assert.equal((await session.sql('SELECT explode(items), explode(items) FROM generator_rows').collect()).length, 4);
  const text = 'SELECT id, p, item FROM generator_rows LATERAL VIEW OUTER posexplode(items) e AS p, item WHERE p IS NULL OR p > 0';
  assert.deepEqual(await session.sql(text).collect(), [
    { id: 1, p: 1, item: 'b' },
    { id: 2, p: null, item: null },
    { id: 3, p: null, item: null },
  ]);
  const grouped = session.sql('SELECT count(*) AS n, explode(array_sort(collect_list(id))) AS id FROM generator_rows');
  assert.deepEqual(
    await grouped.collect(),
    [1, 2, 3].map((id) => ({ n: 3n, id })),
  );
});

test('what a row of a stream is made into', async () => {
  const stream = new MemoryStream(session, schema({ id: 'int', items: 'array<string>' }));
  const out: unknown[] = [];
  const query = await stream
    .toDF()
    .select('id', explode('items').as('item'))
    .filter("item <> 'skip'")
    .writeStream.foreachBatch((batch: ResultBatch<unknown>) => void out.push(...batch.toArray()))
    .start();
  stream.addData({ id: 1, items: ['a', 'skip'] }, { id: 2, items: [] });
  await query.processAllAvailable();
  stream.addData({ id: 3, items: ['c', 'd'] });
  await query.processAllAvailable();
  await query.stop();
  assert.deepEqual(out, [
    { id: 1, item: 'a' },
    { id: 3, item: 'c' },
    { id: 3, item: 'd' },
  ]);
});

test('refusals', () => {
  assert.equal(
    codeOf(() => rows.select(explode('id'))),
    'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE',
  );
  assert.equal(
    codeOf(() => rows.selectExpr('upper(explode(items))')),
    'UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS',
  );
  assert.equal(
    codeOf(() => rows.selectExpr('explode(array(explode(items)))')),
    'UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS',
  );
  assert.equal(
    codeOf(() => rows.filter("explode(items) = 'a'")),
    'UNSUPPORTED_GENERATOR.OUTSIDE_SELECT',
  );
  assert.equal(
    codeOf(() => rows.select(explode('sizes').as('one'))),
    'UDTF_ALIAS_NUMBER_MISMATCH',
  );
  assert.equal(
    codeOf(() => rows.selectExpr('id AS (a, b)')),
    'MULTI_ALIAS_WITHOUT_GENERATOR',
  );
  assert.equal(
    codeOf(() => session.sql('SELECT * FROM generator_rows LATERAL VIEW upper(text) u AS x')),
    'UNSUPPORTED_GENERATOR.NOT_GENERATOR',
  );
  assert.equal(
    codeOf(() => rows.selectExpr("stack(2, 1, 'a', 'b', 2)")),
    'DATATYPE_MISMATCH.STACK_COLUMN_DIFF_TYPES',
  );
});
