//! Spark's SQL types, and the Arrow type that carries each.

use std::fmt;
use std::sync::Arc;

use arrow_schema::{DataType as ArrowType, Field as ArrowField, Fields, IntervalUnit, TimeUnit};

use super::interval_fields::{DayTimeField, FieldRange, YearMonthField};

/// A Spark SQL data type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DataType {
    /// The type of a bare NULL.
    Void,
    /// true and false.
    Boolean,
    /// 8-bit integer.
    TinyInt,
    /// 16-bit integer.
    SmallInt,
    /// 32-bit integer.
    Int,
    /// 64-bit integer.
    BigInt,
    /// 32-bit float.
    Float,
    /// 64-bit float.
    Double,
    /// Exact number of at most 38 digits.
    Decimal {
        /// Digits in all, 1 to 38.
        precision: u8,
        /// Digits after the point.
        scale: i8,
    },
    /// Text. Spark's strings are bytes: invalid UTF-8 survives, so the carrier is a binary view.
    String,
    /// Bytes.
    Binary,
    /// Days since 1970-01-01.
    Date,
    /// Microseconds since 1970-01-01T00:00:00Z.
    Timestamp,
    /// Microseconds of wall-clock time.
    TimestampNtz,
    /// Nanoseconds of the day, whose seconds keep so many digits.
    Time(u8),
    /// A value of any JSON type; it is carried as the JSON text that it prints as. It has no order.
    Variant,
    /// Microseconds, an ANSI day-time interval.
    DayTimeInterval(FieldRange<DayTimeField>),
    /// Months, an ANSI year-month interval.
    YearMonthInterval(FieldRange<YearMonthField>),
    /// Months, days and microseconds side by side: what `make_interval` makes. It has no order.
    CalendarInterval,
    /// A list.
    Array {
        /// Type of the elements.
        element: Box<DataType>,
        /// Whether an element may be null.
        contains_null: bool,
    },
    /// A map; the order of its entries is kept.
    Map {
        /// Type of the keys, never null.
        key: Box<DataType>,
        /// Type of the values.
        value: Box<DataType>,
        /// Whether a value may be null.
        value_contains_null: bool,
    },
    /// Named fields.
    Struct(StructType),
}

/// A named column of a row type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// The column's name as written.
    pub name: String,
    /// The column's type.
    pub data_type: DataType,
    /// Whether it may be null.
    pub nullable: bool,
    /// Spark's mark of a column that a function made, such as `spark.timeWindow`.
    pub metadata: Option<&'static str>,
    /// The COMMENT of the schema that it comes from.
    pub comment: Option<Box<str>>,
}

/// A row type: Spark's `StructType`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct StructType {
    /// The columns in order.
    pub fields: Vec<Field>,
}

impl Field {
    /// A column.
    pub fn new(name: impl Into<String>, data_type: DataType, nullable: bool) -> Self {
        Self {
            name: name.into(),
            data_type,
            nullable,
            metadata: None,
            comment: None,
        }
    }

    /// The Arrow field that carries this column.
    pub fn to_arrow(&self) -> ArrowField {
        ArrowField::new(&self.name, self.data_type.to_arrow(), true)
    }
}

impl StructType {
    /// A row type of these columns.
    pub fn new(fields: Vec<Field>) -> Self {
        Self { fields }
    }

    /// The same columns, all of which may be null, as those of files are: nobody checks what is in a file.
    pub fn as_nullable(&self) -> Self {
        let field = |field: &Field| Field {
            data_type: field.data_type.as_nullable(),
            nullable: true,
            ..field.clone()
        };
        Self::new(self.fields.iter().map(field).collect())
    }

    /// The Arrow fields that carry the columns. All are nullable there: nullability is the plan's knowledge.
    pub fn to_arrow(&self) -> Fields {
        self.fields.iter().map(|field| Arc::new(field.to_arrow())).collect()
    }
}

impl DataType {
    /// INTERVAL DAY TO SECOND.
    pub const DAY_TIME: DataType = DataType::DayTimeInterval(FieldRange {
        first: DayTimeField::Day,
        last: DayTimeField::Second,
    });
    /// INTERVAL YEAR TO MONTH.
    pub const YEAR_MONTH: DataType = DataType::YearMonthInterval(FieldRange {
        first: YearMonthField::Year,
        last: YearMonthField::Month,
    });

    /// The struct of a time window over times of type `time`: `struct<start:timestamp,end:timestamp>`.
    pub fn window_of(time: &DataType) -> Self {
        DataType::Struct(StructType::new(vec![
            Field::new("start", time.clone(), true),
            Field::new("end", time.clone(), true),
        ]))
    }

    /// The type of the times that a window holds, where it is the struct of one.
    pub fn window_time(&self) -> Option<&DataType> {
        match self {
            DataType::Struct(fields) => match fields.fields.as_slice() {
                [start, end] if start.name == "start" && end.name == "end" && start.data_type == end.data_type => {
                    Some(&start.data_type).filter(|time| matches!(time, DataType::Timestamp | DataType::TimestampNtz))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The same type, all of whose parts may be null but for the keys of maps. Recursion follows the type.
    pub fn as_nullable(&self) -> Self {
        match self {
            DataType::Array { element, .. } => DataType::Array {
                element: Box::new(element.as_nullable()),
                contains_null: true,
            },
            DataType::Map { key, value, .. } => DataType::Map {
                key: Box::new(key.as_nullable()),
                value: Box::new(value.as_nullable()),
                value_contains_null: true,
            },
            DataType::Struct(schema) => DataType::Struct(schema.as_nullable()),
            leaf => leaf.clone(),
        }
    }

    /// The Arrow type that carries this type.
    pub fn to_arrow(&self) -> ArrowType {
        match self {
            DataType::Void => ArrowType::Null,
            DataType::Boolean => ArrowType::Boolean,
            DataType::TinyInt => ArrowType::Int8,
            DataType::SmallInt => ArrowType::Int16,
            DataType::Int => ArrowType::Int32,
            DataType::BigInt => ArrowType::Int64,
            DataType::Float => ArrowType::Float32,
            DataType::Double => ArrowType::Float64,
            DataType::Decimal { precision, scale } => ArrowType::Decimal128(*precision, *scale),
            DataType::String | DataType::Binary | DataType::Variant => ArrowType::BinaryView,
            DataType::Time(_) => ArrowType::Time64(TimeUnit::Nanosecond),
            DataType::Date => ArrowType::Date32,
            DataType::Timestamp => ArrowType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            DataType::TimestampNtz => ArrowType::Timestamp(TimeUnit::Microsecond, None),
            DataType::DayTimeInterval(_) => ArrowType::Duration(TimeUnit::Microsecond),
            DataType::YearMonthInterval(_) => ArrowType::Interval(IntervalUnit::YearMonth),
            // Its nanoseconds hold Spark's microseconds: not every number of those has 64 bits of nanoseconds.
            DataType::CalendarInterval => ArrowType::Interval(IntervalUnit::MonthDayNano),
            DataType::Array { element, .. } => {
                ArrowType::List(Arc::new(ArrowField::new("element", element.to_arrow(), true)))
            }
            DataType::Map { key, value, .. } => ArrowType::Map(
                Arc::new(ArrowField::new(
                    "entries",
                    ArrowType::Struct(Fields::from(vec![
                        ArrowField::new("key", key.to_arrow(), false),
                        ArrowField::new("value", value.to_arrow(), true),
                    ])),
                    false,
                )),
                false,
            ),
            DataType::Struct(fields) => ArrowType::Struct(fields.to_arrow()),
        }
    }

    /// Whether it is one of the four integer types.
    pub fn is_integral(&self) -> bool {
        matches!(
            self,
            DataType::TinyInt | DataType::SmallInt | DataType::Int | DataType::BigInt
        )
    }

    /// Whether it is a number: integer, decimal or float.
    pub fn is_numeric(&self) -> bool {
        self.is_integral() || matches!(self, DataType::Float | DataType::Double | DataType::Decimal { .. })
    }

    /// Whether it is an interval with ANSI's fields: its values have an order and can be added up.
    pub fn is_ansi_interval(&self) -> bool {
        matches!(self, DataType::DayTimeInterval(_) | DataType::YearMonthInterval(_))
    }

    /// Whether there is a map in it.
    pub fn contains_map(&self) -> bool {
        match self {
            DataType::Map { .. } => true,
            DataType::Array { element, .. } => element.contains_map(),
            DataType::Struct(fields) => fields.fields.iter().any(|field| field.data_type.contains_map()),
            _ => false,
        }
    }

    /// Whether its values have an order. Maps, calendar intervals and variants have none, nor what holds them, so that they can't
    /// be compared.
    pub fn is_orderable(&self) -> bool {
        match self {
            DataType::Map { .. } | DataType::CalendarInterval | DataType::Variant => false,
            DataType::Array { element, .. } => element.is_orderable(),
            DataType::Struct(fields) => fields.fields.iter().all(|field| field.data_type.is_orderable()),
            _ => true,
        }
    }

    /// Whether it is nested: array, map or struct.
    pub fn is_nested(&self) -> bool {
        matches!(
            self,
            DataType::Array { .. } | DataType::Map { .. } | DataType::Struct(_)
        )
    }

    /// Spark's name of the type inside error messages, such as `"BIGINT"`, quotes included.
    pub fn quoted_sql(&self) -> String {
        format!("\"{}\"", self.sql())
    }

    /// Spark's `DataType.sql`, upper case, such as `STRUCT<a: INT>`.
    pub fn sql(&self) -> String {
        match self {
            DataType::Array { element, .. } => format!("ARRAY<{}>", element.sql()),
            DataType::Map { key, value, .. } => format!("MAP<{}, {}>", key.sql(), value.sql()),
            DataType::Struct(fields) => {
                let parts: Vec<String> = fields
                    .fields
                    .iter()
                    .map(|field| {
                        let not_null = if field.nullable { "" } else { " NOT NULL" };
                        let comment = field.comment.as_ref().map_or_else(String::new, |comment| {
                            format!(" COMMENT '{}'", comment.replace('\\', "\\\\").replace('\'', "\\'"))
                        });
                        let name = quoted_if_needed(&field.name);
                        format!("{name}: {}{not_null}{comment}", field.data_type.sql())
                    })
                    .collect();
                format!("STRUCT<{}>", parts.join(", "))
            }
            other => other.to_string().to_uppercase(),
        }
    }
}

/// A name as SQL text has it: in backquotes unless it is a plain word.
fn quoted_if_needed(name: &str) -> String {
    let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.bytes().any(|byte| !byte.is_ascii_digit());
    if is_word {
        name.to_string()
    } else {
        format!("`{}`", name.replace('`', "``"))
    }
}

/// Spark's `simpleString`: `bigint`, `decimal(10,2)`, `struct<start:timestamp,end:timestamp>`.
impl fmt::Display for DataType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DataType::Void => out.write_str("void"),
            DataType::Boolean => out.write_str("boolean"),
            DataType::TinyInt => out.write_str("tinyint"),
            DataType::SmallInt => out.write_str("smallint"),
            DataType::Int => out.write_str("int"),
            DataType::BigInt => out.write_str("bigint"),
            DataType::Float => out.write_str("float"),
            DataType::Double => out.write_str("double"),
            DataType::Decimal { precision, scale } => write!(out, "decimal({precision},{scale})"),
            DataType::String => out.write_str("string"),
            DataType::Binary => out.write_str("binary"),
            DataType::Date => out.write_str("date"),
            DataType::Timestamp => out.write_str("timestamp"),
            DataType::TimestampNtz => out.write_str("timestamp_ntz"),
            DataType::Time(precision) => write!(out, "time({precision})"),
            DataType::Variant => out.write_str("variant"),
            DataType::DayTimeInterval(fields) => write!(out, "interval {fields}"),
            DataType::YearMonthInterval(fields) => write!(out, "interval {fields}"),
            DataType::CalendarInterval => out.write_str("interval"),
            DataType::Array { element, .. } => write!(out, "array<{element}>"),
            DataType::Map { key, value, .. } => write!(out, "map<{key},{value}>"),
            DataType::Struct(fields) => {
                out.write_str("struct<")?;
                for (index, field) in fields.fields.iter().enumerate() {
                    if index > 0 {
                        out.write_str(",")?;
                    }
                    write!(out, "{}:{}", field.name, field.data_type)?;
                }
                out.write_str(">")
            }
        }
    }
}
