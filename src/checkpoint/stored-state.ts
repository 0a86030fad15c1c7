// The state in a checkpoint as rows, by Spark's options of the source `statestore`. The query may be running: only what is committed is read.
import { MillraceError } from '../error/millrace-error.js';
import { native } from '../native/load.js';
import { optionBoolean, optionInt, optionInvalid, optionText } from '../source/source-option.js';
import { commitLogFormat } from './commit-log.js';
import { operatorMetadata, readOperatorMetadata } from './operator-metadata.js';

type Options = Readonly<Record<string, string>>;

/** The state of one operator after one batch. */
export interface StoredState {
  /** The row type, as Spark's JSON. */
  readonly schema: string;
  /** Reads the rows: an InputBatch of schema/batch.fbs. Throws CHECKPOINT_CORRUPT. */
  read(): Uint8Array;
}

/** Options that Spark has and that cannot be had here, with the values that mean that they are not asked for. */
const NOT_BUILT: Readonly<Record<string, readonly string[]>> = {
  joinSide: ['none'],
  storeName: ['default'],
  snapshotStartBatchId: [],
  snapshotPartitionId: [],
  readChangeFeed: ['false'],
  changeStartBatchId: [],
  changeEndBatchId: [],
  readRegisteredTimers: ['false'],
  flattenCollectionTypes: ['true'],
};

const KNOWN = new Set(['batchId', 'operatorId', 'stateVarName', ...Object.keys(NOT_BUILT)].map((name) => name.toLowerCase()));

/** Finds an operator's state in the checkpoint at `location`. Throws OPTION_INVALID, STDS_COMMITTED_BATCH_UNAVAILABLE, CHECKPOINT_CORRUPT. */
export function findStoredState(location: string, options: Options): StoredState {
  refuseOthers(options);
  const operator = optionInt(options, 'operatorId', 0) ?? 0;
  const request = withCheckpoint(location, (checkpoint) => {
    const metadata = native.readLog(checkpoint, operatorMetadata(operator));
    if (metadata === null) throw optionInvalid('operatorId', String(operator), `the checkpoint ${location} has no such operator`);
    const marks = committedFiles(checkpoint, location, options)[operator] ?? [];
    const variable = optionText(options, 'stateVarName') ?? null;
    return JSON.stringify({ operator, schema: readOperatorMetadata(metadata), variable, marks });
  });
  return {
    schema: native.storedSchema(request),
    read: () => withCheckpoint(location, (checkpoint) => native.readStored(checkpoint, request)),
  };
}

/** The state files that the asked batch, or the newest, has committed. */
function committedFiles(checkpoint: number, location: string, options: Options): Readonly<Record<string, readonly (string | null)[]>> {
  const asked = optionInt(options, 'batchId', 0);
  const committed = native.listLogs(checkpoint, 'commits').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  const batchId = asked ?? Math.max(-1, ...committed);
  const text = batchId < 0 ? null : native.readLog(checkpoint, `commits/${batchId}`);
  if (text === null) {
    throw new MillraceError('STDS_COMMITTED_BATCH_UNAVAILABLE', { parameters: { checkpointLocation: location }, context: { batchId } });
  }
  return commitLogFormat.read(text).stateFiles ?? {};
}

function refuseOthers(options: Options): void {
  for (const [name, value] of Object.entries(options)) {
    if (!KNOWN.has(name.toLowerCase())) throw optionInvalid(name, value, `the source statestore has no such option`);
  }
  optionBoolean(options, 'readChangeFeed');
  for (const [name, allowed] of Object.entries(NOT_BUILT)) {
    const text = optionText(options, name);
    if (text === undefined || allowed.includes(text.toLowerCase())) continue;
    const only = allowed.length === 0 ? 'it cannot be given' : `it can be ${allowed.join(', ')} only`;
    throw optionInvalid(name, text, `${only}: millrace does not read state that way yet`);
  }
}

function withCheckpoint<T>(location: string, use: (checkpoint: number) => T): T {
  const checkpoint = native.openCheckpoint(location);
  try {
    return use(checkpoint);
  } finally {
    native.closeCheckpoint(checkpoint);
  }
}
