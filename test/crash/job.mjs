// The program that crash tests kill: profit by window and id over files, written by the file sink into a folder for each id. ARGV: a folder with in/. JavaScript, for a
// quick start.
import { join } from 'node:path';
import { col, count, Session, sum, window } from 'millrace';

const folder = process.argv[2] ?? '.';
const conf = {
  // Batches go to a worker, so that the next one is begun while one is written.
  'millrace.inlineBytesMax': 0,
  'millrace.workers': 1,
  'spark.sql.shuffle.partitions': 2,
  'spark.sql.streaming.minBatchesToRetain': 3,
  'spark.sql.streaming.stateStore.minDeltasForSnapshot': 2,
};
const query = await Session.create({ conf })
  .readStream.schema('ts TIMESTAMP, id STRING, amount INT, note STRING')
  .option('maxFilesPerTrigger', 1)
  .json(join(folder, 'in'))
  .withWatermark('ts', '5 minutes')
  .groupBy(window(col('ts'), '5 minutes'), col('id'))
  .agg(sum('amount').alias('profit'), count('*').alias('n'))
  .writeStream.outputMode('append')
  .option('checkpointLocation', join(folder, 'checkpoint'))
  .trigger({ availableNow: true })
  .format('json')
  .partitionBy('id')
  .option('mergeSmallFiles', '1m')
  .option('mergeGrace', '0ms')
  .start(join(folder, 'out'));
await query.awaitTermination();
