//! Binds the aggregates that take parameters beside their values: percentiles, mode, joined texts.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Float64Array};

use super::bind::{AggregateRequest, Bound, constant, is_implicitly_double};
use super::{Function, ranks};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::expr::{Expr, Value};
use crate::plan::coerce::cast_to;

/// Accuracy of percentile_approx() where none is given.
const ACCURACY: i64 = 10_000;

/// percentile(), median() and the functions of WITHIN GROUP that are percentiles.
pub(super) fn bind_percentile(request: &mut AggregateRequest<'_>) -> Result<Bound> {
    let is_of_group = matches!(request.name, "percentile_cont" | "percentile_disc");
    let (mut values, percentage, descending) = match request.name {
        "median" => {
            request.expect(1, 1)?;
            (request.take(0), None, false)
        }
        "percentile" => {
            request.expect(2, 3)?;
            (request.take(0), Some(request.take(0)), false)
        }
        _ => {
            request.expect(1, 1)?;
            let percentage = request.take(0);
            let Some(order) = request.order_by.pop() else {
                return Err(without_group(request));
            };
            (order.expr, Some(percentage), order.descending)
        }
    };
    let is_interval = matches!(
        values.data_type,
        DataType::DayTimeInterval(_) | DataType::YearMonthInterval(_)
    );
    if matches!(
        values.data_type,
        DataType::Timestamp | DataType::TimestampNtz | DataType::Date
    ) {
        return Err(Error::new(ErrorCode::UnsupportedTimeType));
    }
    if !values.data_type.is_numeric() && !is_interval {
        if !is_implicitly_double(&values.data_type) {
            let required = "(\"NUMERIC\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO SECOND\")";
            return Err(request.wrong_type(0, &values, required));
        }
        values = cast_to(values, &DataType::Double, request.session)?;
    }
    let (percentages, is_list) = match &percentage {
        None => (vec![0.5], false),
        Some(percentage) => (percentages_of(request, percentage)?, is_list(percentage)),
    };
    let element = if is_interval {
        values.data_type.clone()
    } else {
        DataType::Double
    };
    let mut arguments = vec![values];
    if !is_of_group && let Some(frequency) = request.arguments.pop() {
        if !frequency.data_type.is_integral() {
            return Err(request.wrong_type(2, &frequency, "\"INTEGRAL\""));
        }
        arguments.push(cast_to(frequency, &DataType::BigInt, request.session)?);
    }
    let function = Function::Percentile {
        percentages: percentages.into(),
        descending,
        discrete: request.name == "percentile_disc",
    };
    Ok(Bound::new(function, arguments, result_type(element, is_list)))
}

/// percentile_approx(): the values go into the summary as doubles and come back as their own type.
pub(super) fn bind_percentile_approx(request: &mut AggregateRequest<'_>) -> Result<Bound> {
    request.expect(2, 3)?;
    let accuracy = match request.arguments.get(2) {
        None => ACCURACY,
        Some(accuracy) => {
            let accuracy = cast_to(accuracy.clone(), &DataType::BigInt, request.session)?;
            constant(&accuracy)
                .filter(|array| array.is_valid(0))
                .map_or(0, |array| array.as_primitive::<Int64Type>().value(0))
        }
    };
    if !(1..=i64::from(i32::MAX)).contains(&accuracy) {
        return Err(Error::new(ErrorCode::DatatypeMismatchValueOutOfRange)
            .with("sqlExpr", format!("\"{}\"", request.sql))
            .with("exprName", "`accuracy`")
            .with("valueRange", format!("(0, {}]", i32::MAX))
            .with("currentValue", accuracy.to_string()));
    }
    let mut values = request.take(0);
    let percentage = request.take(0);
    let is_ranked = values.data_type.is_numeric()
        || matches!(
            values.data_type,
            DataType::Date
                | DataType::Timestamp
                | DataType::TimestampNtz
                | DataType::DayTimeInterval(_)
                | DataType::YearMonthInterval(_)
        );
    if !is_ranked {
        if !is_implicitly_double(&values.data_type) {
            let required = "(\"NUMERIC\" or \"DATE\" or \"TIMESTAMP\" or \"TIMESTAMP_NTZ\" or \
                            \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO SECOND\")";
            return Err(request.wrong_type(0, &values, required));
        }
        values = cast_to(values, &DataType::Double, request.session)?;
    }
    let percentages = percentages_of(request, &percentage)?;
    let element = values.data_type.clone();
    let doubles = as_doubles(values);
    let function = Function::PercentileApprox {
        percentages: percentages.into(),
        relative_error: 1.0 / accuracy as f64,
    };
    Ok(Bound::new(
        function,
        vec![doubles],
        result_type(element, is_list(&percentage)),
    ))
}

/// Numbers, dates and times as doubles, in which they are ranked.
pub(super) fn as_doubles(values: Expr) -> Expr {
    let source = values.data_type.clone();
    Expr::call("rank_value", vec![values], DataType::Double, true, move |values, _| {
        let array = values[0].array();
        let numbers = ranks::doubles_of(array, &source)?;
        let doubles: ArrayRef = Arc::new(Float64Array::new(numbers.into(), array.nulls().cloned()));
        Ok(match &values[0] {
            Value::Array(_) => Value::Array(doubles),
            Value::Scalar(_) => Value::Scalar(doubles),
        })
    })
}

fn is_list(percentage: &Expr) -> bool {
    matches!(percentage.data_type, DataType::Array { .. })
}

fn result_type(element: DataType, is_list: bool) -> DataType {
    if is_list {
        DataType::Array {
            element: Box::new(element),
            contains_null: false,
        }
    } else {
        element
    }
}

/// The constant percentages, each between 0 and 1.
fn percentages_of(request: &AggregateRequest<'_>, percentage: &Expr) -> Result<Vec<f64>> {
    let Some(percentages) = request.numbers(percentage)? else {
        return Err(Error::new(ErrorCode::DatatypeMismatchNonFoldableInput)
            .with("sqlExpr", format!("\"{}\"", request.sql))
            .with("inputName", "`percentage`")
            .with("inputType", "\"DOUBLE\"")
            .with("inputExpr", request.quoted_argument(1)));
    };
    match percentages.iter().find(|percentage| !(0.0..=1.0).contains(*percentage)) {
        None => Ok(percentages),
        Some(percentage) => Err(Error::new(ErrorCode::DatatypeMismatchValueOutOfRange)
            .with("sqlExpr", format!("\"{}\"", request.sql))
            .with("exprName", "`percentage`")
            .with("valueRange", "[0.0, 1.0]")
            .with("currentValue", percentage.to_string())),
    }
}

/// mode(): of equally frequent values any, or the least or greatest where it is said.
pub(super) fn bind_mode(request: &mut AggregateRequest<'_>) -> Result<Bound> {
    request.expect(0, 2)?;
    let (values, greatest) = match request.order_by.pop() {
        Some(order) if request.arguments.is_empty() => {
            request.check_orderable(&order.expr)?;
            (order.expr, Some(order.descending))
        }
        _ if request.arguments.is_empty() => return Err(without_group(request)),
        _ => {
            let is_fixed = match request.arguments.get(1) {
                None => false,
                Some(flag) => match constant(flag) {
                    Some(array) if flag.data_type == DataType::Boolean && array.is_valid(0) => {
                        array.as_boolean().value(0)
                    }
                    _ => return Err(request.wrong_type(1, flag, "\"BOOLEAN\"")),
                },
            };
            (request.take(0), is_fixed.then_some(false))
        }
    };
    let data_type = values.data_type.clone();
    Ok(Bound::new(Function::Mode { greatest }, vec![values], data_type))
}

fn without_group(request: &AggregateRequest<'_>) -> Error {
    Error::new(ErrorCode::WrongNumArgsWithoutSuggestion)
        .with("functionName", format!("`{}`", request.name))
        .with("expectedNum", "1")
        .with("actualNum", "0")
}

/// listagg(): texts, or bytes, joined by a constant.
pub(super) fn bind_join(request: &mut AggregateRequest<'_>) -> Result<Bound> {
    request.expect(1, 2)?;
    let mut texts = request.take(0);
    if !matches!(texts.data_type, DataType::String | DataType::Binary) {
        if texts.data_type.is_nested() {
            return Err(request.wrong_type(0, &texts, "(\"STRING\" or \"BINARY\")"));
        }
        texts = cast_to(texts, &DataType::String, request.session)?;
    }
    let delimiter: Vec<u8> = match request.arguments.pop() {
        None => Vec::new(),
        Some(delimiter) => {
            let bytes = constant(&delimiter).and_then(|array| match array.as_binary_view_opt() {
                Some(texts) if texts.is_valid(0) => Some(texts.value(0).to_vec()),
                _ => (array.len() == 1 && array.logical_null_count() == 1).then(Vec::new),
            });
            bytes.ok_or_else(|| {
                Error::new(ErrorCode::DatatypeMismatchNonFoldableInput)
                    .with("sqlExpr", format!("\"{}\"", request.sql))
                    .with("inputName", "`delimiter`")
                    .with("inputType", delimiter.data_type.quoted_sql())
                    .with("inputExpr", request.quoted_argument(1))
            })?
        }
    };
    let data_type = texts.data_type.clone();
    let mut arguments = vec![texts];
    let mut orders = Vec::with_capacity(request.order_by.len());
    for order in std::mem::take(&mut request.order_by) {
        request.check_orderable(&order.expr)?;
        orders.push((order.descending, order.nulls_first));
        arguments.push(order.expr);
    }
    let function = Function::JoinTexts {
        delimiter: delimiter.into(),
        orders: orders.into(),
    };
    Ok(Bound::new(function, arguments, data_type))
}
