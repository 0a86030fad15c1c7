//! The state of a running query as rows: what a checkpoint would give, without one and without waiting for a commit.
//!
//! A look at one key goes by the hash tables of the shards, a look at a range of event time by the order of windows and sessions:
//! neither looks at the rest of the state.

use serde::{Deserialize, Serialize};

use super::rows::{Change, RowSink, with_places};
use super::{COMPUTED, OperatorState, ReadOptions, ShardView, Wanted};
use crate::column::{Field, StructType, schema_to_json};
use crate::error::{Error, Result};
use crate::query::{Rows, StreamingQuery};
use crate::source::input_columns;
use crate::stage::StageState;
use crate::state::KeyCodec;

/// Which state of a running query is asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LiveState {
    /// Number of the operator.
    operator: usize,
    /// What of it is read.
    #[serde(default)]
    options: ReadOptions,
    /// Windows and sessions that end after this (micros) are looked at; all where there is none.
    after: Option<i64>,
    /// Windows and sessions that begin before this (micros).
    before: Option<i64>,
}

/// How the state that is asked for looks; a part of the contract in docs/design/border.md.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LiveDescription {
    /// The row type, as Spark's JSON.
    schema: String,
    /// The columns that a key is given by, event time not among them, as Spark's JSON.
    keys: String,
    /// Whether the program computes the key.
    computes_keys: bool,
    /// Whether its rows have event times.
    has_event_time: bool,
}

impl StreamingQuery {
    /// The operator that is asked for.
    fn live_state(&self, asked: &LiveState) -> Result<OperatorState> {
        let schema = self.operator_schemas().into_iter().nth(asked.operator);
        Ok(OperatorState {
            operator: asked.operator,
            schema: schema.ok_or_else(|| Error::internal("there is no such stateful operator"))?,
            options: asked.options.clone(),
        })
    }

    /// How the state that is asked for reads as rows. Fails with OPTION_INVALID.
    pub fn describe_live(&self, asked: &LiveState) -> Result<LiveDescription> {
        let state = self.live_state(asked)?;
        let fields = state.reader()?.fields().to_vec();
        Ok(LiveDescription {
            schema: schema_to_json(&StructType::new(with_places(fields, false))),
            keys: schema_to_json(&StructType::new(state.look_up_fields()?)),
            computes_keys: state.schema.keys.iter().any(|key| key == COMPUTED),
            has_event_time: state.has_spans(),
        })
    }

    /// Reads that state as it is now: of one key where `key` is one, an InputBatch of one row. The caller sees to it that no batch is
    /// under way.
    pub fn read_live(&self, asked: &LiveState, key: Option<&[u8]>) -> Result<Rows> {
        self.check_usable()?;
        let state = self.live_state(asked)?;
        let mut stateful = self.stages.iter().filter(|stage| stage.operator_schema().is_some());
        let stage = stateful
            .nth(state.operator)
            .ok_or_else(|| Error::internal("a stateful operator without a stage"))?;
        let reader = state.reader()?;
        let wanted = Wanted {
            key: key.map(|key| state.key_of(key)).transpose()?,
            after: asked.after.unwrap_or(i64::MIN),
            before: asked.before.unwrap_or(i64::MAX),
        };
        let mut sink = RowSink::new(reader.fields(), reader.num_keys(), false);
        for shard in 0..stage.num_shards() {
            stage.look(shard, |view| {
                let mut visit = |keys: &[&[u8]], change: Change<'_>| sink.push(shard, 0, keys, change);
                reader.rows(view, &wanted, &mut visit)
            })?;
        }
        sink.finish()
    }
}

impl OperatorState {
    /// Whether its rows are of windows or sessions.
    fn has_spans(&self) -> bool {
        self.schema.rows.event_time.is_some()
    }

    /// The columns that a key is looked up by: all but its event time.
    fn look_up_fields(&self) -> Result<Vec<Field>> {
        let mut fields = self.key_fields()?;
        if let Some(position) = self.schema.rows.event_time {
            fields.remove(position);
        }
        Ok(fields)
    }

    /// The key of an InputBatch of one row.
    fn key_of(&self, encoded: &[u8]) -> Result<Option<Vec<u8>>> {
        let fields = self.look_up_fields()?;
        let types: Vec<_> = fields.iter().map(|field| field.data_type.clone()).collect();
        let (columns, rows) = input_columns(encoded, &StructType::new(fields))?;
        if rows != 1 {
            return Err(Error::internal("a key is one row"));
        }
        let keys = KeyCodec::new(&types).encode(&columns, rows);
        Ok(keys.get(0).with_bytes(|bytes| bytes.map(<[u8]>::to_vec)))
    }
}

impl StageState {
    /// Lets `look` see the state of a shard.
    fn look<T>(&self, shard: usize, look: impl FnOnce(ShardView<'_>) -> Result<T>) -> Result<T> {
        match self {
            StageState::Groups(grouping) => look(ShardView::Groups(&grouping.shards[shard].lock())),
            StageState::Sessions(sessions) => look(ShardView::Sessions(&sessions.grouping.shards[shard].lock())),
            StageState::Keys(keys) => look(ShardView::Keys(&keys.shards[shard].lock())),
            StageState::Program(program) => look(ShardView::Program(&program.shards[shard].lock())),
            StageState::Join(join) => match join.lock_shard(shard) {
                Some(shard) => look(ShardView::Join(&shard)),
                None => Err(Error::internal("a join without that shard")),
            },
            StageState::Gather => Err(Error::internal("the state of a stage that has none")),
        }
    }
}
