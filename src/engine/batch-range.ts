// Plans a batch: how far each source will be read, under which watermark; or that there is nothing to do.
import { loggedConf, type OffsetLogEntry } from '../checkpoint/offset-log.js';
import type { LoggedBatch } from '../checkpoint/recovery.js';
import { native } from '../native/load.js';
import { sameOffset } from '../source/offset.js';
import type { Offset } from '../source/source.js';
import type { RunningQuery, SourcePosition } from './running-query.js';
import type { StageTimer } from './stage-timer.js';
import { allowsNoDataBatch, readLimitOf } from './trigger.js';

/** What one source gives to a batch: the range (from, end]. */
export interface SourceRange {
  readonly position: SourcePosition;
  readonly from: Offset;
  readonly end: Offset;
  readonly hasData: boolean;
}

/** A batch before it runs. */
export interface BatchRange {
  readonly batchId: number;
  readonly sources: readonly SourceRange[];
  /** false: nothing new came, the batch lets out what a moved watermark has closed. */
  readonly hasData: boolean;
  /** The watermark in force in the batch: state that it has passed is evicted. */
  readonly watermarkMs: number;
  /** The watermark of the batch before, by which Spark judges late rows. */
  readonly lateWatermarkMs: number;
  readonly timestampMs: number;
  /** Whether the batch is in the offset log already, from an earlier start. */
  readonly isLogged: boolean;
}

/** Looks at every source. Resolves to null when no batch is due (Spark's constructNextBatch). */
export async function planRange(query: RunningQuery, triggerMs: number, timer: StageTimer): Promise<BatchRange | null> {
  const [logged, ...further] = query.state.logged;
  if (logged !== undefined) {
    query.state.logged = further;
    return loggedRange(query, logged);
  }
  const sources: SourceRange[] = [];
  for (const position of query.sources) {
    query.report(`Getting offsets from ${position.source.description}`);
    sources.push(await timer.time('latestOffset', () => sourceRange(query, position)));
  }
  // Without state a quiet source holds nothing open, and rows that come after all are in time.
  if (query.state.stateRows > 0) query.idleSources?.look(sources, triggerMs, query.watermark);
  const hasData = sources.some((source) => source.hasData);
  if (query.stopSignal.aborted || !(hasData || isNoDataBatchDue(query, triggerMs))) return null;
  query.report(hasData ? 'Processing new data' : 'No new data but cleaning up state');
  return {
    batchId: query.state.nextBatchId,
    sources,
    hasData,
    watermarkMs: query.watermark.currentMs,
    lateWatermarkMs: query.state.previousWatermarkMs ?? 0,
    timestampMs: triggerMs,
    isLogged: false,
  };
}

/**
 * Looks at every source for the batch behind `before`, which is mapped and not yet through; the query's watermark is the one that it leads to. Resolves to
 * null where there is nothing new by now, or the batch behind is logged already.
 */
export async function planAhead(query: RunningQuery, before: BatchRange, timer: StageTimer): Promise<BatchRange | null> {
  if (query.state.logged.length > 0) return null;
  const timestampMs = query.clock.nowMs();
  const watermarkMs = query.watermark.currentMs;
  const sources: SourceRange[] = [];
  for (const { position, end } of before.sources) {
    if (query.stopSignal.aborted) return null;
    sources.push(await timer.time('latestOffset', () => rangeFrom(query, position, end)));
  }
  if (query.stopSignal.aborted || !sources.some((source) => source.hasData)) return null;
  return {
    batchId: before.batchId + 1,
    sources,
    hasData: true,
    watermarkMs,
    lateWatermarkMs: before.watermarkMs,
    timestampMs,
    isLogged: false,
  };
}

/** A batch that an earlier start logged and did not finish, with the watermark and the time it had. */
function loggedRange(query: RunningQuery, { batchId, entry }: LoggedBatch): BatchRange {
  query.watermark.restore(entry.batchWatermarkMs);
  const sources = query.sources.map((position, index): SourceRange => {
    const from = position.committed ?? position.initial;
    const end = entry.offsets[index] ?? from;
    return { position, from, end, hasData: !sameOffset(from, end) };
  });
  return {
    batchId,
    sources,
    hasData: sources.some((source) => source.hasData),
    watermarkMs: entry.batchWatermarkMs,
    lateWatermarkMs: query.state.previousWatermarkMs ?? 0,
    timestampMs: entry.batchTimestampMs,
    isLogged: true,
  };
}

/** The intent of a batch, as the offset log keeps it. */
export function offsetLogEntry(query: RunningQuery, range: BatchRange): OffsetLogEntry {
  return {
    batchWatermarkMs: range.watermarkMs,
    batchTimestampMs: range.timestampMs,
    conf: loggedConf(query.definition.conf),
    offsets: range.sources.map((source) => source.end),
  };
}

async function sourceRange(query: RunningQuery, position: SourcePosition): Promise<SourceRange> {
  const range = await rangeFrom(query, position, position.committed ?? position.initial);
  // As in Spark the first batch runs also where a source begins at its end, so that the log says where that was.
  const isFirst = position.committed === null && position.source.notesInitialOffset === true;
  return isFirst ? { ...range, hasData: true } : range;
}

async function rangeFrom(query: RunningQuery, position: SourcePosition, from: Offset): Promise<SourceRange> {
  const end = await position.source.latestOffset(from, readLimitOf(query.trigger));
  return { position, from, end, hasData: !sameOffset(from, end) };
}

/**
 * The watermark has moved since the last batch, and what it closed has not come out yet; or a timer of the program's functions that goes by the
 * clock is past. Never the first batch of a run.
 */
function isNoDataBatchDue(query: RunningQuery, triggerMs: number): boolean {
  const { hasRunBatch, previousWatermarkMs } = query.state;
  // A quiet source's windows are closed after a restart, too.
  if (!hasRunBatch && query.idleSources === null) return false;
  const hasMoved = previousWatermarkMs !== null && query.watermark.currentMs > previousWatermarkMs;
  if (query.runsNoDataBatches && hasMoved) return true;
  const dueMs = clockDueMs(query);
  return dueMs !== null && dueMs < triggerMs;
}

/** When the clock makes a batch due though no data came; null for never. Spark, which does not ask, runs such batches all the time. */
export function clockDueMs({ description, programs, settings, trigger }: RunningQuery): number | null {
  if (programs.size === 0 || !settings.noDataBatchesEnabled || !allowsNoDataBatch(trigger)) return null;
  return native.nextDue(description.handle);
}

/** When a look at the sources is due though none has said anything: for timers, and where a source has been quiet for long; null for never. */
export function lookDueMs(query: RunningQuery): number | null {
  const timerMs = query.state.hasRunBatch ? clockDueMs(query) : null;
  const idleMs = query.state.stateRows > 0 ? (query.idleSources?.dueMs ?? null) : null;
  const due = [timerMs === null ? null : timerMs + 1, idleMs].filter((dueMs) => dueMs !== null);
  return due.length === 0 ? null : Math.min(...due);
}
