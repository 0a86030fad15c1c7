// Functions of the typed API whose nodes are more than a name and columns.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  array,
  charindex,
  col,
  countMinSketch,
  expr,
  histogramNumeric,
  lit,
  map,
  percentileCont,
  percentileDisc,
  Session,
  space,
  struct,
  typeOf,
} from 'millrace';

const session = Session.create({ timeZone: 'UTC' });
const rows = session.createDataFrame(
  [
    { x: 1, k: 'a' },
    { x: 2, k: 'b' },
    { x: 4, k: 'c' },
  ],
  'x INT, k STRING',
);

test('getItem takes elements of arrays, values of maps and fields of structs', async () => {
  const found = await rows
    .select(
      array('x', lit(9)).getItem(1).as('element'),
      map(lit('a'), 'x').getItem('a').as('value'),
      map('k', 'x').getItem(col('k')).as('by_column'),
      map(lit(1), 'k').getItem(1).as('by_number'),
      struct('x', 'k').getItem('k').as('field'),
    )
    .limit(1)
    .collect();
  assert.deepEqual(found, [{ element: 9, value: 1, by_column: 1, by_number: 'a', field: 'a' }]);
});

test('an index that the array does not have is an error in ANSI mode', async () => {
  await assert.rejects(rows.select(array('x').getItem(1).as('element')).collect(), { code: 'INVALID_ARRAY_INDEX' });
});

test('bitwise methods are the operators', async () => {
  const typed = rows.select(col('x').bitwiseAND(6).as('a'), col('x').bitwiseOR(8).as('o'), col('x').bitwiseXOR(7).as('x'));
  const text = rows.selectExpr('x & 6 AS a', 'x | 8 AS o', 'x ^ 7 AS x');
  assert.deepEqual(await typed.collect(), await text.collect());
});

test('percentiles within a group follow the direction of their column', async () => {
  const [found] = await rows
    .groupBy()
    .agg(
      percentileCont(0.25, 'x').as('between'),
      percentileDisc(0.25, 'x').as('there'),
      percentileDisc(0.25, col('x').desc()).as('from_above'),
      histogramNumeric('x', 2).as('bins'),
      countMinSketch(col('x'), 0.5, 0.5, 1).as('sketch'),
      expr('count_min_sketch(x, 0.5D, 0.5D, 1)').as('same_sketch'),
    )
    .collect();
  assert.equal(found?.between, 1.5);
  assert.equal(found?.there, 1);
  assert.equal(found?.from_above, 4);
  assert.deepEqual(found?.bins, [
    { x: 1, y: 2 },
    { x: 4, y: 1 },
  ]);
  assert.deepEqual(found?.sketch, found?.same_sketch);
});

test('names that JavaScript has for itself, or Spark by another word', async () => {
  const [found] = await rows
    .select(typeOf('x').as('type'), space('x').as('space'), charindex(lit('a'), 'k').as('place'))
    .limit(1)
    .collect();
  assert.deepEqual(found, { type: 'int', space: ' ', place: 1 });
});
