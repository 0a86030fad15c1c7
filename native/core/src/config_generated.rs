// Generated from schema/config.toml by `npm run generate`; edit the schema, not this file.

/// Errors instead of nulls for overflow, bad casts and bad times. Fixed when a query starts.
pub const ANSI_ENABLED: &str = "spark.sql.ansi.enabled";

/// Zone of timestamps in text and of date arithmetic. Windows never depend on it.
pub const SESSION_TIME_ZONE: &str = "spark.sql.session.timeZone";

/// Whether column names that differ in case differ.
pub const CASE_SENSITIVE: &str = "spark.sql.caseSensitive";

/// Whether decimal arithmetic gives up digits after the point where its exact result needs more than 38.
pub const DECIMAL_OPERATIONS_ALLOW_PRECISION_LOSS: &str = "spark.sql.decimalOperations.allowPrecisionLoss";

/// Number of state shards, fixed at a checkpoint's birth. Spark's default is 200; one process needs fewer.
pub const SHUFFLE_PARTITIONS: &str = "spark.sql.shuffle.partitions";

/// How several watermarks make one: min or max.
pub const MULTIPLE_WATERMARK_POLICY: &str = "spark.sql.streaming.multipleWatermarkPolicy";

/// Run a batch without data when the watermark moved, so that closed windows come out.
pub const NO_DATA_MICRO_BATCHES_ENABLED: &str = "spark.sql.streaming.noDataMicroBatches.enabled";

/// Pause between looks at sources that had no data.
pub const POLLING_DELAY: &str = "spark.sql.streaming.pollingDelay";

/// How many progress reports a query keeps.
pub const NUM_RECENT_PROGRESS_UPDATES: &str = "spark.sql.streaming.numRecentProgressUpdates";

/// How long stop() waits for the running batch; 0 waits for ever.
pub const STOP_TIMEOUT: &str = "spark.sql.streaming.stopTimeout";

/// Worker threads of the pool; 0 = one per available core.
pub const WORKERS: &str = "millrace.workers";

/// Input bytes per map task at most. Files are cut into 2m to 8m, about eight a batch, and from 1g on into 128 a batch; records of a topic into 8m.
pub const SPLIT_BYTES: &str = "millrace.splitBytes";

/// A batch of at most this many bytes runs on the main thread (of sixteen times as many while no worker has been started): low latency beats parallelism.
pub const INLINE_BYTES_MAX: &str = "millrace.inlineBytesMax";

/// Cap on native state memory of a query; 0 = none. Passing it fails the query with STATE_MEMORY_LIMIT_EXCEEDED.
pub const MAX_STATE_BYTES: &str = "millrace.maxStateBytes";

/// Whether from_json keeps what it could read of a malformed nested value.
pub const JSON_ENABLE_PARTIAL_RESULTS: &str = "spark.sql.json.enablePartialResults";

/// Name of the column that from_json and the json source put malformed records in.
pub const COLUMN_NAME_OF_CORRUPT_RECORD: &str = "spark.sql.columnNameOfCorruptRecord";

/// EXCEPTION raises where Spark 2 would have read or written a time differently; CORRECTED does not. LEGACY is refused by patterns only Spark 2 knew.
pub const LEGACY_TIME_PARSER_POLICY: &str = "spark.sql.legacy.timeParserPolicy";

/// What happens to equal keys of a map that is made: EXCEPTION or LAST_WIN.
pub const MAP_KEY_DEDUP_POLICY: &str = "spark.sql.mapKeyDedupPolicy";

/// How show() writes bytes: UTF-8, BASIC, BASE64, HEX or HEX_DISCRETE.
pub const BINARY_OUTPUT_STYLE: &str = "spark.sql.binaryOutputStyle";

/// Accepted for Spark's sake: results do not depend on it.
pub const OPTIMIZER_ENABLE_JSON_EXPRESSION_OPTIMIZATION: &str = "spark.sql.optimizer.enableJsonExpressionOptimization";

/// Accepted for Spark's sake: there is one state store.
pub const STATE_STORE_PROVIDER_CLASS: &str = "spark.sql.streaming.stateStore.providerClass";

/// Whether a query is refused whose stateful operators may drop, as late, rows that others gave out late.
pub const STATEFUL_OPERATOR_CHECK_CORRECTNESS_ENABLED: &str =
    "spark.sql.streaming.statefulOperator.checkCorrectness.enabled";

/// Whether a map task joins its session windows before any is judged late.
pub const SESSION_WINDOW_MERGE_SESSIONS_IN_LOCAL_PARTITION: &str =
    "spark.sql.streaming.sessionWindow.merge.sessions.in.local.partition";

/// Batches that a checkpoint can go back by; older log entries and state files are removed.
pub const MIN_BATCHES_TO_RETAIN: &str = "spark.sql.streaming.minBatchesToRetain";

/// Deltas of a state shard after which a snapshot of it is written, so that a restart reads few files.
pub const STATE_STORE_MIN_DELTAS_FOR_SNAPSHOT: &str = "spark.sql.streaming.stateStore.minDeltasForSnapshot";

/// Compression of state files: lz4 or zstd.
pub const STATE_STORE_COMPRESSION_CODEC: &str = "spark.sql.streaming.stateStore.compression.codec";

/// A query that finds no data tells its listeners at most this often.
pub const NO_DATA_PROGRESS_EVENT_INTERVAL: &str = "spark.sql.streaming.noDataProgressEventInterval";

/// Whether a stream of files may find its columns by looking into those that are there when it is made.
pub const SCHEMA_INFERENCE: &str = "spark.sql.streaming.schemaInference";

/// Whether the columns of Parquet files that differ are merged where the option mergeSchema does not say.
pub const PARQUET_MERGE_SCHEMA: &str = "spark.sql.parquet.mergeSchema";

/// Whether columns in the names of folders have the type that their values look like; text otherwise.
pub const SOURCES_PARTITION_COLUMN_TYPE_INFERENCE_ENABLED: &str =
    "spark.sql.sources.partitionColumnTypeInference.enabled";

/// A configuration of a session. Values are text; the type says how the text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Configuration {
    /// Spark's name, or ours.
    pub name: &'static str,
    /// One of boolean, int, string, bytes, duration.
    pub value_type: &'static str,
    /// The default, as text.
    pub default: &'static str,
}

/// Every configuration of a session.
pub const CONFIGURATIONS: &[Configuration] = &[
    Configuration {
        name: ANSI_ENABLED,
        value_type: "boolean",
        default: "true",
    },
    Configuration {
        name: SESSION_TIME_ZONE,
        value_type: "string",
        default: "UTC",
    },
    Configuration {
        name: CASE_SENSITIVE,
        value_type: "boolean",
        default: "false",
    },
    Configuration {
        name: DECIMAL_OPERATIONS_ALLOW_PRECISION_LOSS,
        value_type: "boolean",
        default: "true",
    },
    Configuration {
        name: SHUFFLE_PARTITIONS,
        value_type: "int",
        default: "8",
    },
    Configuration {
        name: MULTIPLE_WATERMARK_POLICY,
        value_type: "string",
        default: "min",
    },
    Configuration {
        name: NO_DATA_MICRO_BATCHES_ENABLED,
        value_type: "boolean",
        default: "true",
    },
    Configuration {
        name: POLLING_DELAY,
        value_type: "duration",
        default: "10 milliseconds",
    },
    Configuration {
        name: NUM_RECENT_PROGRESS_UPDATES,
        value_type: "int",
        default: "100",
    },
    Configuration {
        name: STOP_TIMEOUT,
        value_type: "duration",
        default: "0",
    },
    Configuration {
        name: WORKERS,
        value_type: "int",
        default: "0",
    },
    Configuration {
        name: SPLIT_BYTES,
        value_type: "bytes",
        default: "64m",
    },
    Configuration {
        name: INLINE_BYTES_MAX,
        value_type: "bytes",
        default: "256k",
    },
    Configuration {
        name: MAX_STATE_BYTES,
        value_type: "bytes",
        default: "0",
    },
    Configuration {
        name: JSON_ENABLE_PARTIAL_RESULTS,
        value_type: "boolean",
        default: "true",
    },
    Configuration {
        name: COLUMN_NAME_OF_CORRUPT_RECORD,
        value_type: "string",
        default: "_corrupt_record",
    },
    Configuration {
        name: LEGACY_TIME_PARSER_POLICY,
        value_type: "string",
        default: "CORRECTED",
    },
    Configuration {
        name: MAP_KEY_DEDUP_POLICY,
        value_type: "string",
        default: "EXCEPTION",
    },
    Configuration {
        name: BINARY_OUTPUT_STYLE,
        value_type: "string",
        default: "HEX_DISCRETE",
    },
    Configuration {
        name: OPTIMIZER_ENABLE_JSON_EXPRESSION_OPTIMIZATION,
        value_type: "boolean",
        default: "true",
    },
    Configuration {
        name: STATE_STORE_PROVIDER_CLASS,
        value_type: "string",
        default: "",
    },
    Configuration {
        name: STATEFUL_OPERATOR_CHECK_CORRECTNESS_ENABLED,
        value_type: "boolean",
        default: "true",
    },
    Configuration {
        name: SESSION_WINDOW_MERGE_SESSIONS_IN_LOCAL_PARTITION,
        value_type: "boolean",
        default: "false",
    },
    Configuration {
        name: MIN_BATCHES_TO_RETAIN,
        value_type: "int",
        default: "100",
    },
    Configuration {
        name: STATE_STORE_MIN_DELTAS_FOR_SNAPSHOT,
        value_type: "int",
        default: "10",
    },
    Configuration {
        name: STATE_STORE_COMPRESSION_CODEC,
        value_type: "string",
        default: "lz4",
    },
    Configuration {
        name: NO_DATA_PROGRESS_EVENT_INTERVAL,
        value_type: "duration",
        default: "10 seconds",
    },
    Configuration {
        name: SCHEMA_INFERENCE,
        value_type: "boolean",
        default: "false",
    },
    Configuration {
        name: PARQUET_MERGE_SCHEMA,
        value_type: "boolean",
        default: "false",
    },
    Configuration {
        name: SOURCES_PARTITION_COLUMN_TYPE_INFERENCE_ENABLED,
        value_type: "boolean",
        default: "true",
    },
];
