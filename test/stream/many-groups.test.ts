// Rows of which nearly each is a group of its own: they go into the state ungrouped, and the answer is that of a plain Map.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { col, count, lit, MemoryStream, max, type ResultBatch, Session, schema, sum, window } from 'millrace';

/** More than a map task groups before it judges whether that is worth it. */
const ROWS = 50_000;
const MINUTE_MS = 60_000;

interface Event {
  readonly ts: Date;
  readonly k: bigint;
  readonly name: string | null;
  readonly v: number | null;
}

function eventAt(index: number, batch: number): Event {
  const k = (index * 7919) % 45_000;
  return {
    ts: new Date((batch * 3 + (index % 3)) * MINUTE_MS + (index % MINUTE_MS)),
    k: BigInt(k),
    name: k % 1000 === 0 ? null : `the name of key ${k}`,
    v: index % 10 === 0 ? null : (index % 2001) - 1000,
  };
}

for (const workers of [1, 2]) {
  for (const mode of ['append', 'update'] as const) {
    test(`sums of many groups, mode ${mode}, ${workers} worker(s)`, async () => {
      const session = Session.create({ timeZone: 'UTC', conf: { 'millrace.workers': workers, 'millrace.inlineBytesMax': '0' } });
      const stream = new MemoryStream(session, schema({ ts: 'timestamp', k: 'bigint', name: 'string', v: 'int' }));
      const found = new Map<string, string>();
      const query = await stream
        .toDF()
        .withWatermark('ts', '1 minute')
        .groupBy(window('ts', '1 minute'), col('k'), col('name'))
        .agg(sum('v').alias('s'), max('v').alias('m'), count(lit(1)).alias('n'))
        .writeStream.outputMode(mode)
        .foreachBatch((batch: ResultBatch<any>) => {
          for (const row of batch) found.set(`${row.window.start.getTime()} ${row.k} ${row.name}`, `${row.s} ${row.m} ${row.n}`);
        })
        .start();
      const expected = new Map<string, { s: bigint | null; m: number | null; n: number }>();
      for (let batch = 0; batch < 2; batch += 1) {
        const events = Array.from({ length: ROWS }, (_, index) => eventAt(index, batch));
        stream.addData(...events);
        await query.processAllAvailable();
        for (const { ts, k, name, v } of events) {
          const key = `${Math.floor(ts.getTime() / MINUTE_MS) * MINUTE_MS} ${k} ${name}`;
          const group = expected.get(key) ?? { s: null, m: null, n: 0 };
          expected.set(key, {
            s: v === null ? group.s : (group.s ?? 0n) + BigInt(v),
            m: v === null ? group.m : Math.max(group.m ?? v, v),
            n: group.n + 1,
          });
        }
      }
      // Far behind the watermark: both are dropped, and counted as one group.
      stream.addData(eventAt(1, 0), eventAt(1, 0));
      await query.processAllAvailable();
      assert.equal(
        query.recentProgress.reduce((sum, { stateOperators }) => sum + stateOperators[0]!.numRowsDroppedByWatermark, 0),
        1,
      );
      // The last windows are closed by a row that is ahead of all.
      stream.addData({ ts: new Date(1e10), k: -1n, name: null, v: null });
      await query.processAllAvailable();
      await query.stop();
      for (const key of found.keys()) if (key.includes(' -1 ')) found.delete(key);
      const wanted = new Map([...expected].map(([key, { s, m, n }]) => [key, `${s} ${m} ${n}`]));
      assert.equal(found.size, wanted.size);
      for (const [key, value] of wanted) assert.equal(found.get(key), value, key);
    });
  }
}
