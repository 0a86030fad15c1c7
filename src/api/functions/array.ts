// Functions of arrays.
import { callNode } from '../../plan/expression.js';
import { Column } from '../column.js';
import type { ColumnOrName, Operand, Unify, ValueOf } from '../types/column-types.js';
import { type ArrayOf, call, columnNodes, type ElementOf, type Given, type NullOf, type ValueIn } from './call.js';
import { lambda } from './lambda.js';

/** An array of the columns' values, brought to one type. */
export function array<const C extends readonly [ColumnOrName, ...ColumnOrName[]]>(...columns: C): Column<Unify<Given<C[number]>>[]> {
  return call('array', columns);
}

/** The array sorted; nulls come first, or last where `ascending` is false. Spark counterpart: `sort_array`. */
export function sortArray<const C extends ColumnOrName>(column: C, ascending?: boolean): Column<ArrayOf<C>> {
  return call('sort_array', [column], [ascending]);
}

/**
 * The array sorted, nulls last; or as a comparator says, which returns a negative whole number, 0 or a positive one. Spark counterpart:
 * `array_sort`.
 */
export function arraySort<const C extends ColumnOrName>(
  column: C,
  comparator?: (left: Column<ElementOf<C>>, right: Column<ElementOf<C>>) => Column<number | null>,
): Column<ArrayOf<C>> {
  if (comparator === undefined) return call('array_sort', [column]);
  return new Column(callNode('array_sort', [...columnNodes('arraySort', [column]), lambda('arraySort', comparator, 2)]));
}

/** The array without its nulls. Spark counterpart: `array_compact`. */
export function arrayCompact<const C extends ColumnOrName>(column: C): Column<Exclude<ElementOf<C>, null>[] | NullOf<Given<C>>> {
  return call('array_compact', [column]);
}

/** The array with each value once. Spark counterpart: `array_distinct`. */
export function arrayDistinct<const C extends ColumnOrName>(column: C): Column<ArrayOf<C>> {
  return call('array_distinct', [column]);
}

/** The largest element; nulls are ignored. Spark counterpart: `array_max`. */
export function arrayMax<const C extends ColumnOrName>(column: C): Column<ElementOf<C> | null> {
  return call('array_max', [column]);
}

/** The smallest element; nulls are ignored. Spark counterpart: `array_min`. */
export function arrayMin<const C extends ColumnOrName>(column: C): Column<ElementOf<C> | null> {
  return call('array_min', [column]);
}

/** The values of either array, each once. Spark counterpart: `array_union`. */
export function arrayUnion<const C extends ColumnOrName, const D extends ColumnOrName>(
  left: C,
  right: D,
): Column<(ElementOf<C> | ElementOf<D>)[] | null> {
  return call('array_union', [left, right]);
}

/** The values of both arrays, each once. Spark counterpart: `array_intersect`. */
export function arrayIntersect<const C extends ColumnOrName>(left: C, right: ColumnOrName): Column<ElementOf<C>[] | null> {
  return call('array_intersect', [left, right]);
}

/** The values of the first array that the second has not, each once. Spark counterpart: `array_except`. */
export function arrayExcept<const C extends ColumnOrName>(left: C, right: ColumnOrName): Column<ElementOf<C>[] | null> {
  return call('array_except', [left, right]);
}

/** Whether the arrays have a value in common; null where only a null could tell. Spark counterpart: `arrays_overlap`. */
export function arraysOverlap(left: ColumnOrName, right: ColumnOrName): Column<boolean | null> {
  return call('arrays_overlap', [left, right]);
}

/** The element at an index that counts from 0; null where there is none. */
export function get<const C extends ColumnOrName>(column: C, index: Column | number): Column<ElementOf<C> | null> {
  return call('get', [column], [index]);
}

/** The element at an index that counts from 1, from the end where negative, or the value of a map's key. Spark counterpart: `element_at`. */
export function elementAt<const C extends ColumnOrName>(column: C, key: Operand): Column<ElementOf<C> | ValueIn<C> | null> {
  return call('element_at', [column], [key]);
}

/** As `elementAt`, but null where there is no such element in every mode. Spark counterpart: `try_element_at`. */
export function tryElementAt<const C extends ColumnOrName>(column: C, key: Operand): Column<ElementOf<C> | ValueIn<C> | null> {
  return call('try_element_at', [column], [key]);
}

/** The number of elements of an array or entries of a map. Of null it is null, or -1 where ANSI mode is off. */
export function size(column: ColumnOrName): Column<number | null> {
  return call('size', [column]);
}

/** The same as `size`. */
export function cardinality(column: ColumnOrName): Column<number | null> {
  return call('cardinality', [column]);
}

/** The number of elements. Spark counterpart: `array_size`. */
export function arraySize(column: ColumnOrName): Column<number | null> {
  return call('array_size', [column]);
}

/** Whether the array has the value; null where only a null could tell. Spark counterpart: `array_contains`. */
export function arrayContains(column: ColumnOrName, value: Operand): Column<boolean | null> {
  return call('array_contains', [column], [value]);
}

/** The place of the first such element, from 1; 0 where there is none. Spark counterpart: `array_position`. */
export function arrayPosition(column: ColumnOrName, value: Operand): Column<bigint | null> {
  return call('array_position', [column], [value]);
}

/** The array without the elements that equal the value. Spark counterpart: `array_remove`. */
export function arrayRemove<const C extends ColumnOrName>(column: C, element: Operand): Column<ElementOf<C>[] | null> {
  return call('array_remove', [column], [element]);
}

/** The array with one more element at its end. Spark counterpart: `array_append`. */
export function arrayAppend<const C extends ColumnOrName, const O extends Operand>(
  column: C,
  element: O,
): Column<(ElementOf<C> | NullOf<ValueOf<O>>)[] | null> {
  return call('array_append', [column], [element]);
}

/** The array with one more element at its start. Spark counterpart: `array_prepend`. */
export function arrayPrepend<const C extends ColumnOrName, const O extends Operand>(
  column: C,
  element: O,
): Column<(ElementOf<C> | NullOf<ValueOf<O>>)[] | null> {
  return call('array_prepend', [column], [element]);
}

/** The array with a value put in at a position that counts from 1; nulls fill a gap. Spark counterpart: `array_insert`. */
export function arrayInsert<const C extends ColumnOrName>(
  column: C,
  position: Column | number,
  value: Operand,
): Column<(ElementOf<C> | null)[] | null> {
  return call('array_insert', [column], [position, value]);
}

/** An array of the value, `count` times. Spark counterpart: `array_repeat`. */
export function arrayRepeat<const C extends ColumnOrName>(column: C, count: Column | number): Column<Given<C>[] | null> {
  return call('array_repeat', [column], [count]);
}

/** The elements as one text; nulls are left out, or replaced. Spark counterpart: `array_join`. */
export function arrayJoin(column: ColumnOrName, delimiter: string, nullReplacement?: string): Column<string | null> {
  return call('array_join', [column], [delimiter, nullReplacement]);
}

/** An array of structs of the arrays' elements at the same place. Spark counterpart: `arrays_zip`. */
export function arraysZip(...columns: readonly ColumnOrName[]): Column<Record<string, unknown>[] | null> {
  return call('arrays_zip', columns);
}

/** An array of arrays as one array. */
export function flatten<const C extends ColumnOrName>(
  column: C,
): Column<(ElementOf<C> extends readonly (infer E)[] | null ? E : unknown)[] | null> {
  return call('flatten', [column]);
}

/** A part of the array; `start` counts from 1, from the end where negative. */
export function slice<const C extends ColumnOrName>(column: C, start: Column | number, length: Column | number): Column<ArrayOf<C> | null> {
  return call('slice', [column], [start, length]);
}

/** The values from `start` to `stop`, both included, by `step`, which is 1 or one day if not given. */
export function sequence<const C extends ColumnOrName>(
  start: C,
  stop: ColumnOrName,
  step?: ColumnOrName,
): Column<Exclude<Given<C>, null>[] | null> {
  return call('sequence', [start, stop, step]);
}
