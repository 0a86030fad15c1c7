// Merged files of the file sink: what readers see is the same rows in fewer files, files that were merged go after the grace, and streams are refused.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type DataStreamWriter, MemoryStream, Session, schema } from 'millrace';

const session = Session.create({ timeZone: 'UTC' });
const ROW = schema({ id: 'string', n: 'int' });

let folder = '';
let out = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-merge-'));
  out = join(folder, 'out');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes so many batches of two rows, and tells after each what `look` sees. */
async function write<T>(batches: number, options: Record<string, string>, look: (batch: number) => Promise<T> | T): Promise<T[]> {
  const stream = new MemoryStream(session, ROW);
  const writer = stream.toDF().writeStream as DataStreamWriter<any>;
  const query = await writer
    .options({ checkpointLocation: join(folder, 'checkpoint'), ...options })
    .format(options['format'] ?? 'json')
    .partitionBy('id')
    .start(out);
  const seen: T[] = [];
  try {
    for (let batch = 0; batch < batches; batch += 1) {
      stream.addData({ id: 'a/b', n: batch }, { id: 'c', n: 100 + batch });
      await query.processAllAvailable();
      seen.push(await look(batch));
    }
  } finally {
    await query.stop();
  }
  return seen;
}

/** The numbers that a reader of the folder sees, in order. */
async function numbers(format: string, options: Record<string, string> = {}): Promise<number[]> {
  const rows = await session.read.schema('n INT, id STRING').format(format).options(options).load(out).collect();
  return rows.map(({ n }) => n as number).sort((left, right) => left - right);
}

function expected(batches: number): number[] {
  const count = Array.from({ length: batches }, (_, batch) => batch);
  return [...count, ...count.map((batch) => 100 + batch)];
}

function filesOnDisk(): string[] {
  const names = readdirSync(out, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /part-[^/]*$/.test(name));
}

/** The lines of a manifest's entry. */
function entry(name: string): any[] {
  const [, ...lines] = readFileSync(join(out, '_spark_metadata', name), 'utf8').split('\n');
  return lines.map((line) => JSON.parse(line));
}

describe('mergeSmallFiles', () => {
  for (const [format, options] of [
    ['json', {}],
    ['json', { compression: 'gzip' }],
    ['json', { compression: 'deflate' }],
    ['csv', { header: 'true' }],
    ['csv', { header: 'true', compression: 'zstd' }],
    ['parquet', {}],
    ['parquet', { compression: 'zstd' }],
  ] as const) {
    const named = `${format}${Object.entries(options).map(([name, value]) => `, ${name} ${value}`)}`;
    test(`readers see each row once at any time, ${named}`, async () => {
      const all = { ...options, format, mergeSmallFiles: '1m', mergeGrace: '0ms' } as Record<string, string>;
      const seen = await write(21, all, () => numbers(format, options as Record<string, string>));
      for (const [batch, rows] of seen.entries()) assert.deepEqual(rows, expected(batch + 1), `after batch ${batch}`);
      assert.equal(entry('9.compact').length, 2, 'a file for each partition');
      assert.equal(entry('19.compact').length, 2);
      // Those of the first ten batches are gone; those of the second ten, and what they were merged with, wait for the next compaction.
      assert.equal(filesOnDisk().length, 2 * (1 + 1 + 10 + 1));
    });
  }

  test('without the option nothing is merged', async () => {
    await write(10, {}, () => null);
    assert.equal(entry('9.compact').length, 20);
    assert.ok(entry('9.compact').every((line) => line.merged === undefined));
  });

  test('files that were merged stay for the grace, and files that are large enough are left alone', async () => {
    await write(20, { mergeSmallFiles: '70b', mergeGrace: '1h' }, () => null);
    const lines = entry('19.compact');
    assert.ok(lines.length < 40 && lines.every(({ size }) => size <= 70));
    const named = lines.map(({ path }) => relative(out, fileURLToPath(path)));
    const replaced = lines.flatMap(({ merged }) => merged?.replaces ?? []);
    assert.deepEqual(filesOnDisk().sort(), [...named, ...replaced].sort());
    assert.deepEqual(await numbers('json'), expected(20));
  });

  test('a stream that reads the folder is refused: it would read rows again', async () => {
    await write(10, { mergeSmallFiles: '1m' }, () => null);
    const query = session.readStream
      .schema('n INT, id STRING')
      .json(out)
      .writeStream.trigger({ availableNow: true })
      .foreachBatch(() => {});
    await assert.rejects(async () => (await query.start()).awaitTermination(), { code: 'FILE_SINK_MERGES_FILES' });
  });

  test('a size that is none is refused', async () => {
    await assert.rejects(
      write(0, { mergeSmallFiles: 'small' }, () => null),
      { code: 'OPTION_INVALID' },
    );
  });
});
