// Higher-order functions through the typed API and SQL: elements, indices, outer columns, nulls, and what is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  aggregate,
  arraySort,
  type Column,
  col,
  exists,
  expr,
  filter,
  forall,
  lit,
  type MillraceError,
  mapFilter,
  mapZipWith,
  Session,
  transform,
  transformKeys,
  transformValues,
  zipWith,
} from '../../dist/index.js';

const session = Session.create({ timeZone: 'UTC' });
const rows = session.createDataFrame(
  [
    { id: 1, list: [3, 1, 2], other: [10, 20], map: new Map([['a', 1]]) },
    { id: 2, list: [], other: [5], map: new Map() },
    { id: 3, list: null, other: null, map: null },
    { id: 4, list: [1, null], other: [null, 7, 8], map: new Map([['b', null]]) },
  ],
  'id INT, list ARRAY<INT>, other ARRAY<INT>, map MAP<STRING, INT>',
);
const list = col('list') as Column as Column<number[] | null>;
const map = col('map') as Column as Column<Map<string, number | null> | null>;

async function valuesOf(column: Column): Promise<unknown[]> {
  return (await rows.select(column.as('v')).collect()).map((row) => (row as { readonly v: unknown }).v);
}

test('transform: elements, their indices, outer columns, lambdas in lambdas', async () => {
  assert.deepEqual(await valuesOf(transform(list, (x) => x.mul(2))), [[6, 2, 4], [], null, [2, null]]);
  assert.deepEqual(await valuesOf(transform(list, (x, index) => x.add(index))), [[3, 2, 4], [], null, [1, null]]);
  assert.deepEqual(await valuesOf(transform(list, (x) => x.add(col('id')))), [[4, 2, 3], [], null, [5, null]]);
  const nested = transform(list, (x) => aggregate(col('other') as Column as Column<number[]>, lit(0), (sum, y) => sum.add(y.mul(x))));
  assert.deepEqual(await valuesOf(nested), [[90, 30, 60], [], null, [null, null]]);
});

test('filter, exists and forall: null is neither true nor false', async () => {
  assert.deepEqual(await valuesOf(filter(list, (x) => x.gt(1))), [[3, 2], [], null, []]);
  assert.deepEqual(await valuesOf(filter(list, (_, index) => index.gt(0))), [[1, 2], [], null, [null]]);
  assert.deepEqual(await valuesOf(exists(list, (x) => x.eq(2))), [true, false, null, null]);
  assert.deepEqual(await valuesOf(forall(list, (x) => x.gt(0))), [true, true, null, null]);
  // The element that decides comes before the one that would raise.
  assert.deepEqual(await valuesOf(expr('exists(array(1, 0), x -> 1 / x > 0)')), [true, true, true, true]);
  assert.deepEqual(await valuesOf(expr('forall(array(-1, 0), x -> 1 / x > 0)')), [false, false, false, false]);
});

test('aggregate folds in order, all rows in step', async () => {
  assert.deepEqual(await valuesOf(aggregate(list, lit(0), (sum, x) => sum.add(x))), [6, 0, null, null]);
  assert.deepEqual(await valuesOf(expr("reduce(list, '', (s, x) -> concat(s, CAST(x AS STRING)), s -> concat('<', s, '>'))")), [
    '<312>',
    '<>',
    null,
    null,
  ]);
});

test('array_sort by a comparator is stable; zip_with fills up with nulls', async () => {
  const descending = arraySort(list, (left, right) => expr('0').sub(left).add(right) as Column<number>);
  assert.deepEqual(
    await valuesOf(filter(descending, (x) => x.isNotNull())).catch((error: MillraceError) => error.code),
    'COMPARATOR_RETURNS_NULL',
  );
  assert.deepEqual(await valuesOf(expr('array_sort(sequence(1, 9), (a, b) -> CAST(a % 3 - b % 3 AS INT))').as('v')), [
    ...Array.from({ length: 4 }, () => [3, 6, 9, 1, 4, 7, 2, 5, 8]),
  ]);
  assert.deepEqual(await valuesOf(zipWith(list, 'other', (x, y) => x.mul(y as Column<number>))), [
    [30, 20, null],
    [null],
    null,
    [null, null, null],
  ]);
});

test('maps: filtered, with other keys or values, side by side', async () => {
  assert.deepEqual(await valuesOf(mapFilter(map, (_, value) => value.isNotNull())), [new Map([['a', 1]]), new Map(), null, new Map()]);
  assert.deepEqual(await valuesOf(transformValues(map, (_, value) => value.add(1))), [
    new Map([['a', 2]]),
    new Map(),
    null,
    new Map([['b', null]]),
  ]);
  assert.deepEqual((await valuesOf(transformKeys(map, (key) => key.eq('a'))))[0], new Map([[true, 1]]));
  const zipped = mapZipWith(map, expr("map('a', 5, 'c', 6)") as Column<Map<string, number>>, (_, left, right) =>
    left.add(right as Column<number>),
  );
  assert.deepEqual(
    (await valuesOf(zipped))[0],
    new Map([
      ['a', 6],
      ['c', null],
    ]),
  );
});

test('refusals', () => {
  const codeOf = (text: string): string => {
    try {
      rows.selectExpr(text);
    } catch (error) {
      return (error as MillraceError).code;
    }
    return 'no error';
  };
  assert.equal(codeOf('upper(x -> x)'), 'INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION');
  assert.equal(codeOf('transform(list, (a, b, c) -> a)'), 'INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH');
  assert.equal(codeOf('filter(list, x -> x + 1)'), 'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE');
  assert.equal(codeOf('aggregate(list, 0L, (s, x) -> CAST(s + x AS INT))'), 'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE');
  assert.equal(codeOf('transform(id, x -> x)'), 'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE');
  assert.equal(codeOf('sum(sum(id))'), 'NESTED_AGGREGATE_FUNCTION');
  assert.equal(codeOf('sum(id) + id'), 'MISSING_GROUP_BY');
});
