// observe(): aggregates of the rows that pass a place, in each batch's report; the query itself gives what it gave before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { avg, col, count, lit, MemoryStream, max, Session, type StreamingQueryProgress, schema, sum } from 'millrace';

const Event = schema({ k: 'string', v: 'int' });

async function observed(conf: Record<string, string | number>): Promise<{ progress: readonly StreamingQueryProgress[]; rows: object[] }> {
  const stream = new MemoryStream(Session.create({ conf }), Event);
  const rows: object[] = [];
  const query = await stream
    .toDF()
    .observe('all', count(lit(1)).alias('rows'), max('v').alias('greatest'))
    .filter(col('v').gt(0))
    .observe('kept', count(lit(1)).alias('rows'), avg('v').alias('mean'))
    .groupBy('k')
    .agg(sum('v').alias('s'))
    .writeStream.outputMode('update')
    .foreachBatch((batch) => void rows.push(...batch.toArray()))
    .start();
  try {
    stream.addData({ k: 'a', v: 3 }, { k: 'b', v: -1 });
    await query.processAllAvailable();
    stream.addData({ k: 'a', v: -7 });
    await query.processAllAvailable();
    return { progress: query.recentProgress, rows };
  } finally {
    await query.stop();
  }
}

for (const conf of [{}, { 'millrace.inlineBytesMax': 0, 'millrace.workers': 2 }]) {
  test(`each batch's report has its own numbers (${JSON.stringify(conf)})`, async () => {
    const { progress, rows } = await observed(conf);
    assert.deepEqual(
      progress.map(({ observedMetrics }) => observedMetrics),
      [
        { all: { rows: 2, greatest: 3 }, kept: { rows: 1, mean: 3 } },
        { all: { rows: 1, greatest: -7 }, kept: { rows: 0, mean: null } },
      ],
    );
    assert.deepEqual(rows, [{ k: 'a', s: 3n }]);
    assert.deepEqual(
      progress.map(({ stateOperators }) => stateOperators.map(({ operatorName }) => operatorName)),
      [['stateStoreSave'], ['stateStoreSave']],
    );
  });
}

test('a query that observes nothing reports nothing', async () => {
  const stream = new MemoryStream(Session.create({}), Event);
  const query = await stream
    .toDF()
    .writeStream.foreachBatch(() => {})
    .start();
  stream.addData({ k: 'a', v: 1 });
  await query.processAllAvailable();
  assert.equal('observedMetrics' in (query.lastProgress ?? {}), false);
  await query.stop();
});

test('only aggregates can be observed, and each name once', () => {
  const frame = new MemoryStream(Session.create({}), Event).toDF();
  assert.throws(() => frame.observe('m', col('v').alias('v')), { code: 'MISSING_GROUP_BY' });
  assert.throws(() => frame.observe('m', max('v')).observe('m', max('v')), { code: 'ARGUMENT_INVALID' });
});

test('a batch query gives its rows as if nobody looked', async () => {
  const rows = await Session.create({})
    .range(3)
    .observe('m', count(lit(1)).alias('n'))
    .collect();
  assert.deepEqual(rows, [{ id: 0n }, { id: 1n }, { id: 2n }]);
});
