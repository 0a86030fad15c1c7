// How row types flow through select, withColumn, groupBy, agg: from the columns given to the row that comes out.
import type { Column } from '../column.js';
import type { AnyReference, Resolve } from './column-types.js';
import type { EmptyRow, Simplify, StructOf } from './value-types.js';

/** A row's columns as properties: what callbacks such as `(row) => row.amount.mul(2)` get. */
export type Refs<Row> = { readonly [K in keyof Row & string]-?: Column<Row[K], K> };

/** Names of a row's columns. */
export type ColumnName<Row> = keyof Row & string;

type NestedPath<Row> = {
  [K in keyof Row & string]: unknown extends Row[K]
    ? `${K}.${string}`
    : [StructOf<Row[K]>] extends [never]
      ? never
      : `${K}.*` | `${K}.${keyof StructOf<Row[K]> & string}`;
}[keyof Row & string];

/** Names that select() takes: columns, fields of struct columns, `*`, `struct.*`. */
export type ColumnPath<Row> = (keyof Row & string) | NestedPath<Row> | '*';

/** Whether a name is one that the type checker knows, not just any text. */
type IsKnownName<N extends string> = EmptyRow extends Record<N, 1> ? false : true;

type LastPart<Path extends string> = Path extends `${string}.${infer Rest}` ? LastPart<Rest> : Path;

/** The name that a column gets from the path it is selected by. */
export type NameOfPath<Path extends string> = Path extends `\`${string}` | `${string}.*` ? Path : LastPart<Path>;

type Unquoted<N extends string> = N extends `\`${infer Name}\`` ? Name : N;

/** The columns that one argument of select() or groupBy() yields. */
type Selected<Row, C> =
  C extends Column<infer V, infer N>
    ? N extends '*' | `${string}.*`
      ? V extends AnyReference
        ? SelectedPath<Row, N>
        : Named<Row, N, V>
      : Named<Row, N, V>
    : C extends string
      ? SelectedPath<Row, C>
      : unknown;

type Named<Row, N extends string, V> = IsKnownName<N> extends true ? { [K in Unquoted<N>]: Resolve<Row, V> } : unknown;

type SelectedPath<Row, Path extends string> = Path extends '*'
  ? Row
  : Path extends keyof Row
    ? { [K in Path]: Row[K] }
    : Path extends `${infer Head}.*`
      ? Head extends keyof Row
        ? ExpandedStruct<Row[Head]>
        : unknown
      : Path extends `${infer Head}.${infer Rest}`
        ? Head extends keyof Row
          ? { [K in Rest]: Rest extends keyof StructOf<Row[Head]> ? StructOf<Row[Head]>[Rest] | Extract<Row[Head], null> : unknown }
          : unknown
        : unknown;

/** `struct.*`: its fields. A null struct makes them null in Spark, whatever its fields say; of a struct from JSON they may be null anyway. */
type ExpandedStruct<V> = null extends V ? { [K in keyof StructOf<V>]: StructOf<V>[K] | null } : StructOf<V>;

type SelectedAll<Row, C extends readonly unknown[]> = C extends readonly [infer Head, ...infer Rest]
  ? Selected<Row, Head> & SelectedAll<Row, Rest>
  : unknown;

/** The row type of `select(...columns)`. */
export type SelectRow<Row, C extends readonly unknown[]> = Simplify<SelectedAll<Row, C>>;

/** The row type of `withColumn(name, column)`. */
export type WithColumnRow<Row, N extends string, V> = Simplify<Omit<Row, N> & { [K in N]: Resolve<Row, V> }>;

/** Columns by the names they shall have. */
export type NamedColumns = Readonly<Record<string, Column>>;

/** The columns that an object of columns yields. */
export type ColumnsRow<Row, R> = { -readonly [K in keyof R]: R[K] extends Column<infer V, string> ? Resolve<Row, V> : never };

/** The row type of `withColumnsRenamed(renames)`. */
export type RenamedRow<Row, R> = Simplify<{
  [K in keyof Row as K extends keyof R ? Extract<R[K], string> : K]: Row[K];
}>;

/** The row type of `groupBy(...keys).agg(...columns)`. */
export type AggregatedRow<Row, Keys, C extends readonly unknown[]> = Simplify<Keys & SelectedAll<Row, C>>;

/** The row with a null for every column that has none. */
export type NullableRow<Row> = { [K in keyof Row]: Row[K] | null };

/** What MemoryStream.addData() takes for a row: nullable columns may be left out, and longs may be given as safe whole numbers. */
export type InputRow<Row> = Simplify<
  { [K in keyof Row as null extends Row[K] ? never : K]: InputValue<Row[K]> } & {
    [K in keyof Row as null extends Row[K] ? K : never]?: InputValue<Row[K]>;
  }
>;

type InputValue<V> = V extends bigint ? bigint | number : V;
