//! The types of CSV columns, found from their texts as Spark's CSVInferSchema does.

use super::csv::{boolean, float, java_integer};
use super::csv_options::CsvOptions;
use super::decimal_text::decimal_shape;
use super::json_convert::time_value;
use crate::column::DataType;

/// The type of a column that had type `so_far` (VOID before anything) once it holds `text` too.
pub fn wider_csv_type(so_far: &DataType, text: &[u8], options: &CsvOptions) -> DataType {
    if text.is_empty() || text == options.null_text || *so_far == DataType::String {
        return so_far.clone();
    }
    // A text is tried as what the column is, then as ever wider types.
    let tried = match so_far {
        DataType::Void | DataType::Int => number_type(text, options, 0),
        DataType::BigInt => number_type(text, options, 1),
        DataType::Decimal { .. } => number_type(text, options, 2),
        DataType::Double => number_type(text, options, 3),
        DataType::Date => time_type(text, options),
        DataType::Timestamp => time_type(text, options),
        DataType::Boolean => boolean_type(text),
        _ => DataType::String,
    };
    merged(so_far, tried)
}

fn number_type(text: &[u8], options: &CsvOptions, from: u8) -> DataType {
    if from == 0 && java_integer::<i32>(text).is_some() {
        return DataType::Int;
    }
    if from <= 1 && java_integer::<i64>(text).is_some() {
        return DataType::BigInt;
    }
    // Decimals are for integers that 64 bits do not hold.
    if from <= 2
        && let Some((precision, scale)) = decimal_shape(text)
        && scale <= 0
        && precision as i64 - i64::from(scale) <= 38
    {
        let precision = (precision as i64 - i64::from(scale)) as u8;
        return DataType::Decimal { precision, scale: 0 };
    }
    match float(text, options, [f64::NAN, f64::INFINITY, f64::NEG_INFINITY]) {
        Some(_) => DataType::Double,
        None => time_type(text, options),
    }
}

fn time_type(text: &[u8], options: &CsvOptions) -> DataType {
    let is = |data_type: &DataType| matches!(time_value(data_type, text, &options.records), Ok(Some(_)));
    // Casts take years and months for dates; inferring asks for whole ones.
    let is_whole_date = options.records.date_pattern.is_some() || text.len() == 10;
    if options.prefers_dates && is_whole_date && is(&DataType::Date) {
        DataType::Date
    } else if is(&DataType::Timestamp) {
        DataType::Timestamp
    } else {
        boolean_type(text)
    }
}

fn boolean_type(text: &[u8]) -> DataType {
    boolean(text).map_or(DataType::String, |_| DataType::Boolean)
}

/// The narrowest type that holds both.
fn merged(left: &DataType, right: DataType) -> DataType {
    use DataType::*;
    match (left, right) {
        (Void, right) => right,
        (left, right) if *left == right => right,
        (Int, BigInt) | (BigInt, Int) => BigInt,
        (Decimal { precision, .. }, Decimal { precision: other, .. }) => Decimal {
            precision: (*precision).max(other),
            scale: 0,
        },
        (Int | BigInt, Decimal { precision, .. }) => Decimal {
            precision: precision.max(20),
            scale: 0,
        },
        (Decimal { precision, .. }, Int | BigInt) => Decimal {
            precision: (*precision).max(20),
            scale: 0,
        },
        (Int | BigInt | Decimal { .. }, Double) | (Double, Int | BigInt | Decimal { .. }) => Double,
        (Date, Timestamp) | (Timestamp, Date) => Timestamp,
        _ => String,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::parse::TimeZone;

    #[test]
    fn the_narrowest_type_that_all_texts_have() {
        let options = CsvOptions::new(&BTreeMap::new(), &TimeZone::parse("UTC").unwrap()).unwrap();
        let of = |texts: &[&str]| {
            let widen = |so_far: DataType, text: &&str| wider_csv_type(&so_far, text.as_bytes(), &options);
            texts.iter().fold(DataType::Void, widen).sql()
        };
        assert_eq!(of(&["1", "", "-3"]), "INT");
        assert_eq!(of(&["1", "3000000000"]), "BIGINT");
        assert_eq!(of(&["3000000000", "1"]), "BIGINT");
        assert_eq!(of(&["123456789012345678901"]), "DECIMAL(21,0)");
        assert_eq!(of(&["1", "1.5"]), "DOUBLE");
        assert_eq!(of(&["1.5", "1"]), "DOUBLE");
        assert_eq!(of(&["2026-01-02", "2026-01-03"]), "DATE");
        assert_eq!(of(&["2026-01-02", "2026-01-03 10:00:00"]), "TIMESTAMP");
        assert_eq!(of(&["true", "FALSE"]), "BOOLEAN");
        assert_eq!(of(&["1", "x"]), "STRING");
        assert_eq!(of(&["true", "1"]), "STRING");
        assert_eq!(of(&[""]), "VOID");
    }
}
