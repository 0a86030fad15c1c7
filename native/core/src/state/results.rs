//! Groups as rows: their key columns, the conditions on those, and result rows.

use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use arrow_buffer::BooleanBuffer;

use super::GroupTable;
use crate::aggregate::finish;
use crate::error::{Error, Result};
use crate::expr::true_rows;
use crate::query::{Grouping, Rows};

/// Makes the event-time key of groups, given by their rows: a column, or none where event time is no key.
pub type EventTimes<'a> = &'a dyn Fn(&[u32]) -> Result<Option<ArrayRef>>;

/// The groups that meet the conditions on their keys; none where there are no conditions.
pub fn kept_groups<Store>(
    grouping: &Grouping<Store>,
    table: &GroupTable,
    rows: &[u32],
    event_times: EventTimes<'_>,
) -> Result<Option<Vec<u32>>> {
    if grouping.spec.group_filters.is_empty() {
        return Ok(None);
    }
    let keys = key_columns(grouping, table, rows, event_times)?;
    let mut kept = BooleanBuffer::new_set(rows.len());
    for condition in &grouping.spec.group_filters {
        let truth = condition.evaluate(&keys, rows.len())?.into_array(rows.len())?;
        kept = &kept & &true_rows(truth.as_boolean());
    }
    Ok(Some(kept.set_indices().map(|index| rows[index]).collect()))
}

/// The key columns of groups, in their written order.
fn key_columns<Store>(
    grouping: &Grouping<Store>,
    table: &GroupTable,
    rows: &[u32],
    event_times: EventTimes<'_>,
) -> Result<Vec<ArrayRef>> {
    let mut columns = grouping.keys.decode(rows.iter().map(|&row| table.key(row)))?;
    if let Some(event_times) = event_times(rows)? {
        columns.insert(grouping.spec.event_time_position, event_times);
    }
    Ok(columns)
}

/// Result rows of groups: keys and accumulators' results, then the output expressions over both.
pub fn result_rows<Store>(
    grouping: &Grouping<Store>,
    table: &GroupTable,
    rows: &[u32],
    event_times: EventTimes<'_>,
) -> Result<Rows> {
    let spec = &grouping.spec;
    let mut columns = key_columns(grouping, table, rows, event_times)?;
    for (index, call) in spec.calls.iter().enumerate() {
        columns.push(finish(table, rows, index, call)?);
    }
    let output = spec
        .output
        .iter()
        .map(|expr| expr.evaluate(&columns, rows.len())?.into_array(rows.len()))
        .collect::<Result<Vec<_>>>()?;
    if output.iter().any(|column| column.len() != rows.len()) {
        return Err(Error::internal("a result column has another number of rows"));
    }
    Ok((output, rows.len()))
}
