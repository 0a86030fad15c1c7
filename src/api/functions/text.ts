// Functions of strings.
import { callNode } from '../../plan/expression.js';
import { Column, columnOrNameNode } from '../column.js';
import type { CallName, ColumnOrName } from '../types/column-types.js';

/** The text in upper case, by Unicode's rules. */
export function upper<const C extends ColumnOrName>(column: C): Column<string | null, CallName<'upper', C>> {
  return new Column(callNode('upper', [columnOrNameNode('upper', column)]));
}

/** The text in lower case, by Unicode's rules. */
export function lower<const C extends ColumnOrName>(column: C): Column<string | null, CallName<'lower', C>> {
  return new Column(callNode('lower', [columnOrNameNode('lower', column)]));
}

/** The number of characters (code points) of a string, of bytes of a binary. */
export function length<const C extends ColumnOrName>(column: C): Column<number | null, CallName<'length', C>> {
  return new Column(callNode('length', [columnOrNameNode('length', column)]));
}

/** The texts one after another; null where any of them is null. */
export function concat(...columns: readonly ColumnOrName[]): Column<string | null> {
  return new Column(
    callNode(
      'concat',
      columns.map((column) => columnOrNameNode('concat', column)),
    ),
  );
}
