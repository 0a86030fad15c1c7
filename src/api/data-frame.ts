// DataFrame: a plan with its row type. Spark counterpart: `org.apache.spark.sql.Dataset[Row]`.
import { explainPlan } from '../engine/analyzer.js';
import { runBatchQuery } from '../engine/batch-query.js';
import { MillraceError } from '../error/millrace-error.js';
import { type StructType, simpleString, treeString } from '../plan/data-type.js';
import { aliasNode, callNode, sortOrderNode, sqlExpressionNode } from '../plan/expression.js';
import { literalNode } from '../plan/literal.js';
import type { Expression, Relation } from '../plan/nodes.generated.js';
import {
  aggregateNode,
  deduplicateNode,
  dropNode,
  filterNode,
  limitNode,
  observeNode,
  projectNode,
  setOperationNode,
  sortNode,
  subqueryAliasNode,
  unionNode,
  withColumnsNode,
  withColumnsRenamedNode,
  withWatermarkNode,
} from '../plan/relation.js';
import { type ResultBatch, truncateLength } from '../result/result-batch.js';
import type { BatchSource } from '../source/batch-source.js';
import type { Source } from '../source/source.js';
import type { KeyFunction } from '../state/program.js';
import { describe, invalidArgument, requireText } from './argument.js';
import { DataFrameWriter } from './batch-writer.js';
import { type Column, columnOrNameNode } from './column.js';
import { allSources, joinPlan, otherFrame } from './combined-frames.js';
import { computed, conditionNode } from './condition.js';
import { GroupedData } from './grouped-data.js';
import { cubeSets, rollupSets } from './grouping-sets.js';
import { keyColumn } from './key-column.js';
import { KeyValueGroupedDataset } from './key-value-grouped-dataset.js';
import { namedExpressions } from './named-expressions.js';
import { ROWS_MAX, rowCount } from './row-count.js';
import { rowReferences } from './row-references.js';
import { samplePlan } from './sample-plan.js';
import type { Session } from './session.js';
import type { RequireBoolean } from './types/column-types.js';
import type { JoinedRow, JoinType, UsingRow } from './types/join-types.js';
import type {
  ColumnName,
  ColumnPath,
  ColumnsRow,
  NamedColumns,
  NullableRow,
  Refs,
  RenamedRow,
  SelectRow,
  WithColumnRow,
} from './types/row-types.js';
import type { Simplify } from './types/value-types.js';
import { DataStreamWriter } from './writer.js';

/** What a reader of a plan reads: a function makes the source of a stream; a source that ends is there already. */
export type SourceFactories = ReadonlyMap<number, (() => Source) | BatchSource>;

/** Spark's show never takes more rows than fit a Java array, less one that tells whether there are more. */
const SHOWN_ROWS_MAX = ROWS_MAX - 16;

/**
 * A table of rows that have not been computed: a plan, its columns and their types. DataFrames are immutable; methods make new ones, and
 * each new one is analysed at once, so that a wrong name or type is an error of the call that brought it in.
 *
 * `T` is the row type as TypeScript sees it; a program that does not state types has `Record<string, unknown>`.
 */
export class DataFrame<out T = Record<string, unknown>> {
  // Methods take their DataFrame as `this: D` and ask it for D['row'] instead of using T: so all DataFrames share one type of each method,
  // and a value that is one of two DataFrames (`kafka ? a : b`) can be used without a cast.

  /** The row type, for `typeof df.row`; there is nothing here at run time. */
  declare readonly row: T;
  /** The session that it was made with. Spark counterpart: `sparkSession`. */
  readonly session: Session;
  /** The plan, as built: frozen and unresolved. */
  readonly plan: Relation;
  /** What makes the sources that the plan reads. */
  readonly sources: SourceFactories;
  /** The columns and their types, in Spark's JSON form. */
  readonly schema: StructType;

  /** Users call readers and methods; this constructor analyses a plan. Throws what is wrong with the plan. */
  constructor(session: Session, plan: Relation, sources: SourceFactories) {
    this.session = session;
    this.plan = session.udf.bind(plan);
    this.sources = sources;
    this.schema = session.analyze(this.plan);
  }

  /** The names of the columns. */
  get columns(): string[] {
    return this.schema.fields.map((field) => field.name);
  }

  /** Names and types of the columns, types as `simpleString` has them: `[['id', 'string'], ['amount', 'int']]`. */
  get dtypes(): [name: string, type: string][] {
    return this.schema.fields.map((field) => [field.name, simpleString(field.type)]);
  }

  /** Whether rows come from a stream. Such a DataFrame is started with `writeStream`; the others are asked for rows directly. */
  get isStreaming(): boolean {
    return [...this.sources.values()].some((source) => typeof source === 'function');
  }

  /** Prints the schema as a tree, as Spark does. */
  printSchema(): void {
    process.stdout.write(`${treeString(this.schema)}\n`);
  }

  /** Prints the plan; with `extended`, as it was before and after analysis, too. */
  explain(extended = false): void {
    process.stdout.write(`${explainPlan(this.plan, this.session.conf.getAll(), extended)}\n`);
  }

  /**
   * These columns, in this order. Names may reach into structs (`'trade.id'`) and be stars (`'*'`, `'trade.*'`). Columns without an alias
   * are named as Spark names them. A callback gets the row's columns and returns columns by their new names.
   *
   * ```ts
   * df.select('id', col('amount').mul(2).alias('twice'))
   * df.select((row) => ({ id: row.id, twice: row.amount.mul(2) }))
   * ```
   */
  select<D extends DataFrame<unknown>, const C extends readonly (Column | ColumnPath<D['row']>)[]>(
    this: D,
    ...columns: C
  ): DataFrame<SelectRow<D['row'], C>>;
  select<D extends DataFrame<unknown>, const R extends NamedColumns>(
    this: D,
    columns: (row: Refs<D['row']>) => R,
  ): DataFrame<Simplify<ColumnsRow<D['row'], R>>>;
  select(...columns: readonly unknown[]): DataFrame<unknown> {
    const [callback] = columns;
    const expressions =
      columns.length === 1 && typeof callback === 'function'
        ? namedExpressions('select', callback(rowReferences()))
        : columns.map((column) => columnOrNameNode('select', column as Column));
    return this.derive(projectNode(this.plan, expressions));
  }

  /**
   * Columns given as Spark SQL text: `df.selectExpr('id', 'amount * 2 AS twice')`. Their types are known at run time only.
   * Throws PARSE_SYNTAX_ERROR and what `select` throws.
   */
  selectExpr(...texts: readonly string[]): DataFrame {
    const expressions = texts.map((text) => sqlExpressionNode(requireText('selectExpr', 'an expression', text)));
    return this.derive(projectNode(this.plan, expressions));
  }

  /**
   * All columns and one more, computed by a column or by a callback that gets the row's columns. A column of that name is replaced where
   * it stands.
   *
   * ```ts
   * df.withColumn('profit', (row) => when(row.type.eq('sell'), row.amount.mul(-1)).otherwise(row.amount))
   * ```
   */
  withColumn<D extends DataFrame<unknown>, const N extends string, V>(
    this: D,
    name: N,
    column: Column<V> | ((row: Refs<D['row']>) => Column<V>),
  ): DataFrame<WithColumnRow<D['row'], N, V>> {
    const alias = aliasNode(computed('withColumn', column).expression, requireText('withColumn', 'the name', name));
    return this.derive(withColumnsNode(this.plan, [alias]));
  }

  /** All columns and several more, by name. None of them sees another. */
  withColumns<D extends DataFrame<unknown>, const R extends NamedColumns>(
    this: D,
    columns: R | ((row: Refs<D['row']>) => R),
  ): DataFrame<Simplify<Omit<D['row'], keyof R> & ColumnsRow<D['row'], R>>> {
    const named = typeof columns === 'function' ? columns(rowReferences()) : columns;
    return this.derive(withColumnsNode(this.plan, namedExpressions('withColumns', named)));
  }

  /** The same rows with a column of another name; nothing happens where there is no such column, as in Spark. */
  withColumnRenamed<D extends DataFrame<unknown>, const N extends ColumnName<D['row']>, const M extends string>(
    this: D,
    existing: N,
    name: M,
  ): DataFrame<RenamedRow<D['row'], { readonly [K in N]: M }>> {
    const renames = {
      [requireText('withColumnRenamed', 'the existing name', existing)]: requireText('withColumnRenamed', 'the new name', name),
    };
    return this.derive(withColumnsRenamedNode(this.plan, renames));
  }

  /** The same rows with columns of other names: old names to new names. */
  withColumnsRenamed<D extends DataFrame<unknown>, const R extends { readonly [K in ColumnName<D['row']>]?: string }>(
    this: D,
    renames: R,
  ): DataFrame<RenamedRow<D['row'], R>> {
    if (typeof renames !== 'object' || renames === null)
      throw invalidArgument('withColumnsRenamed', `expected an object of names, got ${describe(renames)}`);
    const texts = Object.entries(renames).map(([existing, name]) => [
      existing,
      requireText('withColumnsRenamed', `the new name of ${existing}`, name),
    ]);
    return this.derive(withColumnsRenamedNode(this.plan, Object.fromEntries(texts)));
  }

  /** The rows without these columns; nothing happens for names that are not there, as in Spark. */
  drop<D extends DataFrame<unknown>, const N extends ColumnName<D['row']>>(
    this: D,
    ...names: readonly N[]
  ): DataFrame<Simplify<Omit<D['row'], N>>> {
    return this.derive(
      dropNode(
        this.plan,
        names.map((name) => requireText('drop', 'a name', name)),
      ),
    );
  }

  /** The rows for which the condition, a column or Spark SQL text, is true: neither false nor null. */
  filter<D extends DataFrame<unknown>, V>(
    this: D,
    condition: string | (Column<V> & RequireBoolean<V>) | ((row: Refs<D['row']>) => Column<V> & RequireBoolean<V>),
  ): DataFrame<D['row']> {
    return this.derive(filterNode(this.plan, conditionNode('filter', condition)));
  }

  /** The same as `filter`. */
  where<D extends DataFrame<unknown>, V>(
    this: D,
    condition: string | (Column<V> & RequireBoolean<V>) | ((row: Refs<D['row']>) => Column<V> & RequireBoolean<V>),
  ): DataFrame<D['row']> {
    return this.derive(filterNode(this.plan, conditionNode('where', condition)));
  }

  /**
   * The rows in an order: by names, by columns, or by columns with a direction such as `col('amount').desc()`. Nulls come first where the
   * order ascends and last where it descends, unless the direction says otherwise.
   */
  orderBy<D extends DataFrame<unknown>>(this: D, ...columns: readonly (Column | ColumnPath<D['row']>)[]): DataFrame<D['row']> {
    return this.derive(
      sortNode(
        this.plan,
        columns.map((column) => orderNode('orderBy', column)),
      ),
    );
  }

  /** The same as `orderBy`. */
  sort<D extends DataFrame<unknown>>(this: D, ...columns: readonly (Column | ColumnPath<D['row']>)[]): DataFrame<D['row']> {
    return this.orderBy(...columns);
  }

  /** The first `count` rows. Which they are is certain only after `orderBy`. */
  limit<D extends DataFrame<unknown>>(this: D, count: number): DataFrame<D['row']> {
    return this.derive(limitNode(this.plan, rowCount('limit', count), 0));
  }

  /**
   * About `fraction` (0 to 1) of the rows. Which they are is certain for a `seed` and the order of the rows; without one a seed is drawn here. A stream is
   * refused, as in Spark. `withReplacement` may come first, and must be false.
   */
  sample<D extends DataFrame<unknown>>(this: D, fraction: number, seed?: number | bigint): DataFrame<D['row']>;
  sample<D extends DataFrame<unknown>>(this: D, withReplacement: boolean, fraction: number, seed?: number | bigint): DataFrame<D['row']>;
  sample(...given: readonly unknown[]): DataFrame<unknown> {
    return this.derive(samplePlan(this.plan, given));
  }

  /** The same rows. In a stream, each report has these aggregates of the rows that passed here in its batch as `observedMetrics[name]`. */
  observe<D extends DataFrame<unknown>>(this: D, name: string, ...metrics: readonly [Column, ...Column[]]): DataFrame<D['row']> {
    const nodes = metrics.map((metric) => columnOrNameNode('observe', metric));
    return this.derive(observeNode(this.plan, requireText('observe', 'the name', name), nodes));
  }

  /** The rows without the first `count`. */
  offset<D extends DataFrame<unknown>>(this: D, count: number): DataFrame<D['row']> {
    return this.derive(limitNode(this.plan, ALL_ROWS, rowCount('offset', count)));
  }

  /** The same as `orderBy`: millrace has no partitions that could be sorted one by one. */
  sortWithinPartitions<D extends DataFrame<unknown>>(this: D, ...columns: readonly (Column | ColumnPath<D['row']>)[]): DataFrame<D['row']> {
    return this.orderBy(...columns);
  }

  /** The same rows: work is spread over `millrace.workers` whatever is asked for here. There for programs that come from Spark. */
  repartition<D extends DataFrame<unknown>>(this: D, ..._numPartitionsOrColumns: readonly (number | Column | ColumnPath<D['row']>)[]): D {
    return this;
  }

  /** The same rows, as `repartition`. */
  coalesce<D extends DataFrame<unknown>>(this: D, _numPartitions: number): D {
    return this;
  }

  /**
   * The rows of both, joined on a condition, on columns that both have, or on nothing. Columns that both sides have under one name are told
   * apart by `alias`. Two streams are joined within the bounds that their watermarks and the condition set; a DataFrame that is no stream is
   * read again in every batch. Throws UNSUPPORTED_JOIN_TYPE, UNRESOLVED_USING_COLUMN_FOR_JOIN, AMBIGUOUS_REFERENCE.
   *
   * ```ts
   * trades.join(companies, 'id', 'left')
   * trades.alias('t').join(companies.alias('c'), col('t.id').eq(col('c.id')))
   * ```
   */
  join<D extends DataFrame<unknown>, R, const N extends ColumnName<D['row']> & ColumnName<R>, H extends JoinType = 'inner'>(
    this: D,
    right: DataFrame<R>,
    columns: N | readonly N[],
    how?: H,
  ): DataFrame<UsingRow<D['row'], R, N, H>>;
  join<D extends DataFrame<unknown>, R, H extends JoinType = 'inner'>(
    this: D,
    right: DataFrame<R>,
    condition?: Column | readonly Column[],
    how?: H,
  ): DataFrame<JoinedRow<D['row'], R, H>>;
  join(right: DataFrame<unknown>, on?: unknown, how = 'inner'): DataFrame<unknown> {
    const other = otherFrame('join', this, right);
    return this.combine(other, joinPlan(this, other, on, requireText('join', 'the join type', how)));
  }

  /** Every row of this with every row of the other. */
  crossJoin<D extends DataFrame<unknown>, R>(this: D, right: DataFrame<R>): DataFrame<JoinedRow<D['row'], R, 'cross'>> {
    const other = otherFrame('crossJoin', this, right);
    return this.combine(other, joinPlan(this, other, null, 'cross'));
  }

  /** The rows of both, column by column, whatever the columns' names. Throws NUM_COLUMNS_MISMATCH, INCOMPATIBLE_COLUMN_TYPE. */
  union<D extends DataFrame<unknown>>(this: D, other: DataFrame<unknown>): DataFrame<D['row']> {
    const right = otherFrame('union', this, other);
    return this.combine(right, unionNode(this.plan, right.plan, false, false));
  }

  /** The same as `union`. */
  unionAll<D extends DataFrame<unknown>>(this: D, other: DataFrame<unknown>): DataFrame<D['row']> {
    return this.union(other);
  }

  /** The rows of both, columns by their names; with `allowMissingColumns` a column that one side lacks is null there. */
  unionByName<D extends DataFrame<unknown>>(this: D, other: DataFrame<unknown>, allowMissingColumns = false): DataFrame<D['row']> {
    const right = otherFrame('unionByName', this, other);
    return this.combine(right, unionNode(this.plan, right.plan, true, allowMissingColumns));
  }

  /** The rows that the other does not have, each once. */
  except<D extends DataFrame<unknown>>(this: D, other: DataFrame<unknown>): DataFrame<D['row']> {
    return this.#setOperation('except', other, false);
  }

  /** The same as `except`. */
  subtract<D extends DataFrame<unknown>>(this: D, other: DataFrame<unknown>): DataFrame<D['row']> {
    return this.except(other);
  }

  /** The rows less those of the other, each as often as it is left. */
  exceptAll<D extends DataFrame<unknown>>(this: D, other: DataFrame<unknown>): DataFrame<D['row']> {
    return this.#setOperation('except', other, true);
  }

  /** The rows that both have, each once. */
  intersect<D extends DataFrame<unknown>>(this: D, other: DataFrame<unknown>): DataFrame<D['row']> {
    return this.#setOperation('intersect', other, false);
  }

  /** The rows that both have, each as often as both have it. */
  intersectAll<D extends DataFrame<unknown>>(this: D, other: DataFrame<unknown>): DataFrame<D['row']> {
    return this.#setOperation('intersect', other, true);
  }

  #setOperation(kind: 'except' | 'intersect', other: DataFrame<unknown>, all: boolean): DataFrame<never> {
    const right = otherFrame(all ? `${kind}All` : kind, this, other);
    return this.combine(right, setOperationNode(this.plan, right.plan, kind, all));
  }

  /** Each row once, however often it is there: `dropDuplicates` by all columns. */
  distinct<D extends DataFrame<unknown>>(this: D): DataFrame<D['row']> {
    return this.derive(deduplicateNode(this.plan, undefined, false));
  }

  /**
   * Of rows that are equal in these columns, or in all, the first. A stream keeps each combination as state: for good, or until the watermark
   * passes it where event time is one of the columns. Throws UNRESOLVED_COLUMN.
   */
  dropDuplicates<D extends DataFrame<unknown>>(this: D, columns?: readonly ColumnName<D['row']>[]): DataFrame<D['row']> {
    return this.derive(deduplicateNode(this.plan, columnNames('dropDuplicates', columns), false));
  }

  /**
   * As `dropDuplicates`, for streams with a watermark: a combination is kept until the watermark passes the event time of its first row by the
   * watermark's delay, so duplicates that are no further apart than that are dropped, and state stays bounded whatever the columns are.
   */
  dropDuplicatesWithinWatermark<D extends DataFrame<unknown>>(this: D, columns?: readonly ColumnName<D['row']>[]): DataFrame<D['row']> {
    return this.derive(deduplicateNode(this.plan, columnNames('dropDuplicatesWithinWatermark', columns), true));
  }

  /** The same rows under a name, so that `name.column` finds their columns. */
  alias<D extends DataFrame<unknown>>(this: D, name: string): DataFrame<D['row']> {
    return this.derive(subqueryAliasNode(this.plan, requireText('alias', 'the name', name)));
  }

  /**
   * Declares a column as event time and how late its rows may be. State and windows older than the newest event time less
   * `delayThreshold` (interval text such as `'10 minutes'`) are closed, and rows that come later still are dropped.
   * Throws EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE, CANNOT_PARSE_INTERVAL.
   */
  withWatermark<D extends DataFrame<unknown>>(this: D, eventTime: ColumnName<D['row']>, delayThreshold: string): DataFrame<D['row']> {
    const name = requireText('withWatermark', 'the event time column', eventTime);
    return this.derive(withWatermarkNode(this.plan, name, requireText('withWatermark', 'the delay', delayThreshold)));
  }

  /**
   * Groups the rows, for aggregates. Keys are columns, names, a `window(...)`; a callback gets the row's columns and returns a list.
   * Without keys all rows are one group.
   *
   * ```ts
   * df.groupBy(window('time', '5 minutes'), col('id')).agg(sum('amount').alias('total'))
   * df.groupBy((row) => [window(row.time, '5 minutes'), row.id]).agg((row) => ({ total: sum(row.amount) }))
   * ```
   */
  groupBy<D extends DataFrame<unknown>, const C extends readonly (Column | ColumnPath<D['row']>)[]>(
    this: D,
    ...columns: C
  ): GroupedData<D['row'], SelectRow<D['row'], C>>;
  groupBy<D extends DataFrame<unknown>, const C extends readonly Column[]>(
    this: D,
    columns: (row: Refs<D['row']>) => C,
  ): GroupedData<D['row'], SelectRow<D['row'], C>>;
  groupBy(...columns: readonly unknown[]): GroupedData<unknown, unknown> {
    const [callback] = columns;
    const keys = columns.length === 1 && typeof callback === 'function' ? callback(rowReferences()) : columns;
    if (!Array.isArray(keys)) throw invalidArgument('groupBy', `the callback must return a list of columns, got ${describe(keys)}`);
    return new GroupedData(this, keyNodes('groupBy', keys));
  }

  /**
   * Groups the rows by all keys, by all but the last, and so on down to none: subtotals beside totals. A key is null in the rows that are
   * not grouped by it; `grouping(key)` tells such a null from one that was there.
   */
  rollup<D extends DataFrame<unknown>, const C extends readonly (Column | ColumnPath<D['row']>)[]>(
    this: D,
    ...columns: C
  ): GroupedData<D['row'], NullableRow<SelectRow<D['row'], C>>> {
    return new GroupedData(this, keyNodes('rollup', columns), rollupSets(columns.length));
  }

  /** Groups the rows by every choice of the keys. See `rollup`. */
  cube<D extends DataFrame<unknown>, const C extends readonly (Column | ColumnPath<D['row']>)[]>(
    this: D,
    ...columns: C
  ): GroupedData<D['row'], NullableRow<SelectRow<D['row'], C>>> {
    return new GroupedData(this, keyNodes('cube', columns), cubeSets(columns.length));
  }

  /**
   * Groups the rows by a key, for the program's own functions over each key's rows and state. A function that picks a column, `(row) => row.user`, is
   * read, as is a column's name; any other function is called for each row, and may give what JSON can hold, bigints and Dates too.
   */
  groupByKey<D extends DataFrame<unknown>, K>(this: D, key: (row: D['row']) => K): KeyValueGroupedDataset<K, D['row']>;
  groupByKey<D extends DataFrame<unknown>, const N extends ColumnName<D['row']>>(
    this: D,
    key: N,
  ): KeyValueGroupedDataset<D['row'][N & keyof D['row']], D['row']>;
  groupByKey(key: unknown): KeyValueGroupedDataset<unknown, unknown> {
    return new KeyValueGroupedDataset(this, keyColumn(key) ?? (key as KeyFunction));
  }

  /** Aggregates over all rows: `groupBy().agg(...)`. */
  agg<D extends DataFrame<unknown>, const C extends readonly [Column, ...Column[]]>(
    this: D,
    ...columns: C
  ): DataFrame<SelectRow<D['row'], C>> {
    return new GroupedData(this, []).agg(...columns) as DataFrame<SelectRow<D['row'], C>>;
  }

  /** Hands the DataFrame to a function and returns what that returns, so that steps can be chained. */
  transform<D extends DataFrame<unknown>, R>(this: D, step: (dataFrame: D) => R): R {
    return step(this);
  }

  /** Registers the DataFrame as the view `name` of its session, for `session.sql` and `session.table`. A view of that name is replaced. */
  createOrReplaceTempView(name: string): void {
    this.session.registerView(requireText('createOrReplaceTempView', 'the name', name), this);
  }

  /** Computes the rows. Rejects with what a row's evaluation raised, such as CAST_INVALID_INPUT. Streams are refused, as in Spark. */
  async collect<D extends DataFrame<unknown>>(this: D): Promise<D['row'][]> {
    return (await this.toResultBatch()).toArray();
  }

  /** How many rows there are. */
  async count(): Promise<number> {
    batchSources(this);
    const counted = this.derive(aggregateNode(this.plan, [], [aliasNode(callNode('count', [literalNode(1)]), 'count')]));
    const batch = await counted.toResultBatch();
    return Number(batch.columnAt(0).get(0));
  }

  /** The first row, null where there is none. */
  async first<D extends DataFrame<unknown>>(this: D): Promise<D['row'] | null> {
    const [row = null] = await this.take(1);
    return row;
  }

  /** The first `count` rows; without a count the first row, null where there is none. */
  head<D extends DataFrame<unknown>>(this: D): Promise<D['row'] | null>;
  head<D extends DataFrame<unknown>>(this: D, count: number): Promise<D['row'][]>;
  head(count?: number): Promise<unknown> {
    return count === undefined ? this.first() : this.take(count);
  }

  /** The first `count` rows. */
  async take<D extends DataFrame<unknown>>(this: D, count: number): Promise<D['row'][]> {
    batchSources(this);
    return this.limit(count).collect();
  }

  /** Prints the first rows as a table, as Spark does. `truncate`: true cuts cells at 20 characters, false at none, a number at that many. */
  async show(numRows = 20, truncate: boolean | number = true, vertical = false): Promise<void> {
    process.stdout.write(`${await this.showString(numRows, truncate, vertical)}\n`);
  }

  /** The text that `show` prints, without the line feed that printing adds. */
  async showString(numRows = 20, truncate: boolean | number = true, vertical = false): Promise<string> {
    batchSources(this);
    const numShown = Math.max(0, Math.min(SHOWN_ROWS_MAX, Math.trunc(numRows)));
    // One row more tells whether there are more.
    const batch = await this.limit(numShown + 1).toResultBatch();
    return batch.showString(numShown, Math.max(0, truncateLength(truncate)), vertical);
  }

  /** The rows as an apache-arrow `Table`. Needs the package apache-arrow, which millrace does not install. */
  async toArrow(): Promise<ReturnType<ResultBatch['toArrow']>> {
    return (await this.toResultBatch()).toArrow();
  }

  /** The rows as columns over native memory. Throws where the DataFrame is a stream: those are started with `writeStream`. */
  async toResultBatch<D extends DataFrame<unknown>>(this: D): Promise<ResultBatch<D['row']>> {
    const query = { plan: this.plan, sources: batchSources(this), conf: this.session.conf.getAll() };
    return (await runBatchQuery(query)) as ResultBatch<D['row']>;
  }

  /** Says how the rows become files. Throws CALL_ON_STREAMING_DATASET_UNSUPPORTED on a stream, as Spark does. */
  get write(): DataFrameWriter<T> {
    if (this.isStreaming) throw new MillraceError('CALL_ON_STREAMING_DATASET_UNSUPPORTED', { parameters: { methodName: '`write`' } });
    return new DataFrameWriter<T>(this, batchSources(this));
  }

  /** Says where the rows of a stream go. */
  get writeStream(): DataStreamWriter<T> {
    return new DataStreamWriter<T>(this);
  }

  /** A DataFrame over the same sources: how methods of this and of its grouped data make new ones. */
  derive<R>(plan: Relation): DataFrame<R> {
    return new DataFrame<R>(this.session, plan, this.sources);
  }

  /** A DataFrame over the sources of this and of another. */
  combine<R>(other: DataFrame<unknown>, plan: Relation): DataFrame<R> {
    return new DataFrame<R>(this.session, plan, allSources(this, other));
  }
}

const ALL_ROWS = -1;

function keyNodes(functionName: string, keys: readonly (Column | string)[]): Expression[] {
  return keys.map((key) => columnOrNameNode(functionName, key));
}

const STREAM_IN_BATCH =
  'Queries with streaming sources must be executed with writeStream.start(), or from a streaming table or flow definition within a Spark Declarative Pipeline.';

/** What a DataFrame reads that is no stream. Throws _LEGACY_ERROR_TEMP_3102, as Spark does, where it is one. */
function batchSources({ sources }: DataFrame<unknown>): ReadonlyMap<number, BatchSource> {
  const ending = [...sources].filter((entry): entry is [number, BatchSource] => typeof entry[1] !== 'function');
  if (ending.length === sources.size) return new Map(ending);
  throw new MillraceError('_LEGACY_ERROR_TEMP_3102', { parameters: { msg: STREAM_IN_BATCH } });
}

/** The names that dropDuplicates() takes. Throws ARGUMENT_INVALID. */
function columnNames(name: string, columns: unknown): readonly string[] | undefined {
  if (columns === undefined) return undefined;
  if (!Array.isArray(columns)) throw invalidArgument(name, `the columns are an array of names such as ['id'], not ${describe(columns)}`);
  return columns.map((column) => requireText(name, 'a column', column));
}

/** A key to sort by: columns without a direction ascend. */
function orderNode(functionName: string, column: Column | string): Expression {
  const node = columnOrNameNode(functionName, column);
  return node.expr === 'sortOrder' ? node : sortOrderNode(node, false, true);
}
