//! The columns of files that differ as one schema: Spark's rules (StructType.merge), by which decimals of one scale alone become wider.

use super::{DataType, Field, StructType};

impl StructType {
    /// All columns of both, those of `self` first; columns are the same where their names are but for upper and lower case. None where a column
    /// is of two types that do not merge.
    pub fn merged_with(&self, other: &StructType) -> Option<StructType> {
        let same = |left: &Field, right: &Field| left.name.eq_ignore_ascii_case(&right.name);
        let mut fields = Vec::with_capacity(self.fields.len());
        for left in &self.fields {
            fields.push(match other.fields.iter().find(|right| same(left, right)) {
                None => left.clone(),
                Some(right) => Field {
                    data_type: left.data_type.merged_with(&right.data_type)?,
                    nullable: left.nullable || right.nullable,
                    ..left.clone()
                },
            });
        }
        let is_new = |right: &&Field| !self.fields.iter().any(|left| same(left, right));
        fields.extend(other.fields.iter().filter(is_new).cloned());
        Some(StructType::new(fields))
    }
}

impl DataType {
    /// The type that holds the values of both, as files are merged. Recursion follows the types, whose depth is bounded.
    fn merged_with(&self, other: &DataType) -> Option<DataType> {
        Some(match (self, other) {
            (
                DataType::Array { element, contains_null },
                DataType::Array {
                    element: other,
                    contains_null: other_null,
                },
            ) => DataType::Array {
                element: Box::new(element.merged_with(other)?),
                contains_null: *contains_null || *other_null,
            },
            (
                DataType::Map {
                    key,
                    value,
                    value_contains_null,
                },
                DataType::Map {
                    key: other_key,
                    value: other_value,
                    value_contains_null: other_null,
                },
            ) => DataType::Map {
                key: Box::new(key.merged_with(other_key)?),
                value: Box::new(value.merged_with(other_value)?),
                value_contains_null: *value_contains_null || *other_null,
            },
            (DataType::Struct(left), DataType::Struct(right)) => DataType::Struct(left.merged_with(right)?),
            (
                DataType::Decimal { precision, scale },
                DataType::Decimal {
                    precision: other,
                    scale: other_scale,
                },
            ) if scale == other_scale => DataType::Decimal {
                precision: *precision.max(other),
                scale: *scale,
            },
            (DataType::YearMonthInterval(left), DataType::YearMonthInterval(right)) => {
                DataType::YearMonthInterval(left.union(*right))
            }
            (DataType::DayTimeInterval(left), DataType::DayTimeInterval(right)) => {
                DataType::DayTimeInterval(left.union(*right))
            }
            (left, right) if left == right => left.clone(),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::column::parse_schema;

    fn merged(left: &str, right: &str) -> Option<String> {
        let merged = parse_schema(left).unwrap().merged_with(&parse_schema(right).unwrap())?;
        Some(super::DataType::Struct(merged).to_string())
    }

    #[test]
    fn what_spark_merges_is_merged_and_the_rest_is_not() {
        // Each as Spark 4.3 answered.
        for (left, right, expected) in [
            ("a INT", "A INT, b STRING", "struct<a:int,b:string>"),
            ("b INT, a INT", "c INT, a INT", "struct<b:int,a:int,c:int>"),
            ("a DECIMAL(5,2)", "a DECIMAL(9,2)", "struct<a:decimal(9,2)>"),
            (
                "a STRUCT<x: INT>",
                "a STRUCT<x: INT, y: INT>",
                "struct<a:struct<x:int,y:int>>",
            ),
            (
                "a ARRAY<STRUCT<x: INT>>",
                "a ARRAY<STRUCT<y: INT>>",
                "struct<a:array<struct<x:int,y:int>>>",
            ),
            (
                "a INTERVAL YEAR",
                "a INTERVAL MONTH",
                "struct<a:interval year to month>",
            ),
        ] {
            assert_eq!(merged(left, right).as_deref(), Some(expected));
        }
        for (left, right) in [
            ("a INT", "a BIGINT"),
            ("a FLOAT", "a DOUBLE"),
            ("a DECIMAL(5,2)", "a DECIMAL(5,3)"),
            ("a DATE", "a TIMESTAMP_NTZ"),
            ("a STRUCT<x: INT>", "a STRUCT<x: STRING>"),
            ("a MAP<STRING, INT>", "a MAP<STRING, STRING>"),
        ] {
            assert_eq!(merged(left, right), None, "{left}, {right}");
        }
    }
}
