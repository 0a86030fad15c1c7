// A streaming query over Kafka for restart.test.ts to kill: counts and sums the records, and prints the totals after each batch.
import { count, Session, sum } from 'millrace';

const [servers = '', topic = '', checkpoint = ''] = process.argv.slice(2);

const query = await Session.create()
  .readStream.format('kafka')
  .options({ 'kafka.bootstrap.servers': servers, subscribe: topic, startingOffsets: 'earliest', maxOffsetsPerTrigger: 50 })
  .load()
  .selectExpr('CAST(CAST(value AS STRING) AS BIGINT) AS number')
  .groupBy()
  .agg(sum('number'), count('*'))
  .writeStream.outputMode('complete')
  .option('checkpointLocation', checkpoint)
  .trigger({ availableNow: true })
  .foreachBatch((batch) => {
    const total = (position: number): number => Number(batch.columnAt(position).get(0));
    process.stdout.write(`${JSON.stringify({ sum: total(0), count: total(1) })}\n`);
  })
  .start();
await query.awaitTermination();
