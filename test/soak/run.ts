// Runs stateful queries in this process for a while, with checkpoints and a slow sink, and tells its parent how much their state and the memory of the
// process grew. Forked by soak.ts. ARGV: minutes, names of queries.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamingQuery } from 'millrace';
import { ManualClock } from '../../dist/engine/clock.js';
import { clockedSession } from '../clocked-session.ts';
import { QUERIES, type StatefulQuery } from '../stateful-queries.ts';
import { type Growth, growth } from './growth.ts';

/** What a process tells of its run. */
export interface SoakReport {
  readonly batches: number;
  readonly rss: Growth;
  /** Bytes of state, by query. */
  readonly state: Readonly<Record<string, Growth>>;
}

const SAMPLES = 60;
/** The first part of the run fills the state and warms up the process. */
const WARM_UP_SHARE = 0.4;
const ROWS_PER_BATCH = 500;
/** How far events and the clock go in a batch. */
const BATCH_MS = 5_000;
/** An id is silent for a third of the time, so that what waits for silence comes to its end. */
const EVENTS = ['timestamp AS ts', 'string(value % 97) AS id', 'int(value % 1000) AS amount'];
const IS_LOUD = '(unix_seconds(timestamp) div 60 + value % 97) % 3 <> 0';
/** The source is faster than the sink: what is read must wait at the source. */
const SINK_DELAY_MS = 5;

const [minutes = '1', ...names] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'millrace-soak-'));
const queries = new Map<string, StreamingQuery>();
const rss: number[] = [];
const state = new Map<string, number[]>(names.map((name) => [name, []]));
try {
  for (const query of QUERIES.filter(({ name }) => names.includes(name))) queries.set(query.name, await start(query));
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    await sleep((Number(minutes) * 60_000) / SAMPLES);
    if (sample >= SAMPLES * WARM_UP_SHARE) takeSample();
  }
} finally {
  await Promise.all([...queries.values()].map((query) => query.stop()));
  rmSync(folder, { recursive: true, force: true });
}
const report: SoakReport = {
  batches: [...queries.values()].reduce((total, query) => total + (query.lastProgress?.batchId ?? 0), 0),
  rss: growth(rss),
  state: Object.fromEntries([...state].map(([name, samples]) => [name, growth(samples)])),
};
process.send?.(report);

function start({ name, modes: [outputMode], build }: StatefulQuery): Promise<StreamingQuery> {
  const clock = new ManualClock();
  const session = clockedSession(clock, { 'spark.sql.streaming.minBatchesToRetain': 5, 'spark.sql.shuffle.partitions': 2 });
  const events = () =>
    session.readStream
      .format('rate-micro-batch')
      .option('rowsPerBatch', ROWS_PER_BATCH)
      .option('advanceMillisPerBatch', BATCH_MS)
      .load()
      .where(IS_LOUD)
      .selectExpr(...EVENTS);
  return build(events(), events())
    .writeStream.outputMode(outputMode)
    .option('checkpointLocation', join(folder, name.replaceAll(' ', '-')))
    .foreachBatch(async () => {
      await sleep(SINK_DELAY_MS);
      clock.advance(BATCH_MS);
    })
    .start();
}

/** State goes up and down as windows open and close: a sample is the most that the recent batches had, wherever in a window it is taken. */
function takeSample(): void {
  rss.push(process.memoryUsage.rss());
  for (const [name, query] of queries) {
    if (query.exception !== null) throw query.exception;
    const sizes = query.recentProgress.map(({ stateOperators }) =>
      stateOperators.reduce((bytes, operator) => bytes + operator.memoryUsedBytes, 0),
    );
    state.get(name)?.push(Math.max(0, ...sizes));
  }
}
