//! Binds the aggregates that sketch their values: histogram_numeric, count_min_sketch.

use super::Function;
use super::bind::{AggregateRequest, Bound};
use super::bind_ranks::as_doubles;
use super::sketches::SketchShape;
use crate::column::{DataType, Field, StructType};
use crate::error::{Error, ErrorCode, Result};
use crate::expr::Expr;
use crate::limits::HISTOGRAM_BINS_MAX;
use crate::plan::coerce::cast_to;

/// The constant number at `index`; DATATYPE_MISMATCH.NON_FOLDABLE_INPUT where it is none.
fn number(request: &AggregateRequest<'_>, index: usize, argument: &Expr, name: &str) -> Result<f64> {
    let numbers = request.numbers(argument)?;
    match numbers.as_deref() {
        Some([number]) => Ok(*number),
        _ => Err(Error::new(ErrorCode::DatatypeMismatchNonFoldableInput)
            .with("sqlExpr", format!("\"{}\"", request.sql))
            .with("inputName", format!("`{name}`"))
            .with("inputType", argument.data_type.quoted_sql())
            .with("inputExpr", request.quoted_argument(index))),
    }
}

fn out_of_range(request: &AggregateRequest<'_>, name: &str, range: &str, value: f64) -> Error {
    Error::new(ErrorCode::DatatypeMismatchValueOutOfRange)
        .with("sqlExpr", format!("\"{}\"", request.sql))
        .with("exprName", format!("`{name}`"))
        .with("valueRange", range)
        .with("currentValue", value.to_string())
}

/// histogram_numeric(values, bins): bins as structs of a position and a weight.
pub(super) fn bind_histogram(request: &mut AggregateRequest<'_>) -> Result<Bound> {
    request.expect(2, 2)?;
    let (values, bins) = (request.take(0), request.take(0));
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
        let required = "(\"NUMERIC\" or \"DATE\" or \"TIMESTAMP\" or \"TIMESTAMP_NTZ\" or \
                        \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO SECOND\")";
        return Err(request.wrong_type(0, &values, required));
    }
    let count = number(request, 1, &bins, "nb")?;
    if !(2.0..=HISTOGRAM_BINS_MAX as f64).contains(&count) {
        return Err(out_of_range(
            request,
            "nb",
            &format!("[2, {HISTOGRAM_BINS_MAX}]"),
            count,
        ));
    }
    let bin = StructType::new(vec![
        Field::new("x", values.data_type.clone(), true),
        Field::new("y", DataType::Double, true),
    ]);
    let data_type = DataType::Array {
        element: Box::new(DataType::Struct(bin)),
        contains_null: true,
    };
    let function = Function::Histogram {
        bins_max: count as usize,
    };
    Ok(Bound::new(function, vec![as_doubles(values)], data_type))
}

/// count_min_sketch(values, eps, confidence, seed): the sketch as Spark serializes it.
pub(super) fn bind_count_min_sketch(request: &mut AggregateRequest<'_>) -> Result<Bound> {
    request.expect(4, 4)?;
    let values = request.take(0);
    let values = match &values.data_type {
        integer if integer.is_integral() => cast_to(values, &DataType::BigInt, request.session)?,
        DataType::String | DataType::Binary => values,
        _ => return Err(request.wrong_type(0, &values, "(\"INTEGRAL\" or \"STRING\" or \"BINARY\")")),
    };
    let names = ["eps", "confidence", "seed"];
    let mut numbers = [0.0; 3];
    for (index, name) in names.into_iter().enumerate() {
        let argument = request.take(0);
        numbers[index] = number(request, index + 1, &argument, name)?;
    }
    let [eps, confidence, seed] = numbers;
    if eps <= 0.0 {
        return Err(out_of_range(request, "eps", "(0, infinity)", eps));
    }
    let shape = SketchShape::new(eps, confidence, seed as i32)
        .ok_or_else(|| out_of_range(request, "confidence", "(0, 1)", confidence))?;
    let function = Function::CountMinSketch(shape.into());
    Ok(Bound::new(function, vec![values], DataType::Binary).never_null())
}
