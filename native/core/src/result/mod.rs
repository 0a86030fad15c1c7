//! Results: a batch's rows as FlatBuffers for JavaScript, and as Spark's text for the console.

#[allow(missing_docs, clippy::all, unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks, unused_imports)]
#[rustfmt::skip]
mod batch_generated;
mod decode;
mod encode;
#[allow(missing_docs, clippy::all, unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks, unused_imports)]
#[rustfmt::skip]
mod result_generated;
mod show;

pub use batch_generated::{ColumnData, InputBatch, TableSet, root_as_input_batch};
pub use decode::decode_result;
pub use encode::{ResultCounters, StateCounters, encode_input, encode_result, encode_tables};
pub use show::{ShowOptions, show};
