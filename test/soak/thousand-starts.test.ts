// A thousand queries start, run a batch each with a checkpoint, and stop: file descriptors, threads and handles are what they were.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { count, MemoryStream, Session, schema } from 'millrace';

const WARM_UP = 20;
const isLinux = process.platform === 'linux';

type Conf = Readonly<Record<string, number>>;

/** A pool of threads for each start takes its time. */
const WAYS: Readonly<Record<string, { readonly starts: number; readonly conf: Conf }>> = {
  'in the program': { starts: 1_000, conf: { 'millrace.workers': 1 } },
  'with worker threads': { starts: 250, conf: { 'millrace.workers': 2, 'millrace.inlineBytesMax': 0 } },
};

for (const [name, { starts, conf }] of Object.entries(WAYS)) {
  test(`${starts} starts and stops ${name} leave nothing open`, { skip: !isLinux, timeout: 600_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-starts-'));
    try {
      mkdirSync(join(folder, 'in'));
      writeFileSync(join(folder, 'in', 'rows.json'), '{"id":"a"}\n{"id":"b"}\n');
      for (let start = 0; start < WARM_UP; start += 1) await runOnce(folder, start, conf);
      const before = open();
      for (let start = 0; start < starts; start += 1) await runOnce(folder, WARM_UP + start, conf);
      assert.deepEqual(open(), before);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

/** Rows of files and of the program, in turns. */
async function runOnce(folder: string, number: number, conf: Conf): Promise<void> {
  const session = Session.create({ conf: { 'spark.sql.shuffle.partitions': 2, ...conf } });
  const stream = new MemoryStream(session, schema({ id: 'string' }));
  const rows = number % 2 === 0 ? stream.toDF() : session.readStream.schema('id STRING').json(join(folder, 'in'));
  const writer = rows
    .groupBy('id')
    .agg(count('*').alias('n'))
    .writeStream.outputMode('complete')
    .option('checkpointLocation', join(folder, `checkpoint-${number}`));
  const query = await writer.foreachBatch(() => {}).start();
  stream.addData({ id: 'a' }, { id: 'b' });
  await query.processAllAvailable();
  assert.equal(query.lastProgress?.numInputRows, 2);
  await query.stop();
}

/** What this process holds open. */
function open() {
  return {
    fileDescriptors: readdirSync('/proc/self/fd').length,
    threads: Number(/^Threads:\s+(\d+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]),
    handles: process.getActiveResourcesInfo().sort(),
  };
}
