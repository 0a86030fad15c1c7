//! Flows while a plan is resolved: where they start, what happens on their way, the stages where they end.

use super::resolve::Resolver;
use super::scope::Scope;
use super::{
    AggregateSpec, Flow, JoinSpec, Operation, OperationKind, Operator, Origin, Relation, Stage, StageInput, Step,
};
use crate::column::DataType;
use crate::error::Result;
use crate::expr::{Expr, Kind};
use crate::window::EventTimeKey;

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

    /// Notes that `stage` is what a grouping has become, and which one before it is the same: a DataFrame that is used twice.
    pub(super) fn find_same(&mut self, grouping: &Relation, stage: usize) {
        let [made] = &mut self.plan.stages[stage..] else { return };
        let mut flows = made.inputs.iter().flat_map(|input| &input.flows);
        if !matches!(made.operator, Operator::Aggregate(_)) || flows.any(|flow| matches!(flow.origin, Origin::Stage(_)))
        {
            return;
        }
        match self.groupings.iter().find(|(known, _)| known == grouping) {
            Some((_, first)) => made.same_as = Some(*first),
            None => self.groupings.push((grouping.clone(), stage)),
        }
    }

    /// Starts a flow from a stage over `inputs`.
    pub(super) fn begin_stage(&mut self, operator: Operator, inputs: Vec<StageInput>) {
        self.plan.stages.push(Stage {
            inputs,
            operator,
            same_as: None,
        });
        self.start_flow(Origin::Stage(self.plan.stages.len() - 1));
    }

    /// Resolves a relation by itself: an input of an operation that has several.
    pub(super) fn relation(&mut self, relation: &Relation) -> Result<Resolved> {
        self.apply_chain(relation)?;
        self.drop_hidden();
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

    /// Adds a filter. Each of its conditions goes as far down as it may.
    pub(super) fn push_filter(&mut self, condition: Expr) {
        let mut flows = std::mem::take(&mut self.flows);
        for part in condition.conjuncts() {
            self.push_filter_into(&mut flows, &part);
        }
        self.flows = flows;
    }

    /// Spark's optimizer moves filters down: below withWatermark where they leave the event time alone, so that the rows
    /// that they remove do not move the watermark; below a grouping where they are on its keys, and below a join where they
    /// are on one side, so that what they remove is never kept.
    pub(super) fn push_filter_into(&mut self, flows: &mut [Flow], condition: &Expr) {
        let is_only = flows.len() == 1;
        for flow in flows {
            let place = lowest_place(&flow.steps, condition);
            let is_below = match (flow.origin, place.at_origin) {
                (Origin::Stage(stage), Some(condition)) if is_only => self.push_filter_below(stage, &condition),
                _ => false,
            };
            if !is_below {
                flow.steps.insert(place.position, Step::Filter(place.condition));
            }
        }
    }

    /// Moves a filter on what a stage gives into the stage, or below it; false where it must stay behind it.
    fn push_filter_below(&mut self, stage: usize, condition: &Expr) -> bool {
        let Stage { operator, inputs, .. } = &mut self.plan.stages[stage];
        let (side, condition) = match operator {
            Operator::Aggregate(spec) => match spec.over_input(condition, spec.event_time.is_some()) {
                Some(condition) => (0, condition),
                None => return spec.push_group_filter(condition),
            },
            // What a session is shows only when it is whole: a condition on sessions stays behind.
            Operator::Sessions(spec) => match spec.groups.over_input(condition, true) {
                Some(condition) => (0, condition),
                None => return false,
            },
            Operator::Join(spec) => match spec.over_side(condition) {
                Some(found) => found,
                None => return false,
            },
            _ => return false,
        };
        let mut flows = std::mem::take(&mut inputs[side].flows);
        self.push_filter_into(&mut flows, &condition);
        self.plan.stages[stage].inputs[side].flows = flows;
        // It has other rows now than those that were, or would be, like it.
        self.groupings.retain(|(_, known)| *known != stage);
        for (number, other) in self.plan.stages.iter_mut().enumerate() {
            other.same_as = other.same_as.filter(|&first| number != stage && first != stage);
        }
        true
    }
}

impl AggregateSpec {
    /// A condition on its output as one on its input, where it is on keys alone that are no windows. `has_event_time` says
    /// whether a window, a session or a time is among the keys.
    fn over_input(&self, condition: &Expr, has_event_time: bool) -> Option<Expr> {
        let mut others = self.keys.iter();
        let num_keys = self.keys.len() + usize::from(has_event_time);
        let keys: Vec<Option<&Expr>> = (0..num_keys)
            .map(|position| match &self.event_time {
                Some(EventTimeKey::Instant { time }) if position == self.event_time_position => Some(time),
                _ if has_event_time && position == self.event_time_position => None,
                _ => others.next(),
            })
            .collect();
        let is_lasting = |column: usize| column < num_keys && keys[column].is_some();
        let names_others = (0..self.output.len()).any(|column| !is_lasting(column) && condition.names_column(column));
        let names_any = (0..num_keys).any(|column| condition.names_column(column));
        if names_others || !names_any {
            return None;
        }
        let nothing = Expr::column(0, DataType::Void, true);
        let keys: Vec<Expr> = keys.into_iter().map(|key| key.unwrap_or(&nothing).clone()).collect();
        Some(condition.clone().over(&keys))
    }

    /// Takes a condition on its keys as one on its groups; false where the condition is on more.
    fn push_group_filter(&mut self, condition: &Expr) -> bool {
        if self.is_known_to_hold(condition) {
            return true;
        }
        let num_keys = self.keys.len() + usize::from(self.event_time.is_some());
        let is_on_keys = num_keys > 0 && !(num_keys..self.output.len()).any(|column| condition.names_column(column));
        if is_on_keys {
            self.group_filters.push(condition.clone());
        }
        is_on_keys
    }

    /// Whether a condition is that there is a window: a row without a time is in no group.
    fn is_known_to_hold(&self, condition: &Expr) -> bool {
        let is_window = |argument: &Expr| matches!(argument.kind, Kind::Column(at) if at == self.event_time_position);
        matches!(self.event_time, Some(EventTimeKey::Window { .. }))
            && matches!(&condition.kind, Kind::Call { name: "isnotnull", arguments, .. } if arguments.iter().all(is_window))
    }
}

impl JoinSpec {
    /// The side that a condition on its output is on, and the condition over that side's columns; none where the rows of
    /// that side also come out beside nulls.
    fn over_side(&self, condition: &Expr) -> Option<(usize, Expr)> {
        let width = self.types[0].len();
        let columns = width + self.types[1].len();
        let names_left = (0..width).any(|column| condition.names_column(column));
        let names_right = (width..columns).any(|column| condition.names_column(column));
        match (names_left, names_right) {
            (true, false) if !self.join_type.keeps_right() => Some((0, condition.clone())),
            (false, true) if !self.join_type.keeps_left() => Some((1, condition.clone().shifted(width))),
            _ => None,
        }
    }
}

/// Where a filter goes among steps.
struct Place {
    /// Below the lowest watermark that it can be moved under, else behind all steps.
    position: usize,
    /// The filter as it reads there.
    condition: Expr,
    /// The filter as it reads below all steps, where it could go there.
    at_origin: Option<Expr>,
}

fn lowest_place(steps: &[Step], condition: &Expr) -> Place {
    let mut place = Place {
        position: steps.len(),
        condition: condition.clone(),
        at_origin: None,
    };
    let mut moved = condition.clone();
    for (position, step) in steps.iter().enumerate().rev() {
        match step {
            Step::Watermark { column, .. } if !moved.names_column(*column) => {
                (place.position, place.condition) = (position, moved.clone());
            }
            Step::Project(columns) => moved = moved.over(columns),
            Step::Filter(_) => {}
            // The window is the column behind those that it was made beside; a filter on them alone passes.
            Step::ExpandWindows { width, .. } if !moved.names_column(*width) => {}
            Step::Generate { generator, width }
                if (*width..*width + generator.fields.len()).all(|column| !moved.names_column(column)) => {}
            Step::Watermark { .. }
            | Step::ExpandWindows { .. }
            | Step::Generate { .. }
            | Step::Expand(_)
            | Step::Repeat(_) => return place,
        }
    }
    place.at_origin = Some(moved);
    place
}
