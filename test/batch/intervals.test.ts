// Intervals through the whole product: their types and fields, arithmetic with times, and the values that come out.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import {
  col,
  expr,
  lit,
  type MillraceError,
  makeDtInterval,
  makeInterval,
  makeYmInterval,
  Session,
  sessionWindow,
  tryMakeInterval,
} from 'millrace';

const session = Session.create({ appName: 'intervals', timeZone: 'Europe/Berlin' });
after(() => session.stop());

const one = session.createDataFrame([{ n: 1 }], 'n INT');

/** Type and text of an SQL expression. */
async function answer(sql: string): Promise<string> {
  const frame = one.selectExpr(`${sql} AS i`, `CAST(${sql} AS STRING) AS s`);
  const [row] = (await frame.collect()) as { s: string | null }[];
  return `${String(frame.schema.fields[0]?.type)}: ${row?.s}`;
}

const refused = (code: string, sql: string) =>
  assert.rejects(answer(sql), (error: MillraceError) => {
    assert.equal(error.code, code, error.message);
    return true;
  });

describe('types', () => {
  test('the fields that are written make the type', async () => {
    assert.equal(await answer('INTERVAL 3 DAYS'), "interval day: INTERVAL '3' DAY");
    assert.equal(await answer("INTERVAL '1 day 2 hours'"), "interval day to hour: INTERVAL '1 02' DAY TO HOUR");
    assert.equal(await answer("INTERVAL -'26:03' HOUR TO MINUTE"), "interval hour to minute: INTERVAL '-26:03' HOUR TO MINUTE");
    assert.equal(await answer('INTERVAL 2 WEEKS'), "interval day: INTERVAL '14' DAY");
    assert.equal(await answer('INTERVAL 18 MONTHS'), "interval month: INTERVAL '18' MONTH");
    await refused('_LEGACY_ERROR_TEMP_0029', "INTERVAL '1 month 1 day'");
    await refused('INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING_WITH_NOTICE', "INTERVAL '1:2' DAY TO HOUR");
  });

  test('sums and differences have the fields of both sides', async () => {
    assert.equal(await answer('INTERVAL 1 DAY + INTERVAL 90 MINUTES'), "interval day to minute: INTERVAL '1 01:30' DAY TO MINUTE");
    assert.equal(await answer("DATE'2024-03-10' - DATE'2024-02-29'"), "interval day: INTERVAL '10' DAY");
    assert.equal(await answer('INTERVAL 1 YEAR - INTERVAL 1 MONTH'), "interval year to month: INTERVAL '0-11' YEAR TO MONTH");
  });

  test('casts cut off what is shorter than the last field', async () => {
    assert.equal(await answer("CAST(INTERVAL '1 23:59:59' DAY TO SECOND AS INTERVAL DAY)"), "interval day: INTERVAL '1' DAY");
    assert.equal(await answer("CAST(INTERVAL '1-11' YEAR TO MONTH AS INTERVAL YEAR)"), "interval year: INTERVAL '1' YEAR");
    assert.equal(await answer('CAST(36 AS INTERVAL HOUR)'), "interval hour: INTERVAL '36' HOUR");
    assert.equal(await answer('CAST(INTERVAL 36 HOURS AS INT)'), 'integer: 36');
    assert.equal(await answer('CAST(1.5 AS INTERVAL MINUTE)'), "interval minute: INTERVAL '01' MINUTE");
    assert.equal(await answer("CAST('90' AS INTERVAL SECOND)"), "interval second: INTERVAL '90' SECOND");
  });
});

describe('arithmetic', () => {
  test('whole days leave a date a date, hours make it a timestamp', async () => {
    assert.equal(await answer("DATE'2024-03-30' + INTERVAL 1 DAY"), 'date: 2024-03-31');
    assert.equal(await answer("DATE'2024-03-30' + INTERVAL 1 HOUR"), 'timestamp: 2024-03-30 01:00:00');
    assert.equal(await answer("DATE'2024-03-30' + make_interval(0, 1)"), 'date: 2024-04-30');
    await refused('_LEGACY_ERROR_TEMP_2000', "DATE'2024-03-30' + make_interval(0, 0, 0, 0, 1)");
    assert.equal(await answer("'2024-03-30' + INTERVAL 1 DAY"), 'string: 2024-03-31 00:00:00');
  });

  test('a calendar interval moves the wall clock by months and days, the instant by the rest', async () => {
    assert.equal(await answer("TIMESTAMP'2024-03-30 02:30:00' + make_interval(0, 0, 0, 1)"), 'timestamp: 2024-03-31 03:30:00');
    assert.equal(await answer("TIMESTAMP'2024-03-30 02:30:00' + make_interval(0, 0, 0, 0, 24)"), 'timestamp: 2024-03-31 03:30:00');
    assert.equal(await answer("TIMESTAMP'2024-01-31 12:00:00' - make_interval(0, -1)"), 'timestamp: 2024-02-29 12:00:00');
  });

  test('intervals are scaled by numbers', async () => {
    assert.equal(await answer('INTERVAL 1 DAY * 1.5'), "interval day to second: INTERVAL '1 12:00:00' DAY TO SECOND");
    assert.equal(await answer('2 * INTERVAL 5 MONTHS'), "interval year to month: INTERVAL '0-10' YEAR TO MONTH");
    assert.equal(await answer('INTERVAL 5 MONTHS / 2'), "interval year to month: INTERVAL '0-3' YEAR TO MONTH");
    assert.equal(await answer('-make_interval(1, 1) * 2'), 'interval: -2 years -2 months');
    assert.equal(await answer('try_divide(INTERVAL 1 DAY, 0)'), 'interval day to second: null');
    await refused('INTERVAL_DIVIDED_BY_ZERO', 'INTERVAL 1 DAY / 0');
    await refused('DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE', 'INTERVAL 1 DAY * true');
  });

  test('what is too long is an error, or null where it is tried', async () => {
    await refused('INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION', 'make_ym_interval(178956970, 8)');
    await refused('INTERVAL_ARITHMETIC_OVERFLOW.WITH_SUGGESTION', 'INTERVAL 178956970 YEARS + INTERVAL 8 MONTHS');
    assert.equal(await answer('try_add(INTERVAL 178956970 YEARS, INTERVAL 8 MONTHS)'), 'interval year to month: null');
    await refused('ARITHMETIC_OVERFLOW', 'make_interval(2147483647)');
    assert.equal(await answer('try_make_interval(2147483647)'), 'interval: null');
  });
});

describe('calendar intervals', () => {
  const parts = one.select(
    makeInterval({ years: lit(1), months: lit(2), weeks: lit(1), days: 'n', secs: lit('7.5') }).alias('c'),
    tryMakeInterval({ years: lit(2 ** 31 - 1) }).alias('t'),
    makeDtInterval({ hours: 'n', secs: lit(1) }).alias('d'),
    makeYmInterval({ years: 'n' }).alias('y'),
  );

  test('come out as their parts', async () => {
    assert.deepEqual(await parts.collect(), [{ c: { months: 14, days: 8, microseconds: 7_500_000n }, t: null, d: 3_601_000_000n, y: 12 }]);
  });

  test('go in as their parts and pass JSON text', async () => {
    const interval = { months: -1, days: 2, microseconds: -3n };
    const frame = session.createDataFrame([{ i: interval }, { i: null }], 'i INTERVAL');
    assert.deepEqual(await frame.collect(), [{ i: interval }, { i: null }]);
    const json = frame.limit(1).selectExpr('to_json(struct(i)) AS j');
    assert.deepEqual(await json.collect(), [{ j: '{"i":"-1 months 2 days -0.000003 seconds"}' }]);
    const back = json.selectExpr("from_json(j, 'i INTERVAL').i AS i");
    assert.deepEqual(await back.collect(), [{ i: interval }]);
  });

  test('have no order', () => {
    const invalidOrder = { code: 'DATATYPE_MISMATCH.INVALID_ORDERING_TYPE' };
    assert.throws(() => parts.orderBy('c'), invalidOrder);
    assert.throws(() => parts.filter(col('c').eq(col('t'))), invalidOrder);
    assert.throws(() => parts.groupBy('c').count(), { code: 'GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE' });
  });

  test('are nanoseconds in Arrow', async () => {
    const table = (await parts.select('c').toArrow()) as { get(row: number): { toJSON(): { c: Int32Array } } | null };
    assert.deepEqual([...(table.get(0)?.toJSON().c ?? [])].slice(0, 2), [14, 8]);
  });
});

describe('sessions', () => {
  test('have gaps that are intervals', async () => {
    const times = [0, 50, 120].map((second) => ({ ts: new Date(second * 1000) }));
    const rows = session
      .createDataFrame(times, 'ts TIMESTAMP')
      .groupBy(sessionWindow('ts', expr('make_interval(0,0,0,0,0,1)')))
      .count();
    assert.deepEqual((await rows.collect()).map((row) => row.count).sort(), [1n, 2n]);
  });
});
