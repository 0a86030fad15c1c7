// The profit job on a topic as a program of its own, started by bench-latency.ts: notes when each batch's result is delivered. At the end of
// its input it stops and prints one line of JSON.
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { col, count, fromJson, lit, Session, type StreamingQueryProgress, sum, toTimestamp, when, window } from 'millrace';

const { values: options } = parseArgs({
  options: {
    bootstrap: { type: 'string', default: '' },
    topic: { type: 'string', default: '' },
    checkpoint: { type: 'string', default: '' },
  },
});

/** One batch: when it was triggered and when its rows were delivered, in milliseconds since 1970. */
export interface DeliveredBatch {
  readonly triggeredMs: number;
  readonly deliveredMs: number;
  /** By partition: the offset behind the last record. */
  readonly endOffsets: Readonly<Record<string, number>>;
  readonly numInputRows: number;
  readonly durationMs: StreamingQueryProgress['durationMs'];
}

const deliveredMs = new Map<number, number>();
// Every report is kept: a run has thousands of batches.
const session = Session.create({ timeZone: 'UTC', conf: { 'spark.sql.streaming.numRecentProgressUpdates': 1_000_000 } });
const query = await session.readStream
  .format('kafka')
  .option('kafka.bootstrap.servers', options.bootstrap)
  .option('subscribe', options.topic)
  .option('startingOffsets', 'earliest')
  .load()
  .select(col('value').cast('string').alias('value'))
  .withColumn('trade', fromJson(col('value'), 'id STRING, type STRING, amount INT, time STRING'))
  .select('trade.*')
  .withColumn('eventtime', toTimestamp(col('time'), 'dd-MM-yyyy-HH-mm'))
  .withColumn('profit', when(col('type').eq('sell'), col('amount').mul(-1)).otherwise(col('amount')))
  .withWatermark('eventtime', '10 minutes')
  .groupBy(window('eventtime', '5 minutes'), col('id'))
  .agg(sum('profit').alias('profit'), count(lit(1)).alias('trades'))
  .writeStream.outputMode('update')
  .option('checkpointLocation', options.checkpoint)
  .foreachBatch((batch) => {
    deliveredMs.set(batch.batchId, performance.timeOrigin + performance.now());
  })
  .start();
process.stdin.resume();
process.stdin.once('end', () => query.stop());
await query.awaitTermination();

const batches = query.recentProgress.flatMap((progress): DeliveredBatch[] => {
  const delivered = deliveredMs.get(progress.batchId);
  const offsets = (progress.sources[0]?.endOffset ?? {}) as unknown as Record<string, Record<string, number>>;
  if (delivered === undefined) return [];
  const { timestamp, numInputRows, durationMs } = progress;
  return [
    { triggeredMs: Date.parse(timestamp), deliveredMs: delivered, endOffsets: offsets[options.topic] ?? {}, numInputRows, durationMs },
  ];
});
console.log(JSON.stringify(batches));
