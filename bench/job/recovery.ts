// A query with much state as a program of its own, started by bench/engine/checkpoint.ts: the first run fills the state in a checkpoint, later runs
// bring it back. Prints one line of JSON.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { col, count, lit, Session, sum } from 'millrace';

const { values: options } = parseArgs({
  options: {
    checkpoint: { type: 'string', default: '' },
    rows: { type: 'string', default: '1000000' },
    batches: { type: 'string', default: '4' },
  },
});
const batchesWanted = Number(options.batches);

/** What the program prints. Times are from `start()` to the end of the first batch after it. */
export interface RecoveryReport {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly groups: number;
  /** Bytes of state in memory, and of the files that it is in. */
  readonly stateBytes: number;
  readonly fileBytes: number;
  /** From the delivery of a batch's result until its state was durable and the batch over, in the batch where that took longest. */
  readonly commitMs: number;
}

const session = Session.create({
  timeZone: 'UTC',
  conf: { 'millrace.workers': 1, 'spark.sql.streaming.stateStore.minDeltasForSnapshot': 2 },
});
const cpuBefore = process.cpuUsage();
const wallBefore = performance.now();
let [wallMs, cpuMs, batchesSeen] = [0, 0, 0];
let [deliveredMs, commitMs] = [0, 0];
let enough = () => {};
const isEnough = new Promise<void>((resolve) => {
  enough = resolve;
});
session.streams.addListener({
  onQueryProgress() {
    commitMs = Math.max(commitMs, performance.now() - deliveredMs);
  },
});
const query = await session.readStream
  .format('rate-micro-batch')
  .option('rowsPerBatch', Number(options.rows))
  .load()
  .groupBy(col('value').alias('id'))
  .agg(sum('value').alias('total'), count(lit(1)).alias('n'))
  .writeStream.outputMode('update')
  .option('checkpointLocation', options.checkpoint)
  .foreachBatch(() => {
    if (batchesSeen === 0) {
      const { user, system } = process.cpuUsage(cpuBefore);
      [wallMs, cpuMs] = [performance.now() - wallBefore, (user + system) / 1000];
    }
    batchesSeen += 1;
    deliveredMs = performance.now();
    if (batchesSeen === batchesWanted) enough();
  })
  .start();
await isEnough;
await query.stop();
const [operator] = query.lastProgress?.stateOperators ?? [];
const files = readdirSync(join(options.checkpoint, 'state'), { recursive: true, encoding: 'utf8' });
const report: RecoveryReport = {
  wallMs,
  cpuMs,
  groups: operator?.numRowsTotal ?? 0,
  stateBytes: operator?.memoryUsedBytes ?? 0,
  fileBytes: files.reduce((total, name) => total + statSync(join(options.checkpoint, 'state', name)).size, 0),
  commitMs,
};
console.log(JSON.stringify(report));
