// Groups without windows: sum and count by 10, 1,000 and 100,000 keys, of text and of numbers.
import { col, count, lit, schema, sum } from 'millrace';
import { Draws } from '../data/splitmix64.ts';
import { ColumnQuery, expectEqual } from '../harness/column-query.ts';
import { type Case, stageBench } from '../harness/stage-bench.ts';

const ROWS = 524_288;
const KEY_COUNTS = [10, 1_000, 100_000];

const Reading = schema({ id: 'string', number: 'bigint', value: 'bigint' });
const valueDraws = new Draws(51);
const values = BigInt64Array.from({ length: ROWS }, (_, row) => BigInt(valueDraws.below(row, 1_000)));

function columnsOf(keyCount: number) {
  const draws = new Draws(50);
  const keys = Array.from({ length: ROWS }, (_, row) => draws.below(row, keyCount));
  return { id: keys.map((key) => `acct-${key}`), number: BigInt64Array.from(keys, BigInt), value: values };
}

function reference(keys: readonly unknown[] | BigInt64Array): Map<unknown, string> {
  const groups = new Map<unknown, [bigint, number]>();
  for (let row = 0; row < ROWS; row += 1) {
    const [total, rows] = groups.get(keys[row]) ?? [0n, 0];
    groups.set(keys[row], [total + (values[row] ?? 0n), rows + 1]);
  }
  return new Map([...groups].map(([key, [total, rows]]) => [key, `${total},${rows}`]));
}

function aggregateCase(keyCount: number, key: 'id' | 'number', part: 'map' | 'batch'): () => Case {
  return () => {
    const query = new ColumnQuery(Reading, (readings) =>
      readings
        .select(col(key).alias('key'), col('value'))
        .groupBy('key')
        .agg(sum('value').alias('total'), count(lit(1)).alias('n')),
    );
    const columns = columnsOf(keyCount);
    const input = query.encode(columns);
    const check = () => {
      const expected = reference(columns[key]);
      const found = query.batch(input);
      expectEqual(found.numRows, expected.size, 'groups');
      for (const row of found) expectEqual(`${row.total},${row.n}`, expected.get(row.key), `group ${row.key}`);
    };
    const map = () => {
      query.begin();
      query.map(input);
    };
    return {
      name: `${keyCount.toLocaleString('en')} ${key === 'id' ? 'texts' : 'numbers'}, ${part === 'map' ? 'map' : 'whole batch'}`,
      unit: 'row',
      units: ROWS,
      check,
      run: part === 'map' ? map : () => void query.batch(input),
      close: () => query.close(),
    };
  };
}

await stageBench(
  'micro/aggregate',
  KEY_COUNTS.flatMap((keyCount) =>
    (['id', 'number'] as const).flatMap((key) => (['map', 'batch'] as const).map((part) => aggregateCase(keyCount, key, part))),
  ),
);
