// Old entries of the logs go many at a time, beside the batches, and all of them in the end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogPurge } from '../../dist/engine/log-purge.js';

/** A checkpoint of which only the purges are looked at; `fails` says whether the next one does. */
function purges(retained: number) {
  const calls: string[] = [];
  const state = { fails: false };
  const log = (name: string) => ({
    purge: async (batchIdMin: number) => {
      if (state.fails) throw new Error('no room');
      calls.push(`${name} ${batchIdMin}`);
    },
  });
  const checkpoint = { offsets: log('offsets'), commits: log('commits') };
  return { calls, state, purge: new LogPurge(checkpoint as never, retained) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a start purges once, then when sixteen entries are old; the end purges the rest', async () => {
  const { calls, purge } = purges(3);
  for (let nextBatchId = 20; nextBatchId < 60; nextBatchId += 1) {
    purge.batchDone(nextBatchId);
    await settled();
  }
  assert.deepEqual(calls, ['offsets 17', 'commits 17', 'offsets 33', 'commits 33', 'offsets 49', 'commits 49']);
  await purge.finish(60);
  assert.deepEqual(calls.slice(6), ['offsets 57', 'commits 57']);
});

test('one purge runs at a time, and what makes it fail is told with the next batch and at the end', async () => {
  const { calls, state, purge } = purges(1);
  purge.batchDone(10);
  purge.batchDone(100);
  await settled();
  assert.deepEqual(calls, ['offsets 9', 'commits 9']);
  assert.equal(await purge.failure(), null);
  state.fails = true;
  purge.batchDone(100);
  assert.match(String(await purge.failure()), /no room/);
  assert.throws(() => purge.batchDone(101), /no room/);
  await assert.rejects(purge.finish(101), /no room/);
});
