//! A grouping of rows that are all there: batch queries group what was grouped already.

use arrow_array::ArrayRef;

use crate::aggregate::PartialGroups;
use crate::error::Result;
use crate::plan::{AggregateSpec, OutputMode};
use crate::query::{BatchSpec, Grouping, Rows};
use crate::state::reduce_partial;

/// Groups `rows` rows once and for all.
pub fn regroup(spec: &AggregateSpec, columns: &[ArrayRef], rows: usize) -> Result<Rows> {
    let grouping = Grouping::new(spec.clone(), 1, 0);
    let batch = BatchSpec {
        late_watermark_ms: 0,
        evict_watermark_ms: 0,
        batch_timestamp_ms: 0,
    };
    let mut groups = PartialGroups::new(&grouping, OutputMode::Complete, batch);
    groups.push(columns, rows)?;
    groups.split_by_shard(1);
    let output = reduce_partial(&grouping, OutputMode::Complete, 0, batch, 0, &[&groups])?;
    crate::pipeline::concat_rows(
        output.pieces.into_iter().map(|(_, rows)| rows).collect(),
        &output_types(spec),
    )
}

fn output_types(spec: &AggregateSpec) -> Vec<crate::column::DataType> {
    spec.output.iter().map(|expr| expr.data_type.clone()).collect()
}
