// What the random streams of test/property found: conditions joined by AND each go below the watermark, and every grouping follows the watermark.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { col, count, lit, MemoryStream, Session, schema } from 'millrace';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds));

test('a condition beside one on the event time goes below the watermark alone', async () => {
  const session = Session.create({});
  const events = new MemoryStream(session, schema({ ts: 'timestamp', n: 'int' }));
  const query = await events
    .toDF()
    .withWatermark('ts', '0 seconds')
    .filter(col('ts').isNotNull().and(col('n').gt(0)))
    .writeStream.format('memory')
    .queryName('seen')
    .start();
  events.addData({ ts: at(5), n: 1 }, { ts: at(50), n: 0 });
  await query.processAllAvailable();
  assert.equal(query.lastProgress?.eventTime?.max, '2026-01-01T00:00:05.000Z');
  await query.stop();
});

test('a grouping without event time asks for a batch when the watermark has moved', async () => {
  const session = Session.create({});
  const events = new MemoryStream(session, schema({ ts: 'timestamp', k: 'string' }));
  const query = await events
    .toDF()
    .withWatermark('ts', '0 seconds')
    .groupBy('k')
    .agg(count(lit(1)).alias('n'))
    .writeStream.format('memory')
    .queryName('counted')
    .outputMode('update')
    .start();
  events.addData({ ts: at(5), k: 'a' });
  await query.processAllAvailable();
  assert.deepEqual(
    query.recentProgress.map(({ numInputRows }) => numInputRows),
    [1, 0],
  );
  await query.stop();
});
