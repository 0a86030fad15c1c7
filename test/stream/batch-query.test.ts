// Batch DataFrames: rows in memory through the native pipeline as one micro-batch, views and SQL, and what is refused.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type Column,
  col,
  countDistinct,
  desc,
  expr,
  MemoryStream,
  type MillraceError,
  Session,
  schema,
  sumDistinct,
} from '../../dist/index.js';

const session = Session.create({ timeZone: 'UTC' });
const trades = session.createDataFrame(
  [{ id: 'apple', amount: 10 }, { id: 'pear', amount: 20 }, ['apple', 30], { id: null, amount: 40 }, { id: 'pear' }],
  'id STRING, amount INT',
);

/** The code of the error that `work` throws or rejects with. */
async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    return (error as MillraceError).code;
  }
  return 'no error';
}

test('rows come back as they were put in', async () => {
  assert.equal(trades.isStreaming, false);
  assert.deepEqual(await trades.collect(), [
    { id: 'apple', amount: 10 },
    { id: 'pear', amount: 20 },
    { id: 'apple', amount: 30 },
    { id: null, amount: 40 },
    { id: 'pear', amount: null },
  ]);
  const again = session.createDataFrame(await trades.collect(), trades.schema);
  assert.deepEqual(again.schema, trades.schema);
  assert.equal(await again.count(), 5);
});

test('a DataFrame without rows has a schema and no rows', async () => {
  const nothing = session.createDataFrame([], 'id STRING, at TIMESTAMP NOT NULL');
  assert.deepEqual(await nothing.collect(), []);
  assert.equal(await nothing.count(), 0);
  assert.equal(await nothing.first(), null);
  assert.equal(nothing.schema.fields[1]?.nullable, false);
});

test('a value that does not fit names its column and row', async () => {
  const error = await codeOf(() => session.createDataFrame([{ n: 1 }, { n: 'two' }] as never[], schema({ n: 'int' })));
  assert.equal(error, 'VALUE_NOT_ENCODABLE');
});

// The numbers are those that Spark 4.3 gives for a range of one partition.
test('sample takes the rows that Spark takes with the same seed', async () => {
  const sampled = async (fraction: number, seed: number) =>
    (await session.range(40).sample(fraction, seed).collect()).map(({ id }) => Number(id));
  assert.deepEqual(await sampled(0.5, 42), [3, 7, 10, 12, 16, 18, 20, 25, 26, 27, 31, 36, 37, 38]);
  assert.deepEqual(await sampled(0.3, 7), [0, 6, 8, 11, 13, 20, 25, 26, 27, 30, 32, 36, 39]);
  assert.deepEqual(await sampled(0.1, -3), [23, 26]);
  assert.equal((await sampled(0, 1)).length + (await sampled(1, 1)).length, 40);
  assert.equal(await codeOf(() => session.range(3).sample(1.5)), 'ARGUMENT_INVALID');
});

test('first, head, take and limit take rows from the front', async () => {
  assert.deepEqual(await trades.first(), { id: 'apple', amount: 10 });
  assert.deepEqual(await trades.head(), { id: 'apple', amount: 10 });
  assert.equal((await trades.head(2)).length, 2);
  assert.deepEqual(await trades.take(0), []);
  assert.deepEqual(await trades.limit(3).offset(2).collect(), [{ id: 'apple', amount: 30 }]);
  assert.equal(await trades.offset(4).count(), 1);
  assert.equal(await codeOf(() => trades.limit(-1)), 'INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE');
});

test('orderBy puts nulls first where it ascends and last where it descends', async () => {
  const ids = async (...orders: (Column | 'id' | 'amount')[]) => (await trades.orderBy(...orders).collect()).map((row) => row.amount);
  assert.deepEqual(await ids('amount'), [null, 10, 20, 30, 40]);
  assert.deepEqual(await ids(desc('amount')), [40, 30, 20, 10, null]);
  assert.deepEqual(await ids(col('amount').ascNullsLast()), [10, 20, 30, 40, null]);
  assert.deepEqual(await ids(col('id').descNullsFirst(), col('amount').desc()), [40, 20, null, 30, 10]);
});

test('text is SQL: expr, selectExpr, filter', async () => {
  const doubled = trades.selectExpr('upper(id) AS name', 'amount * 2 AS twice').filter('twice > 30').where(expr("name <> 'PEAR'"));
  assert.deepEqual(await doubled.collect(), [{ name: 'APPLE', twice: 60 }]);
  assert.equal(await codeOf(() => trades.selectExpr('amount +')), 'PARSE_SYNTAX_ERROR');
});

test('views are found by SQL, whatever the case of their names', async () => {
  trades.createOrReplaceTempView('Trades');
  const totals = session.sql('SELECT id, sum(amount) AS total FROM trades WHERE id IS NOT NULL GROUP BY id ORDER BY total DESC');
  assert.deepEqual(await totals.collect(), [
    { id: 'apple', total: 40n },
    { id: 'pear', total: 20n },
  ]);
  assert.equal(await session.table('TRADES').count(), 5);
  assert.equal(await codeOf(() => session.table('nothing')), 'TABLE_OR_VIEW_NOT_FOUND');
  assert.equal(await codeOf(() => Session.create().sql('SELECT * FROM trades')), 'TABLE_OR_VIEW_NOT_FOUND');
});

test('distinct rows and distinct values are counted once', async () => {
  const twice = session.createDataFrame([[1], [1], [2], [null]], 'n INT');
  assert.equal(await twice.distinct().count(), 3);
  assert.deepEqual(await twice.agg(countDistinct('n').alias('n'), sumDistinct('n').alias('sum')).collect(), [{ n: 2n, sum: 3n }]);
});

test('an alias names the rows', async () => {
  assert.deepEqual(await trades.alias('t').select(col('t.amount')).take(1), [{ amount: 10 }]);
});

test('range counts from start to before end', async () => {
  const numbers = async (frame: ReturnType<typeof session.range>) => (await frame.collect()).map((row) => row.id);
  assert.deepEqual(await numbers(session.range(3)), [0n, 1n, 2n]);
  assert.deepEqual(await numbers(session.range(1, 8, 3)), [1n, 4n, 7n]);
  assert.deepEqual(await numbers(session.range(10n, 0n, -5n)), [10n, 5n]);
  assert.deepEqual(await numbers(session.range(5, 5)), []);
  assert.equal(await session.range(3_000_000).count(), 3_000_000);
  assert.equal(await codeOf(() => session.range(0, 1, 0)), 'ARGUMENT_INVALID');
});

test('files are read whole, in pieces, each time they are asked for', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-read-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'a.json'), '{"id":"a","n":1}\n{"id":"b","n":2}\n');
  const small = Session.create({ conf: { 'millrace.splitBytes': '10' } });
  const numbers = small.read.schema('id STRING, n INT').json(folder).filter('n < 3').orderBy('n');
  assert.deepEqual(await numbers.collect(), [
    { id: 'a', n: 1 },
    { id: 'b', n: 2 },
  ]);
  await writeFile(join(folder, 'b.json'), '{"id":"c","n":0}\n{"id":"d","n":3}\n');
  assert.deepEqual(
    (await numbers.collect()).map((row) => row.id),
    ['c', 'a', 'b'],
  );
  assert.deepEqual(await small.read.text(join(folder, 'b.json')).limit(1).collect(), [{ value: '{"id":"c","n":0}' }]);
  assert.deepEqual(small.read.json(folder).columns, ['id', 'n']);
  const empty = join(folder, 'empty');
  await mkdir(empty);
  assert.equal(await codeOf(() => small.read.json(empty)), 'UNABLE_TO_INFER_SCHEMA');
  assert.equal(await codeOf(() => small.read.text(join(folder, 'nothing'))), 'PATH_NOT_FOUND');
});

test('show prints what Spark prints', async () => {
  assert.equal(
    await trades.showString(2),
    '+-----+------+\n|   id|amount|\n+-----+------+\n|apple|    10|\n| pear|    20|\n+-----+------+\nonly showing top 2 rows',
  );
  assert.equal(await trades.showString(0, true, true), '(0 rows)');
});

test('a row that cannot be evaluated fails the action, not the DataFrame', async () => {
  const texts = session.createDataFrame([['1'], ['x']], 's STRING').select(col('s').cast('int').alias('n'));
  assert.equal(await codeOf(() => texts.collect()), 'CAST_INVALID_INPUT');
  const lenient = Session.create({ conf: { 'spark.sql.ansi.enabled': false } }).createDataFrame([['1'], ['x']], 's STRING');
  assert.deepEqual(await lenient.select(col('s').cast('int').alias('n')).collect(), [{ n: 1 }, { n: null }]);
});

test('many rows go through the pool and come back in order', async () => {
  const rows = Array.from({ length: 100_000 }, (_, n) => ({ n, text: `row ${n}` }));
  const batch = await session.createDataFrame(rows, 'n INT, text STRING').toResultBatch();
  assert.equal(batch.numRows, rows.length);
  assert.equal(batch.column('n').get(99_999), 99_999);
  assert.equal(batch.column('text').get(50_000), 'row 50000');
  assert.equal((await session.createDataFrame(rows, 'n INT, text STRING').toArrow()).numRows, rows.length);
});

test('streams are refused where rows are asked for, and batches where a stream is', async () => {
  const stream = new MemoryStream(session, schema({ n: 'int' })).toDF();
  assert.equal(stream.isStreaming, true);
  for (const action of [() => stream.collect(), () => stream.count(), () => stream.show(), () => stream.first(), () => stream.toArrow()]) {
    assert.equal(await codeOf(action), '_LEGACY_ERROR_TEMP_3102');
  }
  assert.equal(await codeOf(() => trades.writeStream.format('console').start()), 'WRITE_STREAM_NOT_ALLOWED');
});
