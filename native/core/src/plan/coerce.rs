//! Spark's implicit type coercion: the type that two or more types have in common, and the casts that get there.

use crate::column::{DataType, StructType};
use crate::error::Result;
use crate::expr::{Expr, cast, decimal_for, wider_decimal};
use crate::session::Session;

/// The expression as a `data_type`, cast implicitly where it is something else.
pub fn cast_to(expr: Expr, data_type: &DataType, session: &Session) -> Result<Expr> {
    if expr.data_type == *data_type {
        Ok(expr)
    } else {
        cast(expr, data_type, session, false)
    }
}

/// Whether Spark casts an argument of a function on its own: `source` to the `target` that the function takes. Numbers
/// go into any number, narrower ones too. What has elements was brought to a common type before.
pub fn is_implicit(source: &DataType, target: &DataType, ansi: bool) -> bool {
    use DataType::*;
    let is_nested = |found: &DataType| matches!(found, Array { .. } | Map { .. } | Struct(_));
    let is_time = |found: &DataType| matches!(found, Date | Timestamp | TimestampNtz);
    match (source, target) {
        (from, to) if from == to => true,
        (Void, _) => true,
        (from, to) if is_nested(from) || is_nested(to) => is_nested(from) && is_nested(to),
        (Variant, _) => false,
        (CalendarInterval, String) => ansi,
        // Without ANSI text stands for numbers, times and bytes, but for no truth value.
        (String, Boolean) => ansi,
        (String, _) | (_, String) => true,
        (from, to) if is_time(from) && is_time(to) => true,
        (Time(_), Time(_)) | (DayTimeInterval(_), DayTimeInterval(_)) => true,
        (YearMonthInterval(_), YearMonthInterval(_)) => true,
        (from, to) => from.is_numeric() && to.is_numeric(),
    }
}

/// The type that branches of a CASE or arguments of coalesce share under ANSI; see [`widest_type`].
pub fn common_type(types: &[DataType]) -> Option<DataType> {
    widest_type(types, true)
}

/// The type that branches of a CASE, arguments of coalesce, elements of an array or candidates of IN share; none where
/// they share none.
pub fn widest_type(types: &[DataType], ansi: bool) -> Option<DataType> {
    fold(types, ansi, Text::Joins)
}

/// The type that arguments of greatest and least share: text only goes with text.
pub fn widest_type_without_text(types: &[DataType], ansi: bool) -> Option<DataType> {
    fold(types, ansi, Text::Alone)
}

fn fold(types: &[DataType], ansi: bool, text: Text) -> Option<DataType> {
    // Without ANSI the order matters only for text, which Spark looks at first.
    let (first, rest): (Vec<_>, Vec<_>) = types.iter().partition(|found| !ansi && has_text(found));
    let mut common = DataType::Void;
    for data_type in first.into_iter().chain(rest) {
        common = wider(&common, data_type, ansi, text)?;
    }
    Some(common)
}

fn has_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::String => true,
        DataType::Array { element, .. } => has_text(element),
        _ => false,
    }
}

/// The type in which two values are compared. `equality` is for `=` and `<=>`, where Spark without ANSI takes true for
/// 1 beside a number.
pub fn comparison_type(left: &DataType, right: &DataType, ansi: bool, equality: bool) -> Option<DataType> {
    use DataType::*;
    if ansi {
        return wider(left, right, true, Text::Joins);
    }
    match (left, right) {
        (String, String) => Some(String),
        // Text is read as the other side's type; a decimal is compared as a double.
        (String, other) | (other, String) => match other {
            Void => Some(String),
            Decimal { .. } => Some(Double),
            DayTimeInterval(_)
            | YearMonthInterval(_)
            | CalendarInterval
            | Variant
            | Array { .. }
            | Map { .. }
            | Struct(_) => None,
            other => Some(other.clone()),
        },
        (Boolean, number) | (number, Boolean) if equality && number.is_numeric() => Some(number.clone()),
        _ => wider(left, right, false, Text::Alone),
    }
}

/// The type in which two numbers are computed with: text counts as BIGINT beside an integer and as DOUBLE beside
/// another number under ANSI, as DOUBLE without. A decimal beside an integer or decimal stays what it is.
pub fn arithmetic_type(left: &DataType, right: &DataType, ansi: bool) -> Option<DataType> {
    let as_number = |own: &DataType, other: &DataType| match (own, other) {
        (DataType::String, other) if ansi && other.is_integral() => DataType::BigInt,
        (DataType::String, _) => DataType::Double,
        (DataType::Void, DataType::Void) => DataType::Double,
        (found, _) => found.clone(),
    };
    let (left, right) = (as_number(left, right), as_number(right, left));
    wider(&left, &right, ansi, Text::Alone).filter(DataType::is_numeric)
}

/// What text does beside other types.
#[derive(Clone, Copy, PartialEq)]
enum Text {
    /// Takes part in Spark's string promotion.
    Joins,
    /// Has nothing in common with them.
    Alone,
}

/// The narrowest of Spark's types that both fit in. Recursion follows the types, whose depth is bounded.
fn wider(left: &DataType, right: &DataType, ansi: bool, text: Text) -> Option<DataType> {
    use DataType::*;
    if left == right {
        return Some(left.clone());
    }
    match (left, right) {
        (Void, other) | (other, Void) => Some(other.clone()),
        (Time(left), Time(right)) => Some(Time(*left.max(right))),
        (DayTimeInterval(left), DayTimeInterval(right)) => Some(DayTimeInterval(left.union(*right))),
        (YearMonthInterval(left), YearMonthInterval(right)) => Some(YearMonthInterval(left.union(*right))),
        (Date, Timestamp) | (Timestamp, Date) => Some(Timestamp),
        (Date, TimestampNtz) | (TimestampNtz, Date) => Some(TimestampNtz),
        (TimestampNtz, Timestamp) | (Timestamp, TimestampNtz) => Some(Timestamp),
        (String, other) | (other, String) if text == Text::Joins => match other {
            Array { .. } | Map { .. } | Struct(_) => None,
            // Under ANSI text is read as the other side's type.
            number if ansi && number.is_integral() => Some(BigInt),
            Float | Double | Decimal { .. } if ansi => Some(Double),
            other if ansi => Some(other.clone()),
            // Without, the other side becomes text.
            Boolean | Binary => None,
            _ => Some(String),
        },
        (Decimal { .. }, Float | Double) | (Float | Double, Decimal { .. }) => Some(Double),
        (Decimal { .. }, _) | (_, Decimal { .. }) if left.is_numeric() && right.is_numeric() => {
            let (precision, scale) = wider_decimal(decimal_for(left)?, decimal_for(right)?);
            Some(Decimal { precision, scale })
        }
        (
            Array {
                element: a,
                contains_null: a_null,
            },
            Array {
                element: b,
                contains_null: b_null,
            },
        ) => Some(Array {
            element: Box::new(wider(a, b, ansi, text)?),
            contains_null: *a_null || *b_null,
        }),
        (
            Map {
                key: a_key,
                value: a,
                value_contains_null: a_null,
            },
            Map {
                key: b_key,
                value: b,
                value_contains_null: b_null,
            },
        ) => Some(Map {
            key: Box::new(wider(a_key, b_key, ansi, text)?),
            value: Box::new(wider(a, b, ansi, text)?),
            value_contains_null: *a_null || *b_null,
        }),
        (Struct(a), Struct(b)) if have_same_names(a, b) => {
            let mut fields = a.fields.clone();
            for (field, other) in fields.iter_mut().zip(&b.fields) {
                field.data_type = wider(&field.data_type, &other.data_type, ansi, text)?;
                field.nullable |= other.nullable;
            }
            Some(Struct(StructType::new(fields)))
        }
        _ => {
            let (a, b) = (rank(left)?, rank(right)?);
            let widest = if a > b { left } else { right };
            // Under ANSI a float beside an integer becomes a double, which holds more of the integer's digits.
            Some(if ansi && *widest == Float {
                Double
            } else {
                widest.clone()
            })
        }
    }
}

/// Structs have a type in common only where their fields are named alike.
fn have_same_names(left: &StructType, right: &StructType) -> bool {
    let mut pairs = left.fields.iter().zip(&right.fields);
    left.fields.len() == right.fields.len() && pairs.all(|(left, right)| left.name.eq_ignore_ascii_case(&right.name))
}

fn rank(data_type: &DataType) -> Option<u8> {
    match data_type {
        DataType::TinyInt => Some(1),
        DataType::SmallInt => Some(2),
        DataType::Int => Some(3),
        DataType::BigInt => Some(4),
        DataType::Float => Some(5),
        DataType::Double => Some(6),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_beside_numbers() {
        let (text, int) = (DataType::String, DataType::Int);
        assert_eq!(widest_type(&[text.clone(), int.clone()], true), Some(DataType::BigInt));
        assert_eq!(widest_type(&[int.clone(), text.clone()], false), Some(DataType::String));
        assert_eq!(comparison_type(&text, &int, false, true), Some(DataType::Int));
        assert_eq!(widest_type_without_text(&[text.clone(), int.clone()], true), None);
        assert_eq!(arithmetic_type(&int, &text, false), Some(DataType::Double));
    }

    #[test]
    fn arguments_that_are_cast_implicitly() {
        let decimal = |precision, scale| DataType::Decimal { precision, scale };
        for ansi in [true, false] {
            assert!(is_implicit(&DataType::BigInt, &DataType::Int, ansi));
            assert!(is_implicit(&DataType::Double, &decimal(16, 6), ansi));
            assert!(is_implicit(&DataType::Boolean, &DataType::String, ansi));
            assert!(!is_implicit(&DataType::Int, &DataType::Binary, ansi));
            assert!(!is_implicit(&DataType::Int, &DataType::Timestamp, ansi));
            assert!(is_implicit(&DataType::String, &DataType::Timestamp, ansi));
            assert!(is_implicit(&DataType::Date, &DataType::Timestamp, ansi));
            assert!(is_implicit(&decimal(5, 2), &DataType::Double, ansi));
        }
        assert!(is_implicit(&DataType::String, &DataType::Boolean, true));
        assert!(!is_implicit(&DataType::String, &DataType::Boolean, false));
    }

    #[test]
    fn floats_beside_integers() {
        assert_eq!(
            arithmetic_type(&DataType::Float, &DataType::Int, true),
            Some(DataType::Double)
        );
        assert_eq!(
            arithmetic_type(&DataType::Float, &DataType::Int, false),
            Some(DataType::Float)
        );
    }
}
