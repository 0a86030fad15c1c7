// Random cases in the form of the streaming vectors: schemas, rows, batch cuts, queries, output modes and settings that Spark allows.
import fc from 'fast-check';
import type { Tree } from '../reference/expression.ts';
import type { StreamCase } from '../reference/stream.ts';
import { isoTime } from '../reference/value.ts';

type Column = readonly [name: string, type: string];

/** How a case is run: on the main thread, or in workers whatever the size of the input. */
const PLACES = [
  {},
  { 'millrace.inlineBytesMax': '0', 'millrace.workers': 0 },
  { 'millrace.inlineBytesMax': '0', 'millrace.workers': 1 },
  { 'millrace.inlineBytesMax': '0', 'millrace.workers': 2 },
];

/** Where event time begins, in milliseconds: today's times, around 1970, long before. */
const BASES = [Date.parse('2026-01-01T00:00:00Z'), 0, -100_000_000_000, Date.parse('2026-03-29T00:59:50Z')];

/** A whole case. Integers that JSON can't hold are bigints. */
export function streamCases(): fc.Arbitrary<StreamCase> {
  const types = fc.array(fc.constantFrom('string', 'int', 'bigint', 'double', 'boolean', 'timestamp'), { minLength: 1, maxLength: 5 });
  return fc
    .tuple(types, fc.nat(5), fc.constantFrom(...BASES))
    .map(([list, at, base]) => {
      const columns: Column[] = list.map((type, index) => [`c${index}`, type]);
      columns.splice(Math.min(at, columns.length), 0, ['ts', 'timestamp'], ['n', 'int']);
      return { columns, base };
    })
    .chain(({ columns, base }) =>
      fc.record({
        id: fc.constant('random'),
        config: fc.record({ conf: settings() }),
        sources: fc.constant([{ name: 's', schema: columns }]),
        asked: queries(columns),
        steps: fc.array(fc.record({ input: fc.record({ s: fc.array(rows(columns, base), { maxLength: 12 }) }) }), {
          minLength: 1,
          maxLength: 5,
        }),
      }),
    )
    .map(({ asked, ...rest }) => ({ ...rest, ...asked }));
}

function settings(): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .tuple(fc.constantFrom(...PLACES), fc.constantFrom(1, 2, 8), fc.constantFrom(true, true, true, false))
    .map(([place, shards, noData]) => ({
      ...place,
      'spark.sql.shuffle.partitions': shards,
      'spark.sql.streaming.noDataMicroBatches.enabled': noData,
    }));
}

function rows(columns: readonly Column[], base: number): fc.Arbitrary<unknown[]> {
  return fc.tuple(...columns.map(([name, type]) => values(name, type, base)));
}

/** Few values, so that they meet: extremes, all kinds of zero, nulls. */
function values(name: string, type: string, base: number): fc.Arbitrary<unknown> {
  if (name === 'n') return sometimes(null, fc.integer({ min: -3, max: 3 }));
  switch (type) {
    case 'timestamp':
      return sometimes(null, times(base));
    case 'int':
      return sometimes(null, fc.constantFrom(0, 1, -1, 7, 2_147_483_647, -2_147_483_648));
    case 'bigint':
      return sometimes(null, fc.constantFrom(0n, 1n, -5n, 2n ** 63n - 1n, -(2n ** 63n), 9_007_199_254_740_993n));
    case 'double':
      return sometimes(null, fc.constantFrom(0, -0, 0.1, 0.2, 1e16, -2.5, 'NaN', 'Infinity', '-Infinity', 5e-324));
    case 'boolean':
      return sometimes(null, fc.boolean());
    default:
      return sometimes(null, fc.constantFrom('', 'a', 'b', 'ab', 'é', '日本', '😀', '\u0000'));
  }
}

/** Seconds from the base, a microsecond or a millisecond off at times: ties with window ends and watermarks are common. */
function times(base: number): fc.Arbitrary<string> {
  const near = fc
    .tuple(fc.integer({ min: -20, max: 60 }), fc.constantFrom(0n, 0n, 0n, 1n, -1n, 1000n, -1000n, 499_999n))
    .map(([seconds, off]) => BigInt(base + seconds * 1000) * 1000n + off);
  return fc
    .oneof({ arbitrary: near, weight: 60 }, { arbitrary: fc.constantFrom(-62_135_596_800_000_000n, 253_370_764_800_000_000n), weight: 1 })
    .map(isoTime);
}

interface Asked {
  readonly query: Tree;
  readonly outputMode: string;
}

function queries(columns: readonly Column[]): fc.Arbitrary<Asked> {
  return fc
    .record({
      filters: fc.tuple(sometimes(null, conditions(columns)), often(null, conditions(columns))),
      added: often(null, fc.constantFrom('plus', 'minus', 'multiply', 'mod')),
      delay: sometimes(null, fc.constantFrom('0 seconds', '5 seconds', '10 seconds', '1 minute', '1500 milliseconds')),
      grouping: sometimes(null, groupings(columns)),
      deduplication: often(null, deduplications(columns)),
      mode: fc.constantFrom('append', 'update', 'complete'),
    })
    .map(({ filters: [first, second], added, delay, grouping, deduplication, mode }) => {
      let query: Tree = { op: 'source', name: 's' };
      const filter = (condition: Tree | null) => {
        if (condition !== null) query = { op: 'filter', input: query, condition };
      };
      filter(first);
      if (delay !== null) query = { op: 'withWatermark', input: query, eventTime: 'ts', delay };
      if (added !== null) query = { op: 'withColumn', input: query, name: 'n', expr: call(added, { col: 'n' }, { lit: 2 }) };
      filter(second);
      if (deduplication !== null) {
        query =
          delay === null && deduplication.op !== 'distinct'
            ? { ...deduplication, op: 'dropDuplicates', input: query }
            : { ...deduplication, input: query };
        return { query, outputMode: mode === 'complete' ? 'append' : mode };
      }
      if (grouping !== null) query = grouping.over(query);
      return { query, outputMode: allowedMode(mode, grouping, delay) };
    });
}

/** Append needs a watermark that closes the groups; complete needs groups. */
function allowedMode(mode: string, grouping: Grouping | null, delay: string | null): string {
  if (grouping === null) return mode === 'complete' ? 'append' : mode;
  return mode === 'append' && (delay === null || !grouping.isByEventTime) ? 'update' : mode;
}

/** Duplicates by some columns or by all; doubles are no keys here, since Spark tells their zeros apart in some places only. */
function deduplications(columns: readonly Column[]): fc.Arbitrary<{ readonly op: string; readonly cols?: readonly string[] }> {
  const names = columns.filter(([, type]) => type !== 'double').map(([name]) => name);
  const some = fc
    .tuple(
      fc.constantFrom('dropDuplicates', 'dropDuplicatesWithinWatermark'),
      fc.subarray(names, { minLength: 1, maxLength: Math.min(3, names.length) }),
    )
    .map(([op, cols]) => ({ op, cols }));
  const hasDoubles = names.length < columns.length;
  return hasDoubles ? some : fc.oneof({ arbitrary: some, weight: 4 }, { arbitrary: fc.constant({ op: 'distinct' }), weight: 1 });
}

interface Grouping {
  readonly isByEventTime: boolean;
  readonly over: (input: Tree) => Tree;
}

function groupings(columns: readonly Column[]): fc.Arbitrary<Grouping> {
  const byTime = fc.oneof({ arbitrary: windows(), weight: 6 }, { arbitrary: fc.constantFrom(null, { col: 'ts' }), weight: 1 });
  const plain = fc.subarray(
    columns.filter(([name]) => name !== 'ts'),
    { maxLength: 2 },
  );
  return fc
    .record({
      byTime,
      plain,
      timeFirst: fc.boolean(),
      aggs: fc.array(aggregates(columns), { minLength: 1, maxLength: 4 }),
      kept: fc.constantFrom('all', 'all', 'second', 'count', 'key'),
      shown: fc.boolean(),
    })
    .map(({ byTime: time, plain: plainKeys, timeFirst, aggs, kept, shown }) => {
      const others = plainKeys.map(([name]) => ({ col: name }));
      const keys = time === null ? others : timeFirst ? [time, ...others] : [...others, time];
      const isWindow = time !== null && 'fn' in time;
      const named = [...aggs, call('count_star')].map((expr, at) => ({ alias: `a${at}`, expr }));
      const conditions: Tree[] = [];
      if (kept === 'count') conditions.push(call('gt', { col: `a${aggs.length}` }, { lit: 1 }));
      if (kept === 'second' && isWindow) conditions.push(call('lt', call('second', { col: 'window.start' }), { lit: 30 }));
      if (kept === 'key' && others[0] !== undefined) conditions.push(call('isNotNull', others[0]));
      return {
        isByEventTime: time !== null,
        over: (input) => {
          // Null times as keys of their own are not kept yet, as docs/guide/differences-from-spark.md says.
          const timed = time !== null && !isWindow ? { op: 'filter', input, condition: call('isNotNull', time) } : input;
          let query: Tree = { op: 'groupBy', input: timed, keys, aggs: named };
          for (const condition of conditions) query = { op: 'filter', input: query, condition };
          const columnsShown = [...others, ...named.map(({ alias }) => ({ col: alias }))];
          return shown && isWindow
            ? { op: 'select', input: query, exprs: [{ alias: 'end', expr: { col: 'window.end' } }, ...columnsShown] }
            : query;
        },
      };
    });
}

function windows(): fc.Arbitrary<Tree> {
  const free = fc
    .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 20 }), fc.integer({ min: -19, max: 19 }))
    .map(([slide, more, offset]) => [`${slide + more} seconds`, `${slide} seconds`, `${offset % slide} seconds`]);
  const usual = fc.constantFrom(
    ['10 seconds'],
    ['10 seconds', '5 seconds'],
    ['1 millisecond'],
    ['1 day'],
    ['10 seconds', '2500 milliseconds'],
  );
  return fc.oneof(free, usual).map((texts) => call('window', { col: 'ts' }, ...texts.map((text) => ({ lit: text }))));
}

const AGGREGATES: Readonly<Record<string, readonly string[]>> = {
  string: ['count', 'min', 'max', 'first', 'last', 'collect_list'],
  int: ['count', 'sum', 'min', 'max', 'avg', 'first', 'last', 'collect_set', 'min_by', 'max_by'],
  bigint: ['count', 'min', 'max', 'avg', 'first', 'last', 'collect_set'],
  double: ['count', 'sum', 'min', 'max', 'avg', 'first', 'last'],
  boolean: ['count', 'count_if', 'bool_and', 'bool_or', 'min', 'max', 'first', 'last'],
  timestamp: ['count', 'min', 'max', 'first', 'last'],
};

function aggregates(columns: readonly Column[]): fc.Arbitrary<Tree> {
  return fc.constantFrom(...columns).chain(([name, type]) =>
    fc.constantFrom(...(AGGREGATES[type] as string[])).map((fn) => {
      if (fn === 'collect_set') return call('sort_array', call(fn, { col: name }));
      return fn.endsWith('_by') ? call(fn, { col: name }, { col: 'n' }) : call(fn, { col: name });
    }),
  );
}

function conditions(columns: readonly Column[]): fc.Arbitrary<Tree> {
  const simple = fc.constantFrom(...columns).chain(([name, type]) => comparisons({ col: name }, type));
  return fc.oneof(
    { arbitrary: simple, weight: 3 },
    { arbitrary: fc.tuple(fc.constantFrom('and', 'or'), simple, simple).map(([fn, left, right]) => call(fn, left, right)), weight: 1 },
    { arbitrary: simple.map((condition) => call('not', condition)), weight: 1 },
  );
}

function comparisons(column: Tree, type: string): fc.Arbitrary<Tree> {
  const test = fc.constantFrom('isNull', 'isNotNull').map((fn) => call(fn, column));
  if (type === 'boolean') return fc.oneof(test, fc.constant(column));
  if (type === 'timestamp') return fc.oneof(test, fc.constant(call('ge', call('second', column), { lit: 20 })));
  const literal = { string: 'a', double: 0.1 }[type] ?? 1;
  const operator = fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge', 'eqNullSafe');
  return fc.oneof(
    test,
    operator.map((fn) => call(fn, column, { lit: literal })),
  );
}

function call(fn: string, ...args: Tree[]): Tree {
  return { fn, args };
}

/** One value in six, else the other. */
function sometimes<T, U>(value: T, others: fc.Arbitrary<U>): fc.Arbitrary<T | U> {
  return fc.oneof({ arbitrary: others, weight: 5 }, { arbitrary: fc.constant(value), weight: 1 });
}

/** Two values in three, else the other. */
function often<T, U>(value: T, others: fc.Arbitrary<U>): fc.Arbitrary<T | U> {
  return fc.oneof({ arbitrary: others, weight: 1 }, { arbitrary: fc.constant(value), weight: 2 });
}
