// The row types of the embedded aggregator.
import { type Double, schema, WindowAggregator } from '../../src/index.js';
import { type Equal, expectType } from './equal.js';

const aggregator = new WindowAggregator({
  schema: 'id STRING, amount INT, price DOUBLE, time STRING',
  eventTime: { column: 'time', pattern: 'dd-MM-yyyy-HH-mm', timeZone: 'UTC' },
  window: { size: '5 minutes' },
  groupBy: ['id'],
  aggregates: {
    total: { sum: 'amount' },
    turnover: { sum: 'price' },
    n: { count: '*' },
    least: { min: 'amount' },
    mean: { avg: 'amount' },
  },
});
const changed = await aggregator.update();
type Row = typeof changed extends Iterable<infer R> ? R : never;
expectType<
  Equal<
    Row,
    {
      window: { readonly start: Date; readonly end: Date };
      id: string | null;
      total: bigint | null;
      turnover: Double | null;
      n: bigint;
      least: number | null;
      mean: Double | null;
    }
  >
>();
changed.column('total').get(0) satisfies bigint | null;
// @ts-expect-error: there is no such column
changed.column('totl');

new WindowAggregator({
  schema: schema({ at: 'timestamp' }),
  eventTime: 'at',
  window: { size: '1 minute', slide: '10 seconds' },
  aggregates: { n: { count: '*' } },
});
// @ts-expect-error: there is no column 'tim'
new WindowAggregator({ schema: 'time TIMESTAMP', eventTime: 'tim', window: { size: '1 minute' }, aggregates: { n: { count: '*' } } });
new WindowAggregator({
  schema: 'time TIMESTAMP, amount INT',
  eventTime: 'time',
  window: { size: '1 minute' },
  // @ts-expect-error: there is no column 'amuont'
  aggregates: { n: { sum: 'amuont' } },
});
new WindowAggregator({
  schema: 'time TIMESTAMP, amount INT',
  eventTime: 'time',
  window: { size: '1 minute' },
  // @ts-expect-error: there is no column 'idd'
  groupBy: ['idd'],
  aggregates: { n: { count: '*' } },
});
