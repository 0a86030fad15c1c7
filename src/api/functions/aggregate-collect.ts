// Aggregate functions that choose or collect values of a group.
import type { Column } from '../column.js';
import type { CallName, ColumnOrName } from '../types/column-types.js';
import { type Conditions, call, type Given, type Nullable } from './call.js';

/** About how many different values the group has, with a relative standard deviation of `rsd`, 0.05 if not given. Never null. Spark counterpart: `approx_count_distinct`. */
export function approxCountDistinct(column: ColumnOrName, rsd?: number): Column<bigint> {
  return call('approx_count_distinct', [column], [rsd]);
}

/** The group's values as an array, in order of arrival, without nulls. Never null. Spark counterpart: `collect_list`. */
export function collectList<const C extends ColumnOrName>(column: C): Column<Exclude<Given<C>, null>[], CallName<'collect_list', C>> {
  return call('collect_list', [column]);
}

/** The group's values as an array; the same as `collectList`. Spark counterpart: `array_agg`. */
export function arrayAgg<const C extends ColumnOrName>(column: C): Column<Exclude<Given<C>, null>[]> {
  return call('array_agg', [column]);
}

/** The group's different values as an array, in no order to rely on, without nulls. Never null. Spark counterpart: `collect_set`. */
export function collectSet<const C extends ColumnOrName>(column: C): Column<Exclude<Given<C>, null>[], CallName<'collect_set', C>> {
  return call('collect_set', [column]);
}

/** Whether all values are true. Spark counterpart: `bool_and`. */
export function boolAnd<const C extends ColumnOrName>(column: C & Conditions<C>): Column<boolean | null, CallName<'bool_and', C>> {
  return call('bool_and', [column]);
}

/** Whether any value is true. Spark counterpart: `bool_or`. */
export function boolOr<const C extends ColumnOrName>(column: C & Conditions<C>): Column<boolean | null, CallName<'bool_or', C>> {
  return call('bool_or', [column]);
}

/** Whether all values are true; the same as `boolAnd`. */
export function every<const C extends ColumnOrName>(column: C & Conditions<C>): Column<boolean | null> {
  return call('every', [column]);
}

/** Whether any value is true; the same as `boolOr`. */
export function some<const C extends ColumnOrName>(column: C & Conditions<C>): Column<boolean | null> {
  return call('some', [column]);
}

/** Whether any value is true; the same as `boolOr`. */
export function any<const C extends ColumnOrName>(column: C & Conditions<C>): Column<boolean | null> {
  return call('any', [column]);
}

/** The bits that all whole numbers of the group have. Spark counterpart: `bit_and`. */
export function bitAnd<const C extends ColumnOrName>(column: C): Column<Nullable<C>, CallName<'bit_and', C>> {
  return call('bit_and', [column]);
}

/** The bits that any whole number of the group has. Spark counterpart: `bit_or`. */
export function bitOr<const C extends ColumnOrName>(column: C): Column<Nullable<C>, CallName<'bit_or', C>> {
  return call('bit_or', [column]);
}

/** The bits that an odd count of the group's whole numbers has. Spark counterpart: `bit_xor`. */
export function bitXor<const C extends ColumnOrName>(column: C): Column<Nullable<C>, CallName<'bit_xor', C>> {
  return call('bit_xor', [column]);
}

/** The value of `column` in the row with the largest `order`. Spark counterpart: `max_by`. */
export function maxBy<const C extends ColumnOrName>(column: C, order: ColumnOrName): Column<Nullable<C>> {
  return call('max_by', [column, order]);
}

/** The value of `column` in the row with the smallest `order`. Spark counterpart: `min_by`. */
export function minBy<const C extends ColumnOrName>(column: C, order: ColumnOrName): Column<Nullable<C>> {
  return call('min_by', [column, order]);
}

/** Some value of the group; a null too, unless they are ignored. Spark counterpart: `any_value`. */
export function anyValue<const C extends ColumnOrName>(column: C, ignoreNulls?: boolean): Column<Nullable<C>> {
  return call('any_value', [column], [ignoreNulls]);
}

/** The first value of the group in order of arrival. Spark counterpart: `first_value`. */
export function firstValue<const C extends ColumnOrName>(column: C, ignoreNulls?: boolean): Column<Nullable<C>> {
  return call('first_value', [column], [ignoreNulls]);
}

/** The last value of the group in order of arrival. Spark counterpart: `last_value`. */
export function lastValue<const C extends ColumnOrName>(column: C, ignoreNulls?: boolean): Column<Nullable<C>> {
  return call('last_value', [column], [ignoreNulls]);
}

/** The most frequent value; of several any, or with `deterministic` the smallest. */
export function mode<const C extends ColumnOrName>(column: C, deterministic?: boolean): Column<Nullable<C>> {
  return call('mode', [column], [deterministic]);
}

/** The group's texts one after another, with the delimiter between them. */
export function listagg(column: ColumnOrName, delimiter?: Column | string): Column<string | null> {
  return call('listagg', [column], [delimiter]);
}

/** The same as `listagg`. Spark counterpart: `string_agg`. */
export function stringAgg(column: ColumnOrName, delimiter?: Column | string): Column<string | null> {
  return call('string_agg', [column], [delimiter]);
}
