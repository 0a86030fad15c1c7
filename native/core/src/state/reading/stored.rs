//! The state of a checkpoint as rows: after a batch, or what batches changed, shard by shard out of the files.

use serde::Deserialize;

use super::rows::{Change, RowMap, RowSink, with_places};
use super::{OperatorState, RowReader, StoredShard, Wanted};
use crate::checkpoint::{Checkpoint, FileMark, ShardLog};
use crate::column::StructType;
use crate::error::Result;
use crate::query::Rows;

/// The state of an operator in a checkpoint.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredState {
    #[serde(flatten)]
    state: OperatorState,
    /// The newest delta of each shard.
    #[serde(default)]
    marks: Vec<Option<String>>,
    /// The one shard that is read, from a snapshot of this version or one before it.
    #[serde(default)]
    snapshot: Option<SnapshotStart>,
    /// The first batch whose changes are read, in the place of the state.
    #[serde(default)]
    changes_from: Option<u64>,
}

/// Where reading a shard begins.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SnapshotStart {
    shard: usize,
    batch_id: u64,
}

/// The version of the state after a batch.
fn version_after(batch: u64) -> u64 {
    batch.saturating_add(1)
}

impl StoredState {
    /// The columns of the rows. Fails with OPTION_INVALID where what is asked for is not there.
    pub fn columns(&self) -> Result<StructType> {
        let fields = self.state.reader()?.fields().to_vec();
        Ok(StructType::new(with_places(fields, self.changes_from.is_some())))
    }

    /// Reads the rows, shard by shard. Fails with CHECKPOINT_CORRUPT.
    pub fn read(&self, checkpoint: &Checkpoint) -> Result<Rows> {
        let reader = self.state.reader()?;
        let mut sink = RowSink::new(reader.fields(), reader.num_keys(), self.changes_from.is_some());
        let shards = match self.snapshot {
            Some(start) => start.shard..start.shard + 1,
            None => 0..self.state.schema.num_shards,
        };
        for shard in shards {
            match self.changes_from {
                Some(from) => self.read_changes(checkpoint, shard, from, &*reader, &mut sink)?,
                None => self.read_shard(checkpoint, shard, &*reader, &mut sink)?,
            }
        }
        sink.finish()
    }

    fn mark(&self, shard: usize) -> Result<Option<FileMark>> {
        FileMark::named(self.marks.get(shard).and_then(Option::as_deref))
    }

    fn read_shard(
        &self,
        checkpoint: &Checkpoint,
        shard: usize,
        reader: &dyn RowReader,
        sink: &mut RowSink,
    ) -> Result<()> {
        let (stored, head) = (self.state.empty_shard()?, self.mark(shard)?);
        let operator = self.state.operator;
        stored.restore(|store| match self.snapshot {
            Some(start) => {
                let version = version_after(start.batch_id);
                ShardLog::restore_from(operator, shard, checkpoint, head, version, store)
            }
            None => ShardLog::restore(operator, shard, checkpoint, head, store, &mut Vec::new()).map(|_| ()),
        })?;
        stored.look(|view| {
            let mut visit = |keys: &[&[u8]], change: Change<'_>| sink.push(shard, 0, keys, change);
            reader.rows(view, &Wanted::ALL, &mut visit)
        })
    }

    fn read_changes(
        &self,
        checkpoint: &Checkpoint,
        shard: usize,
        from: u64,
        reader: &dyn RowReader,
        sink: &mut RowSink,
    ) -> Result<()> {
        let stored = self.state.empty_shard()?;
        let (operator, head) = (self.state.operator, self.mark(shard)?);
        let (before, deltas) = ShardLog::deltas_since(operator, shard, checkpoint, head, version_after(from))?;
        stored.restore(|store| ShardLog::restore(operator, shard, checkpoint, before, store, &mut Vec::new()))?;
        let mut known = if reader.notes_changes() {
            None
        } else {
            Some(rows_of(reader, &stored)?)
        };
        for delta in deltas {
            let batch = delta.version() - 1;
            stored.follow(batch)?;
            stored.restore(|store| delta.apply(checkpoint, store))?;
            let mut visit = |keys: &[&[u8]], change: Change<'_>| sink.push(shard, batch, keys, change);
            match &mut known {
                None => stored.look(|view| reader.noted_changes(view, &mut visit))?,
                Some(known) => {
                    let after = rows_of(reader, &stored)?;
                    known.changes_to(&after, reader.is_list(), &mut visit)?;
                    *known = after;
                }
            }
        }
        Ok(())
    }
}

fn rows_of(reader: &dyn RowReader, stored: &StoredShard) -> Result<RowMap> {
    let mut rows = RowMap::default();
    stored.look(|view| {
        reader.rows(view, &Wanted::ALL, &mut |keys, change| {
            rows.insert(keys, change);
            Ok(())
        })
    })?;
    Ok(rows)
}
