//! What a streaming query can't do, refused with Spark's conditions before it starts.

use super::{Operator, ResolvedPlan};
use crate::error::{Error, ErrorCode, Result};

/// Spark's output modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputMode {
    /// Rows that will never change.
    Append,
    /// Groups that changed in the batch.
    Update,
    /// All groups.
    Complete,
}

impl OutputMode {
    /// Reads a mode's name in any case. Fails with STREAMING_OUTPUT_MODE.INVALID.
    pub fn parse(text: &str) -> Result<Self> {
        match text.to_ascii_lowercase().as_str() {
            "append" => Ok(OutputMode::Append),
            "update" => Ok(OutputMode::Update),
            "complete" => Ok(OutputMode::Complete),
            _ => Err(Error::new(ErrorCode::StreamingOutputModeInvalid).with("outputMode", text)),
        }
    }

    /// Its name in Spark's messages.
    pub fn name(self) -> &'static str {
        match self {
            OutputMode::Append => "append",
            OutputMode::Update => "update",
            OutputMode::Complete => "complete",
        }
    }
}

/// Refuses an output mode that the query can't have: Spark's UnsupportedOperationChecker.
pub fn check_output_mode(plan: &ResolvedPlan, mode: OutputMode) -> Result<()> {
    let refuse = |operation: &str| {
        Err(Error::new(ErrorCode::StreamingOutputModeUnsupportedOperation)
            .with("outputMode", mode.name())
            .with("operation", operation))
    };
    for stage in &plan.stages {
        let message = match &stage.operator {
            Operator::Sort(_) if plan.aggregates().next().is_none() || mode != OutputMode::Complete => {
                "Sorting is not supported on streaming DataFrames/Datasets, unless it is on aggregated DataFrame/Dataset in Complete output mode"
            }
            Operator::Limit { .. } if mode == OutputMode::Update => {
                "Limits are not supported on streaming DataFrames/Datasets in Update output mode"
            }
            Operator::Limit { offset, .. } if *offset > 0 => "Offset is not supported on streaming DataFrames/Datasets",
            Operator::Limit { .. } if mode == OutputMode::Append => {
                "Limits on a stream in Append output mode are not there yet: aggregate in Complete mode, or stop the query"
            }
            Operator::Aggregate(_) | Operator::Sort(_) | Operator::Limit { .. } => continue,
        };
        return Err(Error::new(ErrorCode::LegacyErrorTemp3102).with("msg", message));
    }
    match (plan.aggregates().next_back(), mode) {
        (None, OutputMode::Complete) => refuse("no streaming aggregations"),
        (Some(aggregate), OutputMode::Append) if !aggregate.is_bounded => {
            refuse("streaming aggregations without watermark")
        }
        _ => Ok(()),
    }
}
