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
#[derive(Debug)]
pub struct JsonReader {
    fields: StructType,
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
        let mut wanted = fields.clone();
        // Another column of that name is one of the data: names may come twice here.
        if let Some(index) = corrupt {
            wanted.fields.remove(index);
        }
        let shape = Shape::of_fields(&wanted)?;
        Ok(Self {
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
            fields,
            is_struct: false,
            shape,
            corrupt: None,
            options,
            use_fast: false,
            deferred: None,
        })
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
            columns: self
                .fields
                .fields
                .iter()
                .map(|field| Column::new(&field.data_type, rows))
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
            FastReader::new(&self.shape, &self.options)
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
mod tests {
    use super::*;
    use crate::column::{parse_data_type, parse_schema};
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Int32Type, TimestampMicrosecondType};
    use proptest::prelude::*;

    fn reader(ddl: &str, options: &[(&str, &str)]) -> Result<JsonReader> {
        let options = options
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        JsonReader::new(&parse_schema(ddl).unwrap(), &options, &TimeZone::utc())
    }

    fn read(ddl: &str, record: &str) -> StructArray {
        reader(ddl, &[])
            .unwrap()
            .read(&BinaryViewArray::from_iter_values([record]))
            .unwrap()
    }

    fn text(ddl: &str, record: &str) -> Option<String> {
        let rows = read(ddl, record);
        let column = rows.column(0).as_binary_view();
        column
            .is_valid(0)
            .then(|| String::from_utf8(column.value(0).to_vec()).unwrap())
    }

    fn int(ddl: &str, record: &str) -> Option<i32> {
        let rows = read(ddl, record);
        let column = rows.column(0).as_primitive::<Int32Type>();
        column.is_valid(0).then(|| column.value(0))
    }

    #[test]
    fn lenient_where_spark_is() {
        assert_eq!(int("a INT", "{'a':1}"), Some(1));
        assert_eq!(int("a INT", r#" {"a" : 1} garbage"#), Some(1));
        assert_eq!(int("a INT", r#"{"a":1,"a":2}"#), Some(2));
        assert_eq!(int("a INT", r#"{"a":2,"a":"x"}"#), Some(2));
        for bad in [
            r#"{"a":"1"}"#,
            r#"{"a":1.0}"#,
            r#"{"A":1}"#,
            r#"{"a":1"#,
            r#"{"a":01}"#,
            r#"{"a":1,"b":tru}"#,
            "[]",
            "5",
        ] {
            assert_eq!(int("a INT", bad), None, "{bad}");
            assert!(read("a INT", bad).is_valid(0), "{bad}");
        }
        for blank in ["", "  \n"] {
            assert!(read("a INT", blank).is_null(0));
        }
    }

    #[test]
    fn string_columns_take_everything() {
        assert_eq!(text("a STRING", r#"{"a":1.50}"#).as_deref(), Some("1.5"));
        assert_eq!(text("a STRING", r#"{"a":-0}"#).as_deref(), Some("0"));
        assert_eq!(text("a STRING", r#"{"a":NaN}"#).as_deref(), Some("\"NaN\""));
        assert_eq!(
            text("a STRING", "{'a': {'k' : [1, 2.50, null]}}").as_deref(),
            Some(r#"{"k":[1,2.5,null]}"#)
        );
        assert_eq!(
            text("a STRING", r#"{"a":"\u00e9\ud83d\ude00\n"}"#).as_deref(),
            Some("é😀\n")
        );
        assert_eq!(text("a STRING", r#"{"a":"\ud83d"}"#).as_deref(), Some("?"));
    }

    #[test]
    fn a_bad_field_is_null_alone_and_marks_the_record() {
        let record = r#"{"b":"x","a":"long enough not to be inline"}"#;
        let rows = read("a STRING, b INT, _corrupt_record STRING", record);
        assert_eq!(
            rows.column(0).as_binary_view().value(0),
            b"long enough not to be inline"
        );
        assert!(rows.column(1).is_null(0));
        assert_eq!(rows.column(2).as_binary_view().value(0), record.as_bytes());
    }

    #[test]
    fn nested_values_and_their_ruin() {
        let ddl = "s STRUCT<x: INT, y: STRING>, l ARRAY<INT>, m MAP<STRING, INT>, z INT";
        let rows = read(
            ddl,
            r#"{"s":{"x":"bad","y":"p"},"l":[1,"x"],"m":{"k":1,"j":"x"},"z":9}"#,
        );
        let inner = rows.column(0).as_struct();
        assert!(inner.is_valid(0) && inner.column(0).is_null(0) && inner.column(1).is_valid(0));
        assert!(rows.column(1).is_null(0) && rows.column(2).is_null(0));
        assert_eq!(rows.column(3).as_primitive::<Int32Type>().value(0), 9);
    }

    #[test]
    fn text_without_escapes_is_not_copied() {
        let records = BinaryViewArray::from_iter_values([r#"{"a":"a text of more than twelve bytes"}"#]);
        let rows = reader("a STRING", &[]).unwrap().read(&records).unwrap();
        let column = rows.column(0).as_binary_view();
        assert_eq!(column.data_buffers()[0].as_ptr(), records.data_buffers()[0].as_ptr());
        assert_eq!(column.value(0), b"a text of more than twelve bytes");
    }

    #[test]
    fn modes() {
        assert_eq!(
            reader("a INT", &[("mode", "DROPMALFORMED")]).unwrap_err().code(),
            ErrorCode::ParseModeUnsupported
        );
        let failing = reader("a INT", &[("mode", "failfast")]).unwrap();
        let error = failing
            .read(&BinaryViewArray::from_iter_values(["{}", "{"]))
            .unwrap_err();
        assert_eq!(error.row(), Some(1));
        assert_eq!(error.code(), ErrorCode::MalformedRecordInParsingWithoutSuggestion);
    }

    #[test]
    fn depth_is_bounded_without_recursion() {
        let nested = |depth: usize| format!("{{\"x\":{}{},\"a\":1}}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(int("a INT", &nested(999)), Some(1));
        assert_eq!(int("a INT", &nested(1000)), None);
        assert_eq!(int("a INT", &"[".repeat(1_000_000)), None);
    }

    #[test]
    fn times_and_other_roots() {
        let rows = read("t TIMESTAMP", r#"{"t":"2026-11-22T12:05:00Z"}"#);
        assert_eq!(
            rows.column(0).as_primitive::<TimestampMicrosecondType>().value(0),
            1_795_349_100_000_000
        );
        let array = parse_data_type("ARRAY<INT>").unwrap();
        let reader = JsonReader::of_type(&array, &BTreeMap::new(), &TimeZone::utc()).unwrap();
        let lists = reader
            .read_any(&BinaryViewArray::from_iter_values(["[1,2]", "{}"]))
            .unwrap();
        assert_eq!(lists.as_list::<i32>().value(0).len(), 2);
        assert!(lists.is_null(1));
    }

    fn scalar() -> impl Strategy<Value = String> {
        prop_oneof![
            "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,3})?(e[+-]?[0-9]{1,2})?",
            "\"[ -~é\\\\]{0,20}\"",
            "'[ -~]{0,14}'",
            "\"(2026-11-22|22-11-2026|12:05)[T ]?(12:05:06)?\"",
            prop::sample::select(vec![
                "true",
                "false",
                "null",
                "NaN",
                "-INF",
                "{}",
                "[1]",
                "{\"k\":[2]}",
                ""
            ])
            .prop_map(str::to_string),
        ]
    }

    fn document() -> impl Strategy<Value = String> {
        let name = prop::sample::select(vec![
            "\"a\"",
            "'b'",
            "\"c\"",
            "\"d\"",
            "\"e\"",
            "\"f\"",
            "\"zz\"",
            "\"\\u0061\"",
        ]);
        let blank = prop::sample::select(vec!["", "", "", " ", "\n", "\u{1}"]);
        prop::collection::vec((name, blank, scalar()), 0..7).prop_map(|entries| {
            let entries: Vec<String> = entries
                .into_iter()
                .map(|(name, blank, value)| format!("{name}{blank}:{blank}{value}{blank}"))
                .collect();
            format!("{{{}}}", entries.join(","))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]
        #[test]
        fn fast_equals_exact(
            documents in prop::collection::vec((document(), 0usize..90, prop::option::of(any::<u8>())), 1..6),
        ) {
            let records: Vec<Vec<u8>> = documents.into_iter().map(|(document, at, byte)| {
                let mut bytes = document.into_bytes();
                if let (Some(byte), Some(place)) = (byte, bytes.get_mut(at)) {
                    *place = byte;
                }
                bytes
            }).collect();
            let records = BinaryViewArray::from_iter_values(&records);
            let ddl = "a STRING, b INT, c DOUBLE, d TIMESTAMP, e BOOLEAN, f DECIMAL(10,2), _corrupt_record STRING";
            let fast = reader(ddl, &[]).unwrap().read(&records).unwrap();
            let exact = reader(ddl, &[]).unwrap().exact().read(&records).unwrap();
            // NaN is equal to itself here: the texts of the two are compared.
            prop_assert_eq!(format!("{fast:?}"), format!("{exact:?}"));
        }

        #[test]
        fn alike_records_equal_exact_ones(
            names in prop::sample::subsequence(vec!["'a'", "\"b\"", "\"c\"", "'d'", "'e'", "\"f\"", "\"g\"", "'a'", "\"zz\""], 1..8),
            blanks in prop::sample::select(vec![("", ""), ("", " "), (" ", "\n"), ("                  ", "                 ")]),
            seeds in prop::collection::vec((any::<u64>(), prop::option::weighted(0.05, (0usize..60, any::<u8>()))), 1..200),
        ) {
            let record = |seed: u64| {
                let draw = |salt: u64, count: u64| (seed.rotate_left(7 * salt as u32).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % count;
                let entries: Vec<String> = names.iter().zip(1..).map(|(name, salt)| {
                    let text = "abcdefghijklmnopqrstuvwxyz0123456789-é".chars().take(draw(salt, 38) as usize).collect::<String>();
                    let value = match *name {
                        "\"b\"" => format!("{}", draw(salt, 1 << 31) as i64 - (1 << 30)),
                        "\"c\"" => format!("{}.5", draw(salt, 1000)),
                        "'d'" => format!("\"2026-11-22 12:{:02}:00\"", draw(salt, 60)),
                        "'e'" => ["true", "false", "null"][draw(salt, 3) as usize].to_string(),
                        "\"f\"" => format!("{}.{}", draw(salt, 100), draw(salt + 1, 1000)),
                        "\"g\"" => format!("{}", seed as i64 >> draw(salt, 60)),
                        _ => format!("'{text}'"),
                    };
                    format!("{name}{}:{}{value}", blanks.0, blanks.1)
                }).collect();
                format!("{{{}}}", entries.join(","))
            };
            let records: Vec<Option<Vec<u8>>> = seeds.into_iter().map(|(seed, damage)| {
                let mut bytes = record(seed).into_bytes();
                if let Some((at, byte)) = damage {
                    match bytes.get_mut(at) {
                        Some(place) => *place = byte,
                        None => return None,
                    }
                }
                Some(bytes)
            }).collect();
            let records = BinaryViewArray::from_iter(records);
            let ddl = "a STRING, b INT, c DOUBLE, d TIMESTAMP, e BOOLEAN, f DECIMAL(10,2), g BIGINT, _corrupt_record STRING";
            let fast = reader(ddl, &[]).unwrap().read(&records).unwrap();
            let exact = reader(ddl, &[]).unwrap().exact().read(&records).unwrap();
            prop_assert_eq!(format!("{fast:?}"), format!("{exact:?}"));
        }

        #[test]
        fn nested_types_never_panic(document in document(), at in 0usize..60, byte: u8) {
            let mut bytes = document.into_bytes();
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            let ddl = "a ARRAY<STRING>, b STRUCT<k: ARRAY<INT>>, c MAP<STRING, STRING>, d BINARY, e DATE, f TINYINT";
            let _ = reader(ddl, &[]).unwrap().read(&BinaryViewArray::from_iter_values([bytes])).unwrap();
        }
    }
}
