// Directions to sort by, for columns given by name.
import { Column, columnOrNameNode } from '../column.js';
import type { ColumnOrName } from '../types/column-types.js';

/** Small values first, nulls before all: `asc('amount')` is `col('amount').asc()`. */
export function asc(column: ColumnOrName): Column {
  return columnOf('asc', column).asc();
}

/** Small values first, nulls before all. */
export function ascNullsFirst(column: ColumnOrName): Column {
  return columnOf('ascNullsFirst', column).ascNullsFirst();
}

/** Small values first, nulls behind all. */
export function ascNullsLast(column: ColumnOrName): Column {
  return columnOf('ascNullsLast', column).ascNullsLast();
}

/** Large values first, nulls behind all. */
export function desc(column: ColumnOrName): Column {
  return columnOf('desc', column).desc();
}

/** Large values first, nulls before all. */
export function descNullsFirst(column: ColumnOrName): Column {
  return columnOf('descNullsFirst', column).descNullsFirst();
}

/** Large values first, nulls behind all. */
export function descNullsLast(column: ColumnOrName): Column {
  return columnOf('descNullsLast', column).descNullsLast();
}

function columnOf(functionName: string, column: ColumnOrName): Column {
  return new Column(columnOrNameNode(functionName, column));
}
