//! The sessions of a batch on their way through the program's own aggregates: each session that something came for, part by part in
//! the order of the starts. Buffers of sessions that meet are handed over side by side, for the program to merge.

use std::ops::Range;
use std::sync::Arc;

use super::fold_groups::{FoldState, FoldsDescription, HandOver, Part, describe};
use super::reduce_sessions::window_column;
use super::session_arrivals::SessionArrivals;
use super::sessions::SessionPart;
use super::{GroupTable, KeyView, OpenFolds, SessionStore, Sessions, Span};
use crate::error::{Error, Result};
use crate::pipeline::Partial;
use crate::query::BatchSpec;

/// What TypeScript must know to run the aggregates of the program in a grouping by sessions; none where it has none.
pub fn describe_session_folds(sessions: &Sessions) -> Option<serde_json::Value> {
    describe(FoldsDescription {
        spec: &sessions.grouping.spec,
        event_time: Some(sessions.window.data_type.clone()),
        merges: true,
    })
}

/// Hands the sessions of some shards that a batch changes over, encoded, with the values that the map tasks brought for them.
pub fn open_session_folds(
    sessions: &Sessions,
    batch: BatchSpec,
    shards: Range<usize>,
    partials: &[Arc<Partial>],
) -> Result<(Vec<u8>, OpenFolds)> {
    let mut out = HandOver::new(sessions.grouping.calls(), shards.start);
    for shard in shards {
        take_shard(
            sessions,
            &SessionArrivals::new(sessions, batch, shard, partials)?,
            shard,
            &mut out,
        )?;
    }
    out.finish(&sessions.grouping, |spans| {
        window_column(sessions, spans.iter().map(|span| (span.start, span.end))).map(Some)
    })
}

fn take_shard(sessions: &Sessions, arrivals: &SessionArrivals<'_>, shard: usize, out: &mut HandOver) -> Result<()> {
    let store = sessions.grouping.shards[shard].lock();
    let (mut steps, mut parts, mut pieces) = (Vec::new(), Vec::new(), Vec::new());
    arrivals.visit(|key, on_time| {
        store.plan_merge(key, on_time, &mut steps);
        for session in steps.chunk_by(|_, next| !next.begins) {
            let comes = |part: SessionPart| matches!(part, SessionPart::Piece(_));
            // What nothing came for stays as it is: sessions of the state never meet by themselves.
            if !session.iter().any(|step| comes(step.part)) {
                continue;
            }
            let first = parts.len();
            for step in session {
                match step.part {
                    SessionPart::Held(row) => parts.push(Part::new(Some((store.table(), row)), pieces.len())),
                    SessionPart::Piece(piece) => {
                        if parts.len() == first {
                            parts.push(Part::new(None, pieces.len()));
                        }
                        pieces.push((arrivals.tables()[piece.table], piece.row));
                    }
                }
                if let Some(part) = parts.last_mut() {
                    part.pieces_end = pieces.len();
                }
            }
            let ends = session.iter().map(|step| step.end);
            let span = Span {
                start: session[0].start,
                end: ends.fold(i64::MIN, i64::max),
            };
            out.push_group(key, span, parts.len() - first);
        }
        Ok(())
    })?;
    out.end_shard(&parts, &pieces)
}

impl FoldState for SessionStore {
    fn group_mut(&mut self, span: Span, key: KeyView<'_>) -> Result<(&mut GroupTable, u32)> {
        let row = self.find(key, span.start);
        let row = row.ok_or_else(|| Error::internal("a session that was handed over is not there"))?;
        Ok((self.table_mut(), row))
    }
}
