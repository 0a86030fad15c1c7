// The queries that simulations run: each kind of state, with the output modes that Spark gives it.
import { col, count, type DataFrame, expr, last, type OutputMode, schema, sessionWindow, sum, window, windowTime } from 'millrace';
import type { Random } from './random.ts';

/** A query over events of two streams, and the mode it is written in. */
export interface SimulatedQuery {
  readonly name: string;
  readonly outputMode: OutputMode;
  readonly build: (left: DataFrame<any>, right: DataFrame<any>) => DataFrame<any>;
}

const QUERIES: readonly (Omit<SimulatedQuery, 'outputMode'> & { readonly modes: readonly OutputMode[] })[] = [
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
  {
    name: 'outer join',
    modes: ['append'],
    build: (left, right) => {
      const [sold, paid] = [timed(left).alias('l'), timed(right).alias('r')];
      return sold
        .join(paid, expr("l.id = r.id AND r.ts BETWEEN l.ts AND l.ts + INTERVAL '20' SECOND"), 'left_outer')
        .selectExpr('l.id', 'l.ts', 'l.amount', 'r.ts AS paidAt', 'r.amount AS paid');
    },
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
  return { ...query, outputMode: modes[random.below(modes.length)] as OutputMode };
}

function timed(events: DataFrame<any>): DataFrame<any> {
  return events.withWatermark('ts', '30 seconds');
}
