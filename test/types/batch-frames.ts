// Row types of batch DataFrames: rows in memory, SQL text, views, sorting, actions.
import { asc, col, countDistinct, desc, expr, MemoryStream, type ResultBatch, Session, schema, sum, sumDistinct } from '../../src/index.js';
import { type Equal, expectType } from './equal.js';

const session = Session.create();

// Rows are checked against the schema, and give it to the DataFrame.
const Trade = schema({ id: 'string not null', amount: 'int', volume: 'long', at: 'timestamp' });
const trades = session.createDataFrame([{ id: 'a', amount: 1, volume: 2 }, { id: 'b', at: new Date(0) }, ['c', 1, 2n, null]], Trade);
expectType<Equal<typeof trades.row, { id: string; amount: number | null; volume: bigint | null; at: Date | null }>>();
const byDdl = session.createDataFrame([{ id: 'a', amount: 1 }], 'id STRING, amount INT NOT NULL');
expectType<Equal<typeof byDdl.row, { id: string | null; amount: number }>>();
const byType = session.createDataFrame([{ anything: 1 }], trades.schema);
expectType<Equal<typeof byType.row, Record<string, unknown>>>();
const textAtRunTime = session.createDataFrame([{ anything: 1 }], 'id STRING' as string);
expectType<Equal<typeof textAtRunTime.row, Record<string, unknown>>>();
// @ts-expect-error: id may not be left out
session.createDataFrame([{ amount: 1 }], Trade);
// @ts-expect-error: there is no column 'amuont'
session.createDataFrame([{ id: 'a', amuont: 1 }], Trade);
// @ts-expect-error: an amount is a number
session.createDataFrame([{ id: 'a', amount: '1' }], 'id STRING, amount INT');
// @ts-expect-error: rows come as a list
session.createDataFrame({ id: 'a' }, Trade);
const numbers = session.range(0, 10, 2);
expectType<Equal<typeof numbers.row, { id: bigint }>>();

expectType<Equal<typeof files.row, { id: string | null; n: number | null }>>();
const files = session.read.schema('id STRING, n INT').json('./trades');
expectType<Equal<typeof lines.row, { value: string | null }>>();
const lines = session.read.text('./trades');

// What is written as text has types at run time only; a filter keeps those that there are.
const selected = trades.selectExpr('id', 'amount * 2 AS twice');
expectType<Equal<typeof selected.row, Record<string, unknown>>>();
const queried = session.sql('SELECT * FROM trades');
expectType<Equal<typeof queried.row, Record<string, unknown>>>();
const kept = trades.filter('amount > 1').where(expr('amount < 5')).where(col('amount').lt(5));
expectType<Equal<typeof kept.row, typeof trades.row>>();
const named = trades.select(expr('amount + 1').alias('next'), 'id');
expectType<Equal<typeof named.row, { next: unknown; id: string }>>();
const table = session.table<{ id: string }>('trades');
expectType<Equal<typeof table.row, { id: string }>>();

// Sorting, limits and names leave the row as it is.
const sorted = trades
  .orderBy('id', col('amount').desc(), desc('at'), asc(col('volume')))
  .sort('id')
  .limit(5)
  .offset(1)
  .distinct()
  .alias('t');
expectType<Equal<typeof sorted.row, typeof trades.row>>();
// @ts-expect-error: there is no column 'amuont'
trades.orderBy('amuont');
const totals = trades
  .groupBy('id')
  .agg(countDistinct('amount', 'at').alias('n'), sumDistinct('amount').alias('s'), sum('volume').alias('v'));
expectType<Equal<typeof totals.row, { id: string; n: bigint; s: bigint | null; v: bigint | null }>>();

// Actions.
const rows = trades.select('id', 'amount').collect();
expectType<Equal<typeof rows, Promise<{ id: string; amount: number | null }[]>>>();
const first = numbers.first();
expectType<Equal<typeof first, Promise<{ id: bigint } | null>>>();
const head = numbers.head(2);
expectType<Equal<typeof head, Promise<{ id: bigint }[]>>>();
const batch = numbers.toResultBatch();
expectType<Equal<typeof batch, Promise<ResultBatch<{ id: bigint }>>>>();
trades.count() satisfies Promise<number>;
trades.show(20, false, true) satisfies Promise<void>;
new MemoryStream(session, Trade).toDF().isStreaming satisfies boolean;
