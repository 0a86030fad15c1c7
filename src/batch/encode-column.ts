// Encodes a column of any type, structs, arrays and maps included, and names the column and the row of a value that does not fit.
import { MillraceError } from '../error/millrace-error.js';
import { type ColumnBuffers, checkOffset, ValidityBuilder } from './column-buffers.js';
import { encodeLeaf, encodeTypedArray, kindOf, NotEncodable, type Values } from './encode-leaf.js';
import { fieldOf, isOrdinaryName } from './field-of.js';
import type { PhysicalField, PhysicalType } from './physical-type.js';

/** Where a column sits: its path for messages, and which row of the batch an element belongs to. */
interface Place {
  readonly path: string;
  readonly rowOf: (index: number) => number;
}

/** Encodes a top-level column. Throws VALUE_NOT_ENCODABLE with `column` and `row`. */
export function encodeColumn(field: PhysicalField, values: Values): ColumnBuffers {
  return encodeField(field, values, { path: field.name, rowOf: (index) => index });
}

function encodeField(field: PhysicalField, values: Values, place: Place): ColumnBuffers {
  const whole = encodeTypedArray(field.type, values);
  if (whole !== null) return whole;
  let current = 0;
  const at = (index: number) => {
    current = index;
  };
  try {
    return encodeByKind(field, values, place, at);
  } catch (error) {
    if (!(error instanceof NotEncodable)) throw error;
    const row = place.rowOf(current);
    throw new MillraceError('VALUE_NOT_ENCODABLE', {
      parameters: { column: place.path, row: String(row), dataType: field.typeName, reason: error.message },
      context: { column: place.path, row },
    });
  }
}

function encodeByKind(field: PhysicalField, values: Values, place: Place, at: (index: number) => void): ColumnBuffers {
  const refuseNull = () => {
    if (!field.nullable) throw new NotEncodable('it is null, and the column is NOT NULL');
  };
  const { type } = field;
  switch (type.kind) {
    case 'struct':
      return encodeStruct(type, values, place, refuseNull, at);
    case 'array':
      return encodeArray(type.element, values, place, refuseNull, at);
    case 'map':
      return encodeMap(type, values, place, refuseNull, at);
    default:
      return encodeLeaf(type, values, place.path, refuseNull, at);
  }
}

type StructType = Extract<PhysicalType, { kind: 'struct' }>;
type MapType = Extract<PhysicalType, { kind: 'map' }>;

function encodeStruct(type: StructType, values: Values, place: Place, refuseNull: () => void, at: (index: number) => void): ColumnBuffers {
  const validity = new ValidityBuilder(values.length);
  const present = new Uint8Array(values.length);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    at(index);
    if (value === null || value === undefined) {
      refuseNull();
      validity.setNull(index);
    } else if (typeof value !== 'object' || value instanceof Date || value instanceof Map) throw new NotEncodable(`it is ${kindOf(value)}`);
    else present[index] = 1;
  }
  // Under a null struct its fields hold nulls, whether or not they may hold them otherwise.
  const children = type.fields.map((field, position) => {
    const { name } = field;
    const isOrdinary = isOrdinaryName(name);
    const fieldValues = new Array<unknown>(values.length);
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index] as any;
      if (present[index] === 0) fieldValues[index] = null;
      else fieldValues[index] = isOrdinary && !Array.isArray(value) ? value[name] : fieldOf(value, name, position);
    }
    const nullable = field.nullable || validity.nullCount > 0;
    const inside = { path: `${place.path}.${name}`, rowOf: place.rowOf };
    if (!field.nullable) refuseMissing(field, fieldValues, present, inside);
    return encodeField({ ...field, nullable }, fieldValues, inside);
  });
  return { validity: validity.bits, nullCount: validity.nullCount, offsets: null, values: null, children };
}

function refuseMissing(field: PhysicalField, fieldValues: readonly unknown[], present: Uint8Array, place: Place): void {
  const missing = fieldValues.findIndex((value, index) => present[index] === 1 && (value === null || value === undefined));
  if (missing < 0) return;
  const row = place.rowOf(missing);
  throw new MillraceError('VALUE_NOT_ENCODABLE', {
    parameters: { column: place.path, row: String(row), dataType: field.typeName, reason: 'it is null, and the field is NOT NULL' },
    context: { column: place.path, row },
  });
}

function encodeArray(
  element: PhysicalField,
  values: Values,
  place: Place,
  refuseNull: () => void,
  at: (index: number) => void,
): ColumnBuffers {
  const validity = new ValidityBuilder(values.length);
  const offsets = new Int32Array(values.length + 1);
  const elements: unknown[] = [];
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    at(index);
    if (value === null || value === undefined) {
      refuseNull();
      validity.setNull(index);
    } else if (Array.isArray(value) || isNumberArray(value)) for (const inner of value) elements.push(inner);
    else throw new NotEncodable(`it is ${kindOf(value)}`);
    checkOffset(elements.length, place.path);
    offsets[index + 1] = elements.length;
  }
  const inside = { path: `${place.path}.element`, rowOf: (index: number) => place.rowOf(ownerOf(offsets, index)) };
  const child = encodeField(element, elements, inside);
  return { validity: validity.bits, nullCount: validity.nullCount, offsets, values: null, children: [child] };
}

function encodeMap(type: MapType, values: Values, place: Place, refuseNull: () => void, at: (index: number) => void): ColumnBuffers {
  const validity = new ValidityBuilder(values.length);
  const offsets = new Int32Array(values.length + 1);
  const keys: unknown[] = [];
  const entries: unknown[] = [];
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    at(index);
    if (value === null || value === undefined) {
      refuseNull();
      validity.setNull(index);
    } else {
      for (const [key, entry] of entriesOf(value)) {
        keys.push(key);
        entries.push(entry);
      }
    }
    checkOffset(keys.length, place.path);
    offsets[index + 1] = keys.length;
  }
  const rowOf = (index: number) => place.rowOf(ownerOf(offsets, index));
  const key = encodeField(type.key, keys, { path: `${place.path}.key`, rowOf });
  const value = encodeField(type.value, entries, { path: `${place.path}.value`, rowOf });
  const pairs: ColumnBuffers = { validity: null, nullCount: 0, offsets: null, values: null, children: [key, value] };
  return { validity: validity.bits, nullCount: validity.nullCount, offsets, values: null, children: [pairs] };
}

function entriesOf(value: unknown): Iterable<readonly [unknown, unknown]> {
  if (value instanceof Map) return value;
  const isPlain = typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
  if (!isPlain) throw new NotEncodable(`it is ${kindOf(value)}; give a Map or an object`);
  return Object.entries(value);
}

function isNumberArray(value: unknown): value is Iterable<unknown> {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** The row whose range of offsets holds element `index`. */
function ownerOf(offsets: Int32Array, index: number): number {
  let low = 0;
  let high = offsets.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] ?? 0) <= index) low = middle;
    else high = middle;
  }
  return low;
}
