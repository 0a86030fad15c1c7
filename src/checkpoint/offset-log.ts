// The offset log: what each batch is going to read, written before any of its work starts (Spark's `offsets/N`).
import type { Offset } from '../source/source.js';

/** One entry: everything that makes a batch come out the same when it runs again. */
export interface OffsetLogEntry {
  /** The watermark in force in the batch, in milliseconds since 1970. */
  readonly batchWatermarkMs: number;
  /** The batch's `current_timestamp()`, in milliseconds since 1970. */
  readonly batchTimestampMs: number;
  /** The configurations that state depends on; on a restart these win over the session's. */
  readonly conf: Readonly<Record<string, string>>;
  /** The end offset of each source, in the order of their numbers; null where a source has not been read yet. */
  readonly offsets: readonly (Offset | null)[];
}

/** Where offset log entries go. A resolved `write` means that the entry is durable, as far as this log can make it so. */
export interface OffsetLog {
  write(batchId: number, entry: OffsetLogEntry): Promise<void>;
  read(batchId: number): Promise<OffsetLogEntry | null>;
  /** The newest entry with its batch id, null in an empty log. */
  latest(): Promise<{ readonly batchId: number; readonly entry: OffsetLogEntry } | null>;
  /** Drops the entries below `batchIdMin`. */
  purge(batchIdMin: number): Promise<void>;
}

/** The configurations that Spark's offset log carries and that mean something here. */
const LOGGED_CONFIGURATIONS = [
  'spark.sql.ansi.enabled',
  'spark.sql.session.timeZone',
  'spark.sql.shuffle.partitions',
  'spark.sql.streaming.multipleWatermarkPolicy',
] as const;

/** Picks the logged ones out of a session's configurations. */
export function loggedConf(conf: Readonly<Record<string, string>>): Record<string, string> {
  const logged: Record<string, string> = {};
  for (const name of LOGGED_CONFIGURATIONS) {
    const value = conf[name];
    if (value !== undefined) logged[name] = value;
  }
  return logged;
}
