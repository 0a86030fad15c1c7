//! CSV records to columns, as Spark's UnivocityParser converts them.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef, BinaryViewArray, BooleanArray, PrimitiveArray, new_null_array};
use arrow_buffer::{Buffer, NullBufferBuilder};

use super::csv_fields::{CsvField, split_record};
use super::csv_options::CsvOptions;
use super::decimal_text::parse_decimal_text;
use super::json_convert::time_value;
use super::json_options::ParseMode;
use super::time_zone::TimeZone;
use crate::column::{DataType, StructType, ViewPlace, place_of, view_array, view_of};
use crate::error::{Error, ErrorCode, Result};

/// Reads records as the columns of a schema.
pub struct CsvReader {
    options: CsvOptions,
    schema: StructType,
    /// The column that gets malformed records.
    corrupt: Option<usize>,
}

/// What came of records.
pub struct CsvRows {
    /// The columns of the schema.
    pub columns: Vec<ArrayRef>,
    /// Rows of records that are not as the schema says.
    pub is_malformed: Vec<bool>,
}

impl CsvReader {
    /// A reader of these columns. Fails with OPTION_INVALID, INVALID_CORRUPT_RECORD_TYPE and
    /// UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE.
    pub fn new(schema: &StructType, options: &BTreeMap<String, String>, session_zone: &TimeZone) -> Result<Self> {
        let options = CsvOptions::new(options, session_zone)?;
        let corrupt = (schema.fields.iter()).position(|field| field.name == options.records.corrupt_record_column);
        if let Some(field) = corrupt.map(|position| &schema.fields[position])
            && field.data_type != DataType::String
        {
            return Err(Error::new(ErrorCode::InvalidCorruptRecordType)
                .with("columnName", format!("`{}`", field.name))
                .with("actualType", field.data_type.quoted_sql()));
        }
        if let Some(field) = schema.fields.iter().find(|field| field.data_type.is_nested()) {
            return Err(Error::new(ErrorCode::UnsupportedDataTypeForDatasource)
                .with("format", "CSV")
                .with("columnName", format!("`{}`", field.name))
                .with("columnType", field.data_type.quoted_sql()));
        }
        Ok(Self {
            options,
            schema: schema.clone(),
            corrupt,
        })
    }

    /// How it reads.
    pub fn options(&self) -> &CsvOptions {
        &self.options
    }

    /// Reads records. In mode FAILFAST a malformed one is an error of its row.
    pub fn read(&self, records: &BinaryViewArray) -> Result<CsvRows> {
        let rows = records.len();
        let width = self.schema.fields.len() - usize::from(self.corrupt.is_some());
        let mut texts: Vec<FieldTexts> = (0..width).map(|_| FieldTexts::new(rows)).collect();
        let mut made: Vec<u8> = Vec::new();
        let made_buffer = records.data_buffers().len() as u32;
        let mut is_malformed = vec![false; rows];
        let mut fields = Vec::new();
        for (row, is_malformed) in is_malformed.iter_mut().enumerate() {
            let record = records.value(row);
            split_record(record, &self.options, &mut fields);
            *is_malformed = fields.len() != width;
            // Where the record lies; one within its view needs no place, nor do its fields.
            let view = records.views()[row];
            let ViewPlace { buffer, offset } = place_of(view);
            for (number, texts) in texts.iter_mut().enumerate() {
                let (text, place): (&[u8], ViewPlace) = match fields.get(number) {
                    None | Some(CsvField::Absent) => {
                        texts.push_null();
                        continue;
                    }
                    Some(CsvField::Empty) => (&self.options.empty_text, self.place_made(&mut made, made_buffer, None)?),
                    Some(CsvField::Piece(range)) => {
                        let offset = offset.wrapping_add(range.start as u32);
                        (&record[range.clone()], ViewPlace { buffer, offset })
                    }
                    Some(CsvField::Made(text)) => (text, self.place_made(&mut made, made_buffer, Some(text))?),
                };
                if text == self.options.null_text {
                    texts.push_null();
                } else {
                    texts.push(view_of(text, place));
                }
            }
        }
        let mut buffers = records.data_buffers().to_vec();
        buffers.push(Buffer::from_vec(made));
        let mut texts = texts.into_iter();
        let mut columns = Vec::with_capacity(self.schema.fields.len());
        for (position, field) in self.schema.fields.iter().enumerate() {
            if self.corrupt == Some(position) {
                columns.push(new_null_array(&field.data_type.to_arrow(), rows));
                continue;
            }
            let texts = texts.next().unwrap_or_else(|| FieldTexts::new(0)).finish(&buffers)?;
            columns.push(self.convert(&field.data_type, texts, &mut is_malformed)?);
        }
        self.check_mode(records, &is_malformed)?;
        if let Some(position) = self.corrupt {
            columns[position] = malformed_records(records, &is_malformed);
        }
        Ok(CsvRows { columns, is_malformed })
    }

    /// Where made text goes. The text of the option `emptyValue` is made once for each place: it is short or rare.
    fn place_made(&self, made: &mut Vec<u8>, buffer: u32, text: Option<&[u8]>) -> Result<ViewPlace> {
        let text = text.unwrap_or(&self.options.empty_text);
        let offset = i32::try_from(made.len() + text.len())
            .map_err(|_| Error::limit("bytes of unescaped text", made.len() + text.len(), i32::MAX))?;
        let offset = offset as u32 - text.len() as u32;
        made.extend_from_slice(text);
        Ok(ViewPlace { buffer, offset })
    }

    fn check_mode(&self, records: &BinaryViewArray, is_malformed: &[bool]) -> Result<()> {
        let malformed = is_malformed.iter().position(|malformed| *malformed);
        match malformed.filter(|_| self.options.mode() == ParseMode::FailFast) {
            None => Ok(()),
            Some(row) => Err(Error::new(ErrorCode::MalformedRecordInParsingWithoutSuggestion)
                .with("badRecord", String::from_utf8_lossy(records.value(row)).into_owned())
                .with("failFastMode", "FAILFAST")
                .at_row(row)),
        }
    }

    /// Texts to the values of a type. What can't be read is null, and its record malformed.
    fn convert(&self, data_type: &DataType, texts: BinaryViewArray, is_malformed: &mut [bool]) -> Result<ArrayRef> {
        let options = &self.options;
        let bad = is_malformed;
        Ok(match data_type {
            DataType::String | DataType::Binary => Arc::new(texts),
            DataType::Boolean => {
                let values = texts.iter().zip(bad).map(|(text, bad)| {
                    let value = text.map(boolean);
                    *bad |= value == Some(None);
                    value.flatten()
                });
                Arc::new(values.collect::<BooleanArray>())
            }
            DataType::TinyInt => each::<Int8Type>(&texts, data_type, bad, java_integer),
            DataType::SmallInt => each::<Int16Type>(&texts, data_type, bad, java_integer),
            DataType::Int => each::<Int32Type>(&texts, data_type, bad, java_integer),
            DataType::BigInt => each::<Int64Type>(&texts, data_type, bad, java_integer),
            DataType::Float => each::<Float32Type>(&texts, data_type, bad, |text| {
                float(text, options, [f32::NAN, f32::INFINITY, f32::NEG_INFINITY])
            }),
            DataType::Double => each::<Float64Type>(&texts, data_type, bad, |text| {
                float(text, options, [f64::NAN, f64::INFINITY, f64::NEG_INFINITY])
            }),
            DataType::Decimal { precision, scale } => each::<Decimal128Type>(&texts, data_type, bad, |text| {
                parse_decimal_text(text, *precision, *scale)
            }),
            DataType::Date => {
                let days = times(&texts, data_type, options, bad)?;
                Arc::new(days.unary::<_, Date32Type>(|days| days as i32))
            }
            DataType::Timestamp | DataType::TimestampNtz => {
                let micros = times(&texts, data_type, options, bad)?;
                let values: PrimitiveArray<TimestampMicrosecondType> = micros.unary(|micros| micros);
                Arc::new(values.with_data_type(data_type.to_arrow()))
            }
            other => {
                return Err(Error::new(ErrorCode::UnsupportedDataTypeForDatasource)
                    .with("format", "CSV")
                    .with("columnName", "")
                    .with("columnType", other.quoted_sql()));
            }
        })
    }
}

/// The texts of one column in the making.
struct FieldTexts {
    views: Vec<u128>,
    nulls: NullBufferBuilder,
}

impl FieldTexts {
    fn new(rows: usize) -> Self {
        Self {
            views: Vec::with_capacity(rows),
            nulls: NullBufferBuilder::new(rows),
        }
    }

    fn push(&mut self, view: u128) {
        self.views.push(view);
        self.nulls.append_non_null();
    }

    fn push_null(&mut self) {
        self.views.push(0);
        self.nulls.append_null();
    }

    fn finish(mut self, buffers: &[Buffer]) -> Result<BinaryViewArray> {
        view_array(self.views, buffers.into(), self.nulls.finish())
    }
}

/// The records that are malformed, null for the others. With another `lineSep`, or `multiLine`, a record may end a line: that end is not shown.
fn malformed_records(records: &BinaryViewArray, is_malformed: &[bool]) -> ArrayRef {
    let texts = is_malformed.iter().enumerate();
    let texts = texts.map(|(row, malformed)| malformed.then(|| without_line_end(records.value(row))));
    Arc::new(BinaryViewArray::from_iter(texts))
}

/// Scala's `stripLineEnd`.
fn without_line_end(text: &[u8]) -> &[u8] {
    match text {
        [text @ .., b'\r', b'\n'] | [text @ .., b'\n' | b'\x0c'] => text,
        text => text,
    }
}

fn each<T: ArrowPrimitiveType>(
    texts: &BinaryViewArray,
    data_type: &DataType,
    is_malformed: &mut [bool],
    parse: impl Fn(&[u8]) -> Option<T::Native>,
) -> ArrayRef {
    let values = texts.iter().zip(is_malformed).map(|(text, is_malformed)| {
        let value = text.map(&parse);
        *is_malformed |= matches!(value, Some(None));
        value.flatten()
    });
    let values: PrimitiveArray<T> = values.collect();
    Arc::new(values.with_data_type(data_type.to_arrow()))
}

/// Days or microseconds.
fn times(
    texts: &BinaryViewArray,
    data_type: &DataType,
    options: &CsvOptions,
    is_malformed: &mut [bool],
) -> Result<PrimitiveArray<Int64Type>> {
    let mut values = Vec::with_capacity(texts.len());
    for (row, (text, is_malformed)) in texts.iter().zip(is_malformed).enumerate() {
        let value = match text {
            None => None,
            Some(text) => {
                let value = time_value(data_type, text, &options.records).map_err(|error| error.at_row(row))?;
                *is_malformed |= value.is_none();
                value
            }
        };
        values.push(value);
    }
    Ok(PrimitiveArray::from_iter(values))
}

/// Java's parseInt and its kin: ASCII digits behind a sign.
pub(super) fn java_integer<T: std::str::FromStr>(text: &[u8]) -> Option<T> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Java's parseDouble and Spark's names for what is no number.
pub(super) fn float<F: std::str::FromStr + Copy>(
    text: &[u8],
    options: &CsvOptions,
    [nan, infinity, negative_infinity]: [F; 3],
) -> Option<F> {
    if text == options.nan_text {
        return Some(nan);
    }
    if text == options.infinity_text {
        return Some(infinity);
    }
    if text == options.negative_infinity_text {
        return Some(negative_infinity);
    }
    let text = std::str::from_utf8(text)
        .ok()?
        .trim_matches(|character| character <= ' ');
    match text {
        "NaN" => return Some(nan),
        "Infinity" | "+Infinity" => return Some(infinity),
        "-Infinity" => return Some(negative_infinity),
        _ => {}
    }
    // A type suffix is part of Java's syntax.
    let digits = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    let is_number = digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits
            .bytes()
            .all(|byte| !byte.is_ascii_alphabetic() || byte | 32 == b'e');
    if is_number { digits.parse().ok() } else { None }
}

pub(super) fn boolean(text: &[u8]) -> Option<bool> {
    match text {
        text if text.eq_ignore_ascii_case(b"true") => Some(true),
        text if text.eq_ignore_ascii_case(b"false") => Some(false),
        _ => None,
    }
}
