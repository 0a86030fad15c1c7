// closeOnIdle: a quiet source's event time goes on with the clock, so that its windows close; without the option it stands still, as in Spark.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { col, count, lit, MemoryStream, Session, schema, window } from 'millrace';
import { IdleSources } from '../../dist/engine/idle-sources.js';
import { WatermarkTracker } from '../../dist/engine/watermark.js';

const seen = (node: number, maxMs: number) => ({ node, count: 1, minMs: maxMs, maxMs, avgMs: maxMs });
const range = (number: number, hasData: boolean) => ({ position: { number }, from: 0, end: 0, hasData }) as never;

test('a source is quiet after so long, and moves on as the clock does from then', () => {
  const tracker = new WatermarkTracker([{ node: 0, delayMs: 5_000, source: 7 }], 'min');
  tracker.update([seen(0, 60_000)]);
  const idle = new IdleSources(30_000);
  assert.equal(idle.dueMs, null);
  idle.look([range(7, true)], 100_000, tracker);
  assert.equal(idle.dueMs, 130_000);
  idle.look([range(7, false)], 129_999, tracker);
  assert.equal(tracker.currentMs, 55_000);
  idle.look([range(7, false)], 130_000, tracker);
  assert.equal(tracker.currentMs, 85_000);
  idle.look([range(7, false)], 160_500, tracker);
  assert.equal(tracker.currentMs, 115_500);
  idle.look([range(7, true)], 170_000, tracker);
  assert.equal(idle.dueMs, 200_000);
});

test('a quiet source does not hold back the others, even one that has shown nothing', () => {
  const nodes = [
    { node: 0, delayMs: 0, source: 1 },
    { node: 1, delayMs: 0, source: 2 },
  ];
  const tracker = new WatermarkTracker(nodes, 'min');
  tracker.update([seen(0, 60_000)]);
  assert.equal(tracker.currentMs, 0);
  const idle = new IdleSources(10_000);
  idle.look([range(1, true), range(2, false)], 0, tracker);
  idle.look([range(1, true), range(2, false)], 10_000, tracker);
  assert.equal(tracker.currentMs, 60_000);
  // It speaks up: from now on it counts again, and the watermark does not go back.
  tracker.update([seen(0, 70_000), seen(1, 65_000)]);
  assert.equal(tracker.currentMs, 65_000);
});

test('after a restart the query goes on from its own watermark', () => {
  const tracker = new WatermarkTracker([{ node: 0, delayMs: 0, source: 1 }], 'min');
  tracker.restore(50_000);
  tracker.advanceQuiet(1, 10_000);
  assert.equal(tracker.currentMs, 60_000);
});

async function windowsOf(closeOnIdle: string | null): Promise<number> {
  const stream = new MemoryStream(Session.create({}), schema({ ts: 'timestamp' }));
  let rows = 0;
  const writer = stream
    .toDF()
    .withWatermark('ts', '1 second')
    .groupBy(window('ts', '1 second'))
    .agg(count(lit(1)).alias('n'))
    .select(col('n'))
    .writeStream.foreachBatch((batch) => {
      rows += batch.numRows;
    });
  if (closeOnIdle !== null) writer.option('closeOnIdle', closeOnIdle);
  const query = await writer.start();
  try {
    stream.addData({ ts: new Date(Date.UTC(2026, 0, 1)) });
    await query.processAllAvailable();
    const deadlineMs = Date.now() + 3000;
    while (rows === 0 && Date.now() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, 20));
    return rows;
  } finally {
    await query.stop();
  }
}

test('the last window of a stream that ends closes by itself', async () => {
  assert.equal(await windowsOf('300 milliseconds'), 1);
});

test('without the option it stays open', async () => {
  assert.equal(await windowsOf(null), 0);
});

test('what is no time is refused', async () => {
  await assert.rejects(windowsOf('soon'), { code: 'CANNOT_PARSE_INTERVAL' });
  await assert.rejects(windowsOf('0 seconds'), { code: 'OPTION_INVALID' });
});
