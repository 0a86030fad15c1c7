// The state in a checkpoint as rows: that after a batch, or what batches changed. The query may be running: only what is committed is read.
import { MillraceError } from '../error/millrace-error.js';
import { native } from '../native/load.js';
import { commitLogFormat } from './commit-log.js';
import { checkpointPath } from './location.js';
import { operatorMetadata, readOperatorMetadata } from './operator-metadata.js';
import { checkBatches, checkOperator, checkShard, describeOptions, readStateOptions, type StateOptions } from './state-options.js';

/** The state of one operator after one batch, or its changes. */
export interface StoredState {
  /** The row type, as Spark's JSON. */
  readonly schema: string;
  /** Reads the rows: an InputBatch of schema/batch.fbs. Throws CHECKPOINT_CORRUPT. */
  read(): Uint8Array;
}

/** Finds an operator's state in the checkpoint at `location`, by Spark's options. Throws Spark's errors STDS_*, CHECKPOINT_CORRUPT. */
export function findStoredState(location: string, options: Readonly<Record<string, string>>): StoredState {
  const asked = readStateOptions(options);
  const request = withCheckpoint(location, (checkpoint) => JSON.stringify(requestOf(checkpoint, location, asked)));
  return {
    schema: native.storedSchema(request),
    read: () => withCheckpoint(location, (checkpoint) => native.readStored(checkpoint, request)),
  };
}

/** A StoredState of docs/design/border.md. */
function requestOf(checkpoint: number, location: string, asked: StateOptions): object {
  const { operator, changes, snapshot } = asked;
  const batches = committedBatches(checkpoint);
  const batchId = (changes === null ? asked.batchId : changes.until) ?? batches.at(-1) ?? -1;
  checkBatches(asked, Math.max(batchId, 0));
  const isThere = batches.includes(batchId) && (changes === null || batches.includes(changes.from));
  const commit = isThere ? native.readLog(checkpoint, `commits/${batchId}`) : null;
  if (commit === null) {
    throw new MillraceError('STDS_COMMITTED_BATCH_UNAVAILABLE', { parameters: { checkpointLocation: location }, context: { batchId } });
  }
  const metadata = native.readLog(checkpoint, operatorMetadata(operator));
  const found = metadata === null ? null : readOperatorMetadata(metadata);
  const read = checkOperator(found, asked.read, () => describeOptions(location, asked, batchId));
  checkShard(asked, found?.numShards ?? 0, location);
  return {
    operator,
    schema: found,
    options: read,
    marks: commitLogFormat.read(commit).stateFiles?.[operator] ?? [],
    snapshot,
    changesFrom: changes?.from ?? null,
  };
}

/** The batches whose commits are there, in order. */
export function committedBatches(checkpoint: number): number[] {
  const committed = native.listLogs(checkpoint, 'commits').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  return committed.sort((left, right) => left - right);
}

function withCheckpoint<T>(location: string, use: (checkpoint: number) => T): T {
  const checkpoint = native.openCheckpoint(checkpointPath(location));
  try {
    return use(checkpoint);
  } finally {
    native.closeCheckpoint(checkpoint);
  }
}
