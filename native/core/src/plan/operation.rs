//! What a plan does, operation by operation, as far as a stream may not do everything: what `check` looks at.

use super::{GroupsApi, JoinType, OutputMode};

/// What an operation is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// A reader, or one row without columns.
    Source,
    /// groupBy().
    Aggregate {
        /// Whether a key carries a watermark, so that groups end.
        is_bounded: bool,
        /// Whether an aggregate is DISTINCT.
        has_distinct: bool,
        /// Whether a key is a session_window().
        has_session: bool,
    },
    /// dropDuplicates() and its kin.
    Deduplicate {
        /// Whether it is dropDuplicatesWithinWatermark() and no watermark says for how long.
        lacks_watermark: bool,
        /// Whether it is dropDuplicatesWithinWatermark().
        within_watermark: bool,
        /// Whether what it remembers ends with the watermark.
        is_bounded: bool,
    },
    /// groupByKey() and the program's functions.
    GroupsWithState {
        /// How the program states what they do.
        api: GroupsApi,
        /// The output mode that they were written for, where it was said.
        output_mode: Option<OutputMode>,
        /// Whether they go by event time and no watermark says how far that has come.
        lacks_watermark: bool,
        /// Whether what comes out may be older than the watermark: a timeout by event time has let it wait.
        emits_late: bool,
    },
    /// join().
    Join {
        /// Its type.
        join_type: JoinType,
        /// Whether watermarks bound what it must remember.
        is_bounded: bool,
    },
    /// union().
    Union,
    /// except().
    Except,
    /// intersect().
    Intersect,
    /// orderBy().
    Sort,
    /// limit().
    Limit,
    /// offset().
    Offset,
    /// sample().
    Sample,
}

/// An operation with what it reads.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What it is.
    pub kind: OperationKind,
    /// Whether any of its rows come from a stream.
    pub is_streaming: bool,
    /// The operations that it reads, by their numbers; smaller than its own.
    pub inputs: Vec<usize>,
}
