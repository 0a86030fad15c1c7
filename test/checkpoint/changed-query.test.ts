// A query that is not the one of its checkpoint any more: what would be read wrongly is refused with what changed, the rest goes on.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Column, count, type DataFrame, expr, MemoryStream, Session, schema, sessionWindow, sum, udaf, window } from 'millrace';
import { withPlace } from './profit-query.ts';

const EVENTS = schema({ ts: 'timestamp', id: 'string', amount: 'int' });

type Build = (left: DataFrame<any>, right: DataFrame<any>) => DataFrame<any>;

const timed = (events: DataFrame<any>) => events.withWatermark('ts', '1 minute');

const joined =
  (how: 'inner' | 'left_outer' | 'left_semi', columns = 'l.id = r.id'): Build =>
  (left, right) =>
    timed(left)
      .alias('l')
      .join(timed(right).alias('r'), expr(`${columns} AND r.ts BETWEEN l.ts AND l.ts + INTERVAL '20' SECOND`), how);

const keeping =
  (state: any, timeMode: 'none' | 'eventTime' | 'processingTime' = 'none'): Build =>
  (left) =>
    timed(left)
      .groupByKey('id')
      .transformWithState({ state, output: schema({ id: 'string' }), timeMode, handleInputRows: () => [] });

const grouped =
  (state: any, timeout: 'none' | 'eventTime' | 'processingTime' = 'none'): Build =>
  (left) =>
    timed(left)
      .groupByKey('id')
      .flatMapGroupsWithState({ state, timeout, outputMode: 'append', output: schema({ id: 'string' }) }, () => []);

const windowed =
  (aggregate: Column<any>, length = '1 minute', more: readonly Column<any>[] = []): Build =>
  (left) =>
    timed(left)
      .groupBy(window('ts', length), 'id')
      .agg(aggregate.alias('a'), ...more) as DataFrame<any>;

const sessions =
  (gap: string): Build =>
  (left) =>
    timed(left).groupBy(sessionWindow('ts', gap), 'id').agg(count('*').alias('n')) as DataFrame<any>;

const ownAggregate = (buffer: 'long' | 'string') =>
  udaf({
    input: 'int',
    buffer,
    output: 'string',
    zero: () => null,
    reduce: (held: any) => held,
    finish: (held: any) => String(held),
  } as any);

/** Runs one batch on the checkpoint. */
async function runOnce(build: Build, checkpoint: string): Promise<void> {
  const session = Session.create({ conf: { 'spark.sql.shuffle.partitions': 2 } });
  const [left, right] = [new MemoryStream(session, EVENTS), new MemoryStream(session, EVENTS)];
  const query = await build(left.toDF(), right.toDF())
    .writeStream.option('checkpointLocation', checkpoint)
    .foreachBatch(() => {})
    .start();
  for (const stream of [left, right]) stream.addData({ ts: new Date(1_767_225_600_000), id: 'a', amount: 1 });
  await query.processAllAvailable().finally(() => query.stop());
}

const total = { total: { type: 'value', of: 'long' } };

/** Before, after, the code of the refusal and what a person reads; none where the query goes on. */
const CHANGES: Readonly<Record<string, readonly [Build, Build, string, RegExp] | readonly [Build, Build]>> = {
  'the type of a join': [
    joined('inner'),
    joined('left_outer'),
    'STATE_STORE_INVALID_CONFIG_AFTER_RESTART',
    /joinType from Inner to LeftOuter/,
  ],
  'a semi join to an inner one': [
    joined('left_semi'),
    joined('inner'),
    'STATE_STORE_INVALID_CONFIG_AFTER_RESTART',
    /joinType from LeftSemi to Inner/,
  ],
  'the keys of a join': [
    joined('inner'),
    joined('inner', 'l.amount = r.amount'),
    'STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE',
    /number 1 was STRING, now it is INT/,
  ],
  'the columns of a deduplication': [
    (left) => timed(left).dropDuplicates(['id', 'ts']),
    (left) => timed(left).dropDuplicates(['amount', 'ts']),
    'STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE',
    /was STRING, now it is INT/,
  ],
  'a deduplication to one within the watermark': [
    (left) => timed(left).dropDuplicates(['id', 'ts']),
    (left) => timed(left).dropDuplicatesWithinWatermark(['id', 'ts']),
    'STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA',
    /dedupe\).*dedupeWithinWatermark\)/s,
  ],
  'the type of a variable': [
    keeping(total),
    keeping({ total: { type: 'value', of: 'int' } }),
    'STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE',
    /number 1 was `total` Value BIGINT, now it is `total` Value INT/,
  ],
  'the kind of a variable': [
    keeping(total),
    keeping({ total: { type: 'list', of: 'long' } }),
    'STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE',
    /number 1 was `total` Value BIGINT, now it is `total` List ARRAY<BIGINT>/,
  ],
  'a variable that is gone': [
    keeping({ ...total, names: { type: 'map', key: 'string', of: 'int' } }),
    keeping(total),
    'STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE',
    /number 2 is gone: `names` Map MAP<STRING, INT>/,
  ],
  'what timers count': [
    keeping(total, 'eventTime'),
    keeping(total, 'processingTime'),
    'STATE_STORE_INVALID_CONFIG_AFTER_RESTART',
    /timeMode from EventTime to ProcessingTime/,
  ],
  'what timeouts count': [
    grouped('long', 'eventTime'),
    grouped('long', 'processingTime'),
    'STATE_STORE_INVALID_CONFIG_AFTER_RESTART',
    /timeMode from EventTime to ProcessingTime/,
  ],
  'the state of a group': [
    grouped('long'),
    grouped('string'),
    'STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE',
    /BIGINT[^;]*, now it is [^;]*STRING/,
  ],
  'the aggregates of a window': [
    windowed(sum('amount')),
    windowed(count('*')),
    'STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE',
    /number 1 was SumLong .* BIGINT, now it is Count BIGINT/,
  ],
  'one aggregate more': [
    windowed(sum('amount')),
    windowed(sum('amount'), '1 minute', [count('*').alias('n')]),
    'STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE',
    /number 2 is new: Count BIGINT/,
  ],
  'the buffer of an aggregate of the program': [
    windowed(ownAggregate('long')('amount')),
    windowed(ownAggregate('string')('amount')),
    'STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE',
    /number 1 was Fold\(BIGINT\) STRING, now it is Fold\(STRING\) STRING/,
  ],
  'an aggregate of the program to one of Spark': [
    windowed(ownAggregate('long')('amount')),
    windowed(sum('amount')),
    'STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE',
    /number 1 was Fold\(BIGINT\) STRING, now it is SumLong/,
  ],
  'windows to sessions': [
    windowed(count('*')),
    sessions('10 seconds'),
    'STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA',
    /OperatorName: stateStoreSave\).*OperatorName: sessionWindowStateStoreSaveExec\)/s,
  ],
  'a deduplication before windows': [
    windowed(count('*')),
    (left, right) => windowed(count('*'))(timed(left).dropDuplicates(['id', 'ts']), right),
    'STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA',
    /current batch: \[\(OperatorId: 0 -> OperatorName: dedupe\), \(OperatorId: 1 -> OperatorName: stateStoreSave\)\]/,
  ],
  'the length of a window': [windowed(count('*')), windowed(count('*'), '2 minutes')],
  'the gap of sessions': [sessions('10 seconds'), sessions('20 seconds')],
  'what comes behind': [keeping(total), (left, right) => keeping(total)(left, right).selectExpr('upper(id) AS id')],
  'a filter before': [joined('inner'), (left, right) => joined('inner')(left.where('amount > 0'), right)],
};

for (const [name, [before, after, code, message]] of Object.entries(CHANGES)) {
  test(`${name}: ${code ?? 'goes on'}`, async () => {
    await withPlace(async ({ checkpoint }) => {
      await runOnce(before, checkpoint);
      if (code === undefined) await runOnce(after, checkpoint);
      else await assert.rejects(runOnce(after, checkpoint), { code, message });
      // The checkpoint is as it was.
      await runOnce(before, checkpoint);
    });
  });
}

const SOURCES: Readonly<Record<string, (session: Session, input: string) => DataFrame<any>>> = {
  files: (session, input) => session.readStream.schema('id INT').json(input).selectExpr('id'),
  'rate-micro-batch': (session) =>
    session.readStream.format('rate-micro-batch').option('rowsPerBatch', 1).load().selectExpr('int(value) AS id'),
};

test('another kind of source, and another number of them', async () => {
  await withPlace(async ({ input, checkpoint }) => {
    const session = Session.create();
    writeFileSync(join(input, 'a.json'), '{"id":1}\n');
    const rows = (name: string) => (SOURCES[name] as (typeof SOURCES)[string])(session, input);
    const run = async (given: DataFrame<any>, location: string) => {
      const query = await given.writeStream
        .option('checkpointLocation', location)
        .trigger({ availableNow: true })
        .foreachBatch(() => {})
        .start();
      await query.awaitTermination();
    };
    const code = 'CHECKPOINT_SOURCES_CHANGED';
    for (const [before, after, message] of [
      ['files', 'rate-micro-batch', /source 0 was at {"logOffset":0}, which is no offset of RatePerMicroBatchStream/],
      ['rate-micro-batch', 'files', /source 0 was at {"offset":1,"timestamp":1000}, which is no offset of FileStreamSource/],
    ] as const) {
      const location = join(checkpoint, before);
      await run(rows(before), location);
      await assert.rejects(run(rows(after), location), { code, message });
      await assert.rejects(run(rows(before).union(rows(after)), location), {
        code,
        message: /there are \[1\] sources in the checkpoint offsets and now there are \[2\] sources/,
      });
      await run(rows(before), location);
    }
  });
});
