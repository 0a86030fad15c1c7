// The commit log: which batches are through, written after a batch's output is out (Spark's `commits/N`).

import type { LogFormat } from './disk-log.js';

/** The newest state files by operator: one entry a shard, `version:checksum`, null where the shard has no file. */
export type StateFiles = Readonly<Record<string, readonly (string | null)[]>>;

/** One entry: what the next batch starts from. */
export interface CommitLogEntry {
  /** The watermark that will be in force in the next batch, in milliseconds since 1970. */
  readonly nextBatchWatermarkMs: number;
  /** The state after the batch; null where it is in memory only. */
  readonly stateFiles: StateFiles | null;
}

/** Where commit log entries go. A resolved `write` means that the entry is durable, as far as this log can make it so. */
export interface CommitLog {
  write(batchId: number, entry: CommitLogEntry): Promise<void>;
  read(batchId: number): Promise<CommitLogEntry | null>;
  /** The newest entry with its batch id, null in an empty log. */
  latest(): Promise<{ readonly batchId: number; readonly entry: CommitLogEntry } | null>;
  /** Drops the entries below `batchIdMin`. */
  purge(batchIdMin: number): Promise<void>;
}

/** Spark's text of an entry: `v1` and one JSON object, which names the state files besides. */
export const commitLogFormat: LogFormat<CommitLogEntry> = {
  write: ({ nextBatchWatermarkMs, stateFiles }) => `v1\n${JSON.stringify({ nextBatchWatermarkMs, stateFiles })}`,
  read(text) {
    const [version, line = ''] = text.split('\n');
    if (version !== 'v1') throw new Error(`it begins with ${JSON.stringify(version)}, not with v1`);
    const { nextBatchWatermarkMs, stateFiles } = JSON.parse(line);
    if (!Number.isSafeInteger(nextBatchWatermarkMs)) throw new Error('it has no nextBatchWatermarkMs');
    return { nextBatchWatermarkMs, stateFiles: stateFiles ?? null };
  },
};
