//! Aggregates that the program brings: their functions run in JavaScript, between the map tasks and the reduce tasks of a
//! batch (see `state/fold_groups`).
//!
//! ```text
//! partial group    | values that were given, one after the other | values | ...
//! group of state   | the program's buffer | what the program made of it last |
//! ```

use std::collections::BTreeMap;
use std::fmt;

use arrow_array::ArrayRef;

use super::accumulate::{argument_codecs, each_encoded_row};
use super::bind::Bound;
use super::{AggregateCall, AggregateRequest, Function};
use crate::column::{Field, StructType, schema_from_text};
use crate::error::{Error, ErrorCode, Result};
use crate::plan::coerce::cast_to;
use crate::state::{GroupTable, Slot, ValueCodec};

/// The option that marks a call of one: the number of its functions.
const PROGRAM: &str = "program";

/// What an aggregate of the program is given, keeps and gives.
#[derive(Clone, PartialEq)]
pub struct FoldSpec {
    /// Number of the functions within the process.
    pub program: u32,
    /// A column for each argument.
    pub input: StructType,
    /// What is kept for a group between rows.
    pub buffer: Field,
    /// What comes out.
    pub output: Field,
    /// Whether it can put two buffers together.
    pub merges: bool,
}

/// A checkpoint knows it by what it keeps; the number is another in each process.
impl fmt::Debug for FoldSpec {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.buffer.data_type.sql())
    }
}

/// The buffer, which `codec` encodes, and the result that a group of state holds; none where it has had no value.
pub fn held_of<'a>(
    codec: &ValueCodec,
    table: &'a GroupTable,
    row: u32,
    slot: Slot,
) -> Result<Option<(&'a [u8], &'a [u8])>> {
    let mut bytes = table.heap(row, slot);
    if bytes.is_empty() {
        return Ok(None);
    }
    let buffer = codec.split(&mut bytes)?;
    Ok(Some((buffer, bytes)))
}

/// Whether a call with these options is one of an aggregate of the program.
pub fn is_fold(options: Option<&BTreeMap<String, String>>) -> bool {
    options.is_some_and(|options| options.contains_key(PROGRAM))
}

/// Types a call. Fails with WRONG_NUM_ARGS, ARGUMENT_INVALID for DISTINCT, and where an argument has no cast to what it must be.
pub(super) fn bind_fold(request: &mut AggregateRequest<'_>, options: &BTreeMap<String, String>) -> Result<Bound> {
    if request.distinct {
        return Err(refused(
            "DISTINCT says nothing to it; drop duplicates before the grouping",
        ));
    }
    let option = |name: &str| options.get(name).map_or("", String::as_str);
    let program = option(PROGRAM)
        .parse()
        .map_err(|_| Error::internal("an aggregate has no number"))?;
    let one_field = |name: &str| {
        let field = schema_from_text(option(name))?.fields.into_iter().next();
        field.ok_or_else(|| Error::internal(format!("an aggregate lacks its {name}")))
    };
    let spec = FoldSpec {
        program,
        input: schema_from_text(option("input"))?,
        buffer: one_field("buffer")?,
        output: one_field("output")?,
        merges: option("merges") == "true",
    };
    request.expect(spec.input.fields.len(), spec.input.fields.len())?;
    let given = std::mem::take(&mut request.arguments)
        .into_iter()
        .zip(&spec.input.fields);
    let arguments = given.map(|(argument, field)| cast_to(argument, &field.data_type, request.session));
    let arguments = arguments.collect::<Result<Vec<_>>>()?;
    let (data_type, nullable) = (spec.output.data_type.clone(), spec.output.nullable);
    let bound = Bound::new(Function::Fold(spec.into()), arguments, data_type);
    Ok(if nullable { bound } else { bound.never_null() })
}

/// Refuses aggregates of the program in a place that has no state to keep their buffers in.
pub fn refuse_folds<'a>(mut calls: impl Iterator<Item = &'a AggregateCall>, reason: &str) -> Result<()> {
    match calls.any(|call| call.fold().is_some()) {
        true => Err(refused(reason)),
        false => Ok(()),
    }
}

/// Refuses aggregates of the program that cannot put two buffers together, where sessions that meet become one.
pub fn require_merge<'a>(calls: impl Iterator<Item = &'a AggregateCall>) -> Result<()> {
    let mut folds = calls.filter_map(AggregateCall::fold);
    match folds.all(|fold| fold.merges) {
        true => Ok(()),
        false => Err(refused(
            "session windows put the buffers of sessions that meet together: declare merge(left, right)",
        )),
    }
}

fn refused(reason: &str) -> Error {
    Error::new(ErrorCode::ArgumentInvalid)
        .with("function", "udaf")
        .with("reason", reason)
}

/// Puts the values of rows into partial groups.
pub(super) fn add_rows(
    table: &mut GroupTable,
    slot: Slot,
    call: &AggregateCall,
    groups: &[u32],
    arguments: &[ArrayRef],
) -> Result<()> {
    each_encoded_row(&argument_codecs(call)?, arguments, groups, |group, row| {
        table.append_heap(group, slot, row)
    })
}

/// Puts the values of a partial group behind those of another of its map task.
pub(super) fn join_values(
    table: &mut GroupTable,
    row: u32,
    from: &GroupTable,
    from_row: u32,
    slot: Slot,
) -> Result<()> {
    table.append_heap(row, slot, from.heap(from_row, slot))
}

/// The encoded result of a group of state; `codec` encodes its buffer.
pub(super) fn finish_one(table: &GroupTable, row: u32, slot: Slot, codec: &ValueCodec) -> Result<Option<Vec<u8>>> {
    Ok(held_of(codec, table, row, slot)?.map(|(_, result)| result.to_vec()))
}
