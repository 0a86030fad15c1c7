//! Spark's text of an expression: the names of unnamed columns, and what error messages show.

use arrow_array::cast::AsArray;
use serde_json::Value as Json;

use super::call_text::call_text;
use super::window_text::over_text;
use super::{Branch, Expression};
use crate::column::{DataType, parse_data_type};
use crate::expr::{ValueFormatter, literal};
use crate::parse::TimeZone;

/// Name of the column that `expression` makes where it has no alias.
pub fn output_name(expression: &Expression) -> String {
    match expression {
        Expression::Alias { name, .. } => name.clone(),
        // Spark gives a cast of a column the column's own name.
        Expression::Cast { child, .. } if matches!(**child, Expression::Column { .. }) => output_name(child),
        Expression::Column { name } => super::scope::name_parts(name)
            .ok()
            .and_then(|parts| parts.last().cloned())
            .unwrap_or_else(|| name.clone()),
        Expression::Call { name, .. } if name == "window" || name == "session_window" => name.clone(),
        other => sql_text(other),
    }
}

/// Name that argument `index` (from 0) of struct() has as a field.
pub fn field_name(index: usize, expression: &Expression) -> String {
    match expression {
        Expression::Alias { .. } | Expression::Column { .. } => output_name(expression),
        Expression::Call { name, arguments, .. } if name == "getfield" => match arguments.get(1) {
            Some(Expression::Literal {
                value: Json::String(field),
                ..
            }) => field.clone(),
            _ => format!("col{}", index + 1),
        },
        _ => format!("col{}", index + 1),
    }
}

/// Spark's pretty text of an expression, such as `sum(profit)` or `(v * 2)`.
pub fn sql_text(expression: &Expression) -> String {
    text_of(expression, &[])
}

/// `bound` holds the parameters of the lambdas around the expression, which Spark writes without their names.
fn text_of(expression: &Expression, bound: &[String]) -> String {
    match expression {
        Expression::Column { name } => {
            let name = name.replace('`', "");
            let (first, rest) = name.split_at(name.find('.').unwrap_or(name.len()));
            if bound.iter().any(|parameter| parameter == first) {
                format!("namedlambdavariable(){rest}")
            } else {
                name
            }
        }
        Expression::Star { target } => target.as_ref().map_or("*".to_string(), |target| format!("{target}.*")),
        Expression::Literal { value, data_type } => literal_text(value, data_type),
        Expression::Alias { child, name } => format!("{} AS {name}", text_of(child, bound)),
        Expression::MultiAlias { child, names } => format!("{} AS ({})", text_of(child, bound), names.join(", ")),
        Expression::Cast {
            child,
            data_type,
            attempt,
        } => format!(
            "{}({} AS {})",
            if *attempt { "TRY_CAST" } else { "CAST" },
            text_of(child, bound),
            data_type.to_uppercase()
        ),
        Expression::Call {
            name,
            arguments,
            distinct,
            filter,
            ..
        } => {
            let mut text = text_of_call(name, arguments, bound);
            if *distinct == Some(true) {
                text = text.replacen('(', "(DISTINCT ", 1);
            }
            match filter {
                Some(filter) => format!("{text} FILTER (WHERE {})", text_of(filter, bound)),
                None => text,
            }
        }
        Expression::Lambda { parameters, body } => {
            let bound = [bound, parameters.as_slice()].concat();
            let variables = vec!["namedlambdavariable()"; parameters.len()];
            format!("lambdafunction({}, {})", text_of(body, &bound), variables.join(", "))
        }
        Expression::SortOrder {
            child,
            descending,
            nulls_first,
        } => format!(
            "{} {} NULLS {}",
            text_of(child, bound),
            if *descending { "DESC" } else { "ASC" },
            if *nulls_first { "FIRST" } else { "LAST" }
        ),
        Expression::Over { .. } => over_text(expression),
        Expression::Sql { text, .. } => text.clone(),
        Expression::CaseWhen { branches, otherwise } => {
            let mut text = "CASE".to_string();
            for Branch { when, then } in branches {
                text += &format!(" WHEN {} THEN {}", text_of(when, bound), text_of(then, bound));
            }
            if let Some(expression) = otherwise {
                text += &format!(" ELSE {}", text_of(expression, bound));
            }
            text + " END"
        }
    }
}

fn text_of_call(name: &str, arguments: &[Expression], bound: &[String]) -> String {
    let orders = arguments
        .iter()
        .filter(|argument| matches!(argument, Expression::SortOrder { .. }))
        .count();
    let (arguments, orders) = arguments.split_at(arguments.len() - orders);
    let texts: Vec<String> = arguments.iter().map(|argument| text_of(argument, bound)).collect();
    let text = call_text(name, &texts);
    if orders.is_empty() {
        return text;
    }
    let orders: Vec<String> = orders.iter().map(|order| text_of(order, bound)).collect();
    format!("{text} WITHIN GROUP (ORDER BY {})", orders.join(", "))
}

fn literal_text(value: &Json, data_type: &str) -> String {
    match value {
        Json::Null => "NULL".to_string(),
        Json::String(text) => typed_text(value, data_type).unwrap_or_else(|| text.clone()),
        other => other.to_string(),
    }
}

/// A constant that Spark writes with its type: `DATE '2024-01-02'`, `INTERVAL '1' DAY`, `X'1F'`. None for other types.
fn typed_text(value: &Json, data_type: &str) -> Option<String> {
    let data_type = parse_data_type(data_type).ok()?;
    let keyword = match data_type {
        DataType::Date => "DATE",
        DataType::Timestamp => "TIMESTAMP",
        DataType::TimestampNtz => "TIMESTAMP_NTZ",
        DataType::Binary => "X",
        DataType::DayTimeInterval(_) | DataType::YearMonthInterval(_) => "",
        _ => return None,
    };
    let constant = literal(value, &data_type).ok()?;
    let array = constant.as_literal()?;
    let mut text = String::new();
    if let Some(bytes) = array.as_binary_view_opt() {
        bytes.value(0).iter().for_each(|byte| text += &format!("{byte:02X}"));
    } else {
        ValueFormatter::new(&data_type, &TimeZone::utc()).write(array, 0, &mut text);
    }
    Some(match keyword {
        "" => text,
        "X" => format!("X'{text}'"),
        keyword => format!("{keyword} '{text}'"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_with_their_types() {
        let text = |value: &str, data_type: &str| literal_text(&Json::String(value.into()), data_type);
        assert_eq!(text("19723", "date"), "DATE '2024-01-01'");
        assert_eq!(text("86400000000", "interval day"), "INTERVAL '1' DAY");
        assert_eq!(text("14", "interval year to month"), "INTERVAL '1-2' YEAR TO MONTH");
        assert_eq!(text("Hw==", "binary"), "X'1F'");
        assert_eq!(text("7", "int"), "7");
    }
}
