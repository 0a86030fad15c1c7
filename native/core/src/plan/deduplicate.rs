//! dropDuplicates(), distinct(), dropDuplicatesWithinWatermark(): which columns are compared, and how long keys are kept.

use super::resolve::{Named, Resolver};
use super::{DedupSpec, KeyLifetime, OperationKind, Operator};
use crate::error::{Error, ErrorCode, Result};
use crate::expr::{Expr, get_field};

impl Resolver<'_> {
    /// Resolves a deduplication by `columns`, all of them where there are none given. Fails with
    /// UNRESOLVED_COLUMN_AMONG_FIELD_NAMES.
    pub(super) fn deduplicate(&mut self, columns: Option<&[String]>, within_watermark: bool) -> Result<()> {
        let positions = match columns {
            None => (0..self.scope.columns.len()).collect(),
            Some(names) => self.positions_of(names)?,
        };
        self.note_event_times(&self.all_columns());
        let event_time = self.event_time_of(&positions)?;
        let lifetime = match &event_time {
            Some((_, _, delay_ms)) if within_watermark => KeyLifetime::Delay(delay_ms.saturating_mul(1000)),
            Some((position, _, _)) if positions.contains(position) => KeyLifetime::EventTime,
            _ => KeyLifetime::Forever,
        };
        let spec = DedupSpec {
            keys: positions
                .iter()
                .map(|&position| self.column_at(position).expr)
                .collect(),
            key_names: positions
                .iter()
                .map(|&position| self.scope.columns[position].field.name.clone())
                .collect(),
            event_time: event_time.map(|(_, time, _)| time),
            lifetime,
            within_watermark,
        };
        let kind = OperationKind::Deduplicate {
            lacks_watermark: within_watermark && spec.event_time.is_none(),
            within_watermark,
            is_bounded: !matches!(spec.lifetime, KeyLifetime::Forever),
        };
        self.push_stage(Operator::Deduplicate(Box::new(spec)));
        self.note(kind);
        Ok(())
    }

    /// Notes the event times among the columns that a stateful operator reads, where there are several: its first batch fails.
    pub(super) fn note_event_times(&mut self, columns: &[Named]) {
        let marked = columns.iter().filter(|column| column.event_time.watermark.is_some());
        let names: Vec<&str> = marked.map(|column| column.name.as_str()).collect();
        if self.plan.is_streaming && names.len() > 1 {
            self.plan.ambiguous_event_times = Some(names.join(","));
        }
    }

    /// All columns of these names; a name here is whole, dots and all.
    fn positions_of(&self, names: &[String]) -> Result<Vec<usize>> {
        let mut positions = Vec::new();
        for name in names {
            let before = positions.len();
            let named = |position: &usize| self.scope.same_name(&self.scope.columns[*position].field.name, name);
            positions.extend((0..self.scope.columns.len()).filter(named));
            if positions.len() == before {
                let fields: Vec<&str> = self
                    .scope
                    .columns
                    .iter()
                    .map(|column| column.field.name.as_str())
                    .collect();
                return Err(Error::new(ErrorCode::UnresolvedColumnAmongFieldNames)
                    .with("colName", name)
                    .with("fieldNames", fields.join(", ")));
            }
        }
        positions.sort_unstable();
        positions.dedup();
        Ok(positions)
    }

    /// The column that a watermark stands on, one of the keys before any other: its position, its time, the delay in
    /// milliseconds. None in a batch query, where Spark takes watermarks away.
    pub(super) fn event_time_of(&self, keys: &[usize]) -> Result<Option<(usize, Expr, i64)>> {
        if !self.plan.is_streaming {
            return Ok(None);
        }
        let node_of = |position: usize| self.scope.columns[position].event_time.watermark;
        let all = 0..self.scope.columns.len();
        let mut candidates = keys
            .iter()
            .copied()
            .chain(all)
            .filter(|&position| node_of(position).is_some());
        let Some(position) = candidates.next() else {
            return Ok(None);
        };
        let column = self.column_at(position).expr;
        // The event time of a window is its end.
        let time = match column.data_type.window_time() {
            Some(_) => get_field(column, 1)?,
            None => column,
        };
        let delay_ms = node_of(position).map_or(0, |node| self.plan.watermarks[node].delay_ms);
        Ok(Some((position, time, delay_ms)))
    }
}
