// What a sink gets: columns as views, rows when asked for, Arrow over the same memory, and Spark's tables.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { col, MemoryStream, ResultBatch, Session, schema, sum, window } from 'millrace';
import { stopAllQueries } from '../../dist/engine/active-queries.js';
import { createConsoleSink } from '../../dist/sink/console.js';

after(() => stopAllQueries());

/** The one batch that a query makes of some trades. */
async function totals(): Promise<ResultBatch> {
  const trades = new MemoryStream(Session.create(), schema({ id: 'string', amount: 'int', time: 'timestamp' }));
  trades.addData(
    { id: 'apple', amount: 10, time: new Date('2020-11-01T10:10:00Z') },
    { id: null, amount: null, time: new Date('2020-11-01T10:12:00Z') },
    { id: 'apple', amount: -3, time: new Date('2020-11-01T10:11:00Z') },
  );
  const batches: ResultBatch[] = [];
  const query = await trades
    .toDF()
    .groupBy(window('time', '5 minutes'), 'id')
    .agg(sum('amount').alias('total'))
    .writeStream.outputMode('complete')
    .trigger({ availableNow: true })
    .foreachBatch((batch) => void batches.push(batch))
    .start();
  await query.awaitTermination();
  assert.equal(batches.length, 1);
  return batches[0] as ResultBatch;
}

const byId = (left: { id: string | null }, right: { id: string | null }) => String(left.id).localeCompare(String(right.id));

test('rows, columns and Arrow say the same, and outlive their query', async () => {
  const batch = await totals();
  const window = { start: new Date('2020-11-01T10:10:00Z'), end: new Date('2020-11-01T10:15:00Z') };
  assert.equal(batch.numRows, 2);
  assert.equal(batch.batchId, 0);
  assert.deepEqual([...batch].sort(byId), [
    { window, id: 'apple', total: 7n },
    { window, id: null, total: null },
  ]);
  assert.deepEqual(batch.columnNames, ['window', 'id', 'total']);

  const total = batch.column('total');
  assert.ok(total.values instanceof BigInt64Array);
  assert.equal(total.values.buffer, batch.bytes.buffer);
  assert.equal(total.nullCount, 1);
  for (const [index, id] of [...batch.column('id')].entries()) {
    assert.equal(total.isNull(index), id === null);
    assert.equal(total.get(index), id === null ? null : 7n);
  }
  assert.equal(total.get(99), null);
  assert.throws(() => batch.column('nothing'), { code: 'FIELD_NOT_FOUND' });

  const table = batch.toArrow();
  assert.equal(table.numRows, 2);
  assert.deepEqual(
    table.schema.fields.map((field) => field.name),
    ['window', 'id', 'total'],
  );
  assert.equal(table.getChild('total')?.data[0]?.values.buffer, batch.bytes.buffer);
  assert.deepEqual(
    table
      .toArray()
      .map((row) => ({ id: row.id, total: row.total }))
      .sort(byId),
    [
      { id: 'apple', total: 7n },
      { id: null, total: null },
    ],
  );
});

test('rows share one shape', async () => {
  const [first, second] = (await totals()).toArray();
  assert.deepEqual(Object.keys(first), ['window', 'id', 'total']);
  assert.deepEqual(Object.keys(second), Object.keys(first));
});

test('the console prints Spark’s frame (golden AC00)', async () => {
  const trades = new MemoryStream(Session.create(), schema({ profit: 'int', time: 'timestamp' }));
  trades.addData({ profit: 10, time: new Date('2020-11-01T10:10:00Z') });
  const totals = trades
    .toDF()
    .groupBy(window('time', '5 minutes'))
    .agg(sum(col('profit')));
  const printed: Record<string, string> = {};
  for (const truncate of ['false', 'true', '9']) {
    const sink = createConsoleSink({ truncate }, {}, (text) => {
      printed[truncate] = (printed[truncate] ?? '') + text;
    });
    const query = await totals.writeStream
      .outputMode('complete')
      .trigger({ availableNow: true })
      .foreachBatch(async (batch, batchId) => void (await sink.write(batchId, batch, 'complete')))
      .start();
    await query.awaitTermination();
    trades.addData({ profit: 10, time: new Date('2020-11-01T10:10:00Z') });
  }
  const rule = '-'.repeat(43);
  assert.equal(
    printed['false'],
    `${rule}\nBatch: 0\n${rule}\n` +
      '+------------------------------------------+-----------+\n|window                                    |sum(profit)|\n' +
      '+------------------------------------------+-----------+\n|{2020-11-01 10:10:00, 2020-11-01 10:15:00}|10         |\n' +
      '+------------------------------------------+-----------+\n\n',
  );
  assert.match(printed['true'] ?? '', /\|\{2020-11-01 10:10\.\.\.\| {9}\d+\|/);
  assert.match(printed['9'] ?? '', /\|\{2020-\.\.\.\| +\d+\|/);
  assert.throws(() => createConsoleSink({ truncate: 'maybe' }, {}), { code: 'OPTION_INVALID' });
});

test('bytes that are no batch are refused', () => {
  assert.throws(() => new ResultBatch(new Uint8Array(0)), { code: 'BATCH_BORDER_INVALID' });
  assert.throws(() => new ResultBatch(new Uint8Array(64)), { code: 'BATCH_BORDER_INVALID' });
});
