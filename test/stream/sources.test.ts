// What the memory, file and rate sources offer, and how they cut it: Spark's offsets, order and limits.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ManualClock } from '../../dist/engine/clock.js';
import { createFileSource, validateFileOptions } from '../../dist/source/file.js';
import { MemorySource } from '../../dist/source/memory.js';
import { offsetJson, sameOffset } from '../../dist/source/offset.js';
import { createRateSource } from '../../dist/source/rate.js';

const CONF = { 'millrace.splitBytes': '10', 'spark.sql.streaming.pollingDelay': '10' };
const SCHEMA = { type: 'struct', fields: [{ name: 'id', type: 'string', nullable: true, metadata: {} }] } as const;
const folders: string[] = [];

after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** A folder with files: name to [text, modification time in seconds]. */
async function folderOf(files: Record<string, readonly [string, number]>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-files-'));
  folders.push(folder);
  await addFiles(folder, files);
  return folder;
}

async function addFiles(folder: string, files: Record<string, readonly [string, number]>): Promise<void> {
  for (const [name, [text, seconds]] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    await utimes(path, seconds, seconds);
  }
}

/** The file names of each batch that a source makes, until it has nothing more. */
async function batchesOf(source: ReturnType<typeof createFileSource>, limit: 'all' | 'limited' = 'limited'): Promise<string[][]> {
  const batches: string[][] = [];
  let position = await source.initialOffset();
  for (;;) {
    const end = await source.latestOffset(position, limit);
    if (sameOffset(position, end)) return batches;
    const splits = await source.splits(position, end);
    batches.push([...new Set(splits.map((split) => String(split.spec['path']).replace(/^.*[/\\]/, '')))]);
    await source.commit(end);
    position = end;
  }
}

test('offsets with their keys in another order are the same', () => {
  assert.equal(offsetJson({ topic: { 1: 5, 0: 3 }, a: 1 }), offsetJson({ a: 1, topic: { 0: 3, 1: 5 } }));
  assert.equal(sameOffset({ logOffset: 1 }, { logOffset: 2 }), false);
  assert.equal(sameOffset(3, 3), true);
});

test('files come by modification time, then by name; hidden ones never (golden K018)', async () => {
  const folder = await folderOf({
    'b.json': ['1', 100],
    'a.json': ['1', 100],
    'z.json': ['1', 50],
    'c.json': ['1', 200],
    '_hidden.json': ['1', 10],
    '.hidden.json': ['1', 10],
    'd.txt': ['1', 60],
    'deep/e.json': ['1', 70],
  });
  const source = createFileSource(0, 'json', folder, { maxFilesPerTrigger: '1' }, CONF);
  await source.open(null);
  assert.deepEqual((await batchesOf(source)).flat(), ['z.json', 'd.txt', 'e.json', 'a.json', 'b.json', 'c.json']);
});

test('limits cut batches, once ignores them (golden K002, K005, K022)', async () => {
  const files = Object.fromEntries([0, 1, 2, 3, 4].map((n) => [`f${n}`, ['x'.repeat(40), n] as const]));
  const folder = await folderOf(files);
  const sizes = async (options: Record<string, string>, limit?: 'all') => {
    const source = createFileSource(0, 'text', folder, options, CONF);
    return (await batchesOf(source, limit)).map((batch) => batch.length);
  };
  assert.deepEqual(await sizes({ maxFilesPerTrigger: '2' }), [2, 2, 1]);
  assert.deepEqual(await sizes({ maxfilespertrigger: '2' }, 'all'), [5]);
  assert.deepEqual(await sizes({ maxBytesPerTrigger: '60' }), [1, 1, 1, 1, 1]);
  assert.deepEqual(await sizes({ maxBytesPerTrigger: '80' }), [2, 2, 1]);
  assert.deepEqual(await sizes({}), [5]);
});

test('a path that was seen is never read again; an older file that arrives later is (golden K020, K021)', async () => {
  const folder = await folderOf({ 'a.json': ['1', 500] });
  const source = createFileSource(0, 'json', folder, {}, CONF);
  assert.deepEqual(await batchesOf(source), [['a.json']]);
  await addFiles(folder, { 'a.json': ['2', 9_999], 'b.json': ['1', 100] });
  const end = await source.latestOffset({ logOffset: 0 }, 'limited');
  assert.deepEqual(end, { logOffset: 1 });
  assert.deepEqual(
    (await source.splits({ logOffset: 0 }, end)).map((split) => split.spec['path']),
    [join(folder, 'b.json')],
  );
});

test('files a week older than the newest are passed over, as in Spark; maxFileAge changes that', async () => {
  const week = 7 * 86_400;
  for (const [options, expected] of [
    [{}, 0],
    [{ maxFileAge: '30d' }, 1],
  ] as const) {
    const folder = await folderOf({ new: ['1', 10 * week] });
    const source = createFileSource(0, 'text', folder, options, CONF);
    await batchesOf(source);
    await addFiles(folder, { old: ['1', 8 * week] });
    const end = await source.latestOffset({ logOffset: 0 }, 'limited');
    assert.deepEqual(end, { logOffset: expected });
  }
});

test('availableNow reads what was there when it started', async () => {
  const folder = await folderOf({ a: ['1', 1], b: ['1', 2] });
  const source = createFileSource(0, 'text', folder, { maxFilesPerTrigger: '1' }, CONF);
  await source.prepareForTriggerAvailableNow();
  await addFiles(folder, { c: ['1', 3] });
  assert.deepEqual(await batchesOf(source), [['a'], ['b']]);
});

test('a file is cut into byte ranges that meet; an empty one is a batch without splits (golden K012)', async () => {
  const folder = await folderOf({ a: ['x'.repeat(25), 1], b: ['', 2] });
  const source = createFileSource(4, 'text', folder, { maxFilesPerTrigger: '1' }, CONF);
  const first = await source.latestOffset({ logOffset: -1 }, 'limited');
  const splits = await source.splits({ logOffset: -1 }, first);
  assert.deepEqual(
    splits.map(({ spec }) => [spec.source, spec['start'], spec['end']]),
    [
      [4, 0, 10],
      [4, 10, 20],
      [4, 20, 25],
    ],
  );
  const second = await source.latestOffset(first, 'limited');
  assert.deepEqual(second, { logOffset: 1 });
  assert.deepEqual(await source.splits(first, second), []);
});

test('a batch that failed gets the same files again', async () => {
  const folder = await folderOf({ a: ['1', 1] });
  const source = createFileSource(0, 'text', folder, {}, CONF);
  const first = await source.latestOffset({ logOffset: -1 }, 'limited');
  await addFiles(folder, { b: ['1', 2] });
  assert.deepEqual(await source.latestOffset({ logOffset: -1 }, 'limited'), first);
});

test('paths may be files and file: URLs; what is not there is said at once', async () => {
  const folder = await folderOf({ 'a b.txt': ['hello', 1] });
  const file = join(folder, 'a b.txt');
  const source = createFileSource(0, 'text', pathToFileURL(file).href, {}, CONF);
  assert.deepEqual(await batchesOf(source), [['a b.txt']]);
  assert.match(source.description, /^FileStreamSource\[file:\/[^/].*a%20b\.txt\]$/);
  assert.throws(() => validateFileOptions('text', join(folder, 'none'), {}), { code: 'PATH_NOT_FOUND' });
  await assert.rejects(createFileSource(0, 'text', join(folder, 'none'), {}, CONF).open(null), { code: 'PATH_NOT_FOUND' });
  assert.throws(() => validateFileOptions('text', folder, { maxFilesPerTrigger: '0' }), { code: 'OPTION_INVALID' });
  validateFileOptions('text', folder, { multiLine: 'true', lineSep: '\n', encoding: 'UTF-8' });
  assert.throws(() => validateFileOptions('text', folder, { maxFilesPerTrigger: '2', maxBytesPerTrigger: '10' }), {
    code: 'OPTION_INVALID',
  });
  assert.throws(() => validateFileOptions('text', folder, { cleanSource: 'archive' }), { code: 'OPTION_INVALID' });
});

test('memory offsets count calls from -1, and a waiting query wakes at once', async () => {
  const source = new MemorySource(0, SCHEMA);
  await source.open(null);
  assert.equal(await source.initialOffset(), -1);
  assert.equal(await source.latestOffset(-1, 'limited'), -1);
  const arrival = source.awaitData(-1, new AbortController().signal);
  assert.equal(source.addRows([{ id: 'a' }, { id: 'b' }]), 0);
  await arrival;
  assert.equal(source.addRows([{ id: 'c' }]), 1);
  assert.equal((await source.splits(-1, 1)).length, 2);
  await source.commit(0);
  assert.equal((await source.splits(-1, 1)).length, 1);
  const aborted = new AbortController();
  const wait = source.awaitData(1, aborted.signal);
  aborted.abort();
  await wait;
});

test('two queries over one memory source each see every row', async () => {
  const source = new MemorySource(0, SCHEMA);
  const [left, right] = [source.forQuery(), source.forQuery()];
  await left.open(null);
  await right.open(null);
  source.addRows([{ id: 'a' }]);
  await left.commit(0);
  assert.equal((await right.splits(-1, 0)).length, 1);
  await right.commit(0);
  assert.equal((await right.splits(-1, 0)).length, 0);
});

test('rows that do not fit are refused whole', () => {
  const source = new MemorySource(0, SCHEMA);
  assert.throws(() => source.addRows([{ id: 'a' }, { id: 7 }]), { code: 'VALUE_NOT_ENCODABLE' });
  assert.equal(source.addRows([{ id: 'a' }]), 0);
});

test('rate counts seconds since its start', async () => {
  const clock = new ManualClock(5_000);
  const source = createRateSource(2, { rowsPerSecond: '10' }, CONF, clock);
  await source.open(null);
  assert.equal(source.description, 'RateStreamV2[rowsPerSecond=10, rampUpTimeSeconds=0, numPartitions=default');
  assert.equal(await source.latestOffset(0, 'limited'), 0);
  clock.advance(3_999);
  assert.equal(await source.latestOffset(0, 'limited'), 3);
  assert.deepEqual(
    (await source.splits(1, 3)).map((split) => split.spec),
    [{ source: 2, format: 'rate', start: 10, end: 30, startTimestampMs: 5_000, rowsPerSecond: 10 }],
  );
  assert.throws(() => createRateSource(0, { rowsPerSecond: '0' }, CONF), { code: 'OPTION_INVALID' });
  assert.throws(() => createRateSource(0, { rampUpTime: '5' }, CONF), { code: 'OPTION_INVALID' });
});
