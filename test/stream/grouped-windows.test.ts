// Grouping by windows that a column holds already, by event time that may be null, and pivots: groups close as those of window() do.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { col, count, lit, MemoryStream, type ResultBatch, Session, schema, sum, window } from 'millrace';

const session = Session.create({ appName: 'grouped windows', timeZone: 'UTC' });
const at = (seconds: number) => new Date(seconds * 1000);

function stream() {
  return new TradeStream(session, schema({ ts: 'timestamp', type: 'string', v: 'int' }));
}
const TradeStream = MemoryStream<{ ts: Date | null; type: string | null; v: number | null }>;

describe('groups of held event time', () => {
  test('a window that was selected is a key that closes', async () => {
    const input = stream();
    const rows: unknown[] = [];
    const query = await input
      .toDF()
      .withWatermark('ts', '0 seconds')
      .select(window('ts', '10 seconds').alias('w'), col('v'))
      .groupBy('w')
      .agg(sum('v').alias('total'))
      .select(col('w.start').alias('start'), col('total'))
      .writeStream.outputMode('append')
      .foreachBatch((batch: ResultBatch<any>) => void rows.push(...batch.toArray()))
      .start();
    for (const [seconds, v] of [
      [1, 1],
      [9, 2],
      [11, 4],
      [25, 8],
    ] as const) {
      input.addData({ ts: at(seconds), type: null, v });
      await query.processAllAvailable();
    }
    await query.stop();
    assert.deepEqual(rows, [
      { start: at(0), total: 3n },
      { start: at(10), total: 4n },
    ]);
    assert.equal(query.lastProgress!.stateOperators[0]!.numRowsTotal, 1);
  });

  test('rows without a time are a group of their own that never closes', async () => {
    const input = stream();
    const rows: unknown[] = [];
    const query = await input
      .toDF()
      .withWatermark('ts', '0 seconds')
      .groupBy('ts')
      .agg(count(lit(1)).alias('n'))
      .writeStream.outputMode('update')
      .foreachBatch((batch: ResultBatch<any>) => void rows.push(...batch.toArray()))
      .start();
    for (const ts of [null, at(5), null]) {
      input.addData({ ts, type: null, v: 1 });
      await query.processAllAvailable();
    }
    await query.stop();
    assert.deepEqual(rows, [
      { ts: null, n: 1n },
      { ts: at(5), n: 1n },
      { ts: null, n: 2n },
    ]);
  });
});

test('a pivot makes columns of values, one grouping behind the other', async () => {
  const trades = session.createDataFrame(
    [
      { id: 'a', type: 'buy', v: 1 },
      { id: 'a', type: 'sell', v: 2 },
      { id: 'a', type: 'buy', v: 3 },
      { id: 'b', type: 'gift', v: 4 },
    ],
    'id STRING, type STRING, v INT',
  );
  const pivoted = trades.groupBy('id').pivot('type', ['buy', 'sell']);
  assert.deepEqual(await pivoted.agg(sum('v')).orderBy('id').collect(), [
    { id: 'a', buy: 4n, sell: 2n },
    { id: 'b', buy: null, sell: null },
  ]);
  const two = pivoted.agg(sum('v').alias('total'), count(lit(1)).alias('n'));
  assert.deepEqual(two.columns, ['id', 'buy_total', 'buy_n', 'sell_total', 'sell_n']);
});
