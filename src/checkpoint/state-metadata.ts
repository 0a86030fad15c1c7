// What stateful operators a checkpoint has, as rows: Spark's data source `state-metadata`. The query may be running.
import { MillraceError } from '../error/millrace-error.js';
import { native } from '../native/load.js';
import { optionInvalid } from '../source/source-option.js';
import { operatorMetadata, readOperatorMetadata } from './operator-metadata.js';

/** The row type, in DDL. */
export const STATE_METADATA_SCHEMA =
  'operatorId BIGINT, operatorName STRING, stateStoreName STRING, numPartitions INT, minBatchId BIGINT, maxBatchId BIGINT, operatorProperties STRING';

/** A state store of an operator, in the order of `STATE_METADATA_SCHEMA`. */
export type StateMetadataRow = readonly [
  operatorId: bigint,
  operatorName: string,
  stateStoreName: string,
  numPartitions: number,
  minBatchId: bigint,
  maxBatchId: bigint,
  operatorProperties: string,
];

/** Refuses options that the source does not have. Throws OPTION_INVALID. */
export function checkStateMetadataOptions(options: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(options))
    throw optionInvalid(name, value, 'the source state-metadata has no options besides the path');
}

/**
 * The operators of the checkpoint at `location`, with the first and the last batch whose state can be read.
 * Throws STDS_COMMITTED_BATCH_UNAVAILABLE where no batch was committed.
 */
export function readStateMetadata(location: string): StateMetadataRow[] {
  const checkpoint = native.openCheckpoint(location);
  try {
    const committed = native.listLogs(checkpoint, 'commits').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
    if (committed.length === 0)
      throw new MillraceError('STDS_COMMITTED_BATCH_UNAVAILABLE', { parameters: { checkpointLocation: location } });
    const [first, last] = [BigInt(Math.min(...committed)), BigInt(Math.max(...committed))];
    const rows: StateMetadataRow[] = [];
    for (let operator = 0; ; operator += 1) {
      const text = native.readLog(checkpoint, operatorMetadata(operator));
      if (text === null) return rows;
      const { name, numShards } = readOperatorMetadata(text);
      rows.push([BigInt(operator), name, 'default', numShards, first, last, '']);
    }
  } finally {
    native.closeCheckpoint(checkpoint);
  }
}
