// Higher-order functions: callbacks say what happens to each element of an array or entry of a map. They run once, when the query is
// built; the columns that they return are evaluated over all elements at once.
import { callNode } from '../../plan/expression.js';
import type { Expression } from '../../plan/nodes.generated.js';
import { Column, operandNode } from '../column.js';
import type { ColumnOrName, Operand } from '../types/column-types.js';
import { type ArrayOf, columnNodes, type ElementOf, type Given, type KeyOf, type NullOf, type ValueIn } from './call.js';
import { lambda } from './lambda.js';

/** A condition on an element. */
type Test<C> = (element: Column<ElementOf<C>>) => Column<boolean | null>;

function higherOrder<T>(name: string, functionName: string, columns: readonly ColumnOrName[], lambdas: readonly Expression[]): Column<T> {
  return new Column(callNode(name, [...columnNodes(functionName, columns), ...lambdas]));
}

/**
 * The array of what the callback makes of each element; a second parameter is the element's index, from 0.
 *
 * ```ts
 * transform('amounts', (amount) => amount.mul(2))
 * ```
 */
export function transform<const C extends ColumnOrName, V>(
  column: C,
  callback: (element: Column<ElementOf<C>>, index: Column<number>) => Column<V>,
): Column<V[] | NullOf<Given<C>>> {
  return higherOrder('transform', 'transform', [column], [lambda('transform', callback, 2, 1)]);
}

/** The array of the elements for which the callback is true; a second parameter is the element's index, from 0. */
export function filter<const C extends ColumnOrName>(
  column: C,
  callback: (element: Column<ElementOf<C>>, index: Column<number>) => Column<boolean | null>,
): Column<ArrayOf<C>> {
  return higherOrder('filter', 'filter', [column], [lambda('filter', callback, 2, 1)]);
}

/** Whether the callback is true for any element; null where none is, but for one it is null. */
export function exists<const C extends ColumnOrName>(column: C, callback: Test<C>): Column<boolean | null> {
  return higherOrder('exists', 'exists', [column], [lambda('exists', callback, 1)]);
}

/** Whether the callback is true for all elements; null where it is false for none, but for one it is null. */
export function forall<const C extends ColumnOrName>(column: C, callback: Test<C>): Column<boolean | null> {
  return higherOrder('forall', 'forall', [column], [lambda('forall', callback, 1)]);
}

/**
 * The array folded from its first element to its last: `merge` takes what came of those before, `start` at first, and the element.
 * `finish` makes the result. `start` must have the type that `merge` returns.
 *
 * ```ts
 * aggregate('amounts', lit(0), (sum, amount) => sum.add(amount))
 * ```
 */
export function aggregate<const C extends ColumnOrName, S, R = S>(
  column: C,
  start: Column<S>,
  merge: (state: Column<S>, element: Column<ElementOf<C>>) => Column,
  finish?: (state: Column<S>) => Column<R>,
): Column<R | NullOf<Given<C>>> {
  const lambdas = [lambda('aggregate', merge, 2)];
  if (finish !== undefined) lambdas.push(lambda('aggregate', finish, 1));
  return new Column(callNode('aggregate', [...columnNodes('aggregate', [column]), operandNode(start as Operand), ...lambdas]));
}

/** The same as `aggregate`. */
export function reduce<const C extends ColumnOrName, S, R = S>(
  column: C,
  start: Column<S>,
  merge: (state: Column<S>, element: Column<ElementOf<C>>) => Column,
  finish?: (state: Column<S>) => Column<R>,
): Column<R | NullOf<Given<C>>> {
  return aggregate(column, start, merge, finish);
}

/** The array of what the callback makes of the elements of two arrays side by side, null where one is shorter. Spark counterpart: `zip_with`. */
export function zipWith<const C extends ColumnOrName, const D extends ColumnOrName, V>(
  left: C,
  right: D,
  callback: (left: Column<ElementOf<C> | null>, right: Column<ElementOf<D> | null>) => Column<V>,
): Column<V[] | NullOf<Given<C>> | NullOf<Given<D>>> {
  return higherOrder('zip_with', 'zipWith', [left, right], [lambda('zipWith', callback, 2)]);
}

/** The map of the entries for which the callback is true. Spark counterpart: `map_filter`. */
export function mapFilter<const C extends ColumnOrName>(
  column: C,
  callback: (key: Column<KeyOf<C>>, value: Column<ValueIn<C>>) => Column<boolean | null>,
): Column<Map<KeyOf<C>, ValueIn<C>> | NullOf<Given<C>>> {
  return higherOrder('map_filter', 'mapFilter', [column], [lambda('mapFilter', callback, 2)]);
}

/** The map with the keys that the callback makes of each entry; they must differ. Spark counterpart: `transform_keys`. */
export function transformKeys<const C extends ColumnOrName, K>(
  column: C,
  callback: (key: Column<KeyOf<C>>, value: Column<ValueIn<C>>) => Column<K>,
): Column<Map<Exclude<K, null>, ValueIn<C>> | NullOf<Given<C>>> {
  return higherOrder('transform_keys', 'transformKeys', [column], [lambda('transformKeys', callback, 2)]);
}

/** The map with the values that the callback makes of each entry. Spark counterpart: `transform_values`. */
export function transformValues<const C extends ColumnOrName, V>(
  column: C,
  callback: (key: Column<KeyOf<C>>, value: Column<ValueIn<C>>) => Column<V>,
): Column<Map<KeyOf<C>, V> | NullOf<Given<C>>> {
  return higherOrder('transform_values', 'transformValues', [column], [lambda('transformValues', callback, 2)]);
}

/** The map over the keys of two maps of what the callback makes of the values, null where a map has none. Spark counterpart: `map_zip_with`. */
export function mapZipWith<const C extends ColumnOrName, const D extends ColumnOrName, V>(
  left: C,
  right: D,
  callback: (key: Column<KeyOf<C> | KeyOf<D>>, left: Column<ValueIn<C> | null>, right: Column<ValueIn<D> | null>) => Column<V>,
): Column<Map<KeyOf<C> | KeyOf<D>, V> | NullOf<Given<C>> | NullOf<Given<D>>> {
  return higherOrder('map_zip_with', 'mapZipWith', [left, right], [lambda('mapZipWith', callback, 3)]);
}
