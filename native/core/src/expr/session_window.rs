//! session_window(): the session that a row would have alone, from its time to its gap's end.

use std::sync::Arc;

use arrow_arith::boolean::is_not_null;
use arrow_array::cast::AsArray;
use arrow_array::types::{IntervalMonthDayNanoType, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, BinaryViewArray, StructArray};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer};

use super::date_arithmetic::moved;
use super::{Expr, Value};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::{Interval, TimeZone, interval_of};

/// A struct of start and end; null where the time is null, or the gap is null, not an interval or not above zero.
pub fn session_window(time: Expr, gap: Expr, zone: &TimeZone) -> Expr {
    let data_type = DataType::window_of(&time.data_type);
    let is_utc = time.data_type != DataType::TimestampNtz;
    // Days and months of a gap are those of the wall clock.
    let zone = if is_utc { zone.clone() } else { TimeZone::utc() };
    let window_type = data_type.clone();
    Expr::call(
        "session_window",
        vec![time, gap],
        data_type,
        true,
        move |values, rows| {
            let times: ArrayRef = values[0].clone().into_array(rows)?;
            let (ends, present) = session_ends(&zone, &times, &values[1])?;
            let ends: ArrayRef = {
                let ends = arrow_array::PrimitiveArray::<TimestampMicrosecondType>::from(ends);
                Arc::new(if is_utc { ends.with_timezone("UTC") } else { ends })
            };
            let DataType::Struct(fields) = &window_type else {
                return Err(Error::internal("a session is a struct"));
            };
            let windows = StructArray::try_new(fields.to_arrow(), vec![times, ends], Some(present))?;
            Ok(Value::Array(Arc::new(windows)))
        },
    )
}

/// Whether a row has a session.
pub fn is_in_session(window: Expr) -> Expr {
    Expr::call("isnotnull", vec![window], DataType::Boolean, false, |values, _| {
        let present: ArrayRef = Arc::new(is_not_null(values[0].array())?);
        Ok(if values[0].is_scalar() {
            Value::Scalar(present)
        } else {
            Value::Array(present)
        })
    })
}

fn session_ends(zone: &TimeZone, times: &ArrayRef, gaps: &Value) -> Result<(Vec<i64>, NullBuffer)> {
    let times = times.as_primitive::<TimestampMicrosecondType>();
    let mut gaps = Gaps::of(gaps);
    let mut ends = Vec::with_capacity(times.len());
    let mut present = BooleanBufferBuilder::new(times.len());
    for row in 0..times.len() {
        let gap = gaps.at(row);
        let time = times.value(row);
        let end = match gap {
            Some(Interval { months, days, micros }) if times.is_valid(row) => {
                moved(zone, time, i64::from(months), i64::from(days), micros)
                    .map(Some)
                    .ok_or_else(|| overflow().at_row(row))?
            }
            _ => None,
        };
        present.append(end.is_some_and(|end| end > time));
        ends.push(end.unwrap_or(time));
    }
    Ok((ends, NullBuffer::new(present.finish())))
}

/// The gaps of a column: calendar intervals, or texts that are some.
struct Gaps<'a> {
    gaps: &'a Value,
    texts: Option<&'a BinaryViewArray>,
    /// Neighbouring rows mostly have the same gap.
    last: Option<(&'a [u8], Option<Interval>)>,
}

impl<'a> Gaps<'a> {
    fn of(gaps: &'a Value) -> Self {
        Self {
            gaps,
            texts: gaps.array().as_binary_view_opt(),
            last: None,
        }
    }

    /// The gap of a row; none where it is null or no interval.
    fn at(&mut self, row: usize) -> Option<Interval> {
        let row = if self.gaps.is_scalar() { 0 } else { row };
        if self.gaps.array().is_null(row) {
            return None;
        }
        let Some(texts) = self.texts else {
            let intervals = self.gaps.array().as_primitive_opt::<IntervalMonthDayNanoType>()?;
            return Some(intervals.value(row).into());
        };
        let text = texts.value(row);
        match self.last {
            Some((known, gap)) if known == text => gap,
            _ => {
                let gap = interval_of(text);
                self.last = Some((text, gap));
                gap
            }
        }
    }
}

fn overflow() -> Error {
    Error::new(ErrorCode::ArithmeticOverflow)
        .with("message", "long overflow")
        .with("alternative", "")
        .with("config", "\"spark.sql.ansi.enabled\"")
}

#[cfg(test)]
mod tests {
    use arrow_array::PrimitiveArray;

    use super::*;

    #[test]
    fn a_gap_is_an_interval_above_zero() {
        let gaps = ["5 seconds", "x", "0 seconds", "-1 seconds", "1 month", "5 seconds"];
        let gaps = Value::Array(Arc::new(BinaryViewArray::from_iter_values(gaps)));
        let times: ArrayRef = Arc::new(PrimitiveArray::<TimestampMicrosecondType>::from(vec![
            Some(0),
            Some(0),
            Some(0),
            Some(0),
            Some(0),
            None,
        ]));
        let (ends, present) = session_ends(&TimeZone::utc(), &times, &gaps).unwrap();
        assert_eq!(
            present.iter().collect::<Vec<_>>(),
            [true, false, false, false, true, false]
        );
        assert_eq!((ends[0], ends[4]), (5_000_000, 31 * 86_400_000_000));
    }

    #[test]
    fn an_end_out_of_range_is_an_error() {
        let gaps = Value::Scalar(Arc::new(BinaryViewArray::from_iter_values(["1 second"])));
        let times: ArrayRef = Arc::new(PrimitiveArray::<TimestampMicrosecondType>::from(vec![i64::MAX]));
        assert_eq!(
            session_ends(&TimeZone::utc(), &times, &gaps).unwrap_err().row(),
            Some(0)
        );
    }
}
