// Queries that Spark refuses over streams, by what they ask for: the condition, its parameters, and when it is said.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  approxCountDistinct,
  col,
  count,
  type DataFrame,
  expr,
  lit,
  MemoryStream,
  type MillraceError,
  type OutputMode,
  Session,
  schema,
  sum,
  window,
  windowTime,
} from 'millrace';

const session = Session.create({ timeZone: 'UTC' });
const stream = (name: string) =>
  new MemoryStream(
    session,
    schema({ [`${name}ts`]: 'timestamp', [`${name}k`]: 'string', [`${name}v`]: 'int' }) as never,
  ) as MemoryStream<any>;
const [left, right] = [stream('l'), stream('r')];
const marked = (of: MemoryStream<any>, time: string, delay = '10 seconds') => of.toDF().withWatermark(time, delay) as DataFrame<any>;
const windows = (frame: DataFrame<any>) => frame.groupBy(window('lts', '10 seconds')).agg(count(lit(1)).alias('n')) as DataFrame<any>;
const inTime = col('lk')
  .eq(col('rk'))
  .and(col('rts').geq(col('lts')))
  .and(col('rts').leq(col('lts').add(expr("INTERVAL '10 seconds'"))));

/** Starts a query; resolves to what it failed with, or null. With rows, also to what its first batch failed with. */
async function failureOf(build: () => DataFrame<any>, mode: OutputMode, rows: readonly object[] = []): Promise<MillraceError | null> {
  try {
    const query = await build()
      .writeStream.outputMode(mode)
      .foreachBatch(() => {})
      .start();
    if (rows.length > 0) left.addData(...rows);
    await query.processAllAvailable().finally(() => query.stop());
    return null;
  } catch (error) {
    return error as MillraceError;
  }
}

const LACKS_WATERMARK = { outputMode: 'append', operation: 'streaming aggregations without watermark' };
const IN_SEMI_JOIN =
  'LeftSemi join between two streaming DataFrames/Datasets is not supported in Complete output mode, only in Append and Update output modes';

const REFUSED: readonly [name: string, mode: OutputMode, build: () => DataFrame<any>, code: string, parameters: Record<string, string>][] =
  [
    [
      'the end of a window is no event time',
      'append',
      () => windows(marked(left, 'lts')).groupBy(window('window.end', '20 seconds')).agg(sum('n')) as DataFrame<any>,
      'STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION',
      LACKS_WATERMARK,
    ],
    [
      'a union has the event time of its first side',
      'append',
      () => windows(left.toDF().union(marked(right, 'rts')) as DataFrame<any>),
      'STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION',
      LACKS_WATERMARK,
    ],
    [
      'a second watermark takes the place of the first',
      'append',
      () => windows(marked(left, 'lts').withColumn('t', expr("lts + INTERVAL '5 seconds'")).withWatermark('t', '5 seconds')),
      'STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION',
      LACKS_WATERMARK,
    ],
    [
      'a semi join in complete mode',
      'complete',
      () => windows(marked(left, 'lts').join(marked(right, 'rts'), inTime, 'left_semi') as DataFrame<any>),
      '_LEGACY_ERROR_TEMP_3102',
      { msg: IN_SEMI_JOIN },
    ],
    [
      'offset(0)',
      'append',
      () => left.toDF().offset(0),
      '_LEGACY_ERROR_TEMP_3102',
      { msg: 'Offset is not supported on streaming DataFrames/Datasets' },
    ],
    [
      'an offset of the static side',
      'append',
      () => left.toDF().join(session.range(3).offset(1), col('lv').eq(col('id')), 'inner') as DataFrame<any>,
      '_LEGACY_ERROR_TEMP_3102',
      { msg: 'Offset is not supported on streaming DataFrames/Datasets' },
    ],
    [
      'a watermark on a part of a column',
      'append',
      () => left.toDF().withWatermark('a.b' as never, '1 second') as DataFrame<any>,
      'EVENT_TIME_MUST_BE_TOP_LEVEL_COLUMN',
      { eventExpr: 'a.b' },
    ],
    [
      'duplicates by a column that is not there',
      'append',
      () => left.toDF().dropDuplicates(['nope'] as never),
      'UNRESOLVED_COLUMN_AMONG_FIELD_NAMES',
      { colName: 'nope', fieldNames: 'lts, lk, lv' },
    ],
    [
      'a pivot without values',
      'complete',
      () => (left.toDF().groupBy('lk') as any).pivot('lv').agg(count(lit(1))),
      '_LEGACY_ERROR_TEMP_3063',
      {},
    ],
    [
      'the time of what is no window',
      'append',
      () => left.toDF().select(windowTime('lts' as never)) as DataFrame<any>,
      'DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE',
      { requiredType: '"STRUCT"', inputType: '"TIMESTAMP"' },
    ],
    [
      'an aggregate in a filter',
      'append',
      () => left.toDF().filter(sum('lv').gt(approxCountDistinct('lk'))) as DataFrame<any>,
      'INVALID_WHERE_CONDITION',
      { expressionList: 'sum(lv), approx_count_distinct(lk)' },
    ],
    [
      'a name like others',
      'append',
      () => left.toDF().select('lx' as never),
      'UNRESOLVED_COLUMN.WITH_SUGGESTION',
      { proposal: '`lk`, `lv`, `lts`' },
    ],
  ];

describe('refused before the first batch', () => {
  for (const [name, mode, build, code, parameters] of REFUSED) {
    test(name, async () => {
      const error = await failureOf(build, mode);
      assert.equal(error?.code, code, error?.message);
      assert.deepEqual({ ...error?.parameters, ...parameters }, error?.parameters);
    });
  }
});

test('refused by the first batch: several event times, a join of streams without an equality', async () => {
  const row = [{ lts: new Date(0), lk: 'a', lv: 1 }];
  const joined = () => marked(left, 'lts').join(marked(right, 'rts'), inTime, 'inner') as DataFrame<any>;
  const several = await failureOf(() => joined().dropDuplicates(['lk', 'lts'] as never), 'append', row);
  assert.deepEqual([several?.code, several?.parameters], ['MULTIPLE_EVENT_TIME_COLUMNS', { eventTimeCols: 'lts,rts' }]);
  assert.equal(
    await failureOf(
      () =>
        joined()
          .drop('rts')
          .dropDuplicates(['lk', 'lts'] as never),
      'append',
      row,
    ),
    null,
  );
  const unequal = marked(left, 'lts').join(marked(right, 'rts'), col('rts').geq(col('lts')), 'inner') as DataFrame<any>;
  assert.equal((await failureOf(() => unequal, 'append', row))?.code, '_LEGACY_ERROR_TEMP_1181');
});

test('refused by the first batch: a second watermark', async () => {
  const again = () => marked(left, 'lts').withWatermark('lts', '5 seconds') as DataFrame<any>;
  const error = await failureOf(again, 'append', [{ lts: new Date(0), lk: 'a', lv: 1 }]);
  assert.equal(error?.code, '_LEGACY_ERROR_TEMP_3076');
});

test('late rows of one operator for another are let be where the configuration says so', async () => {
  const unchecked = Session.create({ conf: { 'spark.sql.streaming.statefulOperator.checkCorrectness.enabled': false } });
  const events = new MemoryStream(unchecked, schema({ lts: 'timestamp' }));
  const twice = (windows(events.toDF() as DataFrame<any>) as any).groupBy('n').agg(count(lit(1)).alias('m'));
  const query = await twice.writeStream
    .outputMode('complete')
    .foreachBatch(() => {})
    .start();
  await query.stop();
});
