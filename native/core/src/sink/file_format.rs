//! The formats that files are written in: which types each takes, and rows to the bytes of a file.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};

use super::compression::TextCodec;
use super::csv_text::CsvStyle;
use super::parquet_file::ParquetStyle;
use crate::column::{DataType, StructType};
use crate::error::{Error, ErrorCode, Result};
use crate::expr::{JsonStyle, JsonText};
use crate::options::Options;
use crate::parse::TimeZone;

/// Rows of one schema to files of one format.
pub struct FileEncoder {
    schema: StructType,
    style: Style,
    codec: TextCodec,
    line_separator: Vec<u8>,
}

enum Style {
    Json(Box<JsonStyle>),
    Csv(Box<CsvStyle>),
    Text,
    Parquet(ParquetStyle),
}

impl FileEncoder {
    /// An encoder of these columns. Fails with DATA_SOURCE_NOT_FOUND, with UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE and with what
    /// is wrong with the options.
    pub fn new(
        format: &str,
        schema: &StructType,
        options: &BTreeMap<String, String>,
        session_zone: &TimeZone,
    ) -> Result<Self> {
        let named = Options::new(options);
        named.check_encoding()?;
        let compression = named.any(&["compression", "codec"]);
        check_types(format, schema)?;
        let style = match format {
            "json" => Style::Json(Box::new(JsonStyle::of(options, session_zone)?)),
            "csv" => Style::Csv(Box::new(CsvStyle::new(schema, named, session_zone)?)),
            "text" => Style::Text,
            "parquet" => Style::Parquet(ParquetStyle::new(schema, compression)?),
            other => {
                return Err(Error::new(ErrorCode::DataSourceNotFound)
                    .with("provider", other)
                    .with("formats", "json, csv, text, parquet"));
            }
        };
        let codec = match style {
            Style::Parquet(_) => TextCodec::None,
            _ => TextCodec::parse(compression)?,
        };
        Ok(Self {
            schema: schema.clone(),
            style,
            codec,
            line_separator: named.text("lineSep").unwrap_or("\n").as_bytes().to_vec(),
        })
    }

    /// What a file's name ends in, such as `.json.gz`.
    pub fn extension(&self) -> String {
        let format = match &self.style {
            Style::Json(_) => ".json",
            Style::Csv(_) => ".csv",
            Style::Text => ".txt",
            Style::Parquet(style) => style.extension(),
        };
        format!("{format}{}", self.codec.extension())
    }

    /// The bytes of a file of these rows.
    pub fn encode(&self, columns: &[ArrayRef], rows: usize) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        match &self.style {
            Style::Parquet(style) => return style.encode(columns, rows),
            Style::Json(style) => {
                let mut json = JsonText::new(style);
                for row in 0..rows {
                    json.clear();
                    json.object(&self.schema, columns, row);
                    out.extend_from_slice(json.text().as_bytes());
                    out.extend_from_slice(&self.line_separator);
                }
            }
            Style::Csv(style) => {
                style.write_header(&mut out);
                style.write(columns, rows, &mut out);
            }
            Style::Text => {
                let texts = columns[0].as_binary_view();
                for row in 0..rows {
                    if texts.is_valid(row) {
                        out.extend_from_slice(texts.value(row));
                    }
                    out.extend_from_slice(&self.line_separator);
                }
            }
        }
        self.codec.compress(out)
    }
}

impl FileEncoder {
    /// The bytes of one file of the rows of several that were written alike; none where they don't fit together.
    pub fn join(&self, files: Vec<Vec<u8>>) -> Result<Option<Vec<u8>>> {
        if let Style::Parquet(style) = &self.style {
            return style.join(files);
        }
        let mut header = Vec::new();
        if let Style::Csv(style) = &self.style {
            style.write_header(&mut header);
        }
        let mut out = header.clone();
        for file in files {
            let text = self.codec.decompress(file)?;
            let Some(rows) = text.strip_prefix(header.as_slice()) else {
                return Ok(None);
            };
            out.extend_from_slice(rows);
        }
        self.codec.compress(out).map(Some)
    }
}

/// Spark's checks of a format's types.
fn check_types(format: &str, schema: &StructType) -> Result<()> {
    if format == "text" && schema.fields.len() != 1 {
        return Err(Error::new(ErrorCode::LegacyErrorTemp1290).with("length", schema.fields.len().to_string()));
    }
    for field in &schema.fields {
        let is_supported = match format {
            "text" => field.data_type == DataType::String,
            "csv" | "parquet" if contains(&field.data_type, &is_unwritable) => false,
            "csv" => !field.data_type.is_nested(),
            _ => !contains(&field.data_type, &|leaf| *leaf == DataType::CalendarInterval),
        };
        if !is_supported {
            let format = match format {
                "text" => "Text",
                "csv" => "CSV",
                "parquet" => "Parquet",
                _ => "JSON",
            };
            return Err(Error::new(ErrorCode::UnsupportedDataTypeForDatasource)
                .with("format", format)
                .with("columnName", format!("`{}`", field.name))
                .with("columnType", field.data_type.quoted_sql()));
        }
    }
    Ok(())
}

/// What no column of a CSV or Parquet file is; that Spark writes times and variants to Parquet is not done here.
fn is_unwritable(leaf: &DataType) -> bool {
    matches!(
        leaf,
        DataType::Void | DataType::CalendarInterval | DataType::Variant | DataType::Time(_)
    )
}

/// Whether a part of a type without parts is such a one. Recursion follows the type, whose depth is bounded.
fn contains(data_type: &DataType, test: &dyn Fn(&DataType) -> bool) -> bool {
    match data_type {
        DataType::Array { element, .. } => contains(element, test),
        DataType::Map { key, value, .. } => contains(key, test) || contains(value, test),
        DataType::Struct(schema) => schema.fields.iter().any(|field| contains(&field.data_type, test)),
        leaf => test(leaf),
    }
}
