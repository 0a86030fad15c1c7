// Options of file sources as Spark 4.3 answered them: columns of folders, merged schemas, headers that must match, files that are passed over, and what is refused.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type DataFrame, MemoryStream, Session, schema } from 'millrace';
import { partitionType, typeName } from '../../dist/source/partition-type.js';

const session = Session.create({ timeZone: 'UTC' });

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-file-options-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content: string | Buffer): string {
  const whole = join(folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content);
  return whole;
}

function typesOf(frame: DataFrame<any>): string[] {
  return frame.schema.fields.map(({ name, type }) => `${name} ${JSON.stringify(type)}`);
}

describe('columns in the names of folders', () => {
  // Each as Spark inferred it.
  const types: [string[], string][] = [
    [['007'], 'integer'],
    [['+5'], 'integer'],
    [['12345678901'], 'long'],
    [['99999999999999999999'], 'decimal(20,0)'],
    [['1e3'], 'decimal(4,0)'],
    [['1.5'], 'double'],
    [['NaN'], 'double'],
    [['1f'], 'double'],
    [['10d'], 'double'],
    [['2020-01-01'], 'date'],
    [['2020-1-1'], 'string'],
    [['2020-02-30'], 'string'],
    [['2020-01-01 10:11:12'], 'timestamp'],
    [['2020-01-01T10:11:12'], 'string'],
    [['true'], 'string'],
    [[], 'string'],
    [['1', '1.5'], 'double'],
    [['1', '99999999999'], 'long'],
    [['1', 'x'], 'string'],
    [['2020-01-01', '2020-01-01 10:00:00'], 'timestamp'],
    [['1', '99999999999999999999'], 'decimal(20,0)'],
    [['1.5', '99999999999999999999'], 'string'],
    [['99999999999', '1.5'], 'string'],
    [['2020-01-01', '1'], 'string'],
  ];
  for (const [values, expected] of types)
    test(`of values ${values.join(', ')} are ${expected}`, () => assert.equal(typeName(partitionType(values)), expected));

  test('have their values, of any of these types', async () => {
    write('a/k=1e3/f.txt', 'x\n');
    write('b/k=2020-01-01 10%3A11%3A12/f.txt', 'x\n');
    const read = async (name: string) => (await session.read.text(join(folder, name)).collect()) as unknown[];
    assert.deepEqual(await read('a'), [{ value: 'x', k: '1000' }]);
    assert.deepEqual(await read('b'), [{ value: 'x', k: new Date('2020-01-01T10:11:12Z') }]);
  });

  test('are those below the path, below what a pattern matches, or below basePath', async () => {
    const file = write('t/day=1/shop=a/x.txt', 'hello\n');
    const base = { basePath: join(folder, 't') };
    const columns = (path: string, options = {}) => session.read.options(options).text(path).columns;
    assert.deepEqual(columns(join(folder, 't')), ['value', 'day', 'shop']);
    assert.deepEqual(columns(join(folder, 't/day=1')), ['value', 'shop']);
    assert.deepEqual(columns(join(folder, 't/day=*')), ['value', 'shop']);
    assert.deepEqual(columns(join(folder, 't/day=*'), base), ['value', 'day', 'shop']);
    assert.deepEqual(columns(file), ['value']);
    assert.deepEqual(columns(file, base), ['value', 'day', 'shop']);
    assert.deepEqual(await session.read.options(base).text(file).collect(), [{ value: 'hello', day: 1, shop: 'a' }] as never);
    assert.throws(() => columns(file, { basePath: join(folder, 'none') }), {
      code: 'OPTION_INVALID',
      message: /Option 'basePath' not found/,
    });
    assert.throws(() => columns(file, { basePath: file }), { code: 'OPTION_INVALID', message: /must be a directory/ });
  });
});

describe('mergeSchema', () => {
  /** Parquet files of these columns, each in a folder by itself, so that they are read in this order. */
  async function files(...rows: readonly [string, unknown[]][]): Promise<string> {
    for (const [number, [ddl, values]] of rows.entries())
      await session.createDataFrame([values as never], ddl).write.parquet(join(folder, 'p', `f${number}`));
    return join(folder, 'p');
  }

  test('finds the columns of all files, nulls where a file has none', async () => {
    const path = await files(
      ['a INT, s STRUCT<x: INT>', [1, { x: 1 }]],
      ['A INT, b STRING, s STRUCT<x: INT, y: STRING>', [2, 'two', { x: 2, y: 'y' }]],
    );
    const read = session.read.option('mergeSchema', true).option('recursiveFileLookup', true).parquet(path);
    assert.deepEqual(read.columns, ['a', 's', 'b']);
    assert.deepEqual(await read.orderBy('a').collect(), [
      { a: 1, s: { x: 1, y: null }, b: null },
      { a: 2, s: { x: 2, y: 'y' }, b: 'two' },
    ] as never);
    assert.deepEqual(session.read.option('recursiveFileLookup', true).parquet(path).columns, ['a', 's']);
  });

  test('widens decimals of one scale alone', async () => {
    const path = await files(['a DECIMAL(5,2)', ['1.00']], ['a DECIMAL(9,2)', ['1234567.00']]);
    const read = session.read.option('mergeSchema', true).parquet(path);
    assert.deepEqual(typesOf(read), ['a "decimal(9,2)"']);
    assert.deepEqual((await read.collect()).map(({ a }) => a).sort(), ['1.00', '1234567.00']);
  });

  test("refuses what does not merge, in Spark's words", async () => {
    const path = await files(['a BIGINT', [1n]], ['a INT', [2]]);
    const error = {
      code: 'CANNOT_MERGE_SCHEMAS',
      message:
        /Failed merging schemas:\nInitial schema:\n"STRUCT<a: BIGINT>"\nSchema that cannot be merged with the initial schema:\n"STRUCT<a: INT>"\./,
    };
    assert.throws(() => session.read.option('mergeSchema', true).parquet(path), error);
    const merging = Session.create({ conf: { 'spark.sql.parquet.mergeSchema': true } });
    assert.throws(() => merging.read.parquet(path), error);
    assert.equal(await merging.read.option('mergeSchema', false).parquet(path).count(), 2);
    assert.throws(() => session.read.option('mergeSchema', 'yes').parquet(path), { code: 'OPTION_INVALID' });
  });

  test('of a stream whose columns are inferred', async () => {
    const path = await files(['a INT', [1]], ['a INT, b STRING', [2, 'two']]);
    const inferring = Session.create({ conf: { 'spark.sql.streaming.schemaInference': true } });
    assert.deepEqual(inferring.readStream.option('mergeSchema', true).parquet(path).columns, ['a', 'b']);
  });
});

describe('enforceSchema', () => {
  const rows = (ddl: string, header = 'a,b') => {
    const path = write('h.csv', `${header}\n1,x\n2,y\n`);
    return session.read.options({ header: true, enforceSchema: false }).schema(ddl).csv(path).collect() as Promise<unknown[]>;
  };

  test('false takes a header with the names of the columns', async () => {
    assert.deepEqual(await rows('A INT, B STRING'), [
      { A: 1, B: 'x' },
      { A: 2, B: 'y' },
    ]);
    assert.equal((await rows('a INT, b STRING, _corrupt_record STRING')).length, 2);
  });

  test('false refuses another one', async () => {
    await assert.rejects(rows('b INT, a STRING'), {
      message: /CSV header does not conform to the schema\.\n Header: a, b\n Schema: b, a\nExpected: b but found: a/,
    });
    await assert.rejects(rows('a INT'), {
      message: /Number of column in CSV header is not equal to number of fields in the schema:\n Header length: 2, schema size: 1/,
    });
    await assert.rejects(rows('a INT, b STRING', '"b","a"'), { message: /Expected: a but found: b/ });
  });
});

describe('files that are passed over', () => {
  test('ignoreMissingFiles: those that vanish after they were listed', async () => {
    const stream = async (options: Record<string, string>) => {
      for (const name of ['m/a.txt', 'm/b.txt']) write(name, `${name}\n`);
      const rows: unknown[] = [];
      const query = await session.readStream
        .options({ maxFilesPerTrigger: '1', ...options })
        .text(join(folder, 'm'))
        .writeStream.trigger({ availableNow: true })
        .foreachBatch((batch, batchId) => {
          // availableNow has listed the second file already.
          if (batchId === 0) unlinkSync(join(folder, 'm/b.txt'));
          rows.push(...batch.toArray());
        })
        .start();
      await query.awaitTermination();
      return rows;
    };
    assert.deepEqual(await stream({ ignoreMissingFiles: 'true' }), [{ value: 'm/a.txt' }]);
    await assert.rejects(stream({}), { code: 'PATH_NOT_FOUND' });
  });

  test('ignoreCorruptFiles: the rest of a file that cannot be read', async () => {
    const whole = gzipSync(Array.from({ length: 20_000 }, (_, n) => `line ${n * 7919}`).join('\n'));
    write('c/a.txt.gz', whole.subarray(0, whole.length / 2));
    write('c/b.txt', 'fine\n');
    const read = (options: Record<string, string>) => session.read.options(options).text(join(folder, 'c')).collect();
    const rows = await read({ ignoreCorruptFiles: 'true' });
    assert.ok(rows.some(({ value }) => value === 'fine') && rows.length < 20_000);
    await assert.rejects(read({}), { code: 'FILE_READ_FAILED' });
  });
});

describe('options of Spark that are not there', () => {
  const refusal = (name: string) => ({ code: 'OPTION_INVALID', message: new RegExp(name) });

  test('are refused by name when a reader loads', () => {
    const refused: [string, string, string][] = [
      ['csv', 'unescapedQuoteHandling', 'SKIP_VALUE'],
      ['csv', 'singleVariantColumn', 'v'],
      ['json', 'singleVariantColumn', 'v'],
      ['json', 'timeFormat', 'HH'],
      ['json', 'samplingRatio', '0'],
      ['parquet', 'datetimeRebaseMode', 'LEGACY'],
    ];
    for (const [format, name, value] of refused) {
      const [batch, stream] = [session.read.format(format).schema('a INT'), session.readStream.format(format).schema('a INT')];
      assert.throws(() => batch.option(name.toUpperCase(), value).load(folder), refusal(name), `${format} ${name}`);
      assert.throws(() => stream.option(name.toUpperCase(), value).load(folder), refusal(name), `${format} ${name}`);
    }
    write('x.csv', '1,2\n');
    for (const [name, value] of [
      ['unescapedQuoteHandling', 'stop_at_delimiter'],
      ['samplingRatio', '0.5'],
      ['inputBufferSize', '128'],
      ['no.such.option', '1'],
    ] as const)
      session.read.option(name, value).csv(folder);
  });

  test('are refused by name when a writer starts', async () => {
    const stream = new MemoryStream(session, schema({ a: 'int' }));
    const start = (format: string, name: string, value: string) =>
      stream
        .toDF()
        .writeStream.option('checkpointLocation', join(folder, 'c'))
        .format(format)
        .option(name, value)
        .start(join(folder, 'out'));
    await assert.rejects(start('json', 'sortKeys', 'true'), refusal('sortKeys'));
    await assert.rejects(start('csv', 'extension', 'tsv'), refusal('extension'));
    await assert.rejects(session.range(1).write.option('extension', 'tsv').csv(join(folder, 'b')), refusal('extension'));
  });
});
