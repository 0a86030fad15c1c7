//! Casts of arrays, maps and structs: each part by its own cast. An error names the row that the part is in.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray, MapArray, StructArray};
use arrow_schema::DataType as ArrowType;

use super::{CastKernel, kernel};
use crate::column::DataType;
use crate::error::{Error, Result};
use crate::session::Session;

use super::row::Types;

/// The cast between two nested types of one shape, none where a part has no cast. Recursion follows the types.
pub fn nested(types: &Types, session: &Session) -> Option<CastKernel> {
    let part = |source: &DataType, target: &DataType| {
        kernel(
            Types {
                source: source.clone(),
                target: target.clone(),
                mode: types.mode,
            },
            session,
        )
    };
    let arrow = types.target.to_arrow();
    match (&types.source, &types.target) {
        (DataType::Array { element: from, .. }, DataType::Array { element: to, .. }) => {
            let inner = part(from, to)?;
            Some(Arc::new(move |array| {
                let lists = array.as_list::<i32>();
                let ArrowType::List(field) = &arrow else {
                    return Err(Error::internal("an array's type is a list"));
                };
                let values = within(&inner, lists.values(), lists.value_offsets())?;
                Ok(Arc::new(ListArray::new(
                    Arc::clone(field),
                    lists.offsets().clone(),
                    values,
                    lists.nulls().cloned(),
                )))
            }))
        }
        (
            DataType::Map {
                key: from_key,
                value: from,
                ..
            },
            DataType::Map {
                key: to_key, value: to, ..
            },
        ) => {
            let (keys, values) = (part(from_key, to_key)?, part(from, to)?);
            Some(Arc::new(move |array| {
                let maps = array.as_map();
                let ArrowType::Map(field, ordered) = &arrow else {
                    return Err(Error::internal("a map's type is a map"));
                };
                let ArrowType::Struct(fields) = field.data_type() else {
                    return Err(Error::internal("a map's entries are structs"));
                };
                let columns = vec![
                    within(&keys, maps.keys(), maps.value_offsets())?,
                    within(&values, maps.values(), maps.value_offsets())?,
                ];
                Ok(Arc::new(MapArray::new(
                    Arc::clone(field),
                    maps.offsets().clone(),
                    StructArray::new(fields.clone(), columns, None),
                    maps.nulls().cloned(),
                    *ordered,
                )))
            }))
        }
        (DataType::Struct(from), DataType::Struct(to)) if from.fields.len() == to.fields.len() => {
            let parts = from
                .fields
                .iter()
                .zip(&to.fields)
                .map(|(from, to)| part(&from.data_type, &to.data_type))
                .collect::<Option<Vec<_>>>()?;
            let fields = to.to_arrow();
            Some(Arc::new(move |array| {
                let structs = array.as_struct();
                let columns = structs
                    .columns()
                    .iter()
                    .zip(&parts)
                    .map(|(column, part)| part(column))
                    .collect::<Result<Vec<_>>>()?;
                Ok(Arc::new(StructArray::try_new_with_length(
                    fields.clone(),
                    columns,
                    structs.nulls().cloned(),
                    structs.len(),
                )?))
            }))
        }
        _ => None,
    }
}

/// Casts the elements; an error's row becomes that of the list which holds the element.
fn within(cast: &CastKernel, elements: &ArrayRef, offsets: &[i32]) -> Result<ArrayRef> {
    cast(elements).map_err(|error| match error.row() {
        Some(element) => {
            let row = offsets
                .partition_point(|&start| start as usize <= element)
                .saturating_sub(1);
            error.at_row(row)
        }
        None => error,
    })
}
