// Spark's recorded answers: a sample that is checked in, and all of the families that are whole where the vectors are at hand.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';

const VECTORS = resolve('../shared/golden');
/** Families of which every vector passes. */
const WHOLE = { scalar: ['comparison', 'hash', 'math'], streaming: ['A'] } as const;

function conformance(kind: keyof typeof WHOLE, directory: string, families: readonly string[]): string {
  const runner = resolve('test/golden/conformance.ts');
  const { stdout } = spawnSync(process.execPath, ['--import', resolve('dist/cli/register.js'), runner, kind, directory, ...families], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return stdout.trimEnd().split('\n').at(-1) ?? '';
}

for (const kind of ['scalar', 'streaming'] as const) {
  test(`the sample of ${kind} vectors passes`, () => {
    assert.match(conformance(kind, resolve('test/golden/sample', kind), []), /^[1-9]\d* passed, 0 failed$/);
  });

  test(`all ${WHOLE[kind].join(', ')} vectors pass`, { skip: !existsSync(VECTORS) && 'the vectors are not here' }, () => {
    assert.match(conformance(kind, resolve(VECTORS, kind), WHOLE[kind]), /^[1-9]\d* passed, 0 failed$/);
  });
}
