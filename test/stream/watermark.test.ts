// The watermark follows Spark's rules: it starts at 0, comes from earlier batches, is the policy's choice, and never goes back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mergeEventTimeStats, WatermarkTracker } from '../../dist/engine/watermark.js';

const seen = (node: number, maxMs: number, count = 1) => ({ node, count, minMs: maxMs, maxMs, avgMs: maxMs });

test('a query without watermarks stays at 0', () => {
  const tracker = new WatermarkTracker([], 'min');
  tracker.update([seen(0, 5_000)]);
  assert.equal(tracker.currentMs, 0);
});

test('the watermark is the greatest event time less the delay, and stays through quiet and late batches', () => {
  const tracker = new WatermarkTracker([{ node: 0, delayMs: 10_000 }], 'min');
  assert.equal(tracker.currentMs, 0);
  tracker.update([seen(0, 60_000)]);
  assert.equal(tracker.currentMs, 50_000);
  tracker.update([]);
  assert.equal(tracker.currentMs, 50_000);
  tracker.update([seen(0, 30_000)]);
  assert.equal(tracker.currentMs, 50_000);
  tracker.update([seen(0, 60_001)]);
  assert.equal(tracker.currentMs, 50_001);
});

test('event times before 1970 leave the watermark at 0', () => {
  const tracker = new WatermarkTracker([{ node: 0, delayMs: 1_000 }], 'min');
  tracker.update([seen(0, -5_000)]);
  assert.equal(tracker.currentMs, 0);
});

test('under policy min a node that has seen nothing holds the watermark at 0, under max it does not (golden F080, F081)', () => {
  const nodes = [
    { node: 0, delayMs: 0 },
    { node: 1, delayMs: 5_000 },
  ];
  const least = new WatermarkTracker(nodes, 'min');
  const greatest = new WatermarkTracker(nodes, 'max');
  for (const tracker of [least, greatest]) tracker.update([seen(0, 20_000)]);
  assert.equal(least.currentMs, 0);
  assert.equal(greatest.currentMs, 20_000);
  for (const tracker of [least, greatest]) tracker.update([seen(1, 12_000)]);
  assert.equal(least.currentMs, 7_000);
  assert.equal(greatest.currentMs, 20_000);
});

test('a stored watermark comes back, and holds until the nodes pass it', () => {
  const tracker = new WatermarkTracker([{ node: 0, delayMs: 0 }], 'min');
  tracker.restore(9_000);
  tracker.update([seen(0, 4_000)]);
  assert.equal(tracker.currentMs, 9_000);
  tracker.update([seen(0, 9_500)]);
  assert.equal(tracker.currentMs, 9_500);
});

test('it never goes back, and is where the greatest event time puts it', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 })), fc.nat(100_000), (times, delayMs) => {
      const tracker = new WatermarkTracker([{ node: 3, delayMs }], 'min');
      let previousMs = 0;
      for (const timeMs of times) {
        tracker.update([seen(3, timeMs)]);
        assert.ok(tracker.currentMs >= previousMs);
        previousMs = tracker.currentMs;
      }
      assert.equal(tracker.currentMs, Math.max(0, ...times.map((timeMs) => timeMs - delayMs)));
    }),
  );
});

test('what the map tasks saw adds up the same however the rows were cut', () => {
  const report = fc.record({ node: fc.nat(2), timesMs: fc.array(fc.integer({ min: -1000, max: 1000 })) });
  fc.assert(
    fc.property(fc.array(report), (reports) => {
      const merged = mergeEventTimeStats(
        reports.map(({ node, timesMs }) => [
          {
            node,
            count: timesMs.length,
            minMs: Math.min(0, ...timesMs),
            maxMs: Math.max(-1000, ...timesMs),
            avgMs: average(timesMs),
          },
        ]),
      );
      for (const { node, count, maxMs, avgMs } of merged) {
        const all = reports.filter((entry) => entry.node === node).flatMap((entry) => entry.timesMs);
        assert.equal(count, all.length);
        assert.equal(maxMs, Math.max(...all));
        assert.ok(Math.abs(avgMs - average(all)) < 1e-3);
      }
    }),
  );
});

function average(times: readonly number[]): number {
  return times.reduce((sum, time) => sum + time, 0) / times.length;
}
