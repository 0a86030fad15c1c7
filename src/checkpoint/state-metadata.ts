// What stateful operators a checkpoint has, as rows: Spark's data source `state-metadata`. The query may be running.
import { MillraceError } from '../error/millrace-error.js';
import { native } from '../native/load.js';
import { optionInvalid } from '../source/source-option.js';
import { checkpointPath } from './location.js';
import { type OperatorSchema, operatorMetadata, readOperatorMetadata, storesOf } from './operator-metadata.js';
import { variableName } from './state-options.js';
import { committedBatches } from './stored-state.js';

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
  operatorProperties: string | null,
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
  const checkpoint = native.openCheckpoint(checkpointPath(location));
  try {
    const committed = committedBatches(checkpoint);
    if (committed.length === 0)
      throw new MillraceError('STDS_COMMITTED_BATCH_UNAVAILABLE', { parameters: { checkpointLocation: location } });
    const [first, last] = [BigInt(committed[0] ?? 0), BigInt(committed.at(-1) ?? 0)];
    const rows: StateMetadataRow[] = [];
    for (let operator = 0; ; operator += 1) {
      const text = native.readLog(checkpoint, operatorMetadata(operator));
      if (text === null) return rows;
      const schema = readOperatorMetadata(text);
      for (const store of storesOf(schema))
        rows.push([BigInt(operator), schema.name, store, schema.numShards, first, last, propertiesOf(schema)]);
    }
  } finally {
    native.closeCheckpoint(checkpoint);
  }
}

/** What Spark tells of an operator beyond its name: the variables of a processor, as JSON. */
function propertiesOf(schema: OperatorSchema): string | null {
  if (schema.name !== 'transformWithStateExec') return null;
  const stateVariables = schema.values.map((text) => {
    const stateName = variableName(text);
    const [, kind] = /` (Value|List|Map) /.exec(text) ?? [];
    return { stateName, stateVariableType: `${kind}State`, ttlEnabled: text.endsWith(' with ttl') };
  });
  return JSON.stringify({ stateVariables });
}
