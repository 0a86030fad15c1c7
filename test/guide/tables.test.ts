// The guide's tables are current and whole: what the product knows stands in them, and nothing else.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as millrace from 'millrace';
import { CONFIGURATIONS } from '../../dist/engine/config.generated.js';
import { native } from '../../dist/native/load.js';
import { METHODS, NOT_THERE, VECTOR_FUNCTIONS } from './vector-functions.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = (name: string) => readFileSync(join(root, 'docs/guide', name), 'utf8');

test('pages are what the build, the schemas and the recorded rates say', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/guide.mjs', '--check'], { cwd: root, encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
});

test('every configuration stands in the table', () => {
  const text = page('configurations.md');
  const missing = Object.keys(CONFIGURATIONS).filter((name) => !text.includes(`| \`${name}\` |`));
  assert.deepEqual(missing, []);
});

describe('the functions that vectors name', () => {
  const names = new Set(native.functionNames());
  const table = page('functions.md');

  test('are functions of SQL', () => {
    const missing = VECTOR_FUNCTIONS.filter((name) => !names.has(name) && METHODS[name] === undefined && name !== 'when');
    assert.deepEqual(
      missing.filter((name) => !NOT_THERE.includes(name)),
      [],
    );
  });

  test('stand in the typed API, and in the table', () => {
    const missing = VECTOR_FUNCTIONS.filter((name) => !NOT_THERE.includes(name) && METHODS[name] === undefined).filter(
      (name) => !table.includes(`| \`${name}(`) && !table.includes(`| \`${name}\` |`) && typeof (millrace as any)[name] !== 'function',
    );
    assert.deepEqual(missing, []);
    for (const method of Object.values(METHODS)) assert.equal(typeof (millrace.Column.prototype as any)[method], 'function', method);
  });
});
