// Files of a folder as a sink (Spark's file sink): Rust writes each batch's rows, and names the files in the manifest `_spark_metadata`.
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Conf } from '../engine/conf-values.js';
import { native } from '../native/load.js';
import type { StructType } from '../plan/data-type.js';
import type { ResultBatch } from '../result/result-batch.js';
import type { FileFormat } from '../source/file.js';
import { optionBytes, optionDurationMs, optionInt } from '../source/source-option.js';
import { refuseMissingOptions } from '../source/spark-options.js';
import type { OutputMode, Sink, SinkQuery } from './sink.js';

/** What a writer says of files. */
export interface FileTarget {
  readonly format: FileFormat;
  /** A folder, or the `file:` URL of one. */
  readonly path: string;
  /** Options of the format, by Spark's names, beside `maxRecordsPerFile`, `maxBytesPerFile`, `mergeSmallFiles`, `mergeGrace` and `retention`. */
  readonly options: Readonly<Record<string, string>>;
  readonly partitionBy: readonly string[];
  readonly schema: StructType;
  readonly conf: Conf;
}

/** How long files that were merged stay for readers that have listed them. */
const MERGE_GRACE_MS = 3_600_000;

/**
 * Makes a file sink. Throws what is wrong with columns and options: UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE, PARTITION_COLUMN_NOT_FOUND_IN_SCHEMA,
 * OPTION_INVALID, ... The folder is taken when the query opens.
 */
export function createFileSink(target: FileTarget): Sink {
  native.checkFileSink(fileSinkSettings(target, { id: '' }));
  return new FileSink(target);
}

/** The FileSinkSettings of docs/design/border.md. */
export function fileSinkSettings({ format, path, options, partitionBy, schema, conf }: FileTarget, query: SinkQuery): string {
  refuseMissingOptions('written', format, options);
  return JSON.stringify({
    format,
    options,
    partitionBy,
    schema: JSON.stringify(schema),
    timeZone: conf['spark.sql.session.timeZone'],
    maxRecordsPerFile: optionInt(options, 'maxRecordsPerFile', 0) ?? 0,
    maxBytesPerFile: optionBytes(options, 'maxBytesPerFile') ?? 0,
    mergeBytes: optionBytes(options, 'mergeSmallFiles') ?? null,
    mergeGraceMs: optionDurationMs(options, 'mergeGrace') ?? MERGE_GRACE_MS,
    retentionMs: optionDurationMs(options, 'retention') ?? null,
    queryId: query.id,
    attempt: randomUUID(),
    url: pathToFileURL(folderOf(path)).href,
  });
}

/** Where the files go: paths of a simulated disk, which tests use, are not the file system's. */
export function folderOf(path: string): string {
  return path.startsWith('simulated:') ? path : resolve(path);
}

class FileSink implements Sink {
  readonly description: string;
  readonly #target: FileTarget;
  #handle: number | null = null;

  constructor(target: FileTarget) {
    this.#target = target;
    this.description = `FileSink[${target.path}]`;
  }

  async open(query: SinkQuery): Promise<void> {
    this.#handle = native.openFileSink(folderOf(this.#target.path), fileSinkSettings(this.#target, query));
  }

  async write(batchId: number, batch: ResultBatch, _outputMode: OutputMode): Promise<number> {
    if (this.#handle !== null) native.writeFiles(this.#handle, batchId, batch.bytes);
    // Spark's file sink does not count.
    return -1;
  }

  async close(): Promise<void> {
    if (this.#handle !== null) native.closeFileSink(this.#handle);
    this.#handle = null;
  }
}
