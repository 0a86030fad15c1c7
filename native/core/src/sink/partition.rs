//! Partitions: rows by the values of some columns, in folders `column=value` as Hive and Spark name them.

use std::collections::HashMap;

use arrow_array::{Array, ArrayRef, UInt32Array};

use crate::column::{DataType, StructType};
use crate::error::{Error, ErrorCode, Result};
use crate::expr::ValueFormatter;
use crate::limits::SINK_PARTITIONS_MAX;
use crate::parse::TimeZone;

/// The folder of rows whose value is null or empty.
pub const DEFAULT_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";

/// The columns that decide a row's folder.
pub struct Partitioning {
    columns: Vec<PartitionColumn>,
}

struct PartitionColumn {
    /// Where it is among the columns.
    position: usize,
    /// `name=`, escaped.
    prefix: String,
    formatter: ValueFormatter,
}

impl Partitioning {
    /// By the columns of these names. Fails with Spark's errors where one is missing, can't be a folder's name, or where
    /// no column is left for the files.
    pub fn new(names: &[String], schema: &StructType, zone: &TimeZone) -> Result<Self> {
        let columns = names
            .iter()
            .map(|name| {
                let position = (schema.fields.iter())
                    .position(|field| field.name.eq_ignore_ascii_case(name))
                    .ok_or_else(|| {
                        let known: Vec<&str> = schema.fields.iter().map(|field| field.name.as_str()).collect();
                        Error::new(ErrorCode::PartitionColumnNotFoundInSchema)
                            .with("column", format!("`{name}`"))
                            .with("schema", known.join(", "))
                    })?;
                let field = &schema.fields[position];
                if field.data_type.is_nested() || field.data_type == DataType::Void {
                    return Err(Error::new(ErrorCode::InvalidPartitionColumnDataType)
                        .with("type", field.data_type.quoted_sql()));
                }
                Ok(PartitionColumn {
                    position,
                    prefix: format!("{}=", escaped(&field.name)),
                    formatter: ValueFormatter::new(&field.data_type, zone),
                })
            })
            .collect::<Result<Vec<_>>>()?;
        if !columns.is_empty() && columns.len() == schema.fields.len() {
            return Err(Error::new(ErrorCode::AllPartitionColumnsNotAllowed));
        }
        Ok(Self { columns })
    }

    /// Whether a column is in the folders' names and not in the files.
    pub fn holds(&self, position: usize) -> bool {
        self.columns.iter().any(|column| column.position == position)
    }

    /// Rows by folder, folders in the order in which they first come; without partitions all rows in the folder "".
    pub fn split(&self, columns: &[ArrayRef], rows: usize) -> Result<Vec<(String, Option<UInt32Array>)>> {
        if self.columns.is_empty() {
            return Ok(vec![(String::new(), None)]);
        }
        let mut found: HashMap<String, usize> = HashMap::new();
        let mut folders: Vec<(String, Vec<u32>)> = Vec::new();
        let (mut folder, mut text) = (String::new(), String::new());
        for row in 0..rows {
            folder.clear();
            for (number, column) in self.columns.iter().enumerate() {
                if number > 0 {
                    folder.push('/');
                }
                folder.push_str(&column.prefix);
                let values = &columns[column.position];
                text.clear();
                if values.is_valid(row) {
                    column.formatter.write(values, row, &mut text);
                }
                match text.as_str() {
                    "" => folder.push_str(DEFAULT_PARTITION),
                    text => escape_into(text, &mut folder),
                }
            }
            match found.get(&folder) {
                Some(&place) => folders[place].1.push(row as u32),
                None => {
                    if folders.len() == SINK_PARTITIONS_MAX {
                        return Err(Error::limit(
                            "partitions of a batch",
                            folders.len() + 1,
                            SINK_PARTITIONS_MAX,
                        ));
                    }
                    found.insert(folder.clone(), folders.len());
                    folders.push((folder.clone(), vec![row as u32]));
                }
            }
        }
        let with_rows = |(folder, rows)| (folder, Some(UInt32Array::from(rows)));
        Ok(folders.into_iter().map(with_rows).collect())
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(text, &mut out);
    out
}

/// What Hive escapes in names of folders: control characters and those that mean something in a path or a pattern.
fn escape_into(text: &str, out: &mut String) {
    const ESCAPED: &str = "\"#%'*/:=?\\{[]^\u{7f}";
    for character in text.chars() {
        if character < ' ' || ESCAPED.contains(character) {
            out.push_str(&format!("%{:02X}", u32::from(character)));
        } else {
            out.push(character);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{BinaryViewArray, Int32Array};

    use super::*;
    use crate::column::Field;

    fn schema() -> StructType {
        StructType::new(vec![
            Field::new("v", DataType::Int, true),
            Field::new("a:b", DataType::String, true),
        ])
    }

    #[test]
    fn rows_go_to_folders_with_escaped_names() {
        let zone = TimeZone::parse("UTC").unwrap();
        let by = Partitioning::new(&["A:B".to_string()], &schema(), &zone).unwrap();
        assert!(by.holds(1) && !by.holds(0));
        let texts: [Option<&[u8]>; 5] = [Some(b"x"), None, Some(b"50%/1"), Some(b""), Some(b"x")];
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int32Array::from_iter_values(0..5)),
            Arc::new(BinaryViewArray::from_iter(texts)),
        ];
        let found: Vec<(String, Vec<u32>)> = (by.split(&columns, 5).unwrap().into_iter())
            .map(|(folder, rows)| (folder, rows.unwrap().values().to_vec()))
            .collect();
        let expected = [
            ("a%3Ab=x", vec![0, 4]),
            ("a%3Ab=__HIVE_DEFAULT_PARTITION__", vec![1, 3]),
            ("a%3Ab=50%25%2F1", vec![2]),
        ];
        assert_eq!(found, expected.map(|(folder, rows)| (folder.to_string(), rows)));
    }

    #[test]
    fn wrong_columns_are_refused_in_sparks_words() {
        let zone = TimeZone::parse("UTC").unwrap();
        let refusal = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
            Partitioning::new(&names, &schema(), &zone).err().unwrap().code()
        };
        assert_eq!(refusal(&["w"]), ErrorCode::PartitionColumnNotFoundInSchema);
        assert_eq!(refusal(&["v", "a:b"]), ErrorCode::AllPartitionColumnsNotAllowed);
    }
}
