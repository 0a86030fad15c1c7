// Aggregates of the program's own: what they are given, what they keep, what comes out beside Spark's own, and what a failure leaves.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type Configurations,
  count,
  type DataFrame,
  expr,
  lit,
  MemoryStream,
  type MillraceError,
  type OutputMode,
  Session,
  schema,
  sum,
  udaf,
  Window,
  window,
} from 'millrace';
import { WAYS } from './stream-script.ts';
import { touchySum } from './touchy-sum.ts';

const Event = schema({ ts: 'timestamp', k: 'string', n: 'int' });
type EventFrame = DataFrame<{ ts: Date | null; k: string | null; n: number | null }>;

/** As sum() does it. */
const total = udaf({
  name: 'total',
  input: 'bigint',
  buffer: schema({ sum: 'bigint' }),
  output: 'bigint',
  zero: () => ({ sum: null }),
  reduce: ({ sum }, value) => ({ sum: value === null ? sum : (sum ?? 0n) + value }),
  finish: ({ sum }) => sum,
});

/** The values in the order they came, beside the key of each. */
const journal = udaf({
  input: schema({ key: 'string', value: 'int' }),
  buffer: 'array<string>',
  output: 'string not null',
  zero: () => [],
  reduce(lines, { key, value }) {
    lines?.push(`${key}${value}`);
    return lines;
  },
  finish: (lines) => (lines ?? []).join(' '),
});

const totalOfModule = udaf({
  module: new URL('./processors/total-aggregator.mjs', import.meta.url),
  input: 'bigint',
  buffer: schema({ sum: 'bigint not null' }),
  output: schema({ sum: 'bigint', where: 'string' }),
});

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second));
const row = (second: number, k: string | null, n: number | null) => ({ ts: at(second), k, n });

/** A running query over events, with what came out of it since it was last asked. */
async function start(
  build: (frame: EventFrame) => DataFrame<any>,
  { mode = 'update', conf = {}, checkpoint }: { mode?: OutputMode; conf?: Configurations; checkpoint?: string } = {},
) {
  const session = Session.create({ conf });
  const events = new MemoryStream(session, Event);
  let rows: Record<string, unknown>[] = [];
  const open = () => {
    const writer = build(events.toDF() as EventFrame)
      .writeStream.outputMode(mode)
      .foreachBatch((batch) => void rows.push(...(batch.toArray() as Record<string, unknown>[])));
    return (checkpoint === undefined ? writer : writer.option('checkpointLocation', checkpoint)).start();
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
    async add(...added: ReturnType<typeof row>[]): Promise<Record<string, unknown>[]> {
      rows = [];
      events.addData(...added);
      await query.processAllAvailable();
      return rows;
    },
  };
}

const MODES: readonly OutputMode[] = ['update', 'append', 'complete'];

for (const [way, conf] of Object.entries(WAYS)) {
  for (const mode of MODES) {
    test(`beside sum() and count() over sliding windows, it has the same rows and the same sums: ${mode} mode, ${way}`, async () => {
      const run = await start(
        (frame) =>
          frame
            .withWatermark('ts', '5 seconds')
            .groupBy(window('ts', '10 seconds', '5 seconds'), 'k')
            .agg(sum('n').alias('own'), total('n').alias('mine'), count(lit(1)).alias('rows')),
        { mode, conf },
      );
      let seen = 0;
      for (let batch = 0; batch < 8; batch += 1) {
        const added = Array.from({ length: 12 }, (_, each) =>
          row(batch * 4 + ((each * 7) % 9) - 4, 'abc'[each % 3]!, (each % 5 || null) as number),
        );
        for (const { own, mine } of await run.add(...added)) {
          assert.equal(mine, own);
          seen += 1;
        }
      }
      assert.ok(seen > 15, `${seen} rows`);
      const { stateOperators } = run.query.lastProgress!;
      if (mode !== 'complete') assert.ok(stateOperators[0]!.numRowsTotal < 20, 'closed windows are gone');
      await run.query.stop();
    });
  }
}

test('its rows are views in the order they came, of the columns it was called with', async () => {
  const run = await start((frame) => frame.groupBy(expr('n % 2 AS odd')).agg(journal('k', 'n').alias('lines')));
  assert.deepEqual(
    new Set(await run.add(row(0, 'a', 1), row(1, 'b', 3), row(2, 'c', 2))),
    new Set([
      { odd: 1, lines: 'a1 b3' },
      { odd: 0, lines: 'c2' },
    ]),
  );
  assert.deepEqual(await run.add(row(0, 'd', 5)), [{ odd: 1, lines: 'a1 b3 d5' }]);
  await run.query.stop();
});

test('a query that is started again goes on with the buffers of its checkpoint', async () => {
  const checkpoint = mkdtempSync(join(tmpdir(), 'millrace-aggregator-'));
  const run = await start((frame) => frame.groupBy('k').agg(journal('k', 'n').alias('lines')), { checkpoint });
  await run.add(row(0, 'a', 1), row(0, 'b', 2));
  await run.restart();
  assert.deepEqual(await run.add(row(0, 'a', 3)), [{ k: 'a', lines: 'a1 a3' }]);
  await run.query.stop();
  rmSync(checkpoint, { recursive: true });
});

test('a failure ends the query with the key in hand, and the state is as it was before the batch', async () => {
  const checkpoint = mkdtempSync(join(tmpdir(), 'millrace-aggregator-'));
  let isFailing = true;
  const touchy = touchySum((step) => {
    if (step.name === 'reduce' && step.value === 13 && isFailing) throw new RangeError('not this one');
  });
  const run = await start((frame) => frame.groupBy('k').agg(touchy('n').alias('n')), { checkpoint });
  await run.add(row(0, 'a', 1), row(0, 'b', 1));
  await assert.rejects(run.add(row(0, 'a', 2), row(0, 'b', 13)), (error: MillraceError) => {
    assert.equal(error.code, 'FAILED_EXECUTE_UDF');
    assert.match(error.message, /User defined function \(`touchy`: \(int\) => bigint\) failed due to: not this one\./i);
    assert.equal(error.context['key'], '"b"');
    return true;
  });
  isFailing = false;
  await run.restart();
  const again = new Map((await run.add()).map(({ k, n }) => [k, n]));
  assert.deepEqual([again.get('a'), again.get('b')], [3n, 14n]);
  await run.query.stop();
  rmSync(checkpoint, { recursive: true });
});

test('a result that its type does not take is a failure of the key as well', async () => {
  const wrong = udaf({ input: 'int', buffer: 'int', output: 'int', zero: () => 0, reduce: (held) => held, finish: () => 'text' as never });
  const run = await start((frame) => frame.groupBy('k').agg(wrong('n')));
  await assert.rejects(
    run.add(row(0, 'a', 2)),
    (error: MillraceError) => error.code === 'FAILED_EXECUTE_UDF' && error.context['key'] === '"a"',
  );
});

test("a module's functions run in worker threads, by shard; beside a closure, on the main thread", async () => {
  const conf = { 'millrace.workers': 2 };
  const inWorkers = await start((frame) => frame.groupBy('k').agg(totalOfModule('n').alias('t')), { conf });
  assert.deepEqual(await inWorkers.add(row(0, 'a', 1), row(0, 'a', 2)), [{ k: 'a', t: { sum: 3n, where: 'worker' } }]);
  assert.deepEqual(await inWorkers.add(row(0, 'a', 4)), [{ k: 'a', t: { sum: 7n, where: 'worker' } }]);
  await assert.rejects(inWorkers.add(row(0, 'b', -1)), { code: 'FAILED_EXECUTE_UDF' });
  const beside = await start((frame) => frame.groupBy('k').agg(totalOfModule('n').alias('t'), total('n').alias('u')), { conf });
  assert.deepEqual(await beside.add(row(0, 'a', 1)), [{ k: 'a', t: { sum: 1n, where: 'main' }, u: 1n }]);
  await beside.query.stop();
});

test('in batch queries: with conditions, grouping sets and pivots, and over no rows at all', async () => {
  const session = Session.create();
  const rows = session.createDataFrame([row(0, 'a', 1), row(0, 'a', 2), row(0, 'b', 4), row(0, 'c', null)], Event);
  const collected = async (frame: DataFrame<any>) => (await frame.orderBy('k').collect()).map((each) => Object.values(each));
  const sums = rows.groupBy('k').agg(total('n').alias('t'), sum('n').alias('s'));
  assert.deepEqual(await collected(sums.filter('t > 1')), [
    ['a', 3n, 3n],
    ['b', 4n, 4n],
  ]);
  assert.deepEqual(await collected(rows.rollup('k').agg(total('n').mul(2).alias('t'))), [
    [null, 14n],
    ['a', 6n],
    ['b', 8n],
    ['c', null],
  ]);
  const pivoted = await rows.groupBy('k').pivot('n', [1, 4]).agg(total('n')).orderBy('k').collect();
  assert.deepEqual(pivoted, [
    { k: 'a', 1: 1n, 4: null },
    { k: 'b', 1: null, 4: 4n },
    { k: 'c', 1: null, 4: null },
  ]);
  assert.deepEqual(
    await rows
      .filter('n > 9')
      .groupBy()
      .agg(journal('k', 'n').alias('lines'), count(lit(1)).alias('n'))
      .collect(),
    [{ lines: '', n: 0n }],
  );
});

test('a global aggregate of a stream has its row from the first batch on', async () => {
  const run = await start((frame) => frame.filter('n > 0').groupBy().agg(journal('k', 'n').alias('lines')));
  assert.deepEqual(await run.add(row(0, 'a', 0)), [{ lines: '' }]);
  assert.deepEqual(await run.add(row(0, 'a', 1)), [{ lines: 'a1' }]);
  await run.query.stop();
});

test('arguments are cast to what the aggregate takes, and counted', () => {
  const frame = Session.create().createDataFrame([row(0, 'a', 1)], Event);
  assert.deepEqual(frame.groupBy('k').agg(total('n')).columns, ['k', 'total(n)']);
  assert.throws(() => frame.groupBy('k').agg(journal('k')), { code: 'WRONG_NUM_ARGS.WITHOUT_SUGGESTION' });
});

test('where there is no state for its buffers it is refused, with a way round', () => {
  const frame = Session.create().createDataFrame([row(0, 'a', 1)], Event);
  const refused = (build: () => unknown, reason: RegExp) =>
    assert.throws(build, (error: MillraceError) => error.code === 'ARGUMENT_INVALID' && reason.test(error.message));
  assert.throws(() => frame.select(total('n').over(Window.partitionBy('k'))), { code: 'UNSUPPORTED_EXPR_FOR_WINDOW' });
  const namedAsSparks = udaf({ name: 'sum', input: 'int', buffer: 'int', output: 'int', zero: () => 0, reduce: () => 0, finish: () => 0 });
  refused(() => frame.select(namedAsSparks('n').over(Window.partitionBy('k'))), /not the rows of OVER/);
  refused(() => frame.observe('seen', total('n').alias('t')), /observe\(\)/);
  assert.throws(() => udaf({ input: 'int', buffer: 'int', output: 'int', zero: () => 0, reduce: () => 0 } as never), {
    code: 'ARGUMENT_INVALID',
  });
});
