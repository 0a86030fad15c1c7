// Windows of event time: tumbling, sliding by panes, and sliding where each row goes into each of its windows.
import { type Column, count, lit, schema, sum, window } from 'millrace';
import { Draws } from '../data/splitmix64.ts';
import { ColumnQuery, expectEqual } from '../harness/column-query.ts';
import { type Case, stageBench } from '../harness/stage-bench.ts';

const ROWS = 524_288;
const KEYS = 1_000;
const SECOND_MS = 1_000;
const FIRST_MS = 1_767_225_600_000;
/** 5,000 rows a second of event time, up to half a second out of order. */
const ROWS_PER_MS = 5;

const Reading = schema({ key: 'bigint', value: 'bigint', weight: 'double', time: 'timestamp' });
const draws = { key: new Draws(50), value: new Draws(51), late: new Draws(30) };
const key = Float64Array.from({ length: ROWS }, (_, row) => draws.key.below(row, KEYS));
const value = Float64Array.from({ length: ROWS }, (_, row) => draws.value.below(row, 1_000));
const timeMs = Float64Array.from({ length: ROWS }, (_, row) => FIRST_MS + Math.floor(row / ROWS_PER_MS) - draws.late.below(row, 500));
const columns = {
  key: BigInt64Array.from(key, BigInt),
  value: BigInt64Array.from(value, BigInt),
  weight: value,
  time: BigInt64Array.from(timeMs, (ms) => BigInt(ms) * 1_000n),
};

/** Sums and counts by window and key, the obvious way. */
function reference(sizeMs: number, slideMs: number): Map<string, string> {
  const groups = new Map<string, [number, number]>();
  for (let row = 0; row < ROWS; row += 1) {
    const time = timeMs[row] ?? 0;
    for (let start = time - (time % slideMs); start > time - sizeMs; start -= slideMs) {
      const name = `${start},${key[row]}`;
      const [total, rows] = groups.get(name) ?? [0, 0];
      groups.set(name, [total + (value[row] ?? 0), rows + 1]);
    }
  }
  return new Map([...groups].map(([name, [total, rows]]) => [name, `${total},${rows}`]));
}

function windowCase(name: string, part: 'map' | 'batch', sizeMs: number, slideMs: number, summed: 'value' | 'weight'): () => Case {
  return () => {
    const windows: Column<any, any> = window('time', `${sizeMs} milliseconds`, `${slideMs} milliseconds`);
    const query = new ColumnQuery(Reading, (readings) =>
      readings.groupBy(windows, 'key').agg(sum(summed).alias('total'), count(lit(1)).alias('n')),
    );
    const input = query.encode(columns);
    const check = () => {
      const expected = reference(sizeMs, slideMs);
      const found = query.batch(input);
      expectEqual(found.numRows, expected.size, 'groups');
      for (const row of found) {
        const group = `${row.window.start.getTime()},${row.key}`;
        expectEqual(`${row.total},${row.n}`, expected.get(group), group);
      }
    };
    const map = () => {
      query.begin();
      query.map(input);
    };
    return { name, unit: 'row', units: ROWS, check, run: part === 'map' ? map : () => void query.batch(input), close: () => query.close() };
  };
}

const TEN = 10 * SECOND_MS;
const TWO = 2 * SECOND_MS;

await stageBench('micro/window', [
  windowCase('tumbling 10 s, map', 'map', TEN, TEN, 'value'),
  windowCase('tumbling 10 s, whole batch', 'batch', TEN, TEN, 'value'),
  windowCase('sliding 10 s / 2 s, map', 'map', TEN, TWO, 'value'),
  windowCase('sliding 10 s / 2 s, whole batch', 'batch', TEN, TWO, 'value'),
  windowCase('sliding 10 s / 2 s of doubles (no panes), map', 'map', TEN, TWO, 'weight'),
  windowCase('sliding 10 s / 2 s of doubles (no panes), whole batch', 'batch', TEN, TWO, 'weight'),
]);
