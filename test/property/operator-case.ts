// Random cases of the operators with state beside plain groupings: sessions, joins, arbitrary state, and several of them one behind the other.
import fc from 'fast-check';
import type { Tree } from '../reference/expression.ts';
import type { StreamCase } from '../reference/stream.ts';
import { isoTime } from '../reference/value.ts';

/** A query with what may be asked of it. */
interface Asked {
  readonly query: Tree;
  readonly outputMode: string;
  readonly conf?: Readonly<Record<string, unknown>>;
}

const BASE_MS = Date.parse('2026-01-01T00:00:00Z');
const DELAYS = ['0 seconds', '5 seconds', '10 seconds', '30 seconds'];
const delays = fc.constantFrom(...DELAYS);

/** Where a case is run. */
const PLACES = [{}, { 'millrace.inlineBytesMax': '0', 'millrace.workers': 1 }, { 'millrace.inlineBytesMax': '0', 'millrace.workers': 2 }];

/** Whole cases of some queries: rows in batches, places, and stops between batches where Spark's answers do not depend on them. */
export function operatorCases(queries: fc.Arbitrary<Asked>): fc.Arbitrary<StreamCase> {
  return queries.chain(({ query, outputMode, conf }) => {
    const names = sourcesOf(query);
    const sources = names.map((name) => ({ name, schema: schemaOf(name) }));
    const input = fc.record(Object.fromEntries(names.map((name) => [name, fc.array(rows(), { maxLength: names.length > 1 ? 5 : 8 })])));
    const noData = fc.constantFrom(true, true, true, false);
    const steps = fc.array(fc.record({ input, restart: fc.constantFrom(false, false, true) }), { minLength: 1, maxLength: 6 });
    // Of several watermarks only the query's own comes back; what a batch without data would have done is left to chance by a stop.
    const isOne = JSON.stringify(query).split('"withWatermark"').length <= 2;
    return fc
      .record({ place: fc.constantFrom(...PLACES), shards: fc.constantFrom(1, 2, 5), noData, steps })
      .map(({ place, shards, noData: runsNoData, steps: given }): StreamCase => {
        const runs = {
          ...place,
          'spark.sql.shuffle.partitions': shards,
          'spark.sql.streaming.noDataMicroBatches.enabled': runsNoData,
          ...conf,
        };
        const cut = given.map((step) => ({ ...step, restart: step.restart && isOne && runsNoData }));
        return { id: 'random', sources, query, outputMode, config: { conf: runs }, steps: cut } as StreamCase;
      });
  });
}

/** A source's columns: those of the left side of a join begin with l, of the right side with r. */
function schemaOf(name: string): [string, string][] {
  const prefix = name === 's' ? '' : name;
  return [
    [`${prefix}ts`, 'timestamp'],
    [`${prefix}k`, 'string'],
    [`${prefix}v`, 'int'],
  ];
}

function rows(): fc.Arbitrary<unknown[]> {
  const time = fc
    .tuple(fc.integer({ min: -10, max: 70 }), fc.constantFrom(0n, 0n, 0n, 1n, -1n, 1000n, -1000n))
    .map(([seconds, off]) => isoTime(BigInt(BASE_MS + seconds * 1000) * 1000n + off));
  return fc.tuple(rarely(null, time), rarely(null, fc.constantFrom('a', 'b', 'c')), rarely(null, fc.integer({ min: -3, max: 60 })));
}

function sourcesOf(tree: Tree): string[] {
  if (tree['op'] === 'source') return [tree['name']];
  return [tree['input'], tree['left'], tree['right']].flatMap((input) => (input === undefined ? [] : sourcesOf(input as Tree)));
}

const call = (fn: string, ...args: Tree[]): Tree => ({ fn, args });
const lit = (text: string): Tree => ({ lit: text });
const col = (name: string): Tree => ({ col: name });
const interval = (seconds: number): Tree => call('interval', lit(`${seconds} seconds`));

function watched(name: string, delay: string | null): Tree {
  const source = { op: 'source', name };
  return delay === null ? source : { op: 'withWatermark', input: source, eventTime: name === 's' ? 'ts' : `${name}ts`, delay };
}

/** Aggregates whose results show in which order values came. */
function aggregates(value: string): fc.Arbitrary<Tree[]> {
  const some = fc.subarray(['sum', 'min', 'max', 'collect_list', 'first', 'last'], { minLength: 1, maxLength: 3 });
  return some.map((names) => [
    ...names.map((fn) => ({ alias: fn, expr: call(fn, col(value)) })),
    { alias: 'n', expr: { fn: 'count_star', args: [] } },
  ]);
}

function sessions(): fc.Arbitrary<Asked> {
  const dynamic: Tree = {
    fn: 'when',
    expr: true,
    branches: [
      [call('eq', col('k'), lit('a')), lit('5 seconds')],
      [call('eq', col('k'), lit('b')), lit('12 seconds')],
    ],
    otherwise: lit('8 seconds'),
  };
  const gaps = fc.constantFrom<Tree>(lit('5 seconds'), lit('10 seconds'), lit('1 minute'), dynamic);
  return fc
    .record({ delay: rarely(null, delays), gap: gaps, timeFirst: fc.boolean(), aggs: aggregates('v'), complete: fc.boolean() })
    .map(({ delay, gap, timeFirst, aggs, complete }) => {
      const window = call('session_window', col('ts'), gap);
      const keys = timeFirst ? [window, col('k')] : [col('k'), window];
      const query = { op: 'groupBy', input: watched('s', delay), keys, aggs };
      return { query, outputMode: complete || delay === null ? 'complete' : 'append' };
    });
}

/** The condition of a join: keys, and how far apart in time rows may be. */
function conditions(): fc.Arbitrary<{ readonly isBounded: readonly [boolean, boolean]; readonly times: readonly Tree[] }> {
  const seconds = fc.constantFrom(0, 5, 10, 20);
  const operators = fc.tuple(fc.constantFrom('ge', 'gt'), fc.constantFrom('le', 'lt'));
  return fc
    .record({ before: seconds, after: seconds, operators, kind: fc.constantFrom('both', 'both', 'left', 'right', 'none') })
    .map(({ before, after, operators: [lower, upper], kind }) => {
      // rts >= lts - before bounds the right side, rts <= lts + after the left one.
      const ofRight = call(lower, col('rts'), call('minus', col('lts'), interval(before)));
      const ofLeft = call(upper, col('rts'), call('plus', col('lts'), interval(after)));
      const isBounded = [kind === 'both' || kind === 'left', kind === 'both' || kind === 'right'] as const;
      return { isBounded, times: [...(isBounded[1] ? [ofRight] : []), ...(isBounded[0] ? [ofLeft] : [])] };
    });
}

function allOf(parts: readonly Tree[]): Tree {
  return parts.reduce((all, part) => call('and', all, part));
}

function streamJoins(): fc.Arbitrary<Asked> {
  return fc.oneof({ arbitrary: rangeJoins(), weight: 3 }, { arbitrary: windowJoins(), weight: 1 });
}

function rangeJoins(): fc.Arbitrary<Asked> {
  return fc
    .record({
      condition: conditions(),
      left: rarely(null, delays),
      right: rarely(null, delays),
      how: fc.constantFrom('inner', 'left_outer', 'right_outer', 'full_outer', 'left_semi'),
      policy: fc.constantFrom('min', 'max'),
    })
    .map(({ condition: { isBounded, times }, left, right, how, policy }) => {
      // Rows that wait for a partner must come out at last.
      const hasTimes = left !== null && right !== null;
      const [ofLeft, ofRight] = isBounded;
      const allowed: Record<string, boolean> = {
        left_outer: ofLeft,
        right_outer: ofRight,
        full_outer: ofLeft || ofRight,
        left_semi: ofLeft,
      };
      const condition = allOf([call('eq', col('lk'), col('rk')), ...times]);
      const query = {
        op: 'join',
        left: watched('l', left),
        right: watched('r', right),
        condition,
        how: hasTimes && allowed[how] ? how : 'inner',
      };
      return { query, outputMode: 'append', conf: { 'spark.sql.streaming.multipleWatermarkPolicy': policy } };
    });
}

function windowJoins(): fc.Arbitrary<Asked> {
  const hows = fc.constantFrom('inner', 'left_outer', 'right_outer', 'full_outer', 'left_semi');
  return fc.record({ left: delays, right: delays, how: hows }).map(({ left, right, how }) => {
    const side = (name: string, delay: string): Tree => ({
      op: 'select',
      input: watched(name, delay),
      exprs: [{ alias: `${name}w`, expr: call('window', col(`${name}ts`), lit('10 seconds')) }, col(`${name}k`), col(`${name}v`)],
    });
    const condition = allOf([call('eq', col('lk'), col('rk')), call('eq', col('lw'), col('rw'))]);
    return { query: { op: 'join', left: side('l', left), right: side('r', right), condition, how }, outputMode: 'append' };
  });
}

function staticJoins(): fc.Arbitrary<Asked> {
  const table = {
    op: 'static',
    schema: 'rk string, name string',
    rows: [
      ['a', 'Alpha'],
      ['b', 'Beta'],
      ['b', 'Beth'],
      [null, 'Null'],
      ['z', 'Zed'],
    ],
  };
  return fc.constantFrom('inner', 'left_outer', 'left_semi', 'left_anti', 'right_outer').map((how) => {
    const stream = { op: 'source', name: 'l' };
    const sides = how === 'right_outer' ? { left: table, right: stream } : { left: stream, right: table };
    return { query: { op: 'join', ...sides, condition: call('eq', col('lk'), col('rk')), how }, outputMode: 'append' };
  });
}

/** The named functions of the vectors. Their rows have keys and times, as the vectors' own. */
function functions(): fc.Arbitrary<Asked> {
  const older = ['runningTotal', 'evict20s', 'sessionize10s', 'cap100', 'onlyIncrease'].map((name) => ({
    api: 'applyInPandasWithState',
    name,
  }));
  const newer = ['runningTotal', 'evict7d'].map((name) => ({ api: 'transformWithStateInPandas', name }));
  return fc
    .record({ asked: fc.constantFrom(...older, ...newer), delay: delays, outputMode: fc.constantFrom('append', 'update') })
    .map(({ asked: { api, name }, delay, outputMode }) => {
      const goesByTime = name.startsWith('evict') || name === 'sessionize10s';
      const whole = {
        op: 'filter',
        input: watched('s', goesByTime ? delay : null),
        condition: allOf([call('isNotNull', col('ts')), call('isNotNull', col('k'))]),
      };
      const times =
        api === 'applyInPandasWithState'
          ? { timeout: goesByTime ? 'EventTimeTimeout' : 'NoTimeout' }
          : { timeMode: goesByTime ? 'EventTime' : 'None' };
      return { query: { op: 'stateful', input: whole, api, keys: ['k'], function: name, outputMode, ...times }, outputMode };
    });
}

/** One operator behind another, as Spark allows it: in append mode. */
function chains(): fc.Arbitrary<Asked> {
  const count = [{ alias: 'n', expr: { fn: 'count_star', args: [] } }];
  const window = (of: Tree, seconds: number) => call('window', of, lit(`${seconds} seconds`));
  const grouped = (input: Tree, keys: Tree[], aggs: Tree[] = count): Tree => ({ op: 'groupBy', input, keys, aggs });
  const perKey = (delay: string) => grouped(watched('s', delay), [window(col('ts'), 5), col('k')]);
  // Of several rows of a key the first counts: with one shard that is the first of the source.
  const inOrder = { 'spark.sql.shuffle.partitions': 1 };
  const builders: ((delay: string) => Tree)[] = [
    (delay) => grouped(perKey(delay), [window(col('window'), 20)], [{ alias: 'sum', expr: call('sum', col('n')) }, ...count]),
    (delay) =>
      grouped(
        { op: 'select', input: perKey(delay), exprs: [{ alias: 'wt', expr: call('window_time', col('window')) }, col('k'), col('n')] },
        [window(col('wt'), 20), col('k')],
        [{ alias: 'sum', expr: call('sum', col('n')) }],
      ),
    (delay) => grouped({ op: 'dropDuplicates', input: watched('s', delay), cols: ['ts', 'k'] }, [window(col('ts'), 10)]),
    (delay) => grouped({ op: 'dropDuplicatesWithinWatermark', input: watched('s', delay), cols: ['k'] }, [window(col('ts'), 10), col('k')]),
    (delay) => ({
      op: 'dropDuplicatesWithinWatermark',
      input: { op: 'dropDuplicates', input: watched('s', delay), cols: ['ts', 'k'] },
      cols: ['k'],
    }),
    (delay) =>
      grouped(grouped(watched('s', delay), [call('session_window', col('ts'), lit('5 seconds')), col('k')]), [
        window(col('session_window'), 30),
      ]),
    (delay) => grouped({ op: 'union', left: watched('l', delay), right: watched('r', '5 seconds') }, [window(col('lts'), 10), col('lk')]),
    (delay) =>
      grouped(
        {
          op: 'join',
          left: watched('l', delay),
          right: watched('r', '10 seconds'),
          condition: allOf([
            call('eq', col('lk'), col('rk')),
            call('ge', col('rts'), col('lts')),
            call('le', col('rts'), call('plus', col('lts'), interval(5))),
          ]),
          how: 'left_outer',
        },
        [window(col('lts'), 10)],
      ),
  ];
  return fc
    .record({ build: fc.constantFrom(...builders), delay: delays })
    .map(({ build, delay }) => ({ query: build(delay), outputMode: 'append', conf: inOrder }));
}

/** One value in twelve, else the other. */
function rarely<T, U>(value: T, others: fc.Arbitrary<U>): fc.Arbitrary<T | U> {
  return fc.oneof({ arbitrary: others, weight: 11 }, { arbitrary: fc.constant(value), weight: 1 });
}

/** Each operator that has cases. */
export const OPERATORS: Readonly<Record<string, fc.Arbitrary<Asked>>> = {
  sessions: sessions(),
  joins: streamJoins(),
  'joins with a table': staticJoins(),
  'functions over groups': functions(),
  'several operators': chains(),
};
