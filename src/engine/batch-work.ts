// The native work of a batch: map its splits, reduce the state's shards, on the main thread for small batches and in the pool for others.
import { native } from '../native/load.js';
import type { PoolLease } from '../pool/worker-pool.js';
import { ResultBatch, type ShowStyle } from '../result/result-batch.js';
import type { Split } from '../source/source.js';
import type { MapReport, StageDescription } from './query-description.js';
import { allSettledOrThrow, onShards } from './shard-tasks.js';
import type { StagePrograms } from './stage-programs.js';
import type { EventTimeStats } from './watermark.js';

/** The native query that a batch runs on, and where its tasks run. */
export interface BatchTarget {
  readonly handle: number;
  readonly stages: readonly StageDescription[];
  readonly batchId: number;
  readonly pool: PoolLease;
  /** What runs the program's functions, in the stages that have any. */
  readonly programs: StagePrograms;
  /** Batches of at most this many input bytes stay on the calling thread. */
  readonly inlineBytesMax: number;
}

/** A batch that has little input but much state is reduced in the pool all the same: its output may be the whole state. */
const INLINE_STATE_ROWS_MAX = 65_536;

/** The watermarks and the time of a batch (BatchSpec of docs/design/border.md). */
export interface BatchSpec {
  readonly lateWatermarkMs: number;
  readonly evictWatermarkMs: number;
  readonly batchTimestampMs: number;
}

/** Tells Rust that a batch begins; the one right before it may still be in work. */
export function beginBatch(target: BatchTarget, spec: BatchSpec): void {
  native.beginBatch(target.handle, target.batchId, JSON.stringify(spec));
}

/**
 * Maps every split; resolves to the reports in the splits' order. Rejects with the first failure, once no task runs any more. Tasks are numbered from
 * `first`: the order of their rows.
 */
export async function mapSplits(target: BatchTarget, splits: readonly Split[], first = 0): Promise<MapReport[]> {
  if (isInline(target, splits)) return splits.map((split, index) => mapInline(target, split, first + index));
  return allSettledOrThrow(splits.map((split, index) => mapInPool(target, split, first + index)));
}

/** Whether a batch is reduced and finished by the calling thread. `stateRows` is how many rows the state held before. */
export function isSmall(target: BatchTarget, splits: readonly Pick<Split, 'byteLength'>[], stateRows: number): boolean {
  return isInline(target, splits) && stateRows <= INLINE_STATE_ROWS_MAX;
}

/**
 * Stage by stage: merges the tasks' partial results into the state, evicts, and makes the output; the calling thread does so for a batch that `staysHere`.
 * Resolves to what the watermarks behind the stages saw.
 */
export async function reduceStages(target: BatchTarget, staysHere: boolean): Promise<EventTimeStats[]> {
  const { handle, batchId, stages, pool, programs } = target;
  const eventTimes: EventTimeStats[] = [];
  const take = (answer: string) => eventTimes.push(...(JSON.parse(answer) as EventTimeStats[]));
  for (const [stage, { numShards }] of stages.entries()) {
    await programs.get(stage)?.run({ handle, batchId, stage, numShards, pool });
    if (staysHere || numShards === 1) take(native.reduceShards(handle, batchId, stage, 0, numShards));
    else {
      const answers = await onShards(numShards, pool.workers, (range) => pool.reduce({ handle, batchId, stage, ...range }));
      answers.forEach(take);
    }
  }
  return eventTimes;
}

/**
 * Takes the batch's rows out of Rust; `show` says how `show()` prints them. Many rows take long: meanwhile the calling thread has tasks of the next batch to
 * give out, so that only a batch that `staysHere` is finished by it.
 */
export async function finishBatch({ handle, batchId }: BatchTarget, staysHere: boolean, show: ShowStyle): Promise<ResultBatch> {
  return new ResultBatch(staysHere ? native.finishBatch(handle, batchId) : await native.finishBatchInBackground(handle, batchId), show);
}

/** Drops a batch that failed. Its failure is what counts: what abort itself throws is not reported. */
export function abortBatch(target: BatchTarget): void {
  try {
    native.abortBatch(target.handle, target.batchId);
  } catch {
    // After a panic Rust refuses every call on the query.
  }
}

/** Maps a split on this thread. */
export function mapInline(target: BatchTarget, split: Split, task: number): MapReport {
  return JSON.parse(native.mapSplit(target.handle, target.batchId, task, JSON.stringify(split.spec), split.buffers ?? [])) as MapReport;
}

/** Maps a split in the pool. */
export async function mapInPool(target: BatchTarget, split: Split, task: number): Promise<MapReport> {
  const { handle, batchId, pool } = target;
  const text = await pool.map({ handle, batchId, task, spec: JSON.stringify(split.spec), buffers: split.buffers ?? [] });
  return JSON.parse(text) as MapReport;
}

/** A worker thread takes longer to start than so many times the inline limit take to map. */
const COLD_POOL_FACTOR = 16;

/** Whether all of the input is small enough for the calling thread: a dispatch to a worker costs more than it would save. */
export function isInline({ pool, inlineBytesMax }: BatchTarget, splits: readonly Pick<Split, 'byteLength'>[]): boolean {
  const inputBytes = splits.reduce((sum, split) => sum + split.byteLength, 0);
  return inputBytes <= (pool.isStarted ? inlineBytesMax : COLD_POOL_FACTOR * inlineBytesMax);
}
