// millrace.maxStateBytes: whatever keeps state says so before it grows beyond the cap, and what is in the checkpoint stays whole.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { col, count, type DataFrame, expr, MemoryStream, MillraceError, Session, schema, sessionWindow, sum, window } from 'millrace';

const LIMIT = 4 << 20;
const ROWS = 2_000;
const EVENTS = schema({ ts: 'timestamp', id: 'string', amount: 'int' });

type Build = (left: DataFrame<any>, right: DataFrame<any>) => DataFrame<any>;

const timed = (events: DataFrame<any>) => events.withWatermark('ts', '1 day');

const QUERIES: Readonly<Record<string, Build>> = {
  groups: (left) => left.groupBy('id').agg(sum('amount').alias('total')),
  windows: (left) =>
    timed(left)
      .groupBy(window(col('ts'), '1 minute'), col('id'))
      .agg(count('*').alias('n')),
  sessions: (left) =>
    timed(left)
      .groupBy(sessionWindow(col('ts'), '1 minute'), col('id'))
      .agg(count('*').alias('n')),
  deduplication: (left) => timed(left).dropDuplicates(['id', 'ts']),
  join: (left, right) =>
    timed(left).alias('l').join(timed(right).alias('r'), expr("l.id = r.id AND r.ts BETWEEN l.ts AND l.ts + INTERVAL '1' HOUR")),
  'state of the program': (left) =>
    left.groupByKey('id').transformWithState({
      state: { rows: { type: 'list', of: schema({ ts: 'timestamp', amount: 'int' }) } },
      output: schema({ id: 'string' }),
      handleInputRows(_id, rows, { state }) {
        state.rows.appendList(Array.from(rows, ({ ts, amount }: any) => ({ ts, amount })));
      },
    }),
  // Neither of the two is above the cap; both together are.
  'two operators': (left) =>
    timed(left)
      .dropDuplicates(['id', 'ts'])
      .groupBy(window(col('ts'), '1 minute'), col('id'))
      .count(),
};

for (const [name, build] of Object.entries(QUERIES)) {
  test(`${name}: a typed error at the cap, with no more bytes of state than it allows`, async () => {
    const session = Session.create({ conf: { 'millrace.maxStateBytes': LIMIT } });
    const [left, right] = [new MemoryStream(session, EVENTS), new MemoryStream(session, EVENTS)];
    let usedBytes = 0;
    const query = await build(left.toDF(), right.toDF())
      .writeStream.outputMode(name === 'groups' ? 'update' : 'append')
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
