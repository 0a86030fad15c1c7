// ColumnBatch: columns of equal length on their way into a WindowAggregator.
import type { ColumnInput } from '../batch/encode-columns.js';
import { describe, invalidArgument } from './argument.js';

/** Named columns of equal length. What types they have is the business of whoever takes the batch. */
export class ColumnBatch {
  /** How many rows there are. */
  readonly numRows: number;
  /** The columns by name. */
  readonly columns: Readonly<Record<string, ColumnInput>>;

  private constructor(columns: Readonly<Record<string, ColumnInput>>, numRows: number) {
    this.columns = columns;
    this.numRows = numRows;
  }

  /**
   * A batch of columns: arrays with null for absent values, or typed arrays. Columns are not copied here; leave them alone until
   * `push()` has returned its promise. Throws ARGUMENT_INVALID where lengths differ.
   *
   * ```ts
   * ColumnBatch.fromColumns({ id: ['apple', 'ibm'], amount: Int32Array.of(10, 15) })
   * ```
   */
  static fromColumns(columns: Readonly<Record<string, ColumnInput>>): ColumnBatch {
    if (typeof columns !== 'object' || columns === null)
      throw invalidArgument('ColumnBatch.fromColumns', `expected an object of columns, got ${describe(columns)}`);
    let numRows: number | null = null;
    for (const [name, values] of Object.entries(columns)) {
      const length: unknown = Array.isArray(values) || ArrayBuffer.isView(values) ? values.length : undefined;
      if (typeof length !== 'number')
        throw invalidArgument('ColumnBatch.fromColumns', `column ${name} must be an array or a typed array, got ${describe(values)}`);
      numRows ??= length;
      if (length !== numRows)
        throw invalidArgument('ColumnBatch.fromColumns', `column ${name} has ${length} rows, the columns before it ${numRows}`);
    }
    return new ColumnBatch(Object.freeze({ ...columns }), numRows ?? 0);
  }
}
