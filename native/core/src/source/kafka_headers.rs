//! The headers of Kafka records as a column: lists of names and values that view the record's bytes.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::{ArrayRef, ListArray, StructArray};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType as ArrowType, Field as ArrowField};

use super::kafka::view_column;
use super::kafka_batch::HeaderColumns;
use crate::column::{DataType, Field, StructType};
use crate::error::{Error, Result};

/// `headers`: an array of structs of key and value, as `includeHeaders` adds it in Spark.
pub(super) fn headers_field() -> Field {
    let element = Box::new(DataType::Struct(pair()));
    Field::new(
        "headers",
        DataType::Array {
            element,
            contains_null: true,
        },
        true,
    )
}

fn pair() -> StructType {
    StructType::new(vec![
        Field::new("key", DataType::String, true),
        Field::new("value", DataType::Binary, true),
    ])
}

/// The headers of the records `rows`. A record without any has null, as in Spark, and no empty list.
pub(super) fn header_column(headers: &HeaderColumns, rows: Range<usize>, buffer: &Buffer) -> Result<ArrayRef> {
    let begin = rows.start.checked_sub(1).map_or(0, |row| headers.ends[row]);
    let ends = &headers.ends[rows];
    let last = ends.last().copied().unwrap_or(begin);
    let pairs = begin as usize..last as usize;
    let children = vec![
        view_column(&headers.keys[pairs.clone()], buffer)?,
        view_column(&headers.values[pairs], buffer)?,
    ];
    let mut offsets = Vec::with_capacity(ends.len() + 1);
    offsets.push(0);
    for end in ends {
        offsets.push(i32::try_from(end - begin).map_err(|_| Error::internal("too many headers in a chunk"))?);
    }
    let nulls: NullBuffer = offsets.windows(2).map(|pair| pair[0] < pair[1]).collect();
    let fields = pair().to_arrow();
    let entries = StructArray::try_new(fields.clone(), children, None)?;
    let element = Arc::new(ArrowField::new("element", ArrowType::Struct(fields), true));
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    Ok(Arc::new(ListArray::try_new(
        element,
        offsets,
        Arc::new(entries),
        Some(nulls),
    )?))
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;
    use arrow_array::cast::AsArray;

    use super::super::kafka_batch::ByteRange;
    use super::*;

    /// Three records: one header, none, two of which the last has no value.
    fn three_records() -> (HeaderColumns, Buffer) {
        let range = |start, length| ByteRange { start, length };
        let headers = HeaderColumns {
            ends: vec![1, 1, 3],
            keys: vec![range(0, 1), range(1, 1), range(2, 1)],
            values: vec![range(3, 2), range(3, 0), ByteRange::NULL],
        };
        (headers, Buffer::from(b"abcxy"))
    }

    #[test]
    fn records_without_headers_are_null() {
        let (headers, buffer) = three_records();
        let column = header_column(&headers, 0..3, &buffer).expect("a column");
        let lists = column.as_list::<i32>();
        assert_eq!(
            (0..3).map(|row| lists.is_null(row)).collect::<Vec<_>>(),
            [false, true, false]
        );
        let last = lists.value(2);
        let pairs = last.as_struct();
        assert_eq!(pairs.column(0).as_binary_view().value(1), b"c");
        assert_eq!(pairs.column(1).as_binary_view().value(0), b"");
        assert!(pairs.column(1).is_null(1));
    }

    #[test]
    fn a_later_chunk_begins_at_its_own_headers() {
        let (headers, buffer) = three_records();
        let column = header_column(&headers, 2..3, &buffer).expect("a column");
        let lists = column.as_list::<i32>();
        assert_eq!(lists.value_offsets(), [0, 2]);
        assert_eq!(lists.value(0).as_struct().column(0).as_binary_view().value(0), b"b");
    }
}
