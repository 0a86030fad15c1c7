// DataFrameReader: names what is read once and loads it as a batch DataFrame. Spark counterpart: `DataFrameReader`.
import { type StoredRows, stateMetadataSource, storedStateSource } from '../engine/stored-state.js';
import { nextSourceNumber, readNode } from '../plan/relation.js';
import { wholeSource } from '../source/batch-source.js';
import { createFileBatch, FILE_FORMATS, validateFileOptions } from '../source/file.js';
import { fileSchema } from '../source/file-schema.js';
import { createKafkaBatchSource } from '../source/kafka/kafka-batch-source.js';
import { DataFrame } from './data-frame.js';
import type { OptionValue } from './options.js';
import type { FormatRow, TextRow } from './reader.js';
import { ReaderRequest } from './reader-request.js';
import type { Schema } from './schema.js';
import type { Session } from './session.js';
import type { Ddl } from './types/ddl-types.js';

const FORMATS = [...FILE_FORMATS, 'kafka'] as const;

/** What can be read of a query's checkpoint, by format. */
const STORED: Readonly<Record<string, (source: number, location: string, options: Readonly<Record<string, string>>) => StoredRows>> = {
  statestore: storedStateSource,
  'state-metadata': stateMetadataSource,
};

/**
 * Names files, or topics of Kafka, to be read once: `session.read`. Methods change the reader and return it.
 *
 * ```ts
 * const trades = session.read.schema('id STRING, amount INT').json('./trades');
 * await trades.show();
 * ```
 */
export class DataFrameReader<T = Record<string, unknown>> {
  /** The row type of what `load()` returns; there is nothing here at run time. */
  declare readonly row: T;
  readonly #session: Session;
  readonly #request = new ReaderRequest('read');

  /** Users call `session.read`. */
  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * The kind of source: `text`, `json`, `csv`, `parquet` or `kafka`; or `statestore`, the state that a query's checkpoint holds, with Spark's options
   * `batchId`, `operatorId`, `joinSide`, `stateVarName`, `readChangeFeed` and so on; or `state-metadata`, the stateful operators that it has. It is
   * checked at `load()`.
   */
  format<const F extends string>(format: F): DataFrameReader<FormatRow<F, T>> {
    this.#request.setFormat(format);
    return this as unknown as DataFrameReader<FormatRow<F, T>>;
  }

  /**
   * The columns of the files, as DDL text or as a `schema(...)`. Without it the files are looked into at `load()`; `text` has the column `value`.
   * Columns in the names of folders, `day=2026-01-01/`, come behind them.
   */
  schema<const S extends string>(ddl: S): DataFrameReader<Ddl<S>>;
  schema<R>(schema: Schema<R>): DataFrameReader<R>;
  schema(schema: string | Schema<unknown>): DataFrameReader<unknown> {
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
   * The files, or Kafka's records, as a DataFrame: `path` is a file, a directory, or a `file:` URL. Each action reads what is there then.
   * Throws DATA_SOURCE_NOT_FOUND, UNABLE_TO_INFER_SCHEMA, PATH_NOT_FOUND, OPTION_INVALID.
   */
  load(path?: string | URL): DataFrame<T> {
    this.#request.setPath(path);
    if (Object.hasOwn(STORED, this.#request.format ?? '')) return this.#stored(this.#request.format as string);
    const format = this.#request.requireFormat(FORMATS);
    const given = this.#request.schema(format);
    const options = this.#request.options.toRecord(['path']);
    const source = nextSourceNumber();
    const conf = this.#session.conf.getAll();
    if (format === 'kafka') {
      const topics = createKafkaBatchSource(source, options, conf);
      const plan = readNode({ source, format, streaming: false, schema: undefined, options });
      return new DataFrame<T>(this.#session, plan, new Map([[source, topics]]));
    }
    const folder = this.#request.requirePath(format);
    validateFileOptions(format, folder, options);
    const schema = fileSchema(format, folder, given, options, conf);
    const plan = readNode({ source, format, streaming: false, schema, options });
    const files = wholeSource(() => createFileBatch(source, format, folder, options, conf));
    return new DataFrame<T>(this.#session, plan, new Map([[source, files]]));
  }

  /** A part of a query's checkpoint. */
  #stored(format: string): DataFrame<T> {
    const source = nextSourceNumber();
    const options = this.#request.options.toRecord(['path']);
    this.#request.schema(format);
    const { schema, rows } = (STORED[format] as typeof storedStateSource)(source, this.#request.requirePath(format), options);
    const plan = readNode({ source, format: 'columns', streaming: false, schema, options: {} });
    return new DataFrame<T>(this.#session, plan, new Map([[source, rows]]));
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
}
