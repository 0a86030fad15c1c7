// TIME and VARIANT columns from JSON and DDL to rows, text, JSON and refusals.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type MillraceError, Session } from 'millrace';

const session = Session.create({ appName: 'time and variant', timeZone: 'UTC' });
after(() => session.stop());

const json = session.createDataFrame(
  [{ s: '{"t":"12:34:56.789","v":{"b":[1.50,null,"x"],"a":1e3}}' }, { s: '{"t":"24:00","v":null}' }, { s: '{"t":5,"v":{"a":1,"a":2}}' }],
  's STRING',
);
const parsed = json.selectExpr("from_json(s, 't TIME(2), v VARIANT') AS j").selectExpr('j.t AS t', 'j.v AS v');

const code = (expected: string) => (error: MillraceError) => {
  assert.equal(error.code, expected, error.message);
  return true;
};

describe('TIME', () => {
  test('keeps as many digits as it says', async () => {
    assert.deepEqual(
      (await parsed.collect()).map((row) => row.t),
      ['12:34:56.78', null, null],
    );
    const [row] = await json
      .limit(1)
      .selectExpr("TIME'1:2:3.000004' AS a", "CAST(TIME'01:02:03.5' AS STRING) AS b", "TIME'23:59' > TIME'12:00' AS c")
      .collect();
    assert.deepEqual(row, { a: '01:02:03.000004', b: '01:02:03.5', c: true });
  });

  test('goes in as text, and is grouped, ordered and compared', async () => {
    const frame = session.createDataFrame([{ t: '12:00' }, { t: '09:30:00.25' }, { t: '12:00:00' }, { t: null }], 't TIME');
    assert.deepEqual(await frame.groupBy('t').count().orderBy('t').collect(), [
      { t: null, count: 1n },
      { t: '09:30:00.25', count: 1n },
      { t: '12:00:00', count: 2n },
    ]);
    assert.deepEqual(await frame.selectExpr('min(t) AS a', 'max(t) AS b').collect(), [{ a: '09:30:00.25', b: '12:00:00' }]);
    assert.throws(() => session.createDataFrame([], 't TIME(7)'), code('UNSUPPORTED_TIME_PRECISION'));
    assert.throws(() => frame.selectExpr('CAST(t AS TIMESTAMP)'), code('DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION'));
  });
});

describe('VARIANT', () => {
  test('is JSON with its names in order and its numbers reprinted', async () => {
    assert.deepEqual(
      (await parsed.collect()).map((row) => row.v),
      ['{"a":1000.0,"b":[1.5,null,"x"]}', 'null', null],
    );
    const whole = json
      .limit(1)
      .selectExpr("from_json('[1, \"a\"]', 'VARIANT') AS v")
      .selectExpr('to_json(struct(v)) AS j', 'CAST(v AS STRING) AS s');
    assert.deepEqual(await whole.collect(), [{ j: '{"v":[1,"a"]}', s: '[1,"a"]' }]);
  });

  test('has no order, and no casts but to STRING', () => {
    assert.throws(() => parsed.orderBy('v'), code('DATATYPE_MISMATCH.INVALID_ORDERING_TYPE'));
    assert.throws(() => parsed.groupBy('v').count(), code('GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE'));
    assert.throws(() => parsed.selectExpr('CAST(v AS INT)'), code('DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION'));
  });
});
