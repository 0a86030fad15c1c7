// Half a minute of the soak, all queries in one process, with every test run; `npm run soak -- --minutes N` runs as long as one likes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { growth } from './growth.ts';

test('state and memory stay as large as they are while queries go on', () => {
  const program = ['--import', resolve('dist/cli/register.js'), resolve('test/soak/soak.ts'), '--minutes', '0.5', '--together'];
  const { stdout, status } = spawnSync(process.execPath, program, { encoding: 'utf8' });
  assert.match(stdout, /^soak: 0.5 minutes, \d+ queries, \d+ batches, 0 grew: none$/m);
  assert.equal(status, 0);
});

test('a leak is seen as growth, noise is not', () => {
  const leaking = Array.from({ length: 36 }, (_, sample) => 1000 * (24 + sample));
  assert.ok(growth(leaking).share > 0.8);
  assert.equal(growth(leaking).mean, 41_500);
  assert.ok(Math.abs(growth(Array.from({ length: 36 }, (_, sample) => 1000 + 300 * (sample % 2))).share) < 0.1);
});
