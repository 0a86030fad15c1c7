//! The metrics of observe(): aggregates of the rows of one batch.

use std::sync::Arc;

use arrow_array::{ArrayRef, StructArray};

use super::{finish, update};
use crate::column::DataType;
use crate::error::Result;
use crate::expr::{JsonStyle, JsonText, filter_columns, mask_of};
use crate::parse::TimeZone;
use crate::plan::ObserveSpec;
use crate::state::{Budget, GroupTable, KeyCodec, Layout, Tag};

/// The metrics of the rows as JSON text, nulls included.
pub fn observe(spec: &ObserveSpec, columns: &[ArrayRef], rows: usize, zone: &TimeZone) -> Result<String> {
    let calls = &spec.metrics.calls;
    let mut table = GroupTable::new(Layout::new(calls), Tag::Batch, Arc::new(Budget::new(0)));
    let keys = KeyCodec::new(&[]).encode(&[], 1);
    let group = table.find_or_insert(keys.get(0), 0)?;
    let mut results = Vec::with_capacity(calls.len());
    for (index, call) in calls.iter().enumerate() {
        let (mut columns, mut rows) = (columns.to_vec(), rows);
        if let Some(condition) = &call.filter {
            let mask = mask_of(condition, &columns, rows)?;
            rows = mask.true_count();
            columns = filter_columns(&columns, &mask)?;
        }
        let arguments = call.beside.iter().chain(&call.arguments);
        let arguments = arguments
            .map(|argument| argument.evaluate(&columns, rows)?.into_array(rows))
            .collect::<Result<Vec<_>>>()?;
        update(&mut table, index, call, &vec![group; rows], &arguments)?;
        results.push(finish(&table, &[group], index, call)?);
    }
    let output = spec.metrics.output.iter();
    let output = output
        .map(|expr| expr.evaluate(&results, 1)?.into_array(1))
        .collect::<Result<Vec<_>>>()?;
    let row: ArrayRef = Arc::new(StructArray::try_new(spec.schema.to_arrow(), output, None)?);
    let keep_nulls = [("ignoreNullFields".to_string(), "false".to_string())].into();
    let style = JsonStyle::of(&keep_nulls, zone)?;
    let mut text = JsonText::new(&style);
    text.value(&DataType::Struct(spec.schema.clone()), &row, 0);
    Ok(text.text().to_string())
}
