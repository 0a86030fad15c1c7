// How files begin and end, and columns that are named twice: a byte order mark is none of the first line, files without a record have no columns, the end of a line is
// none of a malformed record.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Session } from 'millrace';

const session = Session.create({ timeZone: 'UTC' });

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-file-starts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

describe('a byte order mark', () => {
  const MARK = '\ufeff';

  test('is none of the header of a csv file, nor of its first value', async () => {
    const path = write('a.csv', `${MARK}id,n\n7,1\n`);
    for (const options of [{}, { multiLine: true }]) {
      const read = session.read.options({ header: true, inferSchema: true, ...options }).csv(path);
      assert.deepEqual(read.columns, ['id', 'n']);
      assert.deepEqual(await read.collect(), [{ id: 7, n: 1 }] as never);
    }
    const first = await session.read
      .schema('a INT, b INT')
      .csv(write('b.csv', `${MARK}1,2\n`))
      .collect();
    assert.deepEqual(first, [{ a: 1, b: 2 }]);
    assert.deepEqual(
      await session.read
        .schema('a INT, b INT')
        .option('lineSep', ';')
        .csv(write('c.csv', `${MARK}1,2;3,4`))
        .collect(),
      [
        { a: 1, b: 2 },
        { a: 3, b: 4 },
      ],
    );
  });

  test('is none of a json document, packed or not', async () => {
    const lines = write('a.json', `${MARK}{"a":1}\n{"a":2}\n`);
    assert.deepEqual(await session.read.json(lines).collect(), [{ a: 1n }, { a: 2n }] as never);
    const packed = write('a.json.gz', gzipSync(`${MARK}{"a":1}\n`));
    assert.deepEqual(await session.read.json(packed).collect(), [{ a: 1n }] as never);
    const document = write('b.json', `${MARK}[{"a":1},\n{"a":2}]`);
    assert.deepEqual(await session.read.option('multiLine', true).json(document).collect(), [{ a: 1n }, { a: 2n }] as never);
  });

  test('is none of the first line of a text file, however it is cut', async () => {
    const path = write('a.txt', `${MARK}one\ntwo\n${MARK}three\n`);
    for (const splitBytes of ['1', '2', '3', '4', '1000']) {
      const cut = Session.create({ conf: { 'millrace.splitBytes': splitBytes } });
      const lines = (await cut.read.text(path).collect()).map(({ value }) => value);
      assert.deepEqual(lines, ['one', 'two', `${MARK}three`], `splits of ${splitBytes} bytes`);
    }
  });
});

describe('files without a record', () => {
  for (const content of ['', '\n\n']) {
    test(`have no columns: ${JSON.stringify(content)}`, async () => {
      const csv = session.read.options({ header: true, inferSchema: true }).csv(write('e.csv', content));
      assert.deepEqual([csv.columns, await csv.count()], [[], 0]);
      const json = session.read.json(write('e.json', content));
      assert.deepEqual([json.columns, await json.count()], [[], 0]);
    });
  }
});

test('a json member of the name of the column for malformed records stands for it', async () => {
  const path = write('n.json', '{"a":1,"b":"x"}\n[1]\n{"a":2}\n');
  const read = session.read.option('columnNameOfCorruptRecord', 'b').json(path);
  assert.deepEqual(read.columns, ['a', 'b']);
  assert.deepEqual(
    (await read.collect()).map(({ a, b }) => [a, b]),
    [
      [1n, null],
      [null, '[1]'],
      [2n, null],
    ],
  );
  const twice = session.read.schema('a INT, b STRING, b STRING').option('columnNameOfCorruptRecord', 'b').json(path);
  assert.equal(await twice.count(), 3);
  assert.equal((await twice.collect()).length, 3);
});

test('columns whose names differ in upper and lower case alone are refused where they are inferred', () => {
  const path = write('d.json', '{"a":1,"A":3}\n');
  assert.throws(() => session.read.json(path), { code: 'COLUMN_ALREADY_EXISTS', message: /The column `a` already exists/ });
});

test('a malformed csv record is shown without the end of its line', async () => {
  const read = (content: string, options: object) =>
    session.read
      .schema('a INT, b INT, _corrupt_record STRING')
      .options(options as never)
      .csv(write('m.csv', content))
      .collect();
  assert.deepEqual(await read('1,2\n3,4\n', { lineSep: ';' }), [{ a: 1, b: null, _corrupt_record: '1,2\n3,4' }]);
  assert.deepEqual(await read('x,2\r\n3,4\n', {}), [
    { a: null, b: 2, _corrupt_record: 'x,2' },
    { a: 3, b: 4, _corrupt_record: null },
  ]);
});
