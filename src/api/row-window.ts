// Window and WindowSpec: the rows that a function such as rank() looks at. Spark counterparts: `org.apache.spark.sql.expressions.Window`, `WindowSpec`.
import { sortOrderNode } from '../plan/expression.js';
import { literalNode } from '../plan/literal.js';
import type { Expression, OverExpression } from '../plan/nodes.generated.js';
import { invalidArgument } from './argument.js';
import { columnOrNameNode } from './column.js';
import type { ColumnOrName } from './types/column-types.js';

/** Distances at and beyond which a frame has no bound. */
const UNBOUNDED = 2 ** 53 - 1;

/** What a window says, beside the function that looks through it. */
type WindowParts = Omit<OverExpression, 'expr' | 'function'>;

const NOTHING: WindowParts = Object.freeze({ partitionBy: [], orderBy: [] });

/**
 * Which rows a function sees for each row: those that have the same keys, in an order, within a frame. Immutable; methods make new ones.
 *
 * ```ts
 * rank().over(Window.partitionBy('id').orderBy(col('amount').desc()))
 * ```
 */
export class WindowSpec {
  /** What `over` takes of it. */
  readonly parts: WindowParts;

  /** Users begin with `Window`. */
  constructor(parts: WindowParts = NOTHING) {
    this.parts = Object.freeze(parts);
  }

  /** The rows that are equal in these columns. */
  partitionBy(...columns: readonly ColumnOrName[]): WindowSpec {
    return new WindowSpec({ ...this.parts, partitionBy: columns.map((column) => columnOrNameNode('partitionBy', column)) });
  }

  /** The order of the rows: columns, names, or columns with a direction. */
  orderBy(...columns: readonly ColumnOrName[]): WindowSpec {
    return new WindowSpec({ ...this.parts, orderBy: columns.map(orderNode) });
  }

  /** From `start` to `end` rows behind the row at hand; negative numbers are before it. See `Window.unboundedPreceding` and its kin. */
  rowsBetween(start: number, end: number): WindowSpec {
    return this.#frame('rowsBetween', 'rows', start, end);
  }

  /** The rows whose value of the one column of `orderBy` is from `start` to `end` more than that of the row at hand. */
  rangeBetween(start: number, end: number): WindowSpec {
    return this.#frame('rangeBetween', 'range', start, end);
  }

  #frame(method: string, frame: string, start: number, end: number): WindowSpec {
    const { lower: _lower, upper: _upper, ...rest } = this.parts;
    const lower = bound(method, start, -UNBOUNDED);
    const upper = bound(method, end, UNBOUNDED);
    return new WindowSpec({ ...rest, frame, ...(lower && { lower }), ...(upper && { upper }) });
  }
}

/** Where windows of rows begin. Not the `window()` of event time, which groups. */
export const Window = Object.freeze({
  /** The first row of the partition. */
  unboundedPreceding: -UNBOUNDED,
  /** The row at hand. */
  currentRow: 0,
  /** The last row of the partition. */
  unboundedFollowing: UNBOUNDED,
  /** See `WindowSpec.partitionBy`. */
  partitionBy: (...columns: readonly ColumnOrName[]): WindowSpec => new WindowSpec().partitionBy(...columns),
  /** See `WindowSpec.orderBy`. */
  orderBy: (...columns: readonly ColumnOrName[]): WindowSpec => new WindowSpec().orderBy(...columns),
  /** See `WindowSpec.rowsBetween`. */
  rowsBetween: (start: number, end: number): WindowSpec => new WindowSpec().rowsBetween(start, end),
  /** See `WindowSpec.rangeBetween`. */
  rangeBetween: (start: number, end: number): WindowSpec => new WindowSpec().rangeBetween(start, end),
});

function orderNode(column: ColumnOrName): Expression {
  const node = columnOrNameNode('orderBy', column);
  return node.expr === 'sortOrder' ? node : sortOrderNode(node, false, true);
}

/** A bound of a frame; none at `unbounded` and beyond. */
function bound(method: string, distance: number, unbounded: number): Expression | undefined {
  if (typeof distance !== 'number' || Number.isNaN(distance)) throw invalidArgument(method, 'a bound is a number of rows, or of the order');
  const isUnbounded = unbounded < 0 ? distance <= unbounded : distance >= unbounded;
  return isUnbounded ? undefined : literalNode(distance);
}
