// Generated from schema/config.toml by `npm run generate`; edit the schema, not this file.

/** Values are text everywhere; the type says how the text is read. */
export type ConfigurationType = 'boolean' | 'int' | 'string' | 'bytes' | 'duration';

export interface Configuration {
  readonly type: ConfigurationType;
  readonly default: string;
  readonly doc: string;
}

/** Every configuration of a session. */
export const CONFIGURATIONS = {
  'spark.sql.ansi.enabled': {
    type: 'boolean',
    default: 'true',
    doc: 'Errors instead of nulls for overflow, bad casts and bad times. Fixed when a query starts.',
  },
  'spark.sql.session.timeZone': {
    type: 'string',
    default: 'UTC',
    doc: 'Zone of timestamps in text and of date arithmetic. Windows never depend on it.',
  },
  'spark.sql.caseSensitive': {
    type: 'boolean',
    default: 'false',
    doc: 'Whether column names that differ in case differ.',
  },
  'spark.sql.decimalOperations.allowPrecisionLoss': {
    type: 'boolean',
    default: 'true',
    doc: 'Whether decimal arithmetic gives up digits after the point where its exact result needs more than 38.',
  },
  'spark.sql.shuffle.partitions': {
    type: 'int',
    default: '8',
    doc: "Number of state shards, fixed at a checkpoint's birth. Spark's default is 200; one process needs fewer.",
  },
  'spark.sql.streaming.multipleWatermarkPolicy': {
    type: 'string',
    default: 'min',
    doc: 'How several watermarks make one: min or max.',
  },
  'spark.sql.streaming.noDataMicroBatches.enabled': {
    type: 'boolean',
    default: 'true',
    doc: 'Run a batch without data when the watermark moved, so that closed windows come out.',
  },
  'spark.sql.streaming.pollingDelay': {
    type: 'duration',
    default: '10 milliseconds',
    doc: 'Pause between looks at sources that had no data.',
  },
  'spark.sql.streaming.numRecentProgressUpdates': {
    type: 'int',
    default: '100',
    doc: 'How many progress reports a query keeps.',
  },
  'spark.sql.streaming.stopTimeout': {
    type: 'duration',
    default: '0',
    doc: 'How long stop() waits for the running batch; 0 waits for ever.',
  },
  'millrace.workers': {
    type: 'int',
    default: '0',
    doc: 'Worker threads of the pool; 0 = one per available core.',
  },
  'millrace.splitBytes': {
    type: 'bytes',
    default: '64m',
    doc: 'Input bytes per map task at most. Files are cut into 2m to 8m, about eight a batch, and from 1g on into 128 a batch; records of a topic into 8m.',
  },
  'millrace.inlineBytesMax': {
    type: 'bytes',
    default: '256k',
    doc: 'A batch of at most this many bytes runs on the main thread (of sixteen times as many while no worker has been started): low latency beats parallelism.',
  },
  'millrace.maxStateBytes': {
    type: 'bytes',
    default: '0',
    doc: 'Cap on native state memory of a query; 0 = none. Passing it fails the query with STATE_MEMORY_LIMIT_EXCEEDED.',
  },
  'spark.sql.json.enablePartialResults': {
    type: 'boolean',
    default: 'true',
    doc: 'Whether from_json keeps what it could read of a malformed nested value.',
  },
  'spark.sql.columnNameOfCorruptRecord': {
    type: 'string',
    default: '_corrupt_record',
    doc: 'Name of the column that from_json and the json source put malformed records in.',
  },
  'spark.sql.legacy.timeParserPolicy': {
    type: 'string',
    default: 'CORRECTED',
    doc: 'EXCEPTION raises where Spark 2 would have read or written a time differently; CORRECTED does not. LEGACY is refused by patterns only Spark 2 knew.',
  },
  'spark.sql.mapKeyDedupPolicy': {
    type: 'string',
    default: 'EXCEPTION',
    doc: 'What happens to equal keys of a map that is made: EXCEPTION or LAST_WIN.',
  },
  'spark.sql.binaryOutputStyle': {
    type: 'string',
    default: 'HEX_DISCRETE',
    doc: 'How show() writes bytes: UTF-8, BASIC, BASE64, HEX or HEX_DISCRETE.',
  },
  'spark.sql.optimizer.enableJsonExpressionOptimization': {
    type: 'boolean',
    default: 'true',
    doc: "Accepted for Spark's sake: results do not depend on it.",
  },
  'spark.sql.streaming.stateStore.providerClass': {
    type: 'string',
    default: '',
    doc: "Accepted for Spark's sake: there is one state store.",
  },
  'spark.sql.streaming.statefulOperator.checkCorrectness.enabled': {
    type: 'boolean',
    default: 'true',
    doc: 'Whether a query is refused whose stateful operators may drop, as late, rows that others gave out late.',
  },
  'spark.sql.streaming.sessionWindow.merge.sessions.in.local.partition': {
    type: 'boolean',
    default: 'false',
    doc: 'Whether a map task joins its session windows before any is judged late.',
  },
  'spark.sql.streaming.minBatchesToRetain': {
    type: 'int',
    default: '100',
    doc: 'Batches that a checkpoint can go back by; older log entries and state files are removed.',
  },
  'spark.sql.streaming.stateStore.minDeltasForSnapshot': {
    type: 'int',
    default: '10',
    doc: 'Deltas of a state shard after which a snapshot of it is written, so that a restart reads few files.',
  },
  'spark.sql.streaming.stateStore.compression.codec': {
    type: 'string',
    default: 'lz4',
    doc: 'Compression of state files: lz4 or zstd.',
  },
  'spark.sql.streaming.noDataProgressEventInterval': {
    type: 'duration',
    default: '10 seconds',
    doc: 'A query that finds no data tells its listeners at most this often.',
  },
  'spark.sql.streaming.schemaInference': {
    type: 'boolean',
    default: 'false',
    doc: 'Whether a stream of files may find its columns by looking into those that are there when it is made.',
  },
  'spark.sql.parquet.mergeSchema': {
    type: 'boolean',
    default: 'false',
    doc: 'Whether the columns of Parquet files that differ are merged where the option mergeSchema does not say.',
  },
  'spark.sql.sources.partitionColumnTypeInference.enabled': {
    type: 'boolean',
    default: 'true',
    doc: 'Whether columns in the names of folders have the type that their values look like; text otherwise.',
  },
} as const satisfies Record<string, Configuration>;

export type ConfigurationName = keyof typeof CONFIGURATIONS;
