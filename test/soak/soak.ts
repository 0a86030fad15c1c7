// npm run soak -- --minutes N: every kind of state with a watermark runs for as long as one likes, with checkpoints and a slow sink; the bytes of state
// and the memory of the process must not grow with time.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { col, count, type DataFrame, expr, Session, type StreamingQuery, schema, sessionWindow, sum, window, windowTime } from 'millrace';
import { growth } from './growth.ts';

const SAMPLES = 60;
/** The first part of the run fills the state and warms up the process. */
const WARM_UP_SHARE = 0.4;
/** How much more a quantity may be at the end of the run than at its start, by the line through its samples: a leak from the start on is 0.9. */
const GROWTH_MAX = 0.1;
/** Short runs have few samples, and their process is still warming up. */
const SHORT_MINUTES = 5;
const SHORT_GROWTH_MAX = 0.4;
const ROWS_PER_BATCH = 2_000;
/** The source is faster than the sink: what is read must wait at the source. */
const SINK_DELAY_MS = 5;

const keyed = (events: DataFrame<any>) => events.withColumn('id', expr('value % 97')).withWatermark('timestamp', '10 seconds');

const QUERIES: Readonly<Record<string, (events: () => DataFrame<any>) => DataFrame<any>>> = {
  windows: (events) =>
    keyed(events())
      .groupBy(window(col('timestamp'), '10 seconds', '5 seconds'), col('id'))
      .agg(sum('value').alias('total'), count('*').alias('n')),
  // A key is silent for longer than the gap in one second of five.
  sessions: (events) =>
    keyed(events())
      .where('second(timestamp) % 5 <> id % 5')
      .groupBy(sessionWindow(col('timestamp'), '1 second'), col('id'))
      .agg(count('*').alias('n')),
  deduplication: (events) => keyed(events()).dropDuplicates(['id', 'timestamp']),
  'deduplication within the watermark': (events) => keyed(events()).dropDuplicatesWithinWatermark(['id']),
  join: (events) =>
    keyed(events())
      .alias('l')
      .join(
        keyed(events()).where('value % 3 = 0').alias('r'),
        expr("l.value = r.value AND r.timestamp BETWEEN l.timestamp AND l.timestamp + INTERVAL '5' SECOND"),
        'left_outer',
      )
      .selectExpr('l.value', 'r.timestamp AS found'),
  'state of the program': (events) =>
    keyed(events())
      .groupByKey('id')
      .transformWithState({
        timeMode: 'eventTime',
        state: { kept: { type: 'list', of: 'timestamp' }, newest: { type: 'map', key: 'long', of: 'timestamp' } },
        output: schema({ n: 'int' }),
        handleInputRows(_id, rows, { state, timers }) {
          for (const { timestamp, value } of rows as Iterable<any>) {
            state.kept.append(timestamp);
            state.newest.updateValue(value % 7n, timestamp);
            timers.registerTimer(timestamp.getTime() + 2000);
          }
        },
        handleExpiredTimer(_id, { expiryMs }, { state }) {
          const kept = state.kept.get().filter((time) => time.getTime() > expiryMs - 2000);
          if (kept.length > 0) state.kept.put(kept);
          else state.kept.clear();
          return [{ n: kept.length }];
        },
      }),
  'windows of windows': (events) =>
    keyed(events())
      .groupBy(window(col('timestamp'), '2 seconds'), col('id'))
      .agg(sum('value').alias('total'))
      .groupBy(window(windowTime(col('window')), '10 seconds'))
      .agg(sum('total').alias('total')),
};

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(values.minutes);
const folder = mkdtempSync(join(tmpdir(), 'millrace-soak-'));
const queries = new Map<string, StreamingQuery>();
const samples = new Map<string, number[]>([['rss', []]]);
try {
  for (const [name, build] of Object.entries(QUERIES)) queries.set(name, await start(name, build));
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    await sleep((minutes * 60_000) / SAMPLES);
    if (sample >= SAMPLES * WARM_UP_SHARE) takeSample();
  }
} finally {
  await Promise.all([...queries.values()].map((query) => query.stop()));
  rmSync(folder, { recursive: true, force: true });
}
const rows = [...samples].map(([name, taken]) => ({ name, ...growth(taken) }));
const failed = rows.filter(({ share }) => share > (minutes < SHORT_MINUTES ? SHORT_GROWTH_MAX : GROWTH_MAX));
console.table(
  Object.fromEntries(rows.map(({ name, mean, share }) => [name, { mean: Math.round(mean), growth: `${(share * 100).toFixed(1)} %` }])),
);
console.log(
  `soak: ${minutes} minutes, ${queries.size} queries, ${batches()} batches, ${failed.length} grew: ${failed.map(({ name }) => name).join(', ') || 'none'}`,
);
process.exitCode = failed.length > 0 ? 1 : 0;

function start(name: string, build: (events: () => DataFrame<any>) => DataFrame<any>): Promise<StreamingQuery> {
  const session = Session.create({ conf: { 'spark.sql.streaming.minBatchesToRetain': 5, 'spark.sql.shuffle.partitions': 2 } });
  const events = () =>
    session.readStream.format('rate-micro-batch').option('rowsPerBatch', ROWS_PER_BATCH).option('advanceMillisPerBatch', 1000).load();
  return build(events)
    .writeStream.outputMode('append')
    .option('checkpointLocation', join(folder, name.replaceAll(' ', '-')))
    .foreachBatch(() => sleep(SINK_DELAY_MS))
    .start();
}

function takeSample(): void {
  samples.get('rss')?.push(process.memoryUsage.rss());
  for (const [name, query] of queries) {
    if (query.exception !== null) throw query.exception;
    const bytes = (query.lastProgress?.stateOperators ?? []).reduce((total, operator) => total + operator.memoryUsedBytes, 0);
    samples.set(name, [...(samples.get(name) ?? []), bytes]);
  }
}

function batches(): number {
  return [...queries.values()].reduce((total, query) => total + (query.lastProgress?.batchId ?? 0), 0);
}
