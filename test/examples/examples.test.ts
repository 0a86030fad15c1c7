// The programs under examples/ run as they stand, through the CLI, and print what a reader would expect.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';

/** Programs write where they are run. */
const folder = mkdtempSync(join(tmpdir(), 'millrace-examples-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function run(example: string): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [resolve('dist/cli/millrace.js'), 'run', resolve('examples', example)], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

test('profit.ts prints the tables of the article and exits by itself', () => {
  const { status, stdout } = run('profit.ts');
  assert.equal(status, 0);
  assert.equal(
    stdout,
    [
      '-------------------------------------------',
      'Batch: 0',
      '-------------------------------------------',
      '+------------------------------------------+------+',
      '|window                                    |profit|',
      '+------------------------------------------+------+',
      '|{2020-04-20 10:10:00, 2020-04-20 10:15:00}|33    |',
      '|{2020-04-20 10:20:00, 2020-04-20 10:25:00}|-5    |',
      '+------------------------------------------+------+',
      '',
      '',
    ].join('\n'),
  );
});

test('typed.ts prints its row; its misspelt columns, compile-time errors all, are run-time errors at their call too', () => {
  const { status, stdout, stderr } = run('typed.ts');
  assert.equal(stdout, '0 2020-04-20T10:10:00.000Z apple 10n\n');
  assert.equal(status, 1);
  assert.match(stderr, /UNRESOLVED_COLUMN\.WITH_SUGGESTION[\s\S]*`amuont`[\s\S]*typed\.ts:32/);
});

test('weekly-shopping.ts keeps a total for each user, and one of the last seven days', () => {
  const { status, stdout } = run('weekly-shopping.ts');
  assert.equal(status, 0);
  const rows = stdout.split('\n').flatMap((line) => /^\|\s*([A-Z][a-z]+)\|\s*(\d+)\|$/.exec(line)?.slice(1).join(' ') ?? []);
  // The purchase of the 20th is still there on the 25th, and gone a week after it.
  assert.deepEqual(rows, ['Sankar 200', 'Jade 800', 'Sankar 500', 'Kun 100', 'Sankar 200', 'Jade 800', 'Sankar 500', 'Kun 100']);
});

test('own-source.ts reads on from its checkpoint', () => {
  const first = run('own-source.ts');
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stdout, /^0 00:00 kitchen 19\.75$/m);
  assert.equal(first.stdout.split('\n').filter((line) => line.startsWith('2 ')).length, 2);
  const again = run('own-source.ts');
  assert.equal(again.status, 0);
  assert.equal(again.stdout, '');
});

test('own-aggregate.ts keeps a run of each user from batch to batch, and begins anew with each day', () => {
  const { status, stdout, stderr } = run('own-aggregate.ts');
  assert.equal(status, 0, stderr);
  const rows = stdout.split('\n').flatMap((line) => /^\|\s*([A-Z][a-z]+)\|\s*(\d+)\|\s*(\d+)\s*\|$/.exec(line)?.slice(1).join(' ') ?? []);
  assert.deepEqual(rows, ['Jade 2 2', 'Kun 1 1', 'Jade 3 4', 'Jade 1 1']);
});

test('own-sink.ts writes each row once', () => {
  for (const _start of ['first', 'again']) {
    const { status, stdout } = run('own-sink.ts');
    assert.equal(status, 0);
    const { batchId, rows } = JSON.parse(stdout);
    assert.deepEqual([batchId, rows.apple, rows.shell, rows.asus], [0, 2, 1, 1]);
  }
});

test('embedded.ts takes columns and gives result batches', () => {
  const { status, stdout } = run('embedded.ts');
  assert.equal(status, 0);
  assert.match(stdout, /^2 BigInt64Array\(2\) \[ 10n, 15n \] \[/);
  assert.match(stdout, /start: 2020-04-20T10:15:00\.000Z, end: 2020-04-20T10:20:00\.000Z \},\s+id: 'ibm',\s+total: 15n,\s+n: 1n/);
});
