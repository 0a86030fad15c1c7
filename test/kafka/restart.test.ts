// A query over Kafka that is killed at any moment goes on from its checkpoint: no record is lost, none counts twice.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { KafkaBroker } from './broker.ts';

const JOB = fileURLToPath(new URL('./restart-job.ts', import.meta.url));
const TOPIC = 'restarts';

let broker: KafkaBroker;
let checkpoint: string;

before(async () => {
  broker = await KafkaBroker.start();
  checkpoint = mkdtempSync(join(tmpdir(), 'millrace-restart-'));
});

after(async () => {
  await broker?.stop();
  rmSync(checkpoint, { recursive: true, force: true });
});

interface Totals {
  readonly sum: number;
  readonly count: number;
}

/** Runs the job, and kills it as soon as it has printed `batchesMax` batches; gives the last totals it printed. */
async function runJob(batchesMax: number): Promise<Totals | null> {
  const job = spawn(process.execPath, [...process.execArgv, JOB, broker.bootstrapServers, TOPIC, checkpoint], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(job, 'exit');
  let totals: Totals | null = null;
  let batches = 0;
  for await (const line of createInterface({ input: job.stdout })) {
    totals = JSON.parse(line);
    batches += 1;
    if (batches === batchesMax) job.kill('SIGKILL');
  }
  await ended;
  return totals;
}

test('nothing is lost and nothing is there twice', { timeout: 120_000 }, async () => {
  await broker.createTopic(TOPIC, 3);
  const producer = broker.client().producer();
  await producer.connect();
  let next = 0;
  const produce = async (count: number): Promise<void> => {
    const messages = Array.from({ length: count }, (_, index) => ({ value: String(next + index), partition: (next + index) % 3 }));
    await producer.send({ topic: TOPIC, messages });
    next += count;
  };
  for (const batchesMax of [1, 2, 3]) {
    await produce(300);
    await runJob(batchesMax);
  }
  await producer.disconnect();
  const totals = await runJob(Number.POSITIVE_INFINITY);
  assert.deepEqual(totals, { sum: (next * (next - 1)) / 2, count: next });
});
