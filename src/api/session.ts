// Session: where queries begin. Spark counterpart: `SparkSession`.
import { analyzePlan } from '../engine/analyzer.js';
import type { StructType } from '../plan/data-type.js';
import type { Relation } from '../plan/nodes.generated.js';
import { describe, invalidArgument } from './argument.js';
import { DataStreamReader } from './reader.js';
import { type Configurations, RuntimeConfig } from './runtime-config.js';
import { StreamingQueryManager } from './streaming-query-manager.js';

/** What `Session.create` takes; everything may be left out. */
export interface SessionOptions {
  /** A name for logs and pages. */
  readonly appName?: string;
  /** Zone of timestamps in text, such as `'Europe/Berlin'`; short for the configuration `spark.sql.session.timeZone`. UTC by default. */
  readonly timeZone?: string;
  /** Configurations by name, Spark's and millrace's own. */
  readonly conf?: Configurations;
}

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

  /** A reader of streams. Spark counterpart: `spark.readStream`. */
  get readStream(): DataStreamReader {
    return new DataStreamReader(this);
  }

  /**
   * The rows that a query with the sink `memory` and the query name `name` has put out so far: all of them in append and update mode,
   * the newest result in complete mode. Throws ARGUMENT_INVALID where there was no such query.
   * Spark counterpart: `spark.table(name)` of a memory sink.
   */
  memoryTable<T = Record<string, unknown>>(name: string): T[] {
    return this.streams.memoryTable(name) as T[];
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
