// DataStreamReader: names a source and loads it as a DataFrame. Spark counterpart: `DataStreamReader`.
import { parseDdl } from '../engine/analyzer.js';
import { systemClock } from '../engine/clock.js';
import { confDurationMs } from '../engine/conf-values.js';
import { MillraceError } from '../error/millrace-error.js';
import { nextSourceNumber, readNode } from '../plan/relation.js';
import { createFileSource, FILE_FORMATS, type FileFormat, validateFileOptions } from '../source/file.js';
import { fileSchema } from '../source/file-schema.js';
import { createKafkaSource, validateKafkaOptions } from '../source/kafka/kafka-source.js';
import { ProgramSource } from '../source/program-source.js';
import { createRateSource } from '../source/rate.js';
import { createRateMicroBatchSource } from '../source/rate-micro-batch.js';
import { createSocketSource, socketSchema } from '../source/socket.js';
import type { Source } from '../source/source.js';
import { DataFrame } from './data-frame.js';
import { type DataSource, dataSourceWith } from './data-source.js';
import type { OptionValue } from './options.js';
import { ReaderRequest } from './reader-request.js';
import { ddlOf, type Schema } from './schema.js';
import type { Session } from './session.js';
import type { Ddl } from './types/ddl-types.js';

/** The columns of format `text`. */
export interface TextRow {
  /** A line, without its line feed. */
  value: string | null;
}

/** The columns of formats `rate` and `rate-micro-batch`. */
export interface RateRow {
  /** When the row was due. */
  timestamp: Date | null;
  /** A counter from 0. */
  value: bigint | null;
}

/** A header of a record. */
export interface KafkaHeader {
  key: string;
  value: Uint8Array | null;
}

/** The columns of format `kafka`. */
export interface KafkaRow {
  key: Uint8Array | null;
  value: Uint8Array | null;
  topic: string | null;
  partition: number | null;
  offset: bigint | null;
  timestamp: Date | null;
  /** 0: the producer's time, 1: the broker's, -1: none. */
  timestampType: number | null;
  /** There with the option `includeHeaders` only; null where a record has none. */
  headers?: KafkaHeader[] | null;
}

/** The columns of format `socket`. */
export interface SocketRow {
  /** A line, without its line feed. */
  value: string | null;
  /** When it came; there with the option `includeTimestamp` only. */
  timestamp?: Date | null;
}

/** The row types of formats that fix their columns. */
interface FixedRows {
  text: TextRow;
  rate: RateRow;
  'rate-micro-batch': RateRow;
  kafka: KafkaRow;
  socket: SocketRow;
}

/** The row type of a reader that is told a format: the format's, where it fixes one, else what `schema()` said. */
export type FormatRow<F extends string, T> = Lowercase<F> extends keyof FixedRows ? FixedRows[Lowercase<F>] : T;

/** Sources of streams. */
const FORMATS = [...FILE_FORMATS, 'rate', 'rate-micro-batch', 'kafka', 'socket'] as const;
/** Formats that Rust reads. */
type ReadFormat = Exclude<(typeof FORMATS)[number], 'socket'>;

/**
 * Names a source: `session.readStream`. Methods change the reader and return it.
 *
 * ```ts
 * session.readStream.format('kafka').option('kafka.bootstrap.servers', 'localhost:9092').option('subscribe', 'trades').load()
 * session.readStream.schema('id STRING, amount INT').json('./trades')
 * ```
 */
export class DataStreamReader<T = Record<string, unknown>> {
  /** The row type of what `load()` returns; there is nothing here at run time. */
  declare readonly row: T;
  readonly #session: Session;
  readonly #request = new ReaderRequest('readStream');
  #dataSource: DataSource<any> | null = null;

  /** Users call `session.readStream`. */
  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * The kind of source: `text`, `json`, `csv`, `parquet`, `rate`, `rate-micro-batch`, `kafka` or `socket`, which is checked at `load()`; or a source of the
   * program's own.
   */
  format<const F extends string>(format: F): DataStreamReader<FormatRow<F, T>>;
  format<R>(source: DataSource<R>): DataStreamReader<R>;
  format(format: string | DataSource<any>): DataStreamReader<any> {
    this.#dataSource = typeof format === 'object' ? dataSourceWith('readStream.format', format, 'streamReader') : null;
    if (typeof format !== 'object') this.#request.setFormat(format);
    return this;
  }

  /** The columns of the source, as DDL text or as a `schema(...)`. `json`, `csv` and `parquet` need them; sources that fix their columns take none. */
  schema<const S extends string>(ddl: S): DataStreamReader<Ddl<S>>;
  schema<R>(schema: Schema<R>): DataStreamReader<R>;
  schema(schema: string | Schema<unknown>): DataStreamReader<unknown> {
    this.#request.setSchema(schema);
    return this;
  }

  /** Sets an option of the source. Names are the same in upper and lower case. */
  option(name: string, value: OptionValue): this {
    this.#request.options.set(name, value);
    return this;
  }

  /** Sets several options of the source. */
  options(options: Readonly<Record<string, OptionValue>>): this {
    this.#request.options.setAll(options);
    return this;
  }

  /**
   * The source as a DataFrame. File sources need a path (text, or a URL such as `new URL('./trades.ndjson', import.meta.url)`) of a file
   * or a directory. Nothing is read yet. Throws DATA_SOURCE_NOT_FOUND, _LEGACY_ERROR_TEMP_2048, PATH_NOT_FOUND,
   * OPTION_INVALID.
   */
  load(path?: string | URL): DataFrame<T> {
    this.#request.setPath(path);
    if (this.#dataSource !== null) return this.#loadFrom(this.#dataSource);
    const format = this.#request.requireFormat(FORMATS);
    const options = this.#request.options.toRecord(['path']);
    if (format === 'socket') {
      this.#request.schema(format);
      const ddl = socketSchema(options);
      const create = (number: number) => () => createSocketSource(number, parseDdl(ddl), options);
      create(0)(); // so that a wrong option is an error of this call
      return this.#columns(ddl, create);
    }
    const schema = this.#schema(format, options);
    const source = nextSourceNumber();
    const factory = this.#sourceFactory(format, source, options);
    const plan = readNode({ source, format, schema, options });
    return new DataFrame<T>(this.#session, plan, new Map([[source, factory]]));
  }

  /** A source of the program's own. */
  #loadFrom(dataSource: DataSource<any>): DataFrame<T> {
    const { name, streamReader } = dataSourceWith('readStream.format', dataSource, 'streamReader');
    const ddl = this.#request.schema('columns') ?? (dataSource.schema === undefined ? null : ddlOf(name, dataSource.schema));
    if (ddl === null) throw new MillraceError('_LEGACY_ERROR_TEMP_2048', { parameters: { format: name } });
    const schema = parseDdl(ddl);
    const options = this.#request.options.toRecord();
    const pollingDelayMs = confDurationMs(this.#session.conf.getAll(), 'spark.sql.streaming.pollingDelay');
    const create = (sourceNumber: number) => () =>
      new ProgramSource(streamReader.call(dataSource, options), { sourceNumber, name, schema, clock: systemClock, pollingDelayMs });
    return this.#columns(ddl, create);
  }

  /** A source whose splits are columns that TypeScript encodes. */
  #columns(ddl: string, create: (sourceNumber: number) => () => Source): DataFrame<T> {
    const source = nextSourceNumber();
    const plan = readNode({ source, format: 'columns', schema: ddl, options: {} });
    return new DataFrame<T>(this.#session, plan, new Map([[source, create(source)]]));
  }

  /** Lines of text files: `format('text').load(path)`. */
  text(path: string | URL): DataFrame<TextRow> {
    return this.format('text').load(path);
  }

  /** Files with one JSON object a line: `format('json').load(path)`. */
  json(path: string | URL): DataFrame<T> {
    return this.format('json').load(path) as unknown as DataFrame<T>;
  }

  /** Files of comma-separated values, or of values that option `sep` separates: `format('csv').load(path)`. */
  csv(path: string | URL): DataFrame<T> {
    return this.format('csv').load(path) as unknown as DataFrame<T>;
  }

  /** Parquet files: `format('parquet').load(path)`. */
  parquet(path: string | URL): DataFrame<T> {
    return this.format('parquet').load(path) as unknown as DataFrame<T>;
  }

  /** The columns: of files those that were named, with those that the names of their folders have. */
  #schema(format: ReadFormat, options: Readonly<Record<string, string>>): string | undefined {
    const given = this.#request.schema(format);
    if (!isFileFormat(format)) return undefined;
    const mayInfer = format === 'text' || this.#session.conf.get('spark.sql.streaming.schemaInference') === 'true';
    if (given === null && !mayInfer) throw new MillraceError('_LEGACY_ERROR_TEMP_2048', { parameters: { format } });
    const path = this.#request.requirePath(format);
    validateFileOptions(format, path, options);
    return fileSchema(format, path, given, options, this.#session.conf.getAll());
  }

  #sourceFactory(format: ReadFormat, source: number, options: Readonly<Record<string, string>>): () => Source {
    const conf = this.#session.conf.getAll();
    switch (format) {
      case 'text':
      case 'json':
      case 'csv':
      case 'parquet': {
        const path = this.#request.requirePath(format);
        return () => createFileSource(source, format, path, options, conf);
      }
      case 'rate':
        createRateSource(source, options, conf); // so that a wrong option is an error of this call
        return () => createRateSource(source, options, conf);
      case 'rate-micro-batch':
        createRateMicroBatchSource(source, options);
        return () => createRateMicroBatchSource(source, options);
      case 'kafka':
        validateKafkaOptions(options);
        return () => createKafkaSource(source, options, conf);
    }
  }
}

function isFileFormat(format: ReadFormat): format is FileFormat {
  return (FILE_FORMATS as readonly string[]).includes(format);
}
