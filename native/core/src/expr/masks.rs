//! Conditions as masks, and the rows that are left under one.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray};
use arrow_buffer::BooleanBuffer;
use arrow_select::filter::filter;

use super::Expr;
use crate::error::Result;

/// Where a condition is true: null counts as false.
pub fn true_rows(condition: &BooleanArray) -> BooleanBuffer {
    match condition.nulls() {
        Some(nulls) if nulls.null_count() > 0 => condition.values() & nulls.inner(),
        _ => condition.values().clone(),
    }
}

/// The rows where a condition is true. Fails with what its evaluation raises.
pub fn mask_of(condition: &Expr, columns: &[ArrayRef], rows: usize) -> Result<BooleanArray> {
    let truth = condition.evaluate(columns, rows)?.into_array(rows)?;
    Ok(BooleanArray::new(true_rows(truth.as_boolean()), None))
}

/// The rows of all columns where the mask is set.
pub fn filter_columns(columns: &[ArrayRef], mask: &BooleanArray) -> Result<Vec<ArrayRef>> {
    columns.iter().map(|column| Ok(filter(column, mask)?)).collect()
}
