//! State: groups and their accumulators, in an arena per shard and window.
//!
//! `table` holds one arena of groups, `store` the arenas of a shard, `join` lets rows of two sides meet and `join_side` keeps them, `codec` turns values into bytes and back,
//! `heap` and `quantiles` are values without a fixed size, `budget` keeps the sum of it all under the cap, `saved` writes a query's state to a file and reads it,
//! `versioned` and `join_versions` are what checkpoints keep of a shard.

mod budget;
mod codec;
mod heap;
mod join;
mod join_side;
mod join_versions;
mod key;
mod order;
mod quantiles;
mod reduce;
mod saved;
mod store;
mod table;
mod versioned;

pub use budget::Budget;
pub use codec::ValueCodec;
pub use heap::{HeapValue, ValueBag};
pub use join::JoinState;
pub use key::{GroupKeys, KeyCodec, KeyView};
pub use order::compare_doubles;
pub use quantiles::QuantileSummary;
pub use reduce::reduce_groups;
pub use saved::{Header as SavedHeader, read_saved, write_saved};
pub use store::{ShardCounters, ShardStore, Span};
pub use table::{GroupTable, Layout, Slot, Tag};
