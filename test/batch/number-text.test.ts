// Numbers, sentences and collated texts through SQL and the typed functions.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import {
  col,
  collate,
  collation,
  formatNumber,
  lit,
  type MillraceError,
  Session,
  sentences,
  toChar,
  toNumber,
  tryToNumber,
} from 'millrace';

const session = Session.create({ appName: 'number text', timeZone: 'UTC' });
after(() => session.stop());

const row = session.createDataFrame([{ s: 'Straße ΟΔΟΣ', n: -1234.5 }], 's STRING, n DOUBLE');
const values = async (...sql: string[]) => Object.values((await row.selectExpr(...sql).collect())[0] ?? {});

const code = (expected: string) => (error: MillraceError) => {
  assert.equal(error.code, expected, error.message);
  return true;
};

describe('number formats', () => {
  test('read and write', async () => {
    const got = row.select(
      toNumber(lit('<$1,234.5>'), '$9,999.99PR').alias('a'),
      tryToNumber(lit('12 34'), '999').alias('b'),
      toChar(lit(12n), 'S0999').alias('c'),
      formatNumber('n', '#,##0.00;(#,##0.00)').alias('d'),
      formatNumber('n', 1).alias('e'),
    );
    assert.deepEqual(await got.collect(), [{ a: '-1234.50', b: null, c: '+0012', d: '(1,234.50)', e: '-1,234.5' }]);
    assert.deepEqual(await values("to_char(DATE'2024-03-01', 'yyyy/MM')", "to_varchar(X'4142', 'hex')", "to_char(X'4142', 'utf-8')"), [
      '2024/03',
      '4142',
      'AB',
    ]);
  });

  test('are checked when the query is made, texts when they come', async () => {
    assert.throws(() => row.selectExpr("to_number(s, '9$9')"), code('INVALID_FORMAT.CUR_MUST_BEFORE_DIGIT'));
    assert.throws(() => row.selectExpr("to_char(X'41', 'rot13')"), code('INVALID_PARAMETER_VALUE.BINARY_FORMAT'));
    await assert.rejects(row.selectExpr("to_number(s, '99')").collect(), code('INVALID_FORMAT.MISMATCH_INPUT'));
  });
});

test('sentences are arrays of words', async () => {
  const frame = row.select(sentences(lit('Hi there! Good morning.')).alias('s'));
  assert.deepEqual(await frame.collect(), [
    {
      s: [
        ['Hi', 'there'],
        ['Good', 'morning'],
      ],
    },
  ]);
});

describe('collations', () => {
  test('decide about comparisons and searches', async () => {
    assert.deepEqual(await values("s COLLATE UTF8_LCASE = 'STRAßE οδος'", "s = 'STRAßE οδος'", "contains(s COLLATE UTF8_LCASE, 'οδοσ')"), [
      true,
      false,
      true,
    ]);
    assert.deepEqual(await values("'a  ' COLLATE UTF8_BINARY_RTRIM = 'a'", "'B' COLLATE UTF8_LCASE BETWEEN 'a' AND 'c'"), [true, true]);
    assert.equal((await row.filter(collate('s', 'UTF8_LCASE').eq(lit('straße οδος'))).collect()).length, 1);
    const names = row.select(collation('s').alias('a'), collation(collate('s', 'utf8_lcase')).alias('b'));
    assert.deepEqual(await names.collect(), [{ a: 'SYSTEM.BUILTIN.UTF8_BINARY', b: 'SYSTEM.BUILTIN.UTF8_LCASE' }]);
  });

  test('go no further', () => {
    const unsupported = code('UNSUPPORTED_COLLATION.FOR_FUNCTION');
    assert.throws(() => row.select(collate('s', 'UTF8_LCASE')), unsupported);
    assert.throws(() => row.selectExpr('upper(s COLLATE UTF8_LCASE)'), unsupported);
    assert.throws(() => row.orderBy(collate(col('s'), 'UTF8_LCASE')), unsupported);
    assert.throws(() => row.groupBy(collate('s', 'UTF8_LCASE').alias('k')).count(), unsupported);
    assert.throws(() => row.selectExpr("s COLLATE UNICODE_CI = 'x'"), unsupported);
    assert.throws(() => row.selectExpr("s COLLATE NOPE_NOPE = 'x'"), code('COLLATION_INVALID_NAME'));
    const mixed = 's COLLATE UTF8_LCASE = s COLLATE UTF8_LCASE_RTRIM';
    assert.throws(() => row.selectExpr(mixed), code('COLLATION_MISMATCH.EXPLICIT'));
  });
});
