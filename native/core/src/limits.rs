//! Every bound of the core in one place. Each is checked where bytes or sizes come from outside.

/// Levels of nesting in a type.
pub const TYPE_DEPTH_MAX: usize = 100;
/// Levels of nesting in a plan's expressions; serde_json stops reading at 128.
pub const PLAN_DEPTH_MAX: usize = 120;
/// Rows that flow through a pipeline at once: small enough for the second-level cache.
pub const CHUNK_ROWS_MAX: usize = 8 * 1024;
/// Bytes of one record (a line of a file).
pub const RECORD_BYTES_MAX: usize = 512 << 20;
/// Windows that one row may fall into (window duration / slide duration).
pub const WINDOW_OVERLAP_MAX: i64 = 100_000;
/// Rows of one result batch: its columns have 32-bit offsets.
pub const RESULT_ROWS_MAX: usize = u32::MAX as usize / 2;
/// Sets of keys of one ROLLUP, CUBE or GROUPING SETS: each row comes once for each.
pub const GROUPING_SETS_MAX: usize = 4096;
/// Counters of one count_min_sketch().
pub const SKETCH_CELLS_MAX: usize = 1 << 24;
/// Bins of one histogram_numeric().
pub const HISTOGRAM_BINS_MAX: i64 = 10_000;
/// State shards of a query.
pub const SHARDS_MAX: usize = 4096;
/// Bytes that the records of one Kafka split may unpack to: a decompression bomb ends here.
pub const SPLIT_DECODED_BYTES_MAX: usize = 1 << 30;
/// Levels of nesting of a JSON document, whatever its options say.
pub const JSON_DEPTH_MAX: usize = 2000;
/// Bytes of a state file's block before it is compressed; a record may make it longer.
pub const STATE_BLOCK_BYTES: usize = 256 << 10;
/// Folders that one batch of a partitioned file sink may write to.
pub const SINK_PARTITIONS_MAX: usize = 100_000;
/// Bytes of a block of a compressed file, and of a piece of one.
pub const COMPRESSED_BLOCK_BYTES_MAX: usize = 64 << 20;
/// Bytes of a file that are looked at at once when columns are inferred.
pub const INFERENCE_RANGE_BYTES: u64 = 8 << 20;
