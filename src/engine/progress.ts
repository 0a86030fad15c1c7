// The progress report of a batch, field by field as Spark writes it (StreamingQueryProgress.json).
import type { BatchCounters, ResultBatch, StateOperatorCounters } from '../result/result-batch.js';
import type { Offset, Split } from '../source/source.js';
import type { BatchRange, SourceRange } from './batch-range.js';
import type { MapReport } from './query-description.js';
import type { RunningQuery } from './running-query.js';
import type { Stage, StageTimer } from './stage-timer.js';
import type { EventTimeStats } from './watermark.js';

export type { StreamingQueryStatus } from './query-status.js';

/** What one batch did. Spark counterpart: `StreamingQueryProgress`. */
export interface StreamingQueryProgress {
  readonly id: string;
  readonly runId: string;
  readonly name: string | null;
  /** When the trigger of the batch started: ISO 8601 in UTC. */
  readonly timestamp: string;
  readonly batchId: number;
  /** Milliseconds. */
  readonly batchDuration: number;
  readonly numInputRows: number;
  readonly inputRowsPerSecond: number;
  readonly processedRowsPerSecond: number;
  /** Milliseconds by stage. */
  readonly durationMs: Readonly<Record<Stage | 'triggerExecution', number>>;
  /** Event times of the batch's rows and the watermark in force in it, ISO 8601 in UTC; absent where the query has no watermark. */
  readonly eventTime?: EventTimeProgress;
  readonly stateOperators: readonly StateOperatorProgress[];
  readonly sources: readonly SourceProgress[];
  readonly sink: { readonly description: string; readonly numOutputRows: number };
  /** What `observe` saw of the batch's rows, by the observation's name; absent where nothing is observed. */
  readonly observedMetrics?: ObservedMetrics;
  /** What became of the rows of the sources. Not Spark's. */
  readonly rowCounts: RowCounts;
}

/** Values of aggregates by name, by the name of the observation. */
export type ObservedMetrics = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** No row is lost without being counted: `input` is the sum of the others. A source that is read twice by a plan counts twice. */
export interface RowCounts {
  readonly input: number;
  /** Taken in by the first grouping, join, ... or by the sink. */
  readonly processed: number;
  /** Removed by filters, or in no window for want of a time. */
  readonly filtered: number;
  /** Behind the watermark in all their windows. */
  readonly late: number;
  /** Raised when decoded or evaluated, and were diverted by `badRecords`. */
  readonly bad: number;
}

/** avg, max and min are absent where no row passed the watermark's node. */
export interface EventTimeProgress {
  readonly avg?: string;
  readonly max?: string;
  readonly min?: string;
  readonly watermark: string;
}

/** What one stateful operator did. Spark counterpart: `StateOperatorProgress`. */
export interface StateOperatorProgress {
  readonly operatorName: string;
  readonly numRowsTotal: number;
  readonly numRowsUpdated: number;
  readonly allUpdatesTimeMs: number;
  readonly numRowsRemoved: number;
  readonly allRemovalsTimeMs: number;
  readonly commitTimeMs: number;
  readonly memoryUsedBytes: number;
  readonly numRowsDroppedByWatermark: number;
  readonly numShufflePartitions: number;
  readonly numStateStoreInstances: number;
  readonly customMetrics: Readonly<Record<string, number>>;
}

/** What one source gave. Spark counterpart: `SourceProgress`. */
export interface SourceProgress {
  readonly description: string;
  readonly startOffset: Offset | null;
  readonly endOffset: Offset;
  readonly latestOffset: Offset | null;
  readonly numInputRows: number;
  readonly inputRowsPerSecond: number;
  readonly processedRowsPerSecond: number;
  readonly metrics?: Readonly<Record<string, string>>;
}

/** A batch that is through. */
export interface FinishedBatch {
  readonly range: BatchRange;
  readonly triggerMs: number;
  readonly splits: readonly Split[];
  readonly reports: readonly MapReport[];
  /** What each watermark saw, in the order of their nodes. */
  readonly eventTimes: readonly EventTimeStats[];
  readonly result: ResultBatch;
  readonly numOutputRows: number;
  readonly observedMetrics: ObservedMetrics | null;
  readonly timer: StageTimer;
}

/** Makes the report of a batch. */
export function progressOf(query: RunningQuery, batch: FinishedBatch): StreamingQueryProgress {
  const { range, triggerMs } = batch;
  const durationMs = batch.timer.durationMs();
  const rates = ratesOf(query, triggerMs, durationMs.triggerExecution);
  const rowsBySource = countRows(batch.splits, batch.reports);
  const numInputRows = range.sources.reduce((sum, { position }) => sum + (rowsBySource.get(position.number) ?? 0), 0);
  const eventTime = eventTimeProgress(query, batch);
  return {
    id: query.id,
    runId: query.runId,
    name: query.definition.name,
    timestamp: isoTime(triggerMs),
    batchId: range.batchId,
    batchDuration: durationMs.triggerExecution,
    numInputRows,
    inputRowsPerSecond: rates.input(numInputRows),
    processedRowsPerSecond: rates.processed(numInputRows),
    durationMs,
    ...(eventTime === null ? {} : { eventTime }),
    stateOperators: batch.result.counters.stateOperators.map((operator) => stateOperatorProgress(operator, durationMs.addBatch)),
    sources: range.sources.map((source) => sourceProgress(source, rowsBySource.get(source.position.number) ?? 0, rates, range.batchId)),
    sink: { description: query.sink.description, numOutputRows: batch.numOutputRows },
    ...(batch.observedMetrics === null ? {} : { observedMetrics: batch.observedMetrics }),
    rowCounts: rowCountsOf(batch.result.counters),
  };
}

function rowCountsOf({ numProcessedRows, numFilteredRows, numLateRows, numBadRows }: BatchCounters): RowCounts {
  const input = numProcessedRows + numFilteredRows + numLateRows + numBadRows;
  return { input, processed: numProcessedRows, filtered: numFilteredRows, late: numLateRows, bad: numBadRows };
}

interface Rates {
  readonly input: (rows: number) => number;
  readonly processed: (rows: number) => number;
}

/** Rows per second: since the trigger before this one, and of this one's own time. The first trigger has no time before it: 0. */
function ratesOf(query: RunningQuery, triggerMs: number, executionMs: number): Rates {
  const { previousTriggerMs } = query.state;
  const sinceMs = previousTriggerMs === null ? Number.POSITIVE_INFINITY : Math.max(1, triggerMs - previousTriggerMs);
  return { input: (rows) => (rows * 1000) / sinceMs, processed: (rows) => (rows * 1000) / Math.max(1, executionMs) };
}

/** Rows by reader number. */
function countRows(splits: readonly Split[], reports: readonly MapReport[]): Map<number, number> {
  const rows = new Map<number, number>();
  splits.forEach((split, task) => {
    const { source } = split.spec;
    rows.set(source, (rows.get(source) ?? 0) + (reports[task]?.numInputRows ?? 0));
  });
  return rows;
}

function eventTimeProgress(query: RunningQuery, batch: FinishedBatch): EventTimeProgress | null {
  if (query.description.watermarks.length === 0) return null;
  const watermark = isoTime(batch.range.watermarkMs);
  // As in Spark, one node's event times stand for all where there are several.
  const stats = batch.eventTimes[0];
  if (stats === undefined) return { watermark };
  return { avg: isoTime(Math.trunc(stats.avgMs)), max: isoTime(stats.maxMs), min: isoTime(stats.minMs), watermark };
}

function stateOperatorProgress(operator: StateOperatorCounters, addBatchMs: number): StateOperatorProgress {
  return {
    operatorName: operator.operatorName,
    numRowsTotal: operator.numRowsTotal,
    numRowsUpdated: operator.numRowsUpdated,
    // Updates, removals and output are one pass over the state here; its time stands under updates.
    allUpdatesTimeMs: operator.numRowsUpdated > 0 ? addBatchMs : 0,
    numRowsRemoved: operator.numRowsRemoved,
    allRemovalsTimeMs: 0,
    commitTimeMs: 0,
    memoryUsedBytes: operator.memoryUsedBytes,
    numRowsDroppedByWatermark: operator.numRowsDroppedByWatermark,
    numShufflePartitions: operator.numShards,
    numStateStoreInstances: operator.numShards,
    customMetrics: {
      numLateInputRows: operator.numLateInputRows,
      stateOnCurrentVersionSizeBytes: operator.memoryUsedBytes,
      ...(operator.operatorName.startsWith('dedupe') && { numDroppedDuplicateRows: operator.numDroppedDuplicateRows }),
      ...(operator.operatorName.startsWith('transformWithState') && {
        numRegisteredTimers: operator.numRegisteredTimers,
        numDeletedTimers: operator.numDeletedTimers,
        numExpiredTimers: operator.numExpiredTimers,
      }),
    },
  };
}

function sourceProgress(range: SourceRange, rows: number, rates: Rates, batchId: number): SourceProgress {
  const { position, from, end } = range;
  const extra = position.source.progress?.(end) ?? {};
  return {
    description: position.source.description,
    // Spark's first batch starts from no offset.
    startOffset: batchId === 0 ? null : from,
    endOffset: end,
    latestOffset: extra.latestOffset ?? null,
    numInputRows: rows,
    inputRowsPerSecond: rates.input(rows),
    processedRowsPerSecond: rates.processed(rows),
    ...(extra.metrics === undefined ? {} : { metrics: extra.metrics }),
  };
}

/** The times that a Date can hold; event times go a little further. */
const DATE_MS_MAX = 8.64e15;

function isoTime(timeMs: number): string {
  return new Date(Math.max(-DATE_MS_MAX, Math.min(DATE_MS_MAX, timeMs))).toISOString();
}
