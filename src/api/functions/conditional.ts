// Functions that choose between values, and test them.
import type { Column } from '../column.js';
import type { ColumnOrName, Unify, ValueOfColumn } from '../types/column-types.js';
import { type Coalesced, type Conditions, call, type Nullable, type Numbers } from './call.js';

/** The first value, or the second where that is null. */
export function nvl<const C extends ColumnOrName, const D extends ColumnOrName>(column: C, other: D): Column<Coalesced<readonly [C, D]>> {
  return call('nvl', [column, other]);
}

/** The same as `nvl`. */
export function ifnull<const C extends ColumnOrName, const D extends ColumnOrName>(
  column: C,
  other: D,
): Column<Coalesced<readonly [C, D]>> {
  return call('ifnull', [column, other]);
}

/** The second value where the first is not null, else the third. */
export function nvl2<const C extends ColumnOrName, const D extends ColumnOrName>(
  column: ColumnOrName,
  present: C,
  absent: D,
): Column<Unify<ValueOfColumn<C> | ValueOfColumn<D>>> {
  return call('nvl2', [column, present, absent]);
}

/** The first value; null where both are equal. */
export function nullif<const C extends ColumnOrName>(column: C, other: ColumnOrName): Column<Nullable<C>> {
  return call('nullif', [column, other]);
}

/** The value; null where it is 0. */
export function nullifzero<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Nullable<C>> {
  return call('nullifzero', [column]);
}

/** The value; 0 where it is null. */
export function zeroifnull<const C extends ColumnOrName>(column: C & Numbers<C>): Column<ValueOfColumn<C>> {
  return call('zeroifnull', [column]);
}

/** The largest of at least two values; nulls are ignored. */
export function greatest<const C extends readonly [ColumnOrName, ...ColumnOrName[]]>(
  ...columns: C
): Column<Unify<ValueOfColumn<C[number]>>> {
  return call('greatest', columns);
}

/** The smallest of at least two values; nulls are ignored. */
export function least<const C extends readonly [ColumnOrName, ...ColumnOrName[]]>(...columns: C): Column<Unify<ValueOfColumn<C[number]>>> {
  return call('least', columns);
}

/** Whether both values are equal, or both null. Never null. Spark counterpart: `equal_null`. */
export function equalNull(left: ColumnOrName, right: ColumnOrName): Column<boolean> {
  return call('equal_null', [left, right]);
}

/** Whether the value is null. */
export function isnull(column: ColumnOrName): Column<boolean> {
  return call('isnull', [column]);
}

/** Whether the value is not null. */
export function isnotnull(column: ColumnOrName): Column<boolean> {
  return call('isnotnull', [column]);
}

/** Ends the query with USER_RAISED_EXCEPTION and this message. Spark counterpart: `raise_error`. */
export function raiseError(message: Column | string): Column<null> {
  return call('raise_error', [], [message]);
}

/** Null where the condition is met; else it ends the query with an error. Spark counterpart: `assert_true`. */
export function assertTrue<const C extends ColumnOrName>(condition: C & Conditions<C>, message?: Column | string): Column<null> {
  return call('assert_true', [condition], [message]);
}
