// A folder of files written once, for a batch: no manifest, and Hadoop's `_SUCCESS` when all is there.
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MillraceError } from '../error/millrace-error.js';
import { native } from '../native/load.js';
import type { ResultBatch } from '../result/result-batch.js';
import { type FileTarget, fileSinkSettings, folderOf } from './file.js';

/** What becomes of what is in the folder (Spark's SaveMode). */
export type SaveMode = 'append' | 'overwrite' | 'errorIfExists' | 'ignore';

/** Checks columns, options and folder; false where there is nothing to do. Throws PATH_ALREADY_EXISTS and what `createFileSink` throws. */
export function prepareFolder(target: FileTarget, mode: SaveMode): boolean {
  native.checkFileSink(fileSinkSettings(target, { id: '' }));
  const folder = folderOf(target.path);
  if (mode === 'append' || mode === 'overwrite' || !existsSync(folder)) return true;
  if (mode === 'ignore') return false;
  throw new MillraceError('PATH_ALREADY_EXISTS', { parameters: { outputPath: folder }, context: { path: folder } });
}

/** Writes the rows, durably. What is overwritten goes when the new files are there. */
export function writeFolder(target: FileTarget, mode: SaveMode, batch: ResultBatch): void {
  const folder = folderOf(target.path);
  const before = mode === 'overwrite' ? filesBelow(folder) : [];
  const { files } = JSON.parse(native.writeFolder(folder, fileSinkSettings(target, { id: '' }), batch.bytes)) as { files: string[] };
  const written = new Set(files.map((file) => join(folder, file)));
  for (const path of before) if (!written.has(path)) rmSync(path);
}

/** All files of a folder and of those in it. */
function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return entries.map((entry) => join(folder, entry)).filter((path) => statSync(path).isFile());
}
