//! What the map tasks of a batch have brought for one shard of a grouping by sessions: the pieces of each key that are on time.

use std::sync::Arc;

use super::{GroupTable, KeyView, SessionPiece, Sessions};
use crate::aggregate::{PartialSessions, pieces_by_key};
use crate::error::Result;
use crate::pipeline::Partial;
use crate::query::BatchSpec;

/// One shard of a grouping by sessions in a batch.
pub struct SessionArrivals<'a> {
    tables: Vec<&'a GroupTable>,
    /// By key, in the order of their starts.
    pieces: Vec<(u32, SessionPiece)>,
    /// What ends by then (micros) is late.
    late_until: i64,
}

impl<'a> SessionArrivals<'a> {
    /// What tasks left for a shard.
    pub fn new(sessions: &Sessions, batch: BatchSpec, shard: usize, partials: &'a [Arc<Partial>]) -> Result<Self> {
        let mut came: Vec<(&PartialSessions, &[u32])> = Vec::new();
        for partial in partials {
            if let Partial::Sessions(partial) = partial.as_ref() {
                came.push((partial.as_ref(), partial.shard_rows(shard)));
            }
        }
        Ok(Self {
            tables: came.iter().map(|(partial, _)| partial.table()).collect(),
            pieces: pieces_by_key(&came)?,
            late_until: sessions.late_until(batch.late_watermark_ms),
        })
    }

    /// The tables that pieces are in.
    pub fn tables(&self) -> &[&'a GroupTable] {
        &self.tables
    }

    /// Shows the pieces of each key that are on time, in the order of their starts; gives the number of those that are late.
    pub fn visit(&self, mut visit: impl FnMut(KeyView<'a>, &[SessionPiece]) -> Result<()>) -> Result<u64> {
        let mut num_late = 0;
        let mut on_time: Vec<SessionPiece> = Vec::new();
        for of_key in self.pieces.chunk_by(|(left, _), (right, _)| left == right) {
            on_time.clear();
            // Spark counts late rows behind its partial aggregation: equal sessions of a key are one.
            for equal in of_key.chunk_by(|(_, left), (_, right)| (left.start, left.end) == (right.start, right.end)) {
                if equal[0].1.end <= self.late_until {
                    num_late += 1;
                } else {
                    on_time.extend(equal.iter().map(|(_, piece)| *piece));
                }
            }
            if let Some(first) = on_time.first() {
                visit(self.tables[first.table].key(first.row), &on_time)?;
            }
        }
        Ok(num_late)
    }
}
