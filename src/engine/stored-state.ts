// State as sources that end: that of a checkpoint, and that of a running query. Spark counterparts: the data sources `statestore` and `state-metadata`.
import { encodeRows } from '../batch/encode-rows.js';
import { checkStateMetadataOptions, readStateMetadata, STATE_METADATA_SCHEMA } from '../checkpoint/state-metadata.js';
import { findStoredState } from '../checkpoint/stored-state.js';
import { type BatchSource, localRows } from '../source/batch-source.js';
import { columnsSplit } from '../source/columns-split.js';
import { parseDdl } from './analyzer.js';
import type { LiveState } from './live-state.js';

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
  return { schema: stored.schema, rows: encodedRows(source, async () => stored.read()) };
}

/** An operator's state in a running query; each action reads it as it is then. */
export function liveStateSource(source: number, state: LiveState): StoredRows {
  return { schema: state.schema, rows: encodedRows(source, () => state.read()) };
}

/** Rows that are encoded anew for each action. */
function encodedRows(source: number, read: () => Promise<Uint8Array>): BatchSource {
  return {
    async splits() {
      const encoded = await read();
      // Workers see the same memory.
      const bytes = new SharedArrayBuffer(encoded.byteLength);
      new Uint8Array(bytes).set(encoded);
      return [columnsSplit(source, bytes)];
    },
  };
}
