//! What needs all rows of a batch in one place: sorting, limits and samples.

use arrow_array::{Array, ArrayRef, BooleanArray, UInt32Array};
use arrow_ord::sort::{SortColumn, lexsort_to_indices};
use arrow_schema::SortOptions;
use arrow_select::filter::filter;
use arrow_select::take::take;

use super::normalize_zero;
use super::random::XorShiftRandom;
use crate::error::Result;
use crate::plan::SortKey;
use crate::query::Rows;

/// The rows in the order of the keys; equal rows stay as they came.
pub fn sort_rows(keys: &[SortKey], columns: &[ArrayRef], rows: usize) -> Result<Rows> {
    let order = sorted_rows(keys, columns, rows)?;
    let columns = columns
        .iter()
        .map(|column| Ok(take(column, &order, None)?))
        .collect::<Result<Vec<_>>>()?;
    Ok((columns, rows))
}

/// The rows from `offset` on, `count` at most.
pub fn limit_rows(count: Option<usize>, offset: usize, columns: &[ArrayRef], rows: usize) -> Rows {
    let start = offset.min(rows);
    let kept = count.unwrap_or(usize::MAX).min(rows - start);
    (columns.iter().map(|column| column.slice(start, kept)).collect(), kept)
}

/// Each row with the probability `fraction`, as Spark samples one partition.
pub fn sample_rows(fraction: f64, seed: i64, columns: &[ArrayRef], rows: usize) -> Result<Rows> {
    let mut random = XorShiftRandom::new(seed);
    let kept: BooleanArray = (0..rows).map(|_| Some(random.next_f64() < fraction)).collect();
    let columns = columns.iter().map(|column| filter(column, &kept));
    let columns = columns.collect::<std::result::Result<Vec<_>, _>>()?;
    Ok((columns, kept.true_count()))
}

/// The order of the rows; stable, so that equal rows stay as they came.
fn sorted_rows(keys: &[SortKey], columns: &[ArrayRef], rows: usize) -> Result<UInt32Array> {
    let mut sort_columns = Vec::with_capacity(keys.len() + 1);
    for key in keys {
        let values = normalize_zero(&key.expr.evaluate(columns, rows)?.into_array(rows)?);
        let options = SortOptions {
            descending: key.descending,
            nulls_first: key.nulls_first,
        };
        if super::rank::is_sortable(values.data_type()) {
            sort_columns.push(SortColumn {
                values,
                options: Some(options),
            });
        } else {
            sort_columns.push(SortColumn {
                values: super::rank::ranks(&values)?,
                options: Some(options),
            });
        }
    }
    let positions: ArrayRef = std::sync::Arc::new(UInt32Array::from_iter_values(0..rows as u32));
    sort_columns.push(SortColumn {
        values: positions,
        options: None,
    });
    Ok(lexsort_to_indices(&sort_columns, None)?)
}
