// The product and the reference model give the same batches for random streams: rows, batch ids, watermarks, state counts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { leasePool, type PoolLease } from '../../dist/pool/worker-pool.js';
import { runStreamingCase } from '../golden/streaming-case.ts';
import { replay, type StreamCase } from '../reference/stream.ts';
import { OPERATORS, operatorCases } from './operator-case.ts';
import { runOptions } from './run-options.ts';
import { runScripted, scriptedCases } from './scripted-state.ts';
import { streamCases } from './stream-case.ts';

const CASES = 2_400;
const OPERATOR_CASES = 150;

// The worker threads outlive the cases: starting them is dearer than a case.
let leases: PoolLease[] = [];
before(() => {
  leases = [1, 2, 0].map(leasePool);
});
after(() => Promise.all(leases.map((lease) => lease.release())));

/** Fails where the product does not answer a case as the model does. */
async function compare(given: StreamCase): Promise<void> {
  const answers = replay(given);
  const steps = given.steps.map((step, at) => ({ ...step, batches: answers[at] }));
  const { differences } = await runStreamingCase({ ...given, steps });
  assert.deepEqual(differences, []);
}

test(`${CASES} random streams are answered as the model says`, async () => {
  await fc.assert(fc.asyncProperty(streamCases(), compare), runOptions(CASES));
});

for (const [name, queries] of Object.entries(OPERATORS)) {
  test(`${OPERATOR_CASES} random streams through ${name} are answered as the model says`, async () => {
    await fc.assert(fc.asyncProperty(operatorCases(queries), compare), runOptions(OPERATOR_CASES));
  });
}

test(`${OPERATOR_CASES} random programs over state per key, by the clock too, are answered as the model says`, async () => {
  const compareScripted = async (given: StreamCase) => assert.deepEqual(await runScripted(given, replay(given)), []);
  await fc.assert(fc.asyncProperty(scriptedCases(), compareScripted), runOptions(OPERATOR_CASES));
});
