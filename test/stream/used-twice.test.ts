// A grouping that a query uses twice: its rows are mapped once, and nothing but that tells it from two groupings.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { col, count, type DataFrame, lit, MemoryStream, max, type ResultBatch, Session, schema, window } from 'millrace';
import { rowText } from '../row-text.ts';

const session = Session.create({ appName: 'used twice', timeZone: 'UTC' });

const row = fc.record({ second: fc.integer({ min: 0, max: 59 }), k: fc.constantFrom('a', 'b', 'c', null) });
/** Batches, each some seconds behind the one before: rows of the last ones are late. */
const batches = fc.array(fc.record({ shift: fc.integer({ min: -60, max: 90 }), rows: fc.array(row, { minLength: 1, maxLength: 12 }) }), {
  minLength: 1,
  maxLength: 5,
});

type Batches = typeof batches extends fc.Arbitrary<infer T> ? T : never;

/** Of each window the keys with the most rows; the most are looked for in a grouping of what `again` makes of the rows. */
async function hottest(given: Batches, again: (rows: DataFrame<any>) => DataFrame<any>) {
  const stream = new MemoryStream(session, schema({ ts: 'timestamp', k: 'string' }));
  const rows = stream.toDF();
  const counted = (rows: DataFrame<any>): DataFrame<any> =>
    rows
      .withWatermark('ts', '10 seconds')
      .groupBy(window('ts', '20 seconds', '10 seconds').alias('range'), col('k'))
      .agg(count(lit(1)).alias('n'));
  const highest = counted(again(rows)).groupBy('range').agg(max('n').alias('n'));
  const out: string[] = [];
  const query = await counted(rows)
    .join(highest, ['range', 'n'])
    .select('range.start', 'k', 'n')
    .writeStream.foreachBatch((batch: ResultBatch<any>) => void out.push(...batch.toArray().map(rowText)))
    .start();
  let base = Date.UTC(2026, 0, 1);
  for (const { shift, rows } of given) {
    base += shift * 1000;
    stream.addData(...rows.map(({ second, k }) => ({ ts: new Date(base + second * 1000), k })));
    await query.processAllAvailable();
  }
  const progress = query.recentProgress.map(({ numInputRows, eventTime, stateOperators }) => ({
    numInputRows,
    eventTime,
    operators: stateOperators.map((operator) => ({
      total: operator.numRowsTotal,
      updated: operator.numRowsUpdated,
      removed: operator.numRowsRemoved,
      late: operator.numRowsDroppedByWatermark,
    })),
  }));
  await query.stop();
  return { out: out.sort(), progress };
}

describe('a grouping that is used twice', () => {
  test('has the rows, the counts and the event times of two groupings', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (given) => {
        const shared = await hottest(given, (rows) => rows);
        const apart = await hottest(given, (rows) => rows.filter(lit(1).eq(lit(1)).or(col('k').isNull())));
        assert.deepEqual(shared, apart);
        assert.equal(
          shared.progress.reduce((sum, { numInputRows }) => sum + numInputRows, 0),
          2 * given.reduce((sum, { rows }) => sum + rows.length, 0),
          'rows count once for each use, as in Spark',
        );
      }),
      { numRuns: 20 },
    );
  });

  test('is two where a condition is on the keys of one of them', async () => {
    const rows = session.createDataFrame([['a'], ['b'], ['b'], ['c']], 'k STRING');
    const counts = rows.groupBy('k').agg(count(lit(1)).alias('n'));
    const others = counts.select(col('k').alias('other'), col('n').alias('m'));
    const [one, other] = [col('k').eq('a'), col('other').eq('a')];
    const pairs = (left: DataFrame<any>, right: DataFrame<any>) => left.join(right, col('n').eq(col('m')));
    const texts = async (rows: DataFrame<any>) => (await rows.collect()).map(({ k, other }) => `${k} ${other}`).sort();
    assert.deepEqual(await texts(pairs(counts, others)), ['a a', 'a c', 'b b', 'c a', 'c c']);
    for (const filtered of [pairs(counts, others).filter(one), pairs(counts.filter(one), others)])
      assert.deepEqual(await texts(filtered), ['a a', 'a c']);
    for (const filtered of [pairs(counts, others).filter(other), pairs(counts, others.filter(other))])
      assert.deepEqual(await texts(filtered), ['a a', 'c a']);
  });
});
