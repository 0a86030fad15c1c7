// The named functions of the vectors of arbitrary state (golden/streaming/README.md), written against the public API.
import { type DataFrame, schema } from 'millrace';
import { NotExpressible } from './query-tree.ts';

type AnyFrame = DataFrame<any>;
type Tree = { readonly [key: string]: any };

const SECOND = 1000;
const DAY = 86_400 * SECOND;

const Total = schema({ total: 'long', n: 'long' });
const Newest = schema({ total: 'long', n: 'long', mx: 'long' });
const Counted = schema({ k: 'string', total: 'long', n: 'long' });
const Event = schema({ k: 'string', total: 'long', n: 'long', event: 'string' });

interface Row {
  readonly ts: Date | null;
  readonly k: string;
  readonly v: number | null;
}

/** sum(v), the number of rows, the greatest time. */
function sumUp(rows: Iterable<Row>): { total: bigint; n: bigint; mx: number } {
  let [total, n, mx] = [0n, 0n, Number.NEGATIVE_INFINITY];
  for (const { v, ts } of rows) {
    total += BigInt(v ?? 0);
    n += 1n;
    mx = Math.max(mx, ts?.getTime() ?? Number.NEGATIVE_INFINITY);
  }
  return { total, n, mx };
}

const TIMEOUTS: Record<string, 'none' | 'eventTime' | 'processingTime'> = {
  NoTimeout: 'none',
  EventTimeTimeout: 'eventTime',
  ProcessingTimeTimeout: 'processingTime',
};

const TIME_MODES: Record<string, 'none' | 'eventTime' | 'processingTime'> = {
  None: 'none',
  EventTime: 'eventTime',
  ProcessingTime: 'processingTime',
};

/** The DataFrame of a `stateful` node over its input. */
export function statefulFrame(input: AnyFrame, tree: Tree): AnyFrame {
  const [key] = tree['keys'];
  const grouped = input.groupByKey(key) as unknown as Grouped;
  const build = (tree['api'] === 'applyInPandasWithState' ? GROUP_FUNCTIONS : PROCESSORS)[tree['function']];
  if (build === undefined) throw new NotExpressible(`function ${tree['function']} of ${tree['api']}`);
  return build(grouped, tree);
}

type Grouped = ReturnType<DataFrame<{ ts: Date | null; k: string; v: number | null }>['groupByKey']> & Tree;
type Build = (grouped: any, tree: Tree) => AnyFrame;

function evict(gapMs: number): Build {
  return (grouped, tree) =>
    grouped.flatMapGroupsWithState(
      { outputMode: tree['outputMode'], timeout: TIMEOUTS[tree['timeout']], state: Newest, output: Event },
      (k: string, rows: Iterable<Row>, state: any) => {
        if (state.hasTimedOut) {
          const { total, n } = state.get();
          state.remove();
          return [{ k, total, n, event: 'evicted' }];
        }
        const { total, n, mx } = state.getOption() ?? { total: 0n, n: 0n, mx: BigInt(Number.MIN_SAFE_INTEGER) };
        const added = sumUp(rows);
        const next = { total: total + added.total, n: n + added.n, mx: BigInt(Math.max(Number(mx), added.mx)) };
        state.update(next);
        const timeout = Number(next.mx) + gapMs;
        const watermark = state.getCurrentWatermarkMs();
        state.setTimeoutTimestamp(timeout <= watermark ? watermark + 1 : timeout);
        return [{ k, total: next.total, n: next.n, event: 'update' }];
      },
    );
}

const GROUP_FUNCTIONS: Record<string, Build> = {
  runningTotal: (grouped, tree) =>
    grouped.flatMapGroupsWithState(
      { outputMode: tree['outputMode'], timeout: TIMEOUTS[tree['timeout']], state: Total, output: Counted },
      (k: string, rows: Iterable<Row>, state: any) => {
        const { total, n } = state.getOption() ?? { total: 0n, n: 0n };
        const added = sumUp(rows);
        const next = { total: total + added.total, n: n + added.n };
        state.update(next);
        return [{ k, ...next }];
      },
    ),
  evict7d: evict(7 * DAY),
  evict20s: evict(20 * SECOND),
  sessionize10s: (grouped, tree) =>
    grouped.flatMapGroupsWithState(
      {
        outputMode: tree['outputMode'],
        timeout: TIMEOUTS[tree['timeout']],
        state: schema({ n: 'long', a: 'long', b: 'long' }),
        output: schema({ k: 'string', n: 'long', a: 'long', b: 'long' }),
      },
      (k: string, rows: Iterable<Row>, state: any) => {
        if (state.hasTimedOut) {
          const session = state.get();
          state.remove();
          return [{ k, n: session.n, a: session.a, b: session.b }];
        }
        let session = state.getOption();
        for (const { ts } of rows) {
          if (ts === null) continue;
          const ms = BigInt(ts.getTime());
          session = {
            n: (session?.n ?? 0n) + 1n,
            a: session === null || ms < session.a ? ms : session.a,
            b: session === null || ms > session.b ? ms : session.b,
          };
        }
        state.update(session);
        state.setTimeoutTimestamp(Math.max(Number(session.b) + 10 * SECOND, state.getCurrentWatermarkMs() + 1));
        return [];
      },
    ),
  cap100: (grouped, tree) =>
    grouped.flatMapGroupsWithState(
      {
        outputMode: tree['outputMode'],
        timeout: TIMEOUTS[tree['timeout']],
        state: schema({ total: 'long' }),
        output: schema({ k: 'string', total: 'long', event: 'string' }),
      },
      (k: string, rows: Iterable<Row>, state: any) => {
        const total = (state.getOption()?.total ?? 0n) + sumUp(rows).total;
        if (total > 100n) {
          state.remove();
          return [{ k, total, event: 'full' }];
        }
        state.update({ total });
        return [{ k, total, event: 'open' }];
      },
    ),
  onlyIncrease: (grouped, tree) =>
    grouped.flatMapGroupsWithState(
      {
        outputMode: tree['outputMode'],
        timeout: TIMEOUTS[tree['timeout']],
        state: schema({ best: 'long' }),
        output: schema({ k: 'string', best: 'long' }),
      },
      (k: string, rows: Iterable<Row>, state: any) => {
        // The greatest of the values that are there: a group of nulls has none.
        const values = [...rows].flatMap(({ v }) => (v === null ? [] : [v]));
        if (values.length === 0) return [];
        const greatest = BigInt(Math.max(...values));
        if (state.exists && greatest <= state.get().best) return [];
        state.update({ best: greatest });
        return [{ k, best: greatest }];
      },
    ),
};

const PROCESSORS: Record<string, Build> = {
  runningTotal: (grouped, tree) =>
    grouped.transformWithState({
      timeMode: TIME_MODES[tree['timeMode']],
      outputMode: tree['outputMode'],
      state: { sum: { type: 'value', of: Total } },
      output: Counted,
      handleInputRows(k: string, rows: Iterable<Row>, { state }: any) {
        const { total, n } = state.sum.get() ?? { total: 0n, n: 0n };
        const added = sumUp(rows);
        const next = { total: total + added.total, n: n + added.n };
        state.sum.update(next);
        return [{ k, ...next }];
      },
    }),
  evict7d: (grouped, tree) =>
    grouped.transformWithState({
      timeMode: TIME_MODES[tree['timeMode']],
      outputMode: tree['outputMode'],
      state: { sum: { type: 'value', of: Newest } },
      output: Event,
      handleInputRows(k: string, rows: Iterable<Row>, { state, timers }: any) {
        const held = state.sum.get();
        const added = sumUp(rows);
        const mx = Math.max(Number(held?.mx ?? Number.NEGATIVE_INFINITY), added.mx);
        if (held !== null && mx > Number(held.mx)) timers.deleteTimer(Number(held.mx) + 7 * DAY);
        if (held === null || mx > Number(held.mx)) timers.registerTimer(mx + 7 * DAY);
        const next = { total: (held?.total ?? 0n) + added.total, n: (held?.n ?? 0n) + added.n, mx: BigInt(mx) };
        state.sum.update(next);
        return [{ k, total: next.total, n: next.n, event: 'update' }];
      },
      handleExpiredTimer(k: string, { expiryMs }: any, { state, timers }: any) {
        const { total, n } = state.sum.get();
        state.sum.clear();
        return [{ k, total, n, event: `evicted at ${expiryMs}, watermark ${timers.getCurrentWatermarkMs()}` }];
      },
    }),
  lastThree: (grouped, tree) =>
    grouped.transformWithState({
      timeMode: TIME_MODES[tree['timeMode']],
      outputMode: tree['outputMode'],
      state: { top: { type: 'list', of: schema({ v: 'int' }) }, signs: { type: 'map', key: 'string', of: 'long' } },
      output: schema({ k: 'string', top3: 'string', pos: 'long', neg: 'long' }),
      handleInputRows(k: string, rows: Iterable<Row>, { state }: any) {
        const values: number[] = state.top.get().map(({ v }: any) => v);
        for (const { v } of rows) {
          if (v === null) continue;
          values.push(v);
          const sign = v >= 0 ? 'pos' : 'neg';
          state.signs.updateValue(sign, (state.signs.getValue(sign) ?? 0n) + 1n);
        }
        const top = values.sort((left, right) => left - right).slice(-3);
        if (top.length > 0) state.top.put(top.map((v) => ({ v })));
        return [{ k, top3: top.join(','), pos: state.signs.getValue('pos') ?? 0n, neg: state.signs.getValue('neg') ?? 0n }];
      },
    }),
};
