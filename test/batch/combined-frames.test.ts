// DataFrames of two inputs against nested loops: joins of every type, unions, except and intersect.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { col, type DataFrame, type JoinType, lit, type MillraceError, Session } from 'millrace';

const session = Session.create({ appName: 'combined', timeZone: 'UTC' });

type Row = { k: string | null; v: number };
const rows = fc.array(fc.record({ k: fc.constantFrom('a', 'b', 'c', null), v: fc.integer({ min: 0, max: 3 }) }), { maxLength: 12 });

const frame = (of: readonly Row[], prefix: string) =>
  session.createDataFrame(of, 'k STRING, v INT').withColumnsRenamed({ k: `${prefix}k`, v: `${prefix}v` }) as DataFrame<any>;

/** What a join gives, row by row. */
function nestedLoops(left: readonly Row[], right: readonly Row[], how: JoinType, meets: (one: Row, other: Row) => boolean): unknown[][] {
  const out: unknown[][] = [];
  const met = new Set<Row>();
  for (const one of left) {
    const partners = right.filter((other) => meets(one, other));
    for (const partner of partners) met.add(partner);
    if (how === 'left_semi' || how === 'left_anti') {
      if (partners.length > 0 === (how === 'left_semi')) out.push([one.k, one.v]);
      continue;
    }
    for (const { k, v } of partners) out.push([one.k, one.v, k, v]);
    if (partners.length === 0 && (how === 'left' || how === 'full')) out.push([one.k, one.v, null, null]);
  }
  if (how === 'right' || how === 'full') for (const other of right) if (!met.has(other)) out.push([null, null, other.k, other.v]);
  return out;
}

const sorted = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).sort();
const collected = async (of: DataFrame<any>) => sorted((await of.collect()).map((row: object) => Object.values(row)));

describe('joins', () => {
  const kinds: JoinType[] = ['inner', 'left', 'right', 'full', 'left_semi', 'left_anti'];
  for (const how of kinds) {
    test(`${how} on a key and a condition`, async () => {
      await fc.assert(
        fc.asyncProperty(rows, rows, async (left, right) => {
          const joined = frame(left, 'l').join(
            frame(right, 'r'),
            col('lk')
              .eq(col('rk'))
              .and(col('lv').leq(col('rv'))),
            how,
          );
          const meets = (one: Row, other: Row) => one.k !== null && one.k === other.k && one.v <= other.v;
          assert.deepEqual(await collected(joined), sorted(nestedLoops(left, right, how, meets)));
        }),
        { numRuns: 40 },
      );
    });

    test(`${how} where null meets null, and on no key at all`, async () => {
      await fc.assert(
        fc.asyncProperty(rows, rows, async (left, right) => {
          const nullSafe = frame(left, 'l').join(frame(right, 'r'), col('lk').eqNullSafe(col('rk')), how);
          assert.deepEqual(await collected(nullSafe), sorted(nestedLoops(left, right, how, (one, other) => one.k === other.k)));
          const noKey = frame(left, 'l').join(frame(right, 'r'), col('lv').lt(col('rv')), how);
          assert.deepEqual(await collected(noKey), sorted(nestedLoops(left, right, how, (one, other) => one.v < other.v)));
        }),
        { numRuns: 40 },
      );
    });
  }

  test('columns of USING stand once, in front', async () => {
    const left = session.createDataFrame(
      [
        { v: 1, k: 'a' },
        { v: 2, k: 'b' },
      ],
      'v INT, k STRING',
    );
    const right = session.createDataFrame(
      [
        { k: 'a', w: 3 },
        { k: 'c', w: 4 },
      ],
      'k STRING, w INT',
    );
    const full = left.join(right, 'k', 'full').orderBy('k');
    assert.deepEqual(full.columns, ['k', 'v', 'w']);
    assert.deepEqual(await full.collect(), [
      { k: 'a', v: 1, w: 3 },
      { k: 'b', v: 2, w: null },
      { k: 'c', v: null, w: 4 },
    ]);
  });

  test('a frame meets itself under two names', async () => {
    const trades = session.createDataFrame(
      [
        { id: 1, of: 2 },
        { id: 2, of: null },
      ],
      'id INT, of INT',
    );
    const pairs = trades.alias('child').join(trades.alias('parent'), col('child.of').eq(col('parent.id')));
    assert.deepEqual(await pairs.select(col('child.id').alias('child'), col('parent.id').alias('parent')).collect(), [
      { child: 1, parent: 2 },
    ]);
  });

  test('every row with every row', async () => {
    const numbers = session.range(300).withColumn('other', lit(1));
    assert.equal(await numbers.crossJoin(session.range(200)).count(), 60_000);
  });

  test('an unknown join type is refused', () => {
    const refused = () => session.range(1).join(session.range(1), [], 'sideways' as JoinType);
    assert.throws(refused, (error: MillraceError) => error.code === 'UNSUPPORTED_JOIN_TYPE');
  });
});

describe('set operations', () => {
  const counted = (of: readonly Row[]) => {
    const counts = new Map<string, number>();
    for (const { k, v } of of) counts.set(JSON.stringify([k, v]), (counts.get(JSON.stringify([k, v])) ?? 0) + 1);
    return counts;
  };
  const operations: Record<string, (left: number, right: number) => number> = {
    except: (left, right) => (left > 0 && right === 0 ? 1 : 0),
    exceptAll: (left, right) => Math.max(0, left - right),
    intersect: (left, right) => Math.min(1, left, right),
    intersectAll: (left, right) => Math.min(left, right),
    unionAll: (left, right) => left + right,
  };
  for (const [method, times] of Object.entries(operations)) {
    test(`${method} counts rows`, async () => {
      await fc.assert(
        fc.asyncProperty(rows, rows, async (left, right) => {
          const [ours, theirs] = [counted(left), counted(right)];
          const keys = [...new Set([...ours.keys(), ...theirs.keys()])];
          const expected = keys.flatMap((key) => Array<string>(times(ours.get(key) ?? 0, theirs.get(key) ?? 0)).fill(key));
          const combine = (frame(left, 'l') as any)[method] as (other: DataFrame<any>) => DataFrame<any>;
          assert.deepEqual(await collected(combine.call(frame(left, 'l'), frame(right, 'r'))), expected.sort());
        }),
        { numRuns: 40 },
      );
    });
  }

  test('a union widens types and keeps the names of the left side', async () => {
    const united = session.createDataFrame([{ a: 1 }], 'a INT').union(session.createDataFrame([{ b: 2.5 }], 'b DOUBLE'));
    assert.deepEqual(united.dtypes, [['a', 'double']]);
    assert.deepEqual(await united.collect(), [{ a: 1 }, { a: 2.5 }]);
  });

  test('unionByName finds columns by name, and nulls for those that one side lacks', async () => {
    const left = session.createDataFrame([{ a: 1, b: 'x' }], 'a INT, b STRING');
    const right = session.createDataFrame([{ b: 'y', a: 2 }], 'b STRING, a INT');
    assert.deepEqual(await left.unionByName(right).collect(), [
      { a: 1, b: 'x' },
      { a: 2, b: 'y' },
    ]);
    const other = session.createDataFrame([{ c: true }], 'c BOOLEAN');
    assert.throws(
      () => left.unionByName(other),
      (error: MillraceError) => error.code.startsWith('UNRESOLVED_COLUMN'),
    );
    assert.deepEqual(await left.unionByName(other, true).collect(), [
      { a: 1, b: 'x', c: null },
      { a: null, b: null, c: true },
    ]);
  });

  test('unequal numbers of columns are refused', () => {
    const refused = () => session.range(1).union(session.createDataFrame([], 'a INT, b INT'));
    assert.throws(refused, (error: MillraceError) => error.code === 'NUM_COLUMNS_MISMATCH');
  });
});
