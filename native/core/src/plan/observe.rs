//! observe(): aggregates of the rows that pass a place of the plan, which go on as if nobody looked.

use super::aggregate::resolve_aggregate;
use super::resolve::Resolver;
use super::{AggregateSpec, Expression, Operator, Stage};
use crate::aggregate::refuse_folds;
use crate::column::StructType;
use crate::error::{Error, ErrorCode, Result};

/// What is observed of the rows that come by in a batch.
#[derive(Clone, Debug)]
pub struct ObserveSpec {
    /// The name that reports have it under.
    pub name: String,
    /// Aggregates without keys.
    pub metrics: AggregateSpec,
    /// The row that they make.
    pub schema: StructType,
}

impl Resolver<'_> {
    /// Adds a stage that the rows pass besides; nothing reads what it makes. Fails with what is wrong with the aggregates.
    pub(super) fn observe(&mut self, name: &str, metrics: &[Expression]) -> Result<()> {
        if metrics.is_empty() {
            return Err(invalid("there is nothing to observe"));
        }
        let known = |stage: &Stage| matches!(&stage.operator, Operator::Observe(spec) if spec.name == name);
        if self.plan.stages.iter().any(known) {
            return Err(invalid(&format!("the name {name} is taken by another observation")));
        }
        let (scope, flows, head) = (self.scope.clone(), self.flows.clone(), self.head);
        let num_operations = self.plan.operations.len();
        resolve_aggregate(self, &[], metrics, None)?;
        let schema = self.scope.schema();
        // Nothing of it is grouping for the checks, nor kept from batch to batch.
        self.plan.operations.truncate(num_operations);
        (self.scope, self.flows, self.head) = (scope, flows, head);
        let Some(Stage {
            inputs,
            operator: Operator::Aggregate(metrics),
            ..
        }) = self.plan.stages.pop()
        else {
            return Err(invalid("aggregates are what can be observed"));
        };
        refuse_folds(metrics.calls.iter(), "observe() takes Spark's own aggregates")?;
        self.plan.stages.push(Stage {
            inputs,
            operator: Operator::Observe(Box::new(ObserveSpec {
                name: name.to_string(),
                metrics: *metrics,
                schema,
            })),
            same_as: None,
        });
        Ok(())
    }
}

fn invalid(reason: &str) -> Error {
    Error::new(ErrorCode::ArgumentInvalid)
        .with("function", "observe")
        .with("reason", reason)
}
