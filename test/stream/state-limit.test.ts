// millrace.maxStateBytes: whatever keeps state says so before it grows beyond the cap, and what is in the checkpoint stays whole.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStream, MillraceError, Session } from 'millrace';
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

/** Rows whose keys no other batch has. */
function rows(batch: number): { ts: Date; id: string; amount: number }[] {
  return Array.from({ length: ROWS }, (_, row) => ({
    ts: new Date(1_767_225_600_000 + row),
    id: `key-${batch}-${row}`,
    amount: row,
  }));
}
