// The next batch is read and mapped while the one before is written: what comes out, and in which order, is as it is without that.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { type Configurations, col, count, lit, type MillraceError, type ResultBatch, Session, window } from 'millrace';
import { stopAllQueries } from '../../dist/engine/active-queries.js';
import type { Trigger } from '../../dist/engine/query-definition.js';
import { startStream } from '../../dist/engine/stream-execution.js';
import { native } from '../../dist/native/load.js';
import { planToJson } from '../../dist/plan/plan-json.js';

afterEach(() => stopAllQueries());

const WAYS: Readonly<Record<string, Configurations>> = {
  'on the main thread': { 'spark.sql.shuffle.partitions': 2 },
  'in two workers': { 'millrace.inlineBytesMax': '0', 'millrace.workers': 2, 'spark.sql.shuffle.partitions': 2 },
};
const POOLED = WAYS['in two workers'] as Configurations;
const AT_ONCE: Trigger = { availableNow: true };
/** Batches by the clock are never begun ahead. */
const BY_THE_CLOCK: Trigger = { processingTime: 1 };

type Write = (batch: ResultBatch, batchId: number) => void | Promise<void>;

interface Place {
  readonly input: string;
  readonly checkpoint: string;
}

async function withFiles(files: readonly string[], use: (place: Place) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-overlap-'));
  const input = mkdtempSync(join(folder, 'input-'));
  files.forEach((text, index) => {
    writeFileSync(join(input, `${String(index).padStart(3, '0')}.json`), text);
  });
  try {
    await use({ input, checkpoint: join(folder, 'checkpoint') });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lines of events at these seconds. */
const events = (...seconds: number[]) =>
  seconds.map((second) => JSON.stringify({ ts: new Date(second * 1000), k: `k${second % 3}` })).join('\n');

function counted({ input }: Place, conf: Configurations) {
  return Session.create({ conf })
    .readStream.schema('ts TIMESTAMP, k STRING')
    .option('maxFilesPerTrigger', 1)
    .option('mode', 'FAILFAST')
    .json(input)
    .withWatermark('ts', '5 seconds')
    .groupBy(window('ts', '10 seconds'), 'k')
    .agg(count(lit(1)).alias('n'));
}

function start(place: Place, conf: Configurations, trigger: Trigger, write: Write) {
  const writer = counted(place, conf).writeStream.outputMode('append').trigger(trigger).option('checkpointLocation', place.checkpoint);
  return writer.foreachBatch(write as never).start();
}

const textsOf = (batch: any): string[] => [...batch].map(({ window: range, k, n }) => `${range.start.getTime() / 1000} ${k} ${n}`).sort();
const logOf = ({ checkpoint }: Place, folder: string) => readdirSync(join(checkpoint, folder)).filter((name) => /^\d+$/.test(name));

/** Every second file has a row that is late by the batch before. */
const MANY = Array.from({ length: 24 }, (_, index) =>
  events(index * 7, index * 7 + 1, index * 7 + 5, ...(index % 2 === 0 ? [] : [index * 7 - 18])),
);

/** What a run gives out and writes down, batch by batch, times of the clock left out. */
async function traceOf(conf: Configurations, trigger: Trigger): Promise<unknown> {
  let trace: unknown = null;
  await withFiles(MANY, async (place) => {
    const batches: unknown[] = [];
    const query = await start(place, conf, trigger, (batch, id) => void batches.push([id, textsOf(batch)]));
    if (trigger === AT_ONCE) await query.awaitTermination();
    else await query.processAllAvailable();
    await query.stop();
    const reports = query.recentProgress.map(({ batchId, numInputRows, eventTime, stateOperators, sources }) => ({
      batchId,
      numInputRows,
      eventTime,
      dropped: stateOperators[0]?.numRowsDroppedByWatermark,
      endOffset: sources[0]?.endOffset,
    }));
    const offsets = logOf(place, 'offsets').map((name) =>
      readFileSync(join(place.checkpoint, 'offsets', name), 'utf8').replace(/"batchTimestampMs":\d+|,"millrace":\{.*?\}/g, ''),
    );
    trace = { batches, reports, offsets, commits: logOf(place, 'commits').sort() };
  });
  return trace;
}

for (const [way, conf] of Object.entries(WAYS)) {
  test(`batches, reports and logs are those of a query that does not work ahead, ${way}`, async () => {
    assert.deepEqual(await traceOf(conf, AT_ONCE), await traceOf(conf, BY_THE_CLOCK));
  });
}

/** Runs the query over three files; `onCall` hears what its source and its sink are asked. Each write takes a while. */
async function runWatched(conf: Configurations, onCall: (call: string) => void): Promise<void> {
  await withFiles(MANY.slice(0, 3), async (place) => {
    const frame = counted(place, conf);
    const watched = (source: any) =>
      new Proxy(source, {
        get(target, name) {
          const value = target[name];
          if (typeof value !== 'function') return value;
          return (...given: any[]) => {
            if (name === 'splits' || name === 'commit') onCall(`${name} ${given.at(-1).logOffset}`);
            return value.apply(target, given);
          };
        },
      });
    const makers = [...(frame.sources as unknown as Map<number, () => unknown>)];
    const sink = {
      description: 'test',
      async write(id: number): Promise<number> {
        onCall(`write ${id}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        onCall(`written ${id}`);
        return 0;
      },
    };
    const query = await startStream({
      name: null,
      plan: frame.plan,
      sources: new Map(makers.map(([number, make]) => [number, () => watched(make())])) as never,
      sink,
      outputMode: 'update',
      trigger: AT_ONCE,
      checkpointLocation: place.checkpoint,
      conf: Session.create({ conf }).conf.getAll(),
    });
    await query.awaitTermination();
  });
}

/** The order in which source and sink are called. */
async function callsOf(conf: Configurations): Promise<string[]> {
  const calls: string[] = [];
  await runWatched(conf, (call) => void calls.push(call));
  return calls.slice(0, 12);
}

test('in workers a batch is read while the one before is written, one batch ahead and no further', async () => {
  assert.deepEqual(await callsOf(POOLED), [
    ...['splits 0', 'splits 1', 'write 0', 'written 0', 'commit 0'],
    ...['splits 2', 'write 1', 'written 1', 'commit 1'],
    ...['write 2', 'written 2', 'commit 2'],
  ]);
});

test('after a small batch the next one has what came meanwhile: nothing is read ahead', async () => {
  assert.deepEqual(await callsOf({}), [
    ...['splits 0', 'write 0', 'written 0', 'commit 0'],
    ...['splits 1', 'write 1', 'written 1', 'commit 1'],
    ...['splits 2', 'write 2', 'written 2', 'commit 2'],
  ]);
});

test('what fails ahead fails its own batch, after the one before is through', async () => {
  await withFiles([events(1), '{"ts": "no time", "k": 5}'], async (place) => {
    const written: number[] = [];
    const query = await start(place, POOLED, AT_ONCE, async (_batch, id) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      written.push(id);
    });
    await assert.rejects(query.awaitTermination(), (error: MillraceError) => error.context['batchId'] === 1);
    assert.deepEqual(written, [0]);
    assert.deepEqual([logOf(place, 'offsets').sort(), logOf(place, 'commits')], [['0', '1'], ['0']]);
  });
});

test('a panic ahead is what is reported, though it fails the batch before', async () => {
  const written: string[] = [];
  const run = runWatched(POOLED, (call) => {
    if (call === 'splits 1') native.injectPanic('stage:source');
    if (call.startsWith('written')) written.push(call);
  });
  await assert.rejects(run, { code: 'NATIVE_PANIC' }).finally(() => native.injectPanic(''));
  assert.ok(written.length <= 1);
});

for (const [way, conf] of Object.entries(WAYS)) {
  test(`what was read ahead when the sink fails, or the query stops, is no batch yet, ${way}`, async () => {
    await withFiles(MANY.slice(0, 6), async (place) => {
      const rows: string[] = [];
      const failing = await start(place, conf, AT_ONCE, async (_batch, id) => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        if (id === 1) throw new Error('full');
      });
      await assert.rejects(failing.awaitTermination(), { code: 'STREAM_FAILED' });
      assert.deepEqual([logOf(place, 'offsets').sort(), logOf(place, 'commits')], [['0', '1'], ['0']]);
      assert.ok(!existsSync(join(place.checkpoint, 'sources', '0', '2')));
      const stopped = await start(place, conf, AT_ONCE, async (batch, id) => {
        rows.push(...textsOf(batch));
        if (id === 3) await stopped.stop();
        await new Promise((resolve) => setTimeout(resolve, 30));
      });
      await stopped.awaitTermination();
      assert.deepEqual(logOf(place, 'offsets').sort(), ['0', '1', '2', '3']);
      const last = await start(place, conf, AT_ONCE, (batch) => void rows.push(...textsOf(batch)));
      await last.awaitTermination();
      await withFiles(MANY.slice(0, 6), async (other) => {
        const whole: string[] = [];
        await (await start(other, conf, BY_THE_CLOCK, (batch) => void whole.push(...textsOf(batch)))).processAllAvailable();
        await stopAllQueries();
        assert.deepEqual(rows.sort(), whole.sort());
      });
    });
  });
}

test('a table that the sink writes is read as it is after the batch before', async () => {
  await withFiles(MANY.slice(0, 4), async (place) => {
    const table = join(place.input, '..', 'table.json');
    writeFileSync(table, '{"k": "k0", "note": "none"}\n');
    const session = Session.create({ conf: POOLED });
    const notes: string[][] = [];
    const query = await session.readStream
      .schema('ts TIMESTAMP, k STRING')
      .option('maxFilesPerTrigger', 1)
      .json(place.input)
      .join(session.read.schema('k STRING, note STRING').json(table), 'k')
      .select(col('note'))
      .writeStream.trigger(AT_ONCE)
      .foreachBatch((batch, id) => {
        notes.push([...new Set([...batch].map(({ note }: any) => String(note)))]);
        writeFileSync(table, ['k0', 'k1', 'k2'].map((k) => `{"k": "${k}", "note": "after ${id}"}`).join('\n'));
      })
      .start();
    await query.awaitTermination();
    assert.deepEqual(notes, [['none'], ['after 0'], ['after 1'], ['after 2']]);
  });
});

test('a watermark behind a stage is not known when a batch is mapped; behind a table that is looked up on the way it is', () => {
  const session = Session.create();
  const stream = session.readStream.format('rate').load().select(col('timestamp').alias('ts'), lit('a').alias('k'));
  const table = session.range(3).select(col('id').cast('string').alias('k'));
  const knows = (frame: { plan: unknown }) => {
    const text = native.openQuery(planToJson(frame.plan as never), JSON.stringify(session.conf.getAll()), 'append');
    const { handle, timesKnownWhenMapped } = JSON.parse(text);
    native.closeQuery(handle);
    return timesKnownWhenMapped;
  };
  assert.equal(knows(stream), true);
  assert.equal(knows(stream.withWatermark('ts', '1 second').groupBy(window('ts', '1 second')).count()), true);
  assert.equal(knows(stream.join(table, 'k').withWatermark('ts', '1 second')), true);
  assert.equal(knows(stream.dropDuplicates(['k']).withWatermark('ts', '1 second')), false);
  assert.equal(knows(stream.dropDuplicates(['k']).join(table, 'k').withWatermark('ts', '1 second')), false);
});

test('the stages of a report lie within its trigger, work ahead left out', async () => {
  await withFiles(MANY.slice(0, 8), async (place) => {
    const query = await start(place, POOLED, AT_ONCE, () => new Promise((resolve) => setTimeout(resolve, 10)));
    const began = performance.now();
    await query.awaitTermination();
    const elapsedMs = performance.now() - began;
    let triggersMs = 0;
    for (const { durationMs } of query.recentProgress) {
      const { triggerExecution, walCommit, ...stages } = durationMs;
      const sum = Object.values(stages).reduce((total, ms) => total + ms, 0);
      assert.ok(sum <= triggerExecution + 5, JSON.stringify(durationMs));
      triggersMs += triggerExecution;
    }
    assert.ok(triggersMs <= elapsedMs + query.recentProgress.length);
  });
});
