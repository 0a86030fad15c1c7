// The state in a checkpoint as sources that end. Spark counterparts: the data sources `statestore` and `state-metadata`.
import { encodeRows } from '../batch/encode-rows.js';
import { checkStateMetadataOptions, readStateMetadata, STATE_METADATA_SCHEMA } from '../checkpoint/state-metadata.js';
import { findStoredState } from '../checkpoint/stored-state.js';
import { type BatchSource, localRows } from '../source/batch-source.js';
import { parseDdl } from './analyzer.js';

/** A part of a checkpoint: its row type, as DDL or as Spark's JSON, and its rows. */
export interface StoredRows {
  readonly schema: string;
  readonly rows: BatchSource;
}

/** The operators of a checkpoint; each action reads what is there then. */
export function stateMetadataSource(source: number, location: string, options: Readonly<Record<string, string>>): StoredRows {
  checkStateMetadataOptions(options);
  readStateMetadata(location);
  const schema = parseDdl(STATE_METADATA_SCHEMA);
  return {
    schema: STATE_METADATA_SCHEMA,
    rows: { splits: () => localRows(source, encodeRows(schema, readStateMetadata(location))).splits() },
  };
}

/** An operator's state in a checkpoint. */
export function storedStateSource(source: number, location: string, options: Readonly<Record<string, string>>): StoredRows {
  const stored = findStoredState(location, options);
  return {
    schema: stored.schema,
    rows: {
      async splits() {
        const read = stored.read();
        // Workers see the same memory.
        const bytes = new SharedArrayBuffer(read.byteLength);
        new Uint8Array(bytes).set(read);
        return [{ spec: { source, format: 'columns' }, bytes, byteLength: bytes.byteLength }];
      },
    },
  };
}
