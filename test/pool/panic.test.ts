// A panic in Rust, wherever it happens, fails one query with NATIVE_PANIC: the process and the other queries live.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import {
  type Configurations,
  col,
  count,
  fromJson,
  lit,
  MemoryStream,
  type MillraceError,
  Session,
  type StreamingQuery,
  schema,
  sum,
  toTimestamp,
  window,
} from 'millrace';
import { stopAllQueries } from '../../dist/engine/active-queries.js';
import { CONFIGURATIONS } from '../../dist/engine/config.generated.js';
import { native } from '../../dist/native/load.js';
import { fileSinkSettings } from '../../dist/sink/file.js';

const PLACES: Readonly<Record<string, Configurations>> = {
  'on the main thread': {},
  'in a worker': { 'millrace.inlineBytesMax': '0', 'millrace.workers': 2 },
};

const Line = schema({ value: 'string' });

/** A windowed query that passes every stage, and a way to feed it. */
async function startQuery(conf: Configurations) {
  const lines = new MemoryStream(Session.create({ conf }), Line);
  const counted = lines
    .toDF()
    .select(fromJson(col('value'), 'id STRING, amount INT, time STRING').alias('trade'))
    .select('trade.*')
    .withColumn('time', toTimestamp(col('time'), 'dd-MM-yyyy-HH-mm-ss'))
    .withWatermark('time', '1 second')
    .groupBy(window('time', '10 seconds'), 'id')
    .agg(sum('amount').alias('total'), count(lit(1)).alias('n'));
  let rows = 0;
  const query = await counted.writeStream
    .outputMode('update')
    .foreachBatch((batch) => {
      rows += batch.numRows;
      // What a sink asks of a result is native work too.
      batch.showString();
    })
    .start();
  return {
    query,
    rowCount: () => rows,
    async feed(seconds: number): Promise<void> {
      const time = `01-01-2026-00-${String(Math.floor(seconds / 60)).padStart(2, '0')}-${String(seconds % 60).padStart(2, '0')}`;
      lines.addData({ value: JSON.stringify({ id: 'a', amount: 1, time }) });
      await query.processAllAvailable();
    },
  };
}

/** What happens to a query into which a panic is injected at `point`: the error it shows, or null where it never went there. */
async function panicAt(point: string, conf: Configurations): Promise<MillraceError | null> {
  native.injectPanic(point);
  let query: StreamingQuery | null = null;
  try {
    const run = await startQuery(conf);
    query = run.query;
    await run.feed(1_000);
    await run.feed(2_000);
    await query.stop();
    return query.exception;
  } catch (error) {
    return error as MillraceError;
  } finally {
    native.injectPanic('');
    await query?.stop();
  }
}

afterEach(async () => {
  native.injectPanic('');
  await stopAllQueries();
});

const PLAN = JSON.stringify({
  op: 'aggregate',
  input: { op: 'read', source: 0, format: 'columns', streaming: true, schema: 'k STRING', options: {} },
  keys: [{ expr: 'column', name: 'k' }],
  aggregates: [],
});

/** Writes the state of a query that has none yet to a file. */
function saveNewState(): void {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-panic-'));
  const conf = Object.fromEntries(Object.entries(CONFIGURATIONS).map(([name, { default: value }]) => [name, value]));
  const { handle } = JSON.parse(native.openQuery(PLAN, JSON.stringify(conf), 'update'));
  try {
    native.saveState(handle, join(folder, 'state.bin'), 0, 0);
  } finally {
    native.closeQuery(handle);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes a batch without rows to a file sink. */
function writeNothing(): void {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-panic-'));
  const conf = Object.fromEntries(Object.entries(CONFIGURATIONS).map(([name, { default: value }]) => [name, value]));
  const { handle, schema: rowType } = JSON.parse(native.openQuery(PLAN, JSON.stringify(conf), 'complete'));
  const target = { format: 'json' as const, path: folder, options: {}, partitionBy: [], schema: rowType, conf };
  const sink = native.openFileSink(folder, fileSinkSettings(target, { id: 'q' }));
  try {
    native.beginBatch(handle, 0, JSON.stringify({ lateWatermarkMs: 0, evictWatermarkMs: 0, batchTimestampMs: 0 }));
    native.writeFiles(sink, 0, native.finishBatch(handle, 0));
  } finally {
    native.closeFileSink(sink);
    native.closeQuery(handle);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Exports and stages that a streaming query does not come by, or whose failure is not its own, by how they are entered. */
const DIRECT_CALLS: Readonly<Record<string, () => unknown>> = {
  'stage:storage': () => saveNewState(),
  analyze: () => native.analyze('{}', '{}'),
  explain: () => native.explain('{}', '{}', false),
  parseDdl: () => native.parseDdl('a INT'),
  parseInterval: () => native.parseInterval('1 second'),
  functionNames: () => native.functionNames(),
  saveState: () => native.saveState(0, 'nowhere', 0, 0),
  loadState: () => native.loadState(0, 'nowhere'),
  openRows: () => native.openRows(0, 0, 0, 0),
  answerRows: () => native.answerRows(0, 0, 0, 0, new Uint8Array()),
  openGroups: () => native.openGroups(0, 0, 0, 0, 1),
  answerGroups: () => native.answerGroups(0, 0, 0, 0, new Uint8Array()),
  nextDue: () => native.nextDue(0),
  observedMetrics: () => native.observedMetrics(0, 0),
  divertRows: () => native.divertRows(0, true, true),
  divertedRows: () => native.divertedRows(0, 0, true),
  abortBatch: () => native.abortBatch(0, 0),
  closeQuery: () => native.closeQuery(0),
  openCheckpoint: () => native.openCheckpoint('nowhere'),
  closeCheckpoint: () => native.closeCheckpoint(0),
  writeLog: () => native.writeLog(0, 'offsets/0', ''),
  readLog: () => native.readLog(0, 'offsets/0'),
  listLogs: () => native.listLogs(0, 'offsets'),
  removeLogs: () => native.removeLogs(0, 'offsets', []),
  inspectCheckpoint: () => native.inspectCheckpoint(0),
  storedSchema: () => native.storedSchema('{}'),
  readStored: () => native.readStored(0, '{}'),
  describeLive: () => native.describeLive(0, '{}'),
  readLive: () => native.readLive(0, '{}'),
  saveVersion: () => native.saveVersion(0, 0, 1, '{}'),
  restoreVersion: () => native.restoreVersion(0, 0, '{}'),
  snapshotVersion: () => native.snapshotVersion(0, 0, 1, 0, '{}'),
  'stage:sink': () => writeNothing(),
  checkFileSink: () => native.checkFileSink('{}'),
  openFileSink: () => native.openFileSink('nowhere', '{}'),
  writeFiles: () => native.writeFiles(0, 0, new Uint8Array()),
  closeFileSink: () => native.closeFileSink(0),
  writeFolder: () => native.writeFolder('nowhere', '{}', new Uint8Array()),
  inferSchema: () => native.inferSchema('text', '[]', '{}', '{}'),
  readManifest: () => native.readManifest('nowhere'),
  sealKafkaBatch: () => native.sealKafkaBatch('{}', new Uint8Array()),
};

for (const point of native.faultPoints()) {
  const direct = DIRECT_CALLS[point];
  if (direct !== undefined) {
    test(`a panic in ${point} is an error of its caller`, () => {
      native.injectPanic(point);
      assert.throws(direct, { code: 'NATIVE_PANIC' });
    });
    continue;
  }
  for (const [place, conf] of Object.entries(PLACES)) {
    test(`a panic at ${point}, ${place}, fails its query and no other`, async () => {
      const bystander = await startQuery(conf);
      await bystander.feed(500);
      const error = await panicAt(point, conf);
      assert.equal(error?.code, 'NATIVE_PANIC');
      await bystander.feed(600);
      assert.equal(bystander.query.exception, null);
      assert.equal(bystander.rowCount(), 2);
      await bystander.query.stop();
    });
  }
}

test('a query that panicked can be started again', async () => {
  assert.equal((await panicAt('mapSplit', {}))?.code, 'NATIVE_PANIC');
  const again = await startQuery({});
  await again.feed(1_000);
  assert.equal(again.rowCount(), 1);
  await again.query.stop();
});

for (const point of ['writeLog', 'saveVersion', 'removeLogs']) {
  test(`a query whose checkpoint panics in ${point} goes on from it when it is started again`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-panic-'));
    const lines = new MemoryStream(Session.create({}), Line);
    const totals: unknown[] = [];
    const start = () =>
      lines
        .toDF()
        .groupBy()
        .agg(count(lit(1)).alias('n'))
        .writeStream.outputMode('complete')
        .option('checkpointLocation', folder)
        .foreachBatch((batch) => void totals.push(...batch.toArray()))
        .start();
    try {
      const first = await start();
      lines.addData({ value: 'a' });
      await first.processAllAvailable();
      native.injectPanic(point);
      lines.addData({ value: 'b' });
      await first.processAllAvailable().catch(() => undefined);
      native.injectPanic('');
      await first.stop();
      const second = await start();
      lines.addData({ value: 'c' });
      await second.processAllAvailable();
      await second.stop();
      assert.equal(second.exception, null);
      assert.deepEqual(totals.at(-1), { n: 3n });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
