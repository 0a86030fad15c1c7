// What a crash test's job reads and leaves behind: a folder with its input, its results and its checkpoint.
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspectCheckpoint } from '../../dist/checkpoint/inspection.js';
import { native } from '../../dist/native/load.js';
import { addFile } from '../checkpoint/profit-query.ts';

const FILES = 5;

/** A folder of the job's. */
export interface JobFolder {
  readonly path: string;
  readonly input: string;
  readonly checkpoint: string;
}

/** What a job has left. */
export interface Outcome {
  /** Every row that a reader of the results sees, as text, sorted. */
  readonly rows: readonly string[];
  /** Rows of state by operator and shard. */
  readonly state: string;
  /** What verification finds wrong with the checkpoint, and files of the output that are not as long as the manifest says. */
  readonly problems: readonly string[];
}

/** A new folder with all its input but the last file. */
export function newJobFolder(root: string, name: string): JobFolder {
  const path = join(root, name);
  const folder = { path, input: join(path, 'in'), checkpoint: join(path, 'checkpoint') };
  mkdirSync(folder.input, { recursive: true });
  for (let file = 0; file < FILES; file += 1) addFile(folder, file);
  return folder;
}

/** Adds the last file: what it gives depends on the whole state. */
export function addLast(folder: JobFolder): JobFolder {
  addFile(folder, FILES);
  return folder;
}

/** What the job has left in `folder`. */
export function outcomeOf(folder: JobFolder): Outcome {
  const { shards, problems } = inspectCheckpoint(folder.checkpoint);
  const { rows, torn } = outputOf(folder);
  return {
    rows: rows.sort(),
    state: JSON.stringify(shards.map(({ operator, shard, rows }) => [operator, shard, rows])),
    problems: [...problems.map((problem) => JSON.stringify(problem)), ...torn],
  };
}

/** Every row of the files that the manifest names, with the folder of its partition. */
function outputOf({ path }: JobFolder): { rows: string[]; torn: string[] } {
  const output = join(path, 'out');
  const rows: string[] = [];
  const torn: string[] = [];
  const files = JSON.parse(native.readManifest(output) ?? '[]') as { path: string; size: number }[];
  for (const file of files) {
    const text = readFileSync(fileURLToPath(file.path), 'utf8');
    if (text.length !== file.size) torn.push(file.path);
    const partition = relative(output, dirname(fileURLToPath(file.path)));
    rows.push(
      ...text
        .split('\n')
        .filter(Boolean)
        .map((line) => `${partition} ${line}`),
    );
  }
  return { rows, torn };
}
