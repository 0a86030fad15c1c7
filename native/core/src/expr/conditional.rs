//! CASE WHEN and coalesce: a branch is evaluated only for the rows that take it.

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, BooleanArray, Scalar, UInt32Array, new_null_array};
use arrow_buffer::BooleanBuffer;
use arrow_select::filter::filter;
use arrow_select::take::take;
use arrow_select::zip::zip;

use super::logic::null_test;
use super::{Bind, Call, Expr, Kind, Value, true_rows};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::plan::coerce::{cast_to, common_type};
use crate::session::Session;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[("coalesce", bind_coalesce)];

/// `CASE WHEN` over branches of one common type. Fails with DATATYPE_MISMATCH.DATA_DIFF_TYPES.
pub fn case_when(branches: Vec<(Expr, Expr)>, otherwise: Option<Expr>, session: &Session, sql: &str) -> Result<Expr> {
    let results = branches.iter().map(|(_, then)| then).chain(otherwise.as_ref());
    let types: Vec<DataType> = results.map(|expr| expr.data_type.clone()).collect();
    let data_type = common_type(&types).ok_or_else(|| {
        let names: Vec<String> = types.iter().map(DataType::quoted_sql).collect();
        Error::new(ErrorCode::DatatypeMismatchDataDiffTypes)
            .with("sqlExpr", format!("\"{sql}\""))
            .with("functionName", "`casewhen`")
            .with("dataType", format!("[{}]", names.join(", ")))
    })?;
    let nullable =
        otherwise.as_ref().is_none_or(|expr| expr.nullable) || branches.iter().any(|(_, then)| then.nullable);
    let branches = branches
        .into_iter()
        .map(|(when, then)| Ok((when, cast_to(then, &data_type, session)?)))
        .collect::<Result<Vec<_>>>()?;
    let otherwise = otherwise
        .map(|expr| cast_to(expr, &data_type, session).map(Box::new))
        .transpose()?;
    Ok(Expr {
        kind: Kind::Case { branches, otherwise },
        data_type,
        nullable,
    })
}

/// Binds `coalesce`: the first value that is not null.
fn bind_coalesce(call: Call<'_>) -> Result<Expr> {
    let (session, sql) = (call.session, call.sql);
    let mut arguments = call.arguments;
    let Some(last) = arguments.pop() else {
        return Err(Error::new(ErrorCode::WrongNumArgsWithoutSuggestion)
            .with("functionName", "`coalesce`")
            .with("expectedNum", "> 0")
            .with("actualNum", "0"));
    };
    let branches = arguments
        .into_iter()
        .map(|argument| {
            let test = null_test(argument.clone(), false);
            (test, argument)
        })
        .collect::<Vec<_>>();
    if branches.is_empty() {
        return Ok(last);
    }
    case_when(branches, Some(last), session, &sql)
}

/// Evaluates a CASE. Branches are first tried on all rows, which is cheap and nearly always right; only where one
/// raises is it evaluated again on just the rows that take it, as Spark does row by row.
pub(super) fn evaluate_case(
    branches: &[(Expr, Expr)],
    otherwise: Option<&Expr>,
    data_type: &DataType,
    columns: &[ArrayRef],
    rows: usize,
) -> Result<Value> {
    let mut open = BooleanBuffer::new_set(rows);
    let mut chosen: Vec<(BooleanBuffer, Value)> = Vec::with_capacity(branches.len());
    for (when, then) in branches {
        let condition = evaluate_where(when, columns, rows, &open)?.into_array(rows)?;
        let taken = &true_rows(condition.as_boolean()) & &open;
        open = &open & &!&taken;
        let value = evaluate_where(then, columns, rows, &taken)?;
        chosen.push((taken, value));
    }
    let mut result = match otherwise {
        Some(expr) => evaluate_where(expr, columns, rows, &open)?,
        None => Value::Scalar(new_null_array(&data_type.to_arrow(), 1)),
    };
    for (taken, value) in chosen.into_iter().rev() {
        let mask = BooleanArray::new(taken, None);
        result = Value::Array(choose(&mask, value, result)?);
    }
    Ok(result)
}

fn choose(mask: &BooleanArray, truthy: Value, falsy: Value) -> Result<ArrayRef> {
    Ok(match (truthy, falsy) {
        (Value::Array(left), Value::Array(right)) => zip(mask, &left, &right)?,
        (Value::Scalar(left), Value::Array(right)) => zip(mask, &Scalar::new(left), &right)?,
        (Value::Array(left), Value::Scalar(right)) => zip(mask, &left, &Scalar::new(right))?,
        (Value::Scalar(left), Value::Scalar(right)) => zip(mask, &Scalar::new(left), &Scalar::new(right))?,
    })
}

/// Values of `expr` that are right wherever `rows_wanted` is set; elsewhere they mean nothing.
fn evaluate_where(expr: &Expr, columns: &[ArrayRef], rows: usize, rows_wanted: &BooleanBuffer) -> Result<Value> {
    match expr.evaluate(columns, rows) {
        Ok(value) => return Ok(value),
        Err(error) if error.row().is_none() => return Err(error),
        // Some row raised: look again at the rows that count.
        Err(_) => {}
    }
    let mask = BooleanArray::new(rows_wanted.clone(), None);
    let positions: Vec<usize> = rows_wanted.set_indices().collect();
    let kept = columns
        .iter()
        .map(|column| Ok(filter(column, &mask)?))
        .collect::<Result<Vec<_>>>()?;
    let values = expr
        .evaluate(&kept, positions.len())
        .map_err(|error| match error.row() {
            Some(row) => error.at_row(positions[row]),
            None => error,
        })?
        .into_array(positions.len())?;
    let mut back: Vec<Option<u32>> = vec![None; rows];
    for (kept_row, &row) in positions.iter().enumerate() {
        back[row] = Some(kept_row as u32);
    }
    Ok(Value::Array(take(&values, &UInt32Array::from(back), None)?))
}
