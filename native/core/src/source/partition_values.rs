//! Columns whose values are in the names of a file's folders, `day=2026-01-01/…`, beside those that are in the file.

use arrow_array::{ArrayRef, BinaryViewArray, UInt32Array};
use arrow_select::take::take;

use super::Chunk;
use super::file_metadata::metadata_value;
use super::lines::FileRange;
use crate::column::{DataType, Field, StructType};
use crate::error::Result;
use crate::expr::{Expr, cast};
use crate::plan::SourceSpec;
use crate::session::Session;

/// The partition columns of one file.
pub struct PartitionValues {
    /// Where each goes among the columns, in ascending order, with its one value.
    columns: Vec<(usize, ArrayRef)>,
    /// The columns that are in the file.
    file_schema: StructType,
}

impl PartitionValues {
    /// Those of the source's columns that the range has values for. Texts become the types of the columns, null where they can't.
    pub fn new(range: &FileRange, source: &SourceSpec, session: &Session) -> Result<Self> {
        let mut columns = Vec::new();
        let mut of_file: Vec<Field> = Vec::new();
        for (position, field) in source.schema.fields.iter().enumerate() {
            if source.has_metadata && position + 1 == source.schema.fields.len() {
                columns.push((position, metadata_value(range)?));
                continue;
            }
            let value = (range.partitions.iter()).find(|(name, _)| name.eq_ignore_ascii_case(&field.name));
            match value {
                None => of_file.push(field.clone()),
                Some((_, text)) => columns.push((position, typed(text.as_deref(), &field.data_type, session)?)),
            }
        }
        Ok(Self {
            columns,
            file_schema: StructType::new(of_file),
        })
    }

    /// The columns that are in the file.
    pub fn file_schema(&self) -> &StructType {
        &self.file_schema
    }

    /// Of something for each column, that of the columns in the file.
    pub fn of_file<T: Copy>(&self, all: &[T]) -> Vec<T> {
        let is_in_file = |position: &usize| self.columns.iter().all(|(other, _)| other != position);
        (0..all.len())
            .filter(is_in_file)
            .map(|position| all[position])
            .collect()
    }

    /// Puts the values beside the columns of the file.
    pub fn add_to(&self, mut chunk: Chunk) -> Result<Chunk> {
        if chunk.undecoded.is_some() {
            return Ok(chunk);
        }
        for (position, value) in &self.columns {
            let column = take(value, &UInt32Array::from(vec![0; chunk.rows]), None)?;
            chunk.columns.insert(*position, column);
        }
        Ok(chunk)
    }
}

fn typed(text: Option<&str>, data_type: &DataType, session: &Session) -> Result<ArrayRef> {
    let texts: ArrayRef = std::sync::Arc::new(BinaryViewArray::from_iter([text.map(str::as_bytes)]));
    let value = cast(Expr::column(0, DataType::String, true), data_type, session, true)?;
    value.evaluate(&[texts], 1)?.into_array(1)
}
