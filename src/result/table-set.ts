// Opens a TableSet (schema/batch.fbs): several tables of columns in one buffer, each column a view over its bytes.
import { ByteBuffer } from 'flatbuffers';
import { TableSet as Layout } from '../batch/generated/table-set.js';
import type { PhysicalField } from '../batch/physical-type.js';
import { MillraceError } from '../error/millrace-error.js';
import type { ColumnVector } from './column-vector.js';
import { openVector } from './open-vector.js';

/** A table of a set. */
export interface OpenTable {
  readonly numRows: number;
  readonly columns: readonly ColumnVector[];
}

/** Opens the tables, whose columns must be these. Throws BATCH_BORDER_INVALID. */
export function openTableSet(bytes: Uint8Array, tables: readonly (readonly PhysicalField[])[]): OpenTable[] {
  if (bytes.byteLength < 8) throw malformed(`${bytes.byteLength} bytes are no tables`);
  const layout = Layout.getRootAsTableSet(new ByteBuffer(bytes));
  if (layout.tablesLength() !== tables.length) throw malformed(`${layout.tablesLength()} tables, expected ${tables.length}`);
  return tables.map((fields, position) => {
    const table = layout.tables(position);
    if (table === null || table.columnsLength() !== fields.length) throw malformed(`table ${position} is not as expected`);
    const numRows = table.numRows();
    return { numRows, columns: fields.map((field, column) => openVector(field, table.columns(column), numRows)) };
  });
}

function malformed(reason: string): MillraceError {
  return new MillraceError('BATCH_BORDER_INVALID', { parameters: { reason } });
}
