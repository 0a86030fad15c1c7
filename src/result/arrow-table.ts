// A result batch as an apache-arrow Table over the same memory. apache-arrow is an optional peer: only those who call toArrow() need it.
import { createRequire } from 'node:module';
import type { PhysicalField } from '../batch/physical-type.js';
import { MillraceError } from '../error/millrace-error.js';
import {
  ArrayVector,
  BinaryVector,
  BooleanVector,
  CalendarIntervalVector,
  type ColumnVector,
  MapVector,
  StringVector,
  StructVector,
} from './column-vector.js';

type Arrow = typeof import('apache-arrow');
type ArrowType = import('apache-arrow').DataType;
type ArrowData = import('apache-arrow').Data;
type ArrowField = import('apache-arrow').Field;

let loaded: Arrow | undefined;

/** Wraps columns as one record batch. Throws ARGUMENT_INVALID where apache-arrow is not installed. */
export function toArrowTable(
  fields: readonly PhysicalField[],
  columns: readonly ColumnVector[],
  numRows: number,
): import('apache-arrow').Table {
  const arrow = loadArrow();
  const arrowFields = fields.map((field) => arrowField(arrow, field));
  const children = fields.map((field, position) => arrowData(arrow, field, columns[position] as ColumnVector));
  const struct = arrow.makeData({ type: new arrow.Struct(arrowFields), length: numRows, nullCount: 0, children });
  return new arrow.Table(new arrow.RecordBatch(new arrow.Schema(arrowFields), struct));
}

function loadArrow(): Arrow {
  if (loaded !== undefined) return loaded;
  try {
    loaded = createRequire(import.meta.url)('apache-arrow') as Arrow;
    return loaded;
  } catch (cause) {
    const reason = 'it needs the package apache-arrow, which is not installed; run `npm install apache-arrow`';
    throw new MillraceError('ARGUMENT_INVALID', { parameters: { function: 'toArrow', reason }, cause });
  }
}

function arrowField(arrow: Arrow, field: PhysicalField): ArrowField {
  return new arrow.Field(field.name, arrowType(arrow, field), field.nullable);
}

function arrowType(arrow: Arrow, field: PhysicalField): ArrowType {
  const { type } = field;
  switch (type.kind) {
    case 'void':
      return new arrow.Null();
    case 'boolean':
      return new arrow.Bool();
    case 'int8':
      return new arrow.Int8();
    case 'int16':
      return new arrow.Int16();
    case 'int32':
      return new arrow.Int32();
    case 'int64':
      return new arrow.Int64();
    case 'float32':
      return new arrow.Float32();
    case 'float64':
      return new arrow.Float64();
    case 'decimal':
      return new arrow.Decimal(type.scale, type.precision, 128);
    case 'date':
      return new arrow.DateDay();
    case 'timestamp':
      return new arrow.TimestampMicrosecond(type.hasZone ? 'UTC' : null);
    case 'time':
      return new arrow.TimeNanosecond();
    case 'dayTimeInterval':
      return new arrow.DurationMicrosecond();
    case 'yearMonthInterval':
      return new arrow.IntervalYearMonth();
    case 'calendarInterval':
      return new arrow.IntervalMonthDayNano();
    case 'string':
      return new arrow.Utf8();
    case 'binary':
      return new arrow.Binary();
    case 'array':
      return new arrow.List(arrowField(arrow, type.element));
    case 'map':
      return mapType(arrow, type.key, type.value);
    case 'struct':
      return new arrow.Struct(type.fields.map((inner) => arrowField(arrow, inner)));
  }
}

function mapType(arrow: Arrow, key: PhysicalField, value: PhysicalField): ArrowType {
  const entries = new arrow.Struct([arrowField(arrow, key), arrowField(arrow, value)]);
  return new arrow.Map_(new arrow.Field('entries', entries, false) as never) as ArrowType;
}

/** The buffers of a vector under arrow's names. Arrow takes what is `undefined` as absent. */
function arrowData(arrow: Arrow, field: PhysicalField, vector: ColumnVector): ArrowData {
  const type = arrowType(arrow, field);
  const common = { type, length: vector.length, nullCount: vector.nullCount, nullBitmap: vector.validity ?? undefined };
  const make = arrow.makeData as (properties: object) => ArrowData;
  if (vector instanceof StringVector || vector instanceof BinaryVector) {
    return make({ ...common, valueOffsets: vector.offsets, data: vector.values });
  }
  if (vector instanceof StructVector) return make({ ...common, children: structChildren(arrow, field, vector) });
  if (vector instanceof ArrayVector && field.type.kind === 'array') {
    return make({ ...common, valueOffsets: vector.offsets, child: arrowData(arrow, field.type.element, vector.child) });
  }
  if (vector instanceof MapVector && field.type.kind === 'map') {
    const pairs = { key: field.type.key, value: field.type.value };
    const children = [arrowData(arrow, pairs.key, vector.keys), arrowData(arrow, pairs.value, vector.entries)];
    const entries = (type as unknown as { children: { type: ArrowType }[] }).children[0]?.type;
    const child = make({ type: entries, length: vector.keys.length, nullCount: 0, children });
    return make({ ...common, valueOffsets: vector.offsets, child });
  }
  if (vector instanceof BooleanVector) return make({ ...common, data: vector.values });
  if (vector instanceof CalendarIntervalVector) return make({ ...common, data: nanosecondsOf(field, vector.values) });
  // Arrow reads decimals as 32-bit words; the bytes are the same.
  if (field.type.kind === 'decimal') return make({ ...common, data: wordsOf(vector.values) });
  return make(vector.values === null ? common : { ...common, data: vector.values });
}

function structChildren(arrow: Arrow, field: PhysicalField, vector: StructVector): ArrowData[] {
  if (field.type.kind !== 'struct') return [];
  return field.type.fields.map((inner, position) => arrowData(arrow, inner, vector.children[position] as ColumnVector));
}

/** Arrow's intervals have nanoseconds where Spark's have microseconds. */
function nanosecondsOf(field: PhysicalField, values: BigInt64Array): Int32Array {
  const words = BigInt64Array.from(values, (word, index) => (index % 2 === 0 ? word : word * 1000n));
  if (words.some((word, index) => index % 2 === 1 && word / 1000n !== values[index])) {
    const reason = `column ${field.name} has an interval of more than 292 years of nanoseconds`;
    throw new MillraceError('ARGUMENT_INVALID', { parameters: { function: 'toArrow', reason } });
  }
  return new Int32Array(words.buffer);
}

function wordsOf(values: ArrayBufferView | null): Uint32Array {
  if (values === null) return new Uint32Array(0);
  return new Uint32Array(values.buffer, values.byteOffset, values.byteLength / 4);
}
