//! Flows while a plan is resolved: where they start, what happens on their way, the stages where they end.

use super::resolve::Resolver;
use super::scope::Scope;
use super::{Flow, Operation, OperationKind, Operator, Origin, Relation, Stage, StageInput, Step};
use crate::error::Result;
use crate::expr::Expr;

/// A relation that was resolved by itself.
pub(super) struct Resolved {
    pub scope: Scope,
    pub flows: Vec<Flow>,
    pub head: usize,
    pub is_streaming: bool,
}

impl Resolved {
    /// Its columns.
    pub fn columns(&self) -> Vec<Expr> {
        (0..self.scope.columns.len())
            .map(|position| self.scope.column(position))
            .collect()
    }

    /// Computes other columns; `scope` must be made to fit.
    pub fn project(&mut self, columns: Vec<Expr>) {
        for flow in &mut self.flows {
            flow.steps.push(Step::Project(columns.clone()));
        }
    }
}

impl Resolver<'_> {
    pub(super) fn start_flow(&mut self, origin: Origin) {
        self.flows = vec![Flow {
            origin,
            steps: Vec::new(),
        }];
    }

    /// Ends the flows in a stage, from which a new one starts; `scope` must still be that of the stage's input.
    pub(super) fn push_stage(&mut self, operator: Operator) {
        let input = StageInput {
            flows: std::mem::take(&mut self.flows),
            types: self.scope.types(),
        };
        self.begin_stage(operator, vec![input]);
    }

    /// Starts a flow from a stage over `inputs`.
    pub(super) fn begin_stage(&mut self, operator: Operator, inputs: Vec<StageInput>) {
        self.plan.stages.push(Stage { inputs, operator });
        self.start_flow(Origin::Stage(self.plan.stages.len() - 1));
    }

    /// Resolves a relation by itself: an input of an operation that has several.
    pub(super) fn relation(&mut self, relation: &Relation) -> Result<Resolved> {
        self.apply_chain(relation)?;
        Ok(Resolved {
            scope: self.scope.clone(),
            flows: std::mem::take(&mut self.flows),
            head: self.head,
            is_streaming: self.plan.operations[self.head].is_streaming,
        })
    }

    /// Remembers an operation on what was resolved last.
    pub(super) fn note(&mut self, kind: OperationKind) {
        self.note_over(kind, vec![self.head]);
    }

    /// Remembers an operation on these.
    pub(super) fn note_over(&mut self, kind: OperationKind, inputs: Vec<usize>) {
        let is_streaming = inputs.iter().any(|&input| self.plan.operations[input].is_streaming);
        self.push_operation(kind, is_streaming, inputs);
    }

    pub(super) fn push_operation(&mut self, kind: OperationKind, is_streaming: bool, inputs: Vec<usize>) {
        self.head = self.plan.operations.len();
        self.plan.operations.push(Operation {
            kind,
            is_streaming,
            inputs,
        });
    }

    pub(super) fn push(&mut self, step: Step) {
        for flow in &mut self.flows {
            flow.steps.push(step.clone());
        }
    }

    pub(super) fn push_filter(&mut self, condition: Expr) {
        let mut flows = std::mem::take(&mut self.flows);
        self.push_filter_into(&mut flows, &condition);
        self.flows = flows;
    }

    /// Spark moves a filter that leaves the event time alone below withWatermark, so that the rows it removes do not
    /// move the watermark, and one on grouping keys alone below the grouping, so that such groups are never kept.
    pub(super) fn push_filter_into(&mut self, flows: &mut [Flow], condition: &Expr) {
        if let [
            Flow {
                origin: Origin::Stage(stage),
                steps,
            },
        ] = &*flows
            && steps.is_empty()
            && let Operator::Aggregate(spec) = &mut self.plan.stages[*stage].operator
        {
            let keys = spec.keys.len() + usize::from(spec.event_time.is_some());
            if keys > 0 && !(keys..spec.output.len()).any(|column| condition.names_column(column)) {
                spec.group_filters.push(condition.clone());
                return;
            }
        }
        for Flow { steps, .. } in flows {
            let (position, condition) = below_watermarks(steps, condition);
            steps.insert(position, Step::Filter(condition));
        }
    }
}

/// Where a filter goes, and how it reads there: below the lowest watermark that it can be moved under, else where it is.
fn below_watermarks(steps: &[Step], condition: &Expr) -> (usize, Expr) {
    let mut found = (steps.len(), condition.clone());
    let mut moved = condition.clone();
    for (position, step) in steps.iter().enumerate().rev() {
        match step {
            Step::Watermark { column, .. } if !moved.names_column(*column) => found = (position, moved.clone()),
            Step::Project(columns) => moved = moved.over(columns),
            Step::Filter(_) => {}
            // The window is the column behind those that it was made beside; a filter on them alone passes.
            Step::ExpandWindows { width, .. } if !moved.names_column(*width) => {}
            Step::Watermark { .. } | Step::ExpandWindows { .. } | Step::Repeat(_) => break,
        }
    }
    found
}
