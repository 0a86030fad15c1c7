// Which TypeScript type a SQL value has, and the marks that keep apart SQL types which JavaScript does not tell apart.

import type { CalendarInterval } from '../../batch/calendar-interval.js';

declare const sqlType: unique symbol;

/**
 * DOUBLE or FLOAT: an ordinary number. The mark exists at compile time only, and every number may be given for it; it lets `sum` of a
 * double be a number where `sum` of an int is a bigint.
 */
export type Double = number & { readonly [sqlType]?: 'double'; toFixed: number['toFixed'] };

/** A number that is INT or DOUBLE, depending on a value that is known at run time only. */
export type AnyNumber = number & { readonly [sqlType]?: 'double' | 'int'; toFixed: number['toFixed'] };

/** DECIMAL: its digits as a string. The mark exists at compile time only, and every string may be given for it. */
export type Decimal = string & { readonly [sqlType]?: 'decimal'; charAt: string['charAt'] };

/** The mark of a value type: 'double', 'double' | 'int', 'decimal', or never. */
type Mark<V> = typeof sqlType extends keyof V ? NonNullable<V[typeof sqlType]> : never;

/** Kinds of values as arithmetic sees them; `number` is a number that may be an int or a double. */
export type ValueKind = 'int' | 'long' | 'double' | 'number' | 'decimal' | 'other';

/** The kind of each member of a union of value types. */
export type KindOf<V> = V extends bigint
  ? 'long'
  : V extends number
    ? [Mark<V>] extends [never]
      ? 'int'
      : [Mark<V>] extends ['double']
        ? 'double'
        : 'number'
    : V extends string
      ? [Mark<V>] extends [never]
        ? 'other'
        : 'decimal'
      : 'other';

/** SQL names of types without parameters, in lower case, with the TypeScript type of their values. */
export interface ScalarTypes {
  string: string;
  boolean: boolean;
  byte: number;
  tinyint: number;
  short: number;
  smallint: number;
  int: number;
  integer: number;
  long: bigint;
  bigint: bigint;
  float: Double;
  real: Double;
  double: Double;
  decimal: Decimal;
  dec: Decimal;
  numeric: Decimal;
  date: Date;
  timestamp: Date;
  timestamp_ltz: Date;
  timestamp_ntz: Date;
  binary: Uint8Array;
  time: string;
  variant: string;
  interval: CalendarInterval;
  'interval day': bigint;
  'interval day to hour': bigint;
  'interval day to minute': bigint;
  'interval day to second': bigint;
  'interval hour': bigint;
  'interval hour to minute': bigint;
  'interval hour to second': bigint;
  'interval minute': bigint;
  'interval minute to second': bigint;
  'interval second': bigint;
  'interval year': number;
  'interval year to month': number;
  'interval month': number;
  void: null;
}

/** Values of these types are not structs, though TypeScript calls them objects. */
type Opaque =
  | string
  | number
  | bigint
  | boolean
  | symbol
  | null
  | undefined
  | Date
  | Uint8Array
  | CalendarInterval
  | readonly unknown[]
  | ReadonlyMap<unknown, unknown>;

/** The fields of a struct column's type; never where it is no struct. */
export type StructOf<V> = unknown extends V ? never : Exclude<V, null> extends Opaque ? never : Exclude<V, null>;

/** A row without columns. */
export type EmptyRow = Record<never, never>;

/** All properties of an intersection written as one object type, which is what editors then show. */
export type Simplify<T> = { [K in keyof T]: T[K] } & {};
