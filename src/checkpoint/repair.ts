// Goes back to the newest batch of a checkpoint that is whole, and starts a checkpoint where a Spark query stopped.
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { MillraceError } from '../error/millrace-error.js';
import { native } from '../native/load.js';
import { fromSparkRateStart } from '../source/rate-start.js';
import { commitLogFormat } from './commit-log.js';
import type { Inspection } from './inspection.js';
import { checkpointPath } from './location.js';
import { offsetLogFormat } from './offset-log.js';

/** What a repair takes away. */
export interface RepairPlan {
  /** The batch that is gone back to; null: the beginning. */
  readonly batchId: number | null;
  /** Log entries that go, with their paths. The batches behind them run again. */
  readonly removed: readonly string[];
}

/**
 * What has to go so that a start finds a whole checkpoint; null where it is whole already, or where nothing can be done:
 * without a whole batch, or with a hole in the offsets behind it, the query would read other data than before.
 */
export function planRepair({ commits, newestWholeBatch, files }: Inspection): RepairPlan | null {
  if (newestWholeBatch === null) return null;
  const isNewer = (path: string, folder: string) => path.startsWith(`${folder}/`) && Number(path.split('/')[1]) > newestWholeBatch;
  const logs = files.filter(({ kind }) => kind === 'log');
  const newerCommits = logs.filter(({ path }) => isNewer(path, 'commits')).map(({ path }) => path);
  // Offsets behind a damaged one name ranges that begin where nobody knows: they go with it.
  const offsets = logs.filter(({ path }) => isNewer(path, 'offsets')).sort((left, right) => batchOf(left.path) - batchOf(right.path));
  let next = newestWholeBatch + 1;
  while (offsets.some(({ path, problem }) => batchOf(path) === next && problem === null)) next += 1;
  const lostOffsets = offsets.filter(({ path }) => batchOf(path) >= next).map(({ path }) => path);
  const wasCommitted = lostOffsets.some((path) => commits.has(batchOf(path)));
  const removed = [...newerCommits, ...lostOffsets];
  return removed.length === 0 || wasCommitted ? null : { batchId: newestWholeBatch, removed };
}

/** Takes away what `plan` says. Rejects with CHECKPOINT_LOCKED while a query runs on it. */
export async function repairCheckpoint(location: string, plan: RepairPlan): Promise<void> {
  await withOwnCheckpoint(location, async (checkpoint) => {
    // The newest first: a repair that is cut off leaves no hole.
    for (const path of [...plan.removed].sort((left, right) => batchOf(right) - batchOf(left))) {
      const [folder = '', name = ''] = path.split('/');
      await native.removeLogs(checkpoint, folder, [name]);
    }
  });
}

/**
 * Makes a checkpoint in `location` that starts where the Spark query of `sparkCheckpoint` stopped: after its newest committed batch, with its watermark,
 * without its state. Resolves to that batch. Rejects with CHECKPOINT_NOT_FOUND, CHECKPOINT_INCOMPLETE where there is no committed batch, ARGUMENT_INVALID where `location` is in use.
 */
export async function importOffsets(sparkCheckpoint: string, location: string): Promise<number> {
  const sparkLocation = checkpointPath(sparkCheckpoint);
  if (!existsSync(join(sparkLocation, 'offsets'))) {
    throw new MillraceError('CHECKPOINT_NOT_FOUND', { parameters: { path: sparkLocation }, context: { path: sparkLocation } });
  }
  const batchId = newestEntry(join(sparkLocation, 'commits'));
  if (batchId === null) throw incomplete(sparkLocation, 'a file in commits/');
  const offsets = offsetLogFormat.read(readText(sparkLocation, `offsets/${batchId}`));
  const commit = commitLogFormat.read(readText(sparkLocation, `commits/${batchId}`));
  await withOwnCheckpoint(location, async (checkpoint) => {
    if (native.readLog(checkpoint, 'metadata') !== null) {
      const parameters = { function: 'import-offsets', reason: `${location} is a checkpoint already` };
      throw new MillraceError('ARGUMENT_INVALID', { parameters });
    }
    for (const path of sourceFiles(sparkLocation)) {
      await native.writeLog(checkpoint, path, fromSparkRateStart(readText(sparkLocation, path)));
    }
    // Spark's own settings of its stores mean nothing here, and its number of partitions is not that of new state.
    await native.writeLog(checkpoint, `offsets/${batchId}`, offsetLogFormat.write({ ...offsets, conf: {} }));
    await native.writeLog(checkpoint, `commits/${batchId}`, commitLogFormat.write({ ...commit, stateFiles: null }));
    await native.writeLog(checkpoint, 'metadata', JSON.stringify({ id: randomUUID() }));
  });
  return batchId;
}

async function withOwnCheckpoint(location: string, work: (checkpoint: number) => Promise<void>): Promise<void> {
  const owner = { attempt: randomUUID(), pid: process.pid, host: hostname() };
  const checkpoint = native.openCheckpoint(checkpointPath(location), JSON.stringify(owner));
  try {
    await work(checkpoint);
  } finally {
    native.closeCheckpoint(checkpoint);
  }
}

function sourceFiles(location: string): string[] {
  const folder = join(location, 'sources');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((source) => /^\d+$/.test(source))
    .flatMap((source) => {
      const names = readdirSync(join(folder, source)).filter((name) => /^\d+(\.compact)?$/.test(name));
      return names.map((name) => `sources/${source}/${name}`);
    });
}

function newestEntry(folder: string): number | null {
  if (!existsSync(folder)) return null;
  const numbers = readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return numbers.length === 0 ? null : Math.max(...numbers);
}

/** A text file of Spark's, which has no checksum in it. Kafka's first entry begins with a zero byte. */
function readText(location: string, path: string): string {
  if (!existsSync(join(location, path))) throw incomplete(location, path);
  return readFileSync(join(location, path), 'utf8').replace(/^\0/, '').trimEnd();
}

function incomplete(path: string, missing: string): MillraceError {
  return new MillraceError('CHECKPOINT_INCOMPLETE', { parameters: { path, missing }, context: { path } });
}

function batchOf(path: string): number {
  return Number(path.split('/')[1]);
}
