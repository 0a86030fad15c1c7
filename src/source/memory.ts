// Rows that a program adds by hand: for tests and for data that is in memory already (Spark's MemoryStream).
import { type EncodedColumns, encodeRows } from '../batch/encode-rows.js';
import type { StructType } from '../plan/data-type.js';
import { columnsSplit } from './columns-split.js';
import type { Offset, ReadLimit, Source, Split } from './source.js';

/** The offset before anything was added, as in Spark's MemoryStream. */
const BEFORE_ALL = -1;

/**
 * A source of rows in memory. Offsets are numbers: the first `addRows` makes 0, the next 1, and so on. It serves one query;
 * further queries over the same rows each get a source of their own from `forQuery()`.
 */
export class MemorySource implements Source {
  readonly offsetKind = 'number';
  readonly allowsReadingAhead = true;
  readonly description: string;
  readonly #schema: StructType;
  readonly #rows: MemoryRows;
  readonly #reader: Source;

  /** `sourceNumber` is the reader's number in the plan. */
  constructor(sourceNumber: number, schema: StructType) {
    this.#schema = schema;
    this.description = `MemoryStream[${schema.fields.map((field) => field.name).join(',')}]`;
    this.#rows = new MemoryRows(sourceNumber, this.description);
    this.#reader = new MemoryReader(this.#rows);
  }

  /**
   * Adds rows, objects or arrays in the order of the schema; they will be in one batch. Returns their offset. A query that waits for data wakes at once.
   * Throws VALUE_NOT_ENCODABLE naming column and row, or ARGUMENT_INVALID; then nothing is added.
   */
  addRows(rows: readonly object[]): number {
    return this.#rows.add(encodeRows(this.#schema, rows));
  }

  /** Adds rows that are encoded already, of this source's schema. Returns their offset. */
  addBatch(batch: EncodedColumns): number {
    return this.#rows.add(batch);
  }

  /** A source of the same rows with a position of its own. Rows stay until every query that has them open has committed them. */
  forQuery(): Source {
    return new MemoryReader(this.#rows);
  }

  open(start: Offset | null): Promise<void> {
    return this.#reader.open(start);
  }

  initialOffset(): Promise<Offset> {
    return this.#reader.initialOffset();
  }

  latestOffset(start: Offset, limit: ReadLimit): Promise<Offset> {
    return this.#reader.latestOffset(start, limit);
  }

  prepareForTriggerAvailableNow(): Promise<void> {
    return this.#reader.prepareForTriggerAvailableNow();
  }

  splits(start: Offset, end: Offset): Promise<Split[]> {
    return this.#reader.splits(start, end);
  }

  commit(end: Offset): Promise<void> {
    return this.#reader.commit(end);
  }

  awaitData(start: Offset, signal: AbortSignal): Promise<void> {
    return this.#reader.awaitData(start, signal);
  }

  progress(_end: Offset): { latestOffset: Offset } {
    return { latestOffset: this.#rows.newest };
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}

/** How far one query has committed. */
interface ReaderPosition {
  committed: number;
}

/** The rows themselves, by offset, for as long as some query may still read them. */
class MemoryRows {
  readonly sourceNumber: number;
  readonly description: string;
  readonly #batches = new Map<number, EncodedColumns>();
  readonly #positions = new Set<ReaderPosition>();
  readonly #waiters = new Set<() => void>();
  #newest = BEFORE_ALL;

  constructor(sourceNumber: number, description: string) {
    this.sourceNumber = sourceNumber;
    this.description = description;
  }

  get newest(): number {
    return this.#newest;
  }

  add(batch: EncodedColumns): number {
    this.#newest += 1;
    this.#batches.set(this.#newest, batch);
    for (const wake of [...this.#waiters]) wake();
    return this.#newest;
  }

  batchAt(offset: number): EncodedColumns | undefined {
    return this.#batches.get(offset);
  }

  attach(position: ReaderPosition): void {
    this.#positions.add(position);
  }

  detach(position: ReaderPosition): void {
    this.#positions.delete(position);
  }

  /** Drops what every query has committed. */
  trim(): void {
    const committed = Math.min(...[...this.#positions].map((position) => position.committed));
    for (const offset of this.#batches.keys()) {
      if (offset <= committed) this.#batches.delete(offset);
    }
  }

  /** Resolves when there are rows after `offset`, or when `signal` aborts. */
  arrival(offset: number, signal: AbortSignal): Promise<void> {
    if (this.#newest > offset || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiters.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiters.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}

/** One query's view of the rows. */
class MemoryReader implements Source {
  readonly offsetKind = 'number';
  readonly allowsReadingAhead = true;
  readonly #rows: MemoryRows;
  readonly #position: ReaderPosition = { committed: BEFORE_ALL };
  /** For availableNow: the newest offset when the query started. */
  #pinned: number | null = null;

  constructor(rows: MemoryRows) {
    this.#rows = rows;
  }

  get description(): string {
    return this.#rows.description;
  }

  async open(start: Offset | null): Promise<void> {
    this.#pinned = null;
    this.#position.committed = start === null ? BEFORE_ALL : positionOf(start);
    this.#rows.attach(this.#position);
  }

  async initialOffset(): Promise<Offset> {
    return BEFORE_ALL;
  }

  async latestOffset(start: Offset, _limit: ReadLimit): Promise<Offset> {
    return Math.max(positionOf(start), this.#pinned ?? this.#rows.newest);
  }

  async prepareForTriggerAvailableNow(): Promise<void> {
    this.#pinned = this.#rows.newest;
  }

  async splits(start: Offset, end: Offset): Promise<Split[]> {
    const splits: Split[] = [];
    for (let offset = positionOf(start) + 1; offset <= positionOf(end); offset += 1) {
      const batch = this.#rows.batchAt(offset);
      // An added batch without rows moves the offset and gives no work.
      if (batch === undefined || batch.numRows === 0) continue;
      splits.push(columnsSplit(this.#rows.sourceNumber, batch.bytes));
    }
    return splits;
  }

  async commit(end: Offset): Promise<void> {
    this.#position.committed = positionOf(end);
    this.#rows.trim();
  }

  awaitData(start: Offset, signal: AbortSignal): Promise<void> {
    return this.#rows.arrival(positionOf(start), signal);
  }

  progress(_end: Offset): { latestOffset: Offset } {
    return { latestOffset: this.#rows.newest };
  }

  async close(): Promise<void> {
    this.#rows.detach(this.#position);
  }
}

/** A memory source's offset as a number. */
function positionOf(offset: Offset): number {
  return typeof offset === 'number' ? offset : BEFORE_ALL;
}
