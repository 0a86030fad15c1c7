// Columns of JavaScript values, or typed arrays, as one InputBatch.
import { MillraceError } from '../error/millrace-error.js';
import type { StructType } from '../plan/data-type.js';
import { encodeColumn } from './encode-column.js';
import { physicalFieldsOf } from './physical-type.js';
import { type EncodedColumns, writeInputBatch } from './write-input-batch.js';

export type { EncodedColumns } from './write-input-batch.js';

/**
 * The values of one column: an array with null for absent values, or a typed array without nulls. A typed array of the column's
 * own layout (Int32Array for int, BigInt64Array for bigint and for timestamp in microseconds, Float64Array for double, ...) is copied
 * as a block; others go value by value.
 */
export type ColumnInput =
  | readonly unknown[]
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/**
 * Encodes columns of equal length. Every column of the schema must be given, and no other.
 * Throws ARGUMENT_INVALID, VALUE_NOT_ENCODABLE (naming column and row), LIMIT_EXCEEDED, UNSUPPORTED_DATATYPE.
 */
export function encodeColumns(schema: StructType, columns: Readonly<Record<string, ColumnInput>>): EncodedColumns {
  const fields = physicalFieldsOf(schema);
  const known = new Set(fields.map((field) => field.name));
  for (const name of Object.keys(columns)) {
    if (!known.has(name)) throw invalid(`there is no column ${name}; the columns are ${[...known].join(', ')}`);
  }
  let numRows: number | null = null;
  const encoded = fields.map((field) => {
    const values = Object.hasOwn(columns, field.name) ? columns[field.name] : undefined;
    if (values === undefined) throw invalid(`column ${field.name} is missing`);
    numRows ??= values.length;
    if (values.length !== numRows) throw invalid(`column ${field.name} has ${values.length} rows, the columns before it ${numRows}`);
    return encodeColumn(field, values);
  });
  return writeInputBatch(numRows ?? 0, encoded);
}

function invalid(reason: string): MillraceError {
  return new MillraceError('ARGUMENT_INVALID', { parameters: { function: 'encodeColumns', reason } });
}
