// Worker pools come and go a thousand times with the addon in them: the process lives, and no thread stays (napi-rs#3443, node#58484).
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { encodeColumns } from '../../dist/batch/encode-columns.js';
import { AggregationRunner } from '../../dist/engine/aggregation-runner.js';
import { analyzePlan } from '../../dist/engine/analyzer.js';
import { CONFIGURATIONS } from '../../dist/engine/config.generated.js';
import type { Relation } from '../../dist/plan/nodes.generated.js';
import { leasedPoolCount, leasePool } from '../../dist/pool/worker-pool.js';

const CONF: Record<string, string> = {
  ...Object.fromEntries(Object.entries(CONFIGURATIONS).map(([name, { default: value }]) => [name, value])),
  'millrace.inlineBytesMax': '0',
};
const PLAN: Relation = {
  op: 'aggregate',
  input: { op: 'read', source: 0, format: 'columns', streaming: true, schema: 'k STRING', options: {} },
  keys: [{ expr: 'column', name: 'k' }],
  aggregates: [
    { expr: 'alias', name: 'n', child: { expr: 'call', name: 'count', arguments: [{ expr: 'literal', value: 1, dataType: 'int' }] } },
  ],
};
const SCHEMA = { type: 'struct', fields: [{ name: 'k', type: 'string', nullable: true, metadata: {} }] } as const;
const CYCLES = 1_000;

test(`${CYCLES} pools of two workers, each of which calls the addon`, { timeout: 600_000 }, async () => {
  assert.equal(analyzePlan(PLAN, CONF).fields.length, 2);
  const columns = encodeColumns(SCHEMA, { k: ['a', 'b', 'a'] });
  for (let cycle = 0; cycle < CYCLES; cycle += 1) {
    const runner = await AggregationRunner.open(PLAN, CONF, 'complete', 2);
    await runner.push(columns);
    await runner.push(columns);
    const result = await runner.finish();
    assert.equal(result.numRows, 2);
    await runner.close();
    assert.equal(leasedPoolCount(), 0);
  }
});

test('leases share a pool, and the last one to go ends it', async () => {
  const [first, second] = [leasePool(3), leasePool(3)];
  assert.equal(leasedPoolCount(), 1);
  await first.release();
  await first.release();
  assert.equal(leasedPoolCount(), 1);
  await second.release();
  assert.equal(leasedPoolCount(), 0);
});

// Node 20 ended the process here, when a thread was ended in the middle of a module that it required.
test('a pool ends as soon as it has answered, while most of its threads still load', { timeout: 600_000 }, async () => {
  for (let round = 0; round < 20; round += 1) {
    const lease = leasePool(8);
    await assert.rejects(lease.map({ handle: 0, batchId: 0, task: 0, spec: '{}', buffers: [] }));
    await new Promise((resolve) => setTimeout(resolve, round * 3));
    await lease.release();
  }
  assert.equal(leasedPoolCount(), 0);
});

test('worker threads are started with every task that there is', async () => {
  const entry = createRequire(import.meta.url)('../../dist/pool/worker-entry.cjs') as object;
  assert.deepEqual(Object.keys(entry).sort(), Object.keys(await import('../../dist/pool/worker.js')).sort());
});
