// The first half of a batch: its splits are read and mapped. Nothing of it is durable, and nothing of it changes any state.
import type { Split } from '../source/source.js';
import type { BatchRange } from './batch-range.js';
import { type BatchTarget, beginBatch, isInline, mapSplits } from './batch-work.js';
import type { MapReport } from './query-description.js';
import type { RunningQuery } from './running-query.js';
import type { StageTimer } from './stage-timer.js';

/** A batch whose map tasks are through. */
export interface MappedBatch {
  readonly splits: readonly Split[];
  /** In the order of the splits. */
  readonly reports: readonly MapReport[];
  /** Whether the calling thread did it. */
  readonly wasInline: boolean;
}

/** Where a batch's native work is done. */
export function batchTarget(query: RunningQuery, range: BatchRange): BatchTarget {
  const { handle, stages } = query.description;
  const { pool, programs, settings } = query;
  return { handle, stages, batchId: range.batchId, pool, programs, inlineBytesMax: settings.inlineBytesMax };
}

/** Begins a batch and maps all that it reads. Rejects with the first failure, once no task runs any more; the batch is begun then, and the caller's to abort. */
export async function mapBatch(query: RunningQuery, range: BatchRange, timer: StageTimer): Promise<MappedBatch> {
  const target = batchTarget(query, range);
  await timer.time('queryPlanning', () => beginBatch(target, batchSpec(range)));
  const { statics, streams } = await timer.time('getBatch', () => readSplits(query, range));
  const splits = [...statics, ...streams];
  const wasInline = isInline(target, splits);
  const reports = await timer.time('addBatch', () => mapInTurn(target, statics, streams));
  return { splits, reports, wasInline };
}

function batchSpec(range: BatchRange): { lateWatermarkMs: number; evictWatermarkMs: number; batchTimestampMs: number } {
  return { lateWatermarkMs: range.lateWatermarkMs, evictWatermarkMs: range.watermarkMs, batchTimestampMs: range.timestampMs };
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
