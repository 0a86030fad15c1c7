// The one loop body of the engine: a micro-batch from its offsets to its progress report.
import type { StateFiles } from '../checkpoint/commit-log.js';
import { native } from '../native/load.js';
import type { ResultBatch } from '../result/result-batch.js';
import { dropAhead, startAhead, takeAhead } from './batch-ahead.js';
import { type BatchRange, offsetLogEntry, planRange } from './batch-range.js';
import { abortBatch, type BatchTarget, finishBatch, isSmall, reduceStages } from './batch-work.js';
import { keepsRecords, writeDiversions } from './diversions.js';
import { batchTarget, mapBatch } from './mapped-batch.js';
import { type ObservedMetrics, progressOf, type StreamingQueryProgress } from './progress.js';
import { causeAmong, isConsequence } from './query-failure.js';
import type { RunningQuery } from './running-query.js';
import { StageTimer } from './stage-timer.js';
import { type EventTimeStats, mergeEventTimeStats } from './watermark.js';

/**
 * Runs the next micro-batch, if one is due at `triggerMs`; resolves to its progress, null where there was nothing to do.
 * Intent is durable before anything comes out, and done is durable after. What is read and computed meanwhile is in memory alone; so is what is
 * done for the next batch while this one is written.
 */
export async function runMicroBatch(query: RunningQuery, triggerMs: number): Promise<StreamingQueryProgress | null> {
  const ahead = await takeAhead(query);
  const timer = ahead?.timer ?? new StageTimer();
  const range = ahead?.range ?? (await planRange(query, triggerMs, timer));
  if (range === null) return null;
  if (ahead !== null) query.report('Processing new data');

  const logged = timer.time('walCommit', () => logOffsets(query, range));
  // Whoever waits for it learns of a failure; who fails before need not.
  logged.catch(() => {});
  const target = batchTarget(query, range);
  let saved: Promise<StateFiles | null> | null = null;
  try {
    const { splits, reports, wasInline } = await (ahead?.mapped ?? mapBatch(query, range, timer));
    const mapped = mergeEventTimeStats(reports.map((report) => report.eventTime));
    if (query.worksAhead) query.watermark.update(mapped);
    // A small batch is through at once: the next one would only be in its way, and miss what comes meanwhile.
    const goesAhead = query.worksAhead && !wasInline;
    // A table that is read whole in every batch may be what the sink writes.
    if (goesAhead && !readsTables(query)) startAhead(query, range);
    // The program's functions may have effects of their own, and records that are kept go out before the rows.
    if (query.programs.size > 0 || keepsRecords(query.diversions)) await logged;
    const staysHere = isSmall(target, splits, query.state.stateRows);
    const behind = await timer.time('addBatch', () => reduceStages(target, staysHere));
    const eventTimes = mergeEventTimeStats([mapped, behind]);
    await timer.time('addBatch', () => writeDiversions(target, query.diversions, query.settings));
    const observedMetrics = readObserved(target);
    const result = await timer.time('addBatch', () => finishBatch(target, staysHere, query.settings));
    // The state is what it will be: it is written beside log and rows. Until a commit names its files nobody reads them.
    saved = query.checkpoint.saveState(query.description.handle, range.batchId);
    saved.catch(() => {});
    await logged;
    const numOutputRows = await timer.time('addBatch', () => query.sink.write(range.batchId, result, query.definition.outputMode));
    if (goesAhead) startAhead(query, range);
    const stateFiles = await timer.time('addBatch', () => saved);
    await timer.time('commitOffsets', () => commitBatch(query, range, eventTimes, result, stateFiles));
    query.logPurge.batchDone(query.state.nextBatchId);
    return progressOf(query, { range, triggerMs, splits, reports, eventTimes, result, numOutputRows, observedMetrics, timer });
  } catch (error) {
    // Nothing goes on behind a failure.
    const others = await Promise.allSettled([logged, saved]);
    abortBatch(target);
    const cause = causeAmong([error, ...others.flatMap((other) => (other.status === 'rejected' ? [other.reason] : []))]);
    // What is done beside the batch may have failed first, and the batch for that alone.
    throw isConsequence(cause) ? causeAmong([cause, ...(await failuresBeside(query))]) : cause;
  }
}

/** What failed that is not the batch's own: work ahead of the next one, a purge of the logs. */
async function failuresBeside(query: RunningQuery): Promise<unknown[]> {
  return [await dropAhead(query), await query.logPurge.failure()].filter((failure) => failure !== null);
}

function readsTables({ definition }: RunningQuery): boolean {
  return (definition.statics?.size ?? 0) > 0;
}

/** What observe() saw; null where nothing is observed. */
function readObserved({ handle, batchId, stages }: BatchTarget): ObservedMetrics | null {
  if (stages.every(({ observes }) => observes === undefined)) return null;
  return JSON.parse(native.observedMetrics(handle, batchId)) as ObservedMetrics;
}

/** Intent, durably: what the sources must know of the batch, then the log. A batch that an earlier start logged stays as it is there. */
async function logOffsets(query: RunningQuery, range: BatchRange): Promise<void> {
  if (range.isLogged) return;
  for (const { position, end, hasData } of range.sources) {
    if (hasData) await position.source.note?.(end);
  }
  await query.checkpoint.offsets.write(range.batchId, offsetLogEntry(query, range));
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
  await query.checkpoint.compactState(query.description.handle, range.batchId, query.logPurge.batchIdMin);
}
