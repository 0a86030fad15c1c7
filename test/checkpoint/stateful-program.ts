// The program that tests of endings run through the command line: a stateful query over files. ARGV: query, input, checkpoint, milliseconds that the sink
// takes. Prints each batch as a line, and runs until a signal or a failure.
import { setTimeout as sleep } from 'node:timers/promises';
import { type ResultBatch, Session } from 'millrace';
import { rowText } from '../row-text.ts';
import { QUERIES } from '../stateful-queries.ts';

const [name, input = '', checkpoint = '', delay] = process.argv.slice(2);
const wanted = QUERIES.find((query) => query.name === name);
if (wanted === undefined) throw new Error(`there is no query ${name}`);
const conf = {
  'spark.sql.shuffle.partitions': 2,
  // Each file is one batch, however often the query is started.
  'spark.sql.streaming.noDataMicroBatches.enabled': false,
  'spark.sql.streaming.multipleWatermarkPolicy': 'max',
};
const session = Session.create({ conf });
const events = () => session.readStream.schema('ts TIMESTAMP, id STRING, amount INT').option('maxFilesPerTrigger', 1).json(input) as any;
const query = await wanted
  .build(events(), events())
  .writeStream.outputMode(wanted.modes[0])
  .option('checkpointLocation', checkpoint)
  .foreachBatch(async (batch: ResultBatch<any>, batchId: number) => {
    await sleep(Number(delay));
    console.log(JSON.stringify([batchId, batch.toArray().map(rowText).sort()]));
  })
  .start();
await query.awaitTermination();
