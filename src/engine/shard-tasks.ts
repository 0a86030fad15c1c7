// Work on the shards of a stage, cut into tasks for the pool.
import { causeAmong } from './query-failure.js';

/** Shards that follow on each other. */
interface ShardRange {
  readonly first: number;
  readonly count: number;
}

/** Runs a task for each range of a stage's shards, a range a worker; resolves to what they gave. Rejects as `allSettledOrThrow`. */
export function onShards<T>(numShards: number, workers: number, run: (range: ShardRange) => Promise<T>): Promise<T[]> {
  return allSettledOrThrow(shardRanges(numShards, workers).map(run));
}

/** Cuts shards 0 to `numShards` into ranges of nearly equal size, at most one per worker. */
function shardRanges(numShards: number, workers: number): ShardRange[] {
  const parts = Math.max(1, Math.min(numShards, workers));
  return Array.from({ length: parts }, (_, part) => {
    const first = Math.floor((part * numShards) / parts);
    return { first, count: Math.floor(((part + 1) * numShards) / parts) - first };
  });
}

/** Waits for every task, failed ones included: native state may be closed only when no thread is in it. */
export async function allSettledOrThrow<T>(tasks: readonly Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(tasks);
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  // A failed task poisons the state: its neighbours then fail for that alone.
  if (failures.length > 0) throw causeAmong(failures);
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<T>).value);
}
