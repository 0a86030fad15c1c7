// What a query keeps so that it can go on after a restart. In this version it lives in memory.
import { MillraceError } from '../error/millrace-error.js';
import type { CommitLog, CommitLogEntry } from './commit-log.js';
import { MemoryLog } from './memory-log.js';
import type { OffsetLog, OffsetLogEntry } from './offset-log.js';

/** The two logs of a query (Spark's checkpoint directory without its state). */
export interface Checkpoint {
  readonly offsets: OffsetLog;
  readonly commits: CommitLog;
  close(): Promise<void>;
}

/** How many batches the logs keep (Spark's spark.sql.streaming.minBatchesToRetain). */
export const BATCHES_RETAINED = 100;

/** Opens a query's checkpoint. Throws CHECKPOINT_UNAVAILABLE where a location is given: the query would seem durable and would not be. */
export async function openCheckpoint(location: string | null): Promise<Checkpoint> {
  if (location !== null) throw new MillraceError('CHECKPOINT_UNAVAILABLE', { context: { checkpointLocation: location } });
  return {
    offsets: new MemoryLog<OffsetLogEntry>('offset log'),
    commits: new MemoryLog<CommitLogEntry>('commit log'),
    async close() {},
  };
}
