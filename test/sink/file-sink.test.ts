// The file sink: what it writes, what its manifest says, that no batch comes twice, and what it refuses.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type DataStreamWriter, MemoryStream, Session, schema } from 'millrace';

const session = Session.create({ timeZone: 'UTC' });
const ROW = schema({ id: 'string', n: 'int', ts: 'timestamp' });
const AT = new Date('2026-01-02T03:04:05.678Z');

let folder = '';
let out = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-sink-'));
  out = join(folder, 'out');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Writer = DataStreamWriter<any>;

/** Writes batches of rows, one start of the query for all of them. */
async function write(batches: readonly any[][], set: (writer: Writer) => Writer, checkpoint = 'checkpoint'): Promise<void> {
  const stream = new MemoryStream(session, ROW);
  const writer = stream.toDF().writeStream.option('checkpointLocation', join(folder, checkpoint));
  const query = await set(writer as Writer).start(out);
  try {
    for (const rows of batches) {
      stream.addData(...rows);
      await query.processAllAvailable();
    }
  } finally {
    await query.stop();
  }
}

function filesOf(path: string): string[] {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /part-[^/]*$/.test(name)).sort();
}

/** What a refusal says: a memory stream has nothing of what an earlier start had. */
async function refusal(set: (writer: Writer) => Writer): Promise<any> {
  return write([], set).then(
    () => assert.fail('it was not refused'),
    (error) => error,
  );
}

describe('formats', () => {
  const rows = [
    { id: 'a,b', n: 1, ts: AT },
    { id: null, n: null, ts: null },
  ];

  test('json leaves nulls out, and its times have milliseconds', async () => {
    await write([rows], (writer) => writer.format('json'));
    const [name = ''] = filesOf(out);
    assert.match(name, /^part-00000-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-c000\.json$/);
    assert.equal(readFileSync(join(out, name), 'utf8'), '{"id":"a,b","n":1,"ts":"2026-01-02T03:04:05.678Z"}\n{}\n');
  });

  test('csv has options by name', async () => {
    await write([rows], (writer) =>
      writer.format('csv').options({ header: true, sep: ';', timestampFormat: 'dd.MM.yyyy', nullValue: '-' }),
    );
    const [name = ''] = filesOf(out);
    assert.equal(readFileSync(join(out, name), 'utf8'), 'id;n;ts\na,b;1;02.01.2026\n-;-;-\n');
  });

  test('text takes one column of text', async () => {
    const error = await refusal((writer) => writer.format('text'));
    assert.equal(error.code, '_LEGACY_ERROR_TEMP_1290');
    await write([rows], (writer) => writer.format('text').partitionBy('n', 'ts'));
    const names = filesOf(out);
    assert.deepEqual(
      names.map((name) => name.split('/').slice(0, -1).join('/')),
      ['n=1/ts=2026-01-02 03%3A04%3A05.678', 'n=__HIVE_DEFAULT_PARTITION__/ts=__HIVE_DEFAULT_PARTITION__'],
    );
    assert.equal(readFileSync(join(out, names[0] ?? ''), 'utf8'), 'a,b\n');
  });

  for (const [compression, extension] of [
    ['gzip', '.json.gz'],
    ['zstd', '.json.zst'],
    ['snappy', '.json.snappy'],
  ]) {
    test(`compression ${compression} shows in the name`, async () => {
      await write([rows], (writer) => writer.format('json').option('compression', compression ?? ''));
      assert.ok(filesOf(out)[0]?.endsWith(extension ?? '?'));
    });
  }

  test('a codec that is none is refused in Spark’s words', async () => {
    const error = await refusal((writer) => writer.format('json').option('compression', 'rar'));
    assert.equal(error.code, 'CODEC_NOT_AVAILABLE.WITH_AVAILABLE_CODECS_SUGGESTION');
  });

  test('maxRecordsPerFile cuts a batch into files', async () => {
    const many = Array.from({ length: 5 }, (_, n) => ({ id: 'x', n, ts: null }));
    await write([many], (writer) => writer.format('csv').option('maxRecordsPerFile', 2));
    const texts = filesOf(out).map((name) => readFileSync(join(out, name), 'utf8'));
    assert.deepEqual(texts, ['x,0,\nx,1,\n', 'x,2,\nx,3,\n', 'x,4,\n']);
  });
});

describe('maxBytesPerFile', () => {
  test('cuts a batch where a file would be larger, and a row that is larger by itself has one of its own', async () => {
    const many = Array.from({ length: 30 }, (_, n) => ({ id: n === 7 ? 'y'.repeat(100) : 'x', n, ts: null }));
    await write([many], (writer) => writer.format('csv').option('maxBytesPerFile', '40b'));
    const texts = filesOf(out).map((name) => readFileSync(join(out, name), 'utf8'));
    assert.equal(texts.join(''), many.map(({ id, n }) => `${id},${n},\n`).join(''));
    assert.ok(texts.every((text) => text.length <= 40 || text.split('\n').length === 2));
    assert.ok(texts.length > 4 && texts.length < 30, `${texts.length} files`);
  });
});

describe('the manifest', () => {
  const batches = Array.from({ length: 12 }, (_, n) => [{ id: 'x', n, ts: null }]);

  test('it is Spark’s: v1, a line a file, each tenth batch with all before', async () => {
    await write(batches, (writer) => writer.format('json'));
    const entry = (name: string) => readFileSync(join(out, '_spark_metadata', name), 'utf8').split('\n');
    const [version, line = '', ...rest] = entry('11');
    assert.equal(version, 'v1');
    assert.deepEqual(rest, []);
    const { millrace, ...file } = JSON.parse(line);
    assert.equal(Object.keys(file).join(), 'path,size,isDir,modificationTime,blockReplication,blockSize,action');
    assert.match(millrace.crc32c, /^[0-9a-f]{8}$/);
    assert.ok(file.path.startsWith(`${pathToFileURL(out).href}/part-`));
    assert.equal(entry('9.compact').length, 11);
  });

  test('readers take what it names and nothing else', async () => {
    await write(batches, (writer) => writer.format('json'));
    writeFileSync(join(out, 'part-00000-of-a-crashed-attempt.json'), '{"n":100}\n');
    const read = await session.read.schema('n INT').json(out).collect();
    assert.deepEqual(
      read.map((row) => row.n).sort((left, right) => (left ?? 0) - (right ?? 0)),
      batches.map((_, n) => n),
    );
    const stream: unknown[] = [];
    const query = await session.readStream
      .schema('n INT')
      .json(out)
      .writeStream.trigger({ availableNow: true })
      .foreachBatch((batch) => void stream.push(...batch.toArray()))
      .start();
    await query.awaitTermination();
    assert.equal(stream.length, batches.length);
  });

  test('a flipped bit in it is an error of its readers', async () => {
    await write(batches.slice(0, 2), (writer) => writer.format('json'));
    const entry = join(out, '_spark_metadata', '1');
    writeFileSync(entry, readFileSync(entry, 'utf8').replace('"size":', '"sizf":'));
    assert.throws(() => session.read.schema('n INT').json(out), { code: 'CHECKPOINT_CORRUPT' });
  });

  test('files that are past their retention leave it with the tenth batch', async () => {
    await write(batches.slice(0, 9), (writer) => writer.format('json').option('retention', '0ms'));
    assert.equal((await session.read.schema('n INT').json(out).collect()).length, 9);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const stream = new MemoryStream(session, ROW);
    // A stream of memory goes on from the checkpoint's offset: as many rows as it had go by.
    for (const rows of batches.slice(0, 9)) stream.addData(...(rows as any[]));
    const query = await stream
      .toDF()
      .writeStream.option('checkpointLocation', join(folder, 'checkpoint'))
      .format('json')
      .option('retention', '1ms')
      .start(out);
    stream.addData({ id: 'y', n: 99, ts: null });
    await query.processAllAvailable();
    await query.stop();
    assert.deepEqual(
      (await session.read.schema('n INT').json(out).collect()).map((row) => row.n),
      [99],
    );
  });
});

describe('once', () => {
  test('a batch whose manifest entry is there is not written again, one whose files alone are is written over', async () => {
    await write([[{ id: 'x', n: 1, ts: null }]], (writer) => writer.format('json'));
    const [name = ''] = filesOf(out);
    const entry = join(out, '_spark_metadata', '0');
    // As after a crash before the commit: the batch runs again.
    rmSync(join(folder, 'checkpoint', 'commits', '0'));
    writeFileSync(join(out, name), 'kept');
    await write([[{ id: 'x', n: 1, ts: null }]], (writer) => writer.format('json'));
    assert.equal(readFileSync(join(out, name), 'utf8'), 'kept');
    // As after a crash before the manifest: half a file may be there, under the same name.
    rmSync(join(folder, 'checkpoint', 'commits', '0'));
    rmSync(entry);
    await write([[{ id: 'x', n: 1, ts: null }]], (writer) => writer.format('json'));
    assert.deepEqual(filesOf(out), [name]);
    assert.equal(readFileSync(join(out, name), 'utf8'), '{"id":"x","n":1}\n');
  });

  test('a folder with the batches of another query is refused, and one that is in use', async () => {
    await write([[{ id: 'x', n: 1, ts: null }]], (writer) => writer.format('json'));
    await assert.rejects(
      write([[]], (writer) => writer.format('json'), 'another'),
      { code: 'FILE_SINK_OF_ANOTHER_QUERY' },
    );
    const stream = new MemoryStream(session, ROW);
    const start = (checkpoint: string) =>
      stream.toDF().writeStream.option('checkpointLocation', join(folder, checkpoint)).format('json').start(join(folder, 'shared'));
    const first = await start('one');
    await assert.rejects(start('two'), { code: 'FILE_SINK_IN_USE' });
    await first.stop();
    await (await start('two')).stop();
  });
});

describe('refusals', () => {
  test('of columns and types, at start', async () => {
    const codes = await Promise.all(
      [
        (writer: Writer) => writer.format('json').partitionBy('absent'),
        (writer: Writer) => writer.format('json').partitionBy('id', 'n', 'ts'),
        (writer: Writer) => writer.format('csv').option('header', 'perhaps'),
        (writer: Writer) => writer.format('json').outputMode('update'),
      ].map(async (set) => (await refusal(set)).code),
    );
    assert.deepEqual(codes, [
      'PARTITION_COLUMN_NOT_FOUND_IN_SCHEMA',
      'ALL_PARTITION_COLUMNS_NOT_ALLOWED',
      'OPTION_INVALID',
      'STREAMING_OUTPUT_MODE.UNSUPPORTED_DATASOURCE',
    ]);
  });

  test('without a path or a checkpoint there is no file sink', async () => {
    const writer = () => new MemoryStream(session, ROW).toDF().writeStream.format('json');
    await assert.rejects(writer().start(out), { code: '_LEGACY_ERROR_TEMP_1298' });
    await assert.rejects(writer().option('checkpointLocation', join(folder, 'c')).start(), { code: 'ARGUMENT_INVALID' });
  });
});
