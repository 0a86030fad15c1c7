//! State: groups and their accumulators, in an arena per shard and window; sessions and seen keys, in an arena per shard.
//!
//! `table` holds one arena of groups, `store` the arenas of a shard, `join` lets rows of two sides meet and `join_side` keeps them, `codec` turns values into bytes and back,
//! `sessions` and `seen_keys` are what a shard keeps where rows go one by one, in the order of `expiry`,
//! `lateness` says which rows those take in, `heap` and `quantiles` are values without a fixed size, `budget` keeps the sum of it all under the cap, `saved` writes a query's state to a file and reads it,
//! `arrivals` and `session_arrivals` are what map tasks have for a shard, `fold_groups` and `fold_sessions` let the program's own aggregates work on it,
//! `groups_with_state` lets the program's functions work on groups, `variable_store` keeps what they keep, `variable` is how, `reading` shows state as rows, that of a checkpoint and that of a running query,
//! `versioned`, `session_versions`, `key_versions`, `join_versions` and `variable_versions` are what checkpoints keep of a shard.

mod arrivals;
mod budget;
mod codec;
mod deduplicate;
mod exchange;
mod expiry;
mod fold_groups;
mod fold_sessions;
mod groups_with_state;
mod heap;
mod join;
mod join_index;
mod join_side;
mod join_table;
mod join_versions;
mod key;
mod key_bytes;
mod key_list;
mod key_versions;
mod lateness;
mod order;
mod quantiles;
mod reading;
mod reduce;
mod reduce_sessions;
mod results;
mod row_groups;
mod saved;
mod seen_keys;
mod session_arrivals;
mod session_versions;
mod sessions;
mod short_keys;
mod store;
mod table;
mod variable;
mod variable_store;
mod variable_versions;
mod versioned;

pub use budget::Budget;
pub use codec::ValueCodec;
pub use deduplicate::Deduplication;
pub use fold_groups::{OpenFolds, describe_folds, open_folds};
pub use fold_sessions::{describe_session_folds, open_session_folds};
pub use groups_with_state::{GroupsWithState, INITIAL_SIDE, OpenGroups, ShardRows};
pub use heap::{HeapValue, ValueBag};
pub use join::JoinState;
pub use join_table::JoinTable;
pub use key::{GroupKeys, KeyCodec, KeyView, mix};
pub use lateness::fates_of_rows;
pub use order::compare_doubles;
pub use quantiles::QuantileSummary;
pub use reading::{LiveState, SideShape, StateShape, StoredState};
pub use reduce::reduce_groups;
pub use reduce_sessions::{Sessions, reduce_sessions};
pub use results::WindowRows;
pub use saved::{Header as SavedHeader, read_saved, write_saved};
pub use seen_keys::{NEVER, SeenKeys};
pub use sessions::{MergeCounts, SessionPiece, SessionStore};
pub use store::{ShardCounters, ShardStore, Span};
pub use table::{GroupTable, Layout, Slot, Tag};
pub use variable_store::VariableStore;
