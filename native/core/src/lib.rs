//! The data plane of millrace: rows become columns, columns become groups, groups become results.
//!
//! A row travels `source → parse → expr → window → aggregate → state → result`; [`pipeline`] calls every stage in
//! order. `plan` makes the pipeline, `query` holds what a running query keeps, `checkpoint` what
//! it keeps over restarts, `sink` writes results as files, `storage` is the one door to the disk.

pub mod aggregate;
mod batch;
pub mod checkpoint;
pub mod column;
mod config_generated;
pub mod divert;
pub mod error;
mod error_generated;
pub mod expr;
pub mod fault;
mod lanes;
pub mod limits;
mod options;
pub mod parse;
pub mod pipeline;
pub mod plan;
pub mod query;
mod registry;
pub mod result;
mod route_runner;
mod routes;
pub mod row_counts;
pub mod session;
pub mod sink;
pub mod source;
pub mod stage;
pub mod state;
pub mod storage;
pub mod window;
