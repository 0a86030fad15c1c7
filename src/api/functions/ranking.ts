// Functions that need a window of rows: places in its order, values of other rows. Call `.over(Window...)` on what they return.
import { callNode } from '../../plan/expression.js';
import { literalNode } from '../../plan/literal.js';
import { Column, operandNode } from '../column.js';
import type { ColumnOrName, Operand } from '../types/column-types.js';
import { columnNodes, type Given } from './call.js';

/** The number of the row in its window, from 1. Spark counterpart: `row_number`. */
export function rowNumber(): Column<number> {
  return new Column(callNode('row_number', []));
}

/** The number of rows before those that are equal in the order, plus 1: equal rows have one rank, and gaps follow. */
export function rank(): Column<number> {
  return new Column(callNode('rank', []));
}

/** As `rank`, without gaps. Spark counterpart: `dense_rank`. */
export function denseRank(): Column<number> {
  return new Column(callNode('dense_rank', []));
}

/** The rank from 0 to 1: `(rank - 1) / (rows - 1)`. Spark counterpart: `percent_rank`. */
export function percentRank(): Column<number> {
  return new Column(callNode('percent_rank', []));
}

/** The share of rows that are not behind this one in the order. Spark counterpart: `cume_dist`. */
export function cumeDist(): Column<number> {
  return new Column(callNode('cume_dist', []));
}

/** The window cut into `buckets` parts as equal as can be: the number of this row's, from 1. */
export function ntile(buckets: number): Column<number> {
  return new Column(callNode('ntile', [literalNode(buckets)]));
}

/** The value `offset` rows before; `defaultValue`, or null, where there is no such row. With `ignoreNulls` nulls are not counted. */
export function lag<C extends ColumnOrName>(column: C, offset = 1, defaultValue?: Operand, ignoreNulls = false): Column<Given<C> | null> {
  return other('lag', column, [offset, defaultValue ?? null], ignoreNulls);
}

/** The value `offset` rows behind; `defaultValue`, or null, where there is no such row. With `ignoreNulls` nulls are not counted. */
export function lead<C extends ColumnOrName>(column: C, offset = 1, defaultValue?: Operand, ignoreNulls = false): Column<Given<C> | null> {
  return other('lead', column, [offset, defaultValue ?? null], ignoreNulls);
}

/** The value of row `offset` of the frame, from 1. Spark counterpart: `nth_value`. */
export function nthValue<C extends ColumnOrName>(column: C, offset: number, ignoreNulls = false): Column<Given<C> | null> {
  return other('nth_value', column, [offset], ignoreNulls);
}

function other<V>(name: string, column: ColumnOrName, constants: readonly Operand[], ignoreNulls: boolean): Column<V> {
  const nodes = [...columnNodes(name, [column]), ...constants.map(operandNode)];
  return new Column(callNode(name, nodes, ignoreNulls ? { ignoreNulls: 'true' } : undefined));
}
