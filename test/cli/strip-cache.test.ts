// What was stripped once is not stripped again, and only what is whole and this user's own is taken.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { stripOnce } from '../../dist/cli/strip-cache.js';

const before = process.env.TMPDIR;
const folder = mkdtempSync(join(tmpdir(), 'strip-cache-'));
process.env.TMPDIR = folder;
after(() => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  rmSync(folder, { recursive: true, force: true });
});

const SOURCE = 'const n: number = 1;';
const STRIPPED = 'const n         = 1;';

/** The folder that the cache made. */
function cache(): string {
  return join(folder, readdirSync(folder)[0] ?? '');
}

test('a source is stripped once', { skip: process.getuid === undefined }, () => {
  let times = 0;
  const strip = () => {
    times += 1;
    return STRIPPED;
  };
  assert.equal(stripOnce(SOURCE, strip), STRIPPED);
  assert.equal(stripOnce(SOURCE, strip), STRIPPED);
  assert.equal(times, 1);
  assert.equal(stripOnce(`${SOURCE} `, strip), STRIPPED);
  assert.equal(times, 2, 'another source is another file');
  assert.equal(statSync(cache()).mode & 0o777, 0o700);
});

test('a file that was not written to its end is made again', { skip: process.getuid === undefined }, () => {
  for (const name of readdirSync(cache())) writeFileSync(join(cache(), name), 'const');
  assert.equal(
    stripOnce(SOURCE, () => STRIPPED),
    STRIPPED,
  );
  assert.equal(
    stripOnce(SOURCE, () => assert.fail('it is whole again')),
    STRIPPED,
  );
});

test('what was made of another source is not taken, whatever its file is called', { skip: process.getuid === undefined }, () => {
  for (const name of readdirSync(cache())) writeFileSync(join(cache(), name), `${STRIPPED}${SOURCE.replace('1', '2')}`);
  assert.equal(
    stripOnce(SOURCE, () => STRIPPED),
    STRIPPED,
  );
});

test('a folder that others may write to is not used', { skip: process.getuid === undefined }, () => {
  chmodSync(cache(), 0o777);
  assert.equal(
    stripOnce(SOURCE, () => 'made anew'),
    'made anew',
  );
});

test('what fails is not kept', { skip: process.getuid === undefined }, () => {
  chmodSync(cache(), 0o700);
  const source = 'enum E {}';
  assert.throws(() =>
    stripOnce(source, () => {
      throw new SyntaxError('enums are not supported');
    }),
  );
  assert.equal(
    stripOnce(source, () => '         '),
    '         ',
  );
});
