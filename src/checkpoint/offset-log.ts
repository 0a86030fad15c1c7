// The offset log: what each batch is going to read, written before any of its work starts (Spark's `offsets/N`).
import { offsetJson, parseOffset } from '../source/offset.js';
import type { Offset } from '../source/source.js';
import type { LogFormat } from './disk-log.js';

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

/** What Spark writes for a source that has not been read yet. */
const NO_OFFSET = '-';

/** Spark's text of an entry: `v1`, a line of JSON about the batch, a line for each source's end. */
export const offsetLogFormat: LogFormat<OffsetLogEntry> = {
  write({ batchWatermarkMs, batchTimestampMs, conf, offsets }) {
    const metadata = JSON.stringify({ batchWatermarkMs, batchTimestampMs, conf });
    return ['v1', metadata, ...offsets.map((offset) => (offset === null ? NO_OFFSET : offsetJson(offset)))].join('\n');
  },
  read(text) {
    const [version, metadata = '', ...lines] = text.split('\n');
    if (version !== 'v1') throw new Error(`it begins with ${JSON.stringify(version)}, not with v1`);
    const { batchWatermarkMs, batchTimestampMs, conf } = JSON.parse(metadata);
    if (!Number.isSafeInteger(batchWatermarkMs) || !Number.isSafeInteger(batchTimestampMs)) throw new Error('it has no watermark or time');
    const offsets = lines.map((line): Offset | null => (line === NO_OFFSET ? null : parseOffset(line)));
    return { batchWatermarkMs, batchTimestampMs, conf: conf ?? {}, offsets };
  },
};
