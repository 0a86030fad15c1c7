// The program's own functions: running totals by key, rows in memory, in batches of several sizes. Rows a CPU second, all threads counted.
import { DataFrame, type ResultBatch, Session, schema } from 'millrace';
import { encodeColumns } from '../../dist/batch/encode-columns.js';
import { parseDdl } from '../../dist/engine/analyzer.js';
import { nextSourceNumber, readNode } from '../../dist/plan/relation.js';
import { MemorySource } from '../../dist/source/memory.js';
import { Draws } from '../data/splitmix64.ts';
import { median, type Row, report, rounded } from '../harness/report.ts';
import * as totals from '../job/running-totals.ts';

/** Keys, rows a batch, and the batches that are measured; those before them, which warm the functions up, are not. */
const SIZES = [
  { keys: 100_000, rowsPerBatch: 100_000, batches: 20 },
  { keys: 10_000, rowsPerBatch: 100_000, batches: 20 },
  { keys: 100_000, rowsPerBatch: 1_000_000, batches: 5 },
] as const;
const WARM_UP_ROWS = 1_000_000;
const Purchase = schema({ user: 'string', amount: 'int' });
const { state, output } = totals;

type PurchaseFrame = DataFrame<{ user: string | null; amount: number | null }>;

const WAYS: Readonly<Record<string, (frame: PurchaseFrame) => DataFrame<any>>> = {
  'transformWithState, a closure': (frame) =>
    frame.groupByKey((row) => row.user).transformWithState({ state, output, handleInputRows: totals.handleInputRows }),
  'transformWithState, a module': (frame) =>
    frame.groupByKey((row) => row.user).transformWithState({ state, output, module: new URL('../job/running-totals.ts', import.meta.url) }),
  'flatMapGroupsWithState, a closure': (frame) =>
    frame.groupByKey((row) => row.user).flatMapGroupsWithState({ outputMode: 'update', state: state.total.of, output }, totals.addToTotal),
};

/** One query over batches; the median of its CPU seconds a batch. */
async function measure(
  build: (frame: PurchaseFrame) => DataFrame<any>,
  { keys, rowsPerBatch, batches }: (typeof SIZES)[number],
): Promise<Row> {
  const session = Session.create();
  const number = nextSourceNumber();
  const columns = parseDdl(Purchase.ddl);
  const source = new MemorySource(number, columns);
  const plan = readNode({ source: number, format: 'columns', schema: Purchase.ddl, options: {} });
  const frame = new DataFrame(session, plan, new Map([[number, () => source.forQuery()]])) as PurchaseFrame;
  let newest = null as ResultBatch<any> | null;
  const query = await build(frame)
    .writeStream.outputMode('update')
    .foreachBatch((batch) => {
      newest = batch;
    })
    .start();
  // All rows are there before the first of them counts, so that making them leaves nothing to clean up in between.
  const expected = new Float64Array(keys);
  const given = Array.from({ length: WARM_UP_ROWS / rowsPerBatch + batches }, (_, batch) => {
    const { users, amounts } = purchases(batch * rowsPerBatch, rowsPerBatch, keys);
    users.forEach((user, row) => {
      expected[user] = (expected[user] as number) + (amounts[row] as number);
    });
    return { encoded: encodeColumns(columns, { user: Array.from(users, nameOf), amount: amounts }), numKeys: new Set(users).size };
  });
  const cpuSeconds: number[] = [];
  for (const [batch, { encoded, numKeys }] of given.entries()) {
    source.addBatch(encoded);
    const before = process.cpuUsage();
    await query.processAllAvailable();
    const { user: own, system } = process.cpuUsage(before);
    if (batch * rowsPerBatch >= WARM_UP_ROWS) cpuSeconds.push((own + system) / 1e6);
    if (newest?.numRows !== numKeys) throw new Error(`${newest?.numRows} rows came out, not ${numKeys}`);
  }
  check(newest, expected);
  await query.stop();
  return { keys, 'rows a batch': rowsPerBatch, 'M rows / CPU s': rounded(rowsPerBatch / 1e6 / median(cpuSeconds)) };
}

function purchases(first: number, count: number, keys: number): { readonly users: Int32Array; readonly amounts: Int32Array } {
  const [user, amount] = [new Draws(60), new Draws(61)];
  return {
    users: Int32Array.from({ length: count }, (_, row) => user.below(first + row, keys)),
    amounts: Int32Array.from({ length: count }, (_, row) => amount.below(first + row, 1000)),
  };
}

function nameOf(user: number): string {
  return `user-${user}`;
}

/** The rows of the last batch are its keys' totals over all batches. */
function check(batch: ResultBatch<any> | null, expected: Float64Array): void {
  for (const { user, total } of batch ?? []) {
    const sum = expected[Number(user.slice(nameOf(0).length - 1))];
    if (Number(total) !== sum) throw new Error(`${user} has ${total}, not ${sum}`);
  }
}

const rows: Row[] = [];
for (const [name, build] of Object.entries(WAYS)) {
  for (const size of SIZES) rows.push({ 'running total by': name, ...(await measure(build, size)) });
}
report('engine/program-state', rows);
