// A grouped query over generated rows as a program of its own, started by bench-scaling.ts: some batches to warm up, then those that are timed.
// Prints one line of JSON.
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { col, count, expr, lit, type ResultBatch, Session, sum, type WindowRange, window } from 'millrace';

const { values: options } = parseArgs({
  options: {
    workers: { type: 'string', default: '0' },
    keys: { type: 'string', default: '1000' },
    /** Windows that each row is in. */
    overlap: { type: 'string', default: '1' },
    rows: { type: 'string', default: '1000000' },
  },
});
const [keys, overlap, rows] = [Number(options.keys), Number(options.overlap), Number(options.rows)];
const SIZE_SECONDS = 60;
/** Event time from batch to batch: twelve of them fill a window, so that what is timed opens, fills and closes as many windows as any other run. */
const ADVANCE_SECONDS = 5;
const CYCLE = SIZE_SECONDS / ADVANCE_SECONDS;
/** The pool's threads are up, and the state has the size that it keeps. */
const WARM_UPS = CYCLE + 1;

/** What the program prints: of the batches that are timed. */
export interface ScalingReport {
  readonly rows: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly rssMaxMiB: number;
  readonly groups: number;
}

const session = Session.create({ timeZone: 'UTC', conf: { 'millrace.workers': Number(options.workers) } });
let [seen, wallBefore, wallAfter] = [0, 0, 0];
let [cpuBefore, cpuAfter] = [process.cpuUsage(), process.cpuUsage()];
let enough = () => {};
const isEnough = new Promise<void>((resolve) => {
  enough = resolve;
});
const query = await session.readStream
  .format('rate-micro-batch')
  .option('rowsPerBatch', rows)
  .option('advanceMillisPerBatch', ADVANCE_SECONDS * 1000)
  .load()
  // The keys in scattered order, each as often as any other: 7919 is prime, and no number of keys is a multiple of it.
  .withColumn('key', expr(`value * 7919 % ${keys}`))
  .withWatermark('timestamp', '0 seconds')
  .groupBy(window('timestamp', `${SIZE_SECONDS} seconds`, `${SIZE_SECONDS / overlap} seconds`), col('key'))
  .agg(sum('value').alias('total'), count(lit(1)).alias('n'))
  .writeStream.outputMode('append')
  .foreachBatch((batch) => {
    seen += 1;
    check(batch);
    if (seen === WARM_UPS) [wallBefore, cpuBefore] = [performance.now(), process.cpuUsage()];
    if (seen !== WARM_UPS + CYCLE) return;
    [wallAfter, cpuAfter] = [performance.now(), process.cpuUsage(cpuBefore)];
    enough();
  })
  .start();
await isEnough;
await query.stop();
const report: ScalingReport = {
  rows: rows * CYCLE,
  wallMs: wallAfter - wallBefore,
  cpuMs: (cpuAfter.user + cpuAfter.system) / 1000,
  rssMaxMiB: process.resourceUsage().maxRSS / 1024,
  groups: query.lastProgress?.stateOperators[0]?.numRowsTotal ?? 0,
};
console.log(JSON.stringify(report));

/** Every key is in each window, and in a whole window as often as any other key. */
function check(batch: ResultBatch): void {
  if (batch.numRows % keys !== 0) throw new Error(`${batch.numRows} rows of ${keys} keys were emitted`);
  const [first] = batch as Iterable<{ window: WindowRange; n: bigint }>;
  const expected = (rows * CYCLE) / keys;
  if (first === undefined || first.window.start.getTime() < 0 || !Number.isInteger(expected)) return;
  if (Number(first.n) !== expected) throw new Error(`${first.n} rows of a key were counted, expected ${expected}`);
}
