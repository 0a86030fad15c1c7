// format('statestore') of every stateful operator: columns, names and rows as Spark 4.3 shows them for the same queries and input.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  avg,
  col,
  count,
  countIf,
  type DataFrame,
  expr,
  first,
  lit,
  MemoryStream,
  max,
  maxBy,
  min,
  regrSlope,
  Session,
  schema,
  sessionWindow,
  stddev,
  sum,
  toJson,
  upper,
  window,
} from 'millrace';
import { inspectCheckpoint } from '../../dist/checkpoint/inspection.js';
import { parseCommandLine } from '../../dist/cli/command-line.js';
import { printState } from '../../dist/cli/state-rows.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-rows-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const session = Session.create({ conf: { 'spark.sql.shuffle.partitions': 2, 'spark.sql.session.timeZone': 'UTC' } });
const Event = schema({ k: 'string', n: 'int', d: 'double', dec: 'decimal(10,2)', ts: 'timestamp' });
const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000);
const event = (k: string | null, n: number | null, d: number, dec: string | null, second: number) => ({ k, n, d, dec, ts: at(second) });
const BATCHES = [
  [event('a', 1, 1.5, '1.10', 1), event('b', 2, 2.5, '2.20', 2), event('a', null, 0.5, null, 3)],
  [event('a', 3, 3.5, '3.30', 12), event(null, 4, 4.5, '4.40', 13)],
  [event('b', 5, 5.5, '5.50', 31)],
];

/** Runs a query over the batches; resolves to its checkpoint. */
async function run(name: string, outputMode: 'append' | 'update', build: (frame: DataFrame<any>, other: DataFrame<any>) => DataFrame<any>) {
  const checkpoint = join(folder, name);
  const [events, others] = [new MemoryStream(session, Event), new MemoryStream(session, Event)];
  const frame = build(events.toDF().withWatermark('ts', '10 seconds'), others.toDF().withWatermark('ts', '10 seconds'));
  const query = await frame.writeStream
    .outputMode(outputMode)
    .option('checkpointLocation', checkpoint)
    .foreachBatch(() => {})
    .start();
  for (const [index, batch] of BATCHES.entries()) {
    events.addData(...(batch as any[]));
    others.addData(...([[event('a', 7, 7.5, '7.70', 2)], [event('c', 8, 0, null, 20)], [event('b', 1, 1.5, '1.10', 33)]][index] as any[]));
    await query.processAllAvailable();
  }
  await query.stop();
  return checkpoint;
}

const read = (checkpoint: string, options: Record<string, string | number> = {}) =>
  session.read.format('statestore').options(options).load(checkpoint);

/** Rows as JSON without their partition, times as seconds of the day, in order. */
async function rowsOf(frame: DataFrame<any>): Promise<string[]> {
  const rows = await frame.drop('partition_id' as never).collect();
  const shown = (_: string, part: unknown) => (typeof part === 'bigint' ? Number(part) : part);
  const text = rows.map((row) => JSON.stringify(row, shown).replace(/"2026-01-01T00:00:(\d\d).000Z"/g, '"$1"'));
  return text.sort();
}

/** The type of a column as Spark writes it. */
const typeOf = (frame: DataFrame<any>, name: string) => JSON.stringify(frame.schema.fields.find((field) => field.name === name)?.type);

/** Names and types of the fields of a struct column. */
function fieldsOf(frame: DataFrame<any>, name: string): string {
  const type = frame.schema.fields.find((field) => field.name === name)?.type as { fields: readonly { name: string; type: unknown }[] };
  return type.fields.map((field) => `${field.name} ${typeof field.type === 'string' ? field.type : 'nested'}`).join(', ');
}

test('groups show the buffers of their aggregates', async () => {
  const checkpoint = await run('groups', 'update', (frame) =>
    frame
      .groupBy('k')
      .agg(
        count(lit(1)),
        count('n'),
        sum('n'),
        sum('d'),
        sum('dec'),
        avg('n'),
        avg('dec'),
        min('n'),
        max('k'),
        first('n'),
        expr('last(n, true)'),
      ),
  );
  const newest = read(checkpoint);
  assert.equal(fieldsOf(newest, 'key'), 'k string');
  assert.equal(
    fieldsOf(newest, 'value'),
    'count long, count long, sum long, sum double, sum decimal(20,2), isEmpty boolean, sum double, count long, ' +
      'sum decimal(20,2), count long, min integer, max string, first integer, valueSet boolean, last integer, valueSet boolean',
  );
  const values = await newest.select('key.k', toJson('value').as('v')).collect();
  const plain = values.map((row: any) => `${row.k}: ${row.v.replace(/"\w+":|[{}"]/g, '')}`);
  assert.deepEqual(plain.sort(), [
    'a: 3,2,4,5.5,4.40,false,4.0,2,4.40,2,1,a,1,true,3,true',
    'b: 2,2,7,8.0,7.70,false,7.0,2,7.70,2,2,b,2,true,5,true',
    'null: 1,1,4,4.5,4.40,false,4.0,1,4.40,1,4,4,true,4,true',
  ]);
  assert.equal(await read(checkpoint, { batchId: 0 }).count(), 2);
});

test('moments, extremes beside others and regressions show what Spark keeps of them', async () => {
  const checkpoint = await run('moments', 'update', (frame) =>
    frame.groupBy('k').agg(stddev('n'), regrSlope('d', 'n'), maxBy('k', 'n'), countIf(col('n').gt(1))),
  );
  const names = 'n double, avg double, m2 double, n double, xAvg double, yAvg double, ck double, n double, avg double, m2 double';
  assert.equal(fieldsOf(read(checkpoint), 'value'), `${names}, valueWithExtremumOrdering string, extremumOrdering integer, count long`);
  const values = await read(checkpoint).filter(col('key.k').eq('a')).select(toJson('value').as('v')).collect();
  const n = '"n":2.0,"avg":2.0,"m2":2.0';
  assert.deepEqual(
    values.map((row: any) => row.v),
    [`{${n},"n":2.0,"xAvg":2.5,"yAvg":2.0,"ck":2.0,${n},"valueWithExtremumOrdering":"a","extremumOrdering":3,"count":1}`],
  );
});

test('keys have the names that Spark gives them', async () => {
  const checkpoint = await run('names', 'update', (frame) =>
    frame.groupBy(expr('n + 1'), upper('k').as('u'), col('k').as('other')).count(),
  );
  assert.equal(fieldsOf(read(checkpoint), 'key'), '_groupingexpression integer, _groupingexpression string, k string');
  const none = await run('none', 'update', (frame) => frame.agg(sum('n'), count(lit(1))));
  assert.deepEqual(await rowsOf(read(none)), ['{"key":{},"value":{"sum":15,"count":6}}']);
});

test('windows are keys, and a change feed has their ends', async () => {
  const checkpoint = await run('windows', 'append', (frame) =>
    frame.groupBy(window('ts', '10 seconds'), 'k').agg(count(lit(1)).as('c'), sum('n')),
  );
  assert.deepEqual(await rowsOf(read(checkpoint, { batchId: 0 })), [
    '{"key":{"window":{"start":"00","end":"10"},"k":"a"},"value":{"count":2,"sum":1}}',
    '{"key":{"window":{"start":"00","end":"10"},"k":"b"},"value":{"count":1,"sum":2}}',
  ]);
  const changes = read(checkpoint, { readChangeFeed: 'true', changeStartBatchId: 0 });
  assert.deepEqual(
    changes.schema.fields.map(({ name }) => name),
    ['batch_id', 'change_type', 'key', 'value', 'partition_id'],
  );
  const text = await rowsOf(changes);
  assert.equal(text.length, 9);
  assert.equal(
    text[0],
    '{"batch_id":0,"change_type":"update","key":{"window":{"start":"00","end":"10"},"k":"a"},"value":{"count":2,"sum":1}}',
  );
  const gone = text.filter((row) => row.includes('delete'));
  assert.deepEqual(
    gone.map((row) => row.replace(/^.*"key":/, '')),
    [
      '{"window":{"start":"00","end":"10"},"k":"a"},"value":null}',
      '{"window":{"start":"00","end":"10"},"k":"b"},"value":null}',
      '{"window":{"start":"10","end":"20"},"k":"a"},"value":null}',
      '{"window":{"start":"10","end":"20"},"k":null},"value":null}',
    ],
  );
  const one = await rowsOf(read(checkpoint, { readChangeFeed: 'true', changeStartBatchId: 1, changeEndBatchId: 1 }));
  assert.ok(one.every((row) => row.startsWith('{"batch_id":1,')));
});

test('sessions are found by their start, and their values hold all of the key', async () => {
  const checkpoint = await run('sessions', 'append', (frame) =>
    frame.groupBy('k', sessionWindow('ts', '5 seconds')).agg(count(lit(1)).as('c'), sum('n')),
  );
  assert.deepEqual(await rowsOf(read(checkpoint, { batchId: 0 })), [
    '{"key":{"k":"a","sessionStartTime":"01"},"value":{"k":"a","session_window":{"start":"01","end":"08"},"count":2,"sum":1}}',
    '{"key":{"k":"b","sessionStartTime":"02"},"value":{"k":"b","session_window":{"start":"02","end":"07"},"count":1,"sum":2}}',
  ]);
  const changes = await rowsOf(read(checkpoint, { readChangeFeed: 'true', changeStartBatchId: 1 }));
  const of = (batch: number) =>
    changes
      .filter((row) => row.startsWith(`{"batch_id":${batch},`))
      .map((row) => /"change_type":"(\w+)".*"sessionStartTime":"(\d+)"/.exec(row)?.slice(1).join(' '));
  assert.ok(of(2).includes('update 01') && of(2).includes('update 12'), 'all sessions of a changed key are written');
  assert.deepEqual(changes.filter((row) => row.includes('delete')).length, 4);
});

test('deduplications keep keys, with a time where they expire by themselves', async () => {
  const keys = await run('keys', 'append', (frame) => frame.dropDuplicates(['k', 'n', 'ts']));
  assert.equal(fieldsOf(read(keys), 'value'), '__dummy__ void');
  const [row] = await rowsOf(read(keys, { batchId: 0 }));
  assert.equal(row, '{"key":{"k":"a","n":1,"ts":"01"},"value":{"__dummy__":null}}');
  const within = await run('within', 'append', (frame) => frame.dropDuplicatesWithinWatermark(['k', 'n']));
  const changes = await rowsOf(read(within, { readChangeFeed: 'true', changeStartBatchId: 0 }));
  assert.equal(
    changes[0],
    `{"batch_id":0,"change_type":"update","key":{"k":"a","n":1},"value":{"expiresAtMicros":${at(11).getTime() * 1000}}}`,
  );
  assert.equal(changes.filter((change) => change.includes('delete')).length, 3);
});

const CONDITION = 'k = rk and rts between ts - interval 5 seconds and ts + interval 5 seconds';
const right = (frame: DataFrame<any>) => frame.select(col('k').as('rk'), col('n').as('rn'), col('ts').as('rts'));

test('a join is read by side and by store', async () => {
  const checkpoint = await run('join', 'append', (frame, other) => frame.join(right(other), expr(CONDITION), 'left_outer'));
  const left = read(checkpoint, { joinSide: 'left', batchId: 0 });
  assert.equal(fieldsOf(left, 'key'), 'field0 string');
  assert.equal(fieldsOf(left, 'value'), 'k string, n integer, d double, dec decimal(10,2), ts timestamp');
  assert.equal((await rowsOf(left)).length, 3);
  assert.deepEqual(await rowsOf(read(checkpoint, { joinSide: 'right', batchId: 0 })), [
    '{"key":{"field0":"a"},"value":{"rk":"a","rn":7,"rts":"02"}}',
  ]);
  assert.deepEqual(await rowsOf(read(checkpoint, { storeName: 'left-keyToNumValues', batchId: 0 })), [
    '{"key":{"field0":"a"},"value":{"value":2}}',
    '{"key":{"field0":"b"},"value":{"value":1}}',
  ]);
  const indexed = await rowsOf(read(checkpoint, { storeName: 'left-keyWithIndexToValue', batchId: 0 }));
  assert.deepEqual(
    indexed.map((row) => row.replace(/"value":.*"matched"/, '"matched"')),
    [
      '{"key":{"field0":"a","index":0},"matched":true}}',
      '{"key":{"field0":"a","index":1},"matched":true}}',
      '{"key":{"field0":"b","index":0},"matched":false}}',
    ],
  );
  const feed = await rowsOf(read(checkpoint, { storeName: 'left-keyToNumValues', readChangeFeed: 'true', changeStartBatchId: 0 }));
  assert.equal(feed[0], '{"batch_id":0,"change_type":"update","key":{"field0":"a"},"value":{"value":2}}');
  assert.ok(feed.includes('{"batch_id":5,"change_type":"delete","key":{"field0":"a"},"value":null}'));
  const stores = await session.read.format('state-metadata').load(checkpoint).collect();
  assert.deepEqual(
    stores.map((row: any) => row.stateStoreName),
    ['left-keyToNumValues', 'left-keyWithIndexToValue', 'right-keyToNumValues', 'right-keyWithIndexToValue'],
  );
});

test('keys of a join that are computed are read too', async () => {
  const condition = 'upper(k) = upper(rk) and rts between ts - interval 5 seconds and ts + interval 5 seconds';
  const checkpoint = await run('computed', 'append', (frame, other) => frame.join(right(other), expr(condition)));
  assert.deepEqual(await rowsOf(read(checkpoint, { joinSide: 'right', batchId: 0 })), [
    '{"key":{"field0":"A"},"value":{"rk":"a","rn":7,"rts":"02"}}',
  ]);
});

test('options are refused in the words of Spark', async () => {
  const groups = await run('options', 'update', (frame) => frame.groupBy('k').count());
  const joined = await run('options-join', 'append', (frame, other) => frame.join(right(other), expr(CONDITION)));
  const feed = { readChangeFeed: 'true', changeStartBatchId: 0 };
  const refused: [code: string, message: RegExp, checkpoint: string, options: Record<string, string | number>][] = [
    ['STDS_FAILED_TO_READ_STATE_SCHEMA', /operatorId=1, storeName=default, joinSide=none, stateVarName=None/, groups, { operatorId: 1 }],
    ['STDS_FAILED_TO_READ_STATE_SCHEMA', /joinSide=left/, groups, { joinSide: 'left' }],
    ['STDS_FAILED_TO_READ_STATE_SCHEMA', /joinSide=none/, joined, {}],
    ['STDS_INVALID_OPTION_VALUE.WITH_MESSAGE', /'stateVarName': Providing state variable names is only/, groups, { storeName: 'x' }],
    ['STDS_INVALID_OPTION_VALUE.WITH_MESSAGE', /'joinSide': Valid values are left,right,none/, groups, { joinSide: 'LEFT' }],
    ['STDS_INVALID_OPTION_VALUE.WITH_MESSAGE', /readRegisteredTimers=true is only supported/, groups, { readRegisteredTimers: 'true' }],
    ['STDS_INVALID_OPTION_VALUE.WITH_MESSAGE', /Boolean value is expected/, groups, { flattenCollectionTypes: 'x' }],
    ['STDS_INVALID_OPTION_VALUE.WITH_MESSAGE', /Only specify this option when/, groups, { changeStartBatchId: 1 }],
    ['STDS_INVALID_OPTION_VALUE.WITH_MESSAGE', /cannot be smaller/, groups, { ...feed, changeStartBatchId: 2, changeEndBatchId: 1 }],
    [
      'STDS_INVALID_OPTION_VALUE.WITH_MESSAGE',
      /less than or equal to 0/,
      groups,
      { batchId: 0, snapshotStartBatchId: 1, snapshotPartitionId: 0 },
    ],
    ['STDS_INVALID_OPTION_VALUE.IS_NEGATIVE', /'batchId': cannot be negative/, groups, { batchId: -1 }],
    ['STDS_INVALID_OPTION_VALUE.IS_EMPTY', /'storeName': cannot be empty/, groups, { storeName: ' ' }],
    ['STDS_CONFLICT_OPTIONS', /\['batchId', 'readChangeFeed'\]/, groups, { ...feed, batchId: 1 }],
    ['STDS_CONFLICT_OPTIONS', /\['joinSide', 'readChangeFeed'\]/, joined, { ...feed, joinSide: 'left' }],
    ['STDS_CONFLICT_OPTIONS', /\['joinSide', 'storeName'\]/, joined, { joinSide: 'left', storeName: 'left-keyToNumValues' }],
    ['STDS_CONFLICT_OPTIONS', /'snapshotStartBatchId'/, groups, { ...feed, snapshotStartBatchId: 0, snapshotPartitionId: 0 }],
    ['STDS_REQUIRED_OPTION_UNSPECIFIED', /'changeStartBatchId' must/, groups, { readChangeFeed: 'true' }],
    ['STDS_REQUIRED_OPTION_UNSPECIFIED', /'snapshotPartitionId' must/, groups, { snapshotStartBatchId: 0 }],
    ['STDS_COMMITTED_BATCH_UNAVAILABLE', /No committed batch/, groups, { batchId: 99 }],
    ['STDS_COMMITTED_BATCH_UNAVAILABLE', /No committed batch/, groups, { ...feed, changeEndBatchId: 77 }],
    [
      'CANNOT_LOAD_STATE_STORE.SNAPSHOT_PARTITION_ID_NOT_FOUND',
      /Partition id 9/,
      groups,
      { snapshotStartBatchId: 0, snapshotPartitionId: 9 },
    ],
  ];
  for (const [code, message, checkpoint, options] of refused) {
    assert.throws(() => read(checkpoint, options), { code, message }, JSON.stringify(options));
  }
  const missing = read(groups, { snapshotStartBatchId: 0, snapshotPartitionId: 0 });
  await assert.rejects(missing.collect(), { code: 'CANNOT_LOAD_STATE_STORE.CANNOT_READ_MISSING_SNAPSHOT_FILE' });
  assert.equal(typeOf(read(groups), 'partition_id'), '"integer"');
});

test('millrace checkpoint state prints the rows by the same options', async () => {
  const checkpoint = await run('printed', 'update', (frame) => frame.groupBy('k').count());
  const printed: string[] = [];
  const command = parseCommandLine(['checkpoint', 'state', checkpoint, '--batchId=0', '--json']);
  assert.equal(command.kind, 'state');
  if (command.kind === 'state') await printState(command.request, (text) => printed.push(text));
  const plain = printed.map((line) => JSON.parse(line)).map(({ key, value }) => `${key.k} ${value.count}`);
  assert.deepEqual(plain.sort(), ['a 2', 'b 1']);
  assert.equal(parseCommandLine(['checkpoint', 'state']).kind, 'unclear');
  assert.equal(parseCommandLine(['checkpoint', 'state', checkpoint, '--joinSide']).kind, 'unclear');
  const refused = printState({ folder: checkpoint, options: { operatorId: '3' }, json: false }, () => {});
  await assert.rejects(refused, { code: 'STDS_FAILED_TO_READ_STATE_SCHEMA' });
});

test('inspecting a checkpoint counts the rows of every operator', async () => {
  const rowsOf = (checkpoint: string) => {
    const counts = new Map<number, number>();
    for (const { operator, rows } of inspectCheckpoint(checkpoint).shards) counts.set(operator, (counts.get(operator) ?? 0) + (rows ?? 0));
    return [...counts];
  };
  const chained = await run('chained', 'append', (frame, other) =>
    frame
      .dropDuplicates(['k', 'n', 'ts'])
      .join(right(other), expr(CONDITION), 'left_outer')
      .groupBy('k', sessionWindow('ts', '5 seconds'))
      .agg(count(lit(1)).as('c')),
  );
  const operators = await session.read.format('state-metadata').load(chained).select('operatorId').distinct().collect();
  assert.deepEqual(
    rowsOf(chained).map(([operator]) => operator),
    operators.map((row: any) => Number(row.operatorId)).sort(),
  );
  for (const [operator, rows] of rowsOf(chained)) {
    const sides = operator === 1 ? [{ joinSide: 'left' }, { joinSide: 'right' }] : [{}];
    const counts = await Promise.all(sides.map((side) => read(chained, { operatorId: operator, ...side }).count()));
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      rows,
      `operator ${operator}`,
    );
  }
});

test('one partition is read from a snapshot', async () => {
  const often = Session.create({ conf: { ...session.conf.getAll(), 'spark.sql.streaming.stateStore.minDeltasForSnapshot': 1 } });
  const checkpoint = join(folder, 'snapshots');
  const events = new MemoryStream(often, Event);
  const query = await events
    .toDF()
    .groupBy('k')
    .count()
    .writeStream.outputMode('update')
    .option('checkpointLocation', checkpoint)
    .foreachBatch(() => {})
    .start();
  // A snapshot is written at leisure, and not where the next batch was faster.
  const hasSnapshot = (shard: number) => readdirSync(join(checkpoint, 'state/0', `${shard}`)).some((name) => name.endsWith('.snapshot'));
  do {
    events.addData(...(BATCHES.flat() as any[]));
    await query.processAllAvailable();
  } while (![0, 1].every(hasSnapshot));
  const batchId = query.lastProgress?.batchId ?? 0;
  await query.stop();
  const all = await read(checkpoint).collect();
  for (const { key, partition_id } of all as any[]) {
    const options = { snapshotStartBatchId: batchId, snapshotPartitionId: partition_id };
    const found = await read(checkpoint, options).collect();
    assert.deepEqual(
      found,
      all.filter((row: any) => row.partition_id === partition_id),
      `the partition of ${key.k}`,
    );
  }
});
