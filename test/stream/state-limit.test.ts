// millrace.maxStateBytes: whatever keeps state says so before it grows beyond the cap, and what is in the checkpoint stays whole.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { last, length, MemoryStream, MillraceError, maxBy, Session, schema, udaf } from 'millrace';
import { EVENTS, QUERIES } from '../stateful-queries.ts';

const LIMIT = 4 << 20;
const ROWS = 2_000;
for (const {
  name,
  modes: [outputMode],
  build,
} of QUERIES) {
  test(`${name}: a typed error at the cap, with no more bytes of state than it allows`, async () => {
    const session = Session.create({ conf: { 'millrace.maxStateBytes': LIMIT } });
    const [left, right] = [new MemoryStream(session, EVENTS), new MemoryStream(session, EVENTS)];
    let usedBytes = 0;
    const query = await build(left.toDF(), right.toDF())
      .writeStream.outputMode(outputMode)
      .foreachBatch(() => {})
      .start();
    const fill = async () => {
      for (let batch = 0; batch < 100; batch += 1) {
        left.addData(...rows(batch));
        right.addData(...rows(batch));
        await query.processAllAvailable();
        const operators = query.lastProgress?.stateOperators ?? [];
        usedBytes = operators.reduce((bytes, operator) => bytes + operator.memoryUsedBytes, 0);
        assert.ok(usedBytes <= LIMIT, `${usedBytes} bytes of state`);
      }
    };
    await assert.rejects(fill(), (error) => {
      assert.ok(error instanceof MillraceError);
      assert.equal(error.code, 'STATE_MEMORY_LIMIT_EXCEEDED');
      assert.match(error.message, /millrace\.maxStateBytes = 4194304/);
      return true;
    });
    assert.ok(usedBytes > LIMIT / 8, `only ${usedBytes} bytes were used`);
    await query.stop();
  });
}

test('values that grow and shrink again and again take no more bytes than the longest of them', async () => {
  const events = new MemoryStream(Session.create(), schema({ k: 'string', note: 'string' }));
  // As last() does it.
  const newest = udaf({
    input: 'string',
    buffer: 'string',
    output: 'string',
    zero: () => '',
    reduce: (before, note) => note ?? before,
    finish: (note) => note,
  });
  const query = await events
    .toDF()
    .groupBy('k')
    .agg(last('note').alias('latest'), maxBy('note', length('note')).alias('longest'), newest('note').alias('newest'))
    .writeStream.outputMode('update')
    .foreachBatch(() => {})
    .start();
  const used: number[] = [];
  for (let batch = 0; batch < 12; batch += 1) {
    events.addData({ k: 'a', note: 'x'.repeat(batch % 2 === 0 ? 10_000 : 10) });
    await query.processAllAvailable();
    used.push(query.lastProgress!.stateOperators[0]!.memoryUsedBytes);
  }
  assert.deepEqual(used.slice(10), used.slice(2, 4));
  assert.ok((used[10] as number) > (used[11] as number) + 19_000, `${used[10]} bytes, then ${used[11]}`);
  await query.stop();
});

/** Rows whose keys no other batch has. */
function rows(batch: number): { ts: Date; id: string; amount: number }[] {
  return Array.from({ length: ROWS }, (_, row) => ({
    ts: new Date(1_767_225_600_000 + row),
    id: `key-${batch}-${row}`,
    amount: row,
  }));
}
