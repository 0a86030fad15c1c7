// Columns that TypeScript encoded, as input for one map task.
import type { Split } from './source.js';

/** The split of reader `source` that is an InputBatch: its bytes, which workers see without a copy. */
export function columnsSplit(source: number, bytes: SharedArrayBuffer): Split {
  return { spec: { source, format: 'columns' }, buffers: [new Uint8Array(bytes)], byteLength: bytes.byteLength };
}
