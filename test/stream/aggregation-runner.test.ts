// The aggregation core without a loop: pushes, results, watermark, snapshots; with one thread and with workers.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeColumns } from '../../dist/batch/encode-columns.js';
import { AggregationRunner } from '../../dist/engine/aggregation-runner.js';
import { CONFIGURATIONS } from '../../dist/engine/config.generated.js';
import type { Relation } from '../../dist/plan/nodes.generated.js';

const CONF: Record<string, string> = {
  ...Object.fromEntries(Object.entries(CONFIGURATIONS).map(([name, { default: value }]) => [name, value])),
  'millrace.inlineBytesMax': '0',
};
const SCHEMA = {
  type: 'struct',
  fields: [
    { name: 'time', type: 'timestamp', nullable: true, metadata: {} },
    { name: 'amount', type: 'integer', nullable: true, metadata: {} },
  ],
} as const;

const text = (value: string) => ({ expr: 'literal', value, dataType: 'string' }) as const;
const PLAN: Relation = {
  op: 'aggregate',
  input: {
    op: 'withWatermark',
    input: { op: 'read', source: 0, format: 'columns', streaming: true, schema: 'time TIMESTAMP, amount INT', options: {} },
    eventTime: 'time',
    delayThreshold: '0 seconds',
  },
  keys: [{ expr: 'call', name: 'window', arguments: [{ expr: 'column', name: 'time' }, text('10 seconds')] }],
  aggregates: [{ expr: 'alias', name: 'total', child: { expr: 'call', name: 'sum', arguments: [{ expr: 'column', name: 'amount' }] } }],
};

/** Rows as [second, amount]. */
function columns(...rows: readonly (readonly [number, number])[]) {
  return encodeColumns(SCHEMA, {
    time: rows.map(([second]) => new Date(second * 1000)),
    amount: Int32Array.from(rows, ([, amount]) => amount),
  });
}

async function totals(runner: AggregationRunner): Promise<[number, bigint][]> {
  const result = await runner.finish();
  return [...result].map((row): [number, bigint] => [row.window.start.getTime() / 1000, row.total]).sort(([left], [right]) => left - right);
}

for (const threads of [1, 2]) {
  test(`pushes add up, ${threads} thread(s)`, async () => {
    const runner = await AggregationRunner.open(PLAN, CONF, 'update', threads);
    for (let push = 0; push < 20; push += 1) await runner.push(columns([1, 1], [11, 2]));
    assert.deepEqual(await totals(runner), [
      [0, 20n],
      [10, 40n],
    ]);
    await runner.push(columns([12, 5]));
    assert.deepEqual(await totals(runner), [[10, 45n]]);
    assert.deepEqual(await totals(runner), []);
    await runner.close();
    await runner.close();
    await assert.rejects(runner.push(columns([1, 1])), { code: 'QUERY_NOT_ACTIVE' });
  });

  test(`late rows follow the watermark of the batch before, ${threads} thread(s)`, async () => {
    const runner = await AggregationRunner.open(PLAN, CONF, 'append', threads);
    await runner.push(columns([1, 1], [25, 1]));
    assert.deepEqual(await totals(runner), []);
    await runner.push(columns([26, 1]));
    assert.deepEqual(await totals(runner), [[0, 1n]]);
    await runner.push(columns([2, 9]));
    assert.deepEqual(await totals(runner), []);
    await runner.close();
  });
}

test('state goes on from a snapshot', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-state-'));
  const path = join(folder, 'state.bin');
  try {
    const first = await AggregationRunner.open(PLAN, CONF, 'update', 1);
    await first.push(columns([1, 1]));
    await assert.rejects(first.saveState(path), { code: 'ARGUMENT_INVALID' });
    await totals(first);
    await first.saveState(path);
    await first.close();

    const second = await AggregationRunner.open(PLAN, CONF, 'update', 2);
    await second.loadState(path);
    await second.push(columns([2, 4]));
    assert.deepEqual(await totals(second), [[0, 5n]]);
    await second.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a plan that is wrong is refused when it is opened', async () => {
  const wrong: Relation = { ...PLAN, aggregates: [{ expr: 'column', name: 'nothing' }] } as Relation;
  await assert.rejects(AggregationRunner.open(wrong, CONF, 'update', 1), { name: 'MillraceError' });
});
