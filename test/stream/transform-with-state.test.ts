// The program's own functions over each key's rows and state: what they get, what they keep, what comes out, and what a failure leaves.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Configurations, type DataFrame, MemoryStream, type MillraceError, Session, type StreamingQuery, schema } from 'millrace';
import { WAYS } from './stream-script.ts';

const Purchase = schema({ user: 'string', amount: 'int', tags: 'array<string>' });
type PurchaseFrame = DataFrame<{ user: string | null; amount: number | null; tags: (string | null)[] | null }>;

/** A running query over purchases, with what came out of it since it was last asked. */
async function start(build: (frame: PurchaseFrame) => DataFrame<any>, conf: Configurations = {}, checkpoint: string | null = null) {
  const session = Session.create({ conf });
  const purchases = new MemoryStream(session, Purchase);
  let rows: unknown[] = [];
  const open = (): Promise<StreamingQuery> => {
    const writer = build(purchases.toDF() as PurchaseFrame)
      .writeStream.outputMode('update')
      .foreachBatch((batch) => void rows.push(...batch.toArray()));
    return (checkpoint === null ? writer : writer.option('checkpointLocation', checkpoint)).start();
  };
  let query = await open();
  return {
    get query() {
      return query;
    },
    async restart(): Promise<void> {
      await query.stop();
      query = await open();
    },
    stop: () => query.stop(),
    async add(...added: readonly { user: string | null; amount?: number; tags?: string[] }[]): Promise<unknown[]> {
      rows = [];
      purchases.addData(...added);
      await query.processAllAvailable();
      return rows;
    },
    operator: () => query.lastProgress!.stateOperators[0]!,
  };
}

const Total = schema({ user: 'string', total: 'long' });

function runningTotal(frame: PurchaseFrame): DataFrame<any> {
  return frame
    .groupByKey((row) => row.user)
    .transformWithState({
      state: { total: { type: 'value', of: schema({ total: 'long' }) } },
      output: Total,
      handleInputRows(user, rows, { state }) {
        let total = state.total.get()?.total ?? 0n;
        for (const { amount } of rows) total += BigInt(amount ?? 0);
        state.total.update({ total });
        return [{ user, total }];
      },
    });
}

for (const [way, conf] of Object.entries(WAYS)) {
  test(`a running total goes on from batch to batch, ${way}`, async () => {
    const run = await start(runningTotal, conf);
    try {
      const rows = await run.add({ user: 'b', amount: 1 }, { user: 'a', amount: 2 }, { user: 'b', amount: 3 }, { user: null, amount: 4 });
      assert.deepEqual(
        new Set(rows),
        new Set([
          { user: null, total: 4n },
          { user: 'a', total: 2n },
          { user: 'b', total: 4n },
        ]),
      );
      assert.equal(run.operator().numRowsTotal, 3);
      assert.equal(run.operator().numRowsUpdated, 3);
      assert.deepEqual(await run.add({ user: 'b', amount: 10 }), [{ user: 'b', total: 14n }]);
      assert.equal(run.operator().numRowsTotal, 3);
      assert.equal(run.operator().numRowsUpdated, 1);
    } finally {
      await run.stop();
    }
  });
}

test('keys come in their order, rows in theirs, and rows are views that read what is asked', async () => {
  const seen: unknown[] = [];
  const run = await start(
    (frame) =>
      frame.groupByKey('user').transformWithState({
        state: {},
        output: schema({ n: 'int' }),
        handleInputRows(user, rows) {
          const kept = [...rows];
          seen.push([
            user,
            rows.length,
            kept.map((row) => row.amount),
            [...rows].map((row) => row.tags),
            JSON.parse(JSON.stringify(kept[0])),
          ]);
        },
      }),
    { 'spark.sql.shuffle.partitions': 1 },
  );
  try {
    const out = await run.add(
      { user: 'b', amount: 1 },
      { user: 'a', amount: 2, tags: ['x'] },
      { user: null },
      { user: 'b', amount: 3, tags: [] },
    );
    assert.deepEqual(out, []);
    assert.deepEqual(seen, [
      [null, 1, [null], [null], { user: null, amount: null, tags: null }],
      ['a', 1, [2], [['x']], { user: 'a', amount: 2, tags: ['x'] }],
      ['b', 2, [1, 3], [null, []], { user: 'b', amount: 1, tags: null }],
    ]);
  } finally {
    await run.stop();
  }
});

test('values: what was updated is what is there, and changing a row that was given changes nothing', async () => {
  const seen: unknown[] = [];
  const run = await start((frame) =>
    frame.groupByKey('user').transformWithState({
      state: {
        last: { type: 'value', of: schema({ amount: 'int not null', tags: 'array<string>' }) },
        plain: { type: 'value', of: 'string' },
      },
      output: Total,
      handleInputRows(_user, rows, { state }) {
        seen.push([state.last.exists(), state.last.get(), state.plain.get()]);
        for (const row of rows) {
          if (row.amount === 0) {
            state.last.clear();
            state.plain.clear();
            continue;
          }
          const value = { amount: row.amount ?? -1, tags: row.tags };
          state.last.update(value);
          value.amount = 999;
          state.plain.update(`was ${row.amount}`);
        }
        seen.push([state.last.exists(), state.last.get()?.amount ?? null, state.plain.get()]);
        return [];
      },
    }),
  );
  try {
    await run.add({ user: 'a', amount: 1, tags: ['x', 'y'] });
    await run.add({ user: 'a', amount: 2 }, { user: 'a', amount: 0 });
    assert.equal(run.operator().numRowsTotal, 0);
    assert.equal(run.operator().numRowsRemoved, 2);
    await run.add({ user: 'a', amount: 3 });
    assert.deepEqual(seen, [
      [false, null, null],
      [true, 1, 'was 1'],
      [true, { amount: 1, tags: ['x', 'y'] }, 'was 1'],
      [false, null, null],
      [false, null, null],
      [true, 3, 'was 3'],
    ]);
  } finally {
    await run.stop();
  }
});

test('lists: append, put, clear; one row of state a list', async () => {
  const seen: unknown[] = [];
  const run = await start((frame) =>
    frame.groupByKey('user').transformWithState({
      state: { kept: { type: 'list', of: schema({ amount: 'int not null' }) } },
      output: Total,
      handleInputRows(_user, rows, { state }) {
        for (const { amount } of rows) {
          if (amount === null) state.kept.clear();
          else if (amount < 0) state.kept.put([{ amount }, { amount: amount - 1 }]);
          else state.kept.append({ amount });
        }
        seen.push(state.kept.get().map(({ amount }) => amount));
        return null;
      },
    }),
  );
  try {
    await run.add({ user: 'a', amount: 1 }, { user: 'a', amount: 2 });
    assert.deepEqual([run.operator().numRowsTotal, run.operator().numRowsUpdated], [1, 2]);
    await run.add({ user: 'a', amount: 3 });
    await run.add({ user: 'a', amount: -5 }, { user: 'a', amount: 7 });
    await run.add({ user: 'a' });
    assert.deepEqual([run.operator().numRowsTotal, run.operator().numRowsRemoved], [0, 3]);
    await run.add({ user: 'a', amount: 8 });
    assert.deepEqual(seen, [[1, 2], [1, 2, 3], [-5, -6, 7], [], [8]]);
  } finally {
    await run.stop();
  }
});

test('maps: entries by their own keys, rows as keys too; one row of state an entry', async () => {
  const seen: unknown[] = [];
  const run = await start((frame) =>
    frame.groupByKey('user').transformWithState({
      state: {
        byTag: { type: 'map', key: 'string', of: 'long' },
        byPair: { type: 'map', key: schema({ a: 'int not null', b: 'string' }), of: schema({ n: 'int' }) },
      },
      output: Total,
      handleInputRows(_user, rows, { state }) {
        for (const { amount, tags } of rows) {
          for (const tag of tags ?? []) {
            if (tag === '-') state.byTag.clear();
            else if (amount === null) state.byTag.removeKey(tag ?? '');
            else state.byTag.updateValue(tag ?? '', (state.byTag.getValue(tag ?? '') ?? 0n) + BigInt(amount));
          }
          const pair = { a: amount ?? 0, b: null };
          state.byPair.updateValue(pair, { n: (state.byPair.getValue({ ...pair })?.n ?? 0) + 1 });
        }
        seen.push(
          [...state.byTag],
          [...state.byPair.values()].map(({ n }) => n),
          state.byTag.containsKey('x'),
        );
        return [];
      },
    }),
  );
  try {
    await run.add({ user: 'a', amount: 1, tags: ['x', 'y', 'x'] });
    assert.deepEqual([run.operator().numRowsTotal, run.operator().numRowsUpdated], [3, 4]);
    await run.add({ user: 'a', amount: 1, tags: ['z', 'y'] });
    await run.add({ user: 'a', tags: ['x'] });
    assert.deepEqual([run.operator().numRowsTotal, run.operator().numRowsRemoved], [4, 1]);
    await run.add({ user: 'a', amount: 5, tags: ['-', 'q'] });
    assert.deepEqual(seen, [
      [
        ['x', 2n],
        ['y', 1n],
      ],
      [1],
      true,
      [
        ['x', 2n],
        ['y', 2n],
        ['z', 1n],
      ],
      [2],
      true,
      [
        ['y', 2n],
        ['z', 1n],
      ],
      [2, 1],
      false,
      [['q', 5n]],
      [2, 1, 1],
      false,
    ]);
  } finally {
    await run.stop();
  }
});

test('what a function throws fails the batch with the key, and the state is that of the batch before', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-state-'));
  let isStrict = true;
  const run = await start(
    (frame) =>
      frame
        .groupByKey((row) => row.user)
        .transformWithState({
          state: { n: { type: 'value', of: 'long' } },
          output: Total,
          handleInputRows(user, rows, { state }) {
            state.n.update((state.n.get() ?? 0n) + BigInt(rows.length));
            if (isStrict && user === 'c') throw new RangeError('no c');
            return [{ user, total: state.n.get() }];
          },
        }),
    {},
    folder,
  );
  try {
    await run.add({ user: 'a' }, { user: 'b' });
    await assert.rejects(run.add({ user: 'a' }, { user: 'c' }), (error: MillraceError) => {
      assert.equal(error.code, 'TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR');
      assert.equal(error.context['key'], '"c"');
      assert.match(error.message, /handleInputRows .* key "c"\. Reason: no c/);
      assert.ok((error.cause as Error).cause instanceof RangeError);
      return true;
    });
    isStrict = false;
    await run.restart();
    // The batch that failed runs again, over the state of the one before.
    assert.deepEqual(
      new Set(await run.add({ user: 'b' })),
      new Set([
        { user: 'a', total: 2n },
        { user: 'c', total: 1n },
        { user: 'b', total: 2n },
      ]),
    );
  } finally {
    await run.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

const FAULTY: Readonly<Record<string, [code: string, (frame: PurchaseFrame) => DataFrame<any>]>> = {
  'a null in a field that may not be null': [
    'TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR',
    (frame) =>
      frame.groupByKey('user').transformWithState({
        state: { n: { type: 'value', of: schema({ n: 'int not null' }) } },
        output: Total,
        handleInputRows: (_user, _rows, { state }) => state.n.update({ n: null as never }),
      }),
  ],
  'an empty list': [
    'TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR',
    (frame) =>
      frame.groupByKey('user').transformWithState({
        state: { n: { type: 'list', of: 'int' } },
        output: Total,
        handleInputRows: (_user, _rows, { state }) => state.n.put([]),
      }),
  ],
  'a timer without a time mode': [
    'TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR',
    (frame) =>
      frame.groupByKey('user').transformWithState({
        state: {},
        output: Total,
        handleInputRows: (_user, _rows, { timers }) => timers.registerTimer(1),
      }),
  ],
  'a promise': [
    'TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR',
    (frame) => frame.groupByKey('user').transformWithState({ state: {}, output: Total, handleInputRows: (async () => []) as never }),
  ],
  'a row with a column that the output has not': [
    'TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR',
    (frame) => frame.groupByKey('user').transformWithState({ state: {}, output: Total, handleInputRows: () => [{ usr: 'a' } as never] }),
  ],
};

for (const [name, [code, build]] of Object.entries(FAULTY)) {
  test(`${name} is refused with ${code}`, async () => {
    const run = await start(build);
    await assert.rejects(run.add({ user: 'a', amount: 1 }), { code });
    await run.stop();
  });
}

test('what is not declared right is refused at once', () => {
  const frame = new MemoryStream(Session.create(), Purchase).toDF() as PurchaseFrame;
  const grouped = frame.groupByKey('user');
  const handleInputRows = () => [];
  const refused: [code: string, call: () => unknown][] = [
    ['ARGUMENT_INVALID', () => frame.groupByKey(7 as never)],
    [
      'UNRESOLVED_COLUMN.WITH_SUGGESTION',
      () => frame.groupByKey('usr' as never).transformWithState({ state: {}, output: Total, handleInputRows }),
    ],
    ['ARGUMENT_INVALID', () => grouped.transformWithState({ state: {}, output: Total } as never)],
    [
      'ARGUMENT_INVALID',
      () => grouped.transformWithState({ state: { a: { type: 'bag', of: 'int' } } as never, output: Total, handleInputRows }),
    ],
    ['ARGUMENT_INVALID', () => grouped.transformWithState({ outputMode: 'complete' as never, state: {}, output: Total, handleInputRows })],
    [
      'STATEFUL_PROCESSOR_INCORRECT_TIME_MODE_TO_ASSIGN_TTL',
      () => grouped.transformWithState({ state: { a: { type: 'value', of: 'int', ttl: '1 hour' } }, output: Total, handleInputRows }),
    ],
    [
      'STATEFUL_PROCESSOR_TTL_DURATION_MUST_BE_POSITIVE',
      () =>
        grouped.transformWithState({
          timeMode: 'processingTime',
          state: { a: { type: 'value', of: 'int', ttl: 0 } },
          output: Total,
          handleInputRows,
        }),
    ],
  ];
  for (const [code, call] of refused) assert.throws(call, { code });
});

test('a batch of rows that are there already calls the functions once a key', async () => {
  const session = Session.create();
  const rows = session.createDataFrame(
    [
      { user: 'a', amount: 1 },
      { user: 'b', amount: 2 },
      { user: 'a', amount: 3 },
    ],
    Purchase,
  );
  const totals = await runningTotal(rows as unknown as PurchaseFrame).collect();
  assert.deepEqual(
    new Set(totals),
    new Set([
      { user: 'a', total: 4n },
      { user: 'b', total: 2n },
    ]),
  );
});

const Where = schema({ user: 'string', total: 'long', where: 'string' });
const moduleNamed = (name: string) => new URL(`./processors/${name}`, import.meta.url);

test('functions of a module run in worker threads, by shard, and fail with their key as others do', async () => {
  const run = await start(
    (frame) =>
      frame
        .groupByKey((row) => row.user)
        .transformWithState({
          state: { total: { type: 'value', of: schema({ total: 'long' }) } },
          output: Where,
          module: moduleNamed('running-total.mjs'),
        }),
    { 'millrace.workers': 2 },
  );
  try {
    const users = ['a', 'b', 'c', 'd', 'e'];
    await run.add(...users.map((user, at) => ({ user, amount: at })));
    const rows = await run.add(...users.map((user) => ({ user, amount: 10 })));
    const expected = users.map((user, at) => ({ user, total: BigInt(10 + at), where: 'worker open' }));
    assert.deepEqual(new Set(rows), new Set(expected));
    await assert.rejects(run.add({ user: 'never' }), (error: MillraceError) => {
      assert.equal(error.code, 'TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR');
      assert.equal(error.context['key'], '"never"');
      return true;
    });
  } finally {
    await run.stop();
  }
});

test("a module's default export is a group function", async () => {
  const run = await start((frame) =>
    frame
      .groupByKey((row) => row.user)
      .flatMapGroupsWithState({ outputMode: 'update', state: 'long', output: Where }, moduleNamed('counted-group.ts')),
  );
  try {
    await run.add({ user: 'a' }, { user: 'a' });
    assert.deepEqual(await run.add({ user: 'a' }), [{ user: 'a', total: 3n, where: 'worker' }]);
  } finally {
    await run.stop();
  }
});

test('a module that has no such function, or is not there, fails the batch', async () => {
  for (const [name, code] of [
    ['counted-group.ts', 'ARGUMENT_INVALID'],
    ['nowhere.mjs', 'MODULE_NOT_LOADED'],
  ] as const) {
    const run = await start((frame) =>
      frame.groupByKey('user').transformWithState({ state: {}, output: Where, module: moduleNamed(name) }),
    );
    await assert.rejects(run.add({ user: 'a' }), { code });
    await run.stop();
  }
});
