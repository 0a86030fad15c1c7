//! Parts of structs.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray, StructArray, make_array};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType as ArrowType;

use super::{Bind, Call, Expr, StructUse, Value};
use crate::column::{DataType, Field, StructType};
use crate::error::{Error, ErrorCode, Result};

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("getfield", bind_get_field),
    ("struct", bind_struct),
    ("named_struct", bind_named_struct),
];

/// The field at `position` of a struct; null where the struct is.
pub fn get_field(mut base: Expr, position: usize) -> Result<Expr> {
    let DataType::Struct(fields) = &base.data_type else {
        return Err(Error::internal("get_field of something that is no struct"));
    };
    let field = fields.fields[position].clone();
    // Nobody else looks at what is made here, as in Spark's OptimizeCsvJsonExprs.
    base.narrow(|other| other == position);
    let nullable = base.nullable || field.nullable;
    let kernel = move |values: &[Value], _: usize| {
        let parent = values[0].array().as_struct();
        let child = parent.column(position);
        let child = with_parent_nulls(child, parent.nulls())?;
        Ok(if values[0].is_scalar() {
            Value::Scalar(child)
        } else {
            Value::Array(child)
        })
    };
    let call = Expr::call("getfield", vec![base], field.data_type, nullable, kernel);
    Ok(call.with_struct_use(StructUse::Takes(position)))
}

/// Binds `getfield(base, 'name')`.
pub(super) fn bind_get_field(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    if matches!(call.arguments[0].data_type, DataType::Map { .. }) {
        return super::maps::bind_map_value(call);
    }
    let name = call.text_argument(1)?;
    let case_sensitive = call.session.case_sensitive;
    let mut arguments = call.arguments;
    extract(arguments.swap_remove(0), &name, case_sensitive)
}

/// The part `name` of a value: a struct's field, the fields of an array's structs, the value of a map's key.
pub fn extract(base: Expr, name: &str, case_sensitive: bool) -> Result<Expr> {
    match &base.data_type {
        DataType::Array { element, contains_null } => {
            let DataType::Struct(fields) = &**element else {
                // Spark takes the name for an index then.
                return Err(Error::new(ErrorCode::DatatypeMismatchUnexpectedInputType)
                    .with("sqlExpr", format!("\"{base:?}[{name}]\""))
                    .with("paramIndex", "second")
                    .with("requiredType", "\"INTEGRAL\"")
                    .with("inputSql", format!("\"{name}\""))
                    .with("inputType", DataType::String.quoted_sql()));
            };
            let position = field_position(element, name, case_sensitive)?;
            let field = &fields.fields[position];
            let contains_null = *contains_null || field.nullable;
            let data_type = super::arrays::array_of(field.data_type.clone(), contains_null);
            get_fields(base, position, data_type)
        }
        DataType::Map { key, .. } if **key == DataType::String => super::maps::map_value(base, name),
        other => {
            let position = field_position(other, name, case_sensitive)?;
            get_field(base, position)
        }
    }
}

/// The field at `position` of every struct in an array, as an array.
fn get_fields(base: Expr, position: usize, data_type: DataType) -> Result<Expr> {
    let ArrowType::List(item) = data_type.to_arrow() else {
        return Err(Error::internal("a list column of another type"));
    };
    let nullable = base.nullable;
    Ok(Expr::call(
        "getfield",
        vec![base],
        data_type,
        nullable,
        move |values, _| {
            let lists = values[0].array().as_list::<i32>();
            let structs = lists.values().as_struct();
            let fields = with_parent_nulls(structs.column(position), structs.nulls())?;
            let lists = ListArray::try_new(
                Arc::clone(&item),
                lists.offsets().clone(),
                fields,
                lists.nulls().cloned(),
            )?;
            Ok(if values[0].is_scalar() {
                Value::Scalar(Arc::new(lists))
            } else {
                Value::Array(Arc::new(lists))
            })
        },
    ))
}

/// Binds `struct(...)` and `named_struct`-like calls whose names the planner has worked out.
pub fn field_position(data_type: &DataType, name: &str, case_sensitive: bool) -> Result<usize> {
    let DataType::Struct(fields) = data_type else {
        return Err(Error::new(ErrorCode::InvalidExtractBaseFieldType)
            .with("base", format!("\"{name}\""))
            .with("other", data_type.quoted_sql()));
    };
    let same = |field: &str| {
        if case_sensitive {
            field == name
        } else {
            field.eq_ignore_ascii_case(name)
        }
    };
    let mut found = fields.fields.iter().enumerate().filter(|(_, field)| same(&field.name));
    match (found.next(), found.next()) {
        (Some((position, _)), None) => Ok(position),
        (None, _) => {
            let names: Vec<String> = fields.fields.iter().map(|field| format!("`{}`", field.name)).collect();
            Err(Error::new(ErrorCode::FieldNotFound)
                .with("fieldName", format!("`{name}`"))
                .with("fields", names.join(", ")))
        }
        (Some(_), Some(_)) => Err(Error::new(ErrorCode::AmbiguousReference)
            .with("name", format!("`{name}`"))
            .with("referenceNames", format!("[`{name}`, `{name}`]"))),
    }
}

/// A child is null wherever its parent is; Arrow leaves such slots undefined.
pub(super) fn with_parent_nulls(child: &ArrayRef, parent: Option<&NullBuffer>) -> Result<ArrayRef> {
    match parent {
        None => Ok(Arc::clone(child)),
        Some(nulls) if nulls.null_count() == 0 => Ok(Arc::clone(child)),
        Some(nulls) => {
            let merged = NullBuffer::union(Some(nulls), child.nulls());
            Ok(make_array(child.to_data().into_builder().nulls(merged).build()?))
        }
    }
}

/// Binds struct(...): columns keep their names, other values are col1, col2, ...
fn bind_struct(call: Call<'_>) -> Result<Expr> {
    let names = call.argument_names.clone();
    make_struct("struct", names, call.arguments)
}

/// Binds named_struct('name', value, ...).
fn bind_named_struct(mut call: Call<'_>) -> Result<Expr> {
    if call.arguments.len() % 2 == 1 {
        return Err(Error::new(ErrorCode::WrongNumArgsWithoutSuggestion)
            .with("functionName", "`named_struct`")
            .with("expectedNum", "2n (n > 0)")
            .with("actualNum", call.arguments.len().to_string()));
    }
    let names = (0..call.arguments.len())
        .step_by(2)
        .map(|index| call.text_argument(index))
        .collect::<Result<Vec<_>>>()?;
    let mut position = 0;
    call.arguments.retain(|_| {
        position += 1;
        position % 2 == 0
    });
    make_struct("named_struct", names, call.arguments)
}

fn make_struct(name: &'static str, names: Vec<String>, arguments: Vec<Expr>) -> Result<Expr> {
    let fields = names
        .into_iter()
        .zip(&arguments)
        .map(|(name, argument)| Field::new(name, argument.data_type.clone(), argument.nullable))
        .collect();
    let fields = StructType::new(fields);
    let arrow = fields.to_arrow();
    Ok(Expr::call(
        name,
        arguments,
        DataType::Struct(fields),
        false,
        move |values, rows| {
            let scalar = values.iter().all(Value::is_scalar);
            let rows = if scalar { 1 } else { rows };
            let columns = values
                .iter()
                .map(|value| value.clone().into_array(rows))
                .collect::<Result<Vec<_>>>()?;
            let array: ArrayRef = if columns.is_empty() {
                Arc::new(StructArray::new_empty_fields(rows, None))
            } else {
                Arc::new(StructArray::try_new(arrow.clone(), columns, None)?)
            };
            Ok(if scalar {
                Value::Scalar(array)
            } else {
                Value::Array(array)
            })
        },
    ))
}
