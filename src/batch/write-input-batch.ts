// Writes encoded columns as one InputBatch FlatBuffer (schema/batch.fbs) into shared memory, or several tables as one TableSet, buffers aligned to 64 bytes.
import { Builder, type Offset } from 'flatbuffers';
import { bytesOf, type ColumnBuffers } from './column-buffers.js';
import { ColumnData } from './generated/column-data.js';
import { InputBatch } from './generated/input-batch.js';
import { TableSet } from './generated/table-set.js';

/** Rows on their way to Rust. `bytes` is an InputBatch; workers see the same memory. */
export interface EncodedColumns {
  readonly bytes: SharedArrayBuffer;
  readonly numRows: number;
}

/** Arrow's recommended alignment, which schema/batch.fbs asks for. */
const BUFFER_ALIGNMENT = 64;
/** Room for a table, its vtable and three vector headers. */
const COLUMN_OVERHEAD_BYTES = 128;
/** Memory of so many bytes is used again at most. */
const REUSED_BYTES_MAX = 64 * 1024 * 1024;

/** Writes a batch. Columns come in the order of the schema. */
export function writeInputBatch(numRows: number, columns: readonly ColumnBuffers[]): EncodedColumns {
  // A builder that need not grow copies each buffer once.
  const sizeBytes = columns.reduce((sum, column) => sum + sizeOf(column), 2 * BUFFER_ALIGNMENT);
  const builder = new Builder(sizeBytes);
  const offsets = columns.map((column) => writeColumn(builder, column));
  const vector = InputBatch.createColumnsVector(builder, offsets);
  builder.finish(InputBatch.createInputBatch(builder, numRows, vector));
  const written = builder.asUint8Array();
  const bytes = new SharedArrayBuffer(written.byteLength);
  new Uint8Array(bytes).set(written);
  return { bytes, numRows };
}

/** Encoded columns of one table of several. */
export interface EncodedTable {
  readonly numRows: number;
  readonly columns: readonly ColumnBuffers[];
}

/** Writes several tables as one TableSet (schema/batch.fbs). */
export function writeTableSet(tables: readonly EncodedTable[]): Uint8Array {
  const writer = new TableSetWriter(
    tables.reduce((sum, { columns }) => columns.reduce((size, column) => size + sizeOf(column), sum), 2 * BUFFER_ALIGNMENT),
  );
  for (const table of tables) writer.add(table);
  return writer.finish();
}

/** Writes a TableSet table by table, so that what a table was encoded into is garbage at once; set after set into the same memory. */
export class TableSetWriter {
  #builder: Builder;
  #tables: Offset[] = [];

  /** With room for so many bytes; it grows where they are more. */
  constructor(sizeBytes: number) {
    this.#builder = new Builder(sizeBytes);
  }

  /** Begins a set. What `finish` gave before is no longer valid. */
  begin(): void {
    if (this.#builder.asUint8Array().buffer.byteLength > REUSED_BYTES_MAX) this.#builder = new Builder(REUSED_BYTES_MAX);
    this.#builder.clear();
    this.#tables = [];
  }

  /** Appends a table. */
  add(table: EncodedTable): void {
    this.#tables.push(this.#write(table));
  }

  /** The whole set, with `first`, where it is given, before the tables that were added. */
  finish(first?: EncodedTable): Uint8Array {
    const tables = first === undefined ? this.#tables : [this.#write(first), ...this.#tables];
    const builder = this.#builder;
    builder.finish(TableSet.createTableSet(builder, TableSet.createTablesVector(builder, tables)));
    return builder.asUint8Array();
  }

  #write({ numRows, columns }: EncodedTable): Offset {
    const written = columns.map((column) => writeColumn(this.#builder, column));
    return InputBatch.createInputBatch(this.#builder, numRows, InputBatch.createColumnsVector(this.#builder, written));
  }
}

function writeColumn(builder: Builder, column: ColumnBuffers): Offset {
  // A FlatBuffer is written from its leaves up: children and buffers first, then the table that points at them.
  const children = column.children.map((child) => writeColumn(builder, child));
  const childVector = children.length === 0 ? 0 : ColumnData.createChildrenVector(builder, children);
  const validity = writeBuffer(builder, column.validity);
  const offsets = writeBuffer(builder, column.offsets === null ? null : bytesOf(column.offsets));
  const values = writeBuffer(builder, column.values);
  return ColumnData.createColumnData(builder, validity, offsets, values, childVector, column.nullCount);
}

/** One aligned byte vector in one copy; the generated creators would add it byte by byte. */
function writeBuffer(builder: Builder, bytes: Uint8Array | null): Offset {
  if (bytes === null) return 0;
  builder.prep(BUFFER_ALIGNMENT, bytes.byteLength);
  return builder.createByteVector(bytes);
}

function sizeOf(column: ColumnBuffers): number {
  const own = (column.validity?.byteLength ?? 0) + (column.offsets?.byteLength ?? 0) + (column.values?.byteLength ?? 0);
  const padding = 3 * BUFFER_ALIGNMENT + COLUMN_OVERHEAD_BYTES;
  return column.children.reduce((sum, child) => sum + sizeOf(child), own + padding);
}
