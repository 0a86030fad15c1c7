// A thousand queries start, run a batch each with a checkpoint, and stop: file descriptors, threads and handles are what they were.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { count, MemoryStream, Session, schema } from 'millrace';

const STARTS = 1_000;
const WARM_UP = 20;
const isLinux = process.platform === 'linux';

test(`${STARTS} starts and stops leave nothing open`, { skip: !isLinux, timeout: 600_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-starts-'));
  try {
    for (let start = 0; start < WARM_UP; start += 1) await runOnce(join(folder, `warm-${start}`));
    const before = open();
    for (let start = 0; start < STARTS; start += 1) await runOnce(join(folder, `q-${start}`));
    assert.deepEqual(open(), before);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

async function runOnce(checkpoint: string): Promise<void> {
  const session = Session.create({ conf: { 'spark.sql.shuffle.partitions': 2 } });
  const stream = new MemoryStream(session, schema({ id: 'string' }));
  const query = await stream
    .toDF()
    .groupBy('id')
    .agg(count('*').alias('n'))
    .writeStream.outputMode('complete')
    .option('checkpointLocation', checkpoint)
    .foreachBatch(() => {})
    .start();
  stream.addData({ id: 'a' }, { id: 'b' });
  await query.processAllAvailable();
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
