// The state in a checkpoint as a source that ends. Spark counterpart: the data source `statestore`.
import { findStoredState } from '../checkpoint/stored-state.js';
import type { BatchSource } from '../source/batch-source.js';

/** An operator's state in a checkpoint: its row type as Spark's JSON, and its rows. */
export function storedStateSource(
  source: number,
  location: string,
  options: Readonly<Record<string, string>>,
): { readonly schema: string; readonly rows: BatchSource } {
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
