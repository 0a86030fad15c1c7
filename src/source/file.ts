// Files of a directory as a stream (Spark's file source): new files are batches, contents are read by Rust alone.
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Clock, systemClock } from '../engine/clock.js';
import { type Conf, confBytes, confDurationMs, parseBytes } from '../engine/conf-values.js';
import { MillraceError } from '../error/millrace-error.js';
import { listFiles, pathOf } from './file-listing.js';
import { type ListedFile, type SeenFile, SeenFiles } from './seen-files.js';
import type { Offset, ReadLimit, Source, SourceLog, Split } from './source.js';
import { optionBoolean, optionDurationMs, optionInt, optionInvalid, optionText } from './source-option.js';

/** What the file source reads: lines as they are, or one JSON document a line. */
export type FileFormat = 'text' | 'json';

/** Options of Spark's file source that choose files and that this version does not have. */
const REFUSED_OPTIONS = ['cleanSource', 'fileNameOnly', 'pathGlobFilter', 'modifiedBefore', 'modifiedAfter'];

/** Options that would make other records of the same bytes, and the value under which they change nothing. */
const RECORD_OPTIONS: Readonly<Record<string, RegExp>> = {
  wholetext: /^false$/i,
  multiLine: /^false$/i,
  lineSep: /^\n$/,
  encoding: /^utf-?8$/i,
};

const FILE_AGE_MS = 7 * 86_400_000;

const BEFORE_ALL: Offset = { logOffset: -1 };

/**
 * Checks what `load(path)` was given, at the call. Throws PATH_NOT_FOUND, OPTION_INVALID.
 * Options: `maxFilesPerTrigger`, `maxBytesPerTrigger`, `latestFirst`, `maxFileAge` (`7d`); those that concern parsing are checked where parsing is.
 */
export function validateFileOptions(path: string, options: Readonly<Record<string, string>>): void {
  const local = pathOf(path);
  if (!existsSync(local)) throw new MillraceError('PATH_NOT_FOUND', { parameters: { path: local }, context: { path: local } });
  readOptions(options);
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
  const splitBytes = Math.max(1, confBytes(conf, 'millrace.splitBytes'));
  const pollingDelayMs = confDurationMs(conf, 'spark.sql.streaming.pollingDelay');
  return new FileSource({ sourceNumber, format, path: resolve(pathOf(path)), splitBytes, pollingDelayMs, clock, ...readOptions(options) });
}

interface FileOptions {
  readonly maxFilesPerTrigger: number | undefined;
  readonly maxBytesPerTrigger: number | undefined;
  readonly latestFirst: boolean;
  readonly maxFileAgeMs: number;
}

interface FileSettings extends FileOptions {
  readonly sourceNumber: number;
  readonly format: FileFormat;
  readonly path: string;
  readonly splitBytes: number;
  readonly pollingDelayMs: number;
  readonly clock: Clock;
}

/** The source itself. An offset is `{"logOffset": n}`: the number of the newest entry of the log of seen files. */
class FileSource implements Source {
  readonly description: string;
  readonly #settings: FileSettings;
  readonly #seen: SeenFiles;
  /** For availableNow: the files that were there when the query started and are not in a batch yet. */
  #pinned: ListedFile[] | null = null;
  /** Which files were taken, over restarts. */
  #log: SourceLog | null = null;

  constructor(settings: FileSettings) {
    this.#settings = settings;
    this.#seen = new SeenFiles(settings.maxFileAgeMs);
    // Spark writes file:/a/b, with one slash.
    this.description = `FileStreamSource[${pathToFileURL(settings.path).href.replace(/^file:\/\/\//, 'file:/')}]`;
  }

  async open(start: Offset | null, log: SourceLog | null = null): Promise<void> {
    this.#log = log;
    for (const { number, lines } of (await log?.entries()) ?? []) {
      this.#seen.restore(number, await Promise.all(lines.map(readFileEntry)), logOffsetOf(start ?? BEFORE_ALL));
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
    const batch = this.#seen.add(chosen);
    await this.#log?.write(
      batch,
      chosen.map((file) => writeFileEntry(file, batch)),
    );
    return { logOffset: batch };
  }

  async prepareForTriggerAvailableNow(): Promise<void> {
    this.#pinned = await this.#list();
  }

  async splits(start: Offset, end: Offset): Promise<Split[]> {
    return this.#seen.between(logOffsetOf(start), logOffsetOf(end)).flatMap((file) => this.#splitsOf(file));
  }

  async commit(end: Offset): Promise<void> {
    this.#seen.release(logOffsetOf(end));
  }

  async awaitData(_start: Offset, signal: AbortSignal): Promise<void> {
    const { clock, pollingDelayMs } = this.#settings;
    await clock.sleepUntil(clock.nowMs() + pollingDelayMs, signal);
  }

  async close(): Promise<void> {}

  /** The files that no batch has had, in the order in which batches take them. */
  async #list(): Promise<ListedFile[]> {
    const files = this.#seen.withoutOld(await listFiles(this.#settings.path, (path) => this.#seen.has(path)));
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

  /** A file cut into pieces of equal length; Rust finds the lines that begin in each. */
  #splitsOf(file: ListedFile): Split[] {
    const { sourceNumber, format, splitBytes } = this.#settings;
    const splits: Split[] = [];
    for (let start = 0; start < file.sizeBytes; start += splitBytes) {
      const end = Math.min(file.sizeBytes, start + splitBytes);
      splits.push({ spec: { source: sourceNumber, format, path: file.path, start, end }, byteLength: end - start });
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

function readOptions(options: Readonly<Record<string, string>>): FileOptions {
  const changesRecords = (name: string) => RECORD_OPTIONS[name]?.test(optionText(options, name) ?? '') === false;
  const refused = [...REFUSED_OPTIONS, ...Object.keys(RECORD_OPTIONS).filter(changesRecords)].find(
    (name) => optionText(options, name) !== undefined,
  );
  if (refused !== undefined)
    throw optionInvalid(refused, optionText(options, refused) ?? '', 'the file source of this version does not have this option');
  const maxFilesPerTrigger = optionInt(options, 'maxFilesPerTrigger', 1);
  const maxBytesPerTrigger = optionBytes(options, 'maxBytesPerTrigger');
  if (maxFilesPerTrigger !== undefined && maxBytesPerTrigger !== undefined) {
    throw optionInvalid('maxBytesPerTrigger', String(maxBytesPerTrigger), 'it cannot be given together with maxFilesPerTrigger');
  }
  const latestFirst = optionBoolean(options, 'latestFirst') ?? false;
  // Newest first with a limit leaves older files for later batches: their age must not shut them out, as in Spark.
  const isAgeless = latestFirst && (maxFilesPerTrigger !== undefined || maxBytesPerTrigger !== undefined);
  const maxFileAgeMs = isAgeless ? Number.POSITIVE_INFINITY : (optionDurationMs(options, 'maxFileAge') ?? FILE_AGE_MS);
  return { maxFilesPerTrigger, maxBytesPerTrigger, latestFirst, maxFileAgeMs };
}

function optionBytes(options: Readonly<Record<string, string>>, name: string): number | undefined {
  const text = optionText(options, name);
  if (text === undefined) return undefined;
  const bytes = parseBytes(text);
  if (bytes === null || bytes === 0) throw optionInvalid(name, text, 'it must be a number of bytes such as 1024, 256k or 8m');
  return bytes;
}
