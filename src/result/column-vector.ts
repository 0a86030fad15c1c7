// A column of a result batch: typed-array views over the batch's own bytes, and JavaScript values made one at a time.
import { isAscii } from 'node:buffer';
import { type CalendarInterval, readCalendarInterval } from '../batch/calendar-interval.js';
import { decimalText, readUnscaled } from '../batch/decimal-text.js';
import { timeText } from '../batch/time-text.js';
import { bitAt } from './bitmap.js';

/** The typed array under a column; its elements are the column's values as they lie in memory. */
export type ValuesArray = Int8Array | Uint8Array | Int16Array | Int32Array | Float32Array | Float64Array | BigInt64Array;

/** What every column has, whatever its type. */
export interface VectorBase {
  readonly length: number;
  readonly nullCount: number;
  /** One bit a row, 1 = present; null where no row is null. */
  readonly validity: Uint8Array | null;
}

/**
 * A column. `T` is the JavaScript value of a row: boolean, number (tinyint to int, float, double), bigint (bigint), string, Uint8Array
 * (binary), Date (date and timestamp), string (decimal, time, variant as JSON), CalendarInterval (interval), object (struct), array, Map. Nothing is copied until `get` is called.
 * Spark counterpart: `ColumnVector`.
 */
export abstract class ColumnVector<T = unknown> implements Iterable<T | null> {
  readonly length: number;
  readonly nullCount: number;
  readonly validity: Uint8Array | null;

  constructor(base: VectorBase) {
    this.length = base.length;
    this.nullCount = base.nullCount;
    this.validity = base.validity;
  }

  /**
   * The values as they lie in memory, without a copy: Int32Array for int, BigInt64Array for bigint and for timestamp (microseconds since
   * 1970), Float64Array for double, Int32Array for date (days since 1970), bytes for text and for booleans (one bit a row); null for structs,
   * arrays, maps and void. Elements of null rows mean nothing.
   */
  abstract get values(): ValuesArray | null;

  /** The value of a row that is known not to be null. */
  protected abstract valueAt(index: number): T;

  /** Whether the row is null. Rows outside the column are. */
  isNull(index: number): boolean {
    if (index < 0 || index >= this.length) return true;
    return this.validity !== null && !bitAt(this.validity, index);
  }

  /** The row's value, null where it is null. */
  get(index: number): T | null {
    return this.isNull(index) ? null : this.valueAt(index);
  }

  /** All rows as JavaScript values. */
  toArray(): (T | null)[] {
    return Array.from({ length: this.length }, (_, index) => this.get(index));
  }

  *[Symbol.iterator](): IterableIterator<T | null> {
    for (let index = 0; index < this.length; index += 1) yield this.get(index);
  }
}

/** tinyint to int, float, double and year-month intervals (months): numbers. */
export class NumberVector extends ColumnVector<number> {
  readonly values: Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

  constructor(base: VectorBase, values: Int8Array | Int16Array | Int32Array | Float32Array | Float64Array) {
    super(base);
    this.values = values;
  }

  protected valueAt(index: number): number {
    return this.values[index] ?? 0;
  }
}

/** bigint and day-time intervals (microseconds): bigints. */
export class LongVector extends ColumnVector<bigint> {
  readonly values: BigInt64Array;

  constructor(base: VectorBase, values: BigInt64Array) {
    super(base);
    this.values = values;
  }

  protected valueAt(index: number): bigint {
    return this.values[index] ?? 0n;
  }
}

/** boolean; `values` is a bitmap. */
export class BooleanVector extends ColumnVector<boolean> {
  readonly values: Uint8Array;

  constructor(base: VectorBase, values: Uint8Array) {
    super(base);
    this.values = values;
  }

  protected valueAt(index: number): boolean {
    return bitAt(this.values, index);
  }
}

const MS_PER_DAY = 86_400_000;
const MICROS_PER_MS = 1000n;

/** date: a Date at midnight UTC; `values` holds days since 1970. */
export class DateVector extends ColumnVector<Date> {
  readonly values: Int32Array;

  constructor(base: VectorBase, values: Int32Array) {
    super(base);
    this.values = values;
  }

  protected valueAt(index: number): Date {
    return new Date((this.values[index] ?? 0) * MS_PER_DAY);
  }
}

/** timestamp and timestamp_ntz: a Date, which is exact to the millisecond; `values` holds the microseconds since 1970. */
export class TimestampVector extends ColumnVector<Date> {
  readonly values: BigInt64Array;

  constructor(base: VectorBase, values: BigInt64Array) {
    super(base);
    this.values = values;
  }

  protected valueAt(index: number): Date {
    const micros = this.values[index] ?? 0n;
    // BigInt division rounds towards zero; a time before 1970 must round down to stay in its millisecond.
    const floored = micros >= 0n ? micros / MICROS_PER_MS : -((-micros + MICROS_PER_MS - 1n) / MICROS_PER_MS);
    return new Date(Number(floored));
  }
}

/** decimal: its text with every digit of the scale; `values` holds two 64-bit halves a row, the low one first. */
export class DecimalVector extends ColumnVector<string> {
  readonly values: BigInt64Array;
  readonly #scale: number;

  constructor(base: VectorBase, values: BigInt64Array, scale: number) {
    super(base);
    this.values = values;
    this.#scale = scale;
  }

  protected valueAt(index: number): string {
    return decimalText(readUnscaled(this.values, index), this.#scale);
  }
}

/** time: its text such as `12:34:56.789`; `values` holds nanoseconds of the day. */
export class TimeVector extends ColumnVector<string> {
  readonly values: BigInt64Array;

  constructor(base: VectorBase, values: BigInt64Array) {
    super(base);
    this.values = values;
  }

  protected valueAt(index: number): string {
    return timeText(this.values[index] ?? 0n);
  }
}

/** interval without fields: its parts; `values` holds two words a row, months and days in the first, microseconds in the second. */
export class CalendarIntervalVector extends ColumnVector<CalendarInterval> {
  readonly values: BigInt64Array;

  constructor(base: VectorBase, values: BigInt64Array) {
    super(base);
    this.values = values;
  }

  protected valueAt(index: number): CalendarInterval {
    return readCalendarInterval(this.values, index);
  }
}

/** Texts that are read one by one before the column is read as a whole. */
const READS_BEFORE_WHOLE = 16;
/** Columns of more bytes are not read as a whole. */
const WHOLE_TEXT_MAX = 4 * 1024 * 1024;
/** V8 copies texts up to this length that are cut out of others. */
const COPIED_TEXT_MAX = 12;

/** string; `values` holds the UTF-8 bytes of all rows, `offsets` where each begins. */
export class StringVector extends ColumnVector<string> {
  readonly values: Uint8Array;
  readonly offsets: Int32Array;
  readonly #bytes: Buffer;
  #numRead = 0;
  /** All of the column, once some of it have been read, where a character is a byte. */
  #ascii: string | null = null;

  constructor(base: VectorBase, values: Uint8Array, offsets: Int32Array) {
    super(base);
    this.values = values;
    this.offsets = offsets;
    this.#bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  }

  protected valueAt(index: number): string {
    const start = this.offsets[index] ?? 0;
    const end = this.offsets[index + 1] ?? 0;
    // What is cut out of a text is a copy while it is short; a longer one would keep all of the column alive.
    if (this.#ascii !== null && end - start <= COPIED_TEXT_MAX) return this.#ascii.substring(start, end);
    this.#numRead += 1;
    if (this.#numRead === READS_BEFORE_WHOLE) this.#readWhole();
    return this.#bytes.toString('utf8', start, end);
  }

  /** A call out of JavaScript for each text takes several times as long as cutting it out of one. */
  #readWhole(): void {
    if (this.#bytes.byteLength <= WHOLE_TEXT_MAX && isAscii(this.#bytes)) this.#ascii = this.#bytes.toString('latin1');
  }
}

/** binary; a row's value is a copy, so that keeping it does not keep the whole batch. */
export class BinaryVector extends ColumnVector<Uint8Array> {
  readonly values: Uint8Array;
  readonly offsets: Int32Array;

  constructor(base: VectorBase, values: Uint8Array, offsets: Int32Array) {
    super(base);
    this.values = values;
    this.offsets = offsets;
  }

  protected valueAt(index: number): Uint8Array {
    return this.values.slice(this.offsets[index] ?? 0, this.offsets[index + 1] ?? 0);
  }
}

/** void: every row is null. */
export class VoidVector extends ColumnVector<never> {
  readonly values = null;

  override isNull(): boolean {
    return true;
  }

  protected valueAt(): never {
    throw new RangeError('A void column has no values.');
  }
}

/** array; `child` holds the elements of all rows. */
export class ArrayVector extends ColumnVector<unknown[]> {
  readonly values = null;
  readonly offsets: Int32Array;
  readonly child: ColumnVector;

  constructor(base: VectorBase, offsets: Int32Array, child: ColumnVector) {
    super(base);
    this.offsets = offsets;
    this.child = child;
  }

  protected valueAt(index: number): unknown[] {
    const elements: unknown[] = [];
    const end = this.offsets[index + 1] ?? 0;
    for (let at = this.offsets[index] ?? 0; at < end; at += 1) elements.push(this.child.get(at));
    return elements;
  }
}

/** map: a Map in the order of the entries. */
export class MapVector extends ColumnVector<Map<unknown, unknown>> {
  readonly values = null;
  readonly offsets: Int32Array;
  readonly keys: ColumnVector;
  readonly entries: ColumnVector;

  constructor(base: VectorBase, offsets: Int32Array, keys: ColumnVector, entries: ColumnVector) {
    super(base);
    this.offsets = offsets;
    this.keys = keys;
    this.entries = entries;
  }

  protected valueAt(index: number): Map<unknown, unknown> {
    const map = new Map<unknown, unknown>();
    const end = this.offsets[index + 1] ?? 0;
    for (let at = this.offsets[index] ?? 0; at < end; at += 1) map.set(this.keys.get(at), this.entries.get(at));
    return map;
  }
}

/** struct: an object with a property a field. */
export class StructVector extends ColumnVector<Record<string, unknown>> {
  readonly values = null;
  readonly names: readonly string[];
  readonly children: readonly ColumnVector[];
  readonly #reader: RowReader;

  constructor(base: VectorBase, names: readonly string[], children: readonly ColumnVector[]) {
    super(base);
    this.names = names;
    this.children = children;
    this.#reader = new RowReader(names, children);
  }

  /** A field's column by name; undefined where there is none. */
  field(name: string): ColumnVector | undefined {
    return this.children[this.names.indexOf(name)];
  }

  protected valueAt(index: number): Record<string, unknown> {
    return this.#reader.read(index);
  }
}

/** Makes row objects. All rows of a reader are copies of one template, so V8 gives them one hidden class. */
export class RowReader {
  readonly #names: readonly string[];
  readonly #columns: readonly ColumnVector[];
  readonly #template: Record<string, unknown> = {};

  constructor(names: readonly string[], columns: readonly ColumnVector[]) {
    this.#names = names;
    this.#columns = columns;
    for (const name of names) {
      // defineProperty, because a column may be called __proto__: as an own property it is a name like any other.
      Object.defineProperty(this.#template, name, { value: null, enumerable: true, writable: true, configurable: true });
    }
  }

  read(index: number): Record<string, unknown> {
    const row = { ...this.#template };
    for (let position = 0; position < this.#columns.length; position += 1) {
      row[this.#names[position] as string] = (this.#columns[position] as ColumnVector).get(index);
    }
    return row;
  }
}
