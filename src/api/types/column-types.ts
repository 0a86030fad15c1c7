// The arithmetic of column types: what operators and functions make of their operands, and how a name finds its column's type.

import type { LiteralValue } from '../../plan/literal.js';
import type { Column } from '../column.js';
import type { AnyNumber, Decimal, Double, KindOf, StructOf } from './value-types.js';

declare const reference: unique symbol;

/** What a function makes of the column that a reference names. */
export type ReferenceUse = 'value' | 'present' | 'nullable' | 'sum' | 'avg';

/** The type of an expression over a column that is known by name only, until a DataFrame's row type gives the name a type. */
export interface Reference<out Path extends string, out Use extends ReferenceUse = 'value'> {
  readonly [reference]: readonly [Path, Use];
}

/** Any reference. */
export type AnyReference = Reference<string, ReferenceUse>;

/** A column, or the name of one: what functions take. Spark counterpart: `ColumnOrName` of PySpark. */
export type ColumnOrName = Column | string;

/** What operators take on their right side: a column, or a constant. */
export type Operand = Column | LiteralValue;

/** The type of a constant: whole literals are INT, other literals DOUBLE; which of them a `number` variable holds is not known. */
export type LiteralType<V> = V extends string
  ? string
  : V extends bigint
    ? bigint
    : V extends boolean
      ? boolean
      : V extends number
        ? number extends V
          ? AnyNumber
          : `${V}` extends `${bigint}`
            ? number
            : Double
        : V;

/** The value type of an operand. */
export type ValueOf<O> = O extends Column<infer T, string> ? T : LiteralType<O>;

/** The value type of a column or a column's name. */
export type ValueOfColumn<C> = C extends string ? Reference<C> : C extends Column<infer T, string> ? T : unknown;

/** The value type of a path such as `trade.id` in a row; unknown where there is no such column. */
type Lookup<Row, Path extends string> = Path extends keyof Row
  ? Row[Path]
  : Path extends `\`${infer Name}\``
    ? Name extends keyof Row
      ? Row[Name]
      : unknown
    : Path extends `${infer Head}.${infer Rest}`
      ? Head extends keyof Row
        ? Lookup<StructOf<Row[Head]>, Rest> | Extract<Row[Head], null>
        : unknown
      : unknown;

type Used<V, Use> = Use extends 'sum'
  ? SumOf<V>
  : Use extends 'avg'
    ? AverageOf<V>
    : Use extends 'nullable'
      ? V | null
      : Use extends 'present'
        ? Exclude<V, null>
        : V;

/** A column's value type once the row type is known: references are looked up, everything else stays. */
export type Resolve<Row, V> = V extends Reference<infer Path, infer Use> ? Used<Lookup<Row, Path>, Use> : V;

type IsOpen<V> = unknown extends V ? true : [Extract<V, AnyReference>] extends [never] ? false : true;

/** The type of a number that has one of these kinds, by Spark's widening. */
type Widest<Kinds> = 'other' extends Kinds
  ? unknown
  : 'double' extends Kinds
    ? Double
    : 'decimal' extends Kinds
      ? 'number' extends Kinds
        ? unknown
        : Decimal
      : 'number' extends Kinds
        ? 'long' extends Kinds
          ? bigint | Double
          : AnyNumber
        : 'long' extends Kinds
          ? bigint
          : number;

/** `a + b`, `a - b`, `a * b`: Spark's wider type of the two; null where either may be null. */
export type Arithmetic<A, B> = IsOpen<A | B> extends true ? unknown : Widest<KindOf<Exclude<A | B, null>>> | Extract<A | B, null>;

/** `a / b`: double, or decimal where both sides are exact; null may come of a zero divisor where ANSI mode is off. */
export type Quotient<A, B> =
  IsOpen<A | B> extends true
    ? unknown
    : 'decimal' extends KindOf<Exclude<A | B, null>>
      ? Widest<KindOf<Exclude<A | B, null>>> | null
      : Double | null;

/** One type for several branches, as when(), coalesce() have it: numbers widen, everything else is a union. */
export type Unify<V> =
  IsOpen<V> extends true
    ? V
    : [Extract<V, number | bigint>] extends [never]
      ? V
      : Exclude<V, number | bigint> | Widest<KindOf<Extract<V, number | bigint>>>;

/** `sum(column)`: sums of whole numbers are BIGINT, of doubles DOUBLE, of decimals DECIMAL; null where no value came. */
export type SumOf<V> = unknown extends V
  ? number | bigint | string | null
  : 'double' extends KindOf<Exclude<V, null>>
    ? Double | null
    : 'number' extends KindOf<Exclude<V, null>>
      ? number | bigint | null
      : 'decimal' extends KindOf<Exclude<V, null>>
        ? Decimal | null
        : bigint | null;

/** `avg(column)`: DECIMAL for decimals, else DOUBLE; null where no value came. */
export type AverageOf<V> = unknown extends V
  ? number | string | null
  : 'decimal' extends KindOf<Exclude<V, null>>
    ? Decimal | null
    : Double | null;

/** The part `name` of a struct value. */
export type FieldOf<V, Name extends string> = [V] extends [Reference<infer Path, 'value'>]
  ? Reference<`${Path}.${Name}`>
  : Name extends keyof StructOf<V>
    ? StructOf<V>[Name] | Extract<V, null>
    : unknown;

/** Names that getField() takes: those of the struct, or any where the type is not known. */
export type FieldName<V> = IsOpen<V> extends true ? string : keyof StructOf<V> & string;

/** What getItem() takes beside names of fields: an index of an array, a key of a map, or a column of them. */
export type ItemKey<V> =
  IsOpen<V> extends true
    ? Column | Exclude<LiteralValue, string>
    : Exclude<V, null> extends ReadonlyMap<infer Key, unknown>
      ? Column | Key
      : Exclude<V, null> extends readonly unknown[]
        ? Column | number
        : never;

/** The type of what getItem() finds in an array or a map. */
export type ItemOf<V> =
  IsOpen<V> extends true
    ? unknown
    : Exclude<V, null> extends ReadonlyMap<unknown, infer Value>
      ? Value | null
      : Exclude<V, null> extends readonly (infer Element)[]
        ? Element | null
        : unknown;

/** Constants that a column of this type can be compared with. */
export type ComparableWith<V> = IsOpen<V> extends true ? LiteralValue : ComparableMember<V> | null;

type ComparableMember<V> = V extends number | bigint
  ? number | bigint
  : V extends string
    ? string | (KindOf<V> extends 'decimal' ? number | bigint : never)
    : V extends Date
      ? Date | string
      : V extends boolean
        ? boolean
        : V extends Uint8Array
          ? Uint8Array
          : never;

/** Intersected with a parameter's type: nothing where the column has a number type, else a type that no argument has. */
export type RequireNumeric<V> =
  IsOpen<V> extends true
    ? unknown
    : 'other' extends KindOf<Exclude<V, null>>
      ? { readonly 'this function needs a column of numbers': never }
      : unknown;

/** Intersected with a parameter's type: nothing where the column is a condition, else a type that no argument has. */
export type RequireBoolean<V> =
  IsOpen<V> extends true ? unknown : [V] extends [boolean | null] ? unknown : { readonly 'a condition is needed here': never };

/** Spark's name of `function(column)`, where the column is a plain reference; else `string`, which a row type leaves out. */
export type CallName<F extends string, C> = C extends string
  ? `${F}(${C})`
  : C extends Column<infer V, infer N>
    ? [V] extends [Reference<N, 'value'>]
      ? `${F}(${N})`
      : string
    : string;
