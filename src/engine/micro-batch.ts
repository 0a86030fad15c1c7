// The one loop body of the engine: a micro-batch from its offsets to its progress report.
import type { StateFiles } from '../checkpoint/commit-log.js';
import { native } from '../native/load.js';
import type { ResultBatch } from '../result/result-batch.js';
import type { Split } from '../source/source.js';
import { type BatchRange, offsetLogEntry, planRange } from './batch-range.js';
import { abortBatch, type BatchTarget, beginBatch, finishBatch, mapSplits, reduceStages } from './batch-work.js';
import { writeDiversions } from './diversions.js';
import { type ObservedMetrics, progressOf, type StreamingQueryProgress } from './progress.js';
import type { MapReport } from './query-description.js';
import { purgeLogs, type RunningQuery } from './running-query.js';
import { StageTimer } from './stage-timer.js';
import { type EventTimeStats, mergeEventTimeStats } from './watermark.js';

/**
 * Runs the next micro-batch, if one is due at `triggerMs`; resolves to its progress, null where there was nothing to do.
 * Intent is durable before anything comes out, and done is durable after. What is read and computed meanwhile is in memory alone.
 */
export async function runMicroBatch(query: RunningQuery, triggerMs: number): Promise<StreamingQueryProgress | null> {
  const timer = new StageTimer();
  const range = await planRange(query, triggerMs, timer);
  if (range === null) return null;

  const logged = timer.time('walCommit', () => logOffsets(query, range));
  // What old batches left goes meanwhile, too. Whoever waits for these learns of a failure; who fails before need not.
  const purged = logged.then(() => purgeLogs(query));
  purged.catch(() => {});
  const target = batchTarget(query, range);
  try {
    await timer.time('queryPlanning', () => beginBatch(target, batchSpec(range)));
    const { statics, streams } = await timer.time('getBatch', () => readSplits(query, range));
    const splits = [...statics, ...streams];
    const reports = await timer.time('addBatch', () => mapInTurn(target, statics, streams));
    // The program's functions may have effects of their own.
    if (query.programs.size > 0) await logged;
    const behind = await timer.time('addBatch', () => reduceStages(target, splits, query.state.stateRows));
    await logged;
    const eventTimes = mergeEventTimeStats([...reports.map((report) => report.eventTime), behind]);
    await timer.time('addBatch', () => writeDiversions(target, query.diversions, query.settings));
    const observedMetrics = readObserved(target);
    const result = await timer.time('addBatch', () => finishBatch(target, query.settings));
    const numOutputRows = await timer.time('addBatch', () => query.sink.write(range.batchId, result, query.definition.outputMode));
    await purged;
    const stateFiles = await timer.time('addBatch', () => query.checkpoint.saveState(query.description.handle, range.batchId));
    await timer.time('commitOffsets', () => commitBatch(query, range, eventTimes, result, stateFiles));
    return progressOf(query, { range, triggerMs, splits, reports, eventTimes, result, numOutputRows, observedMetrics, timer });
  } catch (error) {
    // Nothing goes on behind a failure; where it is the log's own, it is that failure.
    await purged.catch(() => {});
    abortBatch(target);
    throw error;
  }
}

/** What observe() saw; null where nothing is observed. */
function readObserved({ handle, batchId, stages }: BatchTarget): ObservedMetrics | null {
  if (stages.every(({ observes }) => observes === undefined)) return null;
  return JSON.parse(native.observedMetrics(handle, batchId)) as ObservedMetrics;
}

function batchTarget(query: RunningQuery, range: BatchRange): BatchTarget {
  const { handle, stages } = query.description;
  const { pool, programs, settings } = query;
  return { handle, stages, batchId: range.batchId, pool, programs, inlineBytesMax: settings.inlineBytesMax };
}

function batchSpec(range: BatchRange): { lateWatermarkMs: number; evictWatermarkMs: number; batchTimestampMs: number } {
  return { lateWatermarkMs: range.lateWatermarkMs, evictWatermarkMs: range.watermarkMs, batchTimestampMs: range.timestampMs };
}

/** A batch that an earlier start logged stays as it is in the log. */
async function logOffsets(query: RunningQuery, range: BatchRange): Promise<void> {
  if (!range.isLogged) await query.checkpoint.offsets.write(range.batchId, offsetLogEntry(query, range));
}

/** The splits of all sources, in the order of the sources; a source that ends is read whole in every batch. */
async function readSplits({ definition }: RunningQuery, range: BatchRange): Promise<{ statics: Split[]; streams: Split[] }> {
  const [statics, streams]: [Split[], Split[]] = [[], []];
  for (const source of definition.statics?.values() ?? []) statics.push(...(await source.splits()));
  for (const { position, from, end, hasData } of range.sources) {
    if (hasData) streams.push(...(await position.source.splits(from, end)));
  }
  return { statics, streams };
}

/** The static splits are through before the first of a stream begins: its rows are joined where they are read. */
async function mapInTurn(target: BatchTarget, statics: readonly Split[], streams: readonly Split[]): Promise<MapReport[]> {
  const reports = await mapSplits(target, statics);
  return [...reports, ...(await mapSplits(target, streams, statics.length))];
}

/** The batch is through: the watermark moves, the log says so, and only then may the sources forget what it read. */
async function commitBatch(
  query: RunningQuery,
  range: BatchRange,
  eventTimes: readonly EventTimeStats[],
  result: ResultBatch,
  stateFiles: StateFiles | null,
): Promise<void> {
  query.watermark.update(eventTimes);
  await query.checkpoint.commits.write(range.batchId, { nextBatchWatermarkMs: query.watermark.currentMs, stateFiles });
  query.state.nextBatchId = range.batchId + 1;
  query.state.hasRunBatch = true;
  query.state.previousWatermarkMs = range.watermarkMs;
  query.state.stateRows = result.counters.stateOperators.reduce((sum, operator) => sum + operator.numRowsTotal, 0);
  for (const { position, end, hasData } of range.sources) {
    position.committed = end;
    if (hasData) await position.source.commit(end);
  }
  await query.checkpoint.compactState(query.description.handle, range.batchId);
}
