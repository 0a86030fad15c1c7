// How each of Spark's types lies in memory: the Arrow layout that crosses the border (docs/design/border.md, Types).
import { MillraceError } from '../error/millrace-error.js';
import { type DataType, type StructType, simpleString } from '../plan/data-type.js';

/** A type as its buffers see it. */
export type PhysicalType =
  | { readonly kind: 'void' | 'boolean' | 'int8' | 'int16' | 'int32' | 'int64' | 'float32' | 'float64' }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  /** int32 days since 1970. */
  | { readonly kind: 'date' }
  /** int64 microseconds since 1970; `hasZone` is false for timestamp_ntz. */
  | { readonly kind: 'timestamp'; readonly hasZone: boolean }
  /** int64 nanoseconds of the day. */
  | { readonly kind: 'time' }
  /** int64 microseconds. */
  | { readonly kind: 'dayTimeInterval' }
  /** int32 months. */
  | { readonly kind: 'yearMonthInterval' }
  /** int32 months, int32 days, int64 microseconds. */
  | { readonly kind: 'calendarInterval' }
  | { readonly kind: 'string' | 'binary' }
  | { readonly kind: 'array'; readonly element: PhysicalField }
  | { readonly kind: 'map'; readonly key: PhysicalField; readonly value: PhysicalField }
  | { readonly kind: 'struct'; readonly fields: readonly PhysicalField[] };

/** A column, a struct's field, or the inside of an array or map. */
export interface PhysicalField {
  readonly name: string;
  readonly nullable: boolean;
  /** Spark's name of the type, for messages. */
  readonly typeName: string;
  readonly type: PhysicalType;
}

const SIMPLE_TYPES: Readonly<Record<string, PhysicalType>> = {
  void: { kind: 'void' },
  boolean: { kind: 'boolean' },
  byte: { kind: 'int8' },
  short: { kind: 'int16' },
  integer: { kind: 'int32' },
  long: { kind: 'int64' },
  float: { kind: 'float32' },
  double: { kind: 'float64' },
  string: { kind: 'string' },
  variant: { kind: 'string' },
  binary: { kind: 'binary' },
  date: { kind: 'date' },
  timestamp: { kind: 'timestamp', hasZone: true },
  timestamp_ntz: { kind: 'timestamp', hasZone: false },
  interval: { kind: 'calendarInterval' },
};

/** Nesting of types beyond this is refused; Rust's limit on schemas is lower. */
const TYPE_DEPTH_MAX = 100;

/** The columns of a row type. Throws UNSUPPORTED_DATATYPE. */
export function physicalFieldsOf(schema: StructType, depth = 0): PhysicalField[] {
  return schema.fields.map((field) => physicalField(field.name, field.type, field.nullable, depth));
}

/** Nullable columns of simple types, by name and type. */
export function simpleFields(...fields: readonly (readonly [name: string, type: string])[]): PhysicalField[] {
  return physicalFieldsOf({
    type: 'struct',
    fields: fields.map(([name, type]) => ({ name, type, nullable: true, metadata: {} })),
  } as StructType);
}

function physicalField(name: string, dataType: DataType, nullable: boolean, depth: number): PhysicalField {
  if (depth > TYPE_DEPTH_MAX) {
    throw new MillraceError('LIMIT_EXCEEDED', {
      parameters: { what: 'Type nesting', value: String(depth), limit: String(TYPE_DEPTH_MAX) },
    });
  }
  const type = typeof dataType === 'string' ? simpleType(dataType) : nestedType(dataType, depth + 1);
  return { name, nullable, typeName: simpleString(dataType), type };
}

function nestedType(dataType: Exclude<DataType, string>, depth: number): PhysicalType {
  switch (dataType.type) {
    case 'struct':
      return { kind: 'struct', fields: physicalFieldsOf(dataType, depth) };
    case 'array':
      return { kind: 'array', element: physicalField('element', dataType.elementType, dataType.containsNull, depth) };
    case 'map':
      return {
        kind: 'map',
        key: physicalField('key', dataType.keyType, false, depth),
        value: physicalField('value', dataType.valueType, dataType.valueContainsNull, depth),
      };
    default:
      throw unsupported((dataType as { type?: unknown }).type);
  }
}

function simpleType(name: string): PhysicalType {
  const simple = Object.hasOwn(SIMPLE_TYPES, name) ? SIMPLE_TYPES[name] : undefined;
  if (simple !== undefined) return simple;
  const decimal = /^decimal(?:\((\d+),\s*(-?\d+)\))?$/.exec(name);
  // A bare `decimal` is decimal(10,0) in Spark.
  if (decimal !== null) return { kind: 'decimal', precision: Number(decimal[1] ?? 10), scale: Number(decimal[2] ?? 0) };
  if (/^time(?:\(\d\))?$/.test(name)) return { kind: 'time' };
  if (/^(?:string collate .+|(?:var)?char\(\d+\))$/i.test(name)) return { kind: 'string' };
  if (/^interval (?:day|hour|minute|second)(?: to (?:hour|minute|second))?$/.test(name)) return { kind: 'dayTimeInterval' };
  if (/^interval (?:year|month)(?: to month)?$/.test(name)) return { kind: 'yearMonthInterval' };
  throw unsupported(name);
}

function unsupported(typeName: unknown): MillraceError {
  return new MillraceError('UNSUPPORTED_DATATYPE', { parameters: { typeName: `"${String(typeName)}"` } });
}
