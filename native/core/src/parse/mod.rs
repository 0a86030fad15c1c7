//! Parse: bytes to typed columns (JSON, timestamps, intervals), fast for the plain case and Spark-exact for the rest.

mod calendar;
mod decimal_text;
mod double_text;
mod interval;
mod json;
mod json_column;
mod json_convert;
mod json_fast;
mod json_number;
mod json_options;
mod json_print;
mod json_token;
mod json_value;
mod time_zone;
mod timestamp_legacy;
mod timestamp_pattern;
mod timestamp_pattern_compile;
mod timestamp_pattern_fixed;
mod timestamp_pattern_resolve;
mod timestamp_pattern_step;
mod timestamp_text;
mod utf8;
mod zone_name;
mod zone_offset;

pub use calendar::{checked_days_from_civil, civil_from_days, days_from_civil, days_in_month, is_leap_year};
pub use decimal_text::parse_decimal_text;
pub use double_text::{write_java_double, write_java_float};
pub use interval::{Interval, parse_interval};
pub use json::JsonReader;
pub use json_options::{JsonOptions, ParseMode};
pub use time_zone::TimeZone;
pub use timestamp_pattern::TimestampPattern;
pub use timestamp_text::{parse_date_text, parse_timestamp_ntz_text, parse_timestamp_text};
