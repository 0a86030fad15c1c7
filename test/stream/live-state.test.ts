// query.state(): the state of a running query as rows, between batches, without a checkpoint.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { col, type DataFrame, expr, MemoryStream, type MillraceError, Session, schema, sessionWindow, window } from 'millrace';

const session = Session.create({ timeZone: 'UTC', conf: { 'spark.sql.shuffle.partitions': 2 } });
after(() => session.streams.active.map((query) => query.stop()));
const Trade = schema({ id: 'string', amount: 'int' });

/** A query over trades that keeps a total for each id, and the amounts seen. */
async function startTotals(onBatch: () => Promise<void> | void = () => {}) {
  const trades = new MemoryStream(session, Trade);
  const query = await trades
    .toDF()
    .groupByKey('id')
    .transformWithState({
      state: { total: { type: 'value', of: 'long' }, amounts: { type: 'list', of: 'int' } },
      output: schema({ id: 'string' }),
      handleInputRows(id, rows, { state }) {
        for (const { amount } of rows) {
          state.total.update((state.total.get() ?? 0n) + BigInt(amount ?? 0));
          state.amounts.append(amount ?? 0);
        }
        return [{ id }];
      },
    })
    .writeStream.foreachBatch(onBatch)
    .start();
  return { trades, query };
}

const totalsOf = async (frame: DataFrame<any>) =>
  (await frame.select(col('key.value').alias('id'), col('value').alias('total')).collect())
    .map(({ id, total }: any) => `${id} ${total}`)
    .sort();

test('a key, a range of keys, everything: as the newest batch left it', async () => {
  const { trades, query } = await startTotals();
  const totals = query.state('transformWithStateExec', 'total');
  trades.addData({ id: 'apple', amount: 10 }, { id: 'pear', amount: 3 });
  await query.processAllAvailable();
  assert.deepEqual(await totalsOf(totals), ['apple 10', 'pear 3']);
  trades.addData({ id: 'apple', amount: -4 }, { id: 'fig', amount: 1 });
  await query.processAllAvailable();
  assert.deepEqual(await totalsOf(totals.filter(col('key.value').eq('apple')) as DataFrame<any>), ['apple 6']);
  assert.deepEqual(await totalsOf(totals.filter(col('key.value').between('b', 'g')) as DataFrame<any>), ['fig 1']);
  assert.equal(await query.state(0, 'amounts').count(), 4);
  await query.stop();
  await assert.rejects(totals.collect(), { code: 'ARGUMENT_INVALID' });
});

test('a look during a batch waits for its end; one from within it is refused', async () => {
  let enter = () => {};
  const entered = new Promise<void>((resolve) => {
    enter = resolve;
  });
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const inside: (MillraceError | null)[] = [];
  const { trades, query } = await startTotals(async () => {
    enter();
    inside.push(
      await query
        .state(0, 'total')
        .collect()
        .then(
          () => null,
          (error) => error,
        ),
    );
    await released;
  });
  trades.addData({ id: 'apple', amount: 10 });
  await entered;
  let isThere = false;
  const look = totalsOf(query.state(0, 'total')).then((rows) => {
    isThere = true;
    return rows;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(isThere, false);
  release();
  assert.deepEqual(await look, ['apple 10']);
  assert.equal(inside[0]?.code, 'ARGUMENT_INVALID');
  await query.stop();
});

test('keys of a deduplication; what is no operator and no variable is refused', async () => {
  const trades = new MemoryStream(session, Trade);
  const query = await trades
    .toDF()
    .dropDuplicates(['id'])
    .writeStream.foreachBatch(() => {})
    .start();
  trades.addData({ id: 'apple', amount: 1 }, { id: 'apple', amount: 2 }, { id: 'pear', amount: 3 });
  await query.processAllAvailable();
  assert.equal(await query.state('dedupe').count(), 2);
  assert.equal(await query.state('dedupe', { key: 'pear' }).count(), 1);
  assert.equal(await query.state('dedupe', { key: 'fig' }).count(), 0);
  assert.throws(() => query.state(1), { code: 'OPTION_INVALID' });
  assert.throws(() => query.state(0, { key: { other: 'pear' } }), { code: 'ARGUMENT_INVALID', message: /columns id/ });
  assert.throws(() => query.state(0, { from: new Date() }), { code: 'OPTION_INVALID', message: /no windows/ });
  // It would be the newest state all the same.
  assert.throws(() => query.state(0, { batchId: 0 } as object), { code: 'OPTION_INVALID', message: /batchId.*newest batch/ });
  await query.stop();
  const { query: program } = await startTotals();
  assert.throws(() => program.state(0, 'nope'), { code: 'STDS_INVALID_OPTION_VALUE.WITH_MESSAGE', message: /nope is not defined/ });
  assert.throws(() => program.state(0), { code: 'STDS_REQUIRED_OPTION_UNSPECIFIED' });
  await program.stop();
});

test('a key of bytes is a value like any other', async () => {
  const blobs = new MemoryStream(session, schema({ blob: 'binary' }));
  const query = await blobs
    .toDF()
    .groupBy('blob')
    .count()
    .writeStream.outputMode('update')
    .foreachBatch(() => {})
    .start();
  blobs.addData({ blob: Uint8Array.of(1, 2) }, { blob: Uint8Array.of(1, 2) }, { blob: Uint8Array.of(3) });
  await query.processAllAvailable();
  const rows = (await query.state(0, { key: Uint8Array.of(1, 2) }).collect()) as any[];
  assert.deepEqual(
    rows.map(({ value }) => value.count),
    [2n],
  );
  await query.stop();
});

const Sale = schema({ fruit: 'string', amount: 'int', ts: 'timestamp' });
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12) + second * 1000);

/** Starts a query over sales, and lets some through. */
async function startSales(build: (sales: DataFrame<any>) => DataFrame<any>, outputMode: 'append' | 'update' = 'append') {
  const sales = new MemoryStream(session, Sale);
  const frame = build(sales.toDF().withWatermark('ts', '1 minute'));
  const query = await frame.writeStream
    .outputMode(outputMode)
    .foreachBatch(() => {})
    .start();
  sales.addData({ fruit: 'apple', amount: 1, ts: at(1) }, { fruit: 'pear', amount: 2, ts: at(2) }, { fruit: null, amount: 9, ts: at(3) });
  await query.processAllAvailable();
  sales.addData({ fruit: 'apple', amount: 3, ts: at(11) }, { fruit: 'apple', amount: 4, ts: at(23) });
  await query.processAllAvailable();
  return query;
}

const counted = async (frame: DataFrame<any>) =>
  (await frame.select(expr("concat_ws(' ', key.fruit, value.count)").as('t')).collect()).map((row: any) => row.t).sort();

test('windows of one key and of a range of event time', async () => {
  const query = await startSales((sales) => sales.groupBy(window('ts', '10 seconds'), 'fruit').count());
  const state = (request = {}) => counted(query.state('stateStoreSave', request));
  assert.deepEqual(await state(), ['1', 'apple 1', 'apple 1', 'apple 1', 'pear 1']);
  assert.deepEqual(await state({ key: 'apple' }), ['apple 1', 'apple 1', 'apple 1']);
  assert.deepEqual(await state({ key: { fruit: null } }), ['1']);
  assert.deepEqual(await state({ key: 'apple', from: at(10), until: at(20) }), ['apple 1']);
  assert.deepEqual(await state({ until: at(10) }), ['1', 'apple 1', 'pear 1']);
  assert.deepEqual(await state({ from: at(20), until: at(20) }), []);
  const typed = query.state<{ value: { count: bigint } }>(0, { key: 'pear' });
  const [row] = await typed.collect();
  assert.equal(row?.value.count, 1n);
  await query.stop();
});

test('sessions, groups without a window, and the rows of a join', async () => {
  const sessions = await startSales((sales) => sales.groupBy('fruit', sessionWindow('ts', '11 seconds')).count());
  assert.deepEqual(await counted(sessions.state(0, { key: 'apple' })), ['apple 1', 'apple 2']);
  assert.deepEqual(await counted(sessions.state(0, { from: at(25) })), ['apple 1']);
  await sessions.stop();
  const groups = await startSales((sales) => sales.groupBy('fruit').count(), 'update');
  assert.deepEqual(await counted(groups.state(0, { key: 'apple' })), ['apple 3']);
  assert.deepEqual(await counted(groups.state(0)), ['1', 'apple 3', 'pear 1']);
  await groups.stop();
  const joined = await startSales((sales) => {
    const others = new MemoryStream(session, Sale)
      .toDF()
      .withWatermark('ts', '1 minute')
      .select(col('fruit').as('other'), col('ts').as('otherTs'));
    return sales.join(others, expr('fruit = other and otherTs between ts and ts + interval 5 seconds'));
  });
  const amounts = async (request: { key?: unknown; storeName?: string }) =>
    (
      await joined
        .state(0, { joinSide: request.storeName === undefined ? 'left' : undefined, ...request } as any)
        .select(expr('to_json(value)').as('v'))
        .collect()
    ).map((row: any) => row.v);
  assert.deepEqual(
    (await amounts({ key: { field0: 'apple' } })).map((text) => JSON.parse(text).amount),
    [1, 3, 4],
  );
  assert.deepEqual(await amounts({ key: 'pear', storeName: 'left-keyToNumValues' }), ['{"value":1}']);
  assert.throws(() => joined.state(0), { code: 'STDS_FAILED_TO_READ_STATE_SCHEMA' });
  await joined.stop();
});

test('a variable of one key, its lists as wholes, and keys that the program computes', async () => {
  const { trades, query } = await startTotals();
  trades.addData({ id: 'apple', amount: 10 }, { id: 'apple', amount: 5 }, { id: 'pear', amount: 3 });
  await query.processAllAvailable();
  assert.deepEqual(await totalsOf(query.state(0, { stateVarName: 'total', key: 'apple' })), ['apple 15']);
  const whole = query.state(0, { stateVarName: 'amounts', key: 'apple', flattenCollectionTypes: false });
  assert.deepEqual(await whole.select(expr('to_json(list_value)').as('v')).collect(), [{ v: '[10,5]' }]);
  await query.stop();
  const computed = new MemoryStream(session, Trade);
  const byFunction = await computed
    .toDF()
    .groupByKey((row) => [row.id, (row.amount ?? 0) > 4])
    .mapGroupsWithState({ state: schema({ n: 'int' }), output: schema({ n: 'int' }) }, (_key, rows, state) => {
      state.update({ n: rows.length });
      return { n: rows.length };
    })
    .writeStream.outputMode('update')
    .foreachBatch(() => {})
    .start();
  computed.addData({ id: 'apple', amount: 10 }, { id: 'apple', amount: 1 }, { id: 'pear', amount: 3 });
  await byFunction.processAllAvailable();
  assert.equal(await byFunction.state(0, { key: ['apple', true] }).count(), 1);
  assert.equal(await byFunction.state(0, { key: ['pear', true] }).count(), 0);
  assert.equal(await byFunction.state(0).count(), 3);
  await byFunction.stop();
});
