// Lists the files that a file source may read, in Spark's order: by modification time, then by name.
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MillraceError } from '../error/millrace-error.js';
import { native } from '../native/load.js';
import type { ListedFile } from './seen-files.js';

/** A `load()` argument as a path: `file:` URLs lose their scheme. Throws OPTION_INVALID for a URL of another kind. */
export function pathOf(pathOrUrl: string): string {
  if (!pathOrUrl.startsWith('file:')) return pathOrUrl;
  try {
    // Spark writes file:/tmp/x too; the URL parser takes that for an empty host.
    return fileURLToPath(pathOrUrl);
  } catch (cause) {
    const parameters = { name: 'path', value: pathOrUrl, reason: 'it is no URL of a local file' };
    throw new MillraceError('OPTION_INVALID', { parameters, cause });
  }
}

/** Spark skips what begins with `_` or `.`: files in the making and files about files. */
export function isHidden(name: string): boolean {
  return name.startsWith('_') || name.startsWith('.');
}

/** Where a file sink says which files are its output. */
const MANIFEST = '_spark_metadata';

/** The files of a file sink's output folder, as its manifest has them: others in the folder are of attempts that crashed. Null where there is no manifest. */
function outputFiles(folder: string): ListedFile[] | null {
  if (!existsSync(join(folder, MANIFEST))) return null;
  const files = JSON.parse(native.readManifest(folder) ?? '[]') as { path: string; size: number; modificationTime: number }[];
  return files.map((file) => ({ path: pathOf(file.path), sizeBytes: file.size, modifiedMs: file.modificationTime }));
}

/**
 * The files under `path` that `isSeen` does not know: `path` itself where it is a file, the files of a directory and of the directories below it
 * otherwise. Throws PATH_NOT_FOUND, FILE_READ_FAILED. A file that vanishes while it is listed is left out.
 */
export async function listFiles(path: string, isSeen: (path: string) => boolean): Promise<ListedFile[]> {
  const files: ListedFile[] = [];
  const root = await statOf(path, true);
  const output = outputFiles(path);
  if (output !== null) return output.filter((file) => !isSeen(file.path)).sort(byModificationThenName);
  if (root?.isDirectory() === false) {
    if (!isSeen(path)) files.push(listed(path, root));
    return files;
  }
  // A stack of directories to look into: trees are as deep as their owner makes them.
  const directories = [path];
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    for (const entry of await entriesOf(directory, directory === path)) {
      const inner = join(directory, entry.name);
      if (isHidden(entry.name) || isSeen(inner)) continue;
      if (entry.isDirectory()) {
        directories.push(inner);
        continue;
      }
      const status = await statOf(inner, false);
      if (status?.isFile()) files.push(listed(inner, status));
    }
  }
  return files.sort(byModificationThenName);
}

function byModificationThenName(left: ListedFile, right: ListedFile): number {
  if (left.modifiedMs !== right.modifiedMs) return left.modifiedMs - right.modifiedMs;
  return left.path < right.path ? -1 : left.path > right.path ? 1 : 0;
}

type Status = Awaited<ReturnType<typeof stat>>;

function listed(path: string, status: Status): ListedFile {
  return { path, sizeBytes: Number(status.size), modifiedMs: Math.floor(Number(status.mtimeMs)) };
}

async function statOf(path: string, mustExist: boolean): Promise<Status | null> {
  try {
    return await stat(path);
  } catch (error) {
    return onFailure(path, error, mustExist, null);
  }
}

async function entriesOf(directory: string, mustExist: boolean): Promise<import('node:fs').Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    return onFailure(directory, error, mustExist, []);
  }
}

/** What is gone is an error for the source's own path, and no news for what lies below it. */
function onFailure<T>(path: string, error: unknown, mustExist: boolean, absent: T): T {
  const reason = (error as NodeJS.ErrnoException).code ?? String(error);
  if (reason !== 'ENOENT') throw new MillraceError('FILE_READ_FAILED', { parameters: { path, reason }, context: { path }, cause: error });
  if (mustExist) throw new MillraceError('PATH_NOT_FOUND', { parameters: { path }, context: { path }, cause: error });
  return absent;
}
