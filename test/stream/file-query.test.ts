// The whole way of a file: listed, cut, parsed, windowed, printed; and what bad input does to a query.
import assert from 'node:assert/strict';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  type Configurations,
  col,
  count,
  fromJson,
  lit,
  type MillraceError,
  Session,
  sum,
  type Trigger,
  toTimestamp,
  when,
  window,
} from 'millrace';

const folders: string[] = [];

after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function folderOf(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-query-'));
  folders.push(folder);
  for (const [at, [name, text]] of Object.entries(files).entries()) {
    await writeFile(join(folder, name), text);
    await utimes(join(folder, name), 1_700_000_000 + at, 1_700_000_000 + at);
  }
  return folder;
}

const TRADES = {
  'a.ndjson':
    "{'id':'apple','type':'buy','amount':10,'time':'01-11-2020-10-10'}\n{'id':'shell','type':'buy','amount':18,'time':'01-11-2020-10-12'}\n",
  'b.ndjson':
    "{'id':'apple','type':'sell','amount':5,'time':'01-11-2020-10-22'}\nno json at all\n{'id':'asus','type':'buy','amount':5,'time':'01-11-2020-10-14'}",
};

/** The profit query over a folder of trades; the rows of each batch as `HH:mm profit`. */
async function profit(
  folder: string,
  {
    conf = {},
    trigger = { availableNow: true },
    options = {},
  }: { conf?: Configurations; trigger?: Trigger; options?: Record<string, string> } = {},
) {
  const batches: string[][] = [];
  const query = await Session.create({ conf })
    .readStream.format('text')
    .options(options)
    .load(folder)
    .select(fromJson(col('value'), 'id STRING, type STRING, amount INT, time STRING').alias('trade'))
    .select('trade.*')
    .withColumn('eventtime', toTimestamp(col('time'), 'dd-MM-yyyy-HH-mm'))
    .withColumn('profit', when(col('type').eq('sell'), col('amount').mul(-1)).otherwise(col('amount')))
    .groupBy(window('eventtime', '5 minutes'))
    .agg(sum('profit').alias('profit'))
    .writeStream.outputMode('complete')
    .trigger(trigger)
    .foreachBatch((batch) => {
      batches.push(
        batch
          .toArray()
          .map((row) => `${row.window.start.toISOString().slice(11, 16)} ${row.profit}`)
          .sort(),
      );
    })
    .start();
  await query.awaitTermination();
  return { batches, query };
}

test('one file a batch, as the limit says', async () => {
  const { batches, query } = await profit(await folderOf(TRADES), { options: { maxFilesPerTrigger: '1' } });
  assert.deepEqual(batches, [['10:10 28'], ['10:10 33', '10:20 -5']]);
  assert.deepEqual(
    query.recentProgress.map((progress) => [progress.numInputRows, progress.sources[0]?.startOffset, progress.sources[0]?.endOffset]),
    [
      [2, null, { logOffset: 0 }],
      [3, { logOffset: 0 }, { logOffset: 1 }],
    ],
  );
});

test('once takes all files in one batch', async () => {
  const { batches } = await profit(await folderOf(TRADES), { trigger: { once: true }, options: { maxFilesPerTrigger: '1' } });
  assert.deepEqual(batches, [['10:10 33', '10:20 -5']]);
});

test('the answer does not depend on where files are cut, nor on who does the work', async () => {
  const folder = await folderOf(TRADES);
  for (const splitBytes of ['1', '7', '64', '65', '66', '1000']) {
    for (const conf of [{}, { 'millrace.inlineBytesMax': '0', 'millrace.workers': 2 }]) {
      const { batches, query } = await profit(folder, { conf: { ...conf, 'millrace.splitBytes': splitBytes } });
      assert.deepEqual(batches, [['10:10 33', '10:20 -5']], `splits of ${splitBytes}`);
      assert.equal(query.lastProgress?.numInputRows, 5);
    }
  }
});

test('a time that does not parse ends the query, naming file and line; without ANSI it is null', async () => {
  const bad = "{'id':'apple','type':'buy','amount':10,'time':'01-11-2020-10-10'}\n{'id':'x','type':'buy','amount':1,'time':'tomorrow'}\n";
  const folder = await folderOf({ 'bad.ndjson': bad });
  await assert.rejects(profit(folder), (error: MillraceError) => {
    assert.equal(error.code, 'CANNOT_PARSE_TIMESTAMP');
    assert.equal(error.context['path'], join(folder, 'bad.ndjson'));
    assert.equal(Number(error.context['line']), 2);
    assert.match(error.message, /tomorrow/);
    return true;
  });
  const { batches } = await profit(folder, { conf: { 'spark.sql.ansi.enabled': false } });
  assert.deepEqual(batches, [['10:10 10']]);
});

test('an empty file is a batch without rows; an empty folder is none (golden K010, K012)', async () => {
  const rowCounts = async (folder: string) => {
    const query = await Session.create()
      .readStream.format('text')
      .option('maxFilesPerTrigger', 1)
      .load(folder)
      .groupBy('value')
      .agg(count(lit(1)).alias('n'))
      .writeStream.outputMode('complete')
      .trigger({ availableNow: true })
      .foreachBatch(() => {})
      .start();
    await query.awaitTermination();
    return query.recentProgress.map((progress) => progress.numInputRows);
  };
  assert.deepEqual(await rowCounts(await folderOf({ a: 'x\n', b: '', c: 'y' })), [1, 0, 1]);
  assert.deepEqual(await rowCounts(await folderOf({})), []);
});

test('a path that is not there is said by load()', () => {
  assert.throws(() => Session.create().readStream.format('text').load(join(tmpdir(), 'millrace-nothing-here')), { code: 'PATH_NOT_FOUND' });
});

test('an array in a JSON file is as many rows as it has objects; what is malformed is a row of nulls, or none with DROPMALFORMED', async () => {
  const lines = ['{"a":1}', '[{"a":2}, {"a":3}]', '[]', '', 'garbage', '[{"a":4}', '{"a":"x"}'];
  const folder = await folderOf({ 'a.json': `${lines.join('\n')}\n` });
  const session = Session.create({ timeZone: 'UTC' });
  const read = (mode: string) => session.read.schema('a INT').option('mode', mode).json(folder).collect();
  const values = async (mode: string) => (await read(mode)).map((row) => (row as { a: number | null }).a);
  assert.deepEqual(await values('PERMISSIVE'), [1, 2, 3, null, null, null]);
  assert.deepEqual(await values('DROPMALFORMED'), [1, 2, 3]);
  await assert.rejects(
    read('FAILFAST'),
    (error: MillraceError) => error.code.startsWith('MALFORMED_RECORD_IN_PARSING') && error.context['line'] === 5,
  );
});
