// dropDuplicates, distinct and dropDuplicatesWithinWatermark: the first row of a key comes out, and keys are kept as long as they must be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Configurations, type DataFrame, MemoryStream, Session, schema } from 'millrace';
import { WAYS } from './stream-script.ts';

interface Row {
  readonly ts: Date | null;
  readonly k: string | null;
  readonly v: number | null;
}

const dateOf = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000);
const row = (second: number | null, k: string | null, v = 0): Row => ({ ts: second === null ? null : dateOf(second), k, v });

async function start(conf: Configurations, deduplicate: (frame: DataFrame<Row>) => DataFrame<Row>, delay: number | null = null) {
  const session = Session.create({ conf });
  const events = new MemoryStream(session, schema({ ts: 'timestamp', k: 'string', v: 'int' }));
  const stream = (delay === null ? events.toDF() : events.toDF().withWatermark('ts', `${delay} seconds`)) as unknown as DataFrame<Row>;
  let rows: string[] = [];
  const query = await deduplicate(stream)
    .writeStream.outputMode('append')
    .foreachBatch((batch) => {
      for (const { ts, k, v } of batch.toArray())
        rows.push(`${ts === null ? null : (ts.getTime() - Date.UTC(2026, 0, 1)) / 1000} ${k} ${v}`);
    })
    .start();
  return {
    query,
    stop: () => query.stop(),
    /** What came out for these rows. */
    async add(...added: Row[]): Promise<string[]> {
      rows = [];
      events.addData(...added);
      await query.processAllAvailable();
      return rows.sort();
    },
    total: () => query.lastProgress!.stateOperators[0]!.numRowsTotal,
  };
}

for (const [way, conf] of Object.entries(WAYS)) {
  test(`the first row of a key wins, in a batch and after it, ${way}`, async () => {
    const run = await start(conf, (frame) => frame.dropDuplicates(['k']));
    try {
      assert.deepEqual(await run.add(row(1, 'a', 1), row(2, 'a', 2), row(3, null, 3), row(4, null, 4)), ['1 a 1', '3 null 3']);
      assert.deepEqual(await run.add(row(9, 'a', 5), row(9, 'b', 6)), ['9 b 6']);
      assert.equal(run.total(), 3);
      const [operator] = run.query.lastProgress!.stateOperators;
      assert.equal(operator!.operatorName, 'dedupe');
      assert.equal(operator!.customMetrics['numDroppedDuplicateRows'], 1);
    } finally {
      await run.stop();
    }
  });

  test(`keys with event time go when the watermark reaches it, and rows at the watermark are late, ${way}`, async () => {
    const run = await start(conf, (frame) => frame.dropDuplicates(['k', 'ts']), 10);
    try {
      assert.deepEqual(await run.add(row(20, 'a', 1), row(20, 'a', 2)), ['20 a 1']);
      assert.deepEqual(await run.add(row(10, 'a'), row(11, 'a')), ['11 a 0']);
      assert.equal(run.total(), 2);
      assert.deepEqual(await run.add(row(25, 'b')), ['25 b 0']);
      // The watermark stands at 15: 11 is gone.
      assert.equal(run.total(), 2);
    } finally {
      await run.stop();
    }
  });

  test(`within the watermark a key is kept for the delay behind its first row, ${way}`, async () => {
    const run = await start(conf, (frame) => frame.dropDuplicatesWithinWatermark(['k']), 10);
    try {
      assert.deepEqual(await run.add(row(1, 'a'), row(3, 'a')), ['1 a 0']);
      assert.deepEqual(await run.add(row(11, 'a')), []);
      assert.deepEqual(await run.add(row(21, 'z')), ['21 z 0']);
      assert.equal(run.total(), 1);
      assert.deepEqual(await run.add(row(12, 'a')), ['12 a 0']);
    } finally {
      await run.stop();
    }
  });
}

test('what comes out is what a set would let through, however rows are cut into batches', async () => {
  const event = fc.record({ k: fc.option(fc.constantFrom('a', 'b', 'c', 'd')), v: fc.option(fc.nat(2)) });
  const property = fc.asyncProperty(fc.array(fc.array(event, { maxLength: 10 }), { maxLength: 6 }), async (batches) => {
    const run = await start({ 'spark.sql.shuffle.partitions': 3 }, (frame) => frame.distinct());
    const seen = new Set<string>();
    try {
      for (const batch of batches.filter((rows) => rows.length > 0)) {
        const fresh = new Set(batch.map(({ k, v }) => `null ${k} ${v}`).filter((text) => !seen.has(text)));
        assert.deepEqual(await run.add(...batch.map((event) => ({ ts: null, ...event }))), [...fresh].sort());
        for (const text of fresh) seen.add(text);
      }
    } finally {
      await run.stop();
    }
  });
  await fc.assert(property, { numRuns: 25 });
});

test('what Spark refuses is refused', async () => {
  await assert.rejects(
    start({}, (frame) => frame.dropDuplicatesWithinWatermark(['k'])),
    /dropDuplicatesWithinWatermark is not supported on streaming DataFrames\/DataSets without watermark/,
  );
  const session = Session.create();
  const rows = session.createDataFrame([{ k: 'a' }, { k: 'a' }, { k: null }], schema({ k: 'string' }));
  await assert.rejects(rows.dropDuplicatesWithinWatermark().collect(), /not supported with batch/);
  assert.throws(() => rows.dropDuplicates(['x' as 'k']), { code: 'UNRESOLVED_COLUMN_AMONG_FIELD_NAMES' });
  assert.throws(() => rows.dropDuplicates('k' as never), { code: 'ARGUMENT_INVALID' });
  assert.deepEqual((await rows.dropDuplicates().collect()).map(({ k }) => k).sort(), ['a', null]);
  assert.equal(await rows.dropDuplicates(['K' as 'k']).count(), 2);
});
