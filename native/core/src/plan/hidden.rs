//! Columns that are there for those who name them, and that no star and no result has: `_metadata` of files.

use super::Relation;
use super::resolve::Resolver;
use super::scope::ScopeColumn;
use crate::column::{DataType, Field, StructType};
use crate::source::{METADATA_COLUMN, metadata_type};

/// Whether a plan names the hidden column of files anywhere, in SQL text too.
pub(super) fn names_metadata(relation: &Relation) -> bool {
    serde_json::to_string(relation).is_ok_and(|text| text.contains(METADATA_COLUMN))
}

impl Resolver<'_> {
    /// Puts the hidden column of files behind those of a reader, where it reads files, the plan names it and the files have
    /// none of their own of that name. Whether it did.
    pub(super) fn add_metadata(&mut self, format: &str, schema: &mut StructType) -> bool {
        let is_file = matches!(format, "text" | "json" | "csv" | "parquet");
        let adds = is_file && self.reads_metadata && self.scope.position(METADATA_COLUMN).is_err();
        if adds {
            let field = Field::new(METADATA_COLUMN, DataType::Struct(metadata_type()), false);
            schema.fields.push(field.clone());
            self.scope.columns.push(ScopeColumn::hidden(field));
        }
        adds
    }

    /// The names of the columns that only those see who name them.
    pub(super) fn hidden_names(&self) -> Vec<String> {
        let hidden = self.scope.columns.iter().filter(|column| column.is_hidden());
        hidden.map(|column| column.field.name.clone()).collect()
    }

    /// Hides columns that were projected.
    pub(super) fn hide(&mut self, names: &[String]) {
        let columns = self.scope.columns.iter_mut();
        columns
            .filter(|column| names.contains(&column.field.name))
            .for_each(ScopeColumn::hide);
    }

    /// Takes hidden columns away: behind here all columns are for everybody.
    pub(super) fn drop_hidden(&mut self) {
        if self.scope.columns.iter().any(ScopeColumn::is_hidden) {
            let shown = (0..self.scope.columns.len()).filter(|&position| !self.scope.columns[position].is_hidden());
            let shown = shown.map(|position| self.column_at(position)).collect();
            self.project(shown);
        }
    }
}
