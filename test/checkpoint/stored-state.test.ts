// format('statestore'): what a checkpoint holds as rows, batch by batch, while the query runs and after it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type DataFrame, MemoryStream, Session, schema } from 'millrace';

const folder = mkdtempSync(join(tmpdir(), 'millrace-stored-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const Event = schema({ user: 'string', n: 'int', ts: 'timestamp' });
type EventFrame = DataFrame<{ user: string | null; n: number | null; ts: Date | null }>;
const session = Session.create({ conf: { 'spark.sql.shuffle.partitions': 2 } });
const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000);

/** Runs a query over batches of events; resolves to its checkpoint. */
async function run(
  name: string,
  build: (frame: EventFrame) => DataFrame<any>,
  batches: { user: string; n?: number; ts?: Date }[][],
  look?: (checkpoint: string) => Promise<void>,
) {
  const checkpoint = join(folder, name);
  const events = new MemoryStream(session, Event);
  const query = await build(events.toDF() as EventFrame)
    .writeStream.outputMode('append')
    .option('checkpointLocation', checkpoint)
    .foreachBatch(() => {})
    .start();
  for (const batch of batches) {
    events.addData(...batch);
    await query.processAllAvailable();
  }
  await look?.(checkpoint);
  await query.stop();
  return checkpoint;
}

/** The rows without their partition, in order. */
async function rowsOf(frame: DataFrame<any>): Promise<string[]> {
  const rows = await frame.drop('partition_id' as never).collect();
  return rows.map((row) => JSON.stringify(row, (_, part) => (typeof part === 'bigint' ? Number(part) : part))).sort();
}

const read = (checkpoint: string, options: Record<string, string | number> = {}) =>
  session.read.format('statestore').options(options).load(checkpoint);

const program = (frame: EventFrame) =>
  frame
    .groupByKey((row) => row.user)
    .transformWithState({
      timeMode: 'processingTime',
      state: {
        total: { type: 'value', of: schema({ total: 'long' }) },
        all: { type: 'list', of: 'int' },
        byNumber: { type: 'map', key: 'int', of: 'string' },
        brief: { type: 'value', of: 'int', ttl: '1 hour' },
      },
      output: schema({ user: 'string' }),
      handleInputRows(user, rows, { state }) {
        for (const { n } of rows) {
          state.total.update({ total: (state.total.get()?.total ?? 0n) + BigInt(n ?? 0) });
          state.all.append(n ?? 0);
          state.byNumber.updateValue(n ?? 0, `${user}${n}`);
          state.brief.update(n ?? 0);
        }
      },
    });

test('variables of the program, after any batch that is kept', async () => {
  const look = async (checkpoint: string) => {
    assert.deepEqual(await rowsOf(read(checkpoint, { stateVarName: 'total' })), [
      '{"key":{"value":"a"},"value":{"total":4}}',
      '{"key":{"value":"b"},"value":{"total":2}}',
    ]);
  };
  const checkpoint = await run(
    'program',
    program,
    [
      [
        { user: 'a', n: 1 },
        { user: 'b', n: 2 },
      ],
      [{ user: 'a', n: 3 }],
    ],
    look,
  );
  await look(checkpoint);
  assert.deepEqual(await rowsOf(read(checkpoint, { stateVarName: 'total', batchId: 0 })), [
    '{"key":{"value":"a"},"value":{"total":1}}',
    '{"key":{"value":"b"},"value":{"total":2}}',
  ]);
  assert.deepEqual(await rowsOf(read(checkpoint, { stateVarName: 'all' })), [
    '{"key":{"value":"a"},"list_element":1}',
    '{"key":{"value":"a"},"list_element":3}',
    '{"key":{"value":"b"},"list_element":2}',
  ]);
  assert.deepEqual(await rowsOf(read(checkpoint, { stateVarName: 'byNumber', BATCHID: 1 })), [
    '{"key":{"value":"a"},"user_map_key":1,"user_map_value":"a1"}',
    '{"key":{"value":"a"},"user_map_key":3,"user_map_value":"a3"}',
    '{"key":{"value":"b"},"user_map_key":2,"user_map_value":"b2"}',
  ]);
  const brief = read(checkpoint, { stateVarName: 'brief' });
  assert.match(JSON.stringify(brief.schema), /ttlExpirationMs/);
  assert.equal(await brief.count(), 2);
  assert.deepEqual([...new Set((await brief.collect()).map((row: any) => row.partition_id))].length > 0, true);
});

test('the state of a group function with its timeouts, and the keys of a deduplication', async () => {
  const groups = await run(
    'groups',
    (frame) =>
      (frame.withWatermark('ts', '1 hour') as EventFrame)
        .groupByKey((row) => row.user)
        .flatMapGroupsWithState(
          { outputMode: 'append', timeout: 'eventTime', state: schema({ n: 'long' }), output: schema({ user: 'string' }) },
          (_user, rows, state) => {
            state.update({ n: BigInt(rows.length) });
            state.setTimeoutTimestamp(at(60));
          },
        ),
    [
      [
        { user: 'a', ts: at(0) },
        { user: 'a', ts: at(1) },
      ],
    ],
  );
  assert.deepEqual(await rowsOf(read(groups)), [
    `{"key":{"value":"a"},"value":{"groupState":{"n":2},"timeoutTimestamp":${at(60).getTime()}}}`,
  ]);
  const seen = await run(
    'seen',
    (frame) => frame.withWatermark('ts', '10 seconds').dropDuplicatesWithinWatermark(['user', 'n']) as DataFrame<any>,
    [
      [
        { user: 'a', n: 1, ts: at(0) },
        { user: 'a', n: 1, ts: at(1) },
      ],
    ],
  );
  assert.deepEqual(await rowsOf(read(seen)), [`{"key":{"user":"a","n":1},"value":{"expiresAtMicros":${at(10).getTime() * 1000}}}`]);
});

test("format('state-metadata') lists the operators, and the batches that can be read", async () => {
  const chained = (frame: EventFrame) =>
    (frame.withWatermark('ts', '1 second').dropDuplicates(['user', 'ts']) as any).groupBy('ts').count() as DataFrame<any>;
  const look = async (checkpoint: string) => {
    const metadata = session.read.format('state-metadata').load(checkpoint);
    const found = (await metadata.collect()).map((row: any) => Object.values(row).join(' ')).sort();
    assert.deepEqual(found, ['0 dedupe default 2 0 1 ', '1 stateStoreSave default 2 0 1 ']);
  };
  const checkpoint = await run('metadata', chained, [[{ user: 'a', ts: at(0) }]], look);
  await look(checkpoint);
  assert.throws(() => session.read.format('state-metadata').option('batchId', 1).load(checkpoint), { code: 'OPTION_INVALID' });
});

test('what a processor does not have is refused in the words of Spark', async () => {
  const checkpoint = await run('refused', program, [[{ user: 'a', n: 1 }]]);
  const refused: [code: string, message: RegExp, call: () => unknown][] = [
    ['STDS_REQUIRED_OPTION_UNSPECIFIED', /'stateVarName' must be specified/, () => read(checkpoint)],
    ['STDS_INVALID_OPTION_VALUE.WITH_MESSAGE', /other is not defined/, () => read(checkpoint, { stateVarName: 'other' })],
    ['STDS_FAILED_TO_READ_STATE_SCHEMA', /operatorId=7/, () => read(checkpoint, { operatorId: 7, stateVarName: 'all' })],
    [
      'STDS_CONFLICT_OPTIONS',
      /'readRegisteredTimers', 'stateVarName'/,
      () => read(checkpoint, { stateVarName: 'all', readRegisteredTimers: 'true' }),
    ],
    ['STDS_FAILED_TO_READ_STATE_SCHEMA', /joinSide=left/, () => read(checkpoint, { stateVarName: 'all', joinSide: 'left' })],
    ['OPTION_INVALID', /no such option/, () => read(checkpoint, { stateVarNam: 'all' })],
    ['ARGUMENT_INVALID', /path/, () => session.read.format('statestore').load()],
  ];
  for (const [code, message, call] of refused) assert.throws(call, { code, message });
});

test('lists and maps as wholes, and what came to them batch by batch', async () => {
  const checkpoint = await run('wholes', program, [[{ user: 'a', n: 1 }], [{ user: 'a', n: 3 }]]);
  const whole = { flattenCollectionTypes: 'false' };
  assert.deepEqual(await rowsOf(read(checkpoint, { stateVarName: 'all', ...whole })), ['{"key":{"value":"a"},"list_value":[1,3]}']);
  const map = await read(checkpoint, { stateVarName: 'byNumber', ...whole }).collect();
  assert.deepEqual(
    [...((map[0] as any).map_value as Map<number, string>)],
    [
      [1, 'a1'],
      [3, 'a3'],
    ],
  );
  const changes = (stateVarName: string) => rowsOf(read(checkpoint, { stateVarName, readChangeFeed: 'true', changeStartBatchId: 0 }));
  assert.deepEqual(await changes('all'), [
    '{"batch_id":0,"change_type":"append","key":{"value":"a"},"list_element":1}',
    '{"batch_id":1,"change_type":"append","key":{"value":"a"},"list_element":3}',
  ]);
  assert.deepEqual(await changes('byNumber'), [
    '{"batch_id":0,"change_type":"update","key":{"value":"a"},"user_map_key":1,"user_map_value":"a1"}',
    '{"batch_id":1,"change_type":"update","key":{"value":"a"},"user_map_key":3,"user_map_value":"a3"}',
  ]);
  assert.equal((await changes('total')).length, 2);
});

test('timers of a processor', async () => {
  const timed = (frame: EventFrame) =>
    (frame.withWatermark('ts', '10 seconds') as EventFrame)
      .groupByKey((row) => row.user)
      .transformWithState({
        timeMode: 'eventTime',
        state: { n: { type: 'value', of: 'int' } },
        output: schema({ user: 'string' }),
        handleInputRows(_user, rows, { timers }) {
          for (const { ts } of rows) timers.registerTimer((ts?.getTime() ?? 0) + 60_000);
        },
      });
  const checkpoint = await run('timers', timed, [
    [
      { user: 'a', ts: at(1) },
      { user: 'a', ts: at(3) },
    ],
  ]);
  const timers = read(checkpoint, { readRegisteredTimers: 'true' });
  assert.deepEqual(
    await rowsOf(timers),
    [61, 63].map((second) => `{"key":{"value":"a"},"expiration_timestamp_ms":${at(second).getTime()}}`),
  );
});
