import { Session, col, count, lit, sum, max, timestampMillis, window, sessionWindow } from 'millrace';
const [work, format, input, out] = process.argv.slice(-4);
const session = Session.create({ timeZone: 'UTC' });
const ddl = work === 'W4' ? 'key BIGINT, ts TIMESTAMP_NTZ, value BIGINT' : format === 'ndjson' ? 'auction BIGINT, bidder BIGINT, price BIGINT, dateTime BIGINT' : 'auction BIGINT, bidder BIGINT, price BIGINT, ts TIMESTAMP_NTZ';
const raw = session.readStream.format(format === 'parquet' ? 'parquet' : 'json').schema(ddl).load(input!);
const timed = raw.withColumn('t', format === 'ndjson' ? timestampMillis(col('dateTime')) : col('ts').cast('timestamp')).withWatermark('t', '10 seconds');
const q = {
  W4: () => timed.groupBy(window('t', '1 minute'), col('key')).agg(sum('value').alias('a'), count(lit(1)).alias('b')),
  q5: () => timed.groupBy(window('t', '10 seconds', '2 seconds'), col('auction')).agg(count(lit(1)).alias('a')),
  q7: () => timed.groupBy(window('t', '10 seconds')).agg(max('price').alias('a'), count(lit(1)).alias('b')),
  q12: () => timed.groupBy(window('t', '10 seconds'), col('bidder')).agg(count(lit(1)).alias('a')),
  q11: () => timed.groupBy(sessionWindow('t', '10 seconds'), col('bidder')).agg(count(lit(1)).alias('a')),
}[work!]!();
let rows = 0; let first = performance.now(); let cpu0 = process.cpuUsage();
const query = await q.writeStream.outputMode('append').trigger({ availableNow: true }).foreachBatch((batch) => { rows += batch.numRows; }).start();
await query.awaitTermination();
const cpu = process.cpuUsage(cpu0);
console.log(work, format, rows, 'rows out', ((cpu.user + cpu.system) / 1e6).toFixed(2), 'cpu s', ((performance.now() - first) / 1e3).toFixed(2), 's', (process.resourceUsage().maxRSS / 1024).toFixed(0), 'MiB', query.recentProgress.map((p) => JSON.stringify(p.durationMs) + p.numInputRows).join(' '));
