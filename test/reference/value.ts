// Values of the reference model: integers are bigints, doubles numbers, timestamps `Instant`s, structs plain objects, arrays arrays.

/** A moment, in microseconds since 1970. */
export class Instant {
  readonly micros: bigint;
  constructor(micros: bigint) {
    this.micros = micros;
  }
}

export type Value = null | boolean | string | bigint | number | Instant | Value[] | { readonly [field: string]: Value };
export type Row = Readonly<Record<string, Value>>;

/** A value of a vector's input row. */
export function fromJson(value: any, type: string): Value {
  if (value === null || value === undefined) return null;
  switch (type) {
    case 'timestamp':
      return new Instant(microsOf(value));
    case 'int':
    case 'bigint':
      return BigInt(value);
    case 'double':
      return Number(value);
    default:
      return value;
  }
}

/** A value as the vectors write it in output rows; integers that JSON numbers can't hold stay bigints. */
export function toJson(value: Value): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value instanceof Instant) return isoTime(value.micros);
  if (Array.isArray(value)) return value.map(toJson);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([field, entry]) => [field, toJson(entry)]));
}

/** `yyyy-MM-ddTHH:mm:ss.SSSZ`, with six digits of fraction where there are microseconds. */
export function isoTime(micros: bigint): string {
  const text = new Date(Number(floorDivide(micros, 1000n))).toISOString();
  const rest = floorModulo(micros, 1000n);
  return rest === 0n ? text : text.replace('Z', `${String(rest).padStart(3, '0')}Z`);
}

function microsOf(text: string): bigint {
  const [, seconds = '', fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(text) ?? [];
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'));
}

export function floorDivide(value: bigint, by: bigint): bigint {
  return (value - floorModulo(value, by)) / by;
}

export function floorModulo(value: bigint, by: bigint): bigint {
  return ((value % by) + by) % by;
}

/** Spark's order, nulls aside: NaN is the greatest double and equal to itself, -0.0 equals 0.0, strings compare by their UTF-8 bytes. */
export function compare(left: Value, right: Value): number {
  if (left instanceof Instant && right instanceof Instant) return order(left.micros, right.micros);
  if (typeof left === 'string' && typeof right === 'string') return Buffer.compare(Buffer.from(left), Buffer.from(right));
  if (typeof left === 'number' && Number.isNaN(left)) return typeof right === 'number' && Number.isNaN(right) ? 0 : 1;
  if (typeof right === 'number' && Number.isNaN(right)) return -1;
  return order(left as number, right as number);
}

function order<T>(left: T, right: T): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A text that two group keys share exactly when Spark puts them in one group. */
export function keyText(value: Value): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (value instanceof Instant) return `t${value.micros}`;
  if (typeof value === 'object') return `(${Object.values(value).map(keyText).join()})`;
  return `${typeof value} ${JSON.stringify(typeof value === 'string' ? value : String(groupValue(value)))}`;
}

/** What a group shows for its key: all zeros are one group, shown as 0.0. */
export function groupValue(value: Value): Value {
  return value === 0 ? 0 : value;
}
