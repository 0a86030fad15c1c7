//! What a streaming query can't do, refused with Spark's conditions before it starts: Spark's UnsupportedOperationChecker.

use super::{GroupsApi, JoinType, Operation, OperationKind, ResolvedPlan};
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

    fn title(self) -> &'static str {
        match self {
            OutputMode::Append => "Append",
            OutputMode::Update => "Update",
            OutputMode::Complete => "Complete",
        }
    }
}

/// Refuses what a streaming query can't do in an output mode, in Spark's order: the mode first, then each operation from
/// the sources up, then, with
/// `checks_late_rows`, what stateful operations make of each other's late rows.
pub fn check_streaming(plan: &ResolvedPlan, mode: OutputMode, checks_late_rows: bool) -> Result<()> {
    let checker = Checker {
        operations: &plan.operations,
        mode,
    };
    checker.check_several_groups()?;
    checker.check_mode()?;
    plan.operations
        .iter()
        // Spark refuses an offset of the static side of a join too.
        .filter(|operation| operation.is_streaming || operation.kind == OperationKind::Offset)
        .try_for_each(|operation| checker.check_operation(operation))?;
    if checks_late_rows {
        checker.check_late_rows()?;
    }
    Ok(())
}

/// Refuses what only a stream can do.
pub fn check_batch(plan: &ResolvedPlan) -> Result<()> {
    let is_for_streams = |operation: &Operation| {
        matches!(
            operation.kind,
            OperationKind::Deduplicate {
                within_watermark: true,
                ..
            }
        )
    };
    if plan.operations.iter().any(is_for_streams) {
        return refuse("dropDuplicatesWithinWatermark is not supported with batch DataFrames/DataSets");
    }
    Ok(())
}

struct Checker<'a> {
    /// Inputs stand before what reads them.
    operations: &'a [Operation],
    mode: OutputMode,
}

impl Checker<'_> {
    /// Which of the program's functions over groups can be used together.
    fn check_several_groups(&self) -> Result<()> {
        let streaming = self.operations.iter().filter(|operation| operation.is_streaming);
        let (mut maps, mut flat_maps, mut all_append) = (0, 0, self.mode == OutputMode::Append);
        for operation in streaming {
            match operation.kind {
                OperationKind::GroupsWithState {
                    api: GroupsApi::MapGroupsWithState,
                    ..
                } => maps += 1,
                OperationKind::GroupsWithState {
                    api: GroupsApi::FlatMapGroupsWithState,
                    output_mode,
                    ..
                } => {
                    flat_maps += 1;
                    all_append &= output_mode == Some(OutputMode::Append);
                }
                _ => {}
            }
        }
        match (maps, flat_maps) {
            (2.., _) => refuse("Multiple mapGroupsWithStates are not supported on a streaming DataFrames/Datasets"),
            (1.., 1..) => refuse(
                "Mixing mapGroupsWithStates and flatMapGroupsWithStates are not supported on a streaming DataFrames/Datasets",
            ),
            (_, 2..) if !all_append => refuse(
                "Multiple flatMapGroupsWithStates are not supported when they are not all in append mode or the output mode is not append on a streaming DataFrames/Datasets",
            ),
            _ => Ok(()),
        }
    }

    fn check_mode(&self) -> Result<()> {
        let nearest_sink = self.operations.len().checked_sub(1);
        let aggregate = nearest_sink.and_then(|root| self.below(root).find_map(aggregate_bound));
        match (aggregate, self.mode) {
            (None, OutputMode::Complete) => self.refuse_mode("no streaming aggregations"),
            (Some(false), OutputMode::Append) => self.refuse_mode("streaming aggregations without watermark"),
            (Some(_), OutputMode::Update) if self.is_of_sessions() => {
                self.refuse_mode("session window streaming aggregations")
            }
            _ => Ok(()),
        }
    }

    /// Whether the grouping nearest the sink is one by sessions.
    fn is_of_sessions(&self) -> bool {
        let root = self.operations.len().saturating_sub(1);
        let grouping = self.below(root).find(|operation| aggregate_bound(operation).is_some());
        grouping.is_some_and(|grouping| matches!(grouping.kind, OperationKind::Aggregate { has_session: true, .. }))
    }

    fn check_operation(&self, operation: &Operation) -> Result<()> {
        let mode = self.mode;
        match &operation.kind {
            OperationKind::Aggregate { has_distinct: true, .. } => refuse(
                "Distinct aggregations are not supported on streaming DataFrames/Datasets. Consider using approx_count_distinct() instead.",
            ),
            OperationKind::Deduplicate {
                lacks_watermark: true, ..
            } => refuse(
                "dropDuplicatesWithinWatermark is not supported on streaming DataFrames/DataSets without watermark",
            ),
            OperationKind::GroupsWithState {
                api,
                output_mode,
                lacks_watermark,
                ..
            } => self.check_groups(operation, *api, *output_mode, *lacks_watermark),
            OperationKind::Join { join_type, is_bounded } => self.check_join(operation, *join_type, *is_bounded),
            OperationKind::Except if self.is_streaming(operation, 1) => {
                refuse("Except on a streaming DataFrame/Dataset on the right is not supported")
            }
            OperationKind::Intersect => refuse("Intersect of streaming DataFrames/Datasets is not supported"),
            OperationKind::Union if self.is_streaming(operation, 0) != self.is_streaming(operation, 1) => {
                refuse("Union between streaming and batch DataFrames/Datasets is not supported")
            }
            OperationKind::Limit if mode == OutputMode::Update => {
                refuse("Limits are not supported on streaming DataFrames/Datasets in Update output mode")
            }
            OperationKind::Offset => refuse("Offset is not supported on streaming DataFrames/Datasets"),
            OperationKind::Sample => refuse("Sampling is not supported on streaming DataFrames/Datasets"),
            OperationKind::Sort if !self.is_complete(operation) => refuse(
                "Sorting is not supported on streaming DataFrames/Datasets, unless it is on aggregated DataFrame/Dataset in Complete output mode",
            ),
            OperationKind::Windows {
                functions,
                columns,
                windows,
            } => {
                let columns: Vec<String> = columns.iter().map(|name| quoted_name(name)).collect();
                Err(Error::new(ErrorCode::NonTimeWindowNotSupportedInStreaming)
                    .with("windowFunc", functions.join(",").to_uppercase())
                    .with("columnName", columns.join(","))
                    .with("windowSpec", windows.join(",").to_uppercase()))
            }
            OperationKind::Source
            | OperationKind::Aggregate { .. }
            | OperationKind::Deduplicate { .. }
            | OperationKind::Except
            | OperationKind::Union
            | OperationKind::Limit
            | OperationKind::Sort => Ok(()),
        }
    }

    /// The program's functions over groups: the output modes and aggregates that they can be used with.
    fn check_groups(
        &self,
        operation: &Operation,
        api: GroupsApi,
        output_mode: Option<OutputMode>,
        lacks_watermark: bool,
    ) -> Result<()> {
        let name = api.name();
        let mode = self.mode.title();
        let is_aggregated = self
            .operations
            .iter()
            .any(|operation| aggregate_bound(operation).is_some());
        let reads_aggregates = || {
            let mut inputs = operation.inputs.iter().flat_map(|&input| self.below(input));
            inputs.any(|operation| aggregate_bound(operation).is_some())
        };
        match (api, output_mode) {
            (GroupsApi::MapGroupsWithState, _) if is_aggregated => {
                refuse("mapGroupsWithState is not supported with aggregation on a streaming DataFrame/Dataset")
            }
            (GroupsApi::MapGroupsWithState, _) if self.mode != OutputMode::Update => refuse(&format!(
                "mapGroupsWithState is not supported with {mode} output mode on a streaming DataFrame/Dataset"
            )),
            (_, Some(own)) if !is_aggregated && own != self.mode => refuse(&format!(
                "{name} in {} mode is not supported with {mode} output mode on a streaming DataFrame/Dataset",
                own.name()
            )),
            (GroupsApi::FlatMapGroupsWithState, Some(OutputMode::Update)) if is_aggregated => refuse(
                "flatMapGroupsWithState in update mode is not supported with aggregation on a streaming DataFrame/Dataset",
            ),
            (GroupsApi::FlatMapGroupsWithState, _) if reads_aggregates() => refuse(
                "flatMapGroupsWithState in append mode is not supported after aggregation on a streaming DataFrame/Dataset",
            ),
            _ if lacks_watermark && api == GroupsApi::TransformWithState => refuse(
                "Watermark must be specified in the query using '[Dataset/DataFrame].withWatermark()' for using event-time timers in a transformWithState. Event-time timers are not supported without watermark.",
            ),
            _ if lacks_watermark => refuse(
                "Watermark must be specified in the query using '[Dataset/DataFrame].withWatermark()' for using event-time timeout in a [map|flatMap]GroupsWithState. Event-time timeout not supported without watermark.",
            ),
            _ => Ok(()),
        }
    }

    fn check_join(&self, operation: &Operation, join_type: JoinType, is_bounded: bool) -> Result<()> {
        let name = join_type.name();
        let mode = self.mode.title();
        let sides = (self.is_streaming(operation, 0), self.is_streaming(operation, 1));
        match (join_type, sides) {
            (JoinType::Inner | JoinType::Cross | JoinType::LeftSemi, (true, true))
                if self.mode == OutputMode::Complete =>
            {
                refuse(&format!(
                    "{name} join between two streaming DataFrames/Datasets is not supported in {mode} output mode, only in Append and Update output modes"
                ))
            }
            (JoinType::LeftAnti, (_, true)) => {
                refuse("LeftAnti joins with a streaming DataFrame/Dataset on the right are not supported")
            }
            (JoinType::LeftOuter | JoinType::RightOuter | JoinType::FullOuter, (true, true))
                if self.mode != OutputMode::Append =>
            {
                refuse(&format!(
                    "{name} join between two streaming DataFrames/Datasets is not supported in {mode} output mode, only in Append output mode"
                ))
            }
            (JoinType::LeftOuter | JoinType::RightOuter | JoinType::FullOuter | JoinType::LeftSemi, (true, true))
                if !is_bounded =>
            {
                refuse(&format!(
                    "Stream-stream {name} join between two streaming DataFrame/Datasets is not supported without a watermark in the join keys, or a watermark on the nullable side and an appropriate range condition"
                ))
            }
            (JoinType::LeftOuter | JoinType::LeftSemi, (false, true)) => refuse(&format!(
                "{name} join with a streaming DataFrame/Dataset on the right and a static DataFrame/Dataset on the left is not supported"
            )),
            (JoinType::RightOuter, (true, false)) => refuse(
                "RightOuter join with a streaming DataFrame/Dataset on the left and a static DataFrame/DataSet on the right not supported",
            ),
            (JoinType::FullOuter, (true, false)) => refuse(
                "FullOuter joins with streaming DataFrames/Datasets on the left and a static DataFrame/Dataset on the right is not supported",
            ),
            (JoinType::FullOuter, (false, true)) => refuse(
                "FullOuter joins with streaming DataFrames/Datasets on the right and a static DataFrame/Dataset on the left is not supported",
            ),
            _ => Ok(()),
        }
    }

    /// Groups that change after they came out make rows that are late for a stateful operation behind.
    fn check_late_rows(&self) -> Result<()> {
        let emits_late = |operation: &Operation| {
            operation.is_streaming
                && match operation.kind {
                    OperationKind::Aggregate { .. } => self.mode != OutputMode::Append,
                    OperationKind::GroupsWithState { emits_late, .. } => emits_late,
                    _ => false,
                }
        };
        for (position, operation) in self.operations.iter().enumerate() {
            if self.is_stateful(operation) && self.below(position).skip(1).any(emits_late) {
                return refuse(
                    "Detected pattern of possible 'correctness' issue due to global watermark. The query contains stateful operation which can emit rows older than the current watermark plus allowed late record delay, which are \"late rows\" in downstream stateful operations and these rows can be discarded. Please refer the programming guide doc for more details. If you understand the possible risk of correctness issue and still need to run the query, you can disable this check by setting the config `spark.sql.streaming.statefulOperator.checkCorrectness.enabled` to false.",
                );
            }
        }
        Ok(())
    }

    fn is_stateful(&self, operation: &Operation) -> bool {
        match operation.kind {
            OperationKind::Aggregate { .. } => operation.is_streaming,
            // Without event time it passes over no late row.
            OperationKind::Deduplicate { is_bounded, .. } => operation.is_streaming && is_bounded,
            OperationKind::Join { .. } => self.is_streaming(operation, 0) && self.is_streaming(operation, 1),
            OperationKind::GroupsWithState { .. } => operation.is_streaming,
            _ => false,
        }
    }

    /// An operation and all that it reads, itself first, left before right.
    fn below(&self, position: usize) -> impl Iterator<Item = &Operation> {
        let mut waiting = vec![position];
        std::iter::from_fn(move || {
            let operation = &self.operations[waiting.pop()?];
            waiting.extend(operation.inputs.iter().rev());
            Some(operation)
        })
    }

    fn is_streaming(&self, operation: &Operation, input: usize) -> bool {
        let input = operation.inputs.get(input);
        input.is_some_and(|&input| self.operations[input].is_streaming)
    }

    /// Whether all rows of a result are there in every batch.
    fn is_complete(&self, operation: &Operation) -> bool {
        let mut inputs = operation.inputs.iter().flat_map(|&input| self.below(input));
        self.mode == OutputMode::Complete && inputs.any(|operation| aggregate_bound(operation).is_some())
    }

    fn refuse_mode(&self, operation: &str) -> Result<()> {
        Err(Error::new(ErrorCode::StreamingOutputModeUnsupportedOperation)
            .with("outputMode", self.mode.name())
            .with("operation", operation))
    }
}

/// For a grouping of a stream: whether its groups end.
fn aggregate_bound(operation: &Operation) -> Option<bool> {
    match operation.kind {
        OperationKind::Aggregate { is_bounded, .. } if operation.is_streaming => Some(is_bounded),
        _ => None,
    }
}

fn quoted_name(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

fn refuse(message: &str) -> Result<()> {
    Err(Error::new(ErrorCode::LegacyErrorTemp3102).with("msg", message))
}
