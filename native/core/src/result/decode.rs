//! A ResultBatch back to columns: for show(), and to check that what goes out can be read.

use arrow_array::ArrayRef;

use super::result_generated::root_as_result_batch;
use crate::column::{StructType, schema_from_json};
use crate::error::{Error, ErrorCode, Result};
use crate::source::columns_of;

/// The row type, the columns and the number of rows of an encoded ResultBatch. Fails with BATCH_BORDER_INVALID.
pub fn decode_result(bytes: &[u8]) -> Result<(StructType, Vec<ArrayRef>, usize)> {
    let invalid = |reason: String| Error::new(ErrorCode::BatchBorderInvalid).with("reason", reason);
    columns_of(bytes, |copy| {
        let batch = root_as_result_batch(copy).map_err(|error| invalid(error.to_string()))?;
        if batch.version() != 1 {
            return Err(invalid(format!("result version {}", batch.version())));
        }
        let schema = schema_from_json(batch.schema().unwrap_or_default())?;
        Ok((schema, batch.columns(), batch.num_rows() as usize))
    })
}
