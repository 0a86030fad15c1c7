// Opens the ColumnData of a result as a ColumnVector, after checking that its buffers are as long as its type and rows ask.
import type { ColumnData } from '../batch/generated/column-data.js';
import type { PhysicalField, PhysicalType } from '../batch/physical-type.js';
import { MillraceError } from '../error/millrace-error.js';
import {
  ArrayVector,
  BinaryVector,
  BooleanVector,
  CalendarIntervalVector,
  type ColumnVector,
  DateVector,
  DecimalVector,
  LongVector,
  MapVector,
  NumberVector,
  StringVector,
  StructVector,
  TimestampVector,
  TimeVector,
  type VectorBase,
  VoidVector,
} from './column-vector.js';

/** Opens a column of `length` rows. Throws BATCH_BORDER_INVALID. */
export function openVector(field: PhysicalField, data: ColumnData | null, length: number): ColumnVector {
  if (data === null) throw malformed(field, 'it is missing');
  const base = openBase(field, data, length);
  const { type } = field;
  switch (type.kind) {
    case 'void':
      return new VoidVector(base);
    case 'boolean':
      return new BooleanVector(base, bytesAtLeast(field, data, (length + 7) >> 3));
    case 'int8':
    case 'int16':
    case 'int32':
    case 'float32':
    case 'float64':
    case 'yearMonthInterval':
      return new NumberVector(base, openNumbers(field, type.kind, data, length));
    case 'date':
      return new DateVector(base, view(Int32Array, bytesAtLeast(field, data, 4 * length), length));
    case 'int64':
    case 'dayTimeInterval':
      return new LongVector(base, openLongs(field, data, length));
    case 'timestamp':
      return new TimestampVector(base, openLongs(field, data, length));
    case 'calendarInterval':
      return new CalendarIntervalVector(base, openLongs(field, data, 2 * length));
    case 'time':
      return new TimeVector(base, openLongs(field, data, length));
    case 'decimal':
      return new DecimalVector(base, openLongs(field, data, 2 * length), type.scale);
    case 'string':
    case 'binary':
      return openBytes(field, type.kind, base, data);
    case 'array':
    case 'map':
      return openRepeated(field, type, base, data);
    case 'struct':
      return openStruct(field, type, base, data);
  }
}

function openBase(field: PhysicalField, data: ColumnData, length: number): VectorBase {
  const validity = data.validityArray();
  if (validity !== null && validity.byteLength < (length + 7) >> 3) throw malformed(field, 'its validity is too short');
  // A result without nulls may still carry a bitmap; without it isNull is cheaper.
  const nullCount = data.nullCount();
  return { length, nullCount, validity: nullCount === 0 ? null : validity };
}

type NumberKind = 'int8' | 'int16' | 'int32' | 'float32' | 'float64' | 'yearMonthInterval';

function openNumbers(field: PhysicalField, kind: NumberKind, data: ColumnData, length: number): NumberVector['values'] {
  switch (kind) {
    case 'int8':
      return view(Int8Array, bytesAtLeast(field, data, length), length);
    case 'int16':
      return view(Int16Array, bytesAtLeast(field, data, 2 * length), length);
    case 'float32':
      return view(Float32Array, bytesAtLeast(field, data, 4 * length), length);
    case 'float64':
      return view(Float64Array, bytesAtLeast(field, data, 8 * length), length);
    default:
      return view(Int32Array, bytesAtLeast(field, data, 4 * length), length);
  }
}

function openLongs(field: PhysicalField, data: ColumnData, length: number): BigInt64Array {
  return view(BigInt64Array, bytesAtLeast(field, data, 8 * length), length);
}

function openBytes(field: PhysicalField, kind: 'string' | 'binary', base: VectorBase, data: ColumnData): ColumnVector {
  const offsets = openOffsets(field, data, base.length);
  const bytes = bytesAtLeast(field, data, offsets[base.length] ?? 0);
  return kind === 'string' ? new StringVector(base, bytes, offsets) : new BinaryVector(base, bytes, offsets);
}

type RepeatedType = Extract<PhysicalType, { kind: 'array' | 'map' }>;

function openRepeated(field: PhysicalField, type: RepeatedType, base: VectorBase, data: ColumnData): ColumnVector {
  const offsets = openOffsets(field, data, base.length);
  const childLength = offsets[base.length] ?? 0;
  const child = data.childrenLength() === 1 ? data.children(0) : null;
  if (type.kind === 'array') return new ArrayVector(base, offsets, openVector(type.element, child, childLength));
  if (child === null || child.childrenLength() !== 2) throw malformed(field, 'a map has one child of a key and a value');
  const keys = openVector(type.key, child.children(0), childLength);
  return new MapVector(base, offsets, keys, openVector(type.value, child.children(1), childLength));
}

type StructType = Extract<PhysicalType, { kind: 'struct' }>;

function openStruct(field: PhysicalField, type: StructType, base: VectorBase, data: ColumnData): ColumnVector {
  if (data.childrenLength() !== type.fields.length) {
    throw malformed(field, `it has ${data.childrenLength()} children for ${type.fields.length} fields`);
  }
  const names = type.fields.map((inner) => inner.name);
  return new StructVector(
    base,
    names,
    type.fields.map((inner, position) => openVector(inner, data.children(position), base.length)),
  );
}

function openOffsets(field: PhysicalField, data: ColumnData, length: number): Int32Array {
  const bytes = data.offsetsArray();
  // Arrow lets a column without rows come without offsets.
  if (bytes === null || bytes.byteLength === 0) {
    if (length === 0) return new Int32Array(1);
    throw malformed(field, 'its offsets are missing');
  }
  if (bytes.byteLength < 4 * (length + 1)) throw malformed(field, 'its offsets are too short');
  return view(Int32Array, bytes, length + 1);
}

function bytesAtLeast(field: PhysicalField, data: ColumnData, lengthBytes: number): Uint8Array {
  const bytes = data.valuesArray() ?? new Uint8Array(0);
  if (bytes.byteLength < lengthBytes) throw malformed(field, `its values are ${bytes.byteLength} bytes, not ${lengthBytes}`);
  return bytes;
}

interface ViewClass<A> {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A;
  readonly BYTES_PER_ELEMENT: number;
}

/** A typed array over the same memory. Bytes that do not lie on an element's boundary can't be viewed and are copied. */
function view<A>(viewClass: ViewClass<A>, bytes: Uint8Array, length: number): A {
  const isAligned = bytes.byteOffset % viewClass.BYTES_PER_ELEMENT === 0;
  const source = isAligned ? bytes : bytes.slice(0, length * viewClass.BYTES_PER_ELEMENT);
  return new viewClass(source.buffer, source.byteOffset, length);
}

function malformed(field: PhysicalField, reason: string): MillraceError {
  return new MillraceError('BATCH_BORDER_INVALID', {
    parameters: { reason: `column ${field.name}: ${reason}` },
    context: { column: field.name },
  });
}
