// Keys that the program computes, and state that a query begins with.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Configurations, type DataFrame, MemoryStream, type MillraceError, Session, schema } from 'millrace';
import { keyFromText, keyToText } from '../../dist/state/key-text.js';
import { WAYS } from './stream-script.ts';

const Event = schema({ user: 'string', city: 'string', n: 'int', at: 'timestamp' });
type EventFrame = DataFrame<{ user: string | null; city: string | null; n: number | null; at: Date | null }>;
const Out = schema({ key: 'string', n: 'long' });

async function start(build: (frame: EventFrame, session: Session) => DataFrame<any>, conf: Configurations = {}) {
  const session = Session.create({ conf });
  const events = new MemoryStream(session, Event);
  let rows: string[] = [];
  const query = await build(events.toDF() as EventFrame, session)
    .writeStream.outputMode('update')
    .foreachBatch((batch) => {
      for (const { key, n } of batch.toArray() as any[]) rows.push(`${key} ${n}`);
    })
    .start();
  return {
    query,
    async add(...added: { user?: string; city?: string; n?: number; at?: Date }[]): Promise<string[]> {
      rows = [];
      events.addData(...added);
      await query.processAllAvailable();
      return rows.sort();
    },
  };
}

/** Counts by a computed key. */
const countBy = (key: (row: EventFrame['row']) => unknown) => (frame: EventFrame) =>
  frame.groupByKey(key).transformWithState({
    state: { n: { type: 'value', of: 'long' } },
    output: Out,
    handleInputRows(found, rows, { state }) {
      const n = (state.n.get() ?? 0n) + BigInt(rows.length);
      state.n.update(n);
      return [
        {
          key:
            found instanceof Date
              ? found.toISOString()
              : JSON.stringify(found, (_, part) => (typeof part === 'bigint' ? `${part}n` : part)),
          n,
        },
      ];
    },
  });

for (const [way, conf] of Object.entries(WAYS)) {
  test(`keys of several columns, lists and objects, are the same by their contents, ${way}`, async () => {
    const run = await start(
      countBy((row) => ({ where: [row.city, BigInt(row.n ?? 0)], who: row.user })),
      conf,
    );
    try {
      assert.deepEqual(await run.add({ user: 'a', city: 'x', n: 1 }, { user: 'a', city: 'x', n: 1 }, { user: 'a', city: 'x', n: 2 }), [
        '{"where":["x","1n"],"who":"a"} 2',
        '{"where":["x","2n"],"who":"a"} 1',
      ]);
      assert.deepEqual(await run.add({ user: 'a', city: 'x', n: 1 }, { city: 'x' }), [
        '{"where":["x","0n"],"who":null} 1',
        '{"where":["x","1n"],"who":"a"} 3',
      ]);
    } finally {
      await run.query.stop();
    }
  });
}

test('keys may be texts, numbers, Dates and null', async () => {
  const at = new Date('2026-01-01T00:00:00Z');
  for (const [key, expected] of [
    [(row: EventFrame['row']) => `${row.user ?? 'none'}!`, '"a!" 1'],
    [(row: EventFrame['row']) => (row.n ?? 0) % 2, '1 1'],
    [(row: EventFrame['row']) => row.at, `${at.toISOString()} 1`],
    [(row: EventFrame['row']) => row.city ?? null, 'null 1'],
  ] as const) {
    const run = await start(countBy(key));
    assert.deepEqual(await run.add({ user: 'a', n: 3, at }), [expected]);
    await run.query.stop();
  }
});

test('the text of a key is the key', () => {
  for (const key of [
    '',
    'a"b',
    0,
    -1.5,
    1e300,
    12n,
    true,
    null,
    new Date(5),
    [1, [2n]],
    { b: 1, a: { c: new Date(0) } },
    Number.POSITIVE_INFINITY,
  ]) {
    assert.deepEqual(keyFromText(keyToText(key)), key);
  }
  assert.equal(keyToText(-0), keyToText(0));
  assert.equal(keyToText({ a: 1, b: 2 }), keyToText({ b: 2, a: 1 }));
  assert.notEqual(keyToText('1'), keyToText(1));
  assert.notEqual(keyToText(1), keyToText(1n));
});

test('a key function that fails, or gives what cannot be a key, fails the batch', async () => {
  for (const [key, code] of [
    [
      () => {
        throw new RangeError('no key');
      },
      'KEY_FUNCTION_FAILED',
    ],
    [() => new Map(), 'ARGUMENT_INVALID'],
  ] as const) {
    const run = await start(countBy(key));
    await assert.rejects(run.add({ user: 'a' }), { code });
    await run.query.stop();
  }
});

const Known = schema({ name: 'string', n: 'long not null' });
const known = (session: Session) =>
  session.createDataFrame(
    [
      { name: 'a', n: 100n },
      { name: 'b', n: 200n },
      { name: 'a', n: 1n },
    ],
    Known,
  ) as unknown as DataFrame<{ name: string | null; n: bigint }>;

for (const [way, conf] of Object.entries(WAYS)) {
  test(`a processor begins with rows of state, in the first batch alone, ${way}`, async () => {
    const run = await start(
      (frame, session) =>
        frame
          .groupByKey((row) => row.user)
          .transformWithState({
            state: { n: { type: 'value', of: 'long' } },
            output: Out,
            initialState: known(session).groupByKey((row) => row.name),
            handleInitialState(_key, row, { state }) {
              state.n.update((state.n.get() ?? 0n) + row.n);
            },
            handleInputRows(key, rows, { state }) {
              state.n.update((state.n.get() ?? 0n) + BigInt(rows.length));
              return [{ key, n: state.n.get() }];
            },
          }),
      conf,
    );
    try {
      assert.deepEqual(await run.add({ user: 'a' }, { user: 'c' }), ['a 102', 'c 1']);
      assert.equal(run.query.lastProgress!.stateOperators[0]!.numRowsTotal, 3);
      assert.deepEqual(await run.add({ user: 'a' }, { user: 'b' }), ['a 103', 'b 201']);
    } finally {
      await run.query.stop();
    }
  });
}

for (const [way, conf] of Object.entries(WAYS)) {
  test(`a processor begins with rows of state in a batch without rows, ${way}`, async () => {
    const run = await start(
      (frame, session) =>
        frame
          .filter("user <> 'nobody'")
          .groupByKey((row) => row.user)
          .transformWithState({
            state: { n: { type: 'value', of: 'long' } },
            output: Out,
            initialState: known(session).groupByKey((row) => row.name),
            handleInitialState(_key, row, { state }) {
              state.n.update((state.n.get() ?? 0n) + row.n);
            },
            handleInputRows: (key, rows, { state }) => [{ key, n: (state.n.get() ?? 0n) + BigInt(rows.length) }],
          }),
      conf,
    );
    try {
      assert.deepEqual(await run.add({ user: 'nobody' }), []);
      assert.equal(run.query.lastProgress!.stateOperators[0]!.numRowsTotal, 2);
      assert.deepEqual(await run.add({ user: 'a' }, { user: 'b' }), ['a 102', 'b 201']);
    } finally {
      await run.query.stop();
    }
  });
}

for (const [way, conf] of Object.entries(WAYS)) {
  test(`keys that the program computes find the rows that state begins with, ${way}`, async () => {
    const counted = (frame: EventFrame, initialState: any) =>
      frame
        .groupByKey((row) => row.user?.toLowerCase())
        .transformWithState({
          state: { n: { type: 'value', of: 'long' } },
          output: Out,
          initialState,
          handleInitialState(_key, row: any, { state }) {
            state.n.update((state.n.get() ?? 0n) + row.n);
          },
          handleInputRows(key, rows, { state }) {
            state.n.update((state.n.get() ?? 0n) + BigInt(rows.length));
            return [{ key: key ?? null, n: state.n.get() }];
          },
        });
    // Computed on both sides, and on one side beside a column.
    for (const keyOf of [(row: any) => row.name.toLowerCase(), (row: any) => row.name]) {
      const run = await start((frame, session) => counted(frame, known(session).groupByKey(keyOf as never)), conf);
      try {
        assert.deepEqual(await run.add({ user: 'A' }, { user: 'c' }), ['a 102', 'c 1']);
        assert.equal(run.query.lastProgress!.stateOperators[0]!.numRowsTotal, 3);
        assert.deepEqual(await run.add({ user: 'a' }, { user: 'B' }), ['a 103', 'b 201']);
      } finally {
        await run.query.stop();
      }
    }
  });
}

test('a group function begins with one row of state a key, and is called for it without rows', async () => {
  const grouped = (frame: EventFrame, initial: DataFrame<any>) =>
    frame
      .groupByKey((row) => row.user)
      .flatMapGroupsWithState(
        { outputMode: 'update', state: schema({ n: 'long' }), output: Out, initialState: initial.groupByKey('name' as never) },
        (key, rows, state) => {
          if (rows.length > 0) state.update({ n: (state.getOption()?.n ?? 0n) + BigInt(rows.length) });
          return [{ key, n: state.get().n }];
        },
      );
  const run = await start((frame, session) => grouped(frame, known(session).filter('n > 50')));
  try {
    assert.deepEqual(await run.add({ user: 'a' }, { user: 'c' }), ['a 101', 'b 200', 'c 1']);
    assert.equal(run.query.lastProgress!.stateOperators[0]!.numRowsTotal, 3);
    assert.deepEqual(await run.add({ user: 'b' }), ['b 201']);
  } finally {
    await run.query.stop();
  }
  const twice = await start((frame, session) => grouped(frame, known(session)));
  await assert.rejects(twice.add({ user: 'a' }), (error: MillraceError) => {
    assert.equal(error.code, 'FLATMAPGROUPSWITHSTATE_USER_FUNCTION_ERROR');
    assert.match(error.message, /multiple rows\(state\) with the same key/);
    return true;
  });
  await twice.query.stop();
});

test('state cannot begin with a stream, nor with keys of another kind', async () => {
  const session = Session.create();
  const frame = new MemoryStream(session, Event).toDF() as EventFrame;
  const begin = (initialState: unknown) => () =>
    frame.groupByKey('user').transformWithState({ state: {}, output: Out, initialState: initialState as never, handleInputRows: () => [] });
  assert.throws(begin(frame.groupByKey('user')), { code: '_LEGACY_ERROR_TEMP_3102', message: /initial state/ });
  assert.throws(begin(frame), { code: 'ARGUMENT_INVALID' });
  assert.throws(begin(known(session).groupByKey('n')), { code: 'ARGUMENT_INVALID', message: /BIGINT.*STRING|STRING.*BIGINT/ });
});
