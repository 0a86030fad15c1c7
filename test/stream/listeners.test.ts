// Listeners hear of a query's start, batches, idleness and end, in that order; rate-micro-batch gives them something to hear of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ResultBatch, Session, type StreamingQueryListener } from 'millrace';

const session = Session.create({ appName: 'listeners', timeZone: 'UTC' });

/** A listener that keeps what it hears, and a wait for the n-th event. */
function recorder(): { listener: StreamingQueryListener; heard: string[] } {
  const heard: string[] = [];
  const listener: StreamingQueryListener = {
    onQueryStarted: ({ name }) => void heard.push(`started ${name}`),
    onQueryProgress: ({ progress }) => void heard.push(`batch ${progress.batchId} of ${progress.numInputRows}`),
    onQueryTerminated: ({ errorClassOnException }) => void heard.push(`terminated ${errorClassOnException}`),
  };
  return { listener, heard };
}

const rate = () =>
  session.readStream.format('rate-micro-batch').options({ rowsPerBatch: 3, startTimestamp: 1000, advanceMillisPerBatch: 50 }).load();
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('events come in order, and none after a listener was removed', async () => {
  const { listener, heard } = recorder();
  session.streams.addListener(listener);
  const rows: unknown[] = [];
  const query = await rate()
    .writeStream.queryName('heard')
    .foreachBatch((batch: ResultBatch<any>) => void rows.push(...batch.toArray()))
    .trigger({ availableNow: true })
    .start();
  assert.deepEqual(heard, ['started heard']);
  await query.awaitTermination();
  await turn();
  assert.deepEqual(heard, ['started heard', 'batch 0 of 3', 'terminated null']);
  assert.deepEqual(
    rows,
    [0n, 1n, 2n].map((value) => ({ timestamp: new Date(1000), value })),
  );
  session.streams.removeListener(listener);
  assert.deepEqual(session.streams.listListeners(), []);
  await (
    await rate()
      .writeStream.foreachBatch(() => {})
      .trigger({ once: true })
      .start()
  ).awaitTermination();
  await turn();
  assert.equal(heard.length, 3);
});

test('a failure is told with its condition', async () => {
  const { listener, heard } = recorder();
  session.streams.addListener(listener);
  const failing = () => {
    throw new Error('no');
  };
  const query = await rate().writeStream.foreachBatch(failing).start();
  await assert.rejects(query.awaitTermination());
  await turn();
  session.streams.removeListener(listener);
  assert.deepEqual(heard, ['started null', 'terminated STREAM_FAILED']);
});

test('a listener that throws is a warning, and harms no query', async () => {
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  const listener: StreamingQueryListener = {
    onQueryProgress() {
      throw new Error('from the listener');
    },
  };
  session.streams.addListener(listener);
  const query = await rate()
    .writeStream.foreachBatch(() => {})
    .trigger({ once: true })
    .start();
  await query.awaitTermination();
  assert.match((await warned).message, /from the listener/);
  session.streams.removeListener(listener);
});
