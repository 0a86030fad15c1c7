// DataStreamWriter: says where a DataFrame's rows go, and starts the query. Spark counterpart: `DataStreamWriter`.
import { parseDdl } from '../engine/analyzer.js';
import { BAD_RECORDS_DDL, type Diversions, LATE_ROWS_DDL } from '../engine/diversions.js';
import type { QueryDefinition, Trigger } from '../engine/query-definition.js';
import { MillraceError } from '../error/millrace-error.js';
import type { ResultBatch } from '../result/result-batch.js';
import { createConsoleSink } from '../sink/console.js';
import { createFileSink } from '../sink/file.js';
import { ForeachSink, type ForeachWriter } from '../sink/foreach.js';
import { ForeachBatchSink } from '../sink/foreach-batch.js';
import { createKafkaSink } from '../sink/kafka/kafka-sink.js';
import { MemorySink } from '../sink/memory.js';
import { ProgramSink } from '../sink/program-sink.js';
import type { OutputMode, Sink } from '../sink/sink.js';
import type { BatchSource } from '../source/batch-source.js';
import { FILE_FORMATS, type FileFormat } from '../source/file.js';
import type { Source } from '../source/source.js';
import { describe, invalidArgument, pathText, requireText } from './argument.js';
import type { DataFrame } from './data-frame.js';
import { type DataSource, dataSourceWith } from './data-source.js';
import { Options, type OptionValue } from './options.js';
import type { StreamingQuery } from './streaming-query.js';
import type { ColumnName } from './types/row-types.js';

/** What `foreachBatch` calls with each batch's rows. The id is the same when a batch is run again after a failure. */
export type BatchFunction<T> = (batch: ResultBatch<T>, batchId: number) => void | Promise<void>;

/** Where a diverted record came from; null for what its source does not have. */
interface DivertedRecord {
  /** The record as it came; JSON text where the source has columns, not records. */
  value: Uint8Array | null;
  topic: string | null;
  partition: number | null;
  offset: bigint | null;
  path: string | null;
  /** The record's first byte in its file. */
  byte: bigint | null;
}

/** A record whose decoding or evaluation raised. */
export interface BadRecord extends DivertedRecord {
  errorClass: string;
  message: string;
  /** The columns of the source that the failed expression reads. */
  column: string;
}

/** A row that came when the watermark had passed all its windows. */
export interface LateRow extends DivertedRecord {
  eventTime: Date;
  watermark: Date;
  latenessMs: bigint;
}

type DivertedFunction = BatchFunction<any>;

/** Sinks of streams that have a name; `foreachBatch` and `foreach` are those without. */
const FORMATS = ['console', 'memory', 'kafka', ...FILE_FORMATS] as const;

/** Options that are about the query, not about the sink. */
const QUERY_OPTIONS = ['checkpointLocation', 'queryName', 'path', 'closeOnIdle', 'badRecords', 'lateRows'];

/**
 * Says where the rows go: `df.writeStream`. Methods change the writer and return it.
 *
 * ```ts
 * const query = await df.writeStream.format('console').outputMode('update').trigger({ processingTime: '1 second' }).start();
 * await query.awaitTermination();
 * ```
 */
export class DataStreamWriter<T = Record<string, unknown>> {
  readonly #dataFrame: DataFrame<unknown>;
  readonly #options = new Options('writeStream');
  #format: string | null = null;
  #outputMode: OutputMode = 'append';
  #trigger: Trigger | null = null;
  #queryName: string | null = null;
  #partitionBy: readonly string[] = [];
  /** Makes the sink of `foreachBatch` or `foreach`. */
  #functionSink: (() => Sink) | null = null;
  #dataSource: DataSource<any> | null = null;
  readonly #diverted: { badRecords?: DivertedFunction; lateRows?: DivertedFunction } = {};

  /** Users call `df.writeStream`. */
  constructor(dataFrame: DataFrame<unknown>) {
    this.#dataFrame = dataFrame;
  }

  /**
   * The sink: `console` prints each batch as `show()` does (options `numRows`, `truncate`), `memory` keeps the rows for
   * `session.memoryTable(queryName)`, `json`, `csv`, `text` and `parquet` write files into the folder that `start(path)` names, `kafka` writes
   * the columns `key`, `value`, `headers`, `topic` and `partition` (options `kafka.*`, `topic`), at least once.
   * It is checked at `start()`. Or a sink of the program's own.
   */
  format(format: (typeof FORMATS)[number] | (string & {}) | DataSource<T>): this {
    this.#dataSource = typeof format === 'object' ? dataSourceWith('writeStream.format', format, 'streamWriter') : null;
    this.#format = typeof format === 'object' ? null : requireText('writeStream.format', 'the format', format);
    this.#functionSink = null;
    return this;
  }

  /** Hands each batch to a function; batches come one at a time, the next when the function's promise has resolved. */
  foreachBatch(batchFunction: BatchFunction<T>): this {
    if (typeof batchFunction !== 'function') throw invalidArgument('foreachBatch', `expected a function, got ${describe(batchFunction)}`);
    return this.#setFunctionSink(() => new ForeachBatchSink(batchFunction));
  }

  /** Hands each row to a writer, between its `open` and its `close` of each batch; or to a function. At least once: a batch that failed runs again, with the same id. */
  foreach(writer: ForeachWriter<T> | ((row: T) => void | Promise<void>)): this {
    const whole = typeof writer === 'function' ? { process: writer } : writer;
    if (typeof whole?.process !== 'function')
      throw invalidArgument('foreach', `expected a function or an object with process(row), got ${describe(writer)}`);
    return this.#setFunctionSink(() => new ForeachSink(whole));
  }

  #setFunctionSink(create: () => Sink): this {
    this.#functionSink = create;
    this.#format = null;
    this.#dataSource = null;
    return this;
  }

  /** Sets an option of the sink or of the query (`checkpointLocation`). Names are the same in upper and lower case. */
  option(name: string, value: OptionValue): this {
    this.#options.set(name, value);
    return this;
  }

  /** Sets several options. */
  options(options: Readonly<Record<string, OptionValue>>): this {
    this.#options.setAll(options);
    return this;
  }

  /**
   * What a batch puts out: `append` (the default) rows that will not change any more, `update` rows that changed, `complete` all rows of
   * the result. Whether the query can do that is checked at `start()`. Throws STREAMING_OUTPUT_MODE.INVALID for other words.
   */
  outputMode(outputMode: OutputMode): this {
    if (typeof outputMode !== 'string') throw invalidArgument('outputMode', `the mode must be a text, got ${describe(outputMode)}`);
    const mode = outputMode.toLowerCase();
    if (mode !== 'append' && mode !== 'update' && mode !== 'complete')
      throw new MillraceError('STREAMING_OUTPUT_MODE.INVALID', { parameters: { outputMode } });
    this.#outputMode = mode;
    return this;
  }

  /**
   * When batches start. By default as soon as there is data. `{ processingTime: '1 minute' }` (or milliseconds) at most that often,
   * `{ availableNow: true }` until all that is there now is done, `{ once: true }` one batch of all that is there.
   */
  trigger(trigger: Trigger): this {
    this.#trigger = checkedTrigger(trigger);
    return this;
  }

  /**
   * The columns whose values name the folders that files go to, as in Hive: `day=2026-01-01/shop=7/part-…`. The files are without them.
   * For file sinks.
   */
  partitionBy(...columns: readonly ColumnName<T>[]): this {
    this.#partitionBy = columns.map((column) => requireText('partitionBy', 'a column', column));
    return this;
  }

  /**
   * Where records go whose decoding or evaluation raises, so that one of them does not end the query: a folder, which gets files of JSON, or a function, which
   * gets each batch that has some. Each has the record's bytes (`value`), where it was (`topic`, `partition`, `offset`, or `path`, `byte`) and what was wrong
   * (`errorClass`, `message`, the source's `column`). Also the option `badRecords`. Not Spark's.
   */
  badRecords(target: string | URL | BatchFunction<BadRecord>): this {
    return this.#divert('badRecords', target as string | URL | DivertedFunction);
  }

  /**
   * Where rows go that groupings by windows, sessions or event time drop because the watermark has passed them: as `badRecords`, with `eventTime`, `watermark`
   * and `latenessMs` instead of an error. Also the option `lateRows`. Not Spark's.
   */
  lateRows(target: string | URL | BatchFunction<LateRow>): this {
    return this.#divert('lateRows', target as string | URL | DivertedFunction);
  }

  #divert(kind: 'badRecords' | 'lateRows', target: string | URL | DivertedFunction): this {
    if (typeof target === 'function') this.#diverted[kind] = target;
    else this.#options.set(kind, pathText(`writeStream.${kind}`, target));
    return this;
  }

  /** The sinks of what is diverted. */
  #diversions(conf: Readonly<Record<string, string>>): Diversions {
    const sinkOf = (write: DivertedFunction | undefined, path: string | undefined, ddl: string): Sink | undefined => {
      if (write !== undefined) return new ForeachBatchSink((batch, id) => (batch.numRows === 0 ? undefined : write(batch, id)));
      return path === undefined
        ? undefined
        : createFileSink({ format: 'json', path, options: {}, partitionBy: [], schema: parseDdl(ddl), conf });
    };
    const badRecords = sinkOf(this.#diverted.badRecords, this.#options.get('badRecords'), BAD_RECORDS_DDL);
    const lateRows = sinkOf(this.#diverted.lateRows, this.#options.get('lateRows'), LATE_ROWS_DDL);
    return { ...(badRecords && { badRecords }), ...(lateRows && { lateRows }) };
  }

  /** A name for the query: in progress reports, and of the memory sink's table. No two running queries of a process share one. */
  queryName(name: string): this {
    this.#queryName = requireText('queryName', 'the name', name);
    return this;
  }

  /**
   * Starts the query; `path` is the folder of a file sink. Rejects with what is wrong with the plan in this output mode, with a source that
   * cannot be opened (KAFKA_UNREACHABLE), with a folder that another query writes to (FILE_SINK_IN_USE), with QUERY_ALREADY_ACTIVE, or with
   * ARGUMENT_INVALID where there is no sink.
   */
  async start(path?: string | URL): Promise<StreamingQuery> {
    if (path !== undefined) this.#options.set('path', pathText('writeStream.start', path));
    const { plan, session } = this.#dataFrame;
    const { streams, statics } = sourcesOf(this.#dataFrame);
    const name = this.#queryName ?? this.#options.get('queryName') ?? null;
    const conf = session.conf.getAll();
    const closeOnIdle = this.#options.get('closeOnIdle');
    const definition: QueryDefinition = {
      name,
      plan,
      sources: streams,
      statics,
      sink: this.#createSink(name, conf),
      diversions: this.#diversions(conf),
      outputMode: this.#outputMode,
      trigger: this.#trigger,
      checkpointLocation: this.#options.get('checkpointLocation') ?? null,
      ...(closeOnIdle !== undefined && { closeOnIdle }),
      conf,
    };
    return session.streams.start(definition, session);
  }

  /** A sink of files, once it is what Spark asks of one. */
  #createFileSink(format: FileFormat | 'orc', options: Readonly<Record<string, string>>, conf: Readonly<Record<string, string>>): Sink {
    if (this.#outputMode !== 'append') {
      throw new MillraceError('STREAMING_OUTPUT_MODE.UNSUPPORTED_DATASOURCE', {
        parameters: { className: format, outputMode: this.#outputMode },
      });
    }
    this.#requireCheckpoint();
    if (format === 'orc') throw unknownFormat(format);
    const path = this.#options.get('path');
    if (path === undefined) throw invalidArgument('writeStream.start', `the sink ${format} needs a path: start(path)`);
    const { schema } = this.#dataFrame;
    return createFileSink({ format, path, options, partitionBy: this.#partitionBy, schema, conf });
  }

  /** Sinks outside of the process need to know what they have. Throws _LEGACY_ERROR_TEMP_1298. */
  #requireCheckpoint(): void {
    if (this.#options.get('checkpointLocation') !== undefined) return;
    throw new MillraceError('_LEGACY_ERROR_TEMP_1298', { parameters: { config: 'spark.sql.streaming.checkpointLocation' } });
  }

  #createSink(name: string | null, conf: Readonly<Record<string, string>>): Sink {
    if (this.#functionSink !== null) return this.#functionSink();
    const options = this.#options.toRecord(QUERY_OPTIONS);
    if (this.#dataSource !== null) {
      const sink = dataSourceWith('writeStream.format', this.#dataSource, 'streamWriter');
      const path = this.#options.get('path');
      const given = path === undefined ? options : { ...options, path };
      return new ProgramSink(sink.name, sink.streamWriter(given, this.#dataFrame.schema));
    }
    const format = this.#format?.toLowerCase();
    switch (format) {
      case 'json':
      case 'csv':
      case 'text':
      case 'parquet':
      case 'orc':
        return this.#createFileSink(format, options, conf);
      case 'console':
        return createConsoleSink(options, conf);
      case 'kafka':
        this.#requireCheckpoint();
        return createKafkaSink(options, this.#dataFrame.schema);
      case 'memory':
        if (name === null) throw invalidArgument('writeStream.start', 'the sink memory needs queryName(...), the name of its table');
        return new MemorySink();
      case undefined:
        throw invalidArgument(
          'writeStream.start',
          `no sink was given: call foreachBatch(...), foreach(...) or format(...) with one of ${FORMATS.join(', ')}`,
        );
      default:
        throw unknownFormat(String(this.#format));
    }
  }
}

function unknownFormat(provider: string): MillraceError {
  return new MillraceError('DATA_SOURCE_NOT_FOUND', { parameters: { provider, formats: FORMATS.join(', ') } });
}

/** What a stream reads: streams, and sources that end. Throws WRITE_STREAM_NOT_ALLOWED where there is no stream. */
function sourcesOf(dataFrame: DataFrame<unknown>): { streams: Map<number, () => Source>; statics: Map<number, BatchSource> } {
  if (!dataFrame.isStreaming) throw new MillraceError('WRITE_STREAM_NOT_ALLOWED');
  const streams = new Map<number, () => Source>();
  const statics = new Map<number, BatchSource>();
  for (const [number, source] of dataFrame.sources) {
    if (typeof source === 'function') streams.set(number, source);
    else statics.set(number, source);
  }
  return { streams, statics };
}

/** A copy of the trigger, with one key and a value that makes sense; the text of an interval is read at start(). */
function checkedTrigger(trigger: unknown): Trigger {
  if (typeof trigger === 'object' && trigger !== null && Object.keys(trigger).length === 1) {
    const { processingTime, availableNow, once } = trigger as Record<string, unknown>;
    if (availableNow === true) return Object.freeze({ availableNow });
    if (once === true) return Object.freeze({ once });
    if (typeof processingTime === 'string' || (typeof processingTime === 'number' && processingTime >= 0))
      return Object.freeze({ processingTime });
  }
  throw invalidArgument('trigger', "expected { processingTime: '1 second' } (or milliseconds), { availableNow: true } or { once: true }");
}
