// bench/latency: which batch an event was in, and how long it took.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { latenciesOf, percentile, type Sent } from '../../bench/latency/event-latency.ts';
import type { DeliveredBatch } from '../../bench/latency/latency-job.ts';

function batch(triggeredMs: number, deliveredMs: number, endOffsets: Record<string, number>): DeliveredBatch {
  const durationMs = { addBatch: 0, commitOffsets: 0, getBatch: 0, latestOffset: 0, queryPlanning: 0, triggerExecution: 0, walCommit: 0 };
  return { triggeredMs, deliveredMs, endOffsets, numInputRows: 0, durationMs };
}

function sent(partition: number, baseOffset: number, count: number, sentMs: number): Sent {
  return { partition, baseOffset, count, sentMs, lateMs: 0 };
}

describe('the latency of events', () => {
  const batches = [batch(100, 110, { 0: 2, 1: 1 }), batch(120, 150, { 0: 5, 1: 1 })];

  it('is taken to the batch whose offsets hold each event, partition by partition', () => {
    const found = latenciesOf([sent(0, 3, 2, 95), sent(0, 0, 3, 90), sent(1, 0, 1, 80)], batches, 0);
    assert.deepEqual(found, {
      whole: [20, 20, 60, 55, 55, 30],
      untilBatch: [10, 10, 30, 25, 25, 20],
      inBatch: [10, 10, 30, 30, 30, 10],
      missing: 0,
    });
  });

  it('leaves out the warm-up and counts events that no batch held', () => {
    const found = latenciesOf([sent(0, 0, 3, 90), sent(0, 3, 4, 95)], batches, 91);
    assert.deepEqual([found.whole, found.missing], [[55, 55], 2]);
  });
});

describe('a percentile', () => {
  it('is the value below which so many are', () => {
    const values = Array.from({ length: 1000 }, (_, at) => 1000 - at);
    assert.deepEqual(
      [0.5, 0.99, 0.999, 1].map((share) => percentile(values, share)),
      [500, 990, 999, 1000],
    );
  });
});
