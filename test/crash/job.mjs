// The program that crash tests kill: profit by window and id over files, results written as a file a batch. ARGV: a folder with in/. JavaScript, for a
// quick start.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { col, count, Session, sum, window } from 'millrace';

const folder = process.argv[2] ?? '.';
const output = join(folder, 'out');
mkdirSync(output, { recursive: true });
const conf = {
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
  .foreachBatch((batch, batchId) => {
    // A file a batch, replaced as a whole: a batch that runs again puts the same rows in the same place.
    const rows = batch.toArray().map((row) => JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? String(value) : value)));
    writeFileSync(join(output, `.${batchId}`), rows.sort().join('\n'));
    renameSync(join(output, `.${batchId}`), join(output, String(batchId)));
  })
  .start();
await query.awaitTermination();
