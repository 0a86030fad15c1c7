// Aggregate functions: one value per group. They ignore nulls, where nothing else is said.
import { callNode, distinctCallNode } from '../../plan/expression.js';
import { literalNode } from '../../plan/literal.js';
import { Column, columnArgument, columnOrNameNode } from '../column.js';
import type { CallName, ColumnOrName, RequireBoolean } from '../types/column-types.js';
import { type Average, columnNodes, type Nullable, type Numbers, type Sum } from './call.js';

/**
 * The sum of the group's values. Whole numbers sum up to BIGINT (a bigint), where overflow is ARITHMETIC_OVERFLOW in ANSI mode; floats
 * and doubles to DOUBLE; decimals to DECIMAL with ten more digits. Null for a group without values.
 */
export function sum<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Sum<C>, CallName<'sum', C>> {
  return aggregate('sum', column);
}

/** The average of the group's values: DOUBLE, or DECIMAL for decimals. Null for a group without values. */
export function avg<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Average<C>, CallName<'avg', C>> {
  return aggregate('avg', column);
}

/** The smallest value of the group; NaN is the largest number. Null for a group without values. */
export function min<const C extends ColumnOrName>(column: C): Column<Nullable<C>, CallName<'min', C>> {
  return aggregate('min', column);
}

/** The largest value of the group; NaN is the largest number. Null for a group without values. */
export function max<const C extends ColumnOrName>(column: C): Column<Nullable<C>, CallName<'max', C>> {
  return aggregate('max', column);
}

/** How many rows of the group have a value in the column; `count('*')` and `count(lit(1))` count all rows. Never null. */
export function count<const C extends ColumnOrName>(
  column: C,
): Column<bigint, C extends '*' ? 'count(1)' : C extends Column<number, infer N> ? `count(${N})` : CallName<'count', C>> {
  return (column as ColumnOrName) === '*' ? new Column(callNode('count', [literalNode(1)])) : aggregate('count', column);
}

/** How many different values the columns have together in the group; rows with a null in any of them do not count. Never null. */
export function countDistinct(column: ColumnOrName, ...columns: readonly ColumnOrName[]): Column<bigint> {
  return new Column(
    distinctCallNode(
      'count',
      [column, ...columns].map((each) => columnOrNameNode('countDistinct', each)),
    ),
  );
}

/** The sum of the group's different values. Null for a group without values. */
export function sumDistinct<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Sum<C>> {
  return new Column(distinctCallNode('sum', [columnOrNameNode('sumDistinct', column)]));
}

/** How many rows of the group meet the condition: false and null do not count. Never null. Spark counterpart: `count_if`. */
export function countIf<V>(condition: Column<V> & RequireBoolean<V>): Column<bigint> {
  return new Column(callNode('count_if', [columnArgument('countIf', 'the condition', condition).expression]));
}

/** The first value of the group, nulls included. Which one is first depends on the order of arrival. */
export function first<const C extends ColumnOrName>(column: C): Column<Nullable<C>, CallName<'first', C>> {
  return aggregate('first', column);
}

/** The last value of the group, nulls included. Which one is last depends on the order of arrival. */
export function last<const C extends ColumnOrName>(column: C): Column<Nullable<C>, CallName<'last', C>> {
  return aggregate('last', column);
}

function aggregate<T, N extends string>(name: string, column: ColumnOrName): Column<T, N> {
  return new Column(callNode(name, [columnOrNameNode(name, column)]));
}

/** 1 where a row of `rollup` or `cube` is not grouped by the key, else 0. */
export function grouping(column: ColumnOrName): Column<number, `grouping(${string})`> {
  return new Column(callNode('grouping', columnNodes('grouping', [column])));
}

/** Which keys a row of `rollup` or `cube` is not grouped by, a bit each, the last key's the lowest. Spark counterpart: `grouping_id`. */
export function groupingId(...columns: readonly ColumnOrName[]): Column<bigint> {
  return new Column(callNode('grouping_id', columnNodes('groupingId', columns)));
}
