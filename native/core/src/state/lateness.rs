//! Which rows are late at a stage that takes them one by one: a deduplication, a join, the program's functions.

use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;

use crate::aggregate::{Fate, Fates};
use crate::error::Result;
use crate::expr::Expr;

/// What becomes of rows under a watermark; none where all are taken in. A row without a time is never late.
pub fn fates_of_rows(
    event_time: Option<&Expr>,
    columns: &[ArrayRef],
    rows: usize,
    watermark_ms: i64,
) -> Result<Option<Fates>> {
    let Some(event_time) = event_time else { return Ok(None) };
    let times = event_time.evaluate(columns, rows)?.into_array(rows)?;
    let late_until = watermark_ms.saturating_mul(1000);
    Ok(Fates::of(
        times.as_primitive::<TimestampMicrosecondType>(),
        Fate::Kept,
        |time| time <= late_until,
    ))
}
