// The rows of one micro-batch as the sink gets them: columns as views over native memory, rows made when they are asked for.
import { ByteBuffer } from 'flatbuffers';
import { type PhysicalField, physicalFieldsOf } from '../batch/physical-type.js';
import { MillraceError } from '../error/millrace-error.js';
import { native } from '../native/load.js';
import type { StructType } from '../plan/data-type.js';
import { toArrowTable } from './arrow-table.js';
import { type ColumnVector, RowReader } from './column-vector.js';
import { ResultBatch as ResultLayout } from './generated/result-batch.js';
import { openVector } from './open-vector.js';

/** What one stateful operator did in a batch; the operator nearest the sink comes first. Spark counterpart: `StateOperatorProgress`. */
export interface StateOperatorCounters {
  readonly operatorName: string;
  readonly numRowsTotal: number;
  readonly numRowsUpdated: number;
  readonly numRowsRemoved: number;
  /** Partial groups that reached the operator behind the watermark: Spark's metric. */
  readonly numRowsDroppedByWatermark: number;
  /** Input rows behind the watermark in every one of their windows: exact, ours. */
  readonly numLateInputRows: number;
  /** Rows whose key a deduplication had seen. */
  readonly numDroppedDuplicateRows: number;
  /** Timers of the program's functions. */
  readonly numRegisteredTimers: number;
  readonly numDeletedTimers: number;
  readonly numExpiredTimers: number;
  readonly memoryUsedBytes: number;
  readonly numShards: number;
}

/** What went through a batch. */
export interface BatchCounters {
  /** Rows of the sources, once for each scan, as Spark counts them: without those that its readers of JSON and CSV filter out themselves. */
  readonly numInputRows: number;
  /** Those of which filters left nothing. */
  readonly numFilteredRows: number;
  /** Those that were taken in. */
  readonly numProcessedRows: number;
  /** Those behind the watermark in all their windows. */
  readonly numLateRows: number;
  /** Those that raised, and were diverted. */
  readonly numBadRows: number;
  readonly stateOperators: readonly StateOperatorCounters[];
}

/** The version of schema/result.fbs that this file reads. */
const VERSION = 1;

/** How values look in `show()`: the session's configurations. */
export interface ShowStyle {
  readonly timeZone: string;
  readonly binaryOutputStyle: string;
}

/**
 * One batch of rows of type `T`. Iterating makes row objects one at a time; `column(name)` gives a column without making any.
 * Spark counterpart: the `DataFrame` that `foreachBatch` hands over.
 *
 * ```ts
 * for (const row of batch) console.log(row.id, row.profit);
 * const profits = batch.column('profit').values; // BigInt64Array over native memory
 * ```
 */
export class ResultBatch<T = any> implements Iterable<T> {
  /** The batch as it came from Rust: a FlatBuffer of schema/result.fbs. */
  readonly bytes: Uint8Array;
  readonly numRows: number;
  readonly batchId: number;
  readonly schema: StructType;
  /** The watermark in force in this batch, in milliseconds since 1970; 0 where the query has none. */
  readonly watermarkMs: number;
  readonly counters: BatchCounters;
  readonly #layout: ResultLayout;
  readonly #fields: readonly PhysicalField[];
  readonly #columns: (ColumnVector | undefined)[];
  readonly #show: ShowStyle;

  /** Opens the bytes of `finishBatch`; `show` says how values look in `show()`. Throws BATCH_BORDER_INVALID. */
  constructor(bytes: Uint8Array, show: ShowStyle = { timeZone: 'UTC', binaryOutputStyle: 'HEX_DISCRETE' }) {
    const layout = openLayout(bytes);
    this.bytes = bytes;
    this.numRows = layout.numRows();
    this.batchId = Number(layout.batchId());
    this.watermarkMs = Number(layout.watermarkMs());
    this.schema = readSchema(layout);
    this.counters = readCounters(layout);
    this.#layout = layout;
    this.#fields = physicalFieldsOf(this.schema);
    this.#columns = new Array(this.#fields.length);
    this.#show = show;
    if (layout.columnsLength() !== this.#fields.length) {
      throw malformed(`${layout.columnsLength()} columns for a schema of ${this.#fields.length}`);
    }
  }

  /** The names of the columns, in order. */
  get columnNames(): string[] {
    return this.#fields.map((field) => field.name);
  }

  /** A column by name, as views over the batch's memory. Throws FIELD_NOT_FOUND. */
  column<K extends keyof T & string>(name: K): ColumnVector<NonNullable<T[K]>> {
    const position = this.#fields.findIndex((field) => field.name === name);
    if (position < 0) {
      throw new MillraceError('FIELD_NOT_FOUND', {
        parameters: { fieldName: `\`${name}\``, fields: this.columnNames.map((known) => `\`${known}\``).join(', ') },
      });
    }
    return this.columnAt(position) as ColumnVector<NonNullable<T[K]>>;
  }

  /** A column by position, from 0. Throws FIELD_NOT_FOUND. */
  columnAt(position: number): ColumnVector {
    const field = this.#fields[position];
    if (field === undefined) {
      throw new MillraceError('FIELD_NOT_FOUND', {
        parameters: { fieldName: `at position ${position}`, fields: this.columnNames.join(', ') },
      });
    }
    const opened = this.#columns[position] ?? openVector(field, this.#layout.columns(position), this.numRows);
    this.#columns[position] = opened;
    return opened;
  }

  /** The row objects, made as they are asked for. */
  *[Symbol.iterator](): IterableIterator<T> {
    const reader = this.#reader();
    for (let index = 0; index < this.numRows; index += 1) yield reader.read(index) as T;
  }

  /** All row objects. */
  toArray(): T[] {
    const reader = this.#reader();
    return Array.from({ length: this.numRows }, (_, index) => reader.read(index) as T);
  }

  /** The table that Spark's `show()` prints. `truncate`: true cuts cells at 20 characters, false at none, a number at that many. */
  showString(numRows = 20, truncate: boolean | number = true, vertical = false): string {
    const { timeZone, binaryOutputStyle } = this.#show;
    return native.showResult(this.bytes, timeZone, binaryOutputStyle, numRows, truncateLength(truncate), vertical);
  }

  /** Prints the batch as Spark's `DataFrame.show` does. */
  show(numRows = 20, truncate: boolean | number = true, vertical = false): void {
    process.stdout.write(`${this.showString(numRows, truncate, vertical)}\n`);
  }

  /**
   * The batch as an apache-arrow `Table` over the same memory, without a copy. Needs the package apache-arrow, which millrace does not install.
   * Throws ARGUMENT_INVALID where it is missing.
   */
  toArrow(): import('apache-arrow').Table {
    const columns = this.#fields.map((_, position) => this.columnAt(position));
    return toArrowTable(this.#fields, columns, this.numRows);
  }

  #reader(): RowReader {
    const names = this.#fields.map((field) => field.name);
    return new RowReader(
      names,
      names.map((_, position) => this.columnAt(position)),
    );
  }
}

/** Spark's reading of `truncate`: true is 20 characters, false is no limit. */
export function truncateLength(truncate: boolean | number): number {
  if (typeof truncate === 'number') return truncate;
  return truncate ? 20 : 0;
}

function openLayout(bytes: Uint8Array): ResultLayout {
  if (bytes.byteLength < 8) throw malformed(`${bytes.byteLength} bytes are no batch`);
  const layout = ResultLayout.getRootAsResultBatch(new ByteBuffer(bytes));
  if (layout.version() !== VERSION) throw malformed(`version ${layout.version()}, expected ${VERSION}`);
  return layout;
}

function readSchema(layout: ResultLayout): StructType {
  const text = layout.schema();
  if (text === null) throw malformed('no schema');
  return JSON.parse(text) as StructType;
}

function readCounters(layout: ResultLayout): BatchCounters {
  const stateOperators: StateOperatorCounters[] = [];
  for (let position = 0; position < layout.stateOperatorsLength(); position += 1) {
    const entry = layout.stateOperators(position);
    if (entry === null) throw malformed('a state operator is missing');
    stateOperators.push({
      operatorName: entry.operatorName() ?? '',
      numRowsTotal: Number(entry.numRowsTotal()),
      numRowsUpdated: Number(entry.numRowsUpdated()),
      numRowsRemoved: Number(entry.numRowsRemoved()),
      numRowsDroppedByWatermark: Number(entry.numRowsDroppedByWatermark()),
      numLateInputRows: Number(entry.numLateInputRows()),
      numDroppedDuplicateRows: Number(entry.numDroppedDuplicateRows()),
      numRegisteredTimers: Number(entry.numRegisteredTimers()),
      numDeletedTimers: Number(entry.numDeletedTimers()),
      numExpiredTimers: Number(entry.numExpiredTimers()),
      memoryUsedBytes: Number(entry.memoryUsedBytes()),
      numShards: entry.numShards(),
    });
  }
  return {
    numInputRows: Number(layout.numInputRows()),
    numFilteredRows: Number(layout.numFilteredRows()),
    numProcessedRows: Number(layout.numProcessedRows()),
    numLateRows: Number(layout.numLateRows()),
    numBadRows: Number(layout.numBadRows()),
    stateOperators,
  };
}

function malformed(reason: string): MillraceError {
  return new MillraceError('BATCH_BORDER_INVALID', { parameters: { reason } });
}
