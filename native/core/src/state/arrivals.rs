//! What the map tasks of a batch have brought for one shard of a grouping: groups, or rows, for which window, and whether
//! they come too late for it.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::ArrayRef;

use super::results::kept_groups;
use super::{GroupTable, KeyView, Span};
use crate::aggregate::{RawRows, shard_of};
use crate::error::Result;
use crate::pipeline::Partial;
use crate::plan::OutputMode;
use crate::query::{BatchSpec, Grouping};
use crate::window::{EventTimeKey, window_column};

/// One shard of a grouping in a batch.
#[derive(Clone, Copy)]
pub struct ShardBatch<'a> {
    pub grouping: &'a Grouping,
    pub batch: BatchSpec,
    pub shard: usize,
    is_bounded: bool,
}

/// What a map task brought for one window.
pub enum Arrival<'a> {
    /// Groups, by their rows.
    Groups(&'a GroupTable, Cow<'a, [u32]>),
    /// Rows that were not grouped.
    Rows(&'a RawRows, &'a [u32]),
}

impl<'a> ShardBatch<'a> {
    /// In complete mode nothing is late and nothing is evicted: Spark keeps every group.
    pub fn new(grouping: &'a Grouping, mode: OutputMode, batch: BatchSpec, shard: usize) -> Self {
        Self {
            grouping,
            batch,
            shard,
            is_bounded: grouping.spec.is_bounded && mode != OutputMode::Complete,
        }
    }

    /// Whether what belongs into a window is late.
    pub fn is_late(&self, span: Span) -> bool {
        self.ends_by(span, self.batch.late_watermark_ms)
    }

    /// Whether the batch closes a window.
    pub fn closes(&self, span: Span) -> bool {
        self.ends_by(span, self.batch.evict_watermark_ms)
    }

    fn ends_by(&self, span: Span, watermark_ms: i64) -> bool {
        self.is_bounded && span.end <= watermark_ms.saturating_mul(1000)
    }

    fn event_time(&self) -> Option<&'a EventTimeKey> {
        self.grouping.spec.event_time.as_ref()
    }

    /// Where the window lies that starts at `start`.
    pub fn span_of(&self, start: i64) -> Span {
        Span {
            end: self.event_time().map_or(0, |key| key.end_of(start)),
            start,
        }
    }

    /// The column of event-time keys of groups, window by window as many as there are; none where event time is no key.
    pub fn times_of(&self, windows: impl Iterator<Item = (Span, usize)>) -> Result<Option<ArrayRef>> {
        let Some(key) = self.event_time() else { return Ok(None) };
        let (mut starts, mut ends) = (Vec::new(), Vec::new());
        for (span, count) in windows {
            starts.resize(starts.len() + count, span.start);
            ends.resize(ends.len() + count, span.end);
        }
        window_column(key, starts, ends).map(Some)
    }

    /// The key of the one group that is there in every batch, even where no row came: that of a grouping without keys.
    pub fn global_key(&self) -> Option<KeyView<'static>> {
        let key = KeyView::of(&[]);
        let is_global = self.grouping.spec.keys.is_empty() && self.event_time().is_none();
        (is_global && shard_of(key.hash, self.grouping.shards.len()) == self.shard).then_some(key)
    }

    /// Shows what the tasks brought, in their order: the groups of a task, then its rows.
    pub fn visit<'p>(
        &self,
        partials: &'p [Arc<Partial>],
        mut visit: impl FnMut(Span, Arrival<'p>) -> Result<()>,
    ) -> Result<()> {
        let groups = partials.iter().filter_map(|partial| match partial.as_ref() {
            Partial::Groups(groups) => Some(groups),
            _ => None,
        });
        for groups in groups {
            for (pane, rows) in groups.shard(self.shard) {
                let starts = match self.event_time() {
                    Some(key) if groups.is_by_pane() => key.starts_of_pane(*pane),
                    _ => vec![*pane],
                };
                for start in starts {
                    let span = self.span_of(start);
                    let times = || self.times_of(std::iter::once((span, rows.len())));
                    let kept = kept_groups(self.grouping, (groups.table(), rows), times)?;
                    let rows = kept.map_or(Cow::Borrowed(rows.as_slice()), Cow::Owned);
                    if !rows.is_empty() {
                        visit(span, Arrival::Groups(groups.table(), rows))?;
                    }
                }
            }
            for raw in groups.raw_rows() {
                // Its pane is a row's window.
                for (start, rows) in raw.shard(self.shard) {
                    visit(self.span_of(*start), Arrival::Rows(raw, rows))?;
                }
            }
        }
        Ok(())
    }
}
