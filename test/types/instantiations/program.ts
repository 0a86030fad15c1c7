// A program of a usual kind and size: its type instantiations are counted, and may not grow unnoticed.
import {
  col,
  count,
  fromJson,
  MemoryStream,
  Session,
  schema,
  sum,
  toTimestamp,
  WindowAggregator,
  when,
  window,
} from '../../../src/index.js';

export const names = [col, count, fromJson, MemoryStream, Session, schema, sum, toTimestamp, WindowAggregator, when, window];

const session = Session.create({ timeZone: 'UTC' });
const Trade = schema({
  id: 'string',
  type: 'string',
  amount: 'int',
  price: 'decimal(10,2)',
  eventtime: 'timestamp',
  place: schema({ city: 'string' }),
});
const trades = new MemoryStream(session, Trade);

export const typed = trades
  .toDF()
  .withWatermark('eventtime', '10 minutes')
  .filter((row) => row.amount.gt(0).and(row.id.isNotNull()))
  .withColumn('profit', (row) => when(row.type.eq('sell'), row.amount.mul(-1)).otherwise(row.amount))
  .groupBy((row) => [window(row.eventtime, '5 minutes'), row.id])
  .agg((row) => ({ profit: sum(row.profit), turnover: sum(row.price), trades: count('*') }));

typed.writeStream.outputMode('update').foreachBatch((batch) => {
  for (const row of batch) names.push(row.window.start as never, row.profit as never, row.turnover as never);
});

export const untyped = session.readStream
  .format('kafka')
  .load()
  .select(col('value').cast('string'))
  .withColumn(
    'trade',
    fromJson(
      col('value'),
      'id STRING, type STRING, amount INT, price DECIMAL(10, 2), place STRUCT<city: STRING, at: ARRAY<DOUBLE>>, time STRING',
    ),
  )
  .select('trade.*')
  .withColumn('eventtime', toTimestamp(col('time'), 'dd-MM-yyyy-HH-mm'))
  .drop('time')
  .withColumn('profit', when(col('type').eq('sell'), col('amount').mul(-1)).otherwise(col('amount')))
  .groupBy(window('eventtime', '5 minutes'), col('id'), 'place.city')
  .agg(sum('profit').alias('profit'), count('*').alias('trades'));

trades.addData({ id: 'apple', type: 'buy', amount: 10, eventtime: new Date(0) });

export const aggregator = new WindowAggregator({
  schema: 'id STRING, amount INT, time STRING',
  eventTime: { column: 'time', pattern: 'dd-MM-yyyy-HH-mm' },
  window: { size: '5 minutes' },
  groupBy: ['id'],
  aggregates: { total: { sum: 'amount' }, n: { count: '*' } },
});
