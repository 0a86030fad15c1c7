// A query that a signal ends, or a disk of the kernel's that is full, goes on where it stood. Endings within a process: stateful-endings.test.ts.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { QUERIES } from '../stateful-queries.ts';
import { addFile, type Place, withPlace } from './profit-query.ts';

const FILES = 6;
const CLI = resolve('dist/cli/millrace.js');
const PROGRAM = resolve('test/checkpoint/stateful-program.ts');
const START_MS_MAX = 60_000;
/** The one whose disk is a real one. */
const QUERY = 'sliding windows';

/** What the program printed: rows by batch id. */
type Printed = Map<number, string>;

for (const { name } of QUERIES) {
  test(`${name}: a signal in the middle of a batch: it is committed, and the next start goes on behind it`, async () => {
    const expected = await withFiles((place) => runUntil(name, place, 'SIGTERM', FILES));
    assert.ok([...expected.values()].some((rows) => rows !== '[]'));
    const got = await withFiles(async (place) => {
      const printed: Printed = new Map();
      for (const [signal, batches] of [
        ['SIGTERM', 2],
        ['SIGINT', 4],
        ['SIGTERM', FILES],
      ] as const) {
        // A signal takes its time.
        if (printed.has(FILES - 1)) break;
        for (const [batchId, rows] of await runUntil(name, place, signal, batches)) {
          assert.ok(!printed.has(batchId), `batch ${batchId} ran twice`);
          printed.set(batchId, rows);
        }
      }
      return printed;
    });
    assert.deepEqual(got, expected);
  });
}

const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0;
test('the disk is full: a typed error that says so; with room again it goes on', { skip: !canMount }, async () => {
  const expected = await withFiles((place) => runUntil(QUERY, place, 'SIGTERM', FILES));
  await withFiles(async (place) => {
    const disk = join(place.input, '..', 'disk');
    mkdirSync(disk);
    // A disk of its own for the checkpoint, most of it taken by somebody else: a few batches fit. Then the somebody goes.
    const script = `set -e
mount -t tmpfs -o size=400k tmpfs ${disk}
head -c 290000 /dev/zero > ${disk}/other
if node ${CLI} run ${PROGRAM} '${QUERY}' ${place.input} ${disk}/checkpoint 0; then echo 'no failure' >&2; exit 1; fi
echo full
rm ${disk}/other
timeout --signal TERM 60 node ${CLI} run ${PROGRAM} '${QUERY}' ${place.input} ${disk}/checkpoint 0 & child=$!
while [ ! -e ${disk}/checkpoint/commits/${FILES - 1} ]; do sleep 0.1; done
kill -TERM $child
wait $child
`;
    const { stdout, stderr, status } = spawnSync('unshare', ['-rm', 'bash', '-c', script], { encoding: 'utf8', timeout: 120_000 });
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^MillraceError \[FILE_WRITE_FAILED\].*\/checkpoint\/.*No space left on device/m);
    const [before = '', after = ''] = stdout.split('full\n');
    assert.ok(linesOf(before).size > 0 && linesOf(before).size < FILES, stdout);
    assert.deepEqual(new Map([...linesOf(before), ...linesOf(after)]), expected);
  });
});

/** Runs `use` on a place with all its files. */
async function withFiles<T>(use: (place: Place) => Promise<T>): Promise<T> {
  let result: T | undefined;
  await withPlace(async (place) => {
    for (let file = 0; file < FILES; file += 1) addFile(place, file);
    result = await use(place);
  });
  return result as T;
}

/** Runs the program through the command line until it has printed `batches` batches in all starts together, and ends it with `signal`. */
async function runUntil(query: string, place: Place, signal: NodeJS.Signals, batches: number): Promise<Printed> {
  const child = spawn(process.execPath, [CLI, 'run', PROGRAM, query, place.input, place.checkpoint, '50'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: START_MS_MAX,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if ([...linesOf(stdout).keys()].some((batchId) => batchId >= batches - 1)) child.kill(signal);
  });
  const exitCode = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(exitCode, 0);
  return linesOf(stdout);
}

/** The batches of the files; one more may come where the watermark moved before the end did. */
function linesOf(stdout: string): Printed {
  const lines = stdout.split('\n').filter((line) => line.startsWith('['));
  const batches = lines.map((line): [number, unknown] => JSON.parse(line)).filter(([batchId]) => batchId < FILES);
  return new Map(batches.map(([batchId, rows]) => [batchId, JSON.stringify(rows)]));
}
