// Joins of streams: whatever the batches are cut into, an inner join is that of the rows as a whole; bounds keep its state small.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { col, count, expr, lit, MemoryStream, type ResultBatch, Session, schema, window } from 'millrace';

const session = Session.create({ appName: 'joins', timeZone: 'UTC' });
const row = fc.record({ side: fc.boolean(), k: fc.constantFrom('a', 'b', 'c'), v: fc.integer({ min: 0, max: 99 }) });

/** A running join of two streams on key and instant, neither of which waits for late rows; `take` is given each row that comes out. */
async function joinOfInstants(how: 'right_outer' | 'left_semi', take: (row: any) => void) {
  const waiting = Session.create({ timeZone: 'UTC', conf: { 'spark.sql.streaming.noDataMicroBatches.enabled': false } });
  const left = new MemoryStream(waiting, schema({ lts: 'timestamp', lk: 'string' }));
  const right = new MemoryStream(waiting, schema({ rts: 'timestamp', rk: 'string' }));
  const query = await left
    .toDF()
    .withWatermark('lts', '0 seconds')
    .join(
      right.toDF().withWatermark('rts', '0 seconds'),
      col('lk')
        .eq(col('rk'))
        .and(col('lts').eq(col('rts'))),
      how,
    )
    .writeStream.foreachBatch((batch: ResultBatch<any>) => batch.toArray().forEach(take))
    .start();
  return { left, right, query };
}

describe('stream-stream joins', () => {
  test('an inner join does not depend on how batches are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(row, { maxLength: 6 }), { maxLength: 6 }), async (batches) => {
        const left = new MemoryStream(session, schema({ lk: 'string', lv: 'int' }));
        const right = new MemoryStream(session, schema({ rk: 'string', rv: 'int' }));
        const pairs: string[] = [];
        const query = await left
          .toDF()
          .join(right.toDF(), col('lk').eq(col('rk')))
          .writeStream.foreachBatch((batch: ResultBatch<any>) => void pairs.push(...batch.toArray().map((pair) => JSON.stringify(pair))))
          .start();
        for (const rows of batches) {
          left.addData(...rows.filter(({ side }) => side).map(({ k, v }) => ({ lk: k, lv: v })));
          right.addData(...rows.filter(({ side }) => !side).map(({ k, v }) => ({ rk: k, rv: v })));
          await query.processAllAvailable();
        }
        await query.stop();
        const all = batches.flat();
        const expected = all
          .filter(({ side }) => side)
          .flatMap((one) => all.filter(({ side, k }) => !side && k === one.k).map(({ k, v }) => ({ lk: one.k, lv: one.v, rk: k, rv: v })));
        assert.deepEqual(pairs.sort(), expected.map((pair) => JSON.stringify(pair)).sort());
      }),
      { numRuns: 25 },
    );
  });

  // They were not kept, as rows that have met all that they can meet, and so never came out.
  test('rows of the right side that the watermark has passed on arrival come out alone', async () => {
    const found: string[] = [];
    const joined = await joinOfInstants('right_outer', ({ lk, rk }) => found.push(`${lk} ${rk}`));
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000);
    for (const second of [100, 50]) {
      joined.left.addData({ lts: at(second), lk: 'a' });
      joined.right.addData({ rts: at(second), rk: 'a' }, { rts: at(second), rk: `alone at ${second}` });
      await joined.query.processAllAvailable();
    }
    const [operator] = joined.query.lastProgress!.stateOperators;
    await joined.query.stop();
    assert.deepEqual(found.sort(), ['a a', 'a a', 'null alone at 100', 'null alone at 50']);
    // Of those that were passed on arrival, the pair's left row and the right one without a partner were kept until the batch's end.
    assert.deepEqual([operator?.numRowsUpdated, operator?.numRowsRemoved, operator?.numRowsTotal], [2, 5, 0]);
  });

  test('a semi join finds no partner that the watermark has passed on arrival', async () => {
    const found: number[] = [];
    const joined = await joinOfInstants('left_semi', ({ lts }) => found.push(lts.getTime()));
    for (const time of [100_000, 50_000]) {
      joined.left.addData({ lts: new Date(time), lk: 'a' });
      joined.right.addData({ rts: new Date(time), rk: 'a' });
      await joined.query.processAllAvailable();
    }
    const [operator] = joined.query.lastProgress!.stateOperators;
    await joined.query.stop();
    assert.deepEqual(found, [100_000]);
    assert.deepEqual([operator?.numRowsUpdated, operator?.numRowsTotal], [1, 0]);
  });

  test('rows that no partner can come for leave the state', async () => {
    const oneShard = Session.create({ conf: { 'spark.sql.shuffle.partitions': 1 } });
    const left = new MemoryStream(oneShard, schema({ lts: 'timestamp', lk: 'int' }));
    const right = new MemoryStream(oneShard, schema({ rts: 'timestamp', rk: 'int' }));
    const query = await left
      .toDF()
      .withWatermark('lts', '10 seconds')
      .join(
        right.toDF().withWatermark('rts', '10 seconds'),
        col('lk')
          .eq(col('rk'))
          .and(col('rts').geq(col('lts')))
          .and(expr('rts <= lts + INTERVAL 5 SECONDS')),
      )
      .writeStream.foreachBatch(() => {})
      .start();
    // More rows die than a compaction waits for.
    for (let batch = 0; batch < 12; batch += 1) {
      const at = (index: number) => new Date((batch * 60 + (index % 60)) * 1000);
      left.addData(...Array.from({ length: 1000 }, (_, index) => ({ lts: at(index), lk: index })));
      right.addData(...Array.from({ length: 1000 }, (_, index) => ({ rts: at(index), rk: index })));
      await query.processAllAvailable();
    }
    const [operator] = query.lastProgress!.stateOperators;
    await query.stop();
    assert.equal(operator!.operatorName, 'symmetricHashJoin');
    assert.ok(operator!.numRowsTotal < 1000, `${operator!.numRowsTotal} rows are kept`);
    assert.ok(operator!.memoryUsedBytes < 2_000_000, `${operator!.memoryUsedBytes} bytes are kept`);
  });

  test('a DataFrame that is no stream is read again in every batch', async () => {
    const names = session.createDataFrame([{ id: 1, name: 'one' }], 'id INT, name STRING');
    const numbers = new MemoryStream(session, schema({ id: 'int' }));
    const seen: unknown[] = [];
    const query = await numbers
      .toDF()
      .join(names, 'id', 'left')
      .writeStream.foreachBatch((batch: ResultBatch<any>) => void seen.push(...batch.toArray()))
      .start();
    for (const id of [1, 2, 1]) {
      numbers.addData({ id });
      await query.processAllAvailable();
    }
    await query.stop();
    assert.deepEqual(seen, [
      { id: 1, name: 'one' },
      { id: 2, name: null },
      { id: 1, name: 'one' },
    ]);
    assert.equal(query.lastProgress!.numInputRows, 1);
  });

  test('rows meet a static side where they are read as they would all together', async () => {
    const sides = fc.record({
      left: fc.array(fc.record({ k: fc.option(fc.constantFrom('a', 'b', 'a longer key than a view holds')), v: fc.nat(9) }), {
        maxLength: 12,
      }),
      right: fc.array(fc.record({ k: fc.option(fc.constantFrom('a', 'b', 'a longer key than a view holds')), w: fc.nat(9) }), {
        maxLength: 12,
      }),
      how: fc.constantFrom('inner', 'left', 'left_semi', 'left_anti'),
      condition: fc.constantFrom('l.k = r.k', 'l.k <=> r.k', 'l.k = r.k AND w > v', 'l.k = r.k AND v > 3 AND w < 7', 'v < w'),
    });
    await fc.assert(
      fc.asyncProperty(sides, async ({ left, right, how, condition }) => {
        const table = session.createDataFrame(right, 'k STRING, w INT').alias('r');
        const stream = new MemoryStream(session, schema({ k: 'string', v: 'int' }));
        const seen: string[] = [];
        const query = await stream
          .toDF()
          .alias('l')
          .join(table, expr(condition), how)
          .writeStream.foreachBatch((batch: ResultBatch<any>) => void seen.push(...batch.toArray().map((joined) => JSON.stringify(joined))))
          .start();
        stream.addData(...left);
        await query.processAllAvailable();
        await query.stop();
        const together = await session.createDataFrame(left, 'k STRING, v INT').alias('l').join(table, expr(condition), how).collect();
        assert.deepEqual(seen.sort(), together.map((joined) => JSON.stringify(joined)).sort());
      }),
      { numRuns: 150 },
    );
  });

  test('a watermark behind a join follows the rows that come out of it', async () => {
    // A right outer join needs all rows in one place; an inner one does not.
    for (const how of ['inner', 'right']) {
      const names = session.createDataFrame([{ id: 1 }], 'id INT');
      const events = new MemoryStream(session, schema({ id: 'int', at: 'bigint' }));
      const seen: unknown[] = [];
      const joined = how === 'inner' ? events.toDF().join(names, 'id') : names.join(events.toDF(), 'id', 'right');
      const query = await joined
        .withColumn('ts', expr('timestamp_seconds(at)'))
        .withWatermark('ts', '5 seconds')
        .groupBy(window('ts', '10 seconds'))
        .agg(count(lit(1)).alias('n'))
        .writeStream.outputMode('append')
        .foreachBatch((batch: ResultBatch<any>) => void seen.push(...batch.toArray().map(({ n }) => n)))
        .start();
      events.addData({ id: 1, at: 1n }, { id: 1, at: 2n });
      await query.processAllAvailable();
      events.addData({ id: 1, at: 60n });
      await query.processAllAvailable();
      const { eventTime } = query.lastProgress!;
      await query.stop();
      assert.deepEqual(seen, [2n], how);
      assert.equal(eventTime!.watermark, '1970-01-01T00:00:55.000Z');
    }
  });
});
