// Two hundred crashes with every test run; `npm run crash -- --points N` makes as many as one likes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { test } from 'node:test';

test('a job that is killed at durable steps, also while it recovers, ends as if it had not been', () => {
  const program = ['--import', resolve('dist/cli/register.js'), resolve('test/crash/crash.ts'), '--points', '200'];
  const { stdout, status } = spawnSync(process.execPath, program, { encoding: 'utf8' });
  assert.match(stdout, /^crash: 2\d\d points, 0 torn, 0 lost, 0 duplicated, seed 1$/m);
  assert.equal(status, 0);
});
