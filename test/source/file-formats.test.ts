// What readers of files make of them: csv's modes, compressed files, columns that are inferred or in the names of folders, options that choose files.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Session } from 'millrace';

const session = Session.create({ timeZone: 'UTC' });

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-formats-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, text: string | Buffer): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** The rows that a stream of what is there now gives. */
async function streamed(path: string, ddl: string, format: string, options: Record<string, string> = {}): Promise<any[]> {
  const rows: any[] = [];
  const query = await (session.readStream.format(format).schema(ddl).options(options).load(path) as any).writeStream
    .trigger({ availableNow: true })
    .foreachBatch((batch: any) => void rows.push(...batch.toArray()))
    .start();
  await query.awaitTermination();
  return rows;
}

const CSV = 'id,n,ts\na,1,2026-01-02 03:04:05\n\nb,x,2026-01-02T03:04:05Z\n"c ""d""",3\n';
const CSV_DDL = 'id STRING, n INT, ts TIMESTAMP, _corrupt_record STRING';
const AT = new Date('2026-01-02T03:04:05Z');

describe('json', () => {
  const DDL = 'id STRING, n INT, time STRUCT<at: TIMESTAMP, zone: STRING>';
  const RECORDS = [
    '{"id":"a","n":1,"time":{"at":"2026-01-02T03:04:05Z","zone":"UTC"}}',
    '{"id":"b","n":"x","time":{"zone":"CET"}}',
    '{"id":"c","n":3000000000}',
    '{"id":"d","n":4',
    '{"n":5,"id":"e"}',
  ];

  test('records are what they are whichever of their fields are looked at', async () => {
    const path = put('folder=1/a.json', `${RECORDS.join('\n')}\n`);
    const read = (mode: string, ...columns: string[]) =>
      (session.read.schema(DDL).option('mode', mode).json(path) as any).select(...columns).collect();
    const ofAll = (mode: string, ...names: string[]) =>
      read(mode, 'id', 'n', 'time.zone').then((rows: any[]) =>
        rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name]]))),
      );
    for (const mode of ['PERMISSIVE', 'DROPMALFORMED']) {
      for (const names of [['id'], ['n'], ['zone'], ['zone', 'n']]) {
        const columns = names.map((name) => (name === 'zone' ? 'time.zone' : name));
        assert.deepEqual(await read(mode, ...columns), await ofAll(mode, ...names), `${mode} ${names}`);
      }
    }
    assert.deepEqual(await read('PERMISSIVE', 'id'), [{ id: 'a' }, { id: 'b' }, { id: 'c' }, { id: null }, { id: 'e' }]);
    assert.deepEqual(await read('DROPMALFORMED', 'id'), [{ id: 'a' }, { id: 'e' }]);
    await assert.rejects(read('FAILFAST', 'id'), { code: 'MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION' });
  });
});

describe('csv', () => {
  const options = { header: 'true', escape: '"' };

  test('what does not fit is null, and the record is kept', async () => {
    put('a.csv', CSV);
    assert.deepEqual(await streamed(folder, CSV_DDL, 'csv', options), [
      { id: 'a', n: 1, ts: AT, _corrupt_record: null },
      { id: 'b', n: null, ts: AT, _corrupt_record: 'b,x,2026-01-02T03:04:05Z' },
      { id: 'c "d"', n: 3, ts: null, _corrupt_record: '"c ""d""",3' },
    ]);
  });

  test('DROPMALFORMED leaves such records out, FAILFAST says where one is', async () => {
    const path = put('a.csv', CSV);
    const read = (mode: string) =>
      session.read
        .schema('id STRING, n INT, ts TIMESTAMP')
        .options({ ...options, mode })
        .csv(path)
        .collect();
    assert.deepEqual(await read('DROPMALFORMED'), [{ id: 'a', n: 1, ts: AT }]);
    await assert.rejects(read('FAILFAST'), (error: any) => {
      assert.equal(error.code, 'MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION');
      assert.equal(error.context.line, 4);
      return true;
    });
  });

  test('columns are inferred from header and texts', async () => {
    const path = put('a.csv', 'id,n,x,d,b\n1,3000000000,1.5,2026-01-02,true\n2,1,,2026-01-03,false\n');
    const types = (infers: boolean) => session.read.options({ header: true, inferSchema: infers }).csv(path).dtypes;
    assert.deepEqual(types(true), [
      ['id', 'int'],
      ['n', 'bigint'],
      ['x', 'double'],
      ['d', 'date'],
      ['b', 'boolean'],
    ]);
    assert.deepEqual(
      types(false).map(([, type]) => type),
      Array(5).fill('string'),
    );
    assert.deepEqual(session.read.csv(path).columns, ['_c0', '_c1', '_c2', '_c3', '_c4']);
  });

  test('records over several lines with multiLine', async () => {
    const path = put('a.csv', 'a,"x\ny"\nb,z\n');
    assert.deepEqual(await session.read.schema('id STRING, t STRING').option('multiLine', true).csv(path).collect(), [
      { id: 'a', t: 'x\ny' },
      { id: 'b', t: 'z' },
    ]);
  });

  test('a file in many splits gives each record once', async () => {
    const lines = Array.from({ length: 500 }, (_, n) => `row${n},${n}`);
    put('a.csv', `id,n\n${lines.join('\n')}\n`);
    const small = Session.create({ conf: { 'millrace.splitBytes': '97' } });
    const rows = await small.read.schema('id STRING, n INT').option('header', true).csv(folder).collect();
    assert.deepEqual(
      rows.map((row: any) => row.n),
      lines.map((_, n) => n),
    );
  });
});

describe('compressed files', () => {
  test('a gzip file of several members and of more than a block is read in one piece', async () => {
    const line = (n: number) => `{"n":${n},"pad":"${'x'.repeat(200)}"}\n`;
    const text = Array.from({ length: 50_000 }, (_, n) => line(n)).join('');
    put('a.json.gz', Buffer.concat([gzipSync(text), gzipSync(line(50_000))]));
    const rows = await session.read.schema('n INT').json(folder).collect();
    assert.equal(rows.length, 50_001);
    assert.deepEqual(rows.at(-1), { n: 50_000 });
  });

  test('a damaged one is an error that names it', async () => {
    const bytes = gzipSync('{"n":1}\n'.repeat(1000));
    const path = put('a.json.gz', bytes.subarray(0, bytes.length - 20));
    await assert.rejects(session.read.schema('n INT').json(folder).collect(), (error: any) => {
      assert.equal(error.code, 'FILE_READ_FAILED');
      assert.equal(error.parameters.path, path);
      return true;
    });
  });
});

describe('columns of files', () => {
  test('json’s are inferred over all documents', () => {
    put('a.json', '{"b":1,"a":"x"}\n[{"b":2.5}]\n');
    put('b.json', '{"c":{"d":[1]}}\nno json\n');
    assert.deepEqual(session.read.json(folder).dtypes, [
      ['_corrupt_record', 'string'],
      ['a', 'string'],
      ['b', 'double'],
      ['c', 'struct<d:array<bigint>>'],
    ]);
  });

  test('nothing to infer from is an error in Spark’s words', () => {
    assert.throws(() => session.read.json(folder), { code: 'UNABLE_TO_INFER_SCHEMA' });
    put('a.json', '');
    assert.deepEqual(session.read.json(folder).columns, []);
    assert.throws(() => session.readStream.csv(folder), { code: '_LEGACY_ERROR_TEMP_2048' });
    put('b.json', '{"n":1}\n');
    const inferring = Session.create({ conf: { 'spark.sql.streaming.schemaInference': true } });
    assert.deepEqual(inferring.readStream.json(folder).dtypes, [['n', 'bigint']]);
  });

  test('those in the names of folders come behind, typed by their values', async () => {
    put('day=2026-01-02/shop=7/a.json', '{"n":1}\n');
    put('day=__HIVE_DEFAULT_PARTITION__/shop=8/a.json', '{"n":2}\n');
    const read = session.read.json(folder);
    assert.deepEqual(read.dtypes, [
      ['n', 'bigint'],
      ['day', 'date'],
      ['shop', 'int'],
    ]);
    const rows = (await read.selectExpr('n', 'cast(day as string) day', 'shop').collect()) as any[];
    assert.deepEqual(
      rows.sort((left, right) => Number(left.n - right.n)),
      [
        { n: 1n, day: '2026-01-02', shop: 7 },
        { n: 2n, day: null, shop: 8 },
      ],
    );
    assert.deepEqual(
      (await streamed(folder, 'shop STRING, n INT', 'json')).map((row) => Object.keys(row).join()),
      ['shop,n,day', 'shop,n,day'],
    );
  });
});

describe('which files', () => {
  const names = async (path: string, options: Record<string, string> = {}) =>
    (await session.read.options(options).text(path).collect()).map((row) => row.value).sort();

  beforeEach(() => {
    for (const name of ['a/one.txt', 'a/two.log', 'b/one.txt', 'c/_hidden.txt', 'c/three.txt']) put(name, name);
  });

  test('patterns in the path and of the name', async () => {
    assert.deepEqual(await names(join(folder, '{a,b}', '*.txt')), ['a/one.txt', 'b/one.txt']);
    assert.deepEqual(await names(join(folder, '[!a]')), ['b/one.txt', 'c/three.txt']);
    assert.deepEqual(await names(folder, { pathGlobFilter: '*.log' }), ['a/two.log']);
  });

  test('times of modification', async () => {
    utimesSync(join(folder, 'a/one.txt'), AT, AT);
    assert.deepEqual(await names(folder, { modifiedBefore: '2026-01-02T03:04:06' }), ['a/one.txt']);
    assert.equal((await names(folder, { modifiedAfter: '2026-01-02T03:04:05' })).length, 3);
  });

  test('cleanSource removes or moves the files of batches that are committed', async () => {
    await streamed(join(folder, 'a'), 'x STRING', 'csv', { cleanSource: 'delete' });
    assert.deepEqual(readdirSync(join(folder, 'a')), []);
    const archive = join(folder, 'archive');
    await streamed(join(folder, 'b'), 'x STRING', 'csv', { cleanSource: 'archive', sourceArchiveDir: archive });
    assert.ok(existsSync(join(archive, folder, 'b', 'one.txt')));
    assert.deepEqual(readdirSync(join(folder, 'b')), []);
  });
});

describe('df.write', () => {
  const table = session.createDataFrame(
    [
      { k: 'x', n: 1 },
      { k: 'y', n: 2 },
    ],
    'k STRING, n INT',
  );
  const rowsOf = async (path: string) => (await session.read.parquet(path).select('k', 'n').collect()).sort((a: any, b: any) => a.n - b.n);

  test('its modes are Spark’s', async () => {
    const out = join(folder, 'out');
    await table.write.partitionBy('k').parquet(out);
    assert.deepEqual(readdirSync(out).sort(), ['_SUCCESS', 'k=x', 'k=y']);
    await assert.rejects(table.write.parquet(out), { code: 'PATH_ALREADY_EXISTS' });
    await table.write.mode('ignore').parquet(out);
    await table.write.mode('append').partitionBy('k').parquet(out);
    assert.equal((await rowsOf(out)).length, 4);
    await table.filter('n = 2').write.mode('overwrite').partitionBy('k').parquet(out);
    assert.deepEqual(await rowsOf(out), [{ k: 'y', n: 2 }]);
    assert.throws(() => table.write.mode('replace'), { code: 'INVALID_SAVE_MODE' });
  });
});

test('columns of parquet that nothing is computed from are not read, whatever their type', async () => {
  const out = join(folder, 'out');
  await (session.range(1000) as any).selectExpr('id AS n', 'id % 3 AS k', "'x' AS t", '1 AS day').write.partitionBy('day').parquet(out);
  const read = (ddl: string): any => (session.read as any).schema(ddl).parquet(out);
  assert.deepEqual(await read('n BIGINT, k BIGINT, t STRING, day INT').groupBy().count().collect(), [{ count: 1000n }]);
  const sums = await read('t INT, k BIGINT, n BIGINT, day INT').groupBy('k', 'day').sum('n').orderBy('k').collect();
  assert.deepEqual(
    sums.map((row: any) => [row.k, row.day, row['sum(n)']]),
    [
      [0n, 1, 166833n],
      [1n, 1, 166167n],
      [2n, 1, 166500n],
    ],
  );
  await assert.rejects(read('t INT, k BIGINT').select('t').collect(), { code: 'FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH' });
});
