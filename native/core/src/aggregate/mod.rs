//! Aggregation: which accumulators there are, and how rows, groups and partial groups go through them.
//!
//! An accumulator is a fixed number of 64-bit words in its group's row (see [`crate::state`]); one loop a function
//! updates a chunk of rows. Values without a fixed size stand in the table's heap and the word is their index.

mod accumulate;
mod bind;
mod finish;
mod partial;

pub use accumulate::{merge, update};
pub use bind::{AGGREGATE_NAMES, bind_aggregate};
pub use finish::finish;
pub use partial::{PartialGroups, shard_of};

use std::fmt;

use crate::column::DataType;
use crate::expr::Expr;

/// What an accumulator does. The argument has been cast to the type that the function works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Rows whose argument is not null.
    Count,
    /// Rows whose condition is true.
    CountIf,
    /// Sum of BIGINT; `checked` raises on overflow (ANSI), else it wraps.
    SumLong {
        /// Whether overflow raises.
        checked: bool,
    },
    /// Sum of DOUBLE, in the order of the rows.
    SumDouble,
    /// Mean of DOUBLE.
    AvgDouble,
    /// Least or greatest of a type that fits 64 bits as an integer.
    ExtremeLong {
        /// max(), not min().
        greatest: bool,
    },
    /// Least or greatest of FLOAT and DOUBLE; NaN is greatest.
    ExtremeDouble {
        /// max(), not min().
        greatest: bool,
    },
    /// Least or greatest of text or bytes.
    ExtremeBytes {
        /// max(), not min().
        greatest: bool,
    },
    /// First or last value, of any type.
    Edge {
        /// last(), not first().
        last: bool,
        /// Whether nulls are passed over.
        ignore_nulls: bool,
    },
}

impl Function {
    /// Words of state it needs.
    pub fn words(self) -> usize {
        match self {
            Function::AvgDouble => 2,
            _ => 1,
        }
    }

    /// Whether partial results may be put together in any grouping of the rows and still give the same bits.
    pub fn is_exact(self) -> bool {
        !matches!(self, Function::SumDouble | Function::AvgDouble | Function::Edge { .. })
    }
}

/// An accumulator of a grouping.
#[derive(Clone)]
pub struct AggregateCall {
    /// What it does.
    pub function: Function,
    /// What it is given; none counts every row.
    pub argument: Option<Expr>,
    /// Type of its result.
    pub data_type: DataType,
    /// Whether its result may be null.
    pub nullable: bool,
}

impl fmt::Debug for AggregateCall {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}({:?})", self.function, self.argument)
    }
}
