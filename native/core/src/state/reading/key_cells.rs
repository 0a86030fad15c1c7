//! The key of a row of state as a cell: its columns as the fields of one encoded struct.

use crate::column::{DataType, Field, StructType};
use crate::error::Result;
use crate::state::{KeyCodec, KeyView, Span, ValueCodec};
use crate::window::NO_TIME;

/// A value is there.
const PRESENT: u8 = 1;
const ABSENT: u8 = 0;

/// Makes cells of keys.
pub struct KeyCells {
    codec: KeyCodec,
    /// Of the columns that are no event time.
    columns: Vec<ValueCodec>,
}

impl KeyCells {
    /// For keys of these types.
    pub fn new(types: &[DataType]) -> Self {
        Self {
            codec: KeyCodec::new(types),
            columns: types.iter().map(ValueCodec::new).collect(),
        }
    }

    /// Appends the columns of a key, one after the other.
    pub fn put_columns(&self, key: KeyView<'_>, out: &mut Vec<u8>) {
        let is_text = matches!(self.codec, KeyCodec::Text);
        key.with_bytes(|bytes| match bytes {
            Some(bytes) if is_text => {
                out.push(PRESENT);
                out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
                out.extend_from_slice(bytes);
            }
            Some(bytes) => out.extend_from_slice(bytes),
            None => out.push(ABSENT),
        });
    }

    /// A key as a struct of its columns.
    pub fn cell(&self, key: KeyView<'_>, out: &mut Vec<u8>) {
        out.clear();
        out.push(PRESENT);
        self.put_columns(key, out);
    }

    /// The same, with `event_time` as the column at `position`.
    pub fn cell_with(
        &self,
        key: KeyView<'_>,
        position: usize,
        event_time: impl FnOnce(&mut Vec<u8>),
        out: &mut Vec<u8>,
    ) -> Result<()> {
        out.clear();
        out.push(PRESENT);
        let mut columns = Vec::new();
        self.put_columns(key, &mut columns);
        let mut rest = columns.as_slice();
        for codec in &self.columns[..position.min(self.columns.len())] {
            out.extend_from_slice(codec.split(&mut rest)?);
        }
        event_time(out);
        out.extend_from_slice(rest);
        Ok(())
    }
}

/// Appends a time, null where there is none.
pub fn put_time(micros: i64, out: &mut Vec<u8>) {
    if micros == NO_TIME {
        return out.push(ABSENT);
    }
    out.push(PRESENT);
    out.extend_from_slice(&micros.to_le_bytes());
}

/// Appends a window.
pub fn put_span(span: Span, out: &mut Vec<u8>) {
    if span.start == NO_TIME {
        return out.push(ABSENT);
    }
    out.push(PRESENT);
    put_time(span.start, out);
    put_time(span.end, out);
}

/// Appends a number, null where there is none.
pub fn put_long(value: Option<i64>, out: &mut Vec<u8>) {
    out.push(if value.is_some() { PRESENT } else { ABSENT });
    if let Some(value) = value {
        out.extend_from_slice(&value.to_le_bytes());
    }
}

/// A column that is a struct.
pub fn struct_field(name: &str, fields: Vec<Field>) -> Field {
    Field::new(name, DataType::Struct(StructType::new(fields)), true)
}
