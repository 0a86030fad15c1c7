// Sessions, deduplications and the state of the program go on from their checkpoints: stopped behind every batch they give what they give in one go.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  collectList,
  count,
  countMinSketch,
  type DataFrame,
  expr,
  hex,
  histogramNumeric,
  Session,
  schema,
  sessionWindow,
  toJson,
  window,
} from 'millrace';
import { rowText } from '../row-text.ts';
import { Disks } from '../sim/disks.ts';
import { Job } from '../sim/job.ts';
import { QUERIES as EVERY_OPERATOR } from '../stateful-queries.ts';
import { addFile, type Place, withPlace } from './profit-query.ts';

const FILES = 7;

const QUERIES: Readonly<Record<string, (rows: DataFrame<any>) => DataFrame<any>>> = {
  'session windows': (rows) =>
    rows.groupBy(sessionWindow('ts', '90 seconds'), 'id').agg(count('*').alias('n'), collectList('note').alias('notes')) as DataFrame<any>,
  'windows of sketches': (rows) =>
    rows
      .groupBy(window('ts', '90 seconds'), 'id')
      .agg(
        toJson(histogramNumeric('amount', 3)).alias('bins'),
        hex(countMinSketch('amount', 0.5, 0.5, 1)).alias('sketch'),
      ) as DataFrame<any>,
  'dropDuplicates with event time': (rows) => rows.dropDuplicates(['id', 'ts']),
  'dropDuplicates without': (rows) => rows.dropDuplicates(['id']),
  'state of the program': (rows) =>
    rows
      .groupByKey((row) => row.id)
      .transformWithState({
        timeMode: 'eventTime',
        state: {
          total: { type: 'value', of: schema({ total: 'long', newest: 'timestamp' }) },
          notes: { type: 'list', of: 'string' },
          amounts: { type: 'map', key: 'int', of: 'long' },
        },
        output: schema({ id: 'string', text: 'string' }),
        handleInputRows(id, input, { state, timers }) {
          for (const { ts, amount, note } of input) {
            const before = state.total.get();
            state.total.update({ total: (before?.total ?? 0n) + BigInt(amount), newest: ts });
            if (note !== null) state.notes.append(note);
            state.amounts.updateValue(amount, (state.amounts.getValue(amount) ?? 0n) + 1n);
            timers.registerTimer(ts.getTime() + 60_000);
          }
          return [{ id, text: `${state.total.get()?.total} ${state.notes.get()} ${[...state.amounts]} ${timers.listTimers()}` }];
        },
        handleExpiredTimer(id, { expiryMs }, { state }) {
          const text = `${expiryMs}: ${state.total.get()?.total} ${state.notes.get().length}`;
          state.notes.clear();
          return [{ id, text }];
        },
      }),
  'groups with timeouts': (rows) =>
    rows
      .groupByKey((row) => row.amount)
      .flatMapGroupsWithState(
        { outputMode: 'append', timeout: 'eventTime', state: 'long', output: schema({ id: 'int', n: 'long' }) },
        (id, input, state) => {
          if (state.hasTimedOut) {
            const n = state.get();
            state.remove();
            return [{ id, n }];
          }
          state.update((state.getOption() ?? 0n) + BigInt(input.length));
          state.setTimeoutTimestamp(Math.max(...Array.from(input, ({ ts }) => ts.getTime())) + 30_000);
          return [];
        },
      ),
  // A row meets its partner in the file behind its own, and in a semi join it is done with then.
  'semi join': (rows) => besideNext(rows, 'left_semi').selectExpr('id', 'amount'),
  'left outer join': (rows) => besideNext(rows, 'left_outer').selectExpr('l.id', 'l.amount', 'r.amount AS next'),
  dropDuplicatesWithinWatermark: (rows) => rows.dropDuplicatesWithinWatermark(['id', 'note']),
};

function besideNext(rows: DataFrame<any>, how: 'left_semi' | 'left_outer'): DataFrame<any> {
  const isNext = 'l.id = r.id AND r.amount = l.amount + 10 AND r.ts BETWEEN l.ts AND l.ts + INTERVAL 3 MINUTES';
  return rows.alias('l').join(rows.alias('r'), expr(isNext), how);
}

/** A running query; what it gives, and the state's counts, goes to `seen` batch by batch. */
async function start(place: Place, build: (rows: DataFrame<any>) => DataFrame<any>, seen: string[]) {
  // A snapshot after every second delta, so that restarts read both.
  const session = Session.create({ conf: { 'spark.sql.shuffle.partitions': 3, 'spark.sql.streaming.stateStore.minDeltasForSnapshot': 2 } });
  const rows = session.readStream.schema('ts TIMESTAMP, id STRING, amount INT, note STRING').json(place.input);
  const query = await build(rows.withWatermark('ts', '2 minutes') as DataFrame<any>)
    .writeStream.outputMode('append')
    .option('checkpointLocation', place.checkpoint)
    .foreachBatch((batch, batchId) => {
      const texts = batch.toArray().map(rowText);
      seen.push(`${batchId}: ${texts.sort().join(' ')}`);
    })
    .start();
  return {
    async processAll(): Promise<void> {
      await query.processAllAvailable();
      const [operator] = query.lastProgress!.stateOperators;
      seen.push(`state ${operator!.numRowsTotal}`);
    },
    stop: () => query.stop(),
  };
}

for (const [name, build] of Object.entries(QUERIES)) {
  test(`${name}: a restart behind every batch changes nothing`, async () => {
    const outcome = async (restarts: boolean): Promise<string[]> => {
      const seen: string[] = [];
      await withPlace(async (place) => {
        let query = await start(place, build, seen);
        for (let file = 0; file < FILES; file += 1) {
          if (restarts && file > 0) {
            await query.stop();
            query = await start(place, build, seen);
          }
          addFile(place, file);
          await query.processAll();
        }
        await query.stop();
      });
      return seen;
    };
    const whole = await outcome(false);
    assert.ok(whole.some((text) => text.includes('{')));
    assert.deepEqual(await outcome(true), whole);
  });
}

for (const { modes, ...query } of EVERY_OPERATOR) {
  test(`${query.name}: whatever the number of workers at each start, each batch gives the same to the bit`, async () => {
    const outcome = async (workers: readonly number[]) => {
      const disks = new Disks(1, false);
      const job = new Job({ ...query, outputMode: modes[0], sink: 'program' }, disks);
      job.set('spark.sql.shuffle.partitions', 8);
      for (let addition = 0; addition < FILES; addition += 1) {
        const count = workers[addition % workers.length] ?? 1;
        job.set('millrace.workers', count);
        // Small batches would not go to the workers.
        job.set('millrace.inlineBytesMax', count === 1 ? 1 << 20 : 0);
        job.add(
          Array.from({ length: 40 }, (_, row) => ({
            ts: new Date(1_767_225_600_000 + addition * 30_000 - ((row * 17) % 50) * 1000),
            id: `id-${(row * 7) % 11}`,
            amount: addition * 100 + row,
          })),
        );
        await job.run();
        await job.stop();
      }
      const { rows } = job.output();
      disks.forget();
      return rows;
    };
    const expected = await outcome([1]);
    assert.ok([...expected.values()].some(({ length }) => length > 0));
    assert.deepEqual(await outcome([1, 2, 8]), expected);
    assert.deepEqual(await outcome([8, 1, 2]), expected);
  });
}
