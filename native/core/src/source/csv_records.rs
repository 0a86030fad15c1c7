//! The csv data source: records of files as rows. Beside the reader of records it knows blank lines and comments, which
//! are no records, the header of each file, records over several lines, and the mode DROPMALFORMED.

use std::collections::BTreeMap;

use std::sync::Arc;

use arrow_array::{Array, BinaryViewArray};
use arrow_buffer::Buffer;

use super::lines::{FileRange, cut_texts, read_lines, whole_text};
use super::undecoded::decode_around;
use super::{Chunk, Place, Undecodable};
use crate::column::{StructType, view_array};
use crate::error::{Error, ErrorCode, Result};
use crate::parse::{CsvOptions, CsvReader, ParseMode, TimeZone, record_ends, split_record};

/// Reads the records of a range as rows of `schema`.
pub fn read_csv(
    range: &FileRange,
    (schema, options, zone): (&StructType, &BTreeMap<String, String>, &TimeZone),
    undecodable: Undecodable,
    each: &mut impl FnMut(Chunk) -> Result<()>,
) -> Result<u64> {
    let reader = CsvReader::new(schema, options, zone)?;
    let drops = reader.options().mode() == ParseMode::DropMalformed;
    let options = reader.options();
    let check_header = |header: &[u8]| match options.enforces_schema {
        true => Ok(()),
        false => check_header(header, schema, options).map_err(|reason| {
            Error::new(ErrorCode::FileReadFailed)
                .with("path", range.path.display().to_string())
                .with("reason", reason)
        }),
    };
    read_records(range, options, check_header, |records, place| {
        decode_around(&records, &place, undecodable, each, |records, place| {
            let rows = reader.read(records)?;
            if drops {
                let kept: Vec<bool> = rows.is_malformed.iter().map(|malformed| !malformed).collect();
                return Chunk::of_kept(&rows.columns, kept, place, records);
            }
            Ok(Chunk::new(rows.columns, records.len(), place).with_raw(records))
        })
    })
}

/// Whether the names of a header are the schema's, in Spark's words (CSVHeaderChecker).
fn check_header(header: &[u8], schema: &StructType, options: &CsvOptions) -> Result<(), String> {
    let mut fields = Vec::new();
    split_record(header, options, &mut fields);
    let found: Vec<String> = (fields.iter())
        .map(|field| String::from_utf8_lossy(field.text(header)).into_owned())
        .collect();
    let corrupt = &options.records.corrupt_record_column;
    let expected: Vec<&str> = (schema.fields.iter())
        .map(|field| field.name.as_str())
        .filter(|name| name != corrupt)
        .collect();
    if found.len() != expected.len() {
        return Err(format!(
            "Number of column in CSV header is not equal to number of fields in the schema:\n Header length: {}, schema size: {}",
            found.len(),
            expected.len()
        ));
    }
    match found
        .iter()
        .zip(&expected)
        .find(|(found, expected)| !found.eq_ignore_ascii_case(expected))
    {
        None => Ok(()),
        Some((name, wanted)) => Err(format!(
            "CSV header does not conform to the schema.\n Header: {}\n Schema: {}\nExpected: {wanted} but found: {name}",
            found.join(", "),
            expected.join(", ")
        )),
    }
}

/// Reads the records of a range as text, without the header, which `on_header` is given.
pub(super) fn read_records(
    range: &FileRange,
    options: &CsvOptions,
    mut on_header: impl FnMut(&[u8]) -> Result<()>,
    mut each: impl FnMut(BinaryViewArray, Place) -> Result<()>,
) -> Result<u64> {
    let mut is_header = options.has_header && range.start == 0;
    let mut pass_on = |records: BinaryViewArray, place: Place| {
        let mut kept: Vec<usize> = Vec::with_capacity(records.len());
        for row in 0..records.len() {
            if options.is_passed_over(records.value(row)) {
                continue;
            }
            match std::mem::take(&mut is_header) {
                true => on_header(records.value(row))?,
                false => kept.push(row),
            }
        }
        match kept.len() {
            0 => Ok(()),
            count if count == records.len() => each(records, place),
            _ => {
                let views: Vec<u128> = kept.iter().map(|&row| records.views()[row]).collect();
                let records = view_array(views, Arc::clone(records.data_buffers()), None)?;
                each(records, place.of_rows(&kept))
            }
        }
    };
    if !options.is_multi_line {
        return read_lines(range, pass_on);
    }
    let buffer = Buffer::from_vec(whole_text(range)?);
    let cut = |at: usize| record_ends(&buffer, at, options);
    cut_texts(&buffer, (0, buffer.len()), (&range.path, 0), cut, &mut pass_on)?;
    Ok(buffer.len() as u64)
}
