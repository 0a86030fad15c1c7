//! Generators: functions that make any number of rows of one, such as explode(), inline() and stack().

use std::sync::Arc;

use arrow_array::builder::BinaryViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, UInt32Array};
use arrow_buffer::OffsetBuffer;
use arrow_select::concat::concat;
use arrow_select::take::take;

use super::elements::Elements;
use super::structs::with_parent_nulls;
use super::{Call, Expr};
use crate::column::{DataType, Field};
use crate::error::{Error, ErrorCode, Result};
use crate::parse::{JsonDocument, JsonOptions};
use crate::plan::coerce::{cast_to, widest_type};

/// Names of the generators.
pub const GENERATOR_NAMES: &[&str] = &[
    "explode",
    "explode_outer",
    "posexplode",
    "posexplode_outer",
    "inline",
    "inline_outer",
    "stack",
    "json_tuple",
];

/// Rows that one call of stack() may make of one.
const STACK_ROWS_MAX: i64 = 100_000;

/// What a generator makes rows of.
#[derive(Clone, Debug)]
enum Kind {
    /// Elements of an array, or entries of a map.
    Explode,
    /// Structs of an array, a column a field.
    Inline,
    /// The arguments as a table of this many rows.
    Stack(usize),
    /// Top-level fields of a JSON object: always one row.
    JsonTuple(Box<JsonOptions>),
}

/// A generator whose arguments have types.
#[derive(Clone, Debug)]
pub struct Generator {
    kind: Kind,
    arguments: Vec<Expr>,
    with_position: bool,
    /// Whether a row that nothing is made of comes once, with nulls.
    outer: bool,
    /// The columns that it makes, under Spark's own names.
    pub fields: Vec<Field>,
}

impl Generator {
    /// What it is computed from.
    pub fn arguments(&self) -> &[Expr] {
        &self.arguments
    }
}

/// Checks a generator's arguments and types its columns. `outer` makes it keep rows that nothing is made of.
pub fn bind_generator(call: Call<'_>, outer: bool) -> Result<Generator> {
    let outer = outer || call.name.ends_with("_outer");
    let mut generator = match call.name.trim_end_matches("_outer") {
        "explode" => bind_explode(call, false)?,
        "posexplode" => bind_explode(call, true)?,
        "inline" => bind_inline(call)?,
        "stack" => bind_stack(call)?,
        "json_tuple" => bind_json_tuple(call)?,
        other => return Err(Error::internal(format!("{other} is no generator"))),
    };
    generator.outer = outer;
    if outer {
        for field in &mut generator.fields {
            field.nullable = true;
        }
    }
    Ok(generator)
}

fn bind_explode(call: Call<'_>, with_position: bool) -> Result<Generator> {
    call.expect_arguments(1)?;
    let mut fields = match &call.arguments[0].data_type {
        DataType::Array { element, contains_null } => vec![Field::new("col", (**element).clone(), *contains_null)],
        DataType::Map {
            key,
            value,
            value_contains_null,
        } => vec![
            Field::new("key", (**key).clone(), false),
            Field::new("value", (**value).clone(), *value_contains_null),
        ],
        _ => return Err(call.wrong_type(0, "(\"ARRAY\" or \"MAP\")")),
    };
    if with_position {
        fields.insert(0, Field::new("pos", DataType::Int, false));
    }
    Ok(Generator {
        kind: Kind::Explode,
        arguments: call.arguments,
        with_position,
        outer: false,
        fields,
    })
}

fn bind_inline(call: Call<'_>) -> Result<Generator> {
    call.expect_arguments(1)?;
    let fields = match &call.arguments[0].data_type {
        DataType::Array { element, contains_null } => match &**element {
            DataType::Struct(fields) => fields
                .fields
                .iter()
                .map(|field| Field::new(&field.name, field.data_type.clone(), field.nullable || *contains_null))
                .collect(),
            _ => return Err(call.wrong_type(0, "\"ARRAY<STRUCT>\"")),
        },
        _ => return Err(call.wrong_type(0, "\"ARRAY<STRUCT>\"")),
    };
    Ok(Generator {
        kind: Kind::Inline,
        arguments: call.arguments,
        with_position: false,
        outer: false,
        fields,
    })
}

/// Binds stack(rows, value, ...): the values fill the rows one after the other.
fn bind_stack(mut call: Call<'_>) -> Result<Generator> {
    if call.arguments.len() < 2 {
        return Err(call.wrong_count("> 1", call.arguments.len()));
    }
    let session = call.session;
    call.coerce(0, &DataType::Int)?;
    let rows = match call.arguments[0].as_literal() {
        Some(array) if array.is_valid(0) => i64::from(array.as_primitive::<arrow_array::types::Int32Type>().value(0)),
        _ => {
            return Err(Error::new(ErrorCode::DatatypeMismatchNonFoldableInput)
                .with("sqlExpr", format!("\"{}\"", call.sql))
                .with("inputName", "`n`")
                .with("inputType", "\"INT\"")
                .with("inputExpr", format!("\"{}\"", call.argument_sql[0])));
        }
    };
    if !(1..=STACK_ROWS_MAX).contains(&rows) {
        return Err(Error::new(ErrorCode::DatatypeMismatchValueOutOfRange)
            .with("sqlExpr", format!("\"{}\"", call.sql))
            .with("exprName", "`n`")
            .with("valueRange", format!("[1, {STACK_ROWS_MAX}]"))
            .with("currentValue", rows.to_string()));
    }
    let rows = rows as usize;
    let values = call.arguments.split_off(1);
    let width = values.len().div_ceil(rows);
    let mut fields = Vec::with_capacity(width);
    for column in 0..width {
        let of_column = || values.iter().skip(column).step_by(width);
        let types: Vec<DataType> = of_column().map(|value| value.data_type.clone()).collect();
        // A column takes one type; only nulls are brought to it.
        let common = widest_type(&types, session.ansi)
            .filter(|common| types.iter().all(|found| found == common || *found == DataType::Void))
            .ok_or_else(|| {
                let differing = types
                    .iter()
                    .skip(1)
                    .find(|found| **found != types[0])
                    .unwrap_or(&types[0]);
                Error::new(ErrorCode::DatatypeMismatchStackColumnDiffTypes)
                    .with("sqlExpr", format!("\"{}\"", call.sql))
                    .with("columnIndex", column.to_string())
                    .with("leftType", types[0].quoted_sql())
                    .with("rightType", differing.quoted_sql())
            })?;
        // Spark says of all of them that they may be null.
        fields.push(Field::new(format!("col{column}"), common, true));
    }
    let arguments = values
        .into_iter()
        .enumerate()
        .map(|(index, value)| cast_to(value, &fields[index % width].data_type, session))
        .collect::<Result<_>>()?;
    Ok(Generator {
        kind: Kind::Stack(rows),
        arguments,
        with_position: false,
        outer: false,
        fields,
    })
}

/// Binds json_tuple(text, name, ...): the fields of an object as text.
fn bind_json_tuple(mut call: Call<'_>) -> Result<Generator> {
    if call.arguments.len() < 2 {
        return Err(call.wrong_count("> 1", call.arguments.len()));
    }
    for index in 0..call.arguments.len() {
        if call.arguments[index].data_type == DataType::Void {
            call.coerce(index, &DataType::String)?;
        }
        if call.arguments[index].data_type != DataType::String {
            return Err(Error::new(ErrorCode::DatatypeMismatchNonStringType)
                .with("sqlExpr", format!("\"{}\"", call.sql))
                .with("funcName", "`json_tuple`"));
        }
    }
    let fields = (0..call.arguments.len() - 1)
        .map(|index| Field::new(format!("c{index}"), DataType::String, true))
        .collect();
    Ok(Generator {
        kind: Kind::JsonTuple(Box::new(JsonOptions::new(&Default::default(), &call.session.zone)?)),
        arguments: call.arguments,
        with_position: false,
        outer: false,
        fields,
    })
}

impl Generator {
    /// The rows that the generator makes: which row of `columns` each is of, and the columns that are new.
    pub fn generate(&self, columns: &[ArrayRef], rows: usize) -> Result<(UInt32Array, Vec<ArrayRef>)> {
        let arguments = self
            .arguments
            .iter()
            .map(|argument| argument.evaluate(columns, rows)?.into_array(rows))
            .collect::<Result<Vec<_>>>()?;
        let mut made = match &self.kind {
            Kind::Explode => Elements::of(&arguments[0])?,
            Kind::Inline => inlined(Elements::of(&arguments[0])?)?,
            Kind::Stack(count) => stacked(&arguments, *count, self.fields.len(), rows)?,
            Kind::JsonTuple(options) => {
                let parents = UInt32Array::from_iter_values(0..rows as u32);
                return Ok((parents, json_fields(&arguments, options, rows)));
            }
        };
        if self.with_position {
            let positions = made.indices();
            made.columns.insert(0, positions);
        }
        if self.outer {
            with_childless(made)
        } else {
            Ok((made.parents, made.columns))
        }
    }
}

fn inlined(mut elements: Elements) -> Result<Elements> {
    let structs = Arc::clone(&elements.columns[0]);
    let structs = structs.as_struct();
    elements.columns = structs
        .columns()
        .iter()
        .map(|column| with_parent_nulls(column, structs.nulls()))
        .collect::<Result<_>>()?;
    Ok(elements)
}

fn stacked(values: &[ArrayRef], count: usize, width: usize, rows: usize) -> Result<Elements> {
    let columns = (0..width)
        .map(|column| {
            let parts: Vec<&dyn Array> = values.iter().skip(column).step_by(width).map(AsRef::as_ref).collect();
            let all = concat(&parts)?;
            // The values of one argument stand together; the rows of stack() go across them.
            let places: UInt32Array = (0..rows)
                .flat_map(|row| (0..count).map(move |part| (part, row)))
                .map(|(part, row)| (part < parts.len()).then(|| (part * rows + row) as u32))
                .collect();
            Ok(take(&all, &places, None)?)
        })
        .collect::<Result<_>>()?;
    Ok(Elements {
        columns,
        parents: (0..rows as u32)
            .flat_map(|row| std::iter::repeat_n(row, count))
            .collect::<Vec<_>>()
            .into(),
        offsets: OffsetBuffer::from_lengths(std::iter::repeat_n(count, rows)),
        nulls: None,
    })
}

fn json_fields(arguments: &[ArrayRef], options: &JsonOptions, rows: usize) -> Vec<ArrayRef> {
    let texts = arguments[0].as_binary_view();
    let names: Vec<_> = arguments[1..].iter().map(|names| names.as_binary_view()).collect();
    let mut columns: Vec<_> = names.iter().map(|_| BinaryViewBuilder::with_capacity(rows)).collect();
    let mut wanted = Vec::with_capacity(names.len());
    for row in 0..rows {
        wanted.clear();
        wanted.extend(names.iter().map(|names| names.is_valid(row).then(|| names.value(row))));
        let found = texts
            .is_valid(row)
            .then(|| JsonDocument::fields(texts.value(row), &wanted, options))
            .flatten();
        for (at, column) in columns.iter_mut().enumerate() {
            column.append_option(found.as_ref().and_then(|found| found[at].as_ref()));
        }
    }
    columns
        .into_iter()
        .map(|mut column| Arc::new(column.finish()) as ArrayRef)
        .collect()
}

/// Adds a row of nulls for each row that nothing was made of.
fn with_childless(made: Elements) -> Result<(UInt32Array, Vec<ArrayRef>)> {
    let mut parents = Vec::with_capacity(made.len());
    let mut places: Vec<Option<u32>> = Vec::with_capacity(made.len());
    for (row, ends) in made.offsets.windows(2).enumerate() {
        let before = places.len();
        if ends[0] == ends[1] {
            places.push(None);
        }
        places.extend((ends[0]..ends[1]).map(|place| Some(place as u32)));
        parents.resize(parents.len() + places.len() - before, row as u32);
    }
    let places = UInt32Array::from(places);
    let columns = made
        .columns
        .iter()
        .map(|column| Ok(take(column, &places, None)?))
        .collect::<Result<_>>()?;
    Ok((parents.into(), columns))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Int32Array;

    #[test]
    fn rows_without_children_come_once_where_outer() {
        let made = Elements {
            columns: vec![Arc::new(Int32Array::from(vec![7, 8, 9]))],
            parents: UInt32Array::from(vec![1, 1, 3]),
            offsets: OffsetBuffer::from_lengths([0, 2, 0, 1]),
            nulls: None,
        };
        let (parents, columns) = with_childless(made).unwrap();
        assert_eq!(parents.values(), &[0, 1, 1, 2, 3]);
        let expected = Int32Array::from(vec![None, Some(7), Some(8), None, Some(9)]);
        assert_eq!(columns[0].as_primitive::<arrow_array::types::Int32Type>(), &expected);
    }

    #[test]
    fn stack_fills_rows_across() {
        let column = |values: Vec<i32>| -> ArrayRef { Arc::new(Int32Array::from(values)) };
        let values = [column(vec![1, 10]), column(vec![2, 20]), column(vec![3, 30])];
        let made = stacked(&values, 2, 2, 2).unwrap();
        let first = made.columns[0].as_primitive::<arrow_array::types::Int32Type>();
        let second = made.columns[1].as_primitive::<arrow_array::types::Int32Type>();
        assert_eq!(first, &Int32Array::from(vec![1, 3, 10, 30]));
        assert_eq!(second, &Int32Array::from(vec![Some(2), None, Some(20), None]));
    }
}
