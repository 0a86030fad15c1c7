// foreach: what a writer is called with and when, row by row; what it throws fails the query, and close hears of it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ForeachWriter, MemoryStream, Session, schema } from 'millrace';

const session = Session.create({});
const Row = schema({ n: 'int' });
type Row = { n: number | null };

/** Runs batches through a writer that notes its calls. */
async function calls(writer: Partial<ForeachWriter<Row>>, batches: readonly number[][]) {
  const stream = new MemoryStream(session, Row);
  const noted: string[] = [];
  const note =
    (name: string, method: ((...args: any[]) => any) | undefined) =>
    (...args: unknown[]) => {
      noted.push(`${name} ${args.map((arg) => (arg instanceof Error ? arg.message : JSON.stringify(arg))).join(' ')}`);
      return method?.(...args);
    };
  const query = await stream
    .toDF()
    .writeStream.foreach({ open: note('open', writer.open), process: note('process', writer.process), close: note('close', writer.close) })
    .start();
  try {
    for (const batch of batches) {
      stream.addData(...batch.map((n) => ({ n })));
      await query.processAllAvailable();
    }
    return { noted, error: null, progress: query.lastProgress };
  } catch (error) {
    return { noted, error: error as any, progress: query.lastProgress };
  } finally {
    await query.stop();
  }
}

test('each batch is opened, has its rows in order, and is closed', async () => {
  const { noted, progress } = await calls({ process: async () => {} }, [[1, 2], [3]]);
  assert.deepEqual(noted, ['open 0 0', 'process {"n":1}', 'process {"n":2}', 'close null', 'open 0 1', 'process {"n":3}', 'close null']);
  assert.deepEqual([progress?.sink.description, progress?.sink.numOutputRows], ['ForeachSink', 1]);
});

test('a batch that open does not want has no rows, and is closed all the same', async () => {
  const { noted } = await calls({ open: (_partition, epoch) => epoch > 0 }, [[1], [2]]);
  assert.deepEqual(noted, ['open 0 0', 'close null', 'open 0 1', 'process {"n":2}', 'close null']);
});

test('what process throws ends the batch and the query, and close is told', async () => {
  for (const process of [
    ({ n }: Row) => {
      if (n === 2) throw new Error('no twos');
    },
    async ({ n }: Row) => {
      if (n === 2) throw new Error('no twos');
    },
  ]) {
    const { noted, error } = await calls({ process }, [[1, 2, 3]]);
    assert.deepEqual(noted, ['open 0 0', 'process {"n":1}', 'process {"n":2}', 'close no twos']);
    assert.equal(error.code, 'STREAM_FAILED');
    assert.equal(error.cause.message, 'no twos');
  }
});

test('what open throws ends the query, and nothing is closed', async () => {
  const open = () => {
    throw new Error('not now');
  };
  const { noted, error } = await calls({ open }, [[1]]);
  assert.deepEqual(noted, ['open 0 0']);
  assert.equal(error.cause.message, 'not now');
});

test('a batch that failed runs again with its id', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-foreach-'));
  try {
    const rows: string[] = [];
    let fails = true;
    const start = (stream: MemoryStream<Row>) =>
      stream
        .toDF()
        .writeStream.option('checkpointLocation', join(folder, 'c'))
        .foreach({
          open: (_partition, epoch) => void rows.push(`epoch ${epoch}`),
          process({ n }) {
            if (n === 2 && fails) throw new Error('once');
            rows.push(`row ${n}`);
          },
        })
        .start();
    for (const expected of [
      ['epoch 0', 'row 1'],
      ['epoch 0', 'row 1', 'row 2'],
    ]) {
      const stream = new MemoryStream<Row>(session, Row);
      stream.addData({ n: 1 }, { n: 2 });
      rows.length = 0;
      const query = await start(stream);
      await query.processAllAvailable().catch(() => {});
      await query.stop();
      assert.deepEqual(rows, expected);
      fails = false;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a function alone is a writer; what is neither is refused', async () => {
  const stream = new MemoryStream(session, Row);
  const rows: unknown[] = [];
  const query = await stream
    .toDF()
    .writeStream.foreach(({ n }) => void rows.push(n))
    .start();
  stream.addData({ n: 7 });
  await query.processAllAvailable();
  await query.stop();
  assert.deepEqual(rows, [7]);
  assert.throws(() => stream.toDF().writeStream.foreach({} as never), { code: 'ARGUMENT_INVALID' });
});
