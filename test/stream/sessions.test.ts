// Session windows: joined within a batch and across batches, whatever order rows come in, and closed by the watermark.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Column,
  type Configurations,
  col,
  collectList,
  count,
  lit,
  MemoryStream,
  type OutputMode,
  Session,
  schema,
  sessionWindow,
  when,
} from 'millrace';
import { WAYS } from './stream-script.ts';

interface Event {
  readonly at: number;
  readonly key: string;
  readonly gap?: string;
}

/** A session as text: key, first and last second, number of rows. */
type Sessions = string[];

const dateOf = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000);
const secondOf = (date: Date) => (date.getTime() - Date.UTC(2026, 0, 1)) / 1000;

/** A running count of events by session. */
async function startCounting(conf: Configurations, mode: OutputMode, delay: number | null, gap: string | Column = '5 seconds') {
  const session = Session.create({ conf });
  const events = new MemoryStream(session, schema({ ts: 'timestamp', k: 'string', gap: 'string' }));
  const stream = delay === null ? events.toDF() : events.toDF().withWatermark('ts', `${delay} seconds`);
  let rows: Sessions = [];
  const query = await stream
    .groupBy(sessionWindow('ts', gap), 'k')
    .agg(count(lit(1)).alias('n'))
    .writeStream.outputMode(mode)
    .foreachBatch((batch) => {
      for (const { session_window, k, n } of batch.toArray()) {
        rows.push(`${k} ${secondOf(session_window.start)}-${secondOf(session_window.end)} ${n}`);
      }
    })
    .start();
  return {
    query,
    stop: () => query.stop(),
    async add(...added: Event[]): Promise<Sessions> {
      rows = [];
      events.addData(...added.map(({ at, key, gap }) => ({ ts: dateOf(at), k: key, gap: gap ?? null })));
      await query.processAllAvailable();
      return rows.sort();
    },
  };
}

const at = (second: number, key = 'a', gap?: string): Event => ({ at: second, key, ...(gap !== undefined && { gap }) });

test('in complete mode late rows are dropped and no session is closed', async () => {
  const run = await startCounting({}, 'complete', 10);
  try {
    assert.deepEqual(await run.add(at(100)), ['a 100-105 1']);
    await run.add(at(101));
    assert.deepEqual(await run.add(at(80, 'late'), at(90, 'late')), ['a 100-106 2', 'late 90-95 1']);
    assert.equal(run.query.lastProgress!.stateOperators[0]!.numRowsDroppedByWatermark, 1);
    assert.deepEqual(await run.add(at(300, 'b')), ['a 100-106 2', 'b 300-305 1', 'late 90-95 1']);
  } finally {
    await run.stop();
  }
});

for (const [way, conf] of Object.entries(WAYS)) {
  test(`rows that touch join, a row between two sessions makes them one, ${way}`, async () => {
    const run = await startCounting(conf, 'complete', null);
    try {
      assert.deepEqual(await run.add(at(0), at(20), at(0, 'b')), ['a 0-5 1', 'a 20-25 1', 'b 0-5 1']);
      assert.deepEqual(await run.add(at(5)), ['a 0-10 2', 'a 20-25 1', 'b 0-5 1']);
      assert.deepEqual(await run.add(at(15), at(10)), ['a 0-25 5', 'b 0-5 1']);
      const [operator] = run.query.lastProgress!.stateOperators;
      assert.deepEqual([operator!.numRowsTotal, operator!.numRowsUpdated, operator!.numRowsRemoved], [2, 1, 1]);
    } finally {
      await run.stop();
    }
  });

  test(`sessions come out once the watermark has passed their end, late ones never, ${way}`, async () => {
    const run = await startCounting(conf, 'append', 10);
    try {
      assert.deepEqual(await run.add(at(0), at(3), at(15, 'b')), []);
      assert.deepEqual(await run.add(at(18)), ['a 0-8 2']);
      // It ends at 8, where the watermark stands.
      assert.deepEqual(await run.add(at(3)), []);
      assert.equal(run.query.recentProgress.at(-1)!.stateOperators[0]!.numRowsDroppedByWatermark, 1);
      assert.deepEqual(await run.add(at(40)), ['a 18-23 1', 'b 15-20 1']);
    } finally {
      await run.stop();
    }
  });
}

test('each row says how long it holds its session open; a gap that is none makes no session', async () => {
  const run = await startCounting({}, 'complete', null, col('gap'));
  try {
    assert.deepEqual(await run.add(at(0, 'a', '1 minute'), at(30, 'a', '2 seconds'), at(61, 'a', '2 seconds')), ['a 0-60 2', 'a 61-63 1']);
    assert.deepEqual(await run.add(at(0, 'b', 'soon'), at(0, 'b', '0 seconds'), { at: 0, key: 'b' }), ['a 0-60 2', 'a 61-63 1']);
  } finally {
    await run.stop();
  }
  const named = await startCounting({}, 'complete', null, when(col('k').eq('a'), '1 minute').otherwise('1 second'));
  try {
    assert.deepEqual(await named.add(at(0), at(30), at(0, 'b'), at(30, 'b')), ['a 0-90 2', 'b 0-1 1', 'b 30-31 1']);
  } finally {
    await named.stop();
  }
});

test('sessions may not be asked for change by change, nor without a key beside them in a stream', async () => {
  await assert.rejects(startCounting({}, 'update', 10), { code: 'STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION' });
  const session = Session.create();
  const events = new MemoryStream(session, schema({ ts: 'timestamp' }));
  const query = await events
    .toDF()
    .groupBy(sessionWindow('ts', '5 seconds'))
    .agg(count(lit(1)).alias('n'))
    .writeStream.outputMode('complete')
    .foreachBatch(() => undefined)
    .start();
  events.addData({ ts: dateOf(0) });
  await assert.rejects(query.processAllAvailable(), /Global aggregation with session window/);
});

test('while no row is late, the cuts between batches do not matter', async () => {
  const event = fc.record({ at: fc.nat(60), key: fc.constantFrom('a', 'b', 'c') });
  const property = fc.asyncProperty(fc.array(fc.array(event, { maxLength: 8 }), { maxLength: 6 }), async (batches) => {
    const whole = await startCounting({}, 'complete', null);
    const cut = await startCounting({ 'spark.sql.shuffle.partitions': 3 }, 'complete', null);
    try {
      let last: Sessions = [];
      for (const batch of batches.filter((events) => events.length > 0)) last = await cut.add(...batch);
      const events = batches.flat();
      assert.deepEqual(last, events.length === 0 ? [] : await whole.add(...events));
    } finally {
      await whole.stop();
      await cut.stop();
    }
  });
  await fc.assert(property, { numRuns: 25 });
});

test('a batch query joins sessions in the order of their starts, days by the wall clock', async () => {
  const session = Session.create({ timeZone: 'Europe/Berlin' });
  const events = session.createDataFrame(
    [
      { ts: new Date('2026-03-28T12:00:00Z'), v: 2 },
      { ts: new Date('2026-03-28T11:00:00Z'), v: 1 },
      { ts: null, v: 3 },
    ],
    schema({ ts: 'timestamp', v: 'int' }),
  );
  const rows = await events.groupBy(sessionWindow('ts', '1 day')).agg(collectList('v').alias('values')).collect();
  assert.equal(rows.length, 1);
  assert.deepEqual(rows[0]!.values, [1, 2]);
  // The clocks went forward in that night: 23 hours.
  assert.equal(rows[0]!.session_window.end.toISOString(), '2026-03-29T11:00:00.000Z');
});

test('each row has a session of its own where nothing is grouped', async () => {
  const session = Session.create();
  const events = session.createDataFrame([{ ts: dateOf(0) }, { ts: dateOf(2) }, { ts: null }], schema({ ts: 'timestamp' }));
  const rows = await events.select(sessionWindow('ts', '5 seconds').alias('s')).collect();
  assert.deepEqual(
    rows.map(({ s }) => [secondOf(s.start), secondOf(s.end)]),
    [
      [0, 5],
      [2, 7],
    ],
  );
});
