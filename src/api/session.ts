// Session: where queries begin. Spark counterpart: `SparkSession`.
import { encodeRows } from '../batch/encode-rows.js';
import { analyzePlan, parseDdl } from '../engine/analyzer.js';
import type { StructType } from '../plan/data-type.js';
import type { Relation } from '../plan/nodes.generated.js';
import { nextSourceNumber, readNode, sqlNode, subqueryAliasNode } from '../plan/relation.js';
import { type BatchSource, localRows, numberRange } from '../source/batch-source.js';
import { describe, invalidArgument, longArgument, requireText } from './argument.js';
import { DataFrameReader } from './batch-reader.js';
import { DataFrame } from './data-frame.js';
import { NameRegistry } from './name-registry.js';
import { DataStreamReader } from './reader.js';
import { type Configurations, RuntimeConfig } from './runtime-config.js';
import { ddlOf, type Schema } from './schema.js';
import { StreamingQueryManager } from './streaming-query-manager.js';
import type { Ddl } from './types/ddl-types.js';
import type { InputRow } from './types/row-types.js';
import { UDFRegistration } from './udf-registration.js';

/** What `Session.create` takes; everything may be left out. */
export interface SessionOptions {
  /** A name for logs and pages. */
  readonly appName?: string;
  /** Zone of timestamps in text, such as `'Europe/Berlin'`; short for the configuration `spark.sql.session.timeZone`. UTC by default. */
  readonly timeZone?: string;
  /** Configurations by name, Spark's and millrace's own. */
  readonly conf?: Configurations;
}

/** A DataFrame under a name. */
interface View {
  readonly name: string;
  readonly dataFrame: DataFrame<unknown>;
}

/** A row for `createDataFrame`: an object, where nullable columns may be left out, or an array in the order of the schema. */
export type DataFrameRow<T> = InputRow<T> | readonly unknown[];

/**
 * The entry to everything: readers, configurations, running queries. A process may have several sessions; each has its own.
 *
 * ```ts
 * const session = Session.create({ appName: 'profit', timeZone: 'UTC', conf: { 'spark.sql.ansi.enabled': false } });
 * ```
 */
export class Session {
  /** The name given to `Session.create`. */
  readonly appName: string;
  /** The configurations. */
  readonly conf: RuntimeConfig;
  /** The streaming queries of this session. Spark counterpart: `spark.streams`. */
  readonly streams: StreamingQueryManager;
  /** Functions of the program that SQL text calls by name. Spark counterpart: `spark.udf`. */
  readonly udf = new UDFRegistration();
  readonly #views = new NameRegistry<View>();

  private constructor(appName: string, conf: RuntimeConfig) {
    this.appName = appName;
    this.conf = conf;
    this.streams = new StreamingQueryManager();
  }

  /** Makes a session. Throws CONFIG_UNKNOWN, CONFIG_INVALID. Spark counterpart: `SparkSession.builder()...getOrCreate()`. */
  static create(options: SessionOptions = {}): Session {
    if (typeof options !== 'object' || options === null)
      throw invalidArgument('Session.create', `the options must be an object, got ${describe(options)}`);
    const { appName = 'millrace', timeZone, conf = {} } = options;
    const configurations = new RuntimeConfig(conf);
    if (timeZone !== undefined) configurations.set('spark.sql.session.timeZone', timeZone);
    return new Session(appName, configurations);
  }

  /** Zone of timestamps in text: the configuration `spark.sql.session.timeZone`. */
  get timeZone(): string {
    return this.conf.get('spark.sql.session.timeZone');
  }

  /** A reader of files that are read once. Spark counterpart: `spark.read`. */
  get read(): DataFrameReader {
    return new DataFrameReader(this);
  }

  /** A reader of streams. Spark counterpart: `spark.readStream`. */
  get readStream(): DataStreamReader {
    return new DataStreamReader(this);
  }

  /**
   * A DataFrame of rows in memory: objects, or arrays in the order of the schema. The schema is DDL text, a `schema(...)`, or a row type in
   * Spark's JSON form, such as another DataFrame's `schema`. Rows are copied: changing them later has no effect.
   * Throws PARSE_SYNTAX_ERROR, and VALUE_NOT_ENCODABLE naming column and row.
   *
   * ```ts
   * const trades = session.createDataFrame([{ id: 'apple', amount: 10 }, { id: 'pear' }], 'id STRING, amount INT');
   * ```
   */
  createDataFrame<T>(rows: readonly DataFrameRow<T>[], schema: Schema<T>): DataFrame<T>;
  createDataFrame<const S extends string>(rows: readonly DataFrameRow<Ddl<S>>[], schema: S): DataFrame<Ddl<S>>;
  createDataFrame(rows: readonly object[], schema: StructType): DataFrame;
  createDataFrame(rows: unknown, schema: string | Schema<unknown> | StructType): DataFrame<unknown> {
    if (!Array.isArray(rows)) throw invalidArgument('createDataFrame', `the rows must be an array, got ${describe(rows)}`);
    const text = isStructType(schema) ? JSON.stringify(schema) : ddlOf('createDataFrame', schema);
    const encoded = encodeRows(parseDdl(text), rows);
    return this.#batchFrame(text, (source) => localRows(source, encoded));
  }

  /**
   * Whole numbers as the column `id` of type BIGINT: from 0, or from `start`, in steps of 1, or of `step`, as long as they are before `end`.
   *
   * ```ts
   * session.range(3); // 0, 1, 2
   * session.range(10n, 0n, -5n); // 10, 5
   * ```
   */
  range(end: number | bigint): DataFrame<{ id: bigint }>;
  range(start: number | bigint, end: number | bigint, step?: number | bigint): DataFrame<{ id: bigint }>;
  range(startOrEnd: number | bigint, end?: number | bigint, step: number | bigint = 1n): DataFrame<{ id: bigint }> {
    const from = longArgument('range', 'start', end === undefined ? 0n : startOrEnd);
    const to = longArgument('range', 'end', end ?? startOrEnd);
    const stride = longArgument('range', 'step', step);
    if (stride === 0n) throw invalidArgument('range', 'the step must not be 0');
    return this.#batchFrame('id BIGINT NOT NULL', (source) => numberRange(source, from, to, stride));
  }

  /**
   * A query in Spark SQL over the views that `createOrReplaceTempView` registered: SELECT with subqueries in FROM, WHERE, GROUP BY (rollup,
   * cube, grouping sets), HAVING, ORDER BY, LIMIT. Throws PARSE_SYNTAX_ERROR, TABLE_OR_VIEW_NOT_FOUND and what DataFrames throw.
   */
  sql(text: string): DataFrame {
    const views = this.#views.mentionedIn(requireText('sql', 'the query', text));
    const names = views.map((view) => view.name);
    const relations = views.map((view) => view.dataFrame.plan);
    return new DataFrame(this, sqlNode(text, names, relations), new Map(views.flatMap((view) => [...view.dataFrame.sources])));
  }

  /** The view `name`. Throws TABLE_OR_VIEW_NOT_FOUND. */
  table<T = Record<string, unknown>>(name: string): DataFrame<T> {
    const view = this.#views.get(requireText('table', 'the name', name));
    // A query for what is not there is refused with the error that a query has.
    if (view === undefined) return this.sql(`SELECT * FROM \`${name.replaceAll('`', '``')}\``) as DataFrame<T>;
    return new DataFrame<T>(this, subqueryAliasNode(view.dataFrame.plan, view.name), view.dataFrame.sources);
  }

  /** What `df.createOrReplaceTempView(name)` calls. */
  registerView(name: string, dataFrame: DataFrame<unknown>): void {
    this.#views.set(name, { name, dataFrame });
  }

  /**
   * The rows that a query with the sink `memory` and the query name `name` has put out so far: all of them in append and update mode,
   * the newest result in complete mode. Throws ARGUMENT_INVALID where there was no such query.
   * Spark counterpart: `spark.table(name)` of a memory sink.
   */
  memoryTable<T = Record<string, unknown>>(name: string): T[] {
    return this.streams.memoryTable(name) as T[];
  }

  #batchFrame<T>(schema: string, sourceOf: (source: number) => BatchSource): DataFrame<T> {
    const source = nextSourceNumber();
    const plan = readNode({ source, format: 'columns', streaming: false, schema, options: {} });
    return new DataFrame<T>(this, plan, new Map([[source, sourceOf(source)]]));
  }

  /** The row type of a plan under this session's configurations. Throws what is wrong with the plan. */
  analyze(plan: Relation): StructType {
    return analyzePlan(plan, this.conf.getAll());
  }

  /** Stops all queries of the session: each ends its running batch. Spark counterpart: `spark.stop()`. */
  async stop(): Promise<void> {
    await Promise.all(this.streams.active.map((query) => query.stop()));
  }
}

function isStructType(schema: unknown): schema is StructType {
  return typeof schema === 'object' && schema !== null && (schema as { type?: unknown }).type === 'struct';
}
