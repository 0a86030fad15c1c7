// Every stateful operator as a query over events of two streams, for the tests that hold for all of them: simulations, damage, endings, soak.
import { col, count, type DataFrame, expr, last, type OutputMode, schema, sessionWindow, sum, udaf, window, windowTime } from 'millrace';

/** A query that keeps state. What it keeps is bounded where its ids are: by the watermark, or by the clock. */
export interface StatefulQuery {
  readonly name: string;
  /** The output modes that Spark gives it; the first is as good as any. */
  readonly modes: readonly [OutputMode, ...OutputMode[]];
  /** Events are `ts TIMESTAMP, id STRING, amount INT`. */
  readonly build: (left: DataFrame<any>, right: DataFrame<any>) => DataFrame<any>;
}

/** The events of either stream. */
export const EVENTS = schema({ ts: 'timestamp', id: 'string', amount: 'int' });

const MILLIS_KEPT = 20_000;

/** The amounts of a window in the order of their sizes. */
const sortedAmounts = udaf({
  input: 'int',
  buffer: 'array<int>',
  output: 'array<int>',
  zero: () => [],
  reduce: (amounts, amount) => (amount === null || amounts?.includes(amount) ? amounts : [...(amounts ?? []), amount]),
  merge: (left, right) => [...new Set([...(left ?? []), ...(right ?? [])])],
  finish: (amounts) => (amounts ?? []).sort((left, right) => Number(left) - Number(right)),
});

export const QUERIES: readonly StatefulQuery[] = [
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
  {
    name: 'windows of an aggregate of the program',
    modes: ['append', 'update', 'complete'],
    build: (left) =>
      timed(left)
        .groupBy(window(col('ts'), '1 minute'), col('id'))
        .agg(sortedAmounts('amount').alias('amounts'), count('*').alias('n')),
  },
  {
    name: 'sessions of an aggregate of the program',
    modes: ['append', 'complete'],
    build: (left) =>
      timed(left)
        .groupBy(sessionWindow(col('ts'), '10 seconds'), col('id'))
        .agg(sortedAmounts('amount').alias('amounts'), count('*').alias('n')),
  },
  { name: 'deduplication', modes: ['append', 'update'], build: (left) => timed(left).dropDuplicates(['id', 'ts']) },
  { name: 'deduplication for good', modes: ['append', 'update'], build: (left) => left.dropDuplicates(['id']) },
  { name: 'deduplication within the watermark', modes: ['append'], build: (left) => timed(left).dropDuplicatesWithinWatermark(['id']) },
  { name: 'inner join', modes: ['append'], build: (left, right) => joined(left, right, 'inner') },
  { name: 'left outer join', modes: ['append'], build: (left, right) => joined(left, right, 'left_outer') },
  { name: 'right outer join', modes: ['append'], build: (left, right) => joined(left, right, 'right_outer') },
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
          state: {
            total: { type: 'value', of: 'long' },
            times: { type: 'list', of: 'timestamp' },
            latest: { type: 'map', key: 'int', of: 'timestamp' },
          },
          output: schema({ id: 'string', total: 'long', kept: 'int' }),
          handleInputRows(id, rows, { state, timers }) {
            for (const { ts, amount } of rows as Iterable<any>) {
              state.total.update((state.total.get() ?? 0n) + BigInt(amount));
              state.times.append(ts);
              state.latest.updateValue(amount, ts);
              timers.registerTimer(ts.getTime() + MILLIS_KEPT);
            }
            return [{ id: String(id), total: state.total.get(), kept: state.times.get().length }];
          },
          handleExpiredTimer(id, { expiryMs }, { state }) {
            const isKept = (time: Date) => time.getTime() > expiryMs - MILLIS_KEPT;
            const kept = state.times.get().filter(isKept);
            if (kept.length > 0) state.times.put(kept);
            else state.times.clear();
            for (const [amount, time] of [...state.latest]) if (!isKept(time)) state.latest.removeKey(amount);
            return [{ id: String(id), total: state.total.get(), kept: kept.length }];
          },
        }),
  },
  {
    name: 'state with times to live',
    modes: ['append', 'update'],
    build: (left) =>
      left.groupByKey('id').transformWithState({
        timeMode: 'processingTime',
        state: {
          newest: { type: 'value', of: 'timestamp', ttl: '1 minute' },
          amounts: { type: 'list', of: 'int', ttl: '1 minute' },
          counts: { type: 'map', key: 'int', of: 'long', ttl: '1 minute' },
        },
        output: schema({ id: 'string', kept: 'int', different: 'int' }),
        handleInputRows(id, rows, { state }) {
          for (const { ts, amount } of rows as Iterable<any>) {
            if ((state.newest.get() ?? ts) <= ts) state.newest.update(ts);
            state.amounts.append(amount);
            state.counts.updateValue(amount, (state.counts.getValue(amount) ?? 0n) + 1n);
          }
          return [{ id: String(id), kept: state.amounts.get().length, different: [...state.counts].length }];
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
  {
    name: 'windows behind a deduplication',
    modes: ['append'],
    build: (left) =>
      timed(left)
        .dropDuplicates(['id', 'ts'])
        .groupBy(window(col('ts'), '30 seconds'), col('id'))
        .agg(sum('amount').alias('total')),
  },
];

const PAID_SOON = "l.id = r.id AND r.ts BETWEEN l.ts AND l.ts + INTERVAL '20' SECOND";

function joined(left: DataFrame<any>, right: DataFrame<any>, type: 'inner' | 'left_outer' | 'right_outer' | 'full_outer'): DataFrame<any> {
  return timed(left)
    .alias('l')
    .join(timed(right).alias('r'), expr(PAID_SOON), type)
    .selectExpr('l.id', 'l.ts', 'l.amount', 'r.id AS payer', 'r.ts AS paidAt', 'r.amount AS paid');
}

function timed(events: DataFrame<any>): DataFrame<any> {
  return events.withWatermark('ts', '30 seconds');
}
