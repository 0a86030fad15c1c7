// ROLLUP, CUBE and GROUPING SETS, and the joins and subqueries of SQL.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { count, grouping, groupingId, type MillraceError, Session, sum } from 'millrace';

const session = Session.create({ timeZone: 'UTC' });
const sales = session.createDataFrame(
  [
    { city: 'Ulm', year: 1, amount: 10 },
    { city: 'Ulm', year: 2, amount: 20 },
    { city: null, year: 1, amount: 5 },
  ],
  'city STRING, year INT, amount INT',
);
sales.createOrReplaceTempView('sales');
session
  .createDataFrame(
    [
      { city: 'Ulm', land: 'BW' },
      { city: 'Bonn', land: 'NRW' },
    ],
    'city STRING, land STRING',
  )
  .createOrReplaceTempView('cities');
session.createDataFrame([{ v: 1 }, { v: null }], 'v INT').createOrReplaceTempView('open_values');

const texts = async (query: string) => (await session.sql(query).collect()).map((row) => Object.values(row as object).join(',')).sort();

test('rollup and cube, and which keys a row is grouped by', async () => {
  const rolled = sales.rollup('city', 'year').agg(sum('amount').as('total'), grouping('city').as('g'), groupingId().as('id'));
  const rows = (await rolled.collect()).map((row) => `${row.city} ${row.year} ${row.total} ${row.g} ${row.id}`).sort();
  assert.deepEqual(rows, ['Ulm 1 10 0 0', 'Ulm 2 20 0 0', 'Ulm null 30 0 1', 'null 1 5 0 0', 'null null 35 1 3', 'null null 5 0 1']);
  assert.equal(await sales.cube('city', 'year').agg(count('*').as('n')).count(), 8);
  // A key's own values are what aggregates see.
  assert.deepEqual(await texts('SELECT sum(year) FROM sales GROUP BY ROLLUP(year)'), ['2', '2', '4']);
});

test('sets in SQL: mixed with plain keys, twice the same, with HAVING', async () => {
  assert.deepEqual(await texts('SELECT city, year, count(*) FROM sales GROUP BY year, ROLLUP(city)'), [
    ',1,1',
    ',1,2',
    ',2,1',
    'Ulm,1,1',
    'Ulm,2,1',
  ]);
  assert.deepEqual(await texts('SELECT year, count(*) FROM sales GROUP BY GROUPING SETS ((year), (year))'), ['1,2', '1,2', '2,1', '2,1']);
  assert.deepEqual(await texts('SELECT year, count(*) FROM sales GROUP BY year WITH ROLLUP HAVING grouping(year) = 1'), [',3']);
  assert.deepEqual(await texts('SELECT city, sum(amount) FROM sales GROUP BY CUBE(city) HAVING sum(amount) > 5 ORDER BY 2'), [
    ',35',
    'Ulm,30',
  ]);
  const codeOf = (query: string) => {
    try {
      session.sql(query);
    } catch (error) {
      return (error as MillraceError).code;
    }
    return 'no error';
  };
  assert.equal(codeOf('SELECT grouping(city) FROM sales GROUP BY city'), 'UNSUPPORTED_GROUPING_EXPRESSION');
  assert.equal(codeOf('SELECT grouping(amount) FROM sales GROUP BY CUBE(city)'), 'GROUPING_COLUMN_MISMATCH');
});

test('joins in SQL', async () => {
  const join = (how: string) => texts(`SELECT s.amount, c.land FROM sales s ${how} cities c ON s.city = c.city`);
  assert.deepEqual(await join('JOIN'), ['10,BW', '20,BW']);
  assert.deepEqual(await join('LEFT JOIN'), ['10,BW', '20,BW', '5,']);
  assert.deepEqual(await join('FULL OUTER JOIN'), [',NRW', '10,BW', '20,BW', '5,']);
  assert.deepEqual(await texts('SELECT city, land, amount FROM sales JOIN cities USING (city)'), ['Ulm,BW,10', 'Ulm,BW,20']);
  assert.deepEqual(await texts('SELECT amount FROM sales s LEFT ANTI JOIN cities c ON s.city = c.city'), ['5']);
  assert.equal((await texts('SELECT 1 FROM sales, cities')).length, 6);
});

test('subqueries: IN, NOT IN with nulls, EXISTS that looks outside', async () => {
  assert.deepEqual(await texts('SELECT amount FROM sales WHERE city IN (SELECT city FROM cities) AND year = 2'), ['20']);
  assert.deepEqual(await texts("SELECT amount FROM sales WHERE city NOT IN (SELECT city FROM cities WHERE land = 'NRW')"), ['10', '20']);
  assert.deepEqual(await texts('SELECT amount FROM sales WHERE year NOT IN (SELECT v FROM open_values)'), []);
  assert.deepEqual(await texts('SELECT amount FROM sales WHERE year IN (SELECT max(v) FROM open_values)'), ['10', '5']);
  assert.deepEqual(await texts('SELECT amount FROM sales s WHERE EXISTS (SELECT 1 FROM cities c WHERE c.city = s.city)'), ['10', '20']);
  assert.deepEqual(await texts('SELECT amount FROM sales s WHERE NOT EXISTS (SELECT 1 FROM cities c WHERE c.city = s.city)'), ['5']);
});
