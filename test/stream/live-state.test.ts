// query.state(): the state of a running query as rows, between batches, without a checkpoint.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { col, type DataFrame, MemoryStream, type MillraceError, Session, schema } from 'millrace';

const session = Session.create({ timeZone: 'UTC', conf: { 'spark.sql.shuffle.partitions': 2 } });
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

test('keys of a deduplication; what is no operator, no variable, or no rows is refused', async () => {
  const trades = new MemoryStream(session, Trade);
  const query = await trades
    .toDF()
    .dropDuplicates(['id'])
    .writeStream.foreachBatch(() => {})
    .start();
  trades.addData({ id: 'apple', amount: 1 }, { id: 'apple', amount: 2 }, { id: 'pear', amount: 3 });
  await query.processAllAvailable();
  assert.equal(await query.state('dedupe').count(), 2);
  assert.throws(() => query.state(1), { code: 'OPTION_INVALID' });
  await query.stop();
  const sums = await trades
    .toDF()
    .groupBy('id')
    .count()
    .writeStream.outputMode('update')
    .foreachBatch(() => {})
    .start();
  assert.throws(() => sums.state(), { code: 'OPTION_INVALID' });
  await sums.stop();
  const { query: program } = await startTotals();
  assert.throws(() => program.state(0, 'nope'), /total, amounts/);
  await program.stop();
});
