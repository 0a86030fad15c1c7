//! The state of a running query as rows: what a checkpoint would give, without one and without waiting for a commit.

use std::sync::Arc;

use serde::Deserialize;

use super::StoredState;
use super::stored_rows::{LookAtKeys, LookAtVariables, StateShards, option_invalid};
use super::variable::VariableCodec;
use crate::error::{Error, Result};
use crate::query::{Rows, StreamingQuery};
use crate::stage::StageState;

/// Which state of a running query is asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LiveState {
    /// Number of the operator, or its name.
    pub operator: String,
    /// Which of its variables, where it has any.
    pub variable: Option<String>,
}

impl StreamingQuery {
    /// How the state that is asked for reads as rows. Fails with OPTION_INVALID.
    pub fn live_state(&self, asked: &LiveState) -> Result<StoredState> {
        let schemas = self.operator_schemas();
        let is_asked = |(number, name): (usize, &str)| asked.operator == name || asked.operator == number.to_string();
        let mut found = (0..schemas.len()).filter(|&number| is_asked((number, &schemas[number].name)));
        let operator = match (found.next(), found.next()) {
            (Some(only), None) => only,
            _ => {
                let names = schemas.iter().enumerate();
                let names: Vec<String> = names
                    .map(|(number, schema)| format!("{number} ({})", schema.name))
                    .collect();
                let expected = format!("one of the query's stateful operators: {}", names.join(", "));
                return Err(option_invalid("operatorId", &asked.operator, &expected));
            }
        };
        Ok(StoredState {
            operator,
            schema: schemas[operator].clone(),
            variable: asked.variable.clone(),
            marks: Vec::new(),
        })
    }

    /// Reads that state as it is now. The caller sees to it that no batch is under way.
    pub fn read_live(&self, asked: &LiveState) -> Result<Rows> {
        self.check_usable()?;
        let state = self.live_state(asked)?;
        let mut stateful = self.stages.iter().filter(|stage| stage.operator_schema().is_some());
        let stage = stateful.nth(state.operator);
        state.read_from(stage.ok_or_else(|| Error::internal("a stateful operator without a stage"))?)
    }
}

impl StateShards for StageState {
    fn keys(&self, shard: usize, look: LookAtKeys<'_>) -> Result<()> {
        match self {
            StageState::Keys(keys) => look(&keys.shards[shard].lock()),
            _ => Err(Error::internal("keys of a stage that has none")),
        }
    }

    fn variables(&self, shard: usize, _codecs: &Arc<[VariableCodec]>, look: LookAtVariables<'_>) -> Result<()> {
        match self {
            StageState::Program(program) => look(&program.shards[shard].lock()),
            _ => Err(Error::internal("variables of a stage that has none")),
        }
    }
}
