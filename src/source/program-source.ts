// Sources that a program writes itself: the contract of their readers, and how the engine sees one.
import { encodeRows } from '../batch/encode-rows.js';
import type { Clock } from '../engine/clock.js';
import type { StructType } from '../plan/data-type.js';
import { columnsSplit } from './columns-split.js';
import { sameOffset } from './offset.js';
import type { Offset, ReadLimit, Source, Split } from './source.js';

/**
 * Reads a stream for a query: what `DataSource.streamReader` returns, once for each start of a query. Offsets are JSON values of the reader's own, a number
 * or an object; the engine keeps them in the query's checkpoint, so a reader remembers nothing that must outlive it. Every method may return a promise, and
 * what one throws fails the query. Spark counterpart: PySpark's `DataSourceStreamReader`.
 */
export interface DataSourceStreamReader<Row = Record<string, unknown>> {
  /** Where a new query begins. Not asked for by a query that goes on from its checkpoint. */
  initialOffset(): Offset | Promise<Offset>;
  /** How far a batch that begins at `start` shall read. Equal to `start`, as JSON, where there is nothing new. */
  latestOffset(start: Offset): Offset | Promise<Offset>;
  /** The rows behind `start` up to `end`. Asked again for the same range after a failure, it must give the same rows in the same order. */
  read(start: Offset, end: Offset): Iterable<Row> | AsyncIterable<Row> | Promise<Iterable<Row>>;
  /** No batch will ask for rows up to `end` again. */
  commit?(end: Offset): void | Promise<void>;
  /**
   * A query with the trigger `availableNow` begins: from now on `latestOffset` never passes what is there now. Without it such a query reads what
   * `latestOffset` says first, and ends.
   */
  prepareForTriggerAvailableNow?(): void | Promise<void>;
  /** Resolves when there may be something behind `start`, or when `signal` aborts. Without it the reader is asked every `spark.sql.streaming.pollingDelay`. */
  awaitData?(start: Offset, signal: AbortSignal): Promise<void>;
  /** The query is over. */
  close?(): void | Promise<void>;
}

/** What the engine knows of a program's source. */
export interface ProgramSourceSettings {
  readonly sourceNumber: number;
  readonly name: string;
  readonly schema: StructType;
  readonly clock: Clock;
  readonly pollingDelayMs: number;
}

/** Rows of one map task. */
const SPLIT_ROWS_MAX = 65_536;

/** A program's reader as a source. */
export class ProgramSource implements Source {
  readonly description: string;
  readonly #reader: DataSourceStreamReader<any>;
  readonly #settings: ProgramSourceSettings;
  #isPinned = false;
  #pinned: Offset | null = null;

  constructor(reader: DataSourceStreamReader<any>, settings: ProgramSourceSettings) {
    this.#reader = reader;
    this.#settings = settings;
    this.description = `${settings.name}[${settings.schema.fields.map((field) => field.name).join(',')}]`;
  }

  async open(_start: Offset | null): Promise<void> {}

  async initialOffset(): Promise<Offset> {
    return this.#reader.initialOffset();
  }

  async latestOffset(start: Offset, _limit: ReadLimit): Promise<Offset> {
    if (!this.#isPinned) return this.#reader.latestOffset(start);
    // The first batch of availableNow says what is there now.
    this.#pinned ??= await this.#reader.latestOffset(start);
    return this.#pinned;
  }

  async prepareForTriggerAvailableNow(): Promise<void> {
    this.#isPinned = this.#reader.prepareForTriggerAvailableNow === undefined;
    this.#pinned = null;
    await this.#reader.prepareForTriggerAvailableNow?.();
  }

  async splits(start: Offset, end: Offset): Promise<Split[]> {
    if (sameOffset(start, end)) return [];
    const splits: Split[] = [];
    let rows: object[] = [];
    for await (const row of await this.#reader.read(start, end)) {
      rows.push(row as object);
      if (rows.length < SPLIT_ROWS_MAX) continue;
      splits.push(this.#split(rows));
      rows = [];
    }
    if (rows.length > 0) splits.push(this.#split(rows));
    return splits;
  }

  async commit(end: Offset): Promise<void> {
    await this.#reader.commit?.(end);
  }

  async awaitData(start: Offset, signal: AbortSignal): Promise<void> {
    if (this.#reader.awaitData !== undefined) return this.#reader.awaitData(start, signal);
    const { clock, pollingDelayMs } = this.#settings;
    await clock.sleepUntil(clock.nowMs() + pollingDelayMs, signal);
  }

  async close(): Promise<void> {
    await this.#reader.close?.();
  }

  #split(rows: readonly object[]): Split {
    return columnsSplit(this.#settings.sourceNumber, encodeRows(this.#settings.schema, rows).bytes);
  }
}
