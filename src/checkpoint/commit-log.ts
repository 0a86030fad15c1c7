// The commit log: which batches are through, written after a batch's output is out (Spark's `commits/N`).

/** One entry: what the next batch starts from. */
export interface CommitLogEntry {
  /** The watermark that will be in force in the next batch, in milliseconds since 1970. */
  readonly nextBatchWatermarkMs: number;
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
