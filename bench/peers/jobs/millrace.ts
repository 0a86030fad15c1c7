// The peer workloads on millrace, by the public API alone: `millrace run bench/peers/jobs/millrace.ts -- WORKLOAD PATH INPUT RESULT`.
// PATH: file (NDJSON), parquet, kafka (INPUT is a topic of the broker BOOTSTRAP). RESULT: lines of `window start in ms,key,figures`.
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Column,
  col,
  concat,
  concatWs,
  count,
  type DataFrame,
  expr,
  fromJson,
  lit,
  max,
  type ResultBatch,
  Session,
  sessionWindow,
  sum,
  timestampMillis,
  toTimestamp,
  unixMillis,
  when,
  window,
} from 'millrace';

const [workload = '', path = '', input = '', output = ''] = process.argv.slice(-4);

const session = Session.create({ timeZone: 'UTC' });

/** The options of a source of files: with large state a file a micro-batch, so that state goes as its windows close. */
const FILE_OPTIONS: Readonly<Record<string, number>> = /^W[12]$/.test(workload) ? {} : { maxFilesPerTrigger: 1 };

/** The lines of the files or the values of the topic. */
function lines(folder: string): DataFrame<any> {
  if (path === 'file') return session.readStream.format('text').options(FILE_OPTIONS).load(folder);
  return session.readStream
    .format('kafka')
    .option('kafka.bootstrap.servers', process.env['BOOTSTRAP'] ?? '')
    .option('subscribe', input)
    .option('startingOffsets', 'earliest')
    .load()
    .select(col('value').cast('string').alias('value'));
}

function parsed(ddl: string, folder = input): DataFrame<any> {
  return lines(folder)
    .withColumn('event', fromJson(col('value'), ddl))
    .select('event.*') as DataFrame<any>;
}

/** Columnar files. */
function columns(ddl: string, folder = input): DataFrame<any> {
  return session.readStream.format('parquet').options(FILE_OPTIONS).schema(ddl).load(folder) as DataFrame<any>;
}

function trades(): DataFrame<any> {
  return parsed('id STRING, type STRING, amount INT, time STRING')
    .withColumn('ts', toTimestamp(col('time'), 'dd-MM-yyyy-HH-mm'))
    .withColumn('profit', when(col('type').eq('sell'), col('amount').mul(-1)).otherwise(col('amount')))
    .withWatermark('ts', '10 minutes')
    .groupBy(window('ts', '5 minutes'), col('id'))
    .agg(sum('profit').alias('s'), count(lit(1)).alias('n'))
    .select(unixMillis('window.start').alias('w'), col('id'), col('s'), col('n'));
}

function adViews(): DataFrame<any> {
  const ads = session.read
    .format('csv')
    .option('header', true)
    .schema('ad_id STRING, campaign_id STRING')
    .load(process.env['ADS'] ?? '');
  return parsed('ad_id STRING, event_type STRING, event_time BIGINT')
    .filter(col('event_type').eq('view'))
    .join(ads, 'ad_id')
    .withColumn('ts', timestampMillis(col('event_time')))
    .withWatermark('ts', '10 seconds')
    .groupBy(window('ts', '10 seconds'), col('campaign_id'))
    .agg(count(lit(1)).alias('n'))
    .select(unixMillis('window.start').alias('w'), col('campaign_id'), col('n'));
}

/** Nexmark's events, those of `ddl`, with the time `ts`. */
function events(ddl: string, folder = input): DataFrame<any> {
  const rows =
    path === 'parquet'
      ? columns(`${ddl}, ts TIMESTAMP`, folder)
      : parsed(`${ddl}, dateTime BIGINT`, folder).withColumn('ts', timestampMillis(col('dateTime')));
  return rows.withWatermark('ts', '4 seconds');
}

function bids(): DataFrame<any> {
  return events('auction BIGINT, bidder BIGINT, price BIGINT');
}

/** Bids counted by `key` and the time range that `range` makes. */
function bidCounts(range: Column, key: string): DataFrame<any> {
  return bids()
    .groupBy(range.alias('range'), col(key))
    .agg(count(lit(1)).alias('n'));
}

function shown(counts: DataFrame<any>, ...names: string[]): DataFrame<any> {
  return counts.select(unixMillis('range.start').alias('w'), ...names.map((name) => col(name)));
}

/** Of each window the auctions with the most bids. */
function hottestAuctions(): DataFrame<any> {
  const counts = bidCounts(window('ts', '10 seconds', '2 seconds'), 'auction');
  const highest = counts.groupBy(col('range')).agg(max('n').alias('n'));
  return shown(counts.join(highest, ['range', 'n']), 'auction', 'n');
}

/** Who came and who sold something, in the same window. */
function newSellers(): DataFrame<any> {
  const range = window('ts', '10 seconds').alias('range');
  const people = events('id BIGINT, name STRING', join(input, 'persons'))
    .groupBy(range, col('id'), col('name'))
    .agg(count(lit(1)).alias('n'));
  const sellers = events('seller BIGINT', join(input, 'auctions'))
    .groupBy(range, col('seller').alias('id'))
    .agg(count(lit(1)).alias('m'));
  return shown(people.join(sellers, ['range', 'id']), 'id', 'name');
}

function highestBids(): DataFrame<any> {
  return bids()
    .groupBy(window('ts', '10 seconds'))
    .agg(max('price').alias('p'), count(lit(1)).alias('n'))
    .select(unixMillis('window.start').alias('w'), lit('all').alias('all'), col('p'), col('n'));
}

/** The share of each group in the check sum that stands for millions of result rows. */
function manyKeys(): DataFrame<any> {
  return columns('key BIGINT, ts TIMESTAMP, value BIGINT')
    .withWatermark('ts', '10 seconds')
    .groupBy(window('ts', '1 minute'), col('key'))
    .agg(sum('value').alias('s'), count(lit(1)).alias('n'))
    .select(expr('cast((unix_millis(window.start) div 60000 % 1000 + key * 7 + s * 13 + n * 101) % 1000003 as int)').alias('share'));
}

const QUERIES: Readonly<Record<string, () => DataFrame<any>>> = {
  W1: trades,
  W2: adViews,
  'W3-q5counts': () => shown(bidCounts(window('ts', '10 seconds', '2 seconds'), 'auction'), 'auction', 'n'),
  'W3-q5': hottestAuctions,
  'W3-q7': highestBids,
  'W3-q8': newSellers,
  'W3-q11': () => shown(bidCounts(sessionWindow('ts', '10 seconds'), 'bidder'), 'bidder', 'n'),
  'W3-q12': () => shown(bidCounts(window('ts', '10 seconds'), 'bidder'), 'bidder', 'n'),
  W4: manyKeys,
};

/** Rows as lines of text, which the file takes as they lie in the batch. */
function asLines(rows: DataFrame<any>): DataFrame<any> {
  return rows.select(concat(concatWs(',', ...rows.columns.map((name) => col(name))), lit('\n')).alias('line'));
}

const rows = QUERIES[workload]?.();
if (rows === undefined) throw new Error(`${workload} is none of ${Object.keys(QUERIES).join(', ')}`);
const file = openSync(output, 'w');
let [groups, checkSum] = [0, 0];
const running = await (workload === 'W4' ? rows : asLines(rows)).writeStream
  .outputMode('append')
  .trigger({ availableNow: true })
  .foreachBatch((batch) => (workload === 'W4' ? addShares(batch) : writeLines(batch)))
  .start();
await running.awaitTermination();
if (workload === 'W4') writeFileSync(file, `0,check,${groups},${checkSum}\n`);
closeSync(file);
console.log(`PEER ${JSON.stringify({ batches: running.recentProgress.length })}`);

function addShares(batch: ResultBatch): void {
  groups += batch.numRows;
  for (const share of batch.column('share').values as Int32Array) checkSum += share;
}

function writeLines(batch: ResultBatch): void {
  writeFileSync(file, batch.column('line').values as Uint8Array);
}
