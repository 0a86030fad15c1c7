// Functions of numbers.
import { callNode } from '../../plan/expression.js';
import { Column, columnOrNameNode } from '../column.js';
import type { CallName, ColumnOrName, RequireNumeric, ValueOfColumn } from '../types/column-types.js';

/** The absolute value, of the same type. The smallest INT or BIGINT has none: ARITHMETIC_OVERFLOW in ANSI mode. */
export function abs<const C extends ColumnOrName>(
  column: C & (C extends Column<infer V, string> ? RequireNumeric<V> : unknown),
): Column<ValueOfColumn<C>, CallName<'abs', C>> {
  return new Column(callNode('abs', [columnOrNameNode('abs', column)]));
}
