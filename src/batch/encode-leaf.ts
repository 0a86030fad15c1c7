// Encodes a column of one value per row: numbers, booleans, text, bytes, times, decimals.

import { type CalendarInterval, writeCalendarInterval } from './calendar-interval.js';
import { bytesOf, type ColumnBuffers, checkOffset, ValidityBuilder } from './column-buffers.js';
import { fitsPrecision, unscaledOf, writeUnscaled } from './decimal-text.js';
import type { PhysicalType } from './physical-type.js';
import { TextBytes } from './text-bytes.js';
import { NANOS_PER_DAY, parseTime } from './time-text.js';

/** Thrown by value readers with the reason alone; encode-column.ts adds the column and the row. */
export class NotEncodable extends Error {}

/** Where a column's values come from: any array-like, typed arrays included. */
export type Values = ArrayLike<unknown>;

/** Called for a null row; refuses it where the column may hold none. */
export type OnNull = (index: number) => void;

type NumberArray = Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
type TypedArrayClass = { new (length: number): ArrayBufferView; readonly BYTES_PER_ELEMENT: number };

const MICROS_PER_MS = 1000n;
const MS_PER_DAY = 86_400_000;

/** The typed array whose bytes are already a column of that kind. */
const NATIVE_ARRAYS: Readonly<Record<string, TypedArrayClass>> = {
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  float32: Float32Array,
  float64: Float64Array,
  date: Int32Array,
  timestamp: BigInt64Array,
  time: BigInt64Array,
  dayTimeInterval: BigInt64Array,
  yearMonthInterval: Int32Array,
};

/** The buffers of a typed array that needs no work per row, null where it does. */
export function encodeTypedArray(type: PhysicalType, values: Values): ColumnBuffers | null {
  const nativeArray = NATIVE_ARRAYS[type.kind];
  if (nativeArray === undefined || !(values instanceof nativeArray)) return null;
  return { validity: null, nullCount: 0, offsets: null, values: bytesOf(values), children: [] };
}

/** Encodes a column of a type without children. Throws NotEncodable through `at`. */
export function encodeLeaf(type: PhysicalType, values: Values, column: string, onNull: OnNull, at: (index: number) => void): ColumnBuffers {
  const validity = new ValidityBuilder(values.length);
  const markNull = (index: number) => {
    onNull(index);
    validity.setNull(index);
  };
  const buffers = leafBuffers(type, values, column, markNull, at);
  return { validity: validity.bits, nullCount: validity.nullCount, offsets: buffers.offsets ?? null, values: buffers.values, children: [] };
}

interface LeafBuffers {
  readonly offsets?: Int32Array;
  readonly values: Uint8Array | null;
}

function leafBuffers(type: PhysicalType, values: Values, column: string, markNull: OnNull, at: (index: number) => void): LeafBuffers {
  const numRows = values.length;
  switch (type.kind) {
    case 'boolean':
      return { values: packBooleans(values, markNull, at) };
    case 'int8':
      return fillNumbers(new Int8Array(numRows), values, (value) => intIn(value, -128, 127), markNull, at);
    case 'int16':
      return fillNumbers(new Int16Array(numRows), values, (value) => intIn(value, -32768, 32767), markNull, at);
    case 'int32':
    case 'yearMonthInterval':
      return fillNumbers(new Int32Array(numRows), values, (value) => intIn(value, -(2 ** 31), 2 ** 31 - 1), markNull, at);
    case 'float32':
      return fillNumbers(new Float32Array(numRows), values, floatOf, markNull, at);
    case 'float64':
      return fillNumbers(new Float64Array(numRows), values, floatOf, markNull, at);
    case 'date':
      return fillNumbers(new Int32Array(numRows), values, daysOf, markNull, at);
    case 'int64':
    case 'dayTimeInterval':
      return fillBigints(values, longOf, markNull, at);
    case 'timestamp':
      return fillBigints(values, microsOf, markNull, at);
    case 'time':
      return fillBigints(values, nanosOfDay, markNull, at);
    case 'decimal':
      return fillDecimals(values, type.precision, type.scale, markNull, at);
    case 'calendarInterval':
      return fillCalendarIntervals(values, markNull, at);
    case 'string':
      return packText(values, column, markNull, at);
    case 'binary':
      return packBinary(values, column, markNull, at);
    default:
      return refuseAll(values, markNull, at);
  }
}

function fillNumbers(
  target: NumberArray,
  values: Values,
  read: (value: unknown) => number,
  markNull: OnNull,
  at: (index: number) => void,
): LeafBuffers {
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    at(index);
    if (value === null || value === undefined) markNull(index);
    else target[index] = read(value);
  }
  return { values: bytesOf(target) };
}

function fillBigints(values: Values, read: (value: unknown) => bigint, markNull: OnNull, at: (index: number) => void): LeafBuffers {
  const target = new BigInt64Array(values.length);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    at(index);
    if (value === null || value === undefined) markNull(index);
    else target[index] = read(value);
  }
  return { values: bytesOf(target) };
}

function fillDecimals(values: Values, precision: number, scale: number, markNull: OnNull, at: (index: number) => void): LeafBuffers {
  const target = new BigInt64Array(2 * values.length);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    at(index);
    if (value === null || value === undefined) markNull(index);
    else writeUnscaled(target, index, decimalOf(value, precision, scale));
  }
  return { values: bytesOf(target) };
}

function fillCalendarIntervals(values: Values, markNull: OnNull, at: (index: number) => void): LeafBuffers {
  const target = new BigInt64Array(2 * values.length);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    at(index);
    if (value === null || value === undefined) markNull(index);
    else writeCalendarInterval(target, index, calendarIntervalOf(value));
  }
  return { values: bytesOf(target) };
}

function packBooleans(values: Values, markNull: OnNull, at: (index: number) => void): Uint8Array {
  const bits = new Uint8Array((values.length + 7) >> 3);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    at(index);
    if (value === null || value === undefined) markNull(index);
    else if (typeof value !== 'boolean') throw new NotEncodable(`it is ${kindOf(value)}`);
    else if (value) bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
  }
  return bits;
}

function packText(values: Values, column: string, markNull: OnNull, at: (index: number) => void): LeafBuffers {
  const offsets = new Int32Array(values.length + 1);
  const text = new TextBytes(values.length);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    at(index);
    if (value === null || value === undefined) markNull(index);
    else if (typeof value !== 'string') throw new NotEncodable(`it is ${kindOf(value)}`);
    else checkOffset(text.add(value), column);
    offsets[index + 1] = text.length;
  }
  return { offsets, values: text.bytes() };
}

function packBinary(values: Values, column: string, markNull: OnNull, at: (index: number) => void): LeafBuffers {
  const offsets = new Int32Array(values.length + 1);
  const parts: (Uint8Array | null)[] = [];
  let end = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    at(index);
    if (value === null || value === undefined) markNull(index);
    const part = value === null || value === undefined ? null : binaryOf(value);
    parts.push(part);
    end += part?.byteLength ?? 0;
    checkOffset(end, column);
    offsets[index + 1] = end;
  }
  const bytes = new Uint8Array(end);
  parts.forEach((part, index) => {
    if (part !== null) bytes.set(part, offsets[index] ?? 0);
  });
  return { offsets, values: bytes };
}

/** A void column holds nulls and nothing else. */
function refuseAll(values: Values, markNull: OnNull, at: (index: number) => void): LeafBuffers {
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    at(index);
    if (value !== null && value !== undefined) throw new NotEncodable('the column can hold nulls only');
    markNull(index);
  }
  return { values: null };
}

function intIn(value: unknown, min: number, max: number): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number') throw new NotEncodable(`it is ${kindOf(value)}`);
  if (!Number.isInteger(number)) throw new NotEncodable('it has a fraction');
  if (number < min || number > max) throw new NotEncodable(`it is outside ${min} to ${max}`);
  return number;
}

function floatOf(value: unknown): number {
  if (typeof value !== 'number') throw new NotEncodable(`it is ${kindOf(value)}`);
  return value;
}

function longOf(value: unknown): bigint {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new NotEncodable('as a number it is not exact; give a bigint');
    return BigInt(value);
  }
  if (typeof value !== 'bigint') throw new NotEncodable(`it is ${kindOf(value)}`);
  if (BigInt.asIntN(64, value) !== value) throw new NotEncodable('it is outside 64 bits');
  return value;
}

/** Days since 1970: a Date counts in UTC; a number is days already. */
function daysOf(value: unknown): number {
  if (!(value instanceof Date)) return intIn(value, -(2 ** 31), 2 ** 31 - 1);
  return Math.floor(millisOf(value) / MS_PER_DAY);
}

/** Microseconds since 1970: a Date, or a bigint of microseconds. A number is refused: nothing says whether it means seconds, milli- or microseconds. */
function microsOf(value: unknown): bigint {
  if (value instanceof Date) return BigInt(millisOf(value)) * MICROS_PER_MS;
  if (typeof value === 'bigint') return longOf(value);
  throw new NotEncodable(`it is ${kindOf(value)}; give a Date, or a bigint of microseconds since 1970`);
}

/** Nanoseconds of the day: text such as `12:34:56.789`, or a bigint of nanoseconds. */
function nanosOfDay(value: unknown): bigint {
  const nanos = typeof value === 'string' ? parseTime(value) : longOf(value);
  if (nanos === null || nanos < 0n || nanos >= NANOS_PER_DAY) throw new NotEncodable('it is no time of day');
  return nanos;
}

function millisOf(value: Date): number {
  const millis = value.getTime();
  if (Number.isNaN(millis)) throw new NotEncodable('it is an invalid Date');
  return millis;
}

function decimalOf(value: unknown, precision: number, scale: number): bigint {
  const isDecimal = typeof value === 'string' || typeof value === 'bigint' || typeof value === 'number';
  if (!isDecimal) throw new NotEncodable(`it is ${kindOf(value)}; give its text`);
  const unscaled = unscaledOf(String(value), scale);
  if (unscaled === null) throw new NotEncodable(`it is no decimal of at most ${scale} digits after the point`);
  if (!fitsPrecision(unscaled, precision)) throw new NotEncodable(`it has more than ${precision - scale} digits before the point`);
  return unscaled;
}

function calendarIntervalOf(value: unknown): CalendarInterval {
  if (typeof value !== 'object' || value === null || !('months' in value) || !('days' in value) || !('microseconds' in value)) {
    throw new NotEncodable(`it is ${kindOf(value)}; give { months, days, microseconds }`);
  }
  const int = (part: unknown) => intIn(part, -(2 ** 31), 2 ** 31 - 1);
  return { months: int(value.months), days: int(value.days), microseconds: longOf(value.microseconds) };
}

function binaryOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new NotEncodable(`it is ${kindOf(value)}; give a Uint8Array`);
}

/** What a value is, in words that do not print it. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Date) return 'a Date';
  if (value instanceof Map) return 'a Map';
  if (typeof value === 'object') return 'an object';
  return `a ${typeof value}`;
}
