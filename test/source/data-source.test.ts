// Sources and sinks of the program's own: what the engine asks of them, over restarts and failures, and what it refuses.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { col, type DataSource, Session, schema } from 'millrace';

const folder = mkdtempSync(join(tmpdir(), 'millrace-data-source-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Tick {
  n: number | null;
}

/** Numbers up to `limit`, three a batch; `log` notes what is asked. */
function ticks(limit: number, log: string[] = []): DataSource<Tick> {
  return {
    name: 'ticks',
    schema: schema({ n: 'int' }),
    streamReader: (options) => ({
      initialOffset: () => Number(options['from'] ?? 0),
      latestOffset: (start) => Math.min(limit, Number(start) + 3),
      async *read(start, end) {
        log.push(`read ${start} ${end}`);
        for (let n = Number(start); n < Number(end); n += 1) yield { n };
      },
      commit: (end) => void log.push(`commit ${end}`),
      close: () => void log.push('close'),
    }),
  };
}

test('a source is read from its first offset on, in the ranges that it names', async () => {
  const log: string[] = [];
  const rows: number[] = [];
  const frame = Session.create({}).readStream.format(ticks(7, log)).option('from', 1).load();
  const query = await frame
    .select(col('n').mul(2).alias('twice'))
    .writeStream.foreachBatch((batch) => void rows.push(...batch.toArray().map(({ twice }) => Number(twice))))
    .start();
  await query.processAllAvailable();
  assert.equal(query.lastProgress?.sources[0]?.description, 'ticks[n]');
  await query.stop();
  assert.deepEqual(rows, [2, 4, 6, 8, 10, 12]);
  assert.deepEqual(log, ['read 1 4', 'commit 4', 'read 4 7', 'commit 7', 'close']);
});

test('a checkpoint keeps the offsets, and a batch that failed is read again', async () => {
  const checkpointLocation = join(folder, 'restart');
  const log: string[] = [];
  const session = Session.create({});
  const run = async (limit: number, fails: boolean) => {
    const sink: DataSource<Tick> = {
      name: 'kept',
      streamWriter: () => ({
        write(batch, batchId) {
          if (fails) throw new Error('disk full');
          log.push(`${batchId}: ${batch.toArray().map(({ n }) => n)}`);
          return batch.numRows;
        },
      }),
    };
    const writer = session.readStream.format(ticks(limit)).load().writeStream.format(sink);
    const query = await writer.option('checkpointLocation', checkpointLocation).trigger({ availableNow: true }).start();
    await query.awaitTermination();
    return query.lastProgress;
  };
  const progress = await run(3, false);
  assert.deepEqual(progress?.sink, { description: 'kept', numOutputRows: 3 });
  await assert.rejects(run(5, true), /disk full/);
  await run(5, false);
  assert.deepEqual(log, ['0: 0,1,2', '1: 3,4']);
});

test('availableNow ends where the source ended when the query started', async () => {
  let newest = 2;
  const growing: DataSource<Tick> = {
    name: 'growing',
    schema: 'n INT',
    streamReader: () => ({
      initialOffset: () => 0,
      latestOffset: () => newest,
      read: (start, end) => {
        newest += 1;
        return Array.from({ length: Number(end) - Number(start) }, (_, index) => ({ n: Number(start) + index }));
      },
    }),
  };
  const rows: (number | null)[] = [];
  const writer = Session.create({}).readStream.format(growing).load().writeStream.trigger({ availableNow: true });
  const query = await writer.foreachBatch((batch) => void rows.push(...batch.toArray().map(({ n }) => n))).start();
  await query.awaitTermination();
  assert.deepEqual(rows, [0, 1]);
});

test('a source that pins its end itself may give it in several batches', async () => {
  const pinned: DataSource<Tick> = {
    ...ticks(8),
    streamReader: () => {
      const reader = ticks(8).streamReader?.({}) as ReturnType<NonNullable<DataSource<Tick>['streamReader']>>;
      return { ...reader, prepareForTriggerAvailableNow: () => {} };
    },
  };
  const batches: number[] = [];
  const writer = Session.create({}).readStream.format(pinned).load().writeStream.trigger({ availableNow: true });
  const query = await writer.foreachBatch((batch) => void batches.push(batch.numRows)).start();
  await query.awaitTermination();
  assert.deepEqual(batches, [3, 3, 2]);
});

test('what is no source, has no columns, or cannot do what is asked is refused at the call', async () => {
  const session = Session.create({});
  const nothing = { name: 'nothing' } as DataSource<Tick>;
  assert.throws(() => session.readStream.format(nothing), /the data source nothing has no streamReader\(\)/);
  assert.throws(() => session.readStream.format(7 as never), { code: 'ARGUMENT_INVALID' });
  assert.throws(() => session.readStream.format({ name: 'bare', streamReader: ticks(1).streamReader as never }).load(), {
    code: '_LEGACY_ERROR_TEMP_2048',
  });
  assert.throws(
    () =>
      session.readStream
        .format('rate')
        .load()
        .writeStream.format(nothing as never),
    /has no streamWriter\(\)/,
  );
});

test('rows that are none of the schema fail the query by column and row', async () => {
  const wrong: DataSource<Tick> = {
    ...ticks(1),
    streamReader: () => ({ initialOffset: () => 0, latestOffset: () => 1, read: () => [{ n: 'x' } as never] }),
  };
  const query = await Session.create({})
    .readStream.format(wrong)
    .load()
    .writeStream.foreachBatch(() => {})
    .start();
  await assert.rejects(query.awaitTermination(), { code: 'VALUE_NOT_ENCODABLE' });
});

test('socket gives the lines of a connection, with the time they came where asked', async () => {
  const server = createServer((socket) => socket.write('hello\nworld\r\n'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const rows: object[] = [];
    const frame = Session.create({}).readStream.format('socket').options({ host: '127.0.0.1', port, includeTimestamp: true }).load();
    const query = await frame.writeStream.foreachBatch((batch) => void rows.push(...batch.toArray())).start();
    while (rows.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(
      query.lastProgress?.sources[0]?.description ?? `TextSocketV2[host: 127.0.0.1, port: ${port}]`,
      `TextSocketV2[host: 127.0.0.1, port: ${port}]`,
    );
    await query.stop();
    assert.deepEqual(
      rows.map((row) => (row as { value: string }).value),
      ['hello', 'world'],
    );
    assert.ok(rows.every((row) => (row as { timestamp: unknown }).timestamp instanceof Date));
  } finally {
    server.close();
  }
});

test('socket needs a host and a port, and somebody who listens there', async () => {
  const reader = () => Session.create({}).readStream.format('socket');
  assert.throws(() => reader().load(), /host/);
  assert.throws(() => reader().option('host', 'localhost').load(), /port/);
  const frame = reader().options({ host: '127.0.0.1', port: 1 }).load();
  await assert.rejects(frame.writeStream.foreachBatch(() => {}).start(), { code: 'SOCKET_UNREACHABLE' });
});
