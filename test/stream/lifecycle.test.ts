// A query's life as its owner sees it: start, status, waiting, failure, stop; and that queries leave each other alone.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { MemoryStream, type MillraceError, Session, schema } from 'millrace';
import { activeQueryCount, stopAllQueries } from '../../dist/engine/active-queries.js';
import { leasedPoolCount } from '../../dist/pool/worker-pool.js';

// A running query keeps its process alive: one that a failed test left behind would hide the failure behind a time-out.
afterEach(() => stopAllQueries());

const Event = schema({ id: 'string', amount: 'int' });

/** A stateless query over a memory stream whose batches go to a function. */
async function start(
  write: (rows: { id: string | null; amount: number | null }[], batchId: number) => void | Promise<void>,
  name?: string,
) {
  const session = Session.create();
  const events = new MemoryStream(session, Event);
  const writer = events.toDF().writeStream.foreachBatch((batch, batchId) => write(batch.toArray(), batchId));
  if (name !== undefined) writer.queryName(name);
  return { session, events, query: await writer.start() };
}

test('batches come in order with ids from 0, and rows as they were added', async () => {
  const batches: unknown[] = [];
  const { events, query } = await start((rows, batchId) => void batches.push([batchId, rows]));
  events.addData({ id: 'a', amount: 1 }, { id: null, amount: null });
  await query.processAllAvailable();
  events.addData({ id: 'b', amount: 2 });
  await query.processAllAvailable();
  await query.processAllAvailable();
  assert.deepEqual(batches, [
    [
      0,
      [
        { id: 'a', amount: 1 },
        { id: null, amount: null },
      ],
    ],
    [1, [{ id: 'b', amount: 2 }]],
  ]);
  assert.equal(query.lastProgress?.batchId, 1);
  assert.deepEqual(
    query.recentProgress.map((progress) => progress.numInputRows),
    [2, 1],
  );
  assert.deepEqual(query.status, { message: 'Waiting for data to arrive', isDataAvailable: false, isTriggerActive: false });
  await query.stop();
  assert.equal(query.isActive, false);
  assert.equal(query.status.message, 'Stopped');
  assert.equal(query.exception, null);
});

test('what a sink throws fails the query as STREAM_FAILED, and only that query', async () => {
  const failing = await start(() => {
    throw new TypeError('no room');
  });
  const seen: number[] = [];
  const living = await start((rows) => void seen.push(rows.length));
  failing.events.addData({ id: 'a', amount: 1 });
  await assert.rejects(failing.query.processAllAvailable(), (error: MillraceError) => {
    assert.equal(error.code, 'STREAM_FAILED');
    assert.ok(error.cause instanceof TypeError);
    assert.equal(error.context['queryId'], failing.query.id);
    assert.equal(error.context['runId'], failing.query.runId);
    assert.equal(error.context['batchId'], 0);
    return true;
  });
  await assert.rejects(failing.query.awaitTermination(), { code: 'STREAM_FAILED' });
  assert.equal(failing.query.isActive, false);
  assert.match(failing.query.status.message, /^Terminated with exception: /);
  living.events.addData({ id: 'a', amount: 1 });
  await living.query.processAllAvailable();
  assert.deepEqual(seen, [1]);
  await living.query.stop();
});

test('stop ends the running batch and starts no other', async () => {
  const done: number[] = [];
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const entered = new Promise<void>((resolve) => {
    void start(async (_rows, batchId) => {
      resolve();
      await gate;
      done.push(batchId);
    }).then(async ({ events, query }) => {
      events.addData({ id: 'a', amount: 1 });
      await entered;
      events.addData({ id: 'b', amount: 2 });
      const stopping = query.stop();
      release();
      await stopping;
      finish();
    });
  });
  let finish = () => {};
  await new Promise<void>((resolve) => {
    finish = resolve;
  });
  assert.deepEqual(done, [0]);
});

test('a batch may stop its own query; waiting for it from within is refused', async () => {
  const codes: string[] = [];
  const run = await start(async () => {
    await run.query.processAllAvailable().catch((error: MillraceError) => codes.push(error.code));
    await run.query.awaitTermination().catch((error: MillraceError) => codes.push(error.code));
    await run.query.stop();
  });
  run.events.addData({ id: 'a', amount: 1 });
  await run.query.awaitTermination();
  assert.deepEqual(codes, ['ARGUMENT_INVALID', 'ARGUMENT_INVALID']);
  assert.equal(run.query.status.message, 'Stopped');
});

test('two running queries cannot have one name; after a stop the name is free', async () => {
  const first = await start(() => {}, 'twin');
  await assert.rejects(
    start(() => {}, 'twin'),
    { code: 'QUERY_ALREADY_ACTIVE' },
  );
  await first.query.stop();
  const second = await start(() => {}, 'twin');
  assert.notEqual(second.query.id, first.query.id);
  await second.query.stop();
});

test('awaitTermination with a timeout says whether the query ended', async () => {
  const { query } = await start(() => {});
  assert.equal(await query.awaitTermination(5), false);
  await query.stop();
  assert.equal(await query.awaitTermination(5), true);
  await query.awaitTermination();
});

test('availableNow takes what is there and ends', async () => {
  const events = new MemoryStream(Session.create(), Event);
  events.addData({ id: 'a', amount: 1 });
  const ids: number[] = [];
  const query = await events
    .toDF()
    .writeStream.trigger({ availableNow: true })
    .foreachBatch((_batch, batchId) => void ids.push(batchId))
    .start();
  events.addData({ id: 'b', amount: 2 });
  await query.awaitTermination();
  assert.deepEqual(ids, [0]);
  assert.equal(query.lastProgress?.numInputRows, 1);
});

test('nothing is left behind', () => {
  assert.equal(activeQueryCount(), 0);
  assert.equal(leasedPoolCount(), 0);
});
