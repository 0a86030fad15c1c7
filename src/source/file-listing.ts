// Lists the files that a file source may read, in Spark's order: by modification time, then by name.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MillraceError } from '../error/millrace-error.js';
import { native } from '../native/load.js';
import { globMatcher, globRoot, isGlob } from './path-glob.js';
import type { ListedFile } from './seen-files.js';
import { optionInvalid, optionText } from './source-option.js';

/** A `load()` argument as a path: `file:` URLs lose their scheme. Throws OPTION_INVALID for a URL of another kind. */
export function pathOf(pathOrUrl: string): string {
  if (!pathOrUrl.startsWith('file:')) return pathOrUrl;
  try {
    // Spark writes file:/tmp/x too; the URL parser takes that for an empty host.
    return fileURLToPath(pathOrUrl);
  } catch (cause) {
    throw new MillraceError('OPTION_INVALID', {
      parameters: { name: 'path', value: pathOrUrl, reason: 'it is no URL of a local file' },
      cause,
    });
  }
}

/** Spark skips what begins with `_` or `.`, files in the making and files about files, but for partitions by a column of such a name. */
export function isHidden(name: string): boolean {
  return (name.startsWith('_') && !name.includes('=')) || name.startsWith('.');
}

/** Which files of a path count. */
export interface FileChoice {
  /** A file or a folder; with a pattern, the folder that all its paths are in. */
  readonly root: string;
  /** Whether `root` may be absent: a pattern that nothing matches has no files. */
  readonly isPattern: boolean;
  /** The folder below which the names of a file's folders are columns: the path that was given, or that the pattern matched, or `basePath`. */
  readonly partitionRoot: (path: string) => string;
  readonly accepts: (path: string, name: string, modifiedMs: number) => boolean;
}

/** Reads a path, which may be a pattern, and the options `pathGlobFilter`, `modifiedAfter`, `modifiedBefore` and `basePath`. Throws OPTION_INVALID. */
export function fileChoice(path: string, options: Readonly<Record<string, string>>): FileChoice {
  const whole = resolve(pathOf(path));
  const isPattern = isGlob(whole) && !existsSync(whole);
  const pattern = isPattern ? globMatcher(whole, true) : null;
  const names = optionText(options, 'pathGlobFilter');
  const nameMatcher = names === undefined ? null : globMatcher(names);
  const afterMs = optionTimeMs(options, 'modifiedAfter') ?? Number.NEGATIVE_INFINITY;
  const beforeMs = optionTimeMs(options, 'modifiedBefore') ?? Number.POSITIVE_INFINITY;
  return {
    root: isPattern ? globRoot(whole) : whole,
    isPattern,
    partitionRoot: partitionRootOf(whole, isPattern, options),
    accepts: (file, name, modifiedMs) =>
      (pattern?.test(file) ?? true) && (nameMatcher?.test(name) ?? true) && modifiedMs > afterMs && modifiedMs < beforeMs,
  };
}

function partitionRootOf(path: string, isPattern: boolean, options: Readonly<Record<string, string>>): (file: string) => string {
  const given = optionText(options, 'basePath');
  if (given !== undefined) {
    const base = resolve(pathOf(given));
    if (!existsSync(base)) throw optionInvalid('basePath', given, "Option 'basePath' not found");
    if (!statSync(base).isDirectory()) throw optionInvalid('basePath', given, "Option 'basePath' must be a directory");
    return () => base;
  }
  const depth = path.split(sep).length;
  return isPattern ? (file) => file.split(sep).slice(0, depth).join(sep) : () => path;
}

/** Times as Spark writes them in these options, `2026-01-02T03:04:05`, in UTC where they name no zone. */
function optionTimeMs(options: Readonly<Record<string, string>>, name: string): number | undefined {
  const text = optionText(options, name)?.trim();
  if (text === undefined) return undefined;
  const ms = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
  if (Number.isNaN(ms)) throw optionInvalid(name, text, 'it must be a time such as 2026-01-02T03:04:05');
  return ms;
}

/** Where a file sink says which files are its output. */
const MANIFEST = '_spark_metadata';

/** Whether a folder is the output of a file sink. */
export function hasManifest(folder: string): boolean {
  return existsSync(join(folder, MANIFEST));
}

/** What is read of a line of a manifest. */
interface ManifestLine {
  readonly path: string;
  readonly size: number;
  readonly modificationTime: number;
  readonly merged?: unknown;
}

/** The files of a file sink's output folder, as its manifest has them: others in the folder are of attempts that crashed. Null where there is no manifest. */
function outputFiles(folder: string): ListedFile[] | null {
  if (!hasManifest(folder)) return null;
  const files = JSON.parse(native.readManifest(folder) ?? '[]') as ManifestLine[];
  return files.map(({ path, size, modificationTime, merged }) => ({
    path: pathOf(path),
    sizeBytes: size,
    modifiedMs: modificationTime,
    isMerged: merged !== undefined,
  }));
}

type Status = ReturnType<typeof statSync>;
type Entries = import('node:fs').Dirent[];

/** What a walk asks of the file system; who drives it answers at once or later. */
type Question = { readonly path: string; readonly ask: 'status' | 'entries' };

/**
 * The files of a choice that `isSeen` does not know: the path itself where it is a file, the files of a folder and of the folders below it
 * otherwise. A file that vanishes while it is listed is left out.
 */
function* walk(choice: FileChoice, isSeen: (path: string) => boolean): Generator<Question, ListedFile[], Status | Entries | null> {
  const { root, accepts } = choice;
  const status = (yield { path: root, ask: 'status' }) as Status | null;
  if (status === null || status === undefined) {
    if (choice.isPattern) return [];
    throw new MillraceError('PATH_NOT_FOUND', { parameters: { path: root }, context: { path: root } });
  }
  if (!status.isDirectory()) return isSeen(root) ? [] : [listed(root, status)];
  const files: ListedFile[] = [];
  const output = outputFiles(root);
  if (output !== null) return output.filter((file) => !isSeen(file.path)).sort(byModificationThenName);
  // A stack of folders to look into: trees are as deep as their owner makes them.
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of ((yield { path: folder, ask: 'entries' }) ?? []) as Entries) {
      const inner = join(folder, entry.name);
      if (isHidden(entry.name) || isSeen(inner)) continue;
      if (entry.isDirectory()) {
        folders.push(inner);
        continue;
      }
      const innerStatus = (yield { path: inner, ask: 'status' }) as Status | null;
      if (!innerStatus?.isFile()) continue;
      const file = listed(inner, innerStatus);
      if (accepts(inner, entry.name, file.modifiedMs)) files.push(file);
    }
  }
  return files.sort(byModificationThenName);
}

/** Lists the files of a choice that `isSeen` does not know. Throws PATH_NOT_FOUND, FILE_READ_FAILED. */
export async function listFiles(choice: FileChoice, isSeen: (path: string) => boolean): Promise<ListedFile[]> {
  const steps = walk(choice, isSeen);
  let step = steps.next();
  while (!step.done) {
    const { path, ask } = step.value;
    const answer = ask === 'status' ? stat(path) : readdir(path, { withFileTypes: true });
    step = steps.next(await answer.catch((error: unknown) => absentOrThrow(path, error)));
  }
  return step.value;
}

/** As `listFiles`, without waiting: for calls that must answer at once. */
export function listFilesNow(choice: FileChoice): ListedFile[] {
  const steps = walk(choice, () => false);
  let step = steps.next();
  while (!step.done) step = steps.next(answerNow(step.value));
  return step.value;
}

function answerNow({ path, ask }: Question): Status | Entries | null {
  try {
    return ask === 'status' ? statSync(path) : readdirSync(path, { withFileTypes: true });
  } catch (error) {
    return absentOrThrow(path, error);
  }
}

function byModificationThenName(left: ListedFile, right: ListedFile): number {
  if (left.modifiedMs !== right.modifiedMs) return left.modifiedMs - right.modifiedMs;
  return left.path < right.path ? -1 : left.path > right.path ? 1 : 0;
}

function listed(path: string, status: NonNullable<Status>): ListedFile {
  return { path, sizeBytes: Number(status.size), modifiedMs: Math.floor(Number(status.mtimeMs)) };
}

/** What is gone is no news to a walk; whether the root may be gone is the walk's to say. */
function absentOrThrow(path: string, error: unknown): null {
  const reason = (error as NodeJS.ErrnoException).code ?? String(error);
  if (reason === 'ENOENT' || reason === 'ENOTDIR') return null;
  throw new MillraceError('FILE_READ_FAILED', { parameters: { path, reason }, context: { path }, cause: error });
}
