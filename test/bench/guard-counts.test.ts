// What `npm run guard` counts is the stage's own: the same wherever the program lies.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { callgrind } from '../../scripts/callgrind.mjs';

const BINARY = join(process.env.CARGO_TARGET_DIR ?? 'target', 'guard', 'millrace-guard');
const canCount = existsSync(BINARY) && spawnSync('valgrind', ['--version']).status === 0;

// The stage whose memory is taken zeroed: the system's allocator zeroes what is not fresh, and Rust's start-up reads /proc/self/maps,
// which leaves another heap behind where paths are long.
const STAGE = 'result encode';

test('instructions do not depend on the length of the path', { skip: !canCount && 'no valgrind, or the guard is not built' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-guard-'));
  try {
    const counts = [1, 20, 40, 80, 160].map((length) => {
      const place = join(folder, 'x'.repeat(length));
      mkdirSync(place);
      copyFileSync(BINARY, join(place, 'guard'));
      return callgrind(join(place, 'guard'), STAGE).instructions;
    });
    const [least, most] = [Math.min(...counts), Math.max(...counts)];
    assert.ok(most < least * 1.01, `between ${least} and ${most} instructions`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
