// Functions over windows of rows, by SQL and by the typed API: what Spark's own examples say, frames of every kind, and what is refused.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  col,
  cumeDist,
  denseRank,
  expr,
  lag,
  lead,
  lit,
  nthValue,
  ntile,
  percentRank,
  rank,
  rowNumber,
  Session,
  sum,
  Window,
} from 'millrace';

const session = Session.create({ timeZone: 'UTC' });

/** The rows of Spark's examples. */
const tab = session.createDataFrame(
  [
    ['A1', 2],
    ['A1', 1],
    ['A2', 3],
    ['A1', 1],
  ],
  'a STRING, b INT',
);
tab.createOrReplaceTempView('tab');

async function valuesOf(call: string): Promise<unknown[]> {
  const rows = await session.sql(`SELECT a, b, ${call} AS w FROM tab`).collect();
  assert.deepEqual(
    rows.map(({ a, b }) => [a, b]),
    [
      ['A1', 1],
      ['A1', 1],
      ['A1', 2],
      ['A2', 3],
    ],
  );
  return rows.map(({ w }) => w);
}

describe("Spark's own examples", () => {
  const expected: Readonly<Record<string, unknown[]>> = {
    'row_number()': [1, 2, 3, 1],
    'rank()': [1, 1, 3, 1],
    'dense_rank()': [1, 1, 2, 1],
    'percent_rank()': [0, 0, 1, 0],
    'cume_dist()': [2 / 3, 2 / 3, 1, 1],
    'ntile(2)': [1, 1, 2, 1],
    'lag(b)': [null, 1, 1, null],
    'lead(b)': [1, 2, null, null],
    'lag(b, 2, -1)': [-1, -1, 1, -1],
    'nth_value(b, 2)': [1, 1, 1, null],
    'first(b)': [1, 1, 1, 3],
    'sum(b)': [2n, 2n, 4n, 3n],
    'count(*)': [2n, 2n, 3n, 1n],
    'collect_list(b)': [[1, 1], [1, 1], [1, 1, 2], [3]],
  };
  for (const [call, values] of Object.entries(expected)) {
    test(call, async () => assert.deepEqual(await valuesOf(`${call} OVER (PARTITION BY a ORDER BY b)`), values));
  }

  test('without an order an aggregate is that of the whole window', async () => {
    const rows = await session.sql('SELECT a, sum(b) OVER (PARTITION BY a) AS s, sum(b) OVER () AS t FROM tab ORDER BY a').collect();
    assert.deepEqual(
      rows.map(({ s, t }) => [s, t]),
      [
        [4n, 7n],
        [4n, 7n],
        [4n, 7n],
        [3n, 7n],
      ],
    );
  });
});

test('the typed API says the same', async () => {
  const window = Window.partitionBy('a').orderBy('b');
  const rows = await tab
    .select(
      rowNumber().over(window).alias('n'),
      rank().over(window).alias('r'),
      denseRank().over(window).alias('d'),
      percentRank().over(window).alias('p'),
      cumeDist().over(window).alias('c'),
      ntile(2).over(window).alias('t'),
      lag('b').over(window).alias('before'),
      lead('b', 1, 0).over(window).alias('behind'),
      nthValue('b', 2).over(window).alias('second'),
      sum('b').over(window.rowsBetween(Window.unboundedPreceding, Window.currentRow)).alias('running'),
      sum('b').over(window.rowsBetween(-1, 1)).alias('around'),
    )
    .collect();
  assert.deepEqual(rows[1], { n: 2, r: 1, d: 1, p: 0, c: 2 / 3, t: 1, before: 1, behind: 2, second: 1, running: 2n, around: 4n });
});

test('columns have the names that Spark gives them, and expressions may go on from them', async () => {
  const frame = session.sql('SELECT rank() OVER (ORDER BY b DESC), 10 * (1 + lag(b) OVER (PARTITION BY a ORDER BY b)) FROM tab');
  assert.deepEqual(frame.columns, [
    'RANK() OVER (ORDER BY b DESC NULLS LAST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)',
    '(10 * (1 + lag(b, 1, NULL) OVER (PARTITION BY a ORDER BY b ASC NULLS FIRST ROWS BETWEEN -1 FOLLOWING AND -1 FOLLOWING)))',
  ]);
  const top = tab
    .withColumn('r', rank().over(Window.partitionBy('a').orderBy(col('b').desc())))
    .filter('r = 1')
    .orderBy('a');
  assert.deepEqual(await top.collect(), [
    { a: 'A1', b: 2, r: 1 },
    { a: 'A2', b: 3, r: 1 },
  ]);
});

describe('frames', () => {
  const days = session.createDataFrame(
    [
      [1, new Date('2026-01-01')],
      [2, new Date('2026-01-02')],
      [4, new Date('2026-01-04')],
      [null, null],
      [5, new Date('2026-01-05')],
    ],
    'v INT, d DATE',
  );
  days.createOrReplaceTempView('days');
  const sums = async (window: string) =>
    (await session.sql(`SELECT v, sum(v) OVER (${window}) AS s FROM days`).collect())
      .sort((x, y) => Number(x['v']) - Number(y['v']))
      .map(({ s }) => s);

  test('RANGE goes by the values of the order, nulls by themselves', async () => {
    assert.deepEqual(await sums('ORDER BY v RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING'), [null, 3n, 3n, 9n, 9n]);
    assert.deepEqual(await sums('ORDER BY v DESC RANGE BETWEEN 2 PRECEDING AND CURRENT ROW'), [null, 3n, 6n, 9n, 5n]);
    assert.deepEqual(await sums("ORDER BY d RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW"), [null, 1n, 3n, 4n, 9n]);
  });

  test('ROWS may lie wholly before or behind the row', async () => {
    assert.deepEqual(await sums('ORDER BY v ROWS BETWEEN 2 FOLLOWING AND 3 FOLLOWING'), [6n, 9n, 5n, null, null]);
    assert.deepEqual(await sums('ORDER BY v ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING'), [null, null, 1n, 2n, 4n]);
  });

  test('nulls can be passed over, and conditions narrow aggregates', async () => {
    const rows = await session
      .sql(
        'SELECT v, lag(v) IGNORE NULLS OVER (ORDER BY d DESC) AS l, count(*) FILTER (WHERE v > 1) OVER (ORDER BY d) AS c FROM days ORDER BY d',
      )
      .collect();
    assert.deepEqual(
      rows.map(({ v, l, c }) => [v, l, c]),
      [
        [null, 1, 0n],
        [1, 2, 0n],
        [2, 4, 1n],
        [4, 5, 2n],
        [5, null, 3n],
      ],
    );
  });
});

test('any frame of ROWS gives what the obvious loop gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ k: fc.integer({ min: 0, max: 2 }), v: fc.option(fc.integer({ min: -5, max: 5 })) }), { maxLength: 20 }),
      fc.integer({ min: -3, max: 3 }),
      fc.integer({ min: 0, max: 3 }),
      async (rows, start, length) => {
        const frame = session.createDataFrame(
          rows.map(({ k, v }, id) => [id, k, v]),
          'id INT, k INT, v INT',
        );
        const window = Window.partitionBy('k')
          .orderBy('id')
          .rowsBetween(start, start + length);
        const found = await frame.select('id', sum('v').over(window).alias('s')).orderBy('id').collect();
        const expected = rows.map(({ k }, id) => {
          const same = rows.flatMap((row, at) => (row.k === k ? [{ at, v: row.v }] : []));
          const place = same.findIndex(({ at }) => at === id);
          const values = same.filter((row, index) => index >= place + start && index <= place + start + length && row.v !== null);
          return values.length === 0 ? null : BigInt(values.reduce((total, { v }) => total + (v ?? 0), 0));
        });
        assert.deepEqual(
          found.map(({ s }) => s),
          expected,
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('what has no meaning is refused when it is written', () => {
  const refused = (code: string, sql: string) => assert.throws(() => session.sql(sql), { code }, sql);
  refused('WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE', 'SELECT rank() FROM tab');
  refused('_LEGACY_ERROR_TEMP_1037', 'SELECT rank() OVER (PARTITION BY a) FROM tab');
  refused('_LEGACY_ERROR_TEMP_1034', 'SELECT a FROM tab WHERE rank() OVER (ORDER BY b) = 1');
  refused('_LEGACY_ERROR_TEMP_1036', 'SELECT rank() OVER (ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM tab');
  refused('UNSUPPORTED_EXPR_FOR_WINDOW', 'SELECT abs(b) OVER (ORDER BY b) FROM tab');
  refused('DISTINCT_WINDOW_FUNCTION_UNSUPPORTED', 'SELECT count(DISTINCT b) OVER (PARTITION BY a) FROM tab');
  refused('WINDOW_FUNCTION_AND_FRAME_MISMATCH', 'SELECT lag(b) OVER (ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM tab');
  assert.throws(() => lit(1).over('a' as never), { code: 'ARGUMENT_INVALID' });
  assert.throws(() => tab.select(expr('sum(b)').over(Window.orderBy('a', 'b').rangeBetween(-1, 0)).alias('s')), {
    code: 'ARGUMENT_INVALID',
  });
});

test('without rows there are none', async () => {
  const none = session.sql('SELECT sum(b) OVER (ORDER BY a) AS s, rank() OVER (ORDER BY a) AS r FROM tab WHERE b > 9');
  assert.deepEqual(await none.collect(), []);
});
