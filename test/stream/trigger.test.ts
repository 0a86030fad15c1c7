// Triggers decide when a look at the sources happens; a clock moved by hand shows exactly when.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../dist/engine/clock.js';
import { allowsNoDataBatch, nextTriggerTimeMs, planTrigger, readLimitOf, runTrigger } from '../../dist/engine/trigger.js';

/** A handler that runs what it is told and remembers when. */
function handlerOf(clock: ManualClock, hasData: () => boolean, stop: AbortController, looksMax: number) {
  const looksMs: number[] = [];
  let waits = 0;
  return {
    looksMs,
    waitCount: () => waits,
    async runBatch() {
      looksMs.push(clock.nowMs());
      if (looksMs.length >= looksMax) stop.abort();
      return hasData();
    },
    async awaitData() {
      waits += 1;
    },
    onWait() {},
  };
}

/** Lets everything that can go on go on, until somebody sleeps on the clock. */
async function untilAsleep(clock: ManualClock): Promise<void> {
  while (clock.sleeperCount === 0) await new Promise((resolve) => setImmediate(resolve));
}

test('a trigger is read once, and nonsense is refused', () => {
  assert.deepEqual(planTrigger(null), { kind: 'processingTime', intervalMs: 0 });
  assert.deepEqual(planTrigger({ processingTime: 250 }), { kind: 'processingTime', intervalMs: 250 });
  assert.deepEqual(planTrigger({ availableNow: true }), { kind: 'availableNow' });
  assert.throws(() => planTrigger({ processingTime: -1 }), { code: 'ARGUMENT_INVALID' });
  assert.throws(() => planTrigger({ processingTime: 1.5 }), { code: 'ARGUMENT_INVALID' });
});

test('once reads all there is and runs no batch without data; the others honour limits (golden K002)', () => {
  assert.equal(readLimitOf({ kind: 'once' }), 'all');
  assert.equal(readLimitOf({ kind: 'availableNow' }), 'limited');
  assert.equal(allowsNoDataBatch({ kind: 'once' }), false);
  assert.equal(allowsNoDataBatch({ kind: 'availableNow' }), true);
});

test('intervals are multiples of the interval since 1970, as in Spark', () => {
  assert.equal(nextTriggerTimeMs(0, 100), 100);
  assert.equal(nextTriggerTimeMs(99, 100), 100);
  assert.equal(nextTriggerTimeMs(100, 100), 200);
  assert.equal(nextTriggerTimeMs(1234, 1000), 2000);
});

test('processingTime looks at once, then at each multiple of its interval, data or not', async () => {
  const clock = new ManualClock(1_250);
  const stop = new AbortController();
  const handler = handlerOf(clock, () => false, stop, 3);
  const running = runTrigger({ kind: 'processingTime', intervalMs: 1_000 }, clock, stop.signal, handler);
  await untilAsleep(clock);
  assert.deepEqual(handler.looksMs, [1_250]);
  clock.advance(749);
  assert.equal(clock.sleeperCount, 1);
  clock.advance(1);
  await untilAsleep(clock);
  assert.deepEqual(handler.looksMs, [1_250, 2_000]);
  clock.advance(1_000);
  await running;
  assert.deepEqual(handler.looksMs, [1_250, 2_000, 3_000]);
  assert.equal(handler.waitCount(), 0);
});

test('a batch that outlasts its interval is followed by the next at once', async () => {
  const clock = new ManualClock(0);
  const stop = new AbortController();
  const looksMs: number[] = [];
  await runTrigger({ kind: 'processingTime', intervalMs: 100 }, clock, stop.signal, {
    async runBatch() {
      looksMs.push(clock.nowMs());
      clock.advance(350);
      if (looksMs.length === 3) stop.abort();
      return true;
    },
    async awaitData() {},
    onWait() {},
  });
  assert.deepEqual(looksMs, [0, 350, 700]);
});

test('the default trigger waits for data only after a look that found none', async () => {
  const clock = new ManualClock(0);
  const stop = new AbortController();
  const answers = [true, true, false, true];
  const handler = handlerOf(clock, () => answers.shift() ?? false, stop, 5);
  await runTrigger({ kind: 'processingTime', intervalMs: 0 }, clock, stop.signal, handler);
  assert.equal(handler.looksMs.length, 5);
  assert.equal(handler.waitCount(), 1);
});

test('availableNow runs until a look finds nothing; once looks once', async () => {
  const clock = new ManualClock(0);
  for (const [kind, looks] of [
    ['availableNow', 3],
    ['once', 1],
  ] as const) {
    const answers = [true, true, false, true];
    const handler = handlerOf(clock, () => answers.shift() ?? false, new AbortController(), 10);
    await runTrigger({ kind }, clock, new AbortController().signal, handler);
    assert.equal(handler.looksMs.length, looks);
  }
});

test('a stop ends every trigger before its next look, and its sleep', async () => {
  const clock = new ManualClock(0);
  for (const plan of [
    { kind: 'once' },
    { kind: 'availableNow' },
    { kind: 'processingTime', intervalMs: 0 },
    { kind: 'processingTime', intervalMs: 5 },
  ] as const) {
    const handler = handlerOf(clock, () => true, new AbortController(), 10);
    await runTrigger(plan, clock, AbortSignal.abort(), handler);
    assert.equal(handler.looksMs.length, 0);
  }
  const stop = new AbortController();
  const running = runTrigger(
    { kind: 'processingTime', intervalMs: 60_000 },
    clock,
    stop.signal,
    handlerOf(clock, () => true, stop, 10),
  );
  await untilAsleep(clock);
  stop.abort();
  await running;
});

test('what a batch fails with is what the trigger fails with', async () => {
  const failure = new Error('no');
  const handler = {
    runBatch: () => Promise.reject(failure),
    async awaitData() {},
    onWait() {},
  };
  await assert.rejects(runTrigger({ kind: 'availableNow' }, new ManualClock(), new AbortController().signal, handler), failure);
});
