// Values between the JSON of the scalar vectors (golden/scalar/README.md) and what the product takes and gives: exact to the bit.
import { isUtf8 } from 'node:buffer';

type Json = any;

/** A value of a vector as `createDataFrame` takes it. */
export function inputValue(value: Json, type: Json): unknown {
  if (value === null || value === undefined) return null;
  if (typeof type === 'object') {
    switch (type.type) {
      case 'struct':
        return type.fields.map((field: Json, at: number) => inputValue(value[at], field.type));
      case 'array':
        return value.map((element: Json) => inputValue(element, type.elementType));
      default:
        return new Map(value.map(([key, entry]: Json) => [inputValue(key, type.keyType), inputValue(entry, type.valueType)]));
    }
  }
  switch (type) {
    case 'long':
    case 'timestamp':
    case 'timestamp_ntz':
      return BigInt(value);
    case 'float':
    case 'double':
      return Number(value);
    case 'binary':
      return Buffer.from(value, 'base64');
    case 'interval':
      return { months: value.months, days: value.days, microseconds: BigInt(value.micros) };
    default:
      return isDayTimeInterval(type) || type.startsWith('time(') ? BigInt(value) : value;
  }
}

/** A row's value of a result column, as the vectors write it. It reads the column's own memory: Dates and strings would lose some of it. */
export function resultValue(column: Json, index: number, type: Json): Json {
  if (column.isNull(index)) return null;
  if (typeof type === 'object') {
    if (type.type === 'struct') return type.fields.map((field: Json, at: number) => resultValue(column.children[at], index, field.type));
    const positions = range(column.offsets[index], column.offsets[index + 1]);
    if (type.type === 'array') return positions.map((at) => resultValue(column.child, at, type.elementType));
    return positions.map((at) => [resultValue(column.keys, at, type.keyType), resultValue(column.entries, at, type.valueType)]);
  }
  switch (type) {
    case 'date':
      return column.values[index];
    case 'long':
    case 'timestamp':
    case 'timestamp_ntz':
      return String(column.values[index]);
    case 'interval': {
      const { months, days, microseconds } = column.get(index);
      return { months, days, micros: String(microseconds) };
    }
    case 'variant':
    case 'string':
      return stringValue(column.values.subarray(column.offsets[index], column.offsets[index + 1]));
    case 'binary':
      return Buffer.from(column.get(index)).toString('base64');
    default:
      return isDayTimeInterval(type) || type.startsWith('time(') ? String(column.values[index]) : column.get(index);
  }
}

function stringValue(bytes: Uint8Array): Json {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) ? buffer.toString('utf8') : { invalidUtf8: buffer.toString('base64') };
}

/** One text for each value, so that equal texts are equal bits. `arrangement` sorts the elements of arrays whose order Spark leaves open. */
export function valueText(value: Json, type: Json, arrangement: 'as it is' | 'sorted' = 'as it is'): string {
  if (value === null || value === undefined) return 'null';
  if (typeof type === 'object' && Array.isArray(value)) {
    const texts = value.map((element, at) => {
      if (type.type === 'struct') return valueText(element, type.fields[at]?.type);
      if (type.type === 'array') return valueText(element, type.elementType);
      return `${valueText(element?.[0], type.keyType)}: ${valueText(element?.[1], type.valueType)}`;
    });
    return `[${(arrangement === 'sorted' ? texts.sort() : texts).join(', ')}]`;
  }
  if (type === 'float' || type === 'double') {
    const number = type === 'float' ? Math.fround(Number(value)) : Number(value);
    return Object.is(number, -0) ? '-0.0' : String(number);
  }
  return JSON.stringify(value);
}

function isDayTimeInterval(type: string): boolean {
  return /^interval (day|hour|minute|second)/.test(type);
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, at) => start + at);
}
