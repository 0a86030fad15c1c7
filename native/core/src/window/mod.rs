//! Event time: windows, and the panes that rows are put into.
//!
//! ```text
//! size 10, slide 4, pane = gcd = 2      a row updates one pane; a pane belongs to size/pane..: its windows are
//! |--|--|--|--|--|--|--|--|--|          known from the pane alone, so windows are made from groups, not from rows
//! [=========)                           window [0, 10)
//!       [=========)                     window [4, 14) ...
//! ```

mod assign;
mod event_times;
mod spec;

pub use assign::{PaneAssigner, expand_windows, window_column, window_structs};
pub use event_times::EventTimeStats;
pub use spec::WindowSpec;

use std::fmt;

use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::expr::Expr;
use crate::session::Session;

/// The part of a grouping that is event time.
#[derive(Clone)]
pub enum EventTimeKey {
    /// Windows over a timestamp.
    Window {
        /// The timestamp.
        time: Expr,
        /// The windows.
        spec: WindowSpec,
    },
    /// The timestamp itself.
    Instant {
        /// The timestamp.
        time: Expr,
    },
    /// Windows of one size that a column holds already.
    Held {
        /// Their start.
        time: Expr,
        /// How long they are.
        size_micros: i64,
    },
}

/// Stands for the start of the group whose key is null: it is never late and never closed.
pub const NO_TIME: i64 = i64::MAX;

impl EventTimeKey {
    /// `window(time, size [, slide [, start]])`. Fails as Spark does: CANNOT_PARSE_INTERVAL, DATATYPE_MISMATCH.
    pub fn window(time: Expr, time_sql: &str, durations: &[&str], session: &Session) -> Result<Self> {
        if !(1..=3).contains(&durations.len()) {
            return Err(Error::new(ErrorCode::WrongNumArgsWithoutSuggestion)
                .with("functionName", "`window`")
                .with("expectedNum", "[2, 4]")
                .with("actualNum", (durations.len() + 1).to_string()));
        }
        let spec = WindowSpec::parse(durations, time_sql)?;
        let time = timestamp_of(time, &spec.sql(time_sql), time_sql, session)?;
        Ok(EventTimeKey::Window { time, spec })
    }

    /// The type of the column that this key makes.
    pub fn data_type(&self) -> DataType {
        match self {
            EventTimeKey::Window { time, .. } | EventTimeKey::Held { time, .. } => DataType::window_of(&time.data_type),
            EventTimeKey::Instant { time } => time.data_type.clone(),
        }
    }

    /// Whether the column is nullable: Spark has it so where a row may be in several windows.
    pub fn is_nullable(&self) -> bool {
        self.slides()
    }

    /// Whether a row may be in several windows.
    pub fn slides(&self) -> bool {
        matches!(self, EventTimeKey::Window { spec, .. } if spec.slide_micros != spec.size_micros)
    }

    /// The timestamp that is looked at.
    pub fn time(&self) -> &Expr {
        match self {
            EventTimeKey::Window { time, .. } | EventTimeKey::Instant { time } | EventTimeKey::Held { time, .. } => {
                time
            }
        }
    }

    /// How long its windows are, microseconds.
    pub fn size_micros(&self) -> Option<i64> {
        match self {
            EventTimeKey::Window { spec, .. } => Some(spec.size_micros),
            EventTimeKey::Held { size_micros, .. } => Some(*size_micros),
            EventTimeKey::Instant { .. } => None,
        }
    }

    /// Times before this (micros) are late in all their windows, once the watermark stands at `watermark` (micros).
    pub fn late_before(&self, watermark: i64) -> i64 {
        match self {
            // The last window of a time ends at or before the watermark exactly when the time is before the next start.
            EventTimeKey::Window { spec, .. } => spec
                .last_start(watermark.saturating_sub(spec.size_micros))
                .saturating_add(spec.slide_micros),
            EventTimeKey::Instant { .. } => watermark.saturating_add(1),
            EventTimeKey::Held { size_micros, .. } => watermark.saturating_sub(*size_micros).saturating_add(1),
        }
    }

    /// Starts of the windows that the groups of a pane belong to.
    pub fn starts_of_pane(&self, pane: i64) -> Vec<i64> {
        match self {
            EventTimeKey::Window { spec, .. } => spec.starts_of(pane).collect(),
            EventTimeKey::Instant { .. } | EventTimeKey::Held { .. } => vec![pane],
        }
    }

    /// When a group whose event-time key starts at `start` is closed: once the watermark (micros) has reached this.
    pub fn end_of(&self, start: i64) -> i64 {
        match self {
            EventTimeKey::Window { spec, .. } => start.saturating_add(spec.size_micros),
            EventTimeKey::Held { size_micros, .. } => start.saturating_add(*size_micros),
            EventTimeKey::Instant { .. } => start,
        }
    }
}

/// The time that a window is cut from, as a timestamp: text is cast, a window stands for its last instant. `sql` is the text
/// of the call. Fails with DATATYPE_MISMATCH.
pub fn timestamp_of(time: Expr, sql: &str, time_sql: &str, session: &Session) -> Result<Expr> {
    let time = if time.data_type.window_time().is_some() {
        crate::expr::window_time(time)?
    } else {
        time
    };
    match time.data_type {
        DataType::TimestampNtz => Ok(time),
        DataType::Timestamp | DataType::Date | DataType::String => {
            crate::plan::coerce::cast_to(time, &DataType::Timestamp, session)
        }
        _ => Err(Error::new(ErrorCode::DatatypeMismatchUnexpectedInputType)
            .with("sqlExpr", format!("\"{sql}\""))
            .with("paramIndex", "first")
            .with("requiredType", "(\"(TIMESTAMP OR TIMESTAMP WITHOUT TIME ZONE)\" or \"STRUCT<start: TIMESTAMP, end: TIMESTAMP>\" or \"STRUCT<start: TIMESTAMP_NTZ, end: TIMESTAMP_NTZ>\")")
            .with("inputSql", format!("\"{time_sql}\""))
            .with("inputType", time.data_type.quoted_sql())),
    }
}

impl fmt::Debug for EventTimeKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EventTimeKey::Window { time, spec } => write!(out, "{}", spec.sql(&format!("{time:?}"))),
            EventTimeKey::Instant { time } | EventTimeKey::Held { time, .. } => write!(out, "{time:?}"),
        }
    }
}
