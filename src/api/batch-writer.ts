// DataFrameWriter: writes the rows of a batch DataFrame, as files or to Kafka. Spark counterpart: `DataFrameWriter`.
import { runBatchQuery } from '../engine/batch-query.js';
import { MillraceError } from '../error/millrace-error.js';
import { prepareFolder, type SaveMode, writeFolder } from '../sink/file-folder.js';
import { prepareKafkaWrite } from '../sink/kafka/kafka-sink.js';
import type { BatchSource } from '../source/batch-source.js';
import { FILE_FORMATS, type FileFormat } from '../source/file.js';
import { describe, invalidArgument, pathText, requireText } from './argument.js';
import type { DataFrame } from './data-frame.js';
import { Options, type OptionValue } from './options.js';
import type { ColumnName } from './types/row-types.js';

const SAVE_MODES: Readonly<Record<string, SaveMode>> = {
  append: 'append',
  overwrite: 'overwrite',
  ignore: 'ignore',
  error: 'errorIfExists',
  errorifexists: 'errorIfExists',
  default: 'errorIfExists',
};

/** The format where none is given: spark.sql.sources.default. */
const DEFAULT_FORMAT: FileFormat = 'parquet';

/**
 * Says how the rows of a batch become files, or records of Kafka: `df.write`. Methods change the writer and return it; `save` and its kin write.
 *
 * ```ts
 * await df.write.mode('overwrite').partitionBy('day').parquet('./trades');
 * ```
 */
export class DataFrameWriter<T = Record<string, unknown>> {
  readonly #dataFrame: DataFrame<unknown>;
  readonly #sources: ReadonlyMap<number, BatchSource>;
  readonly #options = new Options('write');
  #format: string = DEFAULT_FORMAT;
  #mode: SaveMode = 'errorIfExists';
  #partitionBy: readonly string[] = [];

  /** Users call `df.write`. */
  constructor(dataFrame: DataFrame<unknown>, sources: ReadonlyMap<number, BatchSource>) {
    this.#dataFrame = dataFrame;
    this.#sources = sources;
  }

  /** `json`, `csv`, `text`, `kafka` or `parquet`, which is the default. It is checked at `save()`. */
  format(format: FileFormat | 'kafka' | (string & {})): this {
    this.#format = requireText('write.format', 'the format', format);
    return this;
  }

  /**
   * What becomes of a folder that is there: `errorIfExists` (the default), `append` adds files, `overwrite` replaces what is in it, `ignore` writes
   * nothing. Kafka can only be added to. Throws INVALID_SAVE_MODE.
   */
  mode(mode: SaveMode | (string & {})): this {
    if (typeof mode !== 'string') throw invalidArgument('write.mode', `the mode must be a text, got ${describe(mode)}`);
    const known = SAVE_MODES[mode.toLowerCase()];
    if (known === undefined) throw new MillraceError('INVALID_SAVE_MODE', { parameters: { mode: `"${mode}"` } });
    this.#mode = known;
    return this;
  }

  /** Sets an option of the format. Names are the same in upper and lower case. */
  option(name: string, value: OptionValue): this {
    this.#options.set(name, value);
    return this;
  }

  /** Sets several options. */
  options(options: Readonly<Record<string, OptionValue>>): this {
    this.#options.setAll(options);
    return this;
  }

  /** The columns whose values name the folders that files go to, as in Hive. The files are without them. */
  partitionBy(...columns: readonly ColumnName<T>[]): this {
    this.#partitionBy = columns.map((column) => requireText('partitionBy', 'a column', column));
    return this;
  }

  /**
   * Runs the query and writes its rows into the folder `path`, or to Kafka, which takes none. Rejects with PATH_ALREADY_EXISTS, DATA_SOURCE_NOT_FOUND, what is wrong with columns
   * and options, and what the query fails with.
   */
  async save(path?: string | URL): Promise<void> {
    if (this.#format.toLowerCase() === 'kafka') return this.#saveToKafka();
    if (path !== undefined) this.#options.set('path', pathText('write.save', path));
    const { schema, plan, session } = this.#dataFrame;
    const conf = session.conf.getAll();
    const folder = this.#options.get('path');
    if (folder === undefined) throw invalidArgument('write.save', 'it needs a path: save(path)');
    const format = FILE_FORMATS.find((known) => known === this.#format.toLowerCase());
    if (format === undefined)
      throw new MillraceError('DATA_SOURCE_NOT_FOUND', {
        parameters: { provider: this.#format, formats: [...FILE_FORMATS, 'kafka'].join(', ') },
      });
    const target = { format, path: folder, options: this.#options.toRecord(['path']), partitionBy: this.#partitionBy, schema, conf };
    if (!prepareFolder(target, this.#mode)) return;
    writeFolder(target, this.#mode, await runBatchQuery({ plan, sources: this.#sources, conf }));
  }

  /** `format('json').save(path)`. */
  async json(path: string | URL): Promise<void> {
    await this.format('json').save(path);
  }

  /** `format('csv').save(path)`. */
  async csv(path: string | URL): Promise<void> {
    await this.format('csv').save(path);
  }

  /** `format('text').save(path)`. */
  async text(path: string | URL): Promise<void> {
    await this.format('text').save(path);
  }

  /** `format('parquet').save(path)`. */
  async parquet(path: string | URL): Promise<void> {
    await this.format('parquet').save(path);
  }

  async #saveToKafka(): Promise<void> {
    const { schema, plan, session } = this.#dataFrame;
    refuseKafkaMode(this.#mode);
    const write = prepareKafkaWrite(this.#options.toRecord(), schema);
    await write(await runBatchQuery({ plan, sources: this.#sources, conf: session.conf.getAll() }));
  }
}

/** Throws _LEGACY_ERROR_TEMP_3081 where the mode would replace what is there. */
function refuseKafkaMode(saveMode: SaveMode): void {
  if (saveMode === 'append' || saveMode === 'errorIfExists') return;
  const mode = saveMode === 'overwrite' ? 'Overwrite' : 'Ignore';
  throw new MillraceError('_LEGACY_ERROR_TEMP_3081', { parameters: { mode, append: 'Append', errorIfExists: 'ErrorIfExists' } });
}
