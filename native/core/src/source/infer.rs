//! The columns of files, found by looking into them.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use arrow_array::Array;

use super::csv_records::read_records;
use super::line_format::LineFormat;
use super::lines::{FileRange, FileStatus, read_lines, whole_text};
use super::parquet_rows::parquet_file_schema;
use super::source_schema;
use crate::column::{DataType, Field, StructType};
use crate::error::{Error, ErrorCode, Result};
use crate::limits::INFERENCE_RANGE_BYTES;
use crate::options::Options;
use crate::parse::{CsvField, CsvOptions, JsonOptions, JsonSchemaInference, TimeZone, split_record, wider_csv_type};

/// The columns of files of a format as Spark infers them. Fails with UNABLE_TO_INFER_SCHEMA where nothing says what they are.
pub fn infer_file_schema(
    format: &str,
    paths: &[PathBuf],
    options: &BTreeMap<String, String>,
    zone: &TimeZone,
) -> Result<StructType> {
    let found = match format {
        "csv" => csv_schema(paths, options, zone)?,
        "json" => json_schema(paths, options, zone)?,
        "parquet" => parquet_schema(paths, Options::new(options).flag("mergeSchema", false)?)?,
        other => Some(source_schema(other, None, options)?),
    };
    // Files without a record have no columns; without a file nothing says what they are.
    let found = found
        .filter(|schema| !schema.fields.is_empty() || (matches!(format, "csv" | "json") && !paths.is_empty()))
        .ok_or_else(|| Error::new(ErrorCode::UnableToInferSchema).with("format", format.to_uppercase()))?;
    let mut names = HashSet::new();
    match found
        .fields
        .iter()
        .find(|field| !names.insert(field.name.to_lowercase()))
    {
        None => Ok(found),
        Some(field) => {
            Err(Error::new(ErrorCode::ColumnAlreadyExists)
                .with("columnName", format!("`{}`", field.name.to_lowercase())))
        }
    }
}

/// The columns of Parquet files: Spark takes any file's for all of them, unless they are to be merged.
fn parquet_schema(paths: &[PathBuf], merges: bool) -> Result<Option<StructType>> {
    let mut merged: Option<StructType> = None;
    for path in paths {
        let schema = parquet_file_schema(path)?;
        let known = match merged {
            None => schema,
            Some(known) => known.merged_with(&schema).ok_or_else(|| {
                Error::new(ErrorCode::CannotMergeSchemas)
                    .with("left", DataType::Struct(known).quoted_sql())
                    .with("right", DataType::Struct(schema).quoted_sql())
                    .in_context("path", path.display().to_string())
            })?,
        };
        merged = Some(known);
        if !merges {
            break;
        }
    }
    Ok(merged.map(|schema| schema.as_nullable()))
}

fn csv_schema(paths: &[PathBuf], options: &BTreeMap<String, String>, zone: &TimeZone) -> Result<Option<StructType>> {
    let format = LineFormat::of(options)?;
    let options = CsvOptions::new(options, zone)?;
    // The header is a record like any other here: the first of each file.
    let headless = CsvOptions {
        has_header: false,
        ..options.clone()
    };
    let mut names: Option<Vec<String>> = None;
    let mut types: Vec<DataType> = Vec::new();
    let mut fields = Vec::new();
    for path in paths {
        let mut is_first = true;
        for range in ranges_of(path, &format)? {
            read_records(
                &range,
                &headless,
                |_| Ok(()),
                |records, _| {
                    for row in 0..records.len() {
                        let record = records.value(row);
                        let is_header = std::mem::take(&mut is_first) && options.has_header;
                        if names.is_some() && (is_header || !options.infers_schema) {
                            continue;
                        }
                        split_record(record, &options, &mut fields);
                        if names.is_none() {
                            names = Some(column_names(record, &fields, &options));
                            types = vec![DataType::Void; fields.len()];
                            if is_header {
                                continue;
                            }
                        }
                        for (data_type, field) in types.iter_mut().zip(&fields) {
                            *data_type = wider_csv_type(data_type, field.text(record), &options);
                        }
                    }
                    Ok(())
                },
            )?;
            if names.is_some() && !options.infers_schema {
                break;
            }
        }
    }
    let field = |(name, data_type): (String, DataType)| match data_type {
        data_type if options.infers_schema && data_type != DataType::Void => Field::new(name, data_type, true),
        _ => Field::new(name, DataType::String, true),
    };
    Ok(Some(StructType::new(
        names.unwrap_or_default().into_iter().zip(types).map(field).collect(),
    )))
}

/// Names from the header, where there is one: `_c0` for what has none, and a number behind what comes twice.
fn column_names(record: &[u8], fields: &[CsvField], options: &CsvOptions) -> Vec<String> {
    let name = |number: usize, field: &CsvField| match field.text(record) {
        text if options.has_header && !text.is_empty() => String::from_utf8_lossy(text).into_owned(),
        _ => format!("_c{number}"),
    };
    let names: Vec<String> = (fields.iter().enumerate())
        .map(|(number, field)| name(number, field))
        .collect();
    let lower: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    let is_twice = |name: &String| lower.iter().filter(|other| *other == name).count() > 1;
    (names.iter().enumerate())
        .map(|(number, name)| match is_twice(&lower[number]) {
            true => format!("{name}{number}"),
            false => name.clone(),
        })
        .collect()
}

fn json_schema(paths: &[PathBuf], options: &BTreeMap<String, String>, zone: &TimeZone) -> Result<Option<StructType>> {
    let is_multi_line = Options::new(options).flag("multiLine", false)?;
    let format = LineFormat::of(options)?;
    let options = JsonOptions::new(options, zone)?;
    let mut inference = JsonSchemaInference::new(&options);
    for path in paths {
        if is_multi_line {
            inference.push(&whole_text(&whole_range(path, &format, 0))?)?;
            continue;
        }
        for range in ranges_of(path, &format)? {
            read_lines(&range, |documents, _| {
                (0..documents.len()).try_for_each(|row| inference.push(documents.value(row)))
            })?;
        }
    }
    Ok(Some(inference.finish()))
}

/// A file up to byte `end`; those that are not cut are read whole whatever it says.
fn whole_range(path: &Path, format: &LineFormat, end: u64) -> FileRange {
    FileRange {
        source: 0,
        path: path.to_path_buf(),
        start: 0,
        end,
        partitions: BTreeMap::new(),
        file: FileStatus::default(),
        format: format.clone(),
    }
}

/// A file in pieces that memory holds.
fn ranges_of(path: &Path, format: &LineFormat) -> Result<Vec<FileRange>> {
    let length = fs::metadata(path).map(|metadata| metadata.len()).map_err(|error| {
        Error::new(ErrorCode::FileReadFailed)
            .with("path", path.display().to_string())
            .with("reason", error.to_string())
    })?;
    if super::compressed::is_compressed(path) || !format.is_usual() {
        return Ok(vec![whole_range(path, format, length)]);
    }
    let range = |start: u64| FileRange {
        start,
        ..whole_range(path, format, length.min(start.saturating_add(INFERENCE_RANGE_BYTES)))
    };
    Ok((0..length).step_by(INFERENCE_RANGE_BYTES as usize).map(range).collect())
}
