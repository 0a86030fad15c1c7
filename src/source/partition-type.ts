// The types of values in the names of folders, as Spark infers them (PartitioningUtils): the narrowest of one value, and one for all values of a column.

/** A type that such values may have. */
export type PartitionType =
  | { readonly kind: 'integer' | 'long' | 'double' | 'date' | 'timestamp' | 'string' }
  | { readonly kind: 'decimal'; readonly precision: number };

const INT_LIMIT = 2n ** 31n;
const LONG_LIMIT = 2n ** 63n;
const PRECISION_MAX = 38;
/** Digits of the decimals that an INT and a BIGINT are read as beside another one. */
const PRECISIONS = { integer: 10, long: 20 } as const;

/** The type of values without a value among them: text. */
const TEXT: PartitionType = { kind: 'string' };

/** The type of a column that has these values. */
export function partitionType(values: readonly string[]): PartitionType {
  const types = values.map(typeOf);
  return types.length === 0 ? TEXT : types.reduce(widened);
}

/** Its name in the JSON of schemas. */
export function typeName(type: PartitionType): string {
  return type.kind === 'decimal' ? `decimal(${type.precision},0)` : type.kind;
}

function typeOf(text: string): PartitionType {
  if (/^[+-]?\d+$/.test(text)) {
    const value = BigInt(text.replace(/^\+/, ''));
    if (value >= -INT_LIMIT && value < INT_LIMIT) return { kind: 'integer' };
    if (value >= -LONG_LIMIT && value < LONG_LIMIT) return { kind: 'long' };
  }
  const precision = wholeDigits(text);
  if (precision !== null && precision <= PRECISION_MAX) return { kind: 'decimal', precision };
  // What Java takes for a double.
  if (/^\s*[+-]?(NaN|Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?)\s*$/.test(text)) return { kind: 'double' };
  if (isDate(text)) return { kind: 'date' };
  const [day = '', time = ''] = text.split(' ', 2);
  const isTime = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?$/.test(time);
  return isTime && isDate(day) ? { kind: 'timestamp' } : TEXT;
}

/** How many digits the decimal of a text has that needs no fraction, `1e3` for one; null of other texts. */
function wholeDigits(text: string): number | null {
  const match = /^[+-]?(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,9}))?$/.exec(text);
  const [, whole = '', fraction = '', exponent = '0'] = match ?? [];
  if (match === null || whole.length + fraction.length === 0) return null;
  const zeros = Number(exponent) - fraction.length;
  const digits = `${whole}${fraction}`.replace(/^0+(?=\d)/, '').length;
  return zeros < 0 ? null : digits + zeros;
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** The type of a column that has values of both. */
function widened(left: PartitionType, right: PartitionType): PartitionType {
  if (left.kind === 'decimal' || right.kind === 'decimal') {
    const [first, second] = [precisionOf(left), precisionOf(right)];
    return first === null || second === null ? TEXT : { kind: 'decimal', precision: Math.max(first, second) };
  }
  const kinds = [left.kind, right.kind].sort().join();
  if (left.kind === right.kind) return left;
  if (kinds === 'integer,long') return { kind: 'long' };
  if (kinds === 'double,integer') return { kind: 'double' };
  return kinds === 'date,timestamp' ? { kind: 'timestamp' } : TEXT;
}

function precisionOf(type: PartitionType): number | null {
  if (type.kind === 'decimal') return type.precision;
  return type.kind === 'integer' || type.kind === 'long' ? PRECISIONS[type.kind] : null;
}
