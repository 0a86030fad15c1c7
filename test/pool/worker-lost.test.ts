// A thread that ends with a task in hand is WORKER_LOST; the pool starts another. Errors keep their shape on the way between threads.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { MillraceError } from '../../dist/error/millrace-error.js';
import { errorText, reviveError, transferError } from '../../dist/pool/task.js';
import { WorkerPool } from '../../dist/pool/worker-pool.js';

const TASK = { handle: 1, batchId: 7, task: 0, spec: '{}', buffers: [] };

test('a lost worker is named, and the pool goes on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-pool-'));
  const file = join(folder, 'worker.mjs');
  await writeFile(file, "export function map(task) { if (task.handle === 1) process.exit(3); return { report: 'done' }; }\n");
  const pool = new WorkerPool(1, file);
  try {
    await assert.rejects(pool.run('map', TASK), (error: MillraceError) => {
      assert.equal(error.code, 'WORKER_LOST');
      assert.equal(error.retryable, true);
      assert.equal(error.context['batchId'], 7);
      return true;
    });
    assert.equal(await pool.run('map', { ...TASK, handle: 2 }), 'done');
  } finally {
    await pool.destroy();
    await rm(folder, { recursive: true, force: true });
  }
});

test('an error comes out of another thread as it went in', () => {
  const error = new MillraceError('CANNOT_PARSE_TIMESTAMP', {
    parameters: { message: "Text 'x' could not be parsed", func: '`try_to_timestamp`' },
    context: { topic: 't', partition: 1, offset: 5 },
  });
  const revived = reviveError(structuredClone(transferError(error)));
  assert.equal(revived.message, error.message);
  assert.equal(revived.code, error.code);
  assert.deepEqual(revived.parameters, error.parameters);
  assert.deepEqual(revived.context, error.context);
  assert.ok(!errorText(error).includes(error.advice));
});

test('what is no MillraceError is a bug and says so', () => {
  assert.equal(reviveError(transferError(new RangeError('oops'))).code, 'INTERNAL_ERROR');
});
