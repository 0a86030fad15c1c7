//! Records that leave a query on the way: those whose evaluation raised and those that came too late, each with what it was
//! and where it came from, so that a second sink can keep them.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{Array, ArrayRef, BinaryViewArray, Int32Array, Int64Array, PrimitiveArray, StructArray};

use crate::column::{DataType, Field, StructType};
use crate::error::{Error, Result};
use crate::expr::{JsonStyle, JsonText};
use crate::query::Rows;
use crate::source::{Chunk, PlaceOfRow};

/// Which records are kept instead of ending the query, or going without a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Diversions {
    /// Those whose evaluation raises.
    pub bad: bool,
    /// Those that are behind the watermark.
    pub late: bool,
}

/// Where a record came from and what it was.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its bytes as they came; JSON text where it came as columns.
    value: Vec<u8>,
    place: PlaceOfRow,
}

impl Record {
    /// The record in a row of a chunk of `source`'s columns.
    pub fn of(chunk: &Chunk, schema: &StructType, style: &JsonStyle, row: usize) -> Self {
        let value = match &chunk.raw {
            Some(raw) if raw.is_valid(row) => raw.value(row).to_vec(),
            Some(_) => Vec::new(),
            None => json_of(chunk, schema, style, row),
        };
        Self {
            value,
            place: chunk.place.of_row(row),
        }
    }

    /// A record that could not be decoded.
    pub fn undecoded(value: &[u8], place: PlaceOfRow) -> Self {
        Self {
            value: value.to_vec(),
            place,
        }
    }
}

fn json_of(chunk: &Chunk, schema: &StructType, style: &JsonStyle, row: usize) -> Vec<u8> {
    let fields = schema.to_arrow();
    let Ok(whole) = StructArray::try_new(fields, chunk.columns.clone(), None) else {
        return Vec::new();
    };
    let mut text = JsonText::new(style);
    let whole: ArrayRef = Arc::new(whole);
    text.value(&DataType::Struct(schema.clone()), &whole, row);
    text.text().as_bytes().to_vec()
}

/// A record whose evaluation raised.
#[derive(Clone, Debug)]
pub struct BadRecord {
    /// The record.
    pub record: Record,
    /// What it raised.
    pub error: Error,
    /// The columns of the source that the failed expression is computed from.
    pub column: String,
}

/// A record behind the watermark in all its windows.
#[derive(Clone, Debug)]
pub struct LateRecord {
    /// The record.
    pub record: Record,
    /// Its event time, microseconds.
    pub event_time: i64,
    /// The watermark that it is behind, milliseconds.
    pub watermark_ms: i64,
}

/// What was diverted on one route of a map task, in the order of the rows.
#[derive(Clone, Debug, Default)]
pub struct Diverted {
    /// Records whose evaluation raised.
    pub bad: Vec<BadRecord>,
    /// Records that came too late.
    pub late: Vec<LateRecord>,
}

/// Does `work` on rows `0..rows`, in order: on all of them at once, and where a row raises, on the pieces around it. `work` tells
/// the row by its place within the piece and must leave no trace of a piece that raised; what is no row's fault ends it all.
pub fn around_bad_rows(
    rows: usize,
    mut work: impl FnMut(Range<usize>) -> Result<()>,
    mut bad: impl FnMut(usize, Error),
) -> Result<()> {
    let mut waiting: Vec<Range<usize>> = std::iter::once(0..rows).collect();
    // Bad rows are found out of order: pieces behind one are worked on after those before it, which may hold others.
    while let Some(piece) = waiting.pop() {
        if piece.is_empty() {
            continue;
        }
        let Err(error) = work(piece.clone()) else { continue };
        let Some(row) = error.row().filter(|&row| row < piece.len()) else {
            return Err(error);
        };
        let row = piece.start + row;
        if piece.len() == 1 {
            bad(row, error);
            continue;
        }
        // Halves, so that a chunk of nothing but bad rows is not begun anew for each.
        let middle = piece.start + piece.len() / 2;
        waiting.push(middle..piece.end);
        waiting.push(piece.start..middle);
    }
    Ok(())
}

fn place_fields() -> Vec<Field> {
    vec![
        Field::new("value", DataType::Binary, true),
        Field::new("topic", DataType::String, true),
        Field::new("partition", DataType::Int, true),
        Field::new("offset", DataType::BigInt, true),
        Field::new("path", DataType::String, true),
        Field::new("byte", DataType::BigInt, true),
    ]
}

fn place_columns<'a>(records: impl Iterator<Item = &'a Record> + Clone) -> Vec<ArrayRef> {
    let places = || records.clone().map(|record| &record.place);
    vec![
        Arc::new(BinaryViewArray::from_iter_values(
            records.clone().map(|record| &record.value),
        )),
        Arc::new(BinaryViewArray::from_iter(places().map(|place| place.topic.as_deref()))),
        Arc::new(Int32Array::from_iter(places().map(|place| place.partition))),
        Arc::new(Int64Array::from_iter(places().map(|place| place.offset))),
        Arc::new(BinaryViewArray::from_iter(
            places().map(|place| place.path.as_ref().map(|path| path.as_bytes())),
        )),
        Arc::new(Int64Array::from_iter(places().map(|place| place.byte))),
    ]
}

/// The columns of bad records.
pub fn bad_schema() -> StructType {
    let mut fields = place_fields();
    fields.extend([
        Field::new("errorClass", DataType::String, false),
        Field::new("message", DataType::String, false),
        Field::new("column", DataType::String, false),
    ]);
    StructType::new(fields)
}

/// Bad records as rows of [`bad_schema`].
pub fn bad_rows(bad: &[BadRecord]) -> Rows {
    let texts = |text: &dyn Fn(&BadRecord) -> String| -> ArrayRef {
        Arc::new(BinaryViewArray::from_iter_values(bad.iter().map(text)))
    };
    let mut columns = place_columns(bad.iter().map(|bad| &bad.record));
    columns.push(texts(&|bad| bad.error.code().as_str().to_string()));
    columns.push(texts(&|bad| bad.error.message()));
    columns.push(texts(&|bad| bad.column.clone()));
    (columns, bad.len())
}

/// The columns of late records.
pub fn late_schema() -> StructType {
    let mut fields = place_fields();
    fields.extend([
        Field::new("eventTime", DataType::Timestamp, false),
        Field::new("watermark", DataType::Timestamp, false),
        Field::new("latenessMs", DataType::BigInt, false),
    ]);
    StructType::new(fields)
}

/// Late records as rows of [`late_schema`].
pub fn late_rows(late: &[LateRecord]) -> Rows {
    let times = |micros: &dyn Fn(&LateRecord) -> i64| -> ArrayRef {
        let times = PrimitiveArray::<TimestampMicrosecondType>::from_iter_values(late.iter().map(micros));
        Arc::new(times.with_timezone("UTC"))
    };
    let watermark = |late: &LateRecord| late.watermark_ms.saturating_mul(1000);
    let mut columns = place_columns(late.iter().map(|late| &late.record));
    columns.push(times(&|late| late.event_time));
    columns.push(times(&watermark));
    columns
        .push(Arc::new(Int64Array::from_iter_values(late.iter().map(|late| {
            watermark(late).saturating_sub(late.event_time).div_euclid(1000)
        }))));
    (columns, late.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::ErrorCode;

    proptest! {
        #[test]
        fn good_rows_are_worked_on_in_order_and_bad_ones_handed_over(is_bad in proptest::collection::vec(any::<bool>(), 0..200)) {
            let (mut good, mut bad) = (Vec::new(), Vec::new());
            around_bad_rows(
                is_bad.len(),
                |piece| match piece.clone().find(|&row| is_bad[row]) {
                    Some(row) => Err(Error::new(ErrorCode::DivideByZero).at_row(row - piece.start)),
                    None => {
                        good.extend(piece);
                        Ok(())
                    }
                },
                |row, _| bad.push(row),
            )
            .unwrap();
            let rows_where = |wanted: bool| (0..is_bad.len()).filter(|&row| is_bad[row] == wanted).collect::<Vec<_>>();
            prop_assert_eq!(good, rows_where(false));
            prop_assert_eq!(bad, rows_where(true));
        }
    }

    #[test]
    fn what_is_no_rows_fault_ends_it() {
        let outcome = around_bad_rows(3, |_| Err(Error::internal("disk")), |_, _| panic!("no row is bad"));
        assert!(outcome.is_err());
    }
}
