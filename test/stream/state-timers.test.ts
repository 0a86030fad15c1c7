// Timers, timeouts and times to live: when they fire, what they see, and that the clock alone makes batches for them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DataFrame, MemoryStream, Session, schema } from 'millrace';
import { ManualClock } from '../../dist/engine/clock.js';
import { type StreamExecution, startStream } from '../../dist/engine/stream-execution.js';

const Event = schema({ ts: 'timestamp', k: 'string', v: 'int' });
type EventFrame = DataFrame<{ ts: Date | null; k: string | null; v: number | null }>;
const Out = schema({ k: 'string', what: 'string' });

const secondsOf = (second: number) => new Date(second * 1000);

/** A query under a clock that the test moves; what came out since it was last asked is in `take`. */
async function start(clock: ManualClock, build: (frame: EventFrame) => DataFrame<any>, delay: string | null = null) {
  const session = Session.create({ conf: { 'spark.sql.shuffle.partitions': 2 } });
  const events = new MemoryStream(session, Event);
  const input = (delay === null ? events.toDF() : events.toDF().withWatermark('ts', delay)) as EventFrame;
  const frame = build(input);
  let rows: string[] = [];
  const sink = {
    description: 'test',
    async write(_id: number, batch: any): Promise<number> {
      for (const { k, what } of batch) rows.push(`${k} ${what}`);
      return batch.numRows;
    },
  };
  const query: StreamExecution = await startStream(
    {
      name: null,
      plan: frame.plan,
      sources: frame.sources as never,
      sink: sink as never,
      outputMode: 'update',
      trigger: null,
      checkpointLocation: null,
      conf: session.conf.getAll(),
    },
    clock,
  );
  const take = async (): Promise<string[]> => {
    await query.processAllAvailable();
    const taken = rows.sort();
    rows = [];
    return taken;
  };
  return {
    query,
    take,
    add(...added: [second: number, k: string, v?: number][]): Promise<string[]> {
      events.addData(...added.map(([second, k, v]) => ({ ts: secondsOf(second), k, v: v ?? null })));
      return take();
    },
    /** Moves the clock once the query sleeps. */
    async advance(ms: number): Promise<void> {
      await query.processAllAvailable();
      clock.advance(ms);
    },
    operator: () => query.lastProgress!.stateOperators[0]!,
  };
}

test('an event-time timer fires when the watermark has passed it, not when it has reached it', async () => {
  const run = await start(
    new ManualClock(),
    (frame) =>
      frame
        .groupByKey((row) => row.k)
        .transformWithState({
          timeMode: 'eventTime',
          state: { n: { type: 'value', of: 'int' } },
          output: Out,
          handleInputRows(k, rows, { state, timers }) {
            for (const { v } of rows) {
              if (v === null) continue;
              if (v < 0) timers.deleteTimer(-v * 1000);
              else timers.registerEventTimeTimer(v * 1000);
            }
            state.n.update(rows.length);
            return [{ k, what: timers.listTimers().join() }];
          },
          handleExpiredTimer(k, { expiryMs }, { state, timers }) {
            const what = `${expiryMs} at ${timers.getCurrentWatermarkMs()}, ${state.n.get()} rows`;
            if (timers.listTimers().length === 1) state.n.clear();
            return [{ k, what }];
          },
        }),
    '0 seconds',
  );
  try {
    assert.deepEqual(await run.add([10, 'a', 20], [10, 'b', 20], [9, 'b', 30]), ['a 20000', 'b 20000,30000']);
    assert.equal(run.operator().numRowsTotal, 2);
    // The watermark stands at 20 s.
    assert.deepEqual(await run.add([20, 'c', 25]), ['c 25000']);
    // In the batch without data that follows it stands at 21 s; b takes its timer of 30 s back, then sets one that is past.
    assert.deepEqual(await run.add([21, 'b', -30], [21, 'b', 15]), [
      'a 20000 at 21000, 1 rows',
      'b 15000 at 20000, 2 rows',
      'b 15000,20000',
      'b 20000 at 21000, 2 rows',
    ]);
    assert.equal(run.operator().numRowsTotal, 1);
    assert.equal(run.operator().numRowsRemoved, 2);
    assert.deepEqual([run.operator().customMetrics['numExpiredTimers'], run.operator().customMetrics['numDeletedTimers']], [2, 2]);
  } finally {
    await run.query.stop();
  }
});

test('a processing-time timer makes a batch of its own', async () => {
  const clock = new ManualClock(100_000);
  const run = await start(clock, (frame) =>
    frame
      .groupByKey((row) => row.k)
      .transformWithState({
        timeMode: 'processingTime',
        state: {},
        output: Out,
        handleInputRows(_k, rows, { timers }) {
          for (const { v } of rows) timers.registerProcessingTimeTimer(timers.getCurrentProcessingTimeMs() + (v ?? 0));
        },
        handleExpiredTimer: (k, { expiryMs }) => [{ k, what: String(expiryMs) }],
      }),
  );
  try {
    assert.deepEqual(await run.add([1, 'a', 500], [1, 'b', 2000]), []);
    const batches = run.query.lastProgress!.batchId;
    await run.advance(400);
    assert.deepEqual(await run.take(), []);
    assert.equal(run.query.lastProgress!.batchId, batches);
    await run.advance(101);
    assert.deepEqual(await run.take(), ['a 100500']);
    assert.equal(run.query.lastProgress!.batchId, batches + 1);
    await run.advance(5000);
    assert.deepEqual(await run.take(), ['b 102000']);
  } finally {
    await run.query.stop();
  }
});

test('values with a time to live are gone when they have lived it, list by list and entry by entry', async () => {
  const clock = new ManualClock(100_000);
  const run = await start(clock, (frame) =>
    frame
      .groupByKey((row) => row.k)
      .transformWithState({
        timeMode: 'processingTime',
        state: {
          last: { type: 'value', of: 'int', ttl: '1 second' },
          all: { type: 'list', of: 'int', ttl: 1000 },
          seen: { type: 'map', key: 'int', of: schema({ n: 'int' }), ttl: '1 second' },
          ever: { type: 'value', of: 'long' },
        },
        output: Out,
        handleInputRows(k, rows, { state }) {
          const before = `${state.last.get()} [${state.all.get()}] {${[...state.seen.keys()]}} ${state.ever.get()}`;
          for (const { v } of rows) {
            if (v === null) continue;
            state.last.update(v);
            state.all.append(v);
            state.seen.updateValue(v, { n: 1 });
            state.ever.update((state.ever.get() ?? 0n) + 1n);
          }
          return [{ k, what: before }];
        },
      }),
  );
  try {
    assert.deepEqual(await run.add([1, 'a', 1]), ['a null [] {} null']);
    assert.equal(run.operator().numRowsTotal, 4);
    await run.advance(600);
    assert.deepEqual(await run.add([1, 'a', 2]), ['a 1 [1] {1} 1']);
    assert.equal(run.operator().numRowsTotal, 5);
    await run.advance(600);
    assert.deepEqual(await run.add([1, 'a']), ['a 2 [2] {2} 2']);
    assert.equal(run.operator().numRowsTotal, 4);
    await run.advance(600);
    assert.deepEqual(await run.take(), []);
    assert.equal(run.operator().numRowsTotal, 1);
    assert.deepEqual(await run.add([1, 'a']), ['a null [] {} 2']);
  } finally {
    await run.query.stop();
  }
});

test('a timeout by event time: late rows are dropped, a key that is silent is called once', async () => {
  const run = await start(
    new ManualClock(),
    (frame) =>
      frame
        .groupByKey((row) => row.k)
        .flatMapGroupsWithState({ outputMode: 'update', timeout: 'eventTime', state: 'long', output: Out }, (k, rows, state) => {
          if (state.hasTimedOut) {
            const n = state.get();
            state.remove();
            return [{ k, what: `over after ${n}` }];
          }
          let newest = 0;
          for (const { ts } of rows) newest = Math.max(newest, ts?.getTime() ?? 0);
          state.update((state.getOption() ?? 0n) + BigInt(rows.length));
          state.setTimeoutTimestamp(newest, '10 seconds');
          return [{ k, what: `${state.get()} at ${state.getCurrentWatermarkMs()}` }];
        }),
    '5 seconds',
  );
  try {
    assert.deepEqual(await run.add([10, 'a'], [12, 'b']), ['a 1 at 0', 'b 1 at 0']);
    assert.deepEqual(await run.add([25, 'b'], [7, 'a']), ['b 2 at 7000']);
    assert.deepEqual(await run.add([26, 'c']), ['a over after 1', 'c 1 at 20000']);
    assert.deepEqual([run.operator().numRowsTotal, run.operator().numRowsRemoved], [2, 1]);
  } finally {
    await run.query.stop();
  }
});

test('a timeout by the clock: rows put it off', async () => {
  const clock = new ManualClock(50_000);
  const run = await start(clock, (frame) =>
    frame
      .groupByKey((row) => row.k)
      .mapGroupsWithState({ timeout: 'processingTime', state: schema({ n: 'int' }), output: Out }, (k, rows, state) => {
        if (state.hasTimedOut) {
          state.remove();
          return { k, what: `over at ${state.getCurrentProcessingTimeMs()}` };
        }
        state.update({ n: (state.getOption()?.n ?? 0) + [...rows].length });
        state.setTimeoutDuration('1 second');
        return { k, what: String(state.get().n) };
      }),
  );
  try {
    assert.deepEqual(await run.add([1, 'a']), ['a 1']);
    await run.advance(900);
    assert.deepEqual(await run.add([1, 'a'], [1, 'b']), ['a 2', 'b 1']);
    await run.advance(900);
    assert.deepEqual(await run.take(), []);
    await run.advance(101);
    assert.deepEqual(await run.take(), ['a over at 51901', 'b over at 51901']);
    assert.equal(run.operator().numRowsTotal, 0);
  } finally {
    await run.query.stop();
  }
});

const REFUSED: Readonly<Record<string, (state: any) => void>> = {
  'State is either not defined': (state) => state.get(),
  "'null' is not a valid state value": (state) => state.update(null),
  'Cannot set timeout duration': (state) => state.setTimeoutDuration(1),
  'Timeout timestamp must be positive': (state) => state.setTimeoutTimestamp(0),
  'cannot be earlier than the current watermark \\(10000\\)': (state) => {
    if (state.getCurrentWatermarkMs() > 0) state.setTimeoutTimestamp(9_999);
  },
};

for (const [reason, call] of Object.entries(REFUSED)) {
  test(`GroupState refuses in Spark's words: ${reason}`, async () => {
    const run = await start(
      new ManualClock(),
      (frame) =>
        frame
          .groupByKey((row) => row.k)
          .flatMapGroupsWithState(
            { outputMode: 'update', timeout: 'eventTime', state: 'long', output: Out },
            (_k, _rows, state) => call(state) as undefined,
          ),
      '0 seconds',
    );
    await assert.rejects(
      async () => {
        await run.add([10, 'a']);
        await run.add([11, 'a']);
      },
      { code: 'FLATMAPGROUPSWITHSTATE_USER_FUNCTION_ERROR', message: new RegExp(reason) },
    );
    await run.query.stop();
  });
}

test('functions by event time need a watermark, and modes must agree', async () => {
  const options = { timeout: 'eventTime', state: 'long', output: Out } as const;
  const asked: [outputMode: 'append' | 'update', delay: string | null, message: RegExp | null][] = [
    ['update', '1 second', null],
    ['append', '1 second', /flatMapGroupsWithState in append mode is not supported with Update output mode/],
    ['update', null, /Watermark must be specified in the query .*event-time timeout in a \[map\|flatMap\]GroupsWithState/],
  ];
  for (const [outputMode, delay, message] of asked) {
    const started = start(
      new ManualClock(),
      (frame) => frame.groupByKey('k').flatMapGroupsWithState({ ...options, outputMode }, () => []),
      delay,
    );
    if (message === null) await (await started).query.stop();
    else await assert.rejects(started, { code: '_LEGACY_ERROR_TEMP_3102', message });
  }
});

test('several group functions in one query are refused as Spark refuses them', async () => {
  const options = { state: 'long', output: Event } as const;
  const mapped = (frame: EventFrame) => frame.groupByKey('k').mapGroupsWithState(options, (k) => ({ k })) as EventFrame;
  const flat = (frame: EventFrame) =>
    frame.groupByKey('k').flatMapGroupsWithState({ ...options, outputMode: 'update' }, (k) => [{ k }]) as EventFrame;
  const asked: [build: (frame: EventFrame) => EventFrame, message: RegExp][] = [
    [(frame) => mapped(mapped(frame)), /Multiple mapGroupsWithStates are not supported/],
    [(frame) => flat(mapped(frame)), /Mixing mapGroupsWithStates and flatMapGroupsWithStates/],
    [(frame) => flat(flat(frame)), /Multiple flatMapGroupsWithStates are not supported when they are not all in append mode/],
  ];
  for (const [build, message] of asked) {
    await assert.rejects(start(new ManualClock(), build), { code: '_LEGACY_ERROR_TEMP_3102', message });
  }
});
