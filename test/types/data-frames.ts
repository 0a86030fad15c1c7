// How row types flow from a source to a sink.
import {
  avg,
  col,
  count,
  type DataFrame,
  type Decimal,
  type Double,
  fromJson,
  lit,
  MemoryStream,
  max,
  min,
  Session,
  schema,
  sessionWindow,
  sum,
  toTimestamp,
  when,
  window,
} from '../../src/index.js';
import { type Equal, expectType } from './equal.js';

const session = Session.create({ timeZone: 'UTC', conf: { 'spark.sql.ansi.enabled': false, 'millrace.workers': 2 } });
const trades = new MemoryStream(
  session,
  schema({
    id: 'string',
    amount: 'int',
    price: 'double',
    exact: 'decimal(10,2)',
    at: 'timestamp',
    place: schema({ city: 'string not null' }),
  }),
).toDF();

// Names are checked, and completed.
expectType<Equal<typeof renamed.row, { symbol: string | null; n: number | null }>>();
const renamed = trades.select('id', 'amount').withColumnRenamed('id', 'symbol').withColumnsRenamed({ amount: 'n' });
// @ts-expect-error: there is no column 'amuont'
trades.select('amuont');
// @ts-expect-error: nor here
trades.drop('amuont');
// @ts-expect-error: nor here
trades.withWatermark('amuont', '1 minute');
// @ts-expect-error: nor here
trades.filter((row) => row.amuont.gt(1));
// @ts-expect-error: nor here
trades.groupBy('amuont');
// @ts-expect-error: nor here
trades.groupBy('id').sum('amuont');
// @ts-expect-error: text has no sum
trades.groupBy('amount').sum('id');
// @ts-expect-error: a filter needs a condition
trades.filter((row) => row.amount);
// @ts-expect-error: and so does this one
trades.filter(lit(5));

// Structs, stars and paths; columns by name get their type from the row.
const selected = trades.select('place.*', 'place.city', col('amount').alias('n'), col('place.city').alias('town'), col('missing'));
expectType<Equal<typeof selected.row, { city: string | null; n: number | null; town: string | null; missing: unknown }>>();
const everything = trades.select('*', lit(1).alias('one'));
expectType<Equal<(typeof everything.row)['id'], string | null>>();
expectType<Equal<(typeof everything.row)['one'], number>>();
const computed = trades.select((row) => ({ twice: row.amount.mul(2), city: row.place.getField('city') }));
expectType<Equal<typeof computed.row, { twice: number | null; city: string | null }>>();
const replaced = trades
  .select('id', 'amount')
  .withColumn('amount', (row) => row.amount.cast('string'))
  .withColumns((row) => ({ up: row.id.eq('a') }));
expectType<Equal<typeof replaced.row, { id: string | null; amount: string | null; up: boolean | null }>>();

// Aggregates, by columns and by callbacks.
const totals = trades
  .withWatermark('at', '10 minutes')
  .groupBy(window('at', '5 minutes'), col('id'))
  .agg(
    sum('amount'),
    sum('price').alias('turnover'),
    sum(col('exact')),
    avg('price').alias('mean'),
    count('*').alias('n'),
    count(lit(1)),
    min('at'),
    max(col('id')),
  );
expectType<
  Equal<
    typeof totals.row,
    {
      window: { readonly start: Date; readonly end: Date };
      id: string | null;
      'sum(amount)': bigint | null;
      turnover: Double | null;
      'sum(exact)': Decimal | null;
      mean: Double | null;
      n: bigint;
      'count(1)': bigint;
      'min(at)': Date | null;
      'max(id)': string | null;
    }
  >
>();
const byCallback = trades
  .groupBy((row) => [window(row.at, '5 minutes'), row.id])
  .agg((row) => ({ total: sum(row.amount), volume: sum(row.price) }));
const start: Date = byCallback.row.window.start;
const total: bigint | null = byCallback.row.total;
const volume: number | null = byCallback.row.volume;
const counted = trades.groupBy('id').count();
expectType<Equal<typeof counted.row, { id: string | null; count: bigint }>>();
const short = trades.groupBy().sum('amount', 'price');
expectType<Equal<typeof short.row, { 'sum(amount)': bigint | null; 'sum(price)': Double | null }>>();
// @ts-expect-error: a string column has no sum
trades.groupBy('id').agg((row) => ({ bad: sum(row.id) }));

// The profit program: one of two sources, then JSON.
declare const isKafka: boolean;
const input = isKafka ? session.readStream.format('kafka').load() : session.readStream.format('text').load('trades.ndjson');
const profit = input
  .select(col('value').cast('string'))
  .withColumn('trade', fromJson(col('value'), 'id STRING, type STRING, amount INT, time STRING'))
  .select('trade.*')
  .withColumn('eventtime', toTimestamp(col('time'), 'dd-MM-yyyy-HH-mm'))
  .drop('time')
  .withColumn('profit', (row) => when(row.type.eq('sell'), row.amount.mul(-1)).otherwise(row.amount))
  .groupBy(window('eventtime', '5 minutes'))
  .agg(sum('profit').alias('profit'));
expectType<Equal<typeof profit.row, { window: { readonly start: Date; readonly end: Date }; profit: bigint | null }>>();
// @ts-expect-error: the two sources share no column 'topic'
input.select('topic');

// Readers: formats that fix their columns, and schemas.
expectType<Equal<(typeof rate.row)['value'], bigint | null>>();
const rate = session.readStream.format('rate').option('rowsPerSecond', 5).load();
expectType<Equal<typeof json.row, { id: string | null; n: number | null }>>();
const json = session.readStream.schema('id STRING, n INT').json('./trades');
const untyped: DataFrame = session.readStream
  .format('json')
  .schema('id STRING' as string)
  .load('./trades');
untyped.select('anything').filter(col('whatever').gt(1)).groupBy('anything').agg(sum('other'));

// A DataFrame without a row type takes any; one with more columns is one with fewer.
const asUntyped: DataFrame<unknown> = trades;
const fewer: DataFrame<{ id: string | null }> = trades;
// @ts-expect-error: there is no such column
const more: DataFrame<{ nothing: string }> = trades;

// Rows that are added: nullable columns may be left out, misspelt ones may not be put in.
const stream = new MemoryStream(session, schema({ id: 'string not null', n: 'long', at: 'timestamp' }));
stream.addData({ id: 'a' }, { id: 'b', n: 1n }, { id: 'c', n: 1, at: new Date(0) });
// @ts-expect-error: id may not be left out
stream.addData({ n: 1n });
// @ts-expect-error: there is no column 'idd'
stream.addData({ id: 'a', idd: 'b' });
// @ts-expect-error: a time is a Date
stream.addData({ id: 'a', at: '2020-04-20' });

// Sinks see the rows.
byCallback.writeStream.foreachBatch((batch, batchId: number) => {
  for (const row of batch) {
    row.total satisfies bigint | null;
    row.window.end satisfies Date;
    batchId satisfies number;
  }
  batch.column('total').get(0) satisfies bigint | null;
});
// @ts-expect-error: not an output mode
profit.writeStream.outputMode('everything');
// @ts-expect-error: not a trigger
profit.writeStream.trigger({ processingtime: '1 second' });

export { asUntyped, fewer, more, start, total, volume };

// Sessions are a struct column like windows; the gap may be a column. Deduplication keeps the row and checks the names.
const sessions = trades.groupBy(sessionWindow('at', '5 minutes'), 'id').agg(count('*').alias('n'));
expectType<Equal<typeof sessions.row, { session_window: { readonly start: Date; readonly end: Date }; id: string | null; n: bigint }>>();
trades.groupBy(sessionWindow('at', col('id')), 'id');
const once = trades.dropDuplicates(['id', 'at']);
expectType<Equal<typeof once.row, typeof trades.row>>();
// @ts-expect-error: there is no column 'idd'
trades.dropDuplicatesWithinWatermark(['idd']);
