// Files of a directory as a stream (Spark's file source): new files are batches, contents are read by Rust alone.
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Clock, systemClock } from '../engine/clock.js';
import { type Conf, confBytes, confDurationMs } from '../engine/conf-values.js';
import { MillraceError } from '../error/millrace-error.js';
import { type FileCleaner, fileCleaner } from './file-cleaner.js';
import { type FileChoice, fileChoice, hasManifest, listFiles, pathOf } from './file-listing.js';
import { partitionValues } from './partition-columns.js';
import { type ListedFile, type SeenFile, SeenFiles } from './seen-files.js';
import type { Offset, ReadLimit, Source, SourceLog, Split } from './source.js';
import { optionBoolean, optionBytes, optionDurationMs, optionInt, optionInvalid, optionText } from './source-option.js';
import { refuseMissingOptions } from './spark-options.js';
import { splitBytesFor } from './split-size.js';

/** What the file source reads: lines as they are, a JSON document or a record a line, row groups. */
export const FILE_FORMATS = ['text', 'json', 'csv', 'parquet'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

/** Options that make one record of more than a line: such files can't be cut. */
const WHOLE_FILE_OPTIONS = ['multiLine', 'wholetext'];

/** Ends of names of files that are streams from their first byte to their last. */
const COMPRESSED = /\.(gz|zst|deflate|snappy|lz4)$/;

/** Lines that end or are written otherwise are found in the whole text: such files are not cut either. The values that change nothing. */
const USUAL_LINES: Readonly<Record<string, RegExp>> = {
  lineSep: /^\n$/,
  encoding: /^(utf-?8|us-ascii)$/i,
  charset: /^(utf-?8|us-ascii)$/i,
};

/** How much smaller the splits of Parquet files are than those of text. */
const PARQUET_PACKING = 4;
const FILE_AGE_MS = 7 * 86_400_000;

const BEFORE_ALL: Offset = { logOffset: -1 };

/**
 * Checks what `load(path)` was given, at the call. Throws PATH_NOT_FOUND, OPTION_INVALID.
 * Options: `maxFilesPerTrigger`, `maxBytesPerTrigger`, `latestFirst`, `maxFileAge` (`7d`), `fileNameOnly`, `pathGlobFilter`, `modifiedAfter`,
 * `modifiedBefore`, `recursiveFileLookup`, `cleanSource`, `sourceArchiveDir`; those that concern parsing are checked where parsing is.
 */
export function validateFileOptions(format: FileFormat, path: string, options: Readonly<Record<string, string>>): void {
  refuseMissingOptions('read', format, options);
  const { root, isPattern } = fileChoice(path, options);
  if (!existsSync(root) && !isPattern) throw new MillraceError('PATH_NOT_FOUND', { parameters: { path: root }, context: { path: root } });
  readOptions(path, options);
}

/** Makes the source of reader `sourceNumber`. `path` is a file, a directory, or a `file:` URL of one. Throws OPTION_INVALID. */
export function createFileSource(
  sourceNumber: number,
  format: FileFormat,
  path: string,
  options: Readonly<Record<string, string>>,
  conf: Conf,
  clock: Clock = systemClock,
): Source {
  return new FileSource({ ...fileSettings(sourceNumber, format, path, options, conf), clock, isStream: true });
}

/** The same, for a query that reads what is there now and ends. */
export function createFileBatch(
  sourceNumber: number,
  format: FileFormat,
  path: string,
  options: Readonly<Record<string, string>>,
  conf: Conf,
): Source {
  return new FileSource({ ...fileSettings(sourceNumber, format, path, options, conf), clock: systemClock, isStream: false });
}

function fileSettings(
  sourceNumber: number,
  format: FileFormat,
  path: string,
  options: Readonly<Record<string, string>>,
  conf: Conf,
): Omit<FileSettings, 'clock' | 'isStream'> {
  const packing = format === 'parquet' ? PARQUET_PACKING : 1;
  const splitBytes = Math.max(1, Math.floor(confBytes(conf, 'millrace.splitBytes') / packing));
  const pollingDelayMs = confDurationMs(conf, 'spark.sql.streaming.pollingDelay');
  return { sourceNumber, format, packing, splitBytes, pollingDelayMs, ...readOptions(path, options) };
}

interface FileOptions {
  readonly choice: FileChoice;
  /** The path as it was given, absolute. */
  readonly path: string;
  readonly cleaner: FileCleaner | null;
  /** Files of one name count as one, wherever they lie. */
  readonly comparesNames: boolean;
  /** Whether a file must be read in one piece. */
  readonly readsWhole: boolean;
  /** Whether the names of folders have columns. */
  readonly hasPartitions: boolean;
  readonly maxFilesPerTrigger: number | undefined;
  readonly maxBytesPerTrigger: number | undefined;
  readonly latestFirst: boolean;
  readonly maxFileAgeMs: number;
}

interface FileSettings extends FileOptions {
  readonly sourceNumber: number;
  readonly format: FileFormat;
  /** A byte of it is as many rows as so many bytes of text. */
  readonly packing: number;
  readonly splitBytes: number;
  readonly pollingDelayMs: number;
  readonly clock: Clock;
  /** Whether it goes on with files that come later, and so must know the files that it has read. */
  readonly isStream: boolean;
}

/** The source itself. An offset is `{"logOffset": n}`: the number of the newest entry of the log of seen files. */
class FileSource implements Source {
  readonly description: string;
  readonly offsetKind = 'files';
  readonly allowsReadingAhead = true;
  readonly #settings: FileSettings;
  readonly #seen: SeenFiles;
  /** For availableNow: the files that were there when the query started and are not in a batch yet. */
  #pinned: ListedFile[] | null = null;
  /** Which files were taken, over restarts. */
  #log: SourceLog | null = null;
  /** The newest batch whose files are in the log. */
  #newestNoted = -1;

  constructor(settings: FileSettings) {
    this.#settings = settings;
    this.#seen = new SeenFiles(settings.maxFileAgeMs, settings.comparesNames ? basename : undefined);
    // Spark writes file:/a/b, with one slash.
    this.description = `FileStreamSource[${pathToFileURL(settings.path).href.replace(/^file:\/\/\//, 'file:/')}]`;
  }

  async open(start: Offset | null, log: SourceLog | null = null): Promise<void> {
    this.#log = log;
    const committed = logOffsetOf(start ?? BEFORE_ALL);
    for (const { number, lines } of (await log?.entries(committed)) ?? []) {
      this.#seen.restore(number, await Promise.all(lines.map(readFileEntry)), committed);
      this.#newestNoted = Math.max(this.#newestNoted, number);
    }
    // A missing path is an error at the start, not in the first batch.
    await this.#list();
  }

  async initialOffset(): Promise<Offset> {
    return BEFORE_ALL;
  }

  async latestOffset(start: Offset, limit: ReadLimit): Promise<Offset> {
    // Files that were logged for a batch that failed are that batch's again.
    if (this.#seen.newest > logOffsetOf(start)) return { logOffset: this.#seen.newest };
    const candidates = this.#pinned ?? (await this.#list());
    const chosen = limit === 'all' ? candidates : this.#limited(candidates);
    if (chosen.length === 0) return start;
    if (this.#pinned !== null) this.#pinned = this.#pinned.slice(chosen.length);
    return { logOffset: this.#seen.add(chosen) };
  }

  async note(end: Offset): Promise<void> {
    const batch = logOffsetOf(end);
    if (this.#log === null || batch <= this.#newestNoted) return;
    const files = this.#seen.between(batch - 1, batch);
    await this.#log.write(
      batch,
      files.map((file) => writeFileEntry(file, batch)),
    );
    this.#newestNoted = batch;
  }

  async prepareForTriggerAvailableNow(): Promise<void> {
    this.#pinned = await this.#list();
  }

  async splits(start: Offset, end: Offset): Promise<Split[]> {
    // A batch that runs again has the files that were logged for it, or none at all.
    if (logOffsetOf(end) > this.#seen.newest) await this.#log?.entries(logOffsetOf(end));
    const files = this.#seen.between(logOffsetOf(start), logOffsetOf(end));
    const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const splitBytes = splitBytesFor(totalBytes, this.#settings.splitBytes, this.#settings.packing);
    return files.flatMap((file) => this.#splitsOf(file, splitBytes));
  }

  async commit(end: Offset): Promise<void> {
    const done = this.#seen.release(logOffsetOf(end));
    const { cleaner } = this.#settings;
    if (cleaner !== null) for (const file of done) await cleaner(file.path);
  }

  async awaitData(_start: Offset, signal: AbortSignal): Promise<void> {
    const { clock, pollingDelayMs } = this.#settings;
    await clock.sleepUntil(clock.nowMs() + pollingDelayMs, signal);
  }

  async close(): Promise<void> {}

  /** The files that no batch has had, in the order in which batches take them. */
  async #list(): Promise<ListedFile[]> {
    const files = this.#seen.withoutOld(await listFiles(this.#settings.choice, (path) => this.#seen.has(path)));
    const { path, isStream } = this.#settings;
    if (isStream && files.some(({ isMerged }) => isMerged))
      throw new MillraceError('FILE_SINK_MERGES_FILES', { parameters: { path }, context: { path } });
    return this.#settings.latestFirst ? files.reverse() : files;
  }

  /** As many files as one batch may have: the first is always taken, however large it is. */
  #limited(files: readonly ListedFile[]): ListedFile[] {
    const { maxFilesPerTrigger, maxBytesPerTrigger } = this.#settings;
    if (maxFilesPerTrigger !== undefined) return files.slice(0, maxFilesPerTrigger);
    if (maxBytesPerTrigger === undefined) return [...files];
    let totalBytes = 0;
    const chosen: ListedFile[] = [];
    for (const file of files) {
      totalBytes += file.sizeBytes;
      if (chosen.length > 0 && totalBytes > maxBytesPerTrigger) break;
      chosen.push(file);
    }
    return chosen;
  }

  /** A file cut into pieces of equal length; Rust finds what begins in each. */
  #splitsOf(file: ListedFile, splitBytes: number): Split[] {
    const { sourceNumber, format, readsWhole, hasPartitions, choice } = this.#settings;
    const isOne = readsWhole || COMPRESSED.test(file.path);
    const pieceBytes = isOne ? Math.max(1, file.sizeBytes) : splitBytes;
    const partitions = hasPartitions ? partitionValues(choice.partitionRoot(file.path), file.path) : {};
    const status = { url: pathToFileURL(file.path).href, size: file.sizeBytes, modifiedMs: file.modifiedMs };
    const splits: Split[] = [];
    for (let start = 0; start < file.sizeBytes; start += pieceBytes) {
      const end = Math.min(file.sizeBytes, start + pieceBytes);
      splits.push({
        spec: { source: sourceNumber, format, path: file.path, start, end, partitions, file: status },
        byteLength: end - start,
      });
    }
    return splits;
  }
}

/** Spark's line for a file; the size is ours: what was appended since the batch was planned is not the batch's. */
function writeFileEntry(file: ListedFile, batchId: number): string {
  return JSON.stringify({ path: pathToFileURL(file.path).href, timestamp: file.modifiedMs, batchId, sizeBytes: file.sizeBytes });
}

/** A line that Spark wrote has no size: the file's own is taken. */
async function readFileEntry(line: string): Promise<SeenFile> {
  const entry = JSON.parse(line) as { path: string; timestamp: number; batchId: number; sizeBytes?: number };
  const path = pathOf(entry.path);
  const sizeBytes = entry.sizeBytes ?? (await stat(path).catch(() => ({ size: 0 }))).size;
  return { path, sizeBytes, modifiedMs: entry.timestamp, batch: entry.batchId };
}

function logOffsetOf(offset: Offset): number {
  const value = typeof offset === 'number' ? offset : offset['logOffset'];
  return typeof value === 'number' ? value : -1;
}

function readOptions(path: string, options: Readonly<Record<string, string>>): FileOptions {
  const hasUsualLines = Object.entries(USUAL_LINES).every(([name, usual]) =>
    usual.test(optionText(options, name) ?? (name === 'lineSep' ? '\n' : 'utf-8')),
  );
  const choice = fileChoice(path, options);
  const cleaner = fileCleaner(choice.root, options);
  if (cleaner !== null && hasManifest(choice.root))
    throw optionInvalid('cleanSource', optionText(options, 'cleanSource') ?? '', 'files of a file sink are its manifest’s, and stay');
  const maxFilesPerTrigger = optionInt(options, 'maxFilesPerTrigger', 1);
  const maxBytesPerTrigger = optionBytes(options, 'maxBytesPerTrigger');
  if (maxFilesPerTrigger !== undefined && maxBytesPerTrigger !== undefined) {
    throw optionInvalid('maxBytesPerTrigger', String(maxBytesPerTrigger), 'it cannot be given together with maxFilesPerTrigger');
  }
  const latestFirst = optionBoolean(options, 'latestFirst') ?? false;
  // Newest first with a limit leaves older files for later batches: their age must not shut them out, as in Spark.
  const isAgeless = latestFirst && (maxFilesPerTrigger !== undefined || maxBytesPerTrigger !== undefined);
  const maxFileAgeMs = isAgeless ? Number.POSITIVE_INFINITY : (optionDurationMs(options, 'maxFileAge') ?? FILE_AGE_MS);
  return {
    choice,
    path: resolve(pathOf(path)),
    cleaner,
    comparesNames: optionBoolean(options, 'fileNameOnly') ?? false,
    readsWhole: !hasUsualLines || WHOLE_FILE_OPTIONS.some((name) => optionBoolean(options, name) ?? false),
    hasPartitions: !(optionBoolean(options, 'recursiveFileLookup') ?? false),
    maxFilesPerTrigger,
    maxBytesPerTrigger,
    latestFirst,
    maxFileAgeMs,
  };
}
