//! CASE WHEN and coalesce: a branch is evaluated only for the rows that take it.

use std::hint::select_unpredictable;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray, Scalar, UInt32Array, downcast_primitive_array,
    new_null_array,
};
use arrow_buffer::BooleanBuffer;
use arrow_select::take::take;
use arrow_select::zip::zip;

use super::logic::null_test;
use super::{Bind, Call, Expr, Kind, Value, filter_columns, literal, true_rows};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::plan::coerce::{cast_to, widest_type};
use crate::session::Session;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("coalesce", bind_coalesce),
    ("nvl", bind_coalesce),
    ("ifnull", bind_coalesce),
    ("nvl2", bind_nvl2),
    ("nullif", bind_nullif),
    ("nullifzero", bind_zero),
    ("zeroifnull", bind_zero),
    ("if", bind_if),
    ("iff", bind_if),
    ("raise_error", bind_raise_error),
    ("assert_true", bind_assert_true),
    ("typeof", bind_typeof),
];

/// `CASE WHEN` over branches of one common type. Fails with DATATYPE_MISMATCH.DATA_DIFF_TYPES.
pub fn case_when(branches: Vec<(Expr, Expr)>, otherwise: Option<Expr>, session: &Session, sql: &str) -> Result<Expr> {
    let results = branches.iter().map(|(_, then)| then).chain(otherwise.as_ref());
    let types: Vec<DataType> = results.map(|expr| expr.data_type.clone()).collect();
    let data_type = widest_type(&types, session.ansi).ok_or_else(|| {
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

/// Binds `if(condition, value, other)`.
fn bind_if(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(3)?;
    if call.arguments[0].data_type == DataType::Void {
        call.coerce(0, &DataType::Boolean)?;
    }
    if call.arguments[0].data_type != DataType::Boolean {
        return Err(call.wrong_type(0, "\"BOOLEAN\""));
    }
    let otherwise = call.arguments.pop();
    let then = call.arguments.pop();
    let (Some(when), Some(then)) = (call.arguments.pop(), then) else {
        return Err(Error::internal("if without branches"));
    };
    case_when(vec![(when, then)], otherwise, call.session, &call.sql)
}

/// Binds `nvl2(test, if_not_null, if_null)`.
fn bind_nvl2(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(3)?;
    let test = null_test(call.arguments[0].clone(), false);
    let otherwise = call.arguments.pop();
    let then = call.arguments.swap_remove(1);
    case_when(vec![(test, then)], otherwise, call.session, &call.sql)
}

/// Binds `decode(value, search, result, ..., default)`: the result beside the first search that equals the value, null
/// being equal to null.
pub(super) fn bind_decode_cases(call: Call<'_>) -> Result<Expr> {
    let (session, sql) = (call.session, call.sql.clone());
    let mut arguments = call.arguments.iter().zip(&call.argument_sql);
    let Some((value, value_sql)) = arguments.next() else {
        return Err(call.wrong_count("[2, n]", 0));
    };
    let mut branches = Vec::new();
    let mut otherwise = None;
    while let Some((search, search_sql)) = arguments.next() {
        let Some((result, _)) = arguments.next() else {
            otherwise = Some(search.clone());
            break;
        };
        let equal = super::comparison::bind(Call {
            name: "<=>",
            arguments: vec![value.clone(), search.clone()],
            options: call.options,
            sql: sql.clone(),
            argument_sql: vec![value_sql.clone(), search_sql.clone()],
            argument_names: Vec::new(),
            lambdas: Vec::new(),
            session,
        })?;
        branches.push((equal, result.clone()));
    }
    case_when(branches, otherwise, session, &sql)
}

/// Binds `nullif(value, other)`: null where they are equal.
fn bind_nullif(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    let (value, session, sql) = (call.arguments[0].clone(), call.session, call.sql.clone());
    let equal = super::comparison::bind(Call { name: "=", ..call })?;
    let null = Expr::null(value.data_type.clone());
    case_when(vec![(equal, null)], Some(value), session, &sql)
}

/// Binds `nullifzero(value)` and `zeroifnull(value)`.
fn bind_zero(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    let (value, session, sql) = (call.arguments[0].clone(), call.session, call.sql.clone());
    let zero = literal(&serde_json::json!(0), &DataType::Int)?;
    if call.name == "zeroifnull" {
        let test = null_test(value.clone(), false);
        return case_when(vec![(test, value)], Some(zero), session, &sql);
    }
    let mut call = call;
    call.name = "=";
    call.arguments.push(zero);
    call.argument_sql.push("0".to_string());
    let equal = super::comparison::bind(call)?;
    let null = Expr::null(value.data_type.clone());
    case_when(vec![(equal, null)], Some(value), session, &sql)
}

/// Binds `raise_error(message)`: any row that gets there fails.
fn bind_raise_error(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    call.coerce(0, &DataType::String)?;
    Ok(Expr::call(
        "raise_error",
        call.arguments,
        DataType::Void,
        true,
        |values, rows| {
            if rows == 0 {
                return Ok(Value::Array(new_null_array(&arrow_schema::DataType::Null, 0)));
            }
            let texts = values[0].array().as_binary_view();
            let message = if texts.is_null(0) {
                "null".into()
            } else {
                String::from_utf8_lossy(texts.value(0)).into_owned()
            };
            Err(Error::new(ErrorCode::UserRaisedException)
                .with("errorMessage", message)
                .at_row(0))
        },
    ))
}

/// Binds `assert_true(condition[, message])`: null, or an error where the condition is false or null.
fn bind_assert_true(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments_between(1, 2)?;
    if !matches!(call.arguments[0].data_type, DataType::Boolean | DataType::Void) {
        return Err(call.wrong_type(0, "\"BOOLEAN\""));
    }
    call.coerce(0, &DataType::Boolean)?;
    let constant = if call.arguments.len() == 2 {
        call.coerce(1, &DataType::String)?;
        None
    } else {
        Some(format!("'{}' is not true!", call.argument_sql[0]))
    };
    Ok(Expr::call(
        "assert_true",
        call.arguments,
        DataType::Void,
        true,
        move |values, rows| {
            let condition = values[0].clone().into_array(rows)?;
            let condition = condition.as_boolean();
            let holds = true_rows(condition);
            let Some(row) = (0..condition.len()).find(|&row| !holds.value(row)) else {
                return Ok(Value::Array(new_null_array(&arrow_schema::DataType::Null, rows)));
            };
            let message = match (&constant, values.get(1)) {
                (None, Some(texts)) => {
                    let texts = texts.clone().into_array(rows)?;
                    String::from_utf8_lossy(texts.as_binary_view().value(row)).into_owned()
                }
                (text, _) => text.clone().unwrap_or_default(),
            };
            Err(Error::new(ErrorCode::UserRaisedException)
                .with("errorMessage", message)
                .at_row(row))
        },
    ))
}

/// Binds `typeof(value)`: the type's name, a constant.
fn bind_typeof(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    literal(
        &serde_json::Value::String(call.arguments[0].data_type.to_string()),
        &DataType::String,
    )
}

/// Binds `coalesce`, `nvl` and `ifnull`: the first value that is not null.
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
    if let (Value::Array(left), Value::Array(right)) = (&truthy, &falsy)
        && let Some(chosen) = choose_numbers(mask.values(), left, right)
    {
        return Ok(chosen);
    }
    Ok(match (truthy, falsy) {
        (Value::Array(left), Value::Array(right)) => zip(mask, &left, &right)?,
        (Value::Scalar(left), Value::Array(right)) => zip(mask, &Scalar::new(left), &right)?,
        (Value::Array(left), Value::Scalar(right)) => zip(mask, &left, &Scalar::new(right))?,
        (Value::Scalar(left), Value::Scalar(right)) => zip(mask, &Scalar::new(left), &Scalar::new(right))?,
    })
}

/// Of two columns of numbers without nulls, row by row and without a branch; none where they are something else.
fn choose_numbers(mask: &BooleanBuffer, left: &ArrayRef, right: &ArrayRef) -> Option<ArrayRef> {
    fn choose<T: ArrowPrimitiveType>(
        mask: &BooleanBuffer,
        left: &PrimitiveArray<T>,
        right: &PrimitiveArray<T>,
    ) -> PrimitiveArray<T> {
        let mut chosen = vec![T::default_value(); mask.len()];
        let words = mask.bit_chunks();
        let words = words.iter().chain([words.remainder_bits()]);
        let cells = left.values().chunks(64).zip(right.values().chunks(64));
        for ((word, (left, right)), chosen) in words.zip(cells).zip(chosen.chunks_mut(64)) {
            for (bit, ((left, right), chosen)) in left.iter().zip(right).zip(chosen).enumerate() {
                *chosen = select_unpredictable(word >> bit & 1 == 1, *left, *right);
            }
        }
        PrimitiveArray::new(chosen.into(), None).with_data_type(left.data_type().clone())
    }
    if left.data_type() != right.data_type() || left.null_count() + right.null_count() > 0 {
        return None;
    }
    let (left, right) = (left.as_ref(), right.as_ref());
    downcast_primitive_array! {
        (left, right) => Some(Arc::new(choose(mask, left, right))),
        _ => None,
    }
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
    if positions.is_empty() {
        return Ok(Value::Scalar(new_null_array(&expr.data_type.to_arrow(), 1)));
    }
    let kept = filter_columns(columns, &mask)?;
    let values = expr
        .evaluate(&kept, positions.len())
        // A constant that raises names row 0, which is the first of them.
        .map_err(|error| error.map_row(|row| positions[row.min(positions.len() - 1)]))?
        .into_array(positions.len())?;
    let mut back: Vec<Option<u32>> = vec![None; rows];
    for (kept_row, &row) in positions.iter().enumerate() {
        back[row] = Some(kept_row as u32);
    }
    Ok(Value::Array(take(&values, &UInt32Array::from(back), None)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::types::{Int32Type, TimestampMicrosecondType};
    use arrow_array::{Int32Array, Int64Array, TimestampMicrosecondArray};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_are_chosen_row_by_row(rows in proptest::collection::vec(any::<(bool, i32, i32)>(), 0..200)) {
            let mask = BooleanBuffer::from_iter(rows.iter().map(|row| row.0));
            let [left, right]: [ArrayRef; 2] = [
                Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| row.1))),
                Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| row.2))),
            ];
            let chosen = choose_numbers(&mask, &left, &right).unwrap();
            let naive: Vec<i32> = rows.iter().map(|row| if row.0 { row.1 } else { row.2 }).collect();
            prop_assert_eq!(chosen.as_primitive::<Int32Type>().values(), &naive[..]);
        }
    }

    #[test]
    fn other_columns_are_not_chosen_as_numbers() {
        let mask = BooleanBuffer::from(vec![true, false]);
        let times: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![1, 2]).with_timezone("UTC"));
        let chosen = choose_numbers(&mask, &times, &times).unwrap();
        assert_eq!(
            chosen.as_primitive::<TimestampMicrosecondType>().timezone(),
            Some("UTC")
        );
        let longs: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
        let with_null: ArrayRef = Arc::new(Int64Array::from(vec![None, Some(2)]));
        assert!(choose_numbers(&mask, &longs, &times).is_none());
        assert!(choose_numbers(&mask, &longs, &with_null).is_none());
    }
}
