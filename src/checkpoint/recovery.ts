// Where a query goes on: worked out from the logs of its checkpoint, as Spark's populateStartOffsets does.
import { MillraceError } from '../error/millrace-error.js';
import type { Offset } from '../source/source.js';
import type { Checkpoint } from './checkpoint.js';
import type { StateFiles } from './commit-log.js';
import type { OffsetLogEntry } from './offset-log.js';

/** A batch whose intent is in the offset log and whose end is not in the commit log: it runs again as it was logged. */
export interface LoggedBatch {
  readonly batchId: number;
  readonly entry: OffsetLogEntry;
}

/** Where a checkpoint stands. */
export interface Recovery {
  /** Whether nothing was ever logged. */
  readonly isNew: boolean;
  readonly nextBatchId: number;
  /** Batches to run again, in order. */
  readonly logged: readonly LoggedBatch[];
  /** Ends of the newest committed batch, by source; null before the first. */
  readonly committed: readonly (Offset | null)[] | null;
  /** The watermark that was in force in the newest committed batch; null before the first. */
  readonly previousWatermarkMs: number | null;
  /** The watermark for the next batch. */
  readonly watermarkMs: number;
  /** The configurations that win over the session's. */
  readonly conf: Readonly<Record<string, string>>;
  /** The state after the newest committed batch; null before the first. */
  readonly stateFiles: StateFiles | null;
}

/** Reads the logs. Throws CHECKPOINT_CORRUPT; CHECKPOINT_INCOMPLETE where a file in the middle is missing. */
export async function recover({ offsets, commits }: Checkpoint, location: string): Promise<Recovery> {
  const newest = await offsets.latest();
  const commit = await commits.latest();
  const committedId = commit?.batchId ?? -1;
  const newestId = newest?.batchId ?? -1;
  const logged: LoggedBatch[] = [];
  for (let batchId = committedId + 1; batchId <= newestId; batchId += 1) {
    logged.push({ batchId, entry: (await offsets.read(batchId)) ?? missing(location, `offsets/${batchId}`) });
  }
  const last = commit === null ? null : ((await offsets.read(committedId)) ?? missing(location, `offsets/${committedId}`));
  return {
    isNew: newest === null && commit === null,
    nextBatchId: committedId + 1,
    logged,
    committed: last?.offsets ?? null,
    previousWatermarkMs: last?.batchWatermarkMs ?? null,
    watermarkMs: commit?.entry.nextBatchWatermarkMs ?? 0,
    conf: newest?.entry.conf ?? {},
    stateFiles: commit?.entry.stateFiles ?? null,
  };
}

function missing(location: string, file: string): never {
  throw new MillraceError('CHECKPOINT_INCOMPLETE', { parameters: { path: location, missing: file }, context: { path: location } });
}
