//! Parse: bytes to typed columns (JSON, timestamps, intervals), fast for the plain case and Spark-exact for the rest.

mod calendar;
mod csv;
mod csv_fields;
mod csv_infer;
mod csv_options;
mod decimal_text;
mod double_text;
mod interval;
mod interval_fields;
mod interval_text;
mod java_digits;
mod json;
mod json_array;
mod json_column;
mod json_convert;
mod json_document;
mod json_fast;
mod json_infer;
mod json_number;
mod json_options;
mod json_print;
mod json_token;
mod json_value;
mod json_variant;
mod locale_names;
mod time_memo;
mod time_text;
mod time_zone;
mod timestamp_format;
mod timestamp_legacy;
mod timestamp_pattern;
mod timestamp_pattern_compile;
mod timestamp_pattern_fixed;
mod timestamp_pattern_resolve;
mod timestamp_pattern_step;
mod timestamp_text;
mod utf8;
mod zone_display_names;
mod zone_name;
mod zone_offset;

pub(crate) use calendar::{MICROS_PER_DAY, MICROS_PER_SECOND};
pub use calendar::{checked_days_from_civil, civil_from_days, days_from_civil, days_in_month, is_leap_year};
pub use csv::CsvReader;
pub use csv_fields::{CsvField, record_ends, split_record};
pub use csv_infer::wider_csv_type;
pub use csv_options::CsvOptions;
pub use decimal_text::{decimal_digit, parse_decimal_text};
pub use double_text::{write_java_double, write_java_float};
pub(crate) use interval::interval_of;
pub use interval::{Interval, parse_interval};
pub use interval_fields::{
    cast_day_time, cast_year_month, not_day_time, not_year_month, parse_day_time, parse_year_month,
};
pub(crate) use interval_text::{
    write_calendar_interval, write_day_time_interval, write_fraction, write_year_month_interval,
};
pub use java_digits::{java_double_digits, java_float_digits};
pub use json::JsonReader;
pub use json_array::array_elements;
pub use json_document::{JsonDocument, JsonPath};
pub use json_infer::{JsonSchemaInference, infer_json_type};
pub use json_options::{JsonOptions, ParseMode};
pub use locale_names::LocaleNames;
pub(crate) use time_text::write_time;
pub use time_text::{parse_time_text, truncate_time};
pub use time_zone::TimeZone;
pub use timestamp_format::TimestampFormat;
pub use timestamp_legacy::TimeParserPolicy;
pub use timestamp_pattern::TimestampPattern;
pub use timestamp_text::{parse_date_text, parse_timestamp_ntz_text, parse_timestamp_text};
pub(crate) use utf8::java_text;
