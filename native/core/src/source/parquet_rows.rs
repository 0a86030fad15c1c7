//! The parquet data source: row groups of files as rows of the columns that are asked for.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, NullArray, new_null_array};
use arrow_schema::Schema;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::arrow::{ProjectionMask, parquet_to_arrow_schema};
use parquet::file::metadata::RowGroupMetaData;

use super::lines::FileRange;
use super::parquet_column::fitted;
use super::{Chunk, Place};
use crate::column::{
    PARQUET_ROW_METADATA, StructType, asked_type, has_int96, schema_from_arrow, schema_from_json, without_text_types,
};
use crate::error::{Error, ErrorCode, Result};
use crate::limits::CHUNK_ROWS_MAX;

/// Reads the row groups whose middle lies in the range as rows of `schema`: columns by name, upper and lower case alike,
/// nulls where a file has none. Columns that are not `wanted` are not looked at and come as nulls without a type.
pub fn read_parquet(
    range: &FileRange,
    schema: &StructType,
    wanted: &[bool],
    each: &mut impl FnMut(Chunk) -> Result<()>,
) -> Result<u64> {
    let path = &range.path;
    let failed = |error: parquet::errors::ParquetError| damaged(path, error.to_string());
    let (file, metadata) = guarded(path, || open(path))?;
    let groups: Vec<usize> = (metadata.metadata().row_groups().iter().enumerate())
        .filter(|(_, group)| (range.start..range.end).contains(&middle_of(group)))
        .map(|(number, _)| number)
        .collect();
    if groups.is_empty() {
        return Ok(0);
    }
    let rows_before: i64 = (metadata.metadata().row_groups()[..groups[0]].iter())
        .map(RowGroupMetaData::num_rows)
        .sum();
    let bytes = (groups.iter())
        .map(|&group| metadata.metadata().row_group(group).compressed_size() as u64)
        .sum();
    let roots = metadata.parquet_schema().root_schema().get_fields();
    let is_read = |&root: &usize| {
        let mut fields = schema.fields.iter().zip(wanted);
        fields.any(|(field, &wanted)| wanted && field.name.eq_ignore_ascii_case(roots[root].name()))
    };
    let mask = ProjectionMask::roots(metadata.parquet_schema(), (0..roots.len()).filter(is_read));
    let rows = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
        .with_row_groups(groups)
        .with_projection(mask)
        .with_batch_size(CHUNK_ROWS_MAX)
        .build()
        .map_err(failed)?;
    let mut first_row = usize::try_from(rows_before).unwrap_or_default();
    let mut rows = rows;
    while let Some(batch) = guarded(path, || Ok(rows.next()))? {
        let batch = batch.map_err(|error| damaged(path, error.to_string()))?;
        let columns = (schema.fields.iter().zip(wanted))
            .map(|(field, &wanted)| {
                if !wanted {
                    return Ok(Arc::new(NullArray::new(batch.num_rows())) as ArrayRef);
                }
                let found = (batch.schema_ref().fields().iter())
                    .position(|column| column.name().eq_ignore_ascii_case(&field.name));
                match found {
                    None => Ok(new_null_array(&field.data_type.to_arrow(), batch.num_rows())),
                    Some(position) => fitted(batch.column(position), &field.data_type).ok_or_else(|| {
                        Error::new(ErrorCode::FailedReadFileParquetColumnDataTypeMismatch)
                            .with("path", path.display().to_string())
                            .with("column", format!("[{}]", field.name))
                            .with("expectedType", field.data_type.sql().to_lowercase())
                            .with("actualType", batch.column(position).data_type().to_string())
                    }),
                }
            })
            .collect::<Result<Vec<ArrayRef>>>()?;
        let count = batch.num_rows();
        each(Chunk::new(columns, count, Place::Memory { first_row }))?;
        first_row += count;
    }
    Ok(bytes)
}

/// The columns of a file: Spark's own note of them where it is there, else what the file's types stand for.
pub fn parquet_file_schema(path: &Path) -> Result<StructType> {
    guarded(path, || {
        let (file, metadata) = open(path)?;
        let noted = (metadata.metadata().file_metadata().key_value_metadata())
            .and_then(|entries| entries.iter().find(|entry| entry.key == PARQUET_ROW_METADATA))
            .and_then(|entry| entry.value.as_deref());
        if let Some(schema) = noted.and_then(|noted| schema_from_json(noted).ok()) {
            return Ok(schema);
        }
        // Text is told from bytes by the file's types, as they were before they were taken out for reading.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let metadata = ArrowReaderMetadata::load(&file, options).map_err(|error| damaged(path, error.to_string()))?;
        let int96 = has_int96(metadata.parquet_schema());
        schema_from_arrow(metadata.schema().fields(), int96)
            .ok_or_else(|| damaged(path, "a column has a type that Spark does not have".to_string()))
    })
}

/// Runs what looks into a file. The crate may panic over a damaged one: that is the file's fault, and the query's state
/// is not touched by it.
fn guarded<T>(path: &Path, look: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(look)).unwrap_or_else(|_| Err(damaged(path, "it is damaged".to_string())))
}

/// A file and its footer, whose types are such that text is read as bytes: Spark's strings need not be UTF-8.
fn open(path: &Path) -> Result<(File, ArrowReaderMetadata)> {
    let failed = |error: parquet::errors::ParquetError| damaged(path, error.to_string());
    let file = File::open(path).map_err(|error| {
        let code = match error.kind() {
            std::io::ErrorKind::NotFound => ErrorCode::PathNotFound,
            _ => ErrorCode::FileReadFailed,
        };
        Error::new(code)
            .with("path", path.display().to_string())
            .with("reason", error.to_string())
    })?;
    let plain = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let metadata = ArrowReaderMetadata::load(&file, plain.clone()).map_err(failed)?;
    let untexted = Arc::new(without_text_types(metadata.parquet_schema()).map_err(failed)?);
    let arrow = parquet_to_arrow_schema(&untexted, None).map_err(failed)?;
    let int96 = has_int96(&untexted);
    let fields: Vec<_> = (arrow.fields().iter())
        .map(|field| (**field).clone().with_data_type(asked_type(field.data_type(), int96)))
        .collect();
    let options = plain
        .with_parquet_schema(untexted)
        .with_schema(Arc::new(Schema::new(fields)));
    let metadata = ArrowReaderMetadata::load(&file, options).map_err(failed)?;
    Ok((file, metadata))
}

/// The byte in the middle of a row group: the split that has it reads the group.
fn middle_of(group: &RowGroupMetaData) -> u64 {
    let first = (group.columns().iter())
        .map(|column| match column.dictionary_page_offset() {
            Some(offset) => offset.min(column.data_page_offset()),
            None => column.data_page_offset(),
        })
        .min();
    (first.unwrap_or_default() + group.compressed_size() / 2).max(0) as u64
}

fn damaged(path: &Path, reason: String) -> Error {
    Error::new(ErrorCode::FileReadFailed)
        .with("path", path.display().to_string())
        .with("reason", reason)
        .in_context("path", path.display().to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Write;

    use super::*;
    use crate::column::parse_schema;
    use crate::sink::testing::parquet_file;

    fn read(bytes: &[u8], schema: &StructType) -> Result<usize> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let range = FileRange {
            source: 0,
            path: file.path().to_path_buf(),
            start: 0,
            end: bytes.len() as u64,
            partitions: BTreeMap::new(),
            file: Default::default(),
            format: Default::default(),
        };
        let mut rows = 0;
        read_parquet(&range, schema, &vec![true; schema.fields.len()], &mut |chunk| {
            rows += chunk.rows;
            Ok(())
        })?;
        Ok(rows)
    }

    #[test]
    fn damaged_files_are_errors_or_rows_and_never_a_panic() {
        let schema = parse_schema("n INT, t STRING").unwrap();
        let bytes = parquet_file(&schema, 40);
        assert_eq!(read(&bytes, &schema).unwrap(), 40);
        assert_eq!(
            read(&bytes, &parse_schema("N BIGINT, absent DATE").unwrap()).unwrap(),
            40
        );
        let mismatch = read(&bytes, &parse_schema("n DATE").unwrap()).unwrap_err();
        assert_eq!(mismatch.code(), ErrorCode::FailedReadFileParquetColumnDataTypeMismatch);
        // What panics over a damaged file says so on standard error, which nobody needs to see here.
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        for position in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[position] ^= 1 << (position % 8);
            let _ = read(&flipped, &schema);
            assert!(read(&bytes[..position], &schema).is_err(), "cut at {position}");
        }
        std::panic::set_hook(hook);
    }
}
