// Rows, as objects or as arrays in the order of the schema, as one InputBatch.
import { MillraceError } from '../error/millrace-error.js';
import type { StructType } from '../plan/data-type.js';
import { encodeColumn } from './encode-column.js';
import { kindOf } from './encode-leaf.js';
import { fieldOf, isOrdinaryName } from './field-of.js';
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
  const columns = fields.map(() => new Array<unknown>(rows.length));
  const names = fields.map((field) => field.name);
  const isOrdinary = names.every(isOrdinaryName);
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index] as Readonly<Record<string, unknown>>;
    if (typeof row !== 'object' || row === null) throw invalid(`row ${index} is ${kindOf(row)}, not an object`, index);
    const isArray = Array.isArray(row);
    let isWhole = true;
    for (let position = 0; position < columns.length; position += 1) {
      const name = names[position] as string;
      const value = isOrdinary && !isArray ? row[name] : fieldOf(row, name, position);
      if (value === undefined) isWhole = false;
      (columns[position] as unknown[])[index] = value;
    }
    // Only a row that lacks something is worth the look at its keys.
    if (!isWhole || isArray) checkColumns(row, index, fields);
  }
  return { numRows: rows.length, columns: fields.map((field, position) => encodeColumn(field, columns[position] as unknown[])) };
}

function checkColumns(row: object, index: number, fields: readonly PhysicalField[]): void {
  if (Array.isArray(row)) {
    if (row.length !== fields.length) throw invalid(`row ${index} has ${row.length} values, the schema ${fields.length} columns`, index);
    return;
  }
  if (fields.every((field) => field.name in row)) return;
  const known = new Set(fields.map((field) => field.name));
  const stranger = Object.keys(row).find((name) => !known.has(name));
  if (stranger !== undefined) throw invalid(`row ${index} has a column ${stranger}; the columns are ${[...known].join(', ')}`, index);
}

function invalid(reason: string, row: number): MillraceError {
  return new MillraceError('ARGUMENT_INVALID', { parameters: { function: 'encodeRows', reason }, context: { row } });
}
