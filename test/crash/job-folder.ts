// What a crash test's job reads and leaves behind: a folder with its input, its results and its checkpoint.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspectCheckpoint } from '../../dist/checkpoint/inspection.js';
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
  /** What verification finds wrong with the checkpoint. */
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
  return {
    rows: rowsOf(folder).sort(),
    state: JSON.stringify(shards.map(({ operator, shard, rows }) => [operator, shard, rows])),
    problems: problems.map((problem) => JSON.stringify(problem)),
  };
}

/** Every row of every batch's file. */
function rowsOf({ path }: JobFolder): string[] {
  const names = readdirSync(join(path, 'out')).filter((name) => /^\d+$/.test(name));
  return names.flatMap((name) =>
    readFileSync(join(path, 'out', name), 'utf8')
      .split('\n')
      .filter(Boolean),
  );
}
