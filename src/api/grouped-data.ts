// GroupedData: rows by group, waiting for their aggregates. Spark counterpart: `RelationalGroupedDataset` (PySpark `GroupedData`).
import { MillraceError } from '../error/millrace-error.js';
import { aliasNode, callNode, columnNode } from '../plan/expression.js';
import { type LiteralValue, literalNode } from '../plan/literal.js';
import type { Expression } from '../plan/nodes.generated.js';
import { aggregateNode } from '../plan/relation.js';
import { invalidArgument, requireText } from './argument.js';
import { type Column, columnArgument, columnOrNameNode } from './column.js';
import type { DataFrame } from './data-frame.js';
import { namedExpressions } from './named-expressions.js';
import { PivotedData } from './pivoted-data.js';
import { rowReferences } from './row-references.js';
import type { AverageOf, SumOf } from './types/column-types.js';
import type { AggregatedRow, ColumnName, ColumnsRow, NamedColumns, Refs } from './types/row-types.js';
import type { KindOf, Simplify } from './types/value-types.js';

/** The row type that grouped data holds, and that of its keys. */
type RowIn<G extends GroupedData<unknown, unknown>> = G['rows']['row'];
type KeysIn<G extends GroupedData<unknown, unknown>> = G['rows']['keys'];

/** Names of a row's columns that have sums: those of numbers, and those of unknown type. */
type NumericName<Row> = {
  [K in keyof Row & string]: unknown extends Row[K] ? K : 'other' extends KindOf<Exclude<Row[K], null>> ? never : K;
}[keyof Row & string];

/** What `groupBy(...)` returns. `T` is the row type that is grouped, `K` that of the keys. */
export class GroupedData<out T, out K> {
  // Methods take `this: G`, as those of DataFrame do.

  /** The types; there is nothing here at run time. */
  declare readonly rows: { readonly row: T; readonly keys: K };
  readonly #input: DataFrame<unknown>;
  readonly #keys: readonly Expression[];
  readonly #groupingSets: readonly (readonly number[])[] | undefined;

  /** Users call `groupBy`, `rollup` or `cube`; `groupingSets` are the sets of keys of the latter two, by position. */
  constructor(input: DataFrame<unknown>, keys: readonly Expression[], groupingSets?: readonly (readonly number[])[]) {
    this.#input = input;
    this.#keys = keys;
    this.#groupingSets = groupingSets;
  }

  /**
   * One row per group: the keys, then these aggregates, given as columns or by a callback that returns them by name. Expressions over
   * aggregates and keys are possible. Throws MISSING_AGGREGATION where a column is neither.
   *
   * ```ts
   * grouped.agg(sum('profit').alias('profit'), count('*').alias('trades'))
   * grouped.agg((row) => ({ profit: sum(row.profit) }))
   * ```
   */
  agg<G extends GroupedData<unknown, unknown>, const C extends readonly [Column, ...Column[]]>(
    this: G,
    ...columns: C
  ): DataFrame<AggregatedRow<RowIn<G>, KeysIn<G>, C>>;
  agg<G extends GroupedData<unknown, unknown>, const R extends NamedColumns>(
    this: G,
    columns: (row: Refs<RowIn<G>>) => R,
  ): DataFrame<Simplify<KeysIn<G> & ColumnsRow<RowIn<G>, R>>>;
  agg(...columns: readonly unknown[]): DataFrame<unknown> {
    const [callback] = columns;
    if (columns.length === 0) throw invalidArgument('agg', 'at least one aggregate is needed');
    const aggregates =
      columns.length === 1 && typeof callback === 'function'
        ? namedExpressions('agg', callback(rowReferences()))
        : columns.map((column) => columnArgument('agg', 'an aggregate', column).expression);
    return this.#aggregate(aggregates);
  }

  /**
   * Makes columns of a column's values: `groupBy('id').pivot('type', ['buy', 'sell']).agg(sum('amount'))` has the columns id, buy and sell.
   * The values must be given: Spark without them runs a query first to find them.
   */
  pivot<G extends GroupedData<unknown, unknown>>(
    this: G,
    column: Column | ColumnName<RowIn<G>>,
    values: readonly LiteralValue[],
  ): PivotedData {
    if ((values ?? null) === null && this.#input.isStreaming) throw new MillraceError('_LEGACY_ERROR_TEMP_3063');
    if (!Array.isArray(values) || values.length === 0)
      throw invalidArgument('pivot', 'the values must be given as a list: they become columns');
    return new PivotedData(this.#input, this.#keys, columnOrNameNode('pivot', column), values);
  }

  /** How many rows each group has, as the column `count`. */
  count<G extends GroupedData<unknown, unknown>>(this: G): DataFrame<Simplify<KeysIn<G> & { count: bigint }>> {
    return this.#aggregate([aliasNode(callNode('count', [literalNode(1)]), 'count')]);
  }

  /** The sums of columns, named `sum(column)`. */
  sum<G extends GroupedData<unknown, unknown>, const N extends NumericName<RowIn<G>>>(
    this: G,
    ...names: readonly N[]
  ): DataFrame<Simplify<KeysIn<G> & { [C in N as `sum(${C})`]: SumOf<RowIn<G>[C]> }>> {
    return this.#aggregateEach('sum', names);
  }

  /** The averages of columns, named `avg(column)`. */
  avg<G extends GroupedData<unknown, unknown>, const N extends NumericName<RowIn<G>>>(
    this: G,
    ...names: readonly N[]
  ): DataFrame<Simplify<KeysIn<G> & { [C in N as `avg(${C})`]: AverageOf<RowIn<G>[C]> }>> {
    return this.#aggregateEach('avg', names);
  }

  /** The smallest values of columns, named `min(column)`. */
  min<G extends GroupedData<unknown, unknown>, const N extends ColumnName<RowIn<G>>>(
    this: G,
    ...names: readonly N[]
  ): DataFrame<Simplify<KeysIn<G> & { [C in N as `min(${C})`]: RowIn<G>[C] | null }>> {
    return this.#aggregateEach('min', names);
  }

  /** The largest values of columns, named `max(column)`. */
  max<G extends GroupedData<unknown, unknown>, const N extends ColumnName<RowIn<G>>>(
    this: G,
    ...names: readonly N[]
  ): DataFrame<Simplify<KeysIn<G> & { [C in N as `max(${C})`]: RowIn<G>[C] | null }>> {
    return this.#aggregateEach('max', names);
  }

  #aggregateEach<R>(functionName: string, names: readonly string[]): DataFrame<R> {
    if (names.length === 0) throw invalidArgument(functionName, 'at least one column is needed');
    return this.#aggregate(names.map((name) => callNode(functionName, [columnNode(requireText(functionName, 'the name', name))])));
  }

  #aggregate<R>(aggregates: readonly Expression[]): DataFrame<R> {
    return this.#input.derive(aggregateNode(this.#input.plan, this.#keys, aggregates, this.#groupingSets));
  }
}
