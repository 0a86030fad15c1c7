//! Comparisons: `= <=> < <= > >=`, IN, greatest and least, with Spark's order of floats (NaN greatest and equal to
//! itself, -0.0 = 0.0).

use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, Datum, ListArray, MapArray, Scalar, StructArray, UInt32Array};
use arrow_buffer::NullBuffer;
use arrow_ord::cmp;
use arrow_ord::ord::make_comparator;
use arrow_schema::{DataType as ArrowType, FieldRef, SortOptions};
use arrow_select::interleave::interleave;
use arrow_select::take::take;

use super::{Bind, Call, Expr, Value};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::plan::coerce::{cast_to, comparison_type, widest_type, widest_type_without_text};

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("=", bind),
    ("<=>", bind),
    ("equal_null", bind),
    ("<", bind),
    ("<=", bind),
    (">", bind),
    (">=", bind),
    ("in", bind_in),
    ("between", bind_between),
    ("greatest", bind_extreme),
    ("least", bind_extreme),
];

type Compare = fn(&dyn Datum, &dyn Datum) -> std::result::Result<BooleanArray, arrow_schema::ArrowError>;

/// Binds a comparison operator.
pub fn bind(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    let (left, right) = (&call.arguments[0].data_type, &call.arguments[1].data_type);
    let equality = matches!(call.name, "=" | "<=>" | "equal_null");
    let data_type = comparison_type(left, right, call.session.ansi, equality).ok_or_else(|| {
        Error::new(ErrorCode::DatatypeMismatchBinaryOpDiffTypes)
            .with("sqlExpr", format!("\"{}\"", call.sql))
            .with("left", left.quoted_sql())
            .with("right", right.quoted_sql())
    })?;
    expect_order(&call, &data_type)?;
    let (name, compare, wanted): (&'static str, Compare, fn(Ordering) -> bool) = match call.name {
        "=" => ("=", cmp::eq, Ordering::is_eq),
        "<=>" | "equal_null" => ("<=>", cmp::not_distinct, Ordering::is_eq),
        "<" => ("<", cmp::lt, Ordering::is_lt),
        "<=" => ("<=", cmp::lt_eq, Ordering::is_le),
        ">" => (">", cmp::gt, Ordering::is_gt),
        _ => (">=", cmp::gt_eq, Ordering::is_ge),
    };
    let null_safe = name == "<=>";
    let nullable = !null_safe && call.any_nullable();
    let session = call.session;
    let arguments = call
        .arguments
        .into_iter()
        .map(|argument| cast_to(argument, &data_type, session))
        .collect::<Result<Vec<_>>>()?;
    let by_comparator = data_type.is_nested() || data_type == DataType::Void;
    Ok(Expr::call(
        name,
        arguments,
        DataType::Boolean,
        nullable,
        move |values, rows| {
            if by_comparator {
                return nested(values, rows, null_safe, wanted);
            }
            let (left, right) = (normalize_zero(values[0].array()), normalize_zero(values[1].array()));
            Ok(match (values[0].is_scalar(), values[1].is_scalar()) {
                (true, true) => Value::Scalar(Arc::new(compare(&left, &right)?)),
                (true, false) => Value::Array(Arc::new(compare(&Scalar::new(left), &right)?)),
                (false, true) => Value::Array(Arc::new(compare(&left, &Scalar::new(right))?)),
                (false, false) => Value::Array(Arc::new(compare(&left, &right)?)),
            })
        },
    ))
}

/// Maps have no order, and so no equality in Spark.
fn expect_order(call: &Call<'_>, data_type: &DataType) -> Result<()> {
    if data_type.is_orderable() {
        return Ok(());
    }
    Err(Error::new(ErrorCode::DatatypeMismatchInvalidOrderingType)
        .with("sqlExpr", format!("\"{}\"", call.sql))
        .with("functionName", format!("`{}`", call.name))
        .with("dataType", data_type.quoted_sql()))
}

/// Compares arrays and structs: part by part, a null part before any other and equal to a null.
fn nested(values: &[Value], rows: usize, null_safe: bool, wanted: fn(Ordering) -> bool) -> Result<Value> {
    let is_scalar = values.iter().all(Value::is_scalar);
    let rows = if is_scalar { 1 } else { rows };
    let (left, right) = (
        normalize_zero(&values[0].clone().into_array(rows)?),
        normalize_zero(&values[1].clone().into_array(rows)?),
    );
    let (left_nulls, right_nulls) = (left.logical_nulls(), right.logical_nulls());
    let comparator = make_comparator(&left, &right, SortOptions::default())?;
    let is_null = |nulls: &Option<NullBuffer>, row: usize| nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
    let result: BooleanArray = (0..rows)
        .map(|row| match (is_null(&left_nulls, row), is_null(&right_nulls, row)) {
            (false, false) => Some(wanted(comparator(row, row))),
            (a, b) if null_safe => Some(a && b),
            _ => None,
        })
        .collect();
    Ok(if is_scalar {
        Value::Scalar(Arc::new(result))
    } else {
        Value::Array(Arc::new(result))
    })
}

/// Binds `value in (a, b, ...)` as a chain of equalities in the type that all have in common.
fn bind_in(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments_between(2, usize::MAX)?;
    let types: Vec<DataType> = call
        .arguments
        .iter()
        .map(|argument| argument.data_type.clone())
        .collect();
    let data_type = widest_type(&types, call.session.ansi).ok_or_else(|| different_types(&call, "in"))?;
    expect_order(&call, &data_type)?;
    let Call {
        name: _,
        mut arguments,
        options,
        sql,
        argument_sql,
        session,
        ..
    } = call;
    let candidates = arguments.split_off(1);
    let value = cast_to(arguments.swap_remove(0), &data_type, session)?;
    let mut result: Option<Expr> = None;
    for (candidate, text) in candidates.into_iter().zip(&argument_sql[1..]) {
        let equal = bind(Call {
            name: "=",
            arguments: vec![value.clone(), cast_to(candidate, &data_type, session)?],
            options,
            sql: sql.clone(),
            argument_sql: vec![argument_sql[0].clone(), text.clone()],
            argument_names: Vec::new(),
            lambdas: Vec::new(),
            session,
        })?;
        result = Some(match result {
            None => equal,
            Some(earlier) => super::logic::bind_binary(Call {
                name: "or",
                arguments: vec![earlier, equal],
                options,
                sql: sql.clone(),
                argument_sql: vec![sql.clone(), sql.clone()],
                argument_names: Vec::new(),
                lambdas: Vec::new(),
                session,
            })?,
        });
    }
    result.ok_or_else(|| Error::internal("IN without candidates"))
}

/// Binds `value between low and high` as the two comparisons that it stands for, each in its own type.
fn bind_between(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(3)?;
    let side = |name: &'static str, other: usize| {
        bind(Call {
            name,
            arguments: vec![call.arguments[0].clone(), call.arguments[other].clone()],
            options: call.options,
            sql: call.sql.clone(),
            argument_sql: vec![call.argument_sql[0].clone(), call.argument_sql[other].clone()],
            argument_names: Vec::new(),
            lambdas: Vec::new(),
            session: call.session,
        })
    };
    let arguments = vec![side(">=", 1)?, side("<=", 2)?];
    super::logic::bind_binary(Call {
        name: "and",
        arguments,
        ..call
    })
}

/// DATATYPE_MISMATCH.DATA_DIFF_TYPES: the arguments have no type in common.
pub(super) fn different_types(call: &Call<'_>, function: &str) -> Error {
    let names: Vec<String> = call
        .arguments
        .iter()
        .map(|argument| argument.data_type.quoted_sql())
        .collect();
    Error::new(ErrorCode::DatatypeMismatchDataDiffTypes)
        .with("sqlExpr", format!("\"{}\"", call.sql))
        .with("functionName", format!("`{function}`"))
        .with("dataType", format!("[{}]", names.join(", ")))
}

/// Binds greatest and least: nulls are skipped, the first of equals wins.
fn bind_extreme(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments_between(2, usize::MAX)?;
    let types: Vec<DataType> = call
        .arguments
        .iter()
        .map(|argument| argument.data_type.clone())
        .collect();
    let data_type =
        widest_type_without_text(&types, call.session.ansi).ok_or_else(|| different_types(&call, call.name))?;
    expect_order(&call, &data_type)?;
    let (name, better) = if call.name == "greatest" {
        ("greatest", Ordering::Greater)
    } else {
        ("least", Ordering::Less)
    };
    let session = call.session;
    let arguments = call
        .arguments
        .into_iter()
        .map(|argument| cast_to(argument, &data_type, session))
        .collect::<Result<Vec<_>>>()?;
    let nullable = arguments.iter().all(|argument| argument.nullable);
    if data_type == DataType::Void {
        return arguments
            .into_iter()
            .next()
            .ok_or_else(|| Error::internal("no arguments"));
    }
    Ok(Expr::call(name, arguments, data_type, nullable, move |values, rows| {
        let is_scalar = values.iter().all(Value::is_scalar);
        extreme(values, if is_scalar { 1 } else { rows }, better).map(|array| {
            if is_scalar {
                Value::Scalar(array)
            } else {
                Value::Array(array)
            }
        })
    }))
}

fn extreme(values: &[Value], rows: usize, better: Ordering) -> Result<ArrayRef> {
    let arrays: Vec<&ArrayRef> = values.iter().map(Value::array).collect();
    let keys: Vec<ArrayRef> = arrays.iter().map(|array| normalize_zero(array)).collect();
    let place = |which: usize, row: usize| if values[which].is_scalar() { 0 } else { row };
    // Where the best value so far is: the argument and its row.
    let mut best: Vec<(usize, usize)> = (0..rows).map(|row| (0, place(0, row))).collect();
    for (which, key) in keys.iter().enumerate().skip(1) {
        let comparators = keys[..which]
            .iter()
            .map(|earlier| Ok(make_comparator(key, earlier, SortOptions::default())?))
            .collect::<Result<Vec<_>>>()?;
        for (row, winner) in best.iter_mut().enumerate() {
            let own = place(which, row);
            let (holder, held) = *winner;
            if key.is_valid(own) && (keys[holder].is_null(held) || comparators[holder](own, held) == better) {
                *winner = (which, own);
            }
        }
    }
    let arrays: Vec<&dyn Array> = arrays.iter().map(|array| array.as_ref()).collect();
    Ok(interleave(&arrays, &best)?)
}

/// Floats with -0.0 made 0.0 and one NaN, maps with their entries in the order of the keys, which is how Spark compares
/// and groups them, also within arrays and structs; other columns as they are.
pub fn normalize_zero(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        ArrowType::Float32 => Arc::new(
            array
                .as_primitive::<Float32Type>()
                .unary::<_, Float32Type>(|v| if v.is_nan() { f32::NAN } else { v + 0.0 }),
        ),
        ArrowType::Float64 => Arc::new(
            array
                .as_primitive::<Float64Type>()
                .unary::<_, Float64Type>(|v| if v.is_nan() { f64::NAN } else { v + 0.0 }),
        ),
        ArrowType::Map(field, sorted) => sorted_maps(array.as_map(), field, *sorted),
        ArrowType::List(field) if has_variants(field.data_type()) => {
            let lists = array.as_list::<i32>();
            let values = normalize_zero(lists.values());
            Arc::new(ListArray::new(
                Arc::clone(field),
                lists.offsets().clone(),
                values,
                lists.nulls().cloned(),
            ))
        }
        ArrowType::Struct(fields) if has_variants(array.data_type()) => {
            let structs = array.as_struct();
            let columns = structs.columns().iter().map(normalize_zero).collect();
            Arc::new(StructArray::new(fields.clone(), columns, structs.nulls().cloned()))
        }
        _ => Arc::clone(array),
    }
}

/// Maps are equal whatever the order of their entries.
fn sorted_maps(maps: &MapArray, field: &FieldRef, sorted: bool) -> ArrayRef {
    let entries = maps.entries();
    let (keys, values) = (normalize_zero(entries.column(0)), normalize_zero(entries.column(1)));
    let mut order: Vec<u32> = (0..entries.len() as u32).collect();
    if let Ok(compare) = make_comparator(&keys, &keys, SortOptions::default()) {
        for ends in maps.offsets().windows(2) {
            order[ends[0] as usize..ends[1] as usize].sort_by(|a, b| compare(*a as usize, *b as usize));
        }
    }
    let order = UInt32Array::from(order);
    let moved = |column: &ArrayRef| take(column, &order, None).unwrap_or_else(|_| Arc::clone(column));
    let entries = StructArray::new(entries.fields().clone(), vec![moved(&keys), moved(&values)], None);
    Arc::new(MapArray::new(
        Arc::clone(field),
        maps.offsets().clone(),
        entries,
        maps.nulls().cloned(),
        sorted,
    ))
}

/// Whether there are values in it that are written in several ways. Recursion follows the type, whose depth is bounded.
fn has_variants(data_type: &ArrowType) -> bool {
    match data_type {
        ArrowType::Float32 | ArrowType::Float64 | ArrowType::Map(..) => true,
        ArrowType::List(field) => has_variants(field.data_type()),
        ArrowType::Struct(fields) => fields.iter().any(|field| has_variants(field.data_type())),
        _ => false,
    }
}
