// The contract of a streaming source: it says how far it could read, and cuts a range of offsets into splits that map tasks read.
// The engine owns the offsets (offset log, commit log); a source keeps no position of its own that matters after a restart.

/** A position in a source, as the JSON value that Spark's offset log holds for it: `{"logOffset":1}`, `{"topic":{"0":5}}`, `3`. Whole numbers
 * beyond 2^53 are bigints in it. */
export type Offset = { readonly [key: string]: unknown } | number;

/** What an offset counts: calls, seconds or lines; batches of files; rows and their time; records by partition. */
export type OffsetKind = 'number' | 'files' | 'rows and time' | 'partitions';

/** How far one batch may read: everything there is, or what the source's own limit options allow. */
export type ReadLimit = 'all' | 'limited';

/** One piece of input for one map task. `spec` is the SplitSpec of docs/design/border.md; `buffers`, of shared memory, travel without a copy. */
export interface Split {
  readonly spec: { readonly source: number; readonly format: string; readonly [key: string]: unknown };
  readonly buffers?: readonly Uint8Array[];
  /** Input bytes, as far as they are known before reading; decides whether a batch runs inline. */
  readonly byteLength: number;
}

/** An entry of a source's log. A compacted one has the lines of all before it. */
export interface SourceLogEntry {
  readonly number: number;
  readonly lines: readonly string[];
}

/** What a source keeps for itself in its query's checkpoint, apart from offsets. Each line is a JSON object. */
export interface SourceLog {
  /** Notes the first offset of a query as entry 0, durably and as Spark's Kafka source does. */
  writeFirst(line: string): Promise<void>;
  /** Adds an entry, durably. */
  write(number: number, lines: readonly string[]): Promise<void>;
  /** All entries, or the last compacted one and those behind it. Rejects with CHECKPOINT_INCOMPLETE where one is missing, up to `newest`. */
  entries(newest?: number): Promise<SourceLogEntry[]>;
}

/** A streaming source. All methods may be called again with the same arguments after a failure. */
export interface Source {
  /** Spark's description of the source for progress reports, such as `KafkaV2[Subscribe[trades]]`. */
  readonly description: string;
  /** What its offsets are, so that those of another kind of source are refused; absent where they may be anything. */
  readonly offsetKind?: OffsetKind;
  /** Prepares the source (connects, lists); `start` is the offset to go on from, null for a new query; `log` is what it kept, null where
   * nothing outlives the query. Throws MillraceError. */
  open(start: Offset | null, log?: SourceLog | null): Promise<void>;
  /** Whether the first offset depends on when it is asked for, so that a checkpoint must note it. */
  readonly notesInitialOffset?: boolean;
  /** The first offset of a new query. */
  initialOffset(): Promise<Offset>;
  /** The newest offset a batch starting at `start` may read to; equal to `start` (by JSON) when there is nothing new. */
  latestOffset(start: Offset, limit: ReadLimit): Promise<Offset>;
  /** For availableNow: pins the end at what is there now; later latestOffset calls never pass it. */
  prepareForTriggerAvailableNow(): Promise<void>;
  /**
   * Whether it may be asked for the offset and the splits of a batch while the one before is not committed yet, but mapped: those of the one before are
   * read no more then.
   */
  readonly allowsReadingAhead?: boolean;
  /** Keeps, durably, what reading up to `end` again will need: called before a batch to `end` is in the offset log. */
  note?(end: Offset): Promise<void>;
  /** Cuts the range (start, end] into splits in a fixed order; the same range gives the same splits. */
  splits(start: Offset, end: Offset): Promise<Split[]>;
  /** Everything up to `end` is committed: what was kept for re-reading can go. */
  commit(end: Offset): Promise<void>;
  /** Resolves when there may be new data after `start`, or when `signal` aborts. Sources that can only be polled resolve after the polling delay. */
  awaitData(start: Offset, signal: AbortSignal): Promise<void>;
  /** Spark's `latestOffset` and `metrics` of a source's progress, where the source has them. */
  progress?(end: Offset): { latestOffset?: Offset | null; metrics?: Record<string, string> };
  close(): Promise<void>;
}
