// Bad records and late rows go to sinks of their own, the query goes on, and every row of the sources is counted: input = processed + filtered + late + bad.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  type BadRecord,
  type Configurations,
  col,
  count,
  explode,
  lit,
  MemoryStream,
  Session,
  type StreamingQueryProgress,
  schema,
  sequence,
  window,
} from 'millrace';
import { parseDdl } from '../../dist/engine/analyzer.js';
import { BAD_RECORDS_DDL, LATE_ROWS_DDL } from '../../dist/engine/diversions.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-diversions-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const Event = schema({ ts: 'timestamp', v: 'string' });
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

/** The sum of all reports. */
function total(progress: readonly StreamingQueryProgress[]) {
  const sum = { input: 0, processed: 0, filtered: 0, late: 0, bad: 0 };
  for (const { rowCounts } of progress) for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += rowCounts[name];
  return sum;
}

const WAYS: Readonly<Record<string, Configurations>> = {
  'on the main thread': {},
  'in two workers': { 'millrace.inlineBytesMax': '0', 'millrace.workers': 2 },
};

for (const [way, conf] of Object.entries(WAYS)) {
  test(`bad records are kept with their reason, ${way}`, async () => {
    const session = Session.create({ conf });
    const stream = new MemoryStream(session, Event);
    const bad: BadRecord[] = [];
    const rows: unknown[] = [];
    const query = await stream
      .toDF()
      .filter(col('v').neq('skip'))
      .select(col('v').cast('int').alias('n'), lit(12).div(col('v').cast('int')).alias('share'))
      .writeStream.badRecords((batch) => void bad.push(...batch))
      .foreachBatch((batch) => void rows.push(...batch.toArray()))
      .start();
    try {
      stream.addData(...['3', 'x', 'skip', '0', '4', null].map((v, second) => ({ ts: at(second), v })));
      await query.processAllAvailable();
      assert.deepEqual(rows, [
        { n: 3, share: 4 },
        { n: 4, share: 3 },
      ]);
      assert.deepEqual(
        bad.map(({ value, errorClass, column }) => [JSON.parse(Buffer.from(value ?? []).toString()).v, errorClass, column]),
        [
          ['x', 'CAST_INVALID_INPUT', 'v'],
          ['0', 'DIVIDE_BY_ZERO', 'v'],
        ],
      );
      assert.match(bad[0]?.message ?? '', /'x'/);
      assert.deepEqual(total(query.recentProgress), { input: 6, processed: 2, filtered: 2, late: 0, bad: 2 });
    } finally {
      await query.stop();
    }
  });
}

test('without badRecords the first of them ends the query', async () => {
  const stream = new MemoryStream(Session.create({}), Event);
  const query = await stream
    .toDF()
    .select(col('v').cast('int'))
    .writeStream.foreachBatch(() => {})
    .start();
  stream.addData({ ts: at(0), v: 'x' });
  await assert.rejects(query.processAllAvailable(), { code: 'CAST_INVALID_INPUT' });
  await query.stop();
});

test('what a grouping evaluates may be bad too, and a bad row leaves no trace in its groups', async () => {
  const stream = new MemoryStream(Session.create({}), Event);
  const bad: BadRecord[] = [];
  const rows: object[] = [];
  const query = await stream
    .toDF()
    .groupBy(col('ts').alias('ts'))
    .agg(count(col('ts')).alias('n'), count(col('v').cast('int')).alias('numbers'))
    .writeStream.outputMode('update')
    .badRecords((batch) => void bad.push(...batch))
    .foreachBatch((batch) => void rows.push(...batch.toArray()))
    .start();
  try {
    stream.addData({ ts: at(0), v: '1' }, { ts: at(0), v: 'x' }, { ts: at(1), v: 'y' });
    await query.processAllAvailable();
    assert.deepEqual(rows, [{ ts: at(0), n: 1n, numbers: 1n }]);
    assert.equal(bad.length, 2);
    assert.deepEqual(total(query.recentProgress), { input: 3, processed: 1, filtered: 0, late: 0, bad: 2 });
  } finally {
    await query.stop();
  }
});

test('late rows are kept with the watermark that they are behind', async () => {
  const stream = new MemoryStream(Session.create({}), Event);
  const late: object[] = [];
  const query = await stream
    .toDF()
    .withWatermark('ts', '5 seconds')
    .groupBy(window('ts', '10 seconds'))
    .agg(count(lit(1)).alias('n'))
    .writeStream.outputMode('update')
    .lateRows((batch) => {
      for (const { value, eventTime, watermark, latenessMs } of batch)
        late.push({ v: JSON.parse(Buffer.from(value ?? []).toString()).v, eventTime, watermark, latenessMs });
    })
    .foreachBatch(() => {})
    .start();
  try {
    stream.addData({ ts: at(3), v: 'a' });
    await query.processAllAvailable();
    stream.addData({ ts: at(21), v: 'b' });
    await query.processAllAvailable();
    stream.addData({ ts: at(4), v: 'late' }, { ts: null, v: 'timeless' }, { ts: at(22), v: 'c' });
    await query.processAllAvailable();
    assert.deepEqual(late, [{ v: 'late', eventTime: at(4), watermark: at(16), latenessMs: 12_000n }]);
    assert.deepEqual(total(query.recentProgress), { input: 5, processed: 3, filtered: 1, late: 1, bad: 0 });
  } finally {
    await query.stop();
  }
});

test('rows that a step made several of count once', async () => {
  const stream = new MemoryStream(Session.create({}), schema({ n: 'int' }));
  const query = await stream
    .toDF()
    .select(col('n'), explode(sequence(lit(1), col('n'))).alias('m'))
    .filter(col('m').gt(2))
    .writeStream.foreachBatch(() => {})
    .start();
  try {
    stream.addData({ n: 1 }, { n: 3 }, { n: 5 });
    await query.processAllAvailable();
    assert.deepEqual(total(query.recentProgress), { input: 3, processed: 2, filtered: 1, late: 0, bad: 0 });
  } finally {
    await query.stop();
  }
});

test('records of files that cannot be decoded go to a folder, with their bytes and their place', async () => {
  const output = join(folder, 'bad');
  const path = join(folder, 'trades.json');
  writeFileSync(path, '{"id":1}\n{"id":\n{"id":3}\n');
  const rows: unknown[] = [];
  const query = await Session.create({})
    .readStream.schema('id INT')
    .option('mode', 'FAILFAST')
    .json(path)
    .writeStream.option('badRecords', output)
    .trigger({ availableNow: true })
    .foreachBatch((batch) => void rows.push(...batch.toArray()))
    .start();
  await query.awaitTermination();
  assert.deepEqual(rows, [{ id: 1 }, { id: 3 }]);
  const files = readdirSync(output).filter((name) => name.endsWith('.json'));
  const [record] = files.flatMap((name) => readFileSync(join(output, name), 'utf8').trim().split('\n')).map((line) => JSON.parse(line));
  assert.equal(Buffer.from(record.value, 'base64').toString(), '{"id":');
  assert.deepEqual([record.path, record.byte, record.errorClass], [path, 9, 'MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION']);
  assert.deepEqual(total(query.recentProgress), { input: 3, processed: 2, filtered: 0, late: 0, bad: 1 });
});

test('the columns of diverted records are those that TypeScript names', async () => {
  const names = (ddl: string) => parseDdl(ddl).fields.map(({ name, type }) => `${name} ${JSON.stringify(type)}`);
  const stream = new MemoryStream(Session.create({}), Event);
  const found: Record<string, string[]> = {};
  const query = await stream
    .toDF()
    .withWatermark('ts', '0 seconds')
    .groupBy(window('ts', '1 second'))
    .agg(count(col('v').cast('int')))
    .writeStream.outputMode('update')
    .badRecords((batch) => {
      found['bad'] = batch.schema.fields.map(({ name, type }) => `${name} ${JSON.stringify(type)}`);
    })
    .lateRows((batch) => {
      found['late'] = batch.schema.fields.map(({ name, type }) => `${name} ${JSON.stringify(type)}`);
    })
    .foreachBatch(() => {})
    .start();
  try {
    stream.addData({ ts: at(50), v: 'x' }, { ts: at(50), v: '1' });
    await query.processAllAvailable();
    stream.addData({ ts: at(55), v: '1' });
    await query.processAllAvailable();
    stream.addData({ ts: at(1), v: '1' });
    await query.processAllAvailable();
    assert.deepEqual(found, { bad: names(BAD_RECORDS_DDL), late: names(LATE_ROWS_DDL) });
  } finally {
    await query.stop();
  }
});
