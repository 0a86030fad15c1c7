// What the functions of this folder are made of: call nodes, and the types that functions make of their columns' types.
import { callNode } from '../../plan/expression.js';
import type { Expression } from '../../plan/nodes.generated.js';
import { Column, columnOrNameNode, operandNode } from '../column.js';
import type {
  AnyReference,
  AverageOf,
  ColumnOrName,
  Operand,
  Reference,
  RequireBoolean,
  RequireNumeric,
  SumOf,
  Unify,
  ValueOf,
  ValueOfColumn,
} from '../types/column-types.js';
import type { Decimal, KindOf } from '../types/value-types.js';

/** A call of Spark's function `name` with columns or their names, then with constants; what is undefined is left out. */
export function call<T, N extends string = string>(
  name: string,
  columns: readonly (ColumnOrName | undefined)[],
  constants: readonly (Operand | undefined)[] = [],
): Column<T, N> {
  const given = constants.filter((constant) => constant !== undefined);
  return new Column(callNode(name, [...columnNodes(camelCase(name), columns), ...given.map(operandNode)]));
}

/** The nodes of columns or their names; undefined is left out. Throws ARGUMENT_INVALID in the name of `functionName`. */
export function columnNodes(functionName: string, columns: readonly (ColumnOrName | undefined)[]): Expression[] {
  return columns.filter((column) => column !== undefined).map((column) => columnOrNameNode(functionName, column));
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The value type of an aggregate that is null for a group without values. */
export type Nullable<C> = C extends string
  ? Reference<C, 'nullable'>
  : ValueOf<C> extends infer V
    ? V extends Reference<infer Path, 'value'>
      ? Reference<Path, 'nullable'>
      : V | null
    : never;

/** The value type of sum(). */
export type Sum<C> = C extends string
  ? Reference<C, 'sum'>
  : ValueOf<C> extends infer V
    ? [V] extends [Reference<infer Path, 'value'>]
      ? Reference<Path, 'sum'>
      : SumOf<V>
    : never;

/** The value type of avg(). */
export type Average<C> = C extends string
  ? Reference<C, 'avg'>
  : ValueOf<C> extends infer V
    ? [V] extends [Reference<infer Path, 'value'>]
      ? Reference<Path, 'avg'>
      : AverageOf<V>
    : never;

/** A column whose type the check can see: one of numbers. */
export type Numbers<C> = C extends Column<infer V, string> ? RequireNumeric<V> : unknown;

/** A column whose type the check can see: a condition. */
export type Conditions<C> = C extends Column<infer V, string> ? RequireBoolean<V> : unknown;

/** The type of the first value that is not null: null only where every argument may be null. */
export type Coalesced<C extends readonly unknown[]> = Unify<
  C extends readonly [...infer Head, infer Last] ? Exclude<ValueOfColumn<Head[number]>, null> | ValueOfColumn<Last> : unknown
>;

/** The value type of a column; unknown where the column is known by name only. */
export type Given<C> =
  C extends Column<infer V, string> ? (unknown extends V ? unknown : [Extract<V, AnyReference>] extends [never] ? V : unknown) : unknown;

/** Null, unless the type is known and has none. */
export type NullOf<V> = unknown extends V ? null : [Extract<V, AnyReference>] extends [never] ? Extract<V, null> : null;

/** The type of an array column's elements; never where it is a map. */
export type ElementOf<C> =
  Given<C> extends infer V
    ? unknown extends V
      ? unknown
      : Exclude<V, null> extends ReadonlyMap<unknown, unknown>
        ? never
        : Exclude<V, null> extends readonly (infer E)[]
          ? E
          : unknown
    : never;

/** An array with the elements of an array column; null where that may be. */
export type ArrayOf<C> = ElementOf<C>[] | NullOf<Given<C>>;

type PartsOf<C> =
  Given<C> extends infer V
    ? unknown extends V
      ? [unknown, unknown]
      : Exclude<V, null> extends readonly unknown[]
        ? [never, never]
        : Exclude<V, null> extends ReadonlyMap<infer Key, infer Value>
          ? [Key, Value]
          : [unknown, unknown]
    : never;

/** The type of a map column's keys. */
export type KeyOf<C> = PartsOf<C>[0];

/** The type of a map column's values; never where it is an array. */
export type ValueIn<C> = PartsOf<C>[1];

/** An entry of a map column as a struct. */
export interface EntryOf<C> {
  readonly key: KeyOf<C>;
  readonly value: ValueIn<C>;
}

/** A map like that of a map column. */
export type MapOf<C> = Map<KeyOf<C>, ValueIn<C>>;

/** What numbers become as whole numbers: DECIMAL for decimals, else BIGINT. */
export type WholeOf<C> =
  Given<C> extends infer V
    ? unknown extends V
      ? bigint | string | null
      : 'decimal' extends KindOf<Exclude<V, null>>
        ? Decimal | Extract<V, null>
        : bigint | Extract<V, null>
    : never;
