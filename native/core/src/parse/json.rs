//! from_json: a column of JSON text to a column of structs (or of arrays or maps), exactly as Spark reads it.
//!
//! Records go the fast way (json_fast), each at its first surprise anew through the exact reader (json_convert).

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BinaryViewArray, StructArray};
use arrow_buffer::NullBufferBuilder;

use super::interval_text::write_calendar_interval;
use super::json_column::{Column, Source, Texts, struct_array};
use super::json_convert::{Record, read_record};
use super::json_fast::{Block, FastReader};
use super::json_options::{JsonOptions, ParseMode};
use super::json_token::Tokenizer;
use super::json_value::{Cause, Shape, Value};
use super::time_zone::TimeZone;
use super::utf8::to_valid_utf8;
use crate::column::{DataType, Field, INLINE_MAX, StructType, place_of, view_of};
use crate::error::{Error, ErrorCode, Result};

/// Reads JSON text as one type.
#[derive(Clone, Debug)]
pub struct JsonReader {
    fields: StructType,
    /// Which of `fields` anybody looks at; the others are checked like them, and come out as nulls.
    wanted: Vec<bool>,
    /// Whether `fields` is the type itself, or holds it as its only field.
    is_struct: bool,
    shape: Shape,
    /// Place of the column for corrupt records among `fields`; the shape has no such child.
    corrupt: Option<usize>,
    options: JsonOptions,
    use_fast: bool,
    /// What Spark raises at the first record that is not null.
    deferred: Option<Error>,
}

impl JsonReader {
    /// A reader of `from_json` over these fields. Options have Spark's names; the configurations
    /// `spark.sql.json.enablePartialResults` and `spark.sql.columnNameOfCorruptRecord` may stand among them.
    /// Fails with PARSE_MODE_UNSUPPORTED, INVALID_CORRUPT_RECORD_TYPE, OPTION_INVALID and the errors of patterns.
    pub fn new(fields: &StructType, options: &BTreeMap<String, String>, session_zone: &TimeZone) -> Result<Self> {
        let options = JsonOptions::new(options, session_zone)?;
        refuse_mode(&options)?;
        let corrupt = fields
            .fields
            .iter()
            .position(|field| field.name == options.corrupt_record_column);
        let mut deferred = None;
        if let Some(field) = corrupt.and_then(|index| fields.fields.get(index))
            && field.data_type != DataType::String
        {
            deferred = Some(
                Error::new(ErrorCode::InvalidCorruptRecordType)
                    .with("columnName", format!("`{}`", field.name))
                    .with("actualType", field.data_type.quoted_sql()),
            );
        }
        let mut of_data = fields.clone();
        // Another column of that name is one of the data: names may come twice here.
        if let Some(index) = corrupt {
            of_data.fields.remove(index);
        }
        let shape = Shape::of_fields(&of_data)?;
        Ok(Self {
            wanted: vec![true; fields.fields.len()],
            fields: fields.clone(),
            is_struct: true,
            shape,
            corrupt,
            options,
            use_fast: true,
            deferred,
        })
    }

    /// A reader of `from_json` over any struct, array or map type.
    pub fn of_type(data_type: &DataType, options: &BTreeMap<String, String>, session_zone: &TimeZone) -> Result<Self> {
        if let DataType::Struct(fields) = data_type {
            return Self::new(fields, options, session_zone);
        }
        let options = JsonOptions::new(options, session_zone)?;
        refuse_mode(&options)?;
        let fields = StructType::new(vec![Field::new("value", data_type.clone(), true)]);
        let shape = Shape::of(data_type)?;
        Ok(Self {
            wanted: vec![true],
            fields,
            is_struct: false,
            shape,
            corrupt: None,
            options,
            use_fast: false,
            deferred: None,
        })
    }

    /// The same reader for where only the `wanted` of its struct's fields are looked at.
    pub fn wanting(mut self, wanted: &[bool]) -> Self {
        if self.is_struct {
            self.wanted = wanted.to_vec();
            self.wanted.resize(self.fields.fields.len(), true);
        }
        self
    }

    /// Name of the column for corrupt records under these options. Fails as [`Self::new`] does.
    pub fn corrupt_record_column(options: &BTreeMap<String, String>, session_zone: &TimeZone) -> Result<String> {
        Ok(JsonOptions::new(options, session_zone)?.corrupt_record_column)
    }

    /// How it reads.
    pub(super) fn options(&self) -> &JsonOptions {
        &self.options
    }

    /// The same reader without its fast way: the naive twin of tests.
    pub fn exact(mut self) -> Self {
        self.use_fast = false;
        self
    }

    /// Reads records as structs. A null or blank record gives a null struct, a malformed one a struct of nulls or of what
    /// could be read. Text lies in the buffers of `records` where it has no escapes. In mode FAILFAST a corrupt record
    /// fails with MALFORMED_RECORD_IN_PARSING at its row.
    pub fn read(&self, records: &BinaryViewArray) -> Result<StructArray> {
        let (columns, mut nulls) = self.read_columns(records)?;
        struct_array(self.fields.to_arrow(), columns, nulls.finish(), records.len())
    }

    /// As `read`, for any type: structs, arrays or maps.
    pub fn read_any(&self, records: &BinaryViewArray) -> Result<ArrayRef> {
        if self.is_struct {
            return Ok(Arc::new(self.read(records)?));
        }
        let (mut columns, _) = self.read_columns(records)?;
        columns
            .pop()
            .ok_or_else(|| Error::internal("from_json without a column"))
    }

    fn read_columns(&self, records: &BinaryViewArray) -> Result<(Vec<ArrayRef>, NullBufferBuilder)> {
        let rows = records.len();
        let mut sink = Sink {
            columns: (self.fields.fields.iter().zip(&self.wanted))
                .map(|(field, &wanted)| match wanted {
                    true => Column::new(&field.data_type, rows),
                    false => Ok(Column::of_nulls(&field.data_type)),
                })
                .collect::<Result<_>>()?,
            nulls: NullBufferBuilder::new(rows),
            texts: Texts::new(records),
            tokenizer: Tokenizer::default(),
        };
        let nulls = records.nulls();
        let is_null = |row| nulls.is_some_and(|nulls| nulls.is_null(row));
        if let Some(error) = &self.deferred
            && let Some(row) = (0..rows).find(|row| !is_null(*row))
        {
            return Err(error.clone().at_row(row));
        }
        let mut fast = if self.use_fast {
            let of_data = (0..self.wanted.len()).filter(|index| self.corrupt != Some(*index));
            FastReader::new(&self.shape, &self.options, of_data.map(|index| self.wanted[index]))
        } else {
            None
        };
        let mut row = 0;
        while row < rows {
            if is_null(row) {
                sink.push_null();
                row += 1;
                continue;
            }
            let block = Block::of(records, row);
            let read = fast.as_mut().map_or(0, |fast| fast.read(&block));
            let mut from = 0;
            while from < block.len() {
                let plain = (!(read >> from)).trailing_zeros() as usize;
                if plain == 0 {
                    self.read_exactly(records, row + from, &mut sink)?;
                    from += 1;
                } else if let Some(fast) = &fast {
                    self.push_plain(fast, from..from + plain, &mut sink);
                    from += plain;
                }
            }
            row += block.len();
        }
        let buffers = sink.texts.finish();
        let columns = sink
            .columns
            .into_iter()
            .map(|column| column.finish(&buffers))
            .collect::<Result<_>>()?;
        Ok((columns, sink.nulls))
    }

    /// Brings plain records of the block that was read into the columns.
    fn push_plain(&self, fast: &FastReader<'_>, block_rows: Range<usize>, sink: &mut Sink) {
        let valid = fast.valid(block_rows.clone());
        sink.nulls.append_n_non_nulls(valid.len());
        let mut child = 0;
        for (index, column) in sink.columns.iter_mut().enumerate() {
            if self.corrupt == Some(index) {
                valid.iter().for_each(|_| column.push_null());
                continue;
            }
            column.extend_raw(fast.cells(child, block_rows.clone()), valid, child);
            child += 1;
        }
    }

    fn read_exactly(&self, records: &BinaryViewArray, row: usize, sink: &mut Sink) -> Result<()> {
        let (record, view) = (records.value(row), records.views()[row]);
        let place = place_of(view);
        let valid = to_valid_utf8(record);
        let is_borrowed = matches!(valid, std::borrow::Cow::Borrowed(_));
        let source = Source {
            bytes: &valid,
            place: (is_borrowed && record.len() > INLINE_MAX).then_some(place),
        };
        let outcome = read_record(&mut sink.tokenizer, &valid, &self.shape, &self.options);
        let (value, cause) = match outcome {
            Record::Nothing => {
                sink.push_null();
                return Ok(());
            }
            Record::Fatal(error) => return Err(error.at_row(row)),
            Record::Whole(value) => (Some(value), None),
            Record::Corrupt(value, cause) => (value, Some(cause)),
        };
        if let Some(cause) = &cause
            && self.options.mode == ParseMode::FailFast
        {
            return Err(self.malformed(record, value.as_ref(), cause, &source).at_row(row));
        }
        sink.nulls.append_non_null();
        if !self.is_struct {
            let value = value.unwrap_or(Value::Null);
            for column in &mut sink.columns {
                column.push(&value, source, &mut sink.texts)?;
            }
            return Ok(());
        }
        let values = match &value {
            Some(Value::Struct(values)) => values.as_slice(),
            _ => &[],
        };
        let mut values = values.iter();
        for (index, column) in sink.columns.iter_mut().enumerate() {
            if self.corrupt == Some(index) {
                match cause {
                    Some(_) if record.len() > INLINE_MAX => column.push_raw(view),
                    Some(_) => column.push_raw(view_of(record, place)),
                    None => column.push_null(),
                }
                continue;
            }
            column.push(values.next().unwrap_or(&Value::Null), source, &mut sink.texts)?;
        }
        Ok(())
    }

    fn malformed(&self, record: &[u8], value: Option<&Value>, cause: &Cause, source: &Source<'_>) -> Error {
        let text = String::from_utf8_lossy(record).into_owned();
        let error = match cause {
            Cause::ArrayAsStruct => {
                let code = ErrorCode::MalformedRecordInParsingCannotParseJsonArraysAsStructs;
                Error::new(code).with("badRecord", text)
            }
            Cause::TextAsNumber(name, value, target) => {
                let code = ErrorCode::MalformedRecordInParsingCannotParseStringAsDatatype;
                Error::new(code)
                    .with("badRecord", text)
                    .with("fieldName", format!("`{name}`"))
                    .with("fieldValue", format!("'{value}'"))
                    .with("targetType", *target)
            }
            Cause::Other => {
                let row = match value {
                    Some(value) => row_text(value, source.bytes),
                    None => format!("[{}]", vec!["null"; self.fields.fields.len()].join(",")),
                };
                Error::new(ErrorCode::MalformedRecordInParsingWithoutSuggestion).with("badRecord", row)
            }
        };
        error.with("failFastMode", "FAILFAST")
    }
}

/// What the records of a chunk are read into.
struct Sink {
    columns: Vec<Column>,
    nulls: NullBufferBuilder,
    texts: Texts,
    tokenizer: Tokenizer,
}

impl Sink {
    fn push_null(&mut self) {
        self.nulls.append_null();
        self.columns.iter_mut().for_each(Column::push_null);
    }
}

fn refuse_mode(options: &JsonOptions) -> Result<()> {
    if options.mode == ParseMode::DropMalformed {
        return Err(Error::new(ErrorCode::ParseModeUnsupported)
            .with("funcName", "`from_json`")
            .with("mode", "DROPMALFORMED"));
    }
    Ok(())
}

/// A row as Spark's InternalRow prints it: `[1,null,x]`. Recursion follows the type.
fn row_text(value: &Value, record: &[u8]) -> String {
    let list = |values: &[Value]| {
        let parts: Vec<String> = values.iter().map(|value| row_text(value, record)).collect();
        format!("[{}]", parts.join(","))
    };
    match value {
        Value::Null => "null".into(),
        Value::Boolean(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Double(value) => value.to_string(),
        Value::Decimal(value) => value.to_string(),
        Value::Interval(interval) => {
            let mut text = String::new();
            write_calendar_interval(*interval, &mut text);
            text
        }
        Value::Slice(start, end) => String::from_utf8_lossy(record.get(*start..*end).unwrap_or_default()).into_owned(),
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::Struct(values) | Value::Array(values) => list(values),
        Value::Map(entries) => {
            let parts: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{} -> {}", row_text(key, record), row_text(value, record)))
                .collect();
            format!("{{{}}}", parts.join(", "))
        }
    }
}

#[cfg(test)]
mod tests;
