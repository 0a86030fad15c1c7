// However a query ends (a signal, stop(), user code that throws, a disk that is full), the next start goes on where it stood.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { col, MillraceError, type ResultBatch, Session, sum, window } from 'millrace';
import { rowText } from '../row-text.ts';
import { addFile, type Batches, type Place, withPlace } from './profit-query.ts';

const FILES = 6;
const CLI = resolve('dist/cli/millrace.js');
/** ARGV: input, checkpoint, milliseconds that the sink takes. Prints each batch as a line, and runs until a signal or a failure. */
const PROGRAM = `
import { col, Session, sum, window } from ${JSON.stringify(resolve('dist/index.js'))};
const [input, checkpoint, delay] = process.argv.slice(2);
const query = await Session.create({ conf: { 'spark.sql.shuffle.partitions': 2 } })
  .readStream.schema('ts TIMESTAMP, id STRING, amount INT').option('maxFilesPerTrigger', 1).json(input)
  .withWatermark('ts', '5 minutes')
  .groupBy(window(col('ts'), '5 minutes'), col('id'))
  .agg(sum('amount').alias('profit'))
  .writeStream.outputMode('append')
  .option('checkpointLocation', checkpoint)
  .foreachBatch(async (batch, batchId) => {
    await new Promise((resolve) => setTimeout(resolve, Number(delay)));
    const rows = batch.toArray().map((row) => JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? String(value) : value)));
    console.log(JSON.stringify([batchId, rows.sort()]));
  })
  .start();
await query.awaitTermination();
`;

/** What the program printed: rows by batch id. */
type Printed = Map<number, string>;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} in the middle of a batch: it is committed, and the next start goes on behind it`, async () => {
    const expected = await withFiles((place) => runUntil(place, signal, FILES));
    const got = await withFiles(async (place) => {
      const printed: Printed = new Map();
      for (let batches = 2; batches < FILES; batches += 2) {
        for (const [batchId, rows] of await runUntil(place, signal, batches)) {
          assert.ok(!printed.has(batchId), `batch ${batchId} ran twice`);
          printed.set(batchId, rows);
        }
      }
      return new Map([...printed, ...(await runUntil(place, signal, FILES))]);
    });
    assert.deepEqual(got, expected);
  });
}

test('a function of the user throws: the batch fails with its number, and runs again as it was', async () => {
  const expected = await withFiles((place) => inProcess(place, () => {}));
  const got = await withFiles(async (place) => {
    const batches: Batches = new Map();
    for (const bad of [0, 3]) {
      const failure = inProcess(
        place,
        (batchId) => {
          if (batchId === bad) throw new RangeError('not today');
        },
        batches,
      );
      await assert.rejects(failure, (error) => {
        assert.ok(error instanceof MillraceError);
        assert.equal(error.code, 'STREAM_FAILED');
        assert.match(String(error.cause), /not today/);
        return true;
      });
    }
    return inProcess(place, () => {}, batches);
  });
  assert.deepEqual(got, expected);
});

test('stop() while batches are running: what was committed stays, the rest comes with the next start', async () => {
  const expected = await withFiles((place) => inProcess(place, () => {}));
  const got = await withFiles(async (place) => {
    const batches: Batches = new Map();
    for (let start = 0; start < 3; start += 1) await inProcess(place, (_, stop) => stop(), batches);
    return inProcess(place, () => {}, batches);
  });
  assert.deepEqual(got, expected);
});

const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0;
test('the disk is full: a typed error that says so; with room again it goes on', { skip: !canMount }, async () => {
  const expected = await withFiles((place) => runUntil(place, 'SIGTERM', FILES));
  await withFiles(async (place) => {
    const disk = join(place.input, '..', 'disk');
    mkdirSync(disk);
    const program = writeProgram(place);
    // A disk of its own for the checkpoint, most of it taken by somebody else: a few batches fit. Then the somebody goes.
    const script = `set -e
mount -t tmpfs -o size=400k tmpfs ${disk}
head -c 290000 /dev/zero > ${disk}/other
if node ${CLI} run ${program} ${place.input} ${disk}/checkpoint 0; then echo 'no failure' >&2; exit 1; fi
echo full
rm ${disk}/other
timeout --signal TERM 60 node ${CLI} run ${program} ${place.input} ${disk}/checkpoint 0 & child=$!
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

function writeProgram({ input }: Place): string {
  const program = join(input, '..', 'program.mjs');
  writeFileSync(program, PROGRAM);
  return program;
}

/** Runs the program through the command line until it has printed `batches` batches in all starts together, and ends it with `signal`. */
async function runUntil(place: Place, signal: NodeJS.Signals, batches: number): Promise<Printed> {
  const child = spawn(process.execPath, [CLI, 'run', writeProgram(place), place.input, place.checkpoint, '50'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if ([...linesOf(stdout).keys()].some((batchId) => batchId === batches - 1)) child.kill(signal);
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

/** Runs the same query in this process until all files are through, or `onBatch` has thrown or stopped it. */
async function inProcess(
  place: Place,
  onBatch: (batchId: number, stop: () => void) => void,
  batches: Batches = new Map(),
): Promise<Batches> {
  const query = await Session.create({ conf: { 'spark.sql.shuffle.partitions': 2 } })
    .readStream.schema('ts TIMESTAMP, id STRING, amount INT')
    .option('maxFilesPerTrigger', 1)
    .json(place.input)
    .withWatermark('ts', '5 minutes')
    .groupBy(window(col('ts'), '5 minutes'), col('id'))
    .agg(sum('amount').alias('profit'))
    .writeStream.outputMode('append')
    .option('checkpointLocation', place.checkpoint)
    .trigger({ availableNow: true })
    .foreachBatch((batch: ResultBatch<any>, batchId: number) => {
      onBatch(batchId, () => void query.stop());
      const rows = rowText(batch.toArray());
      assert.ok(!batches.has(batchId) || batches.get(batchId) === rows, `batch ${batchId} gave other rows`);
      batches.set(batchId, rows);
    })
    .start();
  await query.awaitTermination();
  return batches;
}
