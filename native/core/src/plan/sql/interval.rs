//! Intervals of SQL text: `INTERVAL 1 DAY`, `INTERVAL '1 day 2 hours'`, `INTERVAL '1 2:3:4' DAY TO SECOND`.
//!
//! The fields that are written make the type: `INTERVAL 1 DAY` is an INTERVAL DAY, `INTERVAL '1 day 2 hours'` an
//! INTERVAL DAY TO HOUR.

use serde_json::Value as Json;
use sqlparser::ast::{DateTimeField, Expr, Interval, UnaryOperator, Value};

use super::super::Expression;
use super::dialect::is_interval_unit;
use super::unsupported;
use crate::column::{DayTimeField, FieldRange, IntervalField, YearMonthField};
use crate::error::{Error, ErrorCode, Result};
use crate::parse::{MICROS_PER_DAY, not_day_time, not_year_month, parse_day_time, parse_interval, parse_year_month};

/// The constant that an interval literal is. Fails with CANNOT_PARSE_INTERVAL or INVALID_INTERVAL_FORMAT.
pub(super) fn interval(constant: &Interval) -> Result<Expression> {
    let (amount, is_negative) = amount(&constant.value);
    let Some(amount) = amount else {
        return Err(unsupported(constant));
    };
    let unit = |field: &DateTimeField| field.to_string().to_lowercase();
    match (&constant.leading_field, &constant.last_field) {
        (None, _) => units(&amount, is_negative),
        (Some(field), None) if !is_interval_unit(&unit(field)) => Err(unsupported(constant)),
        (Some(field), None) => units(&format!("{amount} {}", unit(field)), is_negative),
        (Some(first), Some(last)) => range(&amount, is_negative, &unit(first), &unit(last)),
    }
}

/// The amount's text, and whether a minus stood before it.
fn amount(expr: &Expr) -> (Option<String>, bool) {
    let mut expr = expr;
    let mut is_negative = false;
    while let Expr::UnaryOp {
        op: UnaryOperator::Minus,
        expr: inner,
    } = expr
    {
        is_negative = !is_negative;
        expr = inner;
    }
    let text = match expr {
        Expr::Value(constant) => match &constant.value {
            Value::Number(digits, _) => Some(digits.clone()),
            Value::SingleQuotedString(found) | Value::DoubleQuotedString(found) => Some(found.trim().to_string()),
            _ => None,
        },
        _ => None,
    };
    (text, is_negative)
}

/// Numbers with their units: the units make the fields.
fn units(text: &str, is_negative: bool) -> Result<Expression> {
    let parsed = parse_interval(text)?;
    let mut day_time: Option<FieldRange<DayTimeField>> = None;
    let mut year_month: Option<FieldRange<YearMonthField>> = None;
    fn add<F: IntervalField>(range: &mut Option<FieldRange<F>>, field: F) {
        let alone = FieldRange::of(field);
        *range = Some(range.map_or(alone, |range| range.union(alone)));
    }
    let words = text
        .split(|c: char| !c.is_ascii_alphabetic())
        .filter(|word| !word.is_empty());
    for word in words.filter(|word| !word.eq_ignore_ascii_case("interval")) {
        let lowered = word.to_ascii_lowercase();
        let unit = lowered.strip_suffix('s').unwrap_or(&lowered);
        if let Some(field) = YearMonthField::named(unit) {
            add(&mut year_month, field);
        } else if let Some(field) = DayTimeField::named(unit) {
            add(&mut day_time, field);
        } else if unit == "week" {
            add(&mut day_time, DayTimeField::Day);
        } else {
            add(&mut day_time, DayTimeField::Second);
        }
    }
    let sign = if is_negative { -1 } else { 1 };
    match (year_month, day_time) {
        (Some(_), Some(_)) => {
            Err(Error::new(ErrorCode::LegacyErrorTemp0029).with("literal", format!("INTERVAL '{text}'")))
        }
        (Some(fields), None) => Ok(constant(sign * i64::from(parsed.months), fields)),
        (None, fields) => {
            let days = i64::from(parsed.days).checked_mul(MICROS_PER_DAY);
            let micros = days.and_then(|days| days.checked_add(parsed.micros)?.checked_mul(sign));
            let fields = fields.unwrap_or(FieldRange::of(DayTimeField::Second));
            Ok(constant(micros.ok_or_else(Error::long_overflow)?, fields))
        }
    }
}

/// `1 2:3:4` of DAY TO SECOND and the like.
fn range(text: &str, is_negative: bool, first: &str, last: &str) -> Result<Expression> {
    fn fields<F: IntervalField>(first: &str, last: &str) -> Option<FieldRange<F>> {
        FieldRange::new(F::named(first)?, F::named(last)?).filter(|fields| fields.first != fields.last)
    }
    if let Some(fields) = fields::<YearMonthField>(first, last) {
        let months = parse_year_month(text, is_negative, fields);
        return Ok(constant(
            i64::from(months.ok_or_else(|| not_year_month(text.as_bytes(), fields))?),
            fields,
        ));
    }
    let Some(fields) = fields::<DayTimeField>(first, last) else {
        return Err(Error::new(ErrorCode::InvalidIntervalFormatUnsupportedFromToExpression)
            .with("input", text)
            .with("from", first)
            .with("to", last));
    };
    let micros = parse_day_time(text, is_negative, fields);
    Ok(constant(
        micros.ok_or_else(|| not_day_time(text.as_bytes(), fields))?,
        fields,
    ))
}

fn constant<F: IntervalField>(units: i64, fields: FieldRange<F>) -> Expression {
    Expression::Literal {
        value: Json::String(units.to_string()),
        data_type: format!("interval {fields}"),
    }
}
