//! Aggregation: which accumulators there are, and how rows, groups and partial groups go through them.
//!
//! An accumulator is a fixed number of 64-bit words in its group's row (see [`crate::state`]); one loop a function
//! updates a chunk of rows. Values without a fixed size stand in the table's heap and the word is their index.
//!
//! `bind` types a call, `accumulate` sends rows and groups to the loops of each kind of accumulator, `finish` makes
//! result columns, `buffers` shows what is held. The kinds: `sums`, `extremes`, `moments`, `collect`, `ranks`, `hyperloglog`, `sketches`, `fold`.

mod accumulate;
mod beside_distinct;
mod bind;
mod bind_ranks;
mod bind_sketches;
mod buffers;
mod collect;
mod distinct;
mod extremes;
mod fate;
mod finish;
mod fold;
mod hyperloglog;
mod hyperloglog_biases;
mod hyperloglog_estimates;
mod moments;
mod observe;
mod over_rows;
mod partial;
mod partial_sessions;
mod ranks;
mod raw_rows;
mod sketches;
mod sums;
mod value_hash;

pub use accumulate::{merge, update};
pub use beside_distinct::arrange as arrange_distinct;
pub use bind::{AGGREGATE_NAMES, AggregateRequest, OrderKey, bind_aggregate};
pub use buffers::{AccumulatorShape, BufferCodec};
pub use fate::{BestFates, Fate, Fates};
pub use finish::finish;
pub use fold::{FoldSpec, held_of, is_fold, refuse_folds, require_merge};
pub use observe::observe;
pub use over_rows::over_rows;
pub use partial::{PartialGroups, shard_of};
pub use partial_sessions::{PartialSessions, pieces_by_key};
pub use raw_rows::RawRows;

use std::fmt;
use std::sync::Arc;

use crate::column::DataType;
use crate::expr::Expr;

/// What a sum does where it leaves its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// It wraps: numbers without ANSI.
    Wrap,
    /// It raises.
    Raise,
    /// It is null from then on.
    Null,
}

/// How the bits of integers are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BitOperation {
    /// bit_and()
    And,
    /// bit_or()
    Or,
    /// bit_xor()
    Xor,
}

/// What is asked of the central moments of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// var_pop()
    VariancePop,
    /// var_samp()
    VarianceSamp,
    /// stddev_pop()
    StddevPop,
    /// stddev_samp()
    StddevSamp,
    /// skewness()
    Skewness,
    /// kurtosis()
    Kurtosis,
    /// regr_sxx(), regr_syy(): the sum of squared distances.
    SquareSum,
}

/// What is asked of pairs of numbers; the first of a pair is the dependent one of a regression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairMoment {
    /// covar_pop()
    CovariancePop,
    /// covar_samp()
    CovarianceSamp,
    /// corr()
    Correlation,
    /// regr_r2()
    R2,
    /// regr_slope()
    Slope,
    /// regr_intercept()
    Intercept,
    /// regr_sxy()
    ProductSum,
}

/// What an accumulator does. The arguments have been cast to the types that the function works on.
#[derive(Clone, Debug, PartialEq)]
pub enum Function {
    /// Rows none of whose arguments is null.
    Count,
    /// Rows whose condition is true.
    CountIf,
    /// Sum of BIGINT, or of intervals.
    SumLong {
        /// What happens on overflow.
        overflow: Overflow,
    },
    /// Sum of DOUBLE, in the order of the rows.
    SumDouble,
    /// Mean of DOUBLE.
    AvgDouble,
    /// Sum or mean of decimals; overflow is null and `raises` says whether that is an error in the end.
    SumDecimal {
        /// avg(), not sum().
        mean: bool,
        /// Precision and scale of the sum.
        precision: u8,
        /// Scale of the sum.
        scale: i8,
        /// Whether overflow is an error.
        raises: bool,
    },
    /// Mean of intervals.
    AvgInterval {
        /// What happens on overflow.
        overflow: Overflow,
    },
    /// Product of DOUBLE.
    Product,
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
    /// Least or greatest decimal.
    ExtremeDecimal {
        /// max(), not min().
        greatest: bool,
    },
    /// Least or greatest of text or bytes.
    ExtremeBytes {
        /// max(), not min().
        greatest: bool,
    },
    /// Least or greatest of a nested type.
    ExtremeNested {
        /// max(), not min().
        greatest: bool,
    },
    /// The first argument where the second is least or greatest; of equals the last.
    ExtremeBy {
        /// max_by(), not min_by().
        greatest: bool,
    },
    /// The first arguments at the least or greatest of the second, best first.
    ExtremesBy {
        /// max_by(), not min_by().
        greatest: bool,
        /// How many.
        count: usize,
    },
    /// First or last value, of any type.
    Edge {
        /// last(), not first().
        last: bool,
        /// Whether nulls are passed over.
        ignore_nulls: bool,
    },
    /// Bits of integers put together.
    Bits(BitOperation),
    /// Central moments of DOUBLE.
    Moments(Moment),
    /// Moments of pairs of DOUBLE.
    Pairs(PairMoment),
    /// All values that are not null, in order.
    CollectList,
    /// The different values, in the order they first came.
    CollectSet,
    /// Texts joined by `delimiter`, in the order of the further arguments, each descending or not.
    JoinTexts {
        /// What stands between two texts.
        delimiter: Arc<[u8]>,
        /// For each further argument: descending, nulls first.
        orders: Arc<[(bool, bool)]>,
    },
    /// The most frequent value.
    Mode {
        /// Of equally frequent ones: the least (`false`) or the greatest; any where none.
        greatest: Option<bool>,
    },
    /// Exact percentiles; a second argument says how often a value counts.
    Percentile {
        /// The percentages.
        percentages: Arc<[f64]>,
        /// From the greatest down.
        descending: bool,
        /// A value that came, not one between two.
        discrete: bool,
    },
    /// Percentiles with a bounded error.
    PercentileApprox {
        /// The percentages.
        percentages: Arc<[f64]>,
        /// By how much a rank may be off, as a part of all.
        relative_error: f64,
    },
    /// Bins around the values, in Hive's way.
    Histogram {
        /// How many there are at most.
        bins_max: usize,
    },
    /// How often values came, about, as bytes.
    CountMinSketch(Arc<sketches::SketchShape>),
    /// What the program's own functions make of the values.
    Fold(Arc<FoldSpec>),
    /// Estimate of the number of different values, with 2 to the power of `precision` registers.
    ApproxCountDistinct {
        /// Bits that pick a register.
        precision: u8,
    },
}

impl Function {
    /// Words of state it needs.
    pub fn words(&self) -> usize {
        match self {
            Function::AvgDouble | Function::AvgInterval { .. } | Function::ExtremeDecimal { .. } => 2,
            Function::CollectList | Function::JoinTexts { .. } => 2,
            Function::SumDecimal { .. } => sums::DECIMAL_WORDS,
            Function::Moments(_) => moments::MOMENT_WORDS,
            Function::Pairs(_) => moments::PAIR_WORDS,
            _ => 1,
        }
    }

    /// Whether partial results may be put together in any grouping of the rows and still give the same bits.
    pub fn is_exact(&self) -> bool {
        match self {
            Function::Count
            | Function::CountIf
            | Function::ExtremeLong { .. }
            | Function::ExtremeDecimal { .. }
            | Function::ExtremeBytes { .. }
            | Function::Bits(_)
            | Function::ApproxCountDistinct { .. } => true,
            // Of two zeros the one that came first stays.
            Function::ExtremeDouble { .. } => false,
            // Overflow depends on the order of the rows, but only for sums that Spark makes row by row as well.
            Function::SumLong { .. } => true,
            _ => false,
        }
    }

    /// Whether its first word is the place of a value on the table's heap.
    pub fn is_on_heap(&self) -> bool {
        matches!(
            self,
            Function::ExtremeBytes { .. }
                | Function::ExtremeNested { .. }
                | Function::ExtremeBy { .. }
                | Function::ExtremesBy { .. }
                | Function::Edge { .. }
                | Function::CollectList
                | Function::CollectSet
                | Function::JoinTexts { .. }
                | Function::Mode { .. }
                | Function::Percentile { .. }
                | Function::PercentileApprox { .. }
                | Function::ApproxCountDistinct { .. }
                | Function::Fold(_)
                | Function::Histogram { .. }
                | Function::CountMinSketch(_)
        )
    }

    /// Whether Spark keeps objects for it, not numbers in a row: groups are then kept in a map that holds few of them.
    fn keeps_objects(&self) -> bool {
        matches!(
            self,
            Function::CollectList
                | Function::CollectSet
                | Function::JoinTexts { .. }
                | Function::Mode { .. }
                | Function::Percentile { .. }
                | Function::PercentileApprox { .. }
                | Function::Histogram { .. }
                | Function::CountMinSketch(_)
                | Function::Fold(_)
        )
    }

    /// Whether a value that comes again changes nothing, so that DISTINCT says nothing.
    pub fn ignores_duplicates(&self) -> bool {
        matches!(
            self,
            Function::ExtremeLong { .. }
                | Function::ExtremeDouble { .. }
                | Function::ExtremeDecimal { .. }
                | Function::ExtremeBytes { .. }
                | Function::ExtremeNested { .. }
                | Function::Edge { .. }
                | Function::CollectSet
                | Function::ApproxCountDistinct { .. }
                | Function::Bits(BitOperation::And | BitOperation::Or)
        )
    }
}

/// An accumulator of a grouping.
#[derive(Clone)]
pub struct AggregateCall {
    /// What it does.
    pub function: Function,
    /// What it is given; nothing counts every row.
    pub arguments: Vec<Expr>,
    /// The arguments of a DISTINCT call as they were given, before casts.
    pub given: Vec<Expr>,
    /// Whether each different row of arguments counts once.
    pub distinct: bool,
    /// The rows it is given; all of them where there is none.
    pub filter: Option<Expr>,
    /// What Spark groups by first where DISTINCT calls stand beside; see [`arrange_distinct`].
    pub beside: Vec<Expr>,
    /// Whether Spark goes on by sorting once it has many of those groups; see [`arrange_distinct`].
    pub sorts_many: bool,
    /// Type of its result.
    pub data_type: DataType,
    /// Whether its result may be null.
    pub nullable: bool,
}

impl AggregateCall {
    /// Words of state it needs.
    pub fn words(&self) -> usize {
        if self.keeps_rows() { 1 } else { self.function.words() }
    }

    /// Whether partial results may be put together in any grouping of the rows and still give the same bits.
    pub fn is_exact(&self) -> bool {
        !self.keeps_rows() && self.function.is_exact()
    }

    /// Whether its first word is the place of a value on the table's heap.
    pub fn is_on_heap(&self) -> bool {
        self.keeps_rows() || self.function.is_on_heap()
    }

    /// Whether rows are kept until the result is made.
    fn keeps_rows(&self) -> bool {
        self.distinct || !self.beside.is_empty()
    }

    /// What it is where the program's own functions make it.
    pub fn fold(&self) -> Option<&FoldSpec> {
        match &self.function {
            Function::Fold(spec) => Some(spec),
            _ => None,
        }
    }
}

impl fmt::Debug for AggregateCall {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{:?}{}(",
            self.function,
            if self.distinct { " distinct" } else { "" }
        )?;
        for (index, argument) in self.arguments.iter().enumerate() {
            write!(out, "{}{argument:?}", if index > 0 { ", " } else { "" })?;
        }
        out.write_str(")")?;
        match &self.filter {
            Some(filter) => write!(out, " filter {filter:?}"),
            None => Ok(()),
        }
    }
}
