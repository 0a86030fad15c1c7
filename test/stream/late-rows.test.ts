// Late rows of stages that take rows one by one, and of groupings behind a join with a table: kept with their watermark, and counted once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  count,
  type DataFrame,
  explode,
  expr,
  lit,
  MemoryStream,
  Session,
  type StreamingQueryProgress,
  schema,
  sequence,
  window,
} from 'millrace';
import { WAYS } from './stream-script.ts';

const Event = schema({ ts: 'timestamp', k: 'string' });
type Events = DataFrame<{ ts: Date | null; k: string | null }>;
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

/** What becomes of rows of the batches `[second, key]`, all behind a watermark without delay. */
async function run(
  build: (events: Events, session: Session) => DataFrame<any>,
  batches: readonly (readonly [number | null, string])[][],
  conf = {},
) {
  const session = Session.create({ timeZone: 'UTC', conf });
  const events = new MemoryStream(session, Event);
  const late: unknown[] = [];
  const query = await build(events.toDF().withWatermark('ts', '0 seconds') as Events, session)
    .writeStream.outputMode('update')
    .lateRows((batch) => {
      for (const { value, eventTime, watermark, latenessMs } of batch)
        late.push([JSON.parse(Buffer.from(value ?? []).toString()).k, eventTime, watermark, latenessMs]);
    })
    .foreachBatch(() => {})
    .start();
  try {
    for (const rows of batches) {
      events.addData(...rows.map(([second, k]) => ({ ts: second === null ? null : at(second), k })));
      await query.processAllAvailable();
    }
    return { late, counts: total(query.recentProgress) };
  } finally {
    await query.stop();
  }
}

function total(progress: readonly StreamingQueryProgress[]) {
  const sum = { input: 0, processed: 0, filtered: 0, late: 0, bad: 0 };
  for (const { rowCounts } of progress) for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += rowCounts[name];
  return sum;
}

const grouped = (events: Events) =>
  events
    .groupByKey((row) => row.k)
    .flatMapGroupsWithState(
      { outputMode: 'update', timeout: 'eventTime', state: 'long', output: schema({ k: 'string' }) },
      (k, rows, state) => {
        state.update(BigInt(rows.length));
        return [{ k }];
      },
    );

const transformed = (events: Events) =>
  events
    .groupByKey((row) => row.k)
    .transformWithState({
      timeMode: 'eventTime',
      state: { n: { type: 'value', of: 'long' } },
      output: schema({ k: 'string' }),
      handleInputRows: (k) => [{ k }],
    });

/** Stages that drop rows at or before the watermark of the batch before; a row without a time is never late. */
const STAGES: Readonly<Record<string, (events: Events, session: Session) => DataFrame<any>>> = {
  'a deduplication by key and time': (events) => events.dropDuplicates(['k', 'ts']),
  'a deduplication within the watermark': (events) => events.dropDuplicatesWithinWatermark(['k']),
  'flatMapGroupsWithState by event time': grouped,
  'transformWithState by event time': transformed,
};

for (const [way, conf] of Object.entries(WAYS)) {
  for (const [stage, build] of Object.entries(STAGES)) {
    test(`${stage} gives its late rows, ${way}`, async () => {
      const { late, counts } = await run(
        build,
        [
          [[20, 'a']],
          [[21, 'b']],
          [
            [20, 'late'],
            [null, 'timeless'],
            [5, 'later'],
            [22, 'c'],
          ],
        ],
        conf,
      );
      assert.deepEqual(late, [
        ['late', at(20), at(21), 1000n],
        ['later', at(5), at(21), 16_000n],
      ]);
      assert.deepEqual(counts, { input: 6, processed: 4, filtered: 0, late: 2, bad: 0 });
    });
  }
}

test('a row of which a step made several counts once, late where all of them are', async () => {
  const spread = (events: Events) =>
    events.select('k', 'ts', explode(sequence(lit(1), lit(3))).alias('n')).dropDuplicates(['k', 'ts', 'n']) as DataFrame<any>;
  const { late, counts } = await run(spread, [
    [[20, 'a']],
    [[21, 'b']],
    [
      [3, 'late'],
      [22, 'c'],
    ],
  ]);
  assert.deepEqual(late, [['late', at(3), at(21), 18_000n]]);
  assert.deepEqual(counts, { input: 4, processed: 3, filtered: 0, late: 1, bad: 0 });
});

test('both sides of a join of streams give their late rows', async () => {
  const session = Session.create({ timeZone: 'UTC' });
  const [left, right] = [new MemoryStream(session, Event), new MemoryStream(session, Event)];
  const late: string[] = [];
  const query = await left
    .toDF()
    .withWatermark('ts', '0 seconds')
    .alias('l')
    .join(right.toDF().withWatermark('ts', '0 seconds').alias('r'), expr('l.k = r.k AND l.ts = r.ts'))
    .writeStream.lateRows((batch) => {
      for (const { value, watermark } of batch)
        late.push(`${JSON.parse(Buffer.from(value ?? []).toString()).k} behind ${watermark?.getUTCSeconds()}`);
    })
    .foreachBatch(() => {})
    .start();
  try {
    for (const second of [20, 30]) {
      left.addData({ ts: at(second), k: 'on time' });
      right.addData({ ts: at(second), k: 'on time' });
      await query.processAllAvailable();
    }
    left.addData({ ts: at(7), k: 'left' }, { ts: at(40), k: 'on time' });
    right.addData({ ts: at(20), k: 'right' });
    await query.processAllAvailable();
    assert.deepEqual(late.sort(), ['left behind 30', 'right behind 30']);
    assert.deepEqual(total(query.recentProgress), { input: 7, processed: 5, filtered: 0, late: 2, bad: 0 });
  } finally {
    await query.stop();
  }
});

test('a grouping behind a join with a table gives the late rows of the stream', async () => {
  const enriched = (events: Events, session: Session) =>
    events
      .join(
        session.createDataFrame(
          [
            ['a', 'A'],
            ['a', 'B'],
            ['late', 'C'],
            ['late', 'D'],
          ],
          'k STRING, name STRING',
        ),
        'k',
      )
      .groupBy(window('ts', '10 seconds'), 'name')
      .agg(count(lit(1)).alias('n'));
  const { late, counts } = await run(enriched as never, [
    [[5, 'a']],
    [[31, 'a']],
    [
      [4, 'late'],
      [6, 'nobody'],
      [32, 'a'],
    ],
  ]);
  assert.deepEqual(late, [['late', at(4), at(31), 27_000n]]);
  // The table's rows are read, and counted, in each batch.
  assert.deepEqual([counts.late, counts.filtered, counts.input - counts.processed], [1, 0, 1]);
});
