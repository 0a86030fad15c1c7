// The queries that simulations run: each kind of state, with the output modes that Spark gives it.
import { col, count, type DataFrame, expr, last, type OutputMode, schema, sessionWindow, sum, window, windowTime } from 'millrace';
import type { Random } from './random.ts';

/** A query over events of two streams, and the mode it is written in. */
export interface SimulatedQuery {
  readonly name: string;
  readonly outputMode: OutputMode;
  /** A function of the program, or files with a manifest; late rows go the same way. */
  readonly sink: 'program' | 'files';
  readonly build: (left: DataFrame<any>, right: DataFrame<any>) => DataFrame<any>;
}

export const QUERIES: readonly (Omit<SimulatedQuery, 'outputMode' | 'sink'> & { readonly modes: readonly OutputMode[] })[] = [
  {
    name: 'sliding windows',
    modes: ['append', 'update', 'complete'],
    build: (left) =>
      timed(left)
        .groupBy(window(col('ts'), '1 minute', '30 seconds'), col('id'))
        .agg(sum('amount').alias('total'), count('*').alias('n'), last('amount').alias('latest')),
  },
  {
    name: 'running totals',
    modes: ['update', 'complete'],
    build: (left) => left.groupBy('id').agg(sum('amount').alias('total'), count('*').alias('n')),
  },
  {
    name: 'sessions',
    modes: ['append', 'complete'],
    build: (left) =>
      timed(left)
        .groupBy(sessionWindow(col('ts'), '10 seconds'), col('id'))
        .agg(sum('amount').alias('total')),
  },
  { name: 'deduplication', modes: ['append', 'update'], build: (left) => timed(left).dropDuplicates(['id', 'ts']) },
  { name: 'deduplication within the watermark', modes: ['append'], build: (left) => timed(left).dropDuplicatesWithinWatermark(['id']) },
  { name: 'inner join', modes: ['append'], build: (left, right) => joined(left, right, 'inner') },
  { name: 'left outer join', modes: ['append'], build: (left, right) => joined(left, right, 'left_outer') },
  { name: 'full outer join', modes: ['append'], build: (left, right) => joined(left, right, 'full_outer') },
  {
    name: 'semi join',
    modes: ['append'],
    build: (left, right) => timed(left).alias('l').join(timed(right).alias('r'), expr(PAID_SOON), 'left_semi'),
  },
  {
    name: 'state of the program',
    modes: ['append', 'update'],
    build: (left) =>
      timed(left)
        .groupByKey('id')
        .transformWithState({
          timeMode: 'eventTime',
          state: { total: { type: 'value', of: 'long' }, amounts: { type: 'list', of: 'int' } },
          output: schema({ id: 'string', total: 'long', kept: 'int' }),
          handleInputRows(id, rows, { state, timers }) {
            for (const { ts, amount } of rows as Iterable<any>) {
              state.total.update((state.total.get() ?? 0n) + BigInt(amount ?? 0));
              if (amount !== null) state.amounts.append(amount);
              timers.registerTimer(ts.getTime() + 20_000);
            }
            return [{ id: String(id), total: state.total.get(), kept: state.amounts.get().length }];
          },
          handleExpiredTimer(id, _timer, { state }) {
            const kept = state.amounts.get().slice(1);
            if (kept.length > 0) state.amounts.put(kept);
            else state.amounts.clear();
            return [{ id: String(id), total: state.total.get(), kept: kept.length }];
          },
        }),
  },
  {
    name: 'state of a group',
    modes: ['append'],
    build: (left) =>
      timed(left)
        .groupByKey('id')
        .flatMapGroupsWithState(
          {
            state: schema({ total: 'long' }),
            output: schema({ id: 'string', total: 'long', isOver: 'boolean' }),
            outputMode: 'append',
            timeout: 'eventTime',
          },
          (id, rows, state) => {
            let total = (state.exists ? state.get().total : null) ?? 0n;
            if (state.hasTimedOut) {
              state.remove();
              return [{ id: String(id), total, isOver: true }];
            }
            let latest = 0;
            for (const { ts, amount } of rows as Iterable<any>) {
              total += BigInt(amount);
              latest = Math.max(latest, ts.getTime());
            }
            state.update({ total });
            state.setTimeoutTimestamp(latest + 60_000);
            return [{ id: String(id), total, isOver: false }];
          },
        ),
  },
  {
    name: 'windows of windows',
    modes: ['append'],
    build: (left) =>
      timed(left)
        .groupBy(window(col('ts'), '10 seconds'), col('id'))
        .agg(sum('amount').alias('total'))
        .groupBy(window(windowTime(col('window')), '30 seconds'))
        .agg(sum('total').alias('total'), count('*').alias('ids')),
  },
];

/** One of them. */
export function anyQuery(random: Random): SimulatedQuery {
  const { modes, ...query } = QUERIES[random.below(QUERIES.length)] as (typeof QUERIES)[number];
  const outputMode = modes[random.below(modes.length)] as OutputMode;
  return { ...query, outputMode, sink: outputMode === 'append' && random.below(2) === 0 ? 'files' : 'program' };
}

const PAID_SOON = "l.id = r.id AND r.ts BETWEEN l.ts AND l.ts + INTERVAL '20' SECOND";

function joined(left: DataFrame<any>, right: DataFrame<any>, type: 'inner' | 'left_outer' | 'full_outer'): DataFrame<any> {
  return timed(left)
    .alias('l')
    .join(timed(right).alias('r'), expr(PAID_SOON), type)
    .selectExpr('l.id', 'l.ts', 'l.amount', 'r.ts AS paidAt', 'r.amount AS paid');
}

function timed(events: DataFrame<any>): DataFrame<any> {
  return events.withWatermark('ts', '30 seconds');
}
