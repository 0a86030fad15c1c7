//! Which casts there are: Spark's rules with and without ANSI.

use super::Mode;
use crate::column::DataType;

/// Whether Spark casts `source` to `target` in this mode. Recursion follows the types, whose depth is bounded.
pub fn is_allowed(source: &DataType, target: &DataType, mode: Mode) -> bool {
    use DataType::*;
    let legacy = mode == Mode::Legacy;
    // What try_cast may do to the elements of a value is what a cast without ANSI may.
    let inner = if mode == Mode::Try { Mode::Legacy } else { mode };
    if source == target {
        return true;
    }
    match (source, target) {
        (Void, _) | (_, String) | (String, Binary) => true,
        (Array { element: from, .. }, Array { element: to, .. }) => is_allowed(from, to, inner),
        (
            Map {
                key: from_key,
                value: from,
                ..
            },
            Map {
                key: to_key, value: to, ..
            },
        ) => {
            // A key may not become null.
            is_allowed(from_key, to_key, inner)
                && is_allowed(from, to, inner)
                && !(mode != Mode::Ansi && may_make_null(from_key, to_key))
        }
        (Struct(from), Struct(to)) => {
            from.fields.len() == to.fields.len()
                && from
                    .fields
                    .iter()
                    .zip(&to.fields)
                    .all(|(from, to)| is_allowed(&from.data_type, &to.data_type, inner))
        }
        (Array { .. } | Map { .. } | Struct(_), _) | (_, Array { .. } | Map { .. } | Struct(_) | Void) => false,
        (String, Variant) => false,
        (String, _) => true,
        (CalendarInterval | Variant, _) | (_, CalendarInterval | Variant) => false,
        (Time(_), to) => matches!(to, Time(_)),
        (_, Time(_)) => false,
        (from, Binary) => legacy && from.is_integral(),
        (Binary, _) => false,
        (from, Boolean) => from.is_numeric() || (legacy && matches!(from, Date | Timestamp)),
        (from, Timestamp) => from.is_numeric() || matches!(from, Date | TimestampNtz) || (legacy && *from == Boolean),
        (from, TimestampNtz) => matches!(from, Date | Timestamp),
        (from, Date) => matches!(from, Timestamp | TimestampNtz),
        (DayTimeInterval(_), DayTimeInterval(_)) | (YearMonthInterval(_), YearMonthInterval(_)) => true,
        (from, DayTimeInterval(_) | YearMonthInterval(_)) => from.is_integral() || matches!(from, Decimal { .. }),
        (DayTimeInterval(_) | YearMonthInterval(_), to) => to.is_integral() || matches!(to, Decimal { .. }),
        (from, to) if to.is_numeric() => {
            from.is_numeric() || matches!(from, Boolean | Timestamp) || (legacy && *from == Date)
        }
        _ => false,
    }
}

/// Whether a cast without ANSI may give null for a value that is none.
fn may_make_null(source: &DataType, target: &DataType) -> bool {
    use DataType::*;
    match (source, target) {
        (from, to) if from == to => false,
        (String, Binary) | (_, String) | (Void, _) => false,
        (String, _) => true,
        (Timestamp, TinyInt | SmallInt | Int) | (Float | Double, Timestamp) => true,
        (Timestamp, Date) => false,
        (_, Date) => true,
        (from, Decimal { precision, scale }) => match from {
            Decimal {
                precision: own,
                scale: own_scale,
            } => own - own_scale.unsigned_abs() > precision - scale.unsigned_abs() || own_scale > scale,
            _ => true,
        },
        (Float | Double | Decimal { .. }, to) => to.is_integral(),
        _ => false,
    }
}

/// The functions that Spark names where there is no such cast.
pub fn suggested_functions(source: &DataType, target: &DataType) -> Option<&'static str> {
    use DataType::*;
    match (source, target) {
        (from, Timestamp) if from.is_numeric() => Some("`TIMESTAMP_SECONDS`/`TIMESTAMP_MILLIS`/`TIMESTAMP_MICROS`"),
        (from, Date) if from.is_numeric() => Some("`DATE_FROM_UNIX_DATE`"),
        (Timestamp, to) if to.is_numeric() => Some("`UNIX_SECONDS`/`UNIX_MILLIS`/`UNIX_MICROS`"),
        (Date, to) if to.is_numeric() => Some("`UNIX_DATE`"),
        _ => None,
    }
}
