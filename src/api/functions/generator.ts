// Generators: functions that make any number of rows of one. They stand in `select`, each as a column of its own, or under a name:
// `df.select('id', explode('items').as('item'))`. What makes several columns is named with as many names: `.as('position', 'item')`.
import type { Column } from '../column.js';
import type { ColumnOrName } from '../types/column-types.js';
import { call, type ElementOf } from './call.js';

/** A row for each element of an array, as the column `col`, or for each entry of a map, as `key` and `value`. */
export function explode<const C extends ColumnOrName>(column: C): Column<ElementOf<C>, 'col'> {
  return call('explode', [column]);
}

/** As `explode`, but a row without elements comes once, with null. Spark counterpart: `explode_outer`. */
export function explodeOuter<const C extends ColumnOrName>(column: C): Column<ElementOf<C> | null, 'col'> {
  return call('explode_outer', [column]);
}

/** As `explode`, with the element's position, from 0, in front: `pos` and `col`, or `pos`, `key` and `value`. */
export function posexplode(column: ColumnOrName): Column<unknown, 'pos' | 'col'> {
  return call('posexplode', [column]);
}

/** As `posexplode`, but a row without elements comes once, with nulls. Spark counterpart: `posexplode_outer`. */
export function posexplodeOuter(column: ColumnOrName): Column<unknown, 'pos' | 'col'> {
  return call('posexplode_outer', [column]);
}

/** A row for each struct of an array, a column for each of its fields. */
export function inline(column: ColumnOrName): Column {
  return call('inline', [column]);
}

/** As `inline`, but a row without structs comes once, with nulls. Spark counterpart: `inline_outer`. */
export function inlineOuter(column: ColumnOrName): Column {
  return call('inline_outer', [column]);
}

/** The values as a table of `rows` rows, filled row by row: `col0`, `col1`, and so on. `rows` is a constant column. */
export function stack(rows: Column<number>, ...values: readonly ColumnOrName[]): Column {
  return call('stack', [rows, ...values]);
}

/** Fields of a JSON object as text: `c0`, `c1`, and so on. Null where there is no such field. Spark counterpart: `json_tuple`. */
export function jsonTuple(column: ColumnOrName, ...fields: readonly [string, ...string[]]): Column<string | null> {
  return call('json_tuple', [column], fields);
}
