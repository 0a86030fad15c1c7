// A checkpoint in a directory, laid out as Spark's; every byte is written and read by Rust (docs/design/checkpoint.md).
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { MillraceError } from '../error/millrace-error.js';
import { native } from '../native/load.js';
import type { Checkpoint } from './checkpoint.js';
import { commitLogFormat } from './commit-log.js';
import { DiskLog } from './disk-log.js';
import { DiskSourceLog } from './disk-source-log.js';
import { checkpointPath } from './location.js';
import { offsetLogFormat } from './offset-log.js';
import { compareOperators, operatorMetadata, readOperatorMetadata, storedOperator } from './operator-metadata.js';

const METADATA = 'metadata';

/** How state is written: StateSettings of docs/design/border.md. */
export interface StateSettings {
  readonly compression: string;
  readonly minDeltasForSnapshot: number;
}

/**
 * Takes the checkpoint in `location` (a path or a `file:` URL) for a query; it is made where there is none. Rejects with CHECKPOINT_LOCKED where another
 * query has it, CHECKPOINT_CORRUPT, FILE_WRITE_FAILED.
 */
export async function openDiskCheckpoint(location: string, settings: StateSettings): Promise<Checkpoint> {
  const path = checkpointPath(location);
  const owner = { attempt: randomUUID(), pid: process.pid, host: hostname() };
  const handle = native.openCheckpoint(path, JSON.stringify(owner));
  try {
    return checkpointOf(handle, path, await queryIdOf(handle, path), settings);
  } catch (error) {
    native.closeCheckpoint(handle);
    throw error;
  }
}

function checkpointOf(checkpoint: number, path: string, queryId: string, settings: StateSettings): Checkpoint {
  const settingsText = JSON.stringify(settings);
  return {
    queryId,
    offsets: new DiskLog(checkpoint, path, 'offsets', offsetLogFormat),
    commits: new DiskLog(checkpoint, path, 'commits', commitLogFormat),
    sourceLog: (position) => new DiskSourceLog(checkpoint, path, `sources/${position}`),
    async saveState(handle, batchId) {
      return JSON.parse(await native.saveVersion(handle, checkpoint, batchId + 1, settingsText));
    },
    async compactState(handle, batchId, batchIdMin) {
      native.snapshotVersion(handle, checkpoint, batchId + 1, batchIdMin, settingsText);
    },
    async checkOperators(operators, hasNoState) {
      if (!hasNoState) {
        compareOperators(storedOperators(checkpoint, path), operators);
        return;
      }
      for (const [operator, schema] of operators.entries()) {
        await native.writeLog(checkpoint, operatorMetadata(operator), storedOperator(operator, schema));
      }
    },
    async restoreState(handle, stateFiles) {
      return JSON.parse(native.restoreVersion(handle, checkpoint, JSON.stringify(stateFiles))).numRows;
    },
    async close() {
      native.closeCheckpoint(checkpoint);
    },
  };
}

/** The id in the file `metadata`, which a new checkpoint gets. */
async function queryIdOf(checkpoint: number, path: string): Promise<string> {
  const text = native.readLog(checkpoint, METADATA);
  if (text !== null) return String(JSON.parse(text).id);
  if (native.listLogs(checkpoint, 'offsets').length > 0 || native.listLogs(checkpoint, 'commits').length > 0) {
    throw new MillraceError('CHECKPOINT_INCOMPLETE', { parameters: { path, missing: METADATA }, context: { path } });
  }
  const id = randomUUID();
  await native.writeLog(checkpoint, METADATA, JSON.stringify({ id }));
  return id;
}

function storedOperators(checkpoint: number, path: string): ReturnType<typeof readOperatorMetadata>[] {
  const numbers = native.listLogs(checkpoint, 'state').filter((name) => /^\d+$/.test(name));
  return numbers
    .map(Number)
    .sort((left, right) => left - right)
    .map((operator) => {
      const text = native.readLog(checkpoint, operatorMetadata(operator));
      if (text !== null) return readOperatorMetadata(text);
      throw new MillraceError('CHECKPOINT_INCOMPLETE', { parameters: { path, missing: operatorMetadata(operator) }, context: { path } });
    });
}
