// Aggregates of the program's own in session windows: their buffers go where the sessions go, merged by the program's `merge` where sessions meet.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  type MillraceError,
  type OutputMode,
  Session,
  schema,
  sessionWindow,
  sum,
  udaf,
} from 'millrace';
import { runOptions } from '../property/run-options.ts';
import { touchySum } from './touchy-sum.ts';

const Event = schema({ ts: 'timestamp', k: 'string', n: 'int', gap: 'string' });

/** As collect_list() does it. */
const journal = udaf({
  name: 'journal',
  input: 'int',
  buffer: 'array<int>',
  output: 'array<int>',
  zero: () => [],
  reduce: (values, value) => [...(values ?? []), value],
  merge: (left, right) => [...(left ?? []), ...(right ?? [])],
  finish: (values) => values,
});

/** As sum() does it, of rows. */
const total = udaf({
  name: 'total',
  input: schema({ value: 'bigint' }),
  buffer: schema({ sum: 'bigint' }),
  output: 'bigint',
  zero: () => ({ sum: null }),
  reduce: ({ sum }, { value }) => ({ sum: value === null ? sum : (sum ?? 0n) + value }),
  merge: (left, right) => ({ sum: left.sum === null ? right.sum : left.sum + (right.sum ?? 0n) }),
  finish: ({ sum }) => sum,
});

const journalOfModule = udaf({
  module: new URL('./processors/journal-aggregator.mjs', import.meta.url),
  input: 'int',
  buffer: 'array<int>',
  output: 'array<int>',
});

interface Given {
  readonly at: number;
  readonly k: string;
  readonly n: number;
  readonly gap: number;
}

/** A session as it comes out. */
interface Shown {
  readonly start: number;
  readonly end: number;
  readonly k: string;
  readonly own: number[];
  readonly mine: number[];
  readonly ownSum: bigint;
  readonly mySum: bigint;
  readonly rows: bigint;
}

interface Way {
  readonly mode: OutputMode;
  readonly conf: Configurations;
  /** Whether the functions are a module's, which the workers run. */
  readonly ofModule: boolean;
  readonly gap: Column<any> | string;
  readonly delay: number | null;
}

const dateOf = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000);
const secondOf = (date: Date) => (date.getTime() - Date.UTC(2026, 0, 1)) / 1000;

async function start({ mode, conf, ofModule, gap, delay }: Way) {
  const checkpoint = mkdtempSync(join(tmpdir(), 'millrace-session-aggregator-'));
  const session = Session.create({ conf });
  const events = new MemoryStream(session, Event);
  const shown: Shown[] = [];
  const open = () => {
    const all = delay === null ? events.toDF() : events.toDF().withWatermark('ts', `${delay} seconds`);
    const mine = (ofModule ? journalOfModule : journal)('n').alias('mine');
    const mySum = ofModule ? sum('n').alias('mySum') : total('n').alias('mySum');
    return all
      .groupBy(sessionWindow('ts', gap as Column<any>).alias('w'), 'k')
      .agg(collectList('n').alias('own'), sum('n').alias('ownSum'), count(lit(1)).alias('rows'), mine, mySum)
      .select(col('w.start').alias('from'), col('w.end').alias('to'), 'k', 'own', 'mine', 'ownSum', 'mySum', 'rows')
      .writeStream.outputMode(mode)
      .option('checkpointLocation', checkpoint)
      .foreachBatch((batch) => {
        for (const { from, to, ...rest } of batch.toArray() as any[]) shown.push({ start: secondOf(from), end: secondOf(to), ...rest });
      })
      .start();
  };
  let query = await open();
  return {
    session,
    checkpoint,
    async add(rows: readonly Given[]): Promise<Shown[]> {
      events.addData(...rows.map(({ at, k, n, gap: seconds }) => ({ ts: dateOf(at), k, n, gap: `${seconds} seconds` })));
      await query.processAllAvailable();
      return shown.splice(0);
    },
    async restart(): Promise<void> {
      await query.stop();
      query = await open();
    },
    async stop(): Promise<void> {
      await query.stop();
      rmSync(checkpoint, { recursive: true });
    },
    get counts() {
      return query.lastProgress!.stateOperators[0]!;
    },
  };
}

/** The sessions of all rows, the obvious way: any two that meet are one, until none do. */
function sessionsOf(rows: readonly Given[]): string[] {
  const sessions = rows.map(({ at, k, n, gap }) => ({ start: at, end: at + gap, k, values: [n] }));
  for (let at = 0; at < sessions.length; ) {
    const one = sessions[at]!;
    const other = sessions.findIndex((each, index) => index > at && each.k === one.k && each.start <= one.end && one.start <= each.end);
    if (other === -1) {
      at += 1;
      continue;
    }
    const [met] = sessions.splice(other, 1);
    sessions[at] = {
      start: Math.min(one.start, met!.start),
      end: Math.max(one.end, met!.end),
      k: one.k,
      values: [...one.values, ...met!.values],
    };
    at = 0;
  }
  return sessions.map(({ start, end, k, values }) => textOf(start, end, k, values)).sort();
}

const textOf = (start: number, end: number, k: string, values: readonly number[]) =>
  `${k} ${start}-${end}: ${[...values].sort((left, right) => left - right)}`;

const given: fc.Arbitrary<Given> = fc.record({
  at: fc.nat(80),
  k: fc.constantFrom('a', 'b', 'a key that is longer than others'),
  n: fc.nat(9),
  gap: fc.integer({ min: 1, max: 12 }),
});

const ways: fc.Arbitrary<Omit<Way, 'mode' | 'delay'>> = fc.record({
  conf: fc.constantFrom<Configurations>(
    { 'millrace.workers': 1 },
    { 'millrace.workers': 2, 'millrace.inlineBytesMax': '0' },
    { 'spark.sql.shuffle.partitions': 1 },
    { 'spark.sql.streaming.sessionWindow.merge.sessions.in.local.partition': true, 'spark.sql.shuffle.partitions': 3 },
  ),
  ofModule: fc.boolean(),
  gap: fc.constantFrom<Column<any> | string>('5 seconds', col('gap')),
});

const batches = fc.array(fc.record({ rows: fc.array(given, { maxLength: 9 }), restarts: fc.boolean() }), { maxLength: 7 });

const own = ({ own, mine, ownSum, mySum }: Shown) => assert.deepEqual([mine, mySum], [own, ownSum]);

test('in complete mode, over random rows, its sessions are those of the obvious way, with the values of the aggregates beside it', async () => {
  const property = fc.asyncProperty(ways, batches, async (way, batches) => {
    const run = await start({ ...way, mode: 'complete', delay: null });
    const all: Given[] = [];
    try {
      for (const { rows, restarts } of batches) {
        if (restarts) await run.restart();
        if (rows.length === 0) continue;
        all.push(...(way.gap === '5 seconds' ? rows.map((row) => ({ ...row, gap: 5 })) : rows));
        const shown = await run.add(rows);
        shown.forEach(own);
        assert.deepEqual(shown.map(({ start, end, k, mine }) => textOf(start, end, k, mine)).sort(), sessionsOf(all));
      }
    } finally {
      await run.stop();
    }
  });
  await fc.assert(property, runOptions(12));
});

test('in append mode, with rows that come late, it says of each session that closes what the aggregates beside it say', async () => {
  const property = fc.asyncProperty(ways, batches, async (way, batches) => {
    const run = await start({ ...way, mode: 'append', delay: 10 });
    let numRows = 0;
    const check = (closed: readonly Shown[]) => {
      closed.forEach(own);
      for (const { rows, mine } of closed) {
        assert.equal(BigInt(mine.length), rows);
        numRows += mine.length;
      }
    };
    try {
      for (const [batch, { rows, restarts }] of batches.entries()) {
        if (restarts) await run.restart();
        check(await run.add(rows.map((row) => ({ ...row, at: row.at / 2 + batch * 12 }))));
      }
      check(await run.add([{ at: 1000, k: 'last', n: 1, gap: 1 }]));
      // No row of the first batch is late, whatever came after it.
      const numAll = batches.reduce((sum, { rows }) => sum + rows.length, 0);
      const numFirst = batches.find(({ rows }) => rows.length > 0)?.rows.length ?? 0;
      assert.ok(numFirst <= numRows && numRows <= numAll, `${numRows} of ${numAll} rows, ${numFirst} of them in the first batch`);
      assert.equal(run.counts.numRowsTotal, 1, 'closed sessions are gone');
    } finally {
      await run.stop();
    }
  });
  await fc.assert(property, runOptions(12));
});

test('a row between two sessions of the state has their buffers merged, in the order of their times', async () => {
  const run = await start({ mode: 'complete', conf: {}, ofModule: false, gap: '5 seconds', delay: null });
  const at = (second: number, n: number): Given => ({ at: second, k: 'a', n, gap: 5 });
  try {
    await run.add([at(20, 3), at(0, 1)]);
    await run.restart();
    const [shown, ...others] = await run.add([at(15, 9), at(5, 7), at(10, 8)]);
    assert.deepEqual([shown!.start, shown!.end, shown!.mine, others], [0, 25, [1, 7, 8, 9, 3], []]);
    // What is kept shows as a row of state.
    const state = run.session.read.format('statestore').load(run.checkpoint);
    const held = (await state.selectExpr('value.session_window.end AS until', 'value.count AS n').collect()) as any[];
    assert.deepEqual(
      held.map(({ until, n }) => [secondOf(until), n]),
      [[25, 5n]],
    );
  } finally {
    await run.stop();
  }
});

test('a failure in the middle of a merge fails the batch with the key in hand, and the sessions stay as they were', async () => {
  const checkpoint = mkdtempSync(join(tmpdir(), 'millrace-session-aggregator-'));
  let isFailing = true;
  const touchy = touchySum((step) => {
    if (step.name === 'merge' && isFailing) throw new RangeError('not together');
  });
  const events = new MemoryStream(Session.create(), Event);
  let shown: unknown[] = [];
  const open = () =>
    events
      .toDF()
      .groupBy(sessionWindow('ts', '5 seconds'), 'k')
      .agg(touchy('n').alias('n'))
      .writeStream.outputMode('complete')
      .option('checkpointLocation', checkpoint)
      .foreachBatch((batch) => {
        shown = (batch.toArray() as any[]).map(({ k, n, session_window }) => [k, n, secondOf(session_window.start)]);
      })
      .start();
  const row = (second: number, n: number, k = 'a') => ({ ts: dateOf(second), k, n, gap: null });
  let query = await open();
  events.addData(row(0, 1), row(8, 2), row(0, 4, 'b'));
  await query.processAllAvailable();
  events.addData(row(4, 10), row(1, 1, 'b'));
  await assert.rejects(query.processAllAvailable(), (error: MillraceError) => {
    assert.equal(error.code, 'FAILED_EXECUTE_UDF');
    assert.match(error.message, /`touchy`.*not together/);
    assert.match(String(error.context['key']), /"a"/);
    return true;
  });
  isFailing = false;
  query = await open();
  await query.processAllAvailable();
  assert.deepEqual(shown.sort(), [
    ['a', 13n, 0],
    ['b', 5n, 0],
  ]);
  await query.stop();
  rmSync(checkpoint, { recursive: true });
});

test('an aggregate without merge is refused where the DataFrame is made, a module without it when it is loaded', async () => {
  const frame = new MemoryStream(Session.create(), Event).toDF();
  const alone = udaf({ input: 'int', buffer: 'int', output: 'int', zero: () => 0, reduce: (held) => held, finish: (held) => held });
  assert.throws(
    () => frame.groupBy(sessionWindow('ts', '5 seconds'), 'k').agg(alone('n')),
    (error: MillraceError) => error.code === 'ARGUMENT_INVALID' && /declare merge\(left, right\)/.test(error.message),
  );
  assert.throws(
    () => udaf({ input: 'int', buffer: 'int', output: 'int', zero: () => 0, reduce: () => 0, merge: 1 as never, finish: () => 0 }),
    {
      code: 'ARGUMENT_INVALID',
    },
  );
  const ofModule = udaf({
    module: new URL('./processors/total-aggregator.mjs', import.meta.url),
    input: 'bigint',
    buffer: schema({ sum: 'bigint not null' }),
    output: schema({ sum: 'bigint', where: 'string' }),
  });
  const rows = Session.create().createDataFrame([{ ts: dateOf(0), k: 'a', n: 1, gap: null }], Event);
  await assert.rejects(rows.groupBy(sessionWindow('ts', '5 seconds'), 'k').agg(ofModule('n')).collect(), /exports no function merge/);
});
