//! Groups and sessions as rows: the key, and what each accumulator holds under the names of Spark's buffers.

use super::key_cells::{KeyCells, put_span, put_time, struct_field};
use super::rows::{Change, Visit};
use super::shards::ShardView;
use super::{RowReader, StateShape, Wanted};
use crate::aggregate::{AccumulatorShape, BufferCodec};
use crate::column::{DataType, Field};
use crate::error::{Error, Result};
use crate::state::{GroupTable, KeyView, SessionStore, ShardStore, Span};

/// Spark's name of what a session begins with, in its key.
const SESSION_START: &str = "sessionStartTime";

/// Reads groups or sessions.
pub struct GroupRows {
    keys: KeyCells,
    /// Where event time stands among the keys, and its type.
    event_time: Option<(usize, DataType)>,
    is_session: bool,
    fields: Vec<Field>,
    /// What writes the buffers of each accumulator.
    buffers: Vec<Vec<BufferCodec>>,
}

/// The cells of a row.
#[derive(Default)]
struct Cells {
    key: Vec<u8>,
    value: Vec<u8>,
}

impl GroupRows {
    /// For groups with keys of these types, event time included.
    pub fn new(shape: &StateShape, mut types: Vec<DataType>, is_session: bool) -> Result<Self> {
        let buffers = shape.accumulators.iter().map(AccumulatorShape::codecs);
        let buffers = buffers.collect::<Result<Vec<_>>>()?;
        let named = shape.keys.iter().zip(&types);
        let mut key: Vec<Field> = named
            .map(|(name, data_type)| Field::new(name, data_type.clone(), true))
            .collect();
        let mut value: Vec<Field> = buffers.iter().flatten().map(|buffer| buffer.field().clone()).collect();
        let event_time = shape
            .event_time
            .filter(|&position| position < types.len())
            .map(|position| (position, types.remove(position)));
        if let (true, Some((position, data_type))) = (is_session, &event_time) {
            // A session's end moves: its key has the start alone, and its value all.
            value.splice(0..0, key.clone());
            key.remove(*position);
            let start = match data_type {
                DataType::Struct(window) => window.fields[0].data_type.clone(),
                other => other.clone(),
            };
            key.push(Field::new(SESSION_START, start, true));
        }
        Ok(Self {
            keys: KeyCells::new(&types),
            event_time,
            is_session,
            fields: vec![struct_field("key", key), struct_field("value", value)],
            buffers,
        })
    }

    fn group(&self, span: Span, table: &GroupTable, row: u32, cells: &mut Cells) -> Result<()> {
        self.group_key(span, table.key(row), cells)?;
        cells.value.clear();
        cells.value.push(1);
        self.put_buffers(table, row, &mut cells.value)
    }

    fn group_key(&self, span: Span, key: KeyView<'_>, cells: &mut Cells) -> Result<()> {
        let Some((position, data_type)) = &self.event_time else {
            self.keys.cell(key, &mut cells.key);
            return Ok(());
        };
        let put = |out: &mut Vec<u8>| match data_type {
            DataType::Struct(_) => put_span(span, out),
            _ => put_time(span.start, out),
        };
        self.keys.cell_with(key, *position, put, &mut cells.key)
    }

    fn session(&self, store: &SessionStore, row: u32, cells: &mut Cells) -> Result<()> {
        let span = Span {
            start: store.start(row),
            end: store.end(row),
        };
        let key = store.table().key(row);
        self.session_key(span, key, cells);
        let position = self.event_time.as_ref().map_or(0, |(position, _)| *position);
        let put = |out: &mut Vec<u8>| put_span(span, out);
        self.keys.cell_with(key, position, put, &mut cells.value)?;
        self.put_buffers(store.table(), row, &mut cells.value)
    }

    fn session_key(&self, span: Span, key: KeyView<'_>, cells: &mut Cells) {
        self.keys.cell(key, &mut cells.key);
        put_time(span.start, &mut cells.key);
    }

    fn put_buffers(&self, table: &GroupTable, row: u32, out: &mut Vec<u8>) -> Result<()> {
        for (index, buffers) in self.buffers.iter().enumerate() {
            let slot = table.slot(index);
            for buffer in buffers {
                buffer.encode(table, row, slot, out)?;
            }
        }
        Ok(())
    }

    fn groups(&self, store: &ShardStore, wanted: &Wanted, visit: Visit<'_>) -> Result<()> {
        let mut cells = Cells::default();
        let mut show = |span, table: &GroupTable, row| {
            self.group(span, table, row, &mut cells)?;
            visit(&[&cells.key], Change::Update(&[&cells.value]))
        };
        let spans = store.windows_after(wanted.after);
        for (span, table) in spans.filter(|(span, _)| wanted.has_span(span.start, span.end)) {
            match wanted.key() {
                Some(key) => table.find(key).map_or(Ok(()), |row| show(span, table, row))?,
                None => (0..table.len() as u32).try_for_each(|row| show(span, table, row))?,
            }
        }
        Ok(())
    }

    fn sessions(&self, store: &SessionStore, wanted: &Wanted, visit: Visit<'_>) -> Result<()> {
        let mut cells = Cells::default();
        let rows = match wanted.key() {
            Some(key) => store.sessions_of(key),
            None => store.rows_after(wanted.after),
        };
        for row in rows {
            if wanted.has_span(store.start(row), store.end(row)) {
                self.session(store, row, &mut cells)?;
                visit(&[&cells.key], Change::Update(&[&cells.value]))?;
            }
        }
        Ok(())
    }

    fn changed_groups(&self, store: &ShardStore, visit: Visit<'_>) -> Result<()> {
        let mut cells = Cells::default();
        for (span, table) in store.windows() {
            for &row in table.touched() {
                self.group(span, table, row, &mut cells)?;
                visit(&[&cells.key], Change::Update(&[&cells.value]))?;
            }
        }
        for (span, table) in store.gone_windows() {
            for row in 0..table.len() as u32 {
                self.group_key(*span, table.key(row), &mut cells)?;
                visit(&[&cells.key], Change::Delete)?;
            }
        }
        Ok(())
    }

    fn changed_sessions(&self, store: &SessionStore, visit: Visit<'_>) -> Result<()> {
        let mut cells = Cells::default();
        for &row in store.changed_rows() {
            if store.table().is_live(row) {
                self.session(store, row, &mut cells)?;
                visit(&[&cells.key], Change::Update(&[&cells.value]))?;
                continue;
            }
            // A session that another of the same start took the place of has changed, and is not gone.
            let (start, key) = (store.start(row), store.table().key(row));
            let is_replaced = store.sessions_of(key).iter().any(|&other| store.start(other) == start);
            if !is_replaced {
                let span = Span { start, end: start };
                self.session_key(span, key, &mut cells);
                visit(&[&cells.key], Change::Delete)?;
            }
        }
        Ok(())
    }
}

impl RowReader for GroupRows {
    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn rows(&self, shard: ShardView<'_>, wanted: &Wanted, visit: Visit<'_>) -> Result<()> {
        match shard {
            ShardView::Groups(store) if !self.is_session => self.groups(store, wanted, visit),
            ShardView::Sessions(store) if self.is_session => self.sessions(store, wanted, visit),
            _ => Err(Error::internal("groups of a stage that has none")),
        }
    }

    fn notes_changes(&self) -> bool {
        true
    }

    fn noted_changes(&self, shard: ShardView<'_>, visit: Visit<'_>) -> Result<()> {
        match shard {
            ShardView::Groups(store) => self.changed_groups(store, visit),
            ShardView::Sessions(store) => self.changed_sessions(store, visit),
            _ => Err(Error::internal("groups of a stage that has none")),
        }
    }
}
