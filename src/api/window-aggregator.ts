// WindowAggregator: the aggregation core without sources and sinks. Columns in, result batches out.
import { encodeColumns } from '../batch/encode-columns.js';
import { AggregationRunner } from '../engine/aggregation-runner.js';
import { analyzePlan, parseDdl } from '../engine/analyzer.js';
import type { StructType } from '../plan/data-type.js';
import { aliasNode, callNode, columnNode, quoteName } from '../plan/expression.js';
import { literalNode } from '../plan/literal.js';
import type { AggregateRelation, Expression, Relation } from '../plan/nodes.generated.js';
import { aggregateNode, nextSourceNumber, readNode, withColumnsNode, withWatermarkNode } from '../plan/relation.js';
import type { ResultBatch } from '../result/result-batch.js';
import type { OutputMode } from '../sink/sink.js';
import { describe, invalidArgument, requireText } from './argument.js';
import { ColumnBatch } from './column-batch.js';
import { type WindowRange, window } from './functions/time.js';
import { type Configurations, RuntimeConfig } from './runtime-config.js';
import { ddlOf, type Schema } from './schema.js';
import type { AverageOf, SumOf } from './types/column-types.js';
import type { Ddl } from './types/ddl-types.js';
import type { EmptyRow, Simplify } from './types/value-types.js';

/** Aggregates over a column; `count: '*'` counts rows. */
const AGGREGATES = ['sum', 'count', 'min', 'max', 'avg', 'first', 'last'] as const;
type AggregateName = (typeof AGGREGATES)[number];

/** One aggregate: its function and the column it is over, such as `{ sum: 'amount' }` or `{ count: '*' }`. */
export type AggregateSpec<Columns extends string = string> = {
  readonly [F in AggregateName]: { readonly [K in F]: F extends 'count' ? Columns | '*' : Columns };
}[AggregateName];

/** What a WindowAggregator is made of. `S` is the schema, `G` the grouping columns, `A` the aggregates. */
export interface WindowAggregatorOptions<
  S extends string | Schema<unknown>,
  G extends readonly string[],
  A extends Readonly<Record<string, AggregateSpec>>,
> {
  /** The columns of the batches that will be pushed, as DDL text or as a `schema(...)`. */
  readonly schema: S;
  /**
   * The event time: the name of a timestamp column, or of a text column and the pattern (java.time's) to read it by, in a time zone that
   * is UTC where none is given.
   */
  readonly eventTime:
    | NoInfer<ColumnsOf<S>>
    | { readonly column: NoInfer<ColumnsOf<S>>; readonly pattern?: string; readonly timeZone?: string };
  /** The windows, in interval text: their size, how far apart they start (default: the size), and a shift of their starts. */
  readonly window: { readonly size: string; readonly slide?: string; readonly start?: string };
  /** How late rows may be, in interval text. Windows before the watermark are closed and their memory is freed. Without it all stay. */
  readonly watermark?: string;
  /** Columns to group by, beside the window. */
  readonly groupBy?: G & readonly NoInfer<ColumnsOf<S>>[];
  /** The aggregates by the names of their result columns. */
  readonly aggregates: A & Readonly<Record<string, AggregateSpec<NoInfer<ColumnsOf<S>>>>>;
  /** What `update()` returns: rows that changed (`update`, the default), windows that closed (`append`), all rows (`complete`). */
  readonly outputMode?: OutputMode;
  /** Worker threads; 1 by default, 0 for one per core. */
  readonly threads?: number;
  /** Configurations, as for `Session.create`. */
  readonly conf?: Configurations;
}

type RowOfSchema<S> = S extends string ? Ddl<S> : S extends Schema<infer T> ? T : never;
type ColumnsOf<S> = keyof RowOfSchema<S> & string;

type AggregateValue<Row, A> = A extends { readonly count: string }
  ? bigint
  : A extends { readonly sum: infer C }
    ? SumOf<ColumnValue<Row, C>>
    : A extends { readonly avg: infer C }
      ? AverageOf<ColumnValue<Row, C>>
      : ColumnValue<Row, A[keyof A]> | null;

type ColumnValue<Row, C> = C extends keyof Row ? Row[C] : unknown;

/** The row type of an aggregator's results: the window, the grouping columns, the aggregates. */
export type WindowAggregatorRow<
  S extends string | Schema<unknown>,
  G extends readonly string[],
  A extends Readonly<Record<string, AggregateSpec>>,
> = Simplify<
  { window: WindowRange } & { [K in G[number]]: ColumnValue<RowOfSchema<S>, K> } & {
    -readonly [K in keyof A]: AggregateValue<RowOfSchema<S>, A[K]>;
  }
>;

/**
 * Aggregates by windows of event time, for programs that have their own input and output: push columns, take result batches.
 * Everything behind it (parsing times, windows, state, watermark) is what queries use.
 *
 * ```ts
 * const aggregator = new WindowAggregator({
 *   schema: 'id STRING, amount INT, time TIMESTAMP',
 *   eventTime: 'time',
 *   window: { size: '5 minutes' },
 *   groupBy: ['id'],
 *   aggregates: { total: { sum: 'amount' }, n: { count: '*' } },
 * });
 * await aggregator.push(ColumnBatch.fromColumns({ id: ['apple'], amount: [10], time: [new Date()] }));
 * for (const row of await aggregator.update()) console.log(row.window.start, row.id, row.total);
 * await aggregator.close();
 * ```
 */
export class WindowAggregator<
  const S extends string | Schema<unknown> = string,
  const G extends readonly string[] = [],
  const A extends Readonly<Record<string, AggregateSpec>> = Readonly<Record<string, AggregateSpec>>,
> {
  /** The plan that it runs. */
  readonly plan: Relation;
  /** The columns of the results, in Spark's JSON form. */
  readonly schema: StructType;
  readonly #inputSchema: StructType;
  readonly #open: () => Promise<AggregationRunner>;
  #runner: Promise<AggregationRunner> | null = null;
  #isClosed = false;

  /** Checks the options and the plan made of them. Throws what is wrong: PARSE_SYNTAX_ERROR, UNRESOLVED_COLUMN, CANNOT_PARSE_INTERVAL, ... */
  constructor(options: WindowAggregatorOptions<S, G, A>) {
    if (typeof options !== 'object' || options === null)
      throw invalidArgument('WindowAggregator', `the options must be an object, got ${describe(options)}`);
    const { outputMode = 'update', threads = 1 } = options;
    if (!Number.isSafeInteger(threads) || threads < 0)
      throw invalidArgument('WindowAggregator', 'threads must be a whole number of at least 0');
    const configuration = new RuntimeConfig(options.conf);
    const { eventTime } = options;
    if (typeof eventTime === 'object' && eventTime.timeZone !== undefined)
      configuration.set('spark.sql.session.timeZone', eventTime.timeZone);
    const conf = configuration.getAll();
    const ddl = ddlOf('WindowAggregator', options.schema);
    this.#inputSchema = parseDdl(ddl);
    this.plan = planOf(ddl, options as AnyOptions);
    this.schema = analyzePlan(this.plan, conf);
    this.#open = () => AggregationRunner.open(this.plan, conf, outputMode, threads);
  }

  /** An aggregator that goes on from a snapshot. Rejects with STATE_FILE_CORRUPT, STATE_FILE_MISMATCH where the options differ. */
  static async restore<
    const S extends string | Schema<unknown>,
    const G extends readonly string[] = [],
    const A extends Readonly<Record<string, AggregateSpec>> = EmptyRow,
  >(options: WindowAggregatorOptions<S, G, A>, path: string): Promise<WindowAggregator<S, G, A>> {
    const aggregator = new WindowAggregator<S, G, A>(options);
    try {
      const runner = await aggregator.#running('restore');
      await runner.loadState(requireText('WindowAggregator.restore', 'the path', path));
      return aggregator;
    } catch (error) {
      await aggregator.close();
      throw error;
    }
  }

  /**
   * Aggregates a batch of columns. Rejects with VALUE_NOT_ENCODABLE naming column and row, and with what computing the rows brings up,
   * such as CANNOT_PARSE_TIMESTAMP.
   */
  async push(batch: ColumnBatch): Promise<void> {
    if (!(batch instanceof ColumnBatch)) throw invalidArgument('WindowAggregator.push', `expected a ColumnBatch, got ${describe(batch)}`);
    const encoded = encodeColumns(this.#inputSchema, batch.columns);
    const runner = await this.#running('push');
    await runner.push(encoded);
  }

  /** The results since the last call, as `outputMode` says; moves the watermark on and closes windows before it. */
  async update(): Promise<ResultBatch<WindowAggregatorRow<S, G, A>>> {
    const runner = await this.#running('update');
    return (await runner.finish()) as ResultBatch<WindowAggregatorRow<S, G, A>>;
  }

  /** Writes the state to a file, for `WindowAggregator.restore`. */
  async snapshot(path: string): Promise<void> {
    const runner = await this.#running('snapshot');
    await runner.saveState(requireText('WindowAggregator.snapshot', 'the path', path));
  }

  /** Frees the state and ends the worker threads. Result batches that were taken stay valid. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const runner = await this.#runner?.catch(() => null);
    await runner?.close();
  }

  #running(functionName: string): Promise<AggregationRunner> {
    if (this.#isClosed) throw invalidArgument(`WindowAggregator.${functionName}`, 'the aggregator is closed');
    this.#runner ??= this.#open();
    return this.#runner;
  }
}

type AnyOptions = WindowAggregatorOptions<string, readonly string[], Readonly<Record<string, AggregateSpec>>>;

/** read → event time parsed → watermark → windows and groups → aggregates. */
function planOf(schema: string, { eventTime, window: windows, watermark, groupBy = [], aggregates }: AnyOptions): AggregateRelation {
  const { column: timeName, pattern } = typeof eventTime === 'string' ? { column: eventTime, pattern: undefined } : eventTime;
  const timeColumn = columnNode(quoteName(requireText('WindowAggregator', 'eventTime', timeName)));
  let plan: Relation = readNode({ source: nextSourceNumber(), format: 'columns', schema, options: {} });
  if (pattern !== undefined) {
    const parsed = callNode('to_timestamp', [timeColumn, literalNode(requireText('WindowAggregator', 'eventTime.pattern', pattern))]);
    plan = withColumnsNode(plan, [aliasNode(parsed, timeName)]);
  }
  if (watermark !== undefined) plan = withWatermarkNode(plan, timeName, requireText('WindowAggregator', 'watermark', watermark));
  const windowKey = window(timeColumn.name, windows.size, windows.slide, windows.start).expression;
  const keys = groupBy.map((name) => columnNode(quoteName(requireText('WindowAggregator', 'a groupBy column', name))));
  return aggregateNode(
    plan,
    [windowKey, ...keys],
    Object.entries(aggregates).map(([name, spec]) => aggregateExpression(name, spec)),
  );
}

function aggregateExpression(name: string, spec: AggregateSpec): Expression {
  const [[functionName, column] = [], ...more] = Object.entries(spec ?? {}) as [string, string][];
  if (functionName === undefined || column === undefined || more.length > 0 || !AGGREGATES.some((known) => known === functionName)) {
    throw invalidArgument(
      'WindowAggregator',
      `aggregate ${name} must have one function of ${AGGREGATES.join(', ')} and its column, such as { sum: 'amount' }`,
    );
  }
  const over =
    functionName === 'count' && column === '*'
      ? literalNode(1)
      : columnNode(quoteName(requireText('WindowAggregator', `the column of ${name}`, column)));
  return aliasNode(callNode(functionName, [over]), name);
}
