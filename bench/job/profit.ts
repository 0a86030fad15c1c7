// The profit job as a program of its own, started by bench/engine/profit.ts: runs once, checks what came out, prints one line of JSON.
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { col, count, fromJson, lit, type OutputMode, type ResultBatch, Session, sum, toTimestamp, when, window } from 'millrace';
import { type Profit, ProfitReference, profitKey } from '../data/profit-reference.ts';

const { values: options } = parseArgs({
  options: {
    input: { type: 'string', default: '' },
    reference: { type: 'string', default: '' },
    workers: { type: 'string', default: '0' },
    mode: { type: 'string', default: 'update' },
    'windows-only': { type: 'boolean', default: false },
    'files-per-batch': { type: 'string' },
    checkpoint: { type: 'string' },
  },
});

/** What the program prints. Times and CPU of `query` are those from `start()` to the end of the query; of `process`, from its birth. */
export interface JobReport {
  readonly records: number;
  readonly batches: number;
  readonly groups: number;
  readonly query: { readonly wallMs: number; readonly cpuMs: number };
  readonly process: { readonly wallMs: number; readonly cpuMs: number };
  readonly rssMaxMiB: number;
  /** Page faults that needed no disk: memory that was touched for the first time. */
  readonly pageFaults: number;
  /** Milliseconds by stage, all batches together. */
  readonly durationMs: Readonly<Record<string, number>>;
}

const session = Session.create({ timeZone: 'UTC', conf: { 'millrace.workers': Number(options.workers) } });
const reader = session.readStream.format('text');
if (options['files-per-batch'] !== undefined) reader.option('maxFilesPerTrigger', options['files-per-batch']);
const trades = reader
  .load(options.input)
  .select(col('value').cast('string'))
  .withColumn('trade', fromJson(col('value'), 'id STRING, type STRING, amount INT, time STRING'))
  .select('trade.*')
  .withColumn('eventtime', toTimestamp(col('time'), 'dd-MM-yyyy-HH-mm'))
  .withColumn('profit', when(col('type').eq('sell'), col('amount').mul(-1)).otherwise(col('amount')))
  .withWatermark('eventtime', '10 minutes');
const windows = window('eventtime', '5 minutes');
const grouped = options['windows-only'] ? trades.groupBy(windows) : trades.groupBy(windows, col('id'));
const profits = grouped.agg(sum('profit').alias('profit'), count(lit(1)).alias('trades'));

const batches: ResultBatch[] = [];
const cpuBefore = process.cpuUsage();
const wallBefore = performance.now();
const writer = profits.writeStream
  .outputMode(options.mode as OutputMode)
  .trigger({ availableNow: true })
  .foreachBatch((batch) => {
    batches.push(batch as ResultBatch);
  });
if (options.checkpoint !== undefined) writer.option('checkpointLocation', options.checkpoint);
const query = await writer.start();
await query.awaitTermination();
const cpu = process.cpuUsage(cpuBefore);
const wallMs = performance.now() - wallBefore;
const cpuWhole = process.cpuUsage();
// The time origin is when Node began; the little that the system took before it is not in it.
const processWallMs = performance.now();
const { maxRSS, minorPageFault } = process.resourceUsage();

const found = resultOf(batches, options.mode === 'complete');
const reference = ProfitReference.load(options.reference);
(options['windows-only'] ? reference.byWindow() : reference).check(found);
const records = query.recentProgress.reduce((total, { numInputRows }) => total + numInputRows, 0);
const report: JobReport = {
  records,
  batches: query.recentProgress.length,
  groups: found.size,
  query: { wallMs, cpuMs: (cpu.user + cpu.system) / 1000 },
  process: { wallMs: processWallMs, cpuMs: (cpuWhole.user + cpuWhole.system) / 1000 },
  rssMaxMiB: maxRSS / 1024,
  pageFaults: minorPageFault,
  durationMs: totalDurations(),
};
console.log(JSON.stringify(report));

/** The last row of each group. */
function resultOf(results: readonly ResultBatch[], isComplete: boolean): Map<string, Profit> {
  const groups = new Map<string, Profit>();
  for (const batch of results) {
    if (isComplete) groups.clear();
    for (const { window: range, id, profit, trades: n } of batch) {
      groups.set(profitKey(range.start.getTime(), id), { profit: Number(profit), trades: Number(n) });
    }
  }
  return groups;
}

function totalDurations(): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const { durationMs } of query.recentProgress) {
    for (const [stage, ms] of Object.entries(durationMs)) totals[stage] = (totals[stage] ?? 0) + ms;
  }
  return totals;
}
