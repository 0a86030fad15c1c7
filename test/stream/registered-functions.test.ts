// Aggregates of the program's own that SQL text calls by name: wherever text may stand, behind Spark's functions of the same name, and not in other sessions.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type DataFrame, expr, lit, MemoryStream, Session, schema, sum, udaf } from 'millrace';

const Row = schema({ k: 'string', n: 'int' });
const ROWS = [
  { k: 'a', n: 1 },
  { k: 'a', n: 2 },
  { k: 'b', n: 4 },
  { k: 'c', n: null },
];

/** The sum of `factor` times what it is given. */
const times = (factor: bigint) =>
  udaf({
    name: 'times',
    input: 'bigint',
    buffer: 'bigint not null',
    output: 'bigint not null',
    zero: () => 0n,
    reduce: (held, value) => held + factor * (value ?? 0n),
    finish: (held) => held,
  });

/** As many as there are rows in which both are there. */
const pairs = udaf({
  input: schema({ left: 'string', right: 'int' }),
  buffer: 'bigint not null',
  output: 'bigint not null',
  zero: () => 0n,
  reduce: (held, { left, right }) => (left === null || right === null ? held : held + 1n),
  finish: (held) => held,
});

const totalOfModule = udaf({
  module: new URL('./processors/total-aggregator.mjs', import.meta.url),
  input: 'bigint',
  buffer: schema({ sum: 'bigint not null' }),
  output: schema({ sum: 'bigint', where: 'string' }),
});

function start() {
  const session = Session.create();
  const rows = session.createDataFrame(ROWS, Row);
  rows.createOrReplaceTempView('rows');
  session.udf.register('Doubled', times(2n));
  session.udf.register('pairs', pairs);
  return { session, rows };
}

const collected = async (frame: DataFrame<any>) => (await frame.collect()).map((row) => Object.values(row as object));

test('a query calls it in the select list, HAVING, ORDER BY, subqueries and with FILTER, in any case', async () => {
  const { session } = start();
  const grouped = session.sql(`
    SELECT k, doubled(n), \`DOUBLED\`(n + 1) FILTER (WHERE n > 1) AS later, sum(n) AS s, abs(Doubled(n)) + 1 AS more, PAIRS(k, n) AS p
    FROM rows GROUP BY k HAVING doubled(n) > 0 ORDER BY doubled(n) DESC`);
  assert.deepEqual(grouped.columns, ['k', 'doubled(n)', 'later', 's', 'more', 'p']);
  assert.deepEqual(await collected(grouped), [
    ['b', 8n, 10n, 4n, 9n, 1n],
    ['a', 6n, 6n, 3n, 7n, 2n],
  ]);
  assert.deepEqual(await collected(session.sql('SELECT doubled(n) AS n FROM rows')), [[14n]]);
  assert.deepEqual(await collected(session.sql('SELECT max(d) FROM (SELECT doubled(n) AS d FROM rows GROUP BY k) AS t')), [[8n]]);
  assert.deepEqual(await collected(session.sql('SELECT DISTINCT k FROM rows WHERE n IN (SELECT doubled(n) - 10L FROM rows)')), [['b']]);
  const sets = session.sql('SELECT k, doubled(n) FROM rows GROUP BY ROLLUP (k) HAVING k IS NULL OR k = "a" ORDER BY k');
  assert.deepEqual(await collected(sets), [
    [null, 14n],
    ['a', 6n],
  ]);
});

test('texts within the typed API call it: expr(), selectExpr(), alone and inside of other columns', async () => {
  const { rows } = start();
  assert.deepEqual(await collected(rows.selectExpr('doubled(n) AS n', 'count(*)')), [[14n, 4n]]);
  assert.deepEqual(await collected(rows.groupBy().agg(expr('doubled(n)').add(lit(1n)), sum('n'))), [[15n, 7n]]);
  assert.deepEqual(await collected(rows.groupBy().pivot('k', ['a', 'b']).agg(expr('doubled(n)'))), [[6n, 8n]]);
  const one = expr('doubled(n) + doubled(n)').alias('n');
  assert.deepEqual(await collected(rows.groupBy('k').agg(one, one.cast('string').alias('text')).filter('k = "a"')), [['a', 12n, '12']]);
});

test('a stream keeps its buffers, and goes on with them when it is started again', async () => {
  const checkpoint = mkdtempSync(join(tmpdir(), 'millrace-registered-'));
  const session = Session.create({ conf: { 'millrace.workers': 2 } });
  const events = new MemoryStream(session, Row);
  events.toDF().createOrReplaceTempView('events');
  let found: unknown[] = [];
  for (const [batch, n] of [1, 2].entries()) {
    // Another process declares its aggregates anew.
    session.udf.register('doubled', times(2n));
    session.udf.register('total', totalOfModule);
    const query = await session
      .sql('SELECT k, doubled(n) AS d, total(n).sum AS s FROM events GROUP BY k')
      .writeStream.outputMode('update')
      .option('checkpointLocation', checkpoint)
      .foreachBatch((rows) => void found.push(...rows.toArray()))
      .start();
    found = [];
    events.addData({ k: 'a', n });
    await query.processAllAvailable();
    await query.stop();
    assert.deepEqual(found, [batch === 0 ? { k: 'a', d: 2n, s: 1n } : { k: 'a', d: 6n, s: 3n }]);
  }
  rmSync(checkpoint, { recursive: true });
});

test("Spark's functions of the same name come first, its schema passes them over", async () => {
  const { session, rows } = start();
  session.udf.register('SUM', times(100n));
  session.udf.register('ltrim', pairs);
  const found = session.sql(
    'SELECT sum(n) AS n, session.sum(n), System.Session.Sum(n) AS own, session.ltrim(k, n) AS p, session.doubled(n) AS d FROM rows',
  );
  assert.deepEqual(found.columns, ['n', 'sum(n)', 'own', 'p', 'd']);
  assert.deepEqual(await collected(found), [[7n, 700n, 700n, 3n, 14n]]);
  assert.deepEqual(await collected(rows.groupBy().agg(sum('n'))), [[7n]]);
  assert.throws(() => session.sql('SELECT session.max(n) FROM rows'), { code: 'UNRESOLVED_ROUTINE' });
});

test('a text means what was registered when a DataFrame was made of it', async () => {
  const { session, rows } = start();
  const column = expr('doubled(n)').alias('n');
  const doubled = rows.groupBy().agg(column);
  session.udf.register('doubled', times(3n));
  assert.deepEqual(await collected(doubled), [[14n]]);
  assert.deepEqual(await collected(doubled.filter('n > 0')), [[14n]]);
  assert.deepEqual(await collected(rows.groupBy().agg(column)), [[21n]]);
});

test('what register gives is the aggregate under its new name', () => {
  const { session, rows } = start();
  const tripled = session.udf.register('tripled', times(3n));
  assert.deepEqual(rows.groupBy('k').agg(tripled('n')).columns, ['k', 'tripled(n)']);
});

test('names of columns may be those of functions', async () => {
  const { rows } = start();
  const renamed = rows.withColumnRenamed('n', 'doubled').filter('doubled IS NOT NULL');
  const states = { state: schema({ n: 'int' }), output: schema({ key: 'int', n: 'int' }) };
  const counts = renamed.groupByKey('doubled').mapGroupsWithState(states, (key, values) => ({ key, n: [...values].length }));
  assert.deepEqual(await collected(counts.filter('key < 2')), [[1, 1]]);
});

test('calls that cannot be are refused', () => {
  const { session, rows } = start();
  assert.throws(() => session.sql('SELECT doubled(n, n) FROM rows'), { code: 'WRONG_NUM_ARGS.WITHOUT_SUGGESTION' });
  assert.throws(() => rows.selectExpr('pairs(k)'), { code: 'WRONG_NUM_ARGS.WITHOUT_SUGGESTION' });
  assert.throws(() => rows.selectExpr('doubled(DISTINCT n)'), { code: 'ARGUMENT_INVALID' });
  assert.throws(() => rows.selectExpr('doubled(n) OVER (ORDER BY n)'), { code: /UNSUPPORTED_EXPR_FOR_WINDOW|ARGUMENT_INVALID/ });
  assert.throws(() => rows.filter('doubled(n) > 1'), { code: 'INVALID_WHERE_CONDITION' });
  assert.throws(() => rows.selectExpr('missing(n)'), { code: 'UNRESOLVED_ROUTINE' });
  // Also where its argument is grouped by nothing: what is not known is not an aggregate that was forgotten.
  assert.throws(() => rows.groupBy('k').agg(expr('missing(n)')), { code: 'UNRESOLVED_ROUTINE' });
  assert.throws(() => rows.groupBy('k').agg(expr('1 + upper(missing(n))')), { code: 'UNRESOLVED_ROUTINE' });
  assert.throws(() => rows.groupBy('k').agg(expr('upper(n)')), { code: 'MISSING_AGGREGATION' });
  const other = Session.create();
  assert.throws(() => other.sql('SELECT doubled(1)'), { code: 'UNRESOLVED_ROUTINE' });
});

test('what is no aggregate is not registered, nor under a name that nobody could call', () => {
  const { udf } = Session.create();
  assert.throws(
    () => udf.register('plus', ((n: number) => n + 1) as never),
    /udf\.register.*another function.*no functions of single rows/,
  );
  assert.throws(() => udf.register('plus', null as never), { code: 'ARGUMENT_INVALID' });
  for (const name of ['', 'two words', '2nd', 'a.b', 7])
    assert.throws(() => udf.register(name as string, pairs), { code: 'ARGUMENT_INVALID' });
});
