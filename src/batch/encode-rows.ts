// Rows, as objects or as arrays in the order of the schema, as one InputBatch.
import { MillraceError } from '../error/millrace-error.js';
import type { StructType } from '../plan/data-type.js';
import { encodeColumn, fieldOf } from './encode-column.js';
import { kindOf } from './encode-leaf.js';
import { type PhysicalField, physicalFieldsOf } from './physical-type.js';
import { type EncodedColumns, type EncodedTable, writeInputBatch } from './write-input-batch.js';

export type { EncodedColumns } from './write-input-batch.js';

/**
 * Encodes rows. A column that an object does not have is null; an object that lacks a column and has one that the schema does not
 * know is taken for a misspelling. Throws ARGUMENT_INVALID, VALUE_NOT_ENCODABLE (naming column and row), LIMIT_EXCEEDED.
 */
export function encodeRows(schema: StructType, rows: readonly object[]): EncodedColumns {
  const { numRows, columns } = encodeTable(physicalFieldsOf(schema), rows);
  return writeInputBatch(numRows, columns);
}

/** Encodes rows of these columns as one table of several. Throws as `encodeRows` does. */
export function encodeTable(fields: readonly PhysicalField[], rows: readonly object[]): EncodedTable {
  const known = new Set(fields.map((field) => field.name));
  rows.forEach((row, index) => {
    checkRow(row, index, fields, known);
  });
  const columns = fields.map((field, position) =>
    encodeColumn(
      field,
      rows.map((row) => fieldOf(row, field.name, position)),
    ),
  );
  return { numRows: rows.length, columns };
}

function checkRow(row: unknown, index: number, fields: readonly PhysicalField[], known: ReadonlySet<string>): void {
  if (typeof row !== 'object' || row === null) throw invalid(`row ${index} is ${kindOf(row)}, not an object`);
  if (Array.isArray(row)) {
    if (row.length !== fields.length) throw invalid(`row ${index} has ${row.length} values, the schema ${fields.length} columns`);
    return;
  }
  // Only a row that lacks something is worth the look at its keys.
  if (fields.every((field) => field.name in row)) return;
  const stranger = Object.keys(row).find((name) => !known.has(name));
  if (stranger !== undefined) throw invalid(`row ${index} has a column ${stranger}; the columns are ${[...known].join(', ')}`);
}

function invalid(reason: string): MillraceError {
  return new MillraceError('ARGUMENT_INVALID', { parameters: { function: 'encodeRows', reason } });
}
