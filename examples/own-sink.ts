// A sink of the program's own: a table in a file that has each row once, whatever happens between two batches.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { count, type DataSource, lit, Session } from 'millrace';

interface Counted {
  id: string | null;
  n: bigint;
}

/** The rows by id beside the newest batch that is in them: both change in one step, or not at all. */
interface Table {
  readonly batchId: number;
  readonly rows: Record<string, number>;
}

const table: DataSource<Counted> = {
  name: 'table',
  streamWriter: (options) => {
    const path = options['path'] ?? './table.json';
    let stored: Table = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { batchId: -1, rows: {} };
    return {
      write(batch, batchId) {
        // A batch that ran before a crash comes again with its id: it is in the table already.
        if (batchId <= stored.batchId) return 0;
        const rows = { ...stored.rows };
        for (const { id, n } of batch) rows[id ?? ''] = Number(n);
        stored = { batchId, rows };
        writeFileSync(`${path}.new`, JSON.stringify(stored));
        renameSync(`${path}.new`, path);
        return batch.numRows;
      },
    };
  },
};

const session = Session.create({ timeZone: 'UTC' });
const query = await session.readStream
  .schema('id STRING, amount INT, type STRING, time STRING')
  .json(new URL('./trades.ndjson', import.meta.url))
  .groupBy('id')
  .agg(count(lit(1)).alias('n'))
  .writeStream.outputMode('update')
  .format(table)
  .option('path', './table.json')
  .option('checkpointLocation', './table-checkpoint')
  .trigger({ availableNow: true })
  .start();
await query.awaitTermination();
console.log(readFileSync('./table.json', 'utf8'));
