//! A join as it is resolved: what the runtime needs to know of it.

use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::expr::Expr;

/// Spark's join types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinType {
    /// Pairs.
    Inner,
    /// All pairs: an inner join without a condition.
    Cross,
    /// Pairs, and rows of the left side without a partner.
    LeftOuter,
    /// Pairs, and rows of the right side without a partner.
    RightOuter,
    /// Pairs, and rows of both sides without a partner.
    FullOuter,
    /// Rows of the left side that have a partner.
    LeftSemi,
    /// Rows of the left side that have none.
    LeftAnti,
}

impl JoinType {
    /// Reads any of Spark's names. Fails with UNSUPPORTED_JOIN_TYPE.
    pub fn parse(text: &str) -> Result<Self> {
        const NAMES: [(&str, JoinType); 15] = [
            ("inner", JoinType::Inner),
            ("outer", JoinType::FullOuter),
            ("full", JoinType::FullOuter),
            ("fullouter", JoinType::FullOuter),
            ("full_outer", JoinType::FullOuter),
            ("leftouter", JoinType::LeftOuter),
            ("left", JoinType::LeftOuter),
            ("left_outer", JoinType::LeftOuter),
            ("rightouter", JoinType::RightOuter),
            ("right", JoinType::RightOuter),
            ("right_outer", JoinType::RightOuter),
            ("leftsemi", JoinType::LeftSemi),
            ("semi", JoinType::LeftSemi),
            ("leftanti", JoinType::LeftAnti),
            ("anti", JoinType::LeftAnti),
        ];
        let wanted = text.to_ascii_lowercase();
        let plain = wanted.replace('_', "");
        if plain == "cross" {
            return Ok(JoinType::Cross);
        }
        let found = NAMES.iter().find(|(name, _)| *name == wanted || *name == plain);
        found.map(|(_, join_type)| *join_type).ok_or_else(|| {
            let supported: Vec<String> = NAMES.iter().map(|(name, _)| format!("'{name}'")).collect();
            Error::new(ErrorCode::UnsupportedJoinType)
                .with("typ", text)
                .with("supported", supported.join(", "))
        })
    }

    /// Its name in Spark's messages.
    pub fn name(self) -> &'static str {
        match self {
            JoinType::Inner => "Inner",
            JoinType::Cross => "Cross",
            JoinType::LeftOuter => "LeftOuter",
            JoinType::RightOuter => "RightOuter",
            JoinType::FullOuter => "FullOuter",
            JoinType::LeftSemi => "LeftSemi",
            JoinType::LeftAnti => "LeftAnti",
        }
    }

    /// Whether rows of the left side come out without a partner, beside nulls.
    pub fn keeps_left(self) -> bool {
        matches!(self, JoinType::LeftOuter | JoinType::FullOuter)
    }

    /// Whether rows of the right side come out without a partner, beside nulls.
    pub fn keeps_right(self) -> bool {
        matches!(self, JoinType::RightOuter | JoinType::FullOuter)
    }

    /// Whether rows of a side (0 left, 1 right) come out without a partner.
    pub fn keeps(self, side: usize) -> bool {
        if side == 0 {
            self.keeps_left()
        } else {
            self.keeps_right()
        }
    }

    /// Whether only columns of the left side come out.
    pub fn is_left_only(self) -> bool {
        matches!(self, JoinType::LeftSemi | JoinType::LeftAnti)
    }
}

/// A resolved join. Sides are 0 (left) and 1 (right).
#[derive(Clone, Debug)]
pub struct JoinSpec {
    /// Its type.
    pub join_type: JoinType,
    /// What must be equal, over each side's own columns.
    pub keys: [Vec<Expr>; 2],
    /// For each key whether null is a value like others.
    pub null_safe: Vec<bool>,
    /// What else must hold, over the columns of both sides.
    pub conditions: Vec<Expr>,
    /// What must hold for a row of a side, over its own columns, to have any partner.
    pub side_conditions: [Vec<Expr>; 2],
    /// Types of each side's columns.
    pub types: [Vec<DataType>; 2],
    /// Their names.
    pub names: [Vec<String>; 2],
    /// Whether the rows of the right side, which is no stream, are there before those of the left, which is one.
    pub is_broadcast: bool,
    /// How watermarks judge rows, where both sides are streams.
    pub times: Option<JoinTimes>,
}

/// How watermarks judge the rows of a stream-stream join.
#[derive(Clone, Debug)]
pub struct JoinTimes {
    /// The event time of each side, where it has a watermark.
    pub event_times: [Option<Expr>; 2],
    /// Names of the event-time columns of a side that has several: Spark refuses such rows when they come.
    pub ambiguous: Option<String>,
    /// What bounds the rows that are kept of each side.
    pub bounds: [Option<JoinBound>; 2],
}

/// Rows whose time is at or below a threshold that follows the watermark are not needed any more.
#[derive(Clone, Debug)]
pub struct JoinBound {
    /// The time, over the side's columns.
    pub time: Expr,
    /// How far the threshold is from the watermark, microseconds.
    pub shift_micros: i64,
    /// Whether a row at the threshold is still needed.
    pub is_strict: bool,
    /// Where the threshold stops: Spark takes a comparison of a column of the side with a constant for such a bound too.
    pub limit_ms: Option<i64>,
}

impl JoinBound {
    /// The threshold under a watermark, milliseconds since 1970.
    pub fn threshold_ms(&self, watermark_ms: i64) -> i64 {
        let moved = watermark_ms.saturating_mul(1000).saturating_add(self.shift_micros);
        let threshold_ms = moved / 1000 - i64::from(self.is_strict);
        self.limit_ms
            .map_or(threshold_ms, |limit_ms| threshold_ms.min(limit_ms))
    }

    /// The same in microseconds.
    pub fn threshold_micros(&self, watermark_ms: i64) -> i64 {
        self.threshold_ms(watermark_ms).saturating_mul(1000)
    }
}
