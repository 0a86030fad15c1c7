// The rate sources go on where they were, a Spark query's too: the same rows with the same times for a batch that runs again.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { type DataFrame, Session } from 'millrace';
import { importOffsets } from '../../dist/checkpoint/repair.js';
import { rowText } from '../row-text.ts';
import { withPlace } from './profit-query.ts';

const session = Session.create();

const rates = (rowsPerSecond: number) => session.readStream.format('rate').option('rowsPerSecond', rowsPerSecond).load();

/** Runs what there is at the start; the rows, batch by batch. */
async function run(rows: DataFrame<any>, checkpoint: string): Promise<Map<number, string[]>> {
  const batches = new Map<number, string[]>();
  const query = await rows.writeStream
    .option('checkpointLocation', checkpoint)
    .trigger({ availableNow: true })
    .foreachBatch((batch, batchId) => {
      batches.set(batchId, batch.toArray().map(rowText));
    })
    .start();
  await query.awaitTermination();
  return batches;
}

/** What a Spark query left: texts without checksums. */
function leftBySpark(checkpoint: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(checkpoint, name)), { recursive: true });
    writeFileSync(join(checkpoint, name), text);
  }
}

const OFFSETS_HEAD = 'v1\n{"batchWatermarkMs":0,"batchTimestampMs":1767225612345,"conf":{}}';
const COMMIT = 'v1\n{"nextBatchWatermarkMs":0}';

test('a batch of a rate source runs again with the times that it had', async () => {
  await withPlace(async ({ checkpoint }) => {
    await run(rates(10), checkpoint);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const first = await run(rates(10), checkpoint);
    const [batchId] = [...first.keys()];
    assert.ok((first.get(batchId ?? -1)?.length ?? 0) >= 10);
    rmSync(join(checkpoint, 'commits', String(batchId)));
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual((await run(rates(10), checkpoint)).get(batchId ?? -1), first.get(batchId ?? -1));
  });
});

test('availableNow reads one batch of rate-micro-batch at each start, from where the last one ended', async () => {
  await withPlace(async ({ checkpoint }) => {
    const rows = () => session.readStream.format('rate-micro-batch').option('rowsPerBatch', 2).load().select('value');
    for (const [batchId, values] of [
      [0, ['{"value":"0"}', '{"value":"1"}']],
      [1, ['{"value":"2"}', '{"value":"3"}']],
      [2, ['{"value":"4"}', '{"value":"5"}']],
    ] as const) {
      assert.deepEqual(await run(rows(), checkpoint), new Map([[batchId, values]]));
    }
  });
});

test('a Spark query over rate goes on from the second and the start that it had', async () => {
  await withPlace(async ({ checkpoint }) => {
    const spark = `${checkpoint}-spark`;
    const startMs = Date.now() - 20_000;
    leftBySpark(spark, {
      'offsets/3': `${OFFSETS_HEAD}\n12`,
      'commits/3': COMMIT,
      'sources/0/0': `v1\n${startMs}`,
    });
    assert.equal(await importOffsets(spark, checkpoint), 3);
    const batches = await run(rates(2), checkpoint);
    assert.deepEqual([...batches.keys()], [4]);
    const rows = batches.get(4) ?? [];
    assert.ok(rows.length >= 16, `${rows.length} rows`);
    assert.equal(rows[0], rowText({ timestamp: new Date(startMs + 12_000), value: 24n }));
  });
});

test('a Spark query over several sources goes on from each of them, in the order of its plan', async () => {
  await withPlace(async ({ checkpoint }) => {
    const spark = `${checkpoint}-spark`;
    leftBySpark(spark, {
      'offsets/6': `${OFFSETS_HEAD}\n{"offset":30,"timestamp":3000}\n{"offset":70,"timestamp":7000}`,
      'commits/6': COMMIT,
    });
    await importOffsets(spark, checkpoint);
    const batched = (rowsPerBatch: number) =>
      session.readStream.format('rate-micro-batch').option('rowsPerBatch', rowsPerBatch).load() as DataFrame<any>;
    // Made the other way round than they stand in the plan.
    const second = batched(1);
    const query = await batched(2)
      .union(second)
      .writeStream.option('checkpointLocation', checkpoint)
      .trigger({ once: true })
      .foreachBatch((batch, batchId) => {
        assert.equal(batchId, 7);
        const values = batch.toArray().map(({ timestamp, value }) => `${value} ${timestamp.getTime()}`);
        assert.deepEqual(values, ['30 3000', '31 3000', '70 7000']);
      })
      .start();
    await query.awaitTermination();
  });
});
