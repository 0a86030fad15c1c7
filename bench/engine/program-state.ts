// The program's own functions: running totals over 100,000 keys, rows in memory, in batches of several sizes. Rows a CPU second, all threads counted.
import { DataFrame, type ResultBatch, Session, schema } from 'millrace';
import { encodeColumns } from '../../dist/batch/encode-columns.js';
import { parseDdl } from '../../dist/engine/analyzer.js';
import { nextSourceNumber, readNode } from '../../dist/plan/relation.js';
import { MemorySource } from '../../dist/source/memory.js';
import { Draws } from '../data/splitmix64.ts';
import { median, type Row, report, rounded } from '../harness/report.ts';

const KEYS = 100_000;
const PASSES = 5;
const Purchase = schema({ user: 'string', amount: 'int' });

type PurchaseFrame = DataFrame<{ user: string | null; amount: number | null }>;

const WAYS: Readonly<Record<string, (frame: PurchaseFrame) => DataFrame<any>>> = {
  transformWithState: (frame) =>
    frame
      .groupByKey((row) => row.user)
      .transformWithState({
        state: { total: { type: 'value', of: schema({ total: 'long' }) } },
        output: schema({ user: 'string', total: 'long' }),
        handleInputRows(user, rows, { state }) {
          let total = state.total.get()?.total ?? 0n;
          for (const row of rows) total += BigInt(row.amount ?? 0);
          state.total.update({ total });
          return [{ user, total }];
        },
      }),
  flatMapGroupsWithState: (frame) =>
    frame
      .groupByKey((row) => row.user)
      .flatMapGroupsWithState(
        { outputMode: 'update', state: schema({ total: 'long' }), output: schema({ user: 'string', total: 'long' }) },
        (user, rows, state) => {
          let total = state.getOption()?.total ?? 0n;
          for (const row of rows) total += BigInt(row.amount ?? 0);
          state.update({ total });
          return [{ user, total }];
        },
      ),
};

/** One query over batches of `rowsPerBatch` rows; the median of its CPU seconds a batch, the first one aside. */
async function measure(build: (frame: PurchaseFrame) => DataFrame<any>, rowsPerBatch: number): Promise<Row> {
  const session = Session.create();
  const number = nextSourceNumber();
  const columns = parseDdl(Purchase.ddl);
  const source = new MemorySource(number, columns);
  const plan = readNode({ source: number, format: 'columns', schema: Purchase.ddl, options: {} });
  const frame = new DataFrame(session, plan, new Map([[number, () => source.forQuery()]])) as PurchaseFrame;
  const totals = new Map<string, bigint>();
  let newest: ResultBatch<any> | null = null;
  const query = await build(frame)
    .writeStream.outputMode('update')
    .foreachBatch((batch) => {
      newest = batch;
    })
    .start();
  const [user, amount] = [new Draws(60), new Draws(61)];
  const cpuSeconds: number[] = [];
  for (let pass = 0; pass <= PASSES; pass += 1) {
    const first = pass * rowsPerBatch;
    const users = Array.from({ length: rowsPerBatch }, (_, row) => `user-${user.below(first + row, KEYS)}`);
    const amounts = Int32Array.from({ length: rowsPerBatch }, (_, row) => amount.below(first + row, 1000));
    users.forEach((name, row) => {
      totals.set(name, (totals.get(name) ?? 0n) + BigInt(amounts[row] ?? 0));
    });
    source.addBatch(encodeColumns(columns, { user: users, amount: amounts }));
    const before = process.cpuUsage();
    await query.processAllAvailable();
    const { user: own, system } = process.cpuUsage(before);
    if (pass > 0) cpuSeconds.push((own + system) / 1e6);
    check(newest, totals);
  }
  await query.stop();
  return { 'rows a batch': rowsPerBatch, 'M rows / CPU s': rounded(rowsPerBatch / 1e6 / median(cpuSeconds)) };
}

/** Every row that came out is its key's total so far. */
function check(batch: ResultBatch<any> | null, totals: ReadonlyMap<string, bigint>): void {
  for (const { user, total } of batch ?? []) {
    if (totals.get(user) !== total) throw new Error(`${user} has ${total}, not ${totals.get(user)}`);
  }
}

const rows: Row[] = [];
for (const [name, build] of Object.entries(WAYS)) {
  for (const rowsPerBatch of [100_000, 1_000_000]) rows.push({ 'running total by': name, ...(await measure(build, rowsPerBatch)) });
}
report('engine/program-state', rows);
