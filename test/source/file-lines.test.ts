// Lines that end or are written in other ways, and what rows know of their files.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { col, type DataFrame, Session } from 'millrace';

const session = Session.create({ timeZone: 'UTC', conf: { 'millrace.splitBytes': '64b' } });
const folder = mkdtempSync(join(tmpdir(), 'millrace-lines-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, text: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('lineSep and encoding', () => {
  test('text is cut at any separator, also in files larger than a split', async () => {
    const lines = Array.from({ length: 40 }, (_, index) => `line\n${index}`);
    const path = put('a.txt', lines.join('||'));
    const rows = await session.read.option('lineSep', '||').text(path).collect();
    assert.deepEqual(
      rows.map(({ value }) => value),
      lines,
    );
  });

  test('json and csv have it too', async () => {
    const json = session.read.schema('a INT').option('lineSep', ';').json(put('a.json', '{"a":1};{"a":\n2}'));
    assert.deepEqual(await json.collect(), [{ a: 1 }, { a: 2 }]);
    const csv = session.read.schema('a INT, b STRING').option('lineSep', ';').csv(put('a.csv', '1,x;2,y'));
    assert.deepEqual(await csv.collect(), [
      { a: 1, b: 'x' },
      { a: 2, b: 'y' },
    ]);
  });

  test('columns are inferred from what the encoding says', async () => {
    const path = put('b.csv', Buffer.from('naïve\ncafé\n', 'latin1'));
    assert.deepEqual(await session.read.options({ header: true, encoding: 'ISO-8859-1' }).csv(path).collect(), [{ naïve: 'café' }]);
    const wide = put('b.json', Buffer.from('\ufeff{"a":"€"}', 'utf16le'));
    assert.deepEqual(await session.read.option('encoding', 'UTF-16').json(wide).collect(), [{ a: '€' }]);
  });

  test('an encoding that is not known, and no separator at all, are refused', async () => {
    const path = put('c.txt', 'a');
    for (const [name, value] of [
      ['encoding', 'EBCDIC'],
      ['lineSep', ''],
    ] as const) {
      await assert.rejects(session.read.option(name, value).text(path).collect(), { code: 'OPTION_INVALID' });
    }
  });
});

describe('_metadata', () => {
  const inner = join(folder, 'in', 'day=3');
  mkdirSync(inner, { recursive: true });
  const path = join(inner, 'a b.json');
  writeFileSync(path, '{"n":1}\n{"n":2}\n');
  utimesSync(path, 1_700_000_000.5, 1_700_000_000.5);

  const frame = () => session.read.schema('n INT').json(join(folder, 'in'));

  test('says which file a row is of, and is hidden from those who do not ask', async () => {
    assert.deepEqual(frame().columns, ['n', 'day']);
    const [row] = await frame().select('n', col('_metadata')).limit(1).collect();
    assert.deepEqual(row, {
      n: 1,
      _metadata: {
        file_path: pathToFileURL(path).href,
        file_name: 'a b.json',
        file_size: BigInt(statSync(path).size),
        file_block_start: 0n,
        file_block_length: BigInt(statSync(path).size),
        file_modification_time: new Date(1_700_000_000_500),
      },
    });
  });

  test('filters and added columns see it, and it never comes out by itself', async () => {
    const rows = await frame().filter("_metadata.file_name = 'a b.json' AND n > 1").collect();
    assert.deepEqual(rows, [{ n: 2, day: 3 }]);
    const named = frame()
      .withColumn('twice', (row) => row.n.mul(2))
      .withColumn('file', col('_metadata.file_name'));
    assert.deepEqual(named.columns, ['n', 'day', 'twice', 'file']);
    assert.deepEqual(await (named as DataFrame<any>).drop('day').select('*').limit(1).collect(), [{ n: 1, twice: 2, file: 'a b.json' }]);
    assert.deepEqual(await frame().distinct().filter('n = 1').collect(), [{ n: 1, day: 3 }]);
  });

  test('groups go by it, streams and SQL have it', async () => {
    frame().createOrReplaceTempView('files');
    const counts = session.sql('SELECT _metadata.file_name AS f, count(*) AS c FROM files GROUP BY _metadata.file_name');
    assert.deepEqual(await counts.collect(), [{ f: 'a b.json', c: 2n }]);
    const rows: unknown[] = [];
    const query = await session.readStream
      .schema('n INT')
      .json(join(folder, 'in'))
      .select(col('_metadata.file_name'))
      .writeStream.trigger({ availableNow: true })
      .foreachBatch((batch) => void rows.push(...batch.toArray()))
      .start();
    await query.awaitTermination();
    assert.deepEqual(rows, [{ file_name: 'a b.json' }, { file_name: 'a b.json' }]);
  });

  test('a column of that name in the file itself is the file’s', async () => {
    const own = session.read.schema('_metadata STRING').json(put('own.json', '{"_metadata":"mine"}'));
    assert.deepEqual(await own.collect(), [{ _metadata: 'mine' }]);
  });
});
