// job.ts WORK PATH INPUT RESULT: W1 and W2 on millrace, by the public API alone (the contract of the other peers' jobs).
import fs from 'node:fs';
import { col, count, fromJson, lit, Session, sum, timestampMillis, toTimestamp, when, window } from 'millrace';

const [work, path, input, out] = process.argv.slice(-4);
const session = Session.create({ timeZone: 'UTC' });
const raw =
  path === 'file'
    ? session.readStream.format('text').load(input!)
    : session.readStream
        .format('kafka')
        .option('kafka.bootstrap.servers', process.env.BOOTSTRAP!)
        .option('subscribe', input!)
        .option('startingOffsets', 'earliest')
        .load();
const value = raw.select(col('value').cast('string'));
const counts =
  work === 'W1'
    ? value
        .withColumn('e', fromJson(col('value'), 'id STRING, type STRING, amount INT, time STRING'))
        .select('e.*')
        .withColumn('ts', toTimestamp(col('time'), 'dd-MM-yyyy-HH-mm'))
        .withColumn('profit', when(col('type').eq('sell'), col('amount').mul(-1)).otherwise(col('amount')))
        .withWatermark('ts', '10 minutes')
        .groupBy(window('ts', '5 minutes'), col('id'))
        .agg(sum('profit').alias('s'), count(lit(1)).alias('n'))
    : value
        .withColumn('e', fromJson(col('value'), 'ad_id STRING, event_type STRING, event_time BIGINT'))
        .select('e.*')
        .filter(col('event_type').eq('view'))
        .join(session.read.format('csv').option('header', true).schema('ad_id STRING, campaign_id STRING').load(process.env.ADS!), 'ad_id')
        .withColumn('ts', timestampMillis(col('event_time')))
        .withWatermark('ts', '10 seconds')
        .groupBy(window('ts', '10 seconds'), col('campaign_id'))
        .agg(count(lit(1)).alias('n'));
const file = fs.createWriteStream(out!);
const query = await counts.writeStream
  .outputMode('append')
  .trigger({ availableNow: true })
  .foreachBatch(async (batch) => {
    let text = '';
    for (const r of batch as Iterable<any>)
      text +=
        work === 'W1' ? `${r.window.start.getTime()},${r.id},${r.s},${r.n}\n` : `${r.window.start.getTime()},${r.campaign_id},${r.n}\n`;
    file.write(text);
  })
  .start();
await query.awaitTermination();
await new Promise<void>((done) => file.end(() => done()));
console.log('PEER ' + JSON.stringify({ progress: query.lastProgress?.batchId }));
