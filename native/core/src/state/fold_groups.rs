//! The groups of a batch on their way through the program's own aggregates: the values that came, with what each group's
//! buffer holds, are handed over before anything is reduced; what the functions made of them is taken in with the reduce tasks.
//!
//! ```text
//! open     groups ─▶ | groups: where its parts end; keys | parts: for each aggregate end of its values, whether a buffer is held, buffer | values of each aggregate |
//! answer   kept   ◀─ | groups: for each aggregate buffer, result |
//! reduce   the shard takes it in
//! ```
//!
//! A group has one part; a session as many as there are buffers to merge into it, each with the values that come behind it.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Int32Array};

use super::arrivals::{Arrival, ShardBatch};
use super::codec::ColumnBuilder;
use super::key_list::KeyList;
use super::{Budget, GroupTable, KeyView, Layout, ShardStore, Span, Tag, ValueCodec};
use crate::aggregate::{AggregateCall, FoldSpec, held_of};
use crate::column::{DataType, Field, StructType, schema_to_json};
use crate::error::{Error, ErrorCode, Result};
use crate::pipeline::Partial;
use crate::plan::{AggregateSpec, OutputMode};
use crate::query::{BatchSpec, Grouping, Rows};
use crate::result::encode_tables;
use crate::source::tables_of;
use crate::window::window_column;

/// Groups of some shards that were handed over, and the answer once it is there.
pub struct OpenFolds {
    first_shard: usize,
    keys: KeyList,
    spans: Vec<Span>,
    /// Where each shard's groups end.
    ends: Vec<usize>,
    /// For each aggregate its buffers and its results.
    answer: Option<Vec<ArrayRef>>,
}

/// The program's own aggregates among calls, with their places.
fn folds_of(calls: &[AggregateCall]) -> impl Iterator<Item = (usize, &FoldSpec)> {
    let calls = calls.iter().enumerate();
    calls.filter_map(|(index, call)| Some((index, call.fold()?)))
}

/// What a description is made of.
pub(super) struct FoldsDescription<'a> {
    pub spec: &'a AggregateSpec,
    /// The type of the key that event time is.
    pub event_time: Option<DataType>,
    /// Whether a group may have several buffers, which are merged.
    pub merges: bool,
}

/// What TypeScript must know to run the aggregates of the program in a grouping; none where it has none.
pub fn describe_folds(grouping: &Grouping) -> Option<serde_json::Value> {
    describe(FoldsDescription {
        spec: &grouping.spec,
        event_time: grouping.spec.event_time.as_ref().map(|key| key.data_type()),
        merges: false,
    })
}

/// The same for groups of any kind.
pub(super) fn describe(of: FoldsDescription<'_>) -> Option<serde_json::Value> {
    let json_of = |schema: &StructType| {
        serde_json::from_str::<serde_json::Value>(&schema_to_json(schema)).unwrap_or(serde_json::Value::Null)
    };
    let aggregates = folds_of(&of.spec.calls).map(|(_, fold)| {
        serde_json::json!({
            "number": fold.program,
            "input": json_of(&fold.input),
            "held": json_of(&held_schema(fold)),
            "kept": json_of(&kept_schema(fold)),
        })
    });
    let aggregates: Vec<_> = aggregates.collect();
    let groups = json_of(&groups_schema(of.spec, of.event_time));
    (!aggregates.is_empty())
        .then(|| serde_json::json!({ "aggregates": aggregates, "groups": groups, "merges": of.merges }))
}

/// The columns of an aggregate in the table of parts that is handed over.
fn held_schema(fold: &FoldSpec) -> StructType {
    StructType::new(vec![
        Field::new("valuesEnd", DataType::Int, false),
        Field::new("isHeld", DataType::Boolean, false),
        Field::new("buffer", fold.buffer.data_type.clone(), true),
    ])
}

/// The columns of an aggregate in the answer.
fn kept_schema(fold: &FoldSpec) -> StructType {
    StructType::new(vec![fold.buffer.clone(), fold.output.clone()])
}

/// The table of groups that is handed over.
fn groups_schema(spec: &AggregateSpec, event_time: Option<DataType>) -> StructType {
    let mut types: Vec<DataType> = spec.keys.iter().map(|key| key.data_type.clone()).collect();
    if let Some(event_time) = event_time {
        types.insert(spec.event_time_position, event_time);
    }
    let keys = types.into_iter().enumerate();
    let keys = keys.map(|(number, data_type)| Field::new(format!("key{number}"), data_type, true));
    let parts_end = Field::new("partsEnd", DataType::Int, false);
    StructType::new(std::iter::once(parts_end).chain(keys).collect())
}

/// Hands the groups of some shards over, encoded, with the values that the map tasks brought for them.
pub fn open_folds(
    grouping: &Grouping,
    mode: OutputMode,
    batch: BatchSpec,
    shards: Range<usize>,
    partials: &[Arc<Partial>],
) -> Result<(Vec<u8>, OpenFolds)> {
    let mut out = HandOver::new(grouping.calls(), shards.start);
    for shard in shards {
        take_shard(&ShardBatch::new(grouping, mode, batch, shard), partials, &mut out)?;
    }
    out.finish(grouping, |spans| {
        let (starts, ends) = spans.iter().map(|span| (span.start, span.end)).unzip();
        let event_time = grouping.spec.event_time.as_ref();
        event_time.map(|key| window_column(key, starts, ends)).transpose()
    })
}

/// Adds the groups of a shard that the batch changes, in the order in which they came.
fn take_shard(of_shard: &ShardBatch<'_>, partials: &[Arc<Partial>], out: &mut HandOver) -> Result<()> {
    let mut found = GroupTable::new(Layout::with_extra(&[], 0), Tag::Pane, Arc::new(Budget::new(0)));
    let mut came: Vec<(usize, Piece<'_>)> = Vec::new();
    let first = out.open.keys.len();
    of_shard.visit(partials, |span, arrival| {
        let (Arrival::Groups(from, rows), false) = (arrival, of_shard.is_late(span)) else {
            return Ok(());
        };
        for &row in rows.iter() {
            let key = from.key(row);
            let group = first + found.find_or_insert(key, span.start as u64)? as usize;
            if group == out.open.keys.len() {
                out.push_group(key, span, 1);
            }
            came.push((group, (from, row)));
        }
        Ok(())
    })?;
    if let Some(key) = of_shard.global_key().filter(|_| out.open.keys.len() == first) {
        out.push_group(key, Span::ALL, 1);
    }
    // Stable: what tasks brought for a group stays in their order.
    came.sort_by_key(|(group, _)| *group);
    let store = of_shard.grouping.shards[of_shard.shard].lock();
    let mut pieces_end = 0;
    let parts = (first..out.open.keys.len()).map(|group| {
        pieces_end += came[pieces_end..].partition_point(|(of_group, _)| *of_group == group);
        Part::new(store.group(out.open.spans[group], out.open.keys.get(group)), pieces_end)
    });
    let parts: Vec<_> = parts.collect();
    let pieces: Vec<_> = came.into_iter().map(|(_, piece)| piece).collect();
    out.end_shard(&parts, &pieces)
}

/// What a map task brought for a group: its row in the task's table.
pub(super) type Piece<'a> = (&'a GroupTable, u32);

/// What goes into a group in one go.
pub(super) struct Part<'a> {
    /// What the state holds.
    held: Option<(&'a GroupTable, u32)>,
    /// Where the pieces end that come behind it.
    pub pieces_end: usize,
}

impl<'a> Part<'a> {
    /// A part with the pieces up to `pieces_end`.
    pub fn new(held: Option<(&'a GroupTable, u32)>, pieces_end: usize) -> Self {
        Self { held, pieces_end }
    }
}

/// Groups while they are put together to be handed over.
pub(super) struct HandOver {
    open: OpenFolds,
    part_ends: Vec<usize>,
    num_parts: usize,
    tables: Vec<FoldTable>,
}

impl HandOver {
    /// No groups yet, of the shards from `first_shard` on.
    pub fn new(calls: &[AggregateCall], first_shard: usize) -> Self {
        Self {
            open: OpenFolds {
                first_shard,
                keys: KeyList::default(),
                spans: Vec::new(),
                ends: Vec::new(),
                answer: None,
            },
            part_ends: Vec::new(),
            num_parts: 0,
            tables: folds_of(calls)
                .map(|(index, fold)| FoldTable::new(index, fold))
                .collect(),
        }
    }

    /// A group more; its parts follow with [`Self::end_shard`].
    pub fn push_group(&mut self, key: KeyView<'_>, span: Span, num_parts: usize) {
        self.open.keys.push(key);
        self.open.spans.push(span);
        self.num_parts += num_parts;
        self.part_ends.push(self.num_parts);
    }

    /// The parts of all groups of a shard, with the pieces that they end in.
    pub fn end_shard(&mut self, parts: &[Part<'_>], pieces: &[Piece<'_>]) -> Result<()> {
        self.open.ends.push(self.open.keys.len());
        self.tables.iter_mut().try_for_each(|table| table.take(parts, pieces))
    }

    /// All of it, encoded; `event_times` makes the key that event time is, where it is one.
    pub fn finish<Store>(
        self,
        grouping: &Grouping<Store>,
        event_times: impl Fn(&[Span]) -> Result<Option<ArrayRef>>,
    ) -> Result<(Vec<u8>, OpenFolds)> {
        let open = self.open;
        let count = open.keys.len();
        let mut groups = grouping.keys.decode((0..count).map(|group| open.keys.get(group)))?;
        if let Some(event_times) = event_times(&open.spans)? {
            groups.insert(grouping.spec.event_time_position, event_times);
        }
        let part_ends = self.part_ends.iter().map(|&end| place_of(end));
        groups.insert(0, Arc::new(part_ends.collect::<Result<Int32Array>>()?));
        let mut parts = Vec::new();
        let mut values = Vec::with_capacity(self.tables.len());
        for table in self.tables {
            let (held, given) = table.finish()?;
            parts.extend(held);
            values.push(given);
        }
        let mut encoded = vec![(groups, count), (parts, self.num_parts)];
        encoded.extend(values);
        Ok((encode_tables(&encoded)?, open))
    }
}

/// State whose groups take in what the functions made of them.
pub trait FoldState {
    /// Where a group is; the batch has brought it there.
    fn group_mut(&mut self, span: Span, key: KeyView<'_>) -> Result<(&mut GroupTable, u32)>;
}

impl FoldState for ShardStore {
    fn group_mut(&mut self, span: Span, key: KeyView<'_>) -> Result<(&mut GroupTable, u32)> {
        let table = self.window(span);
        let row = table.find_or_insert(key, 0)?;
        Ok((table, row))
    }
}

/// Puts what the program's own aggregates made of a shard's groups into its state, where there are such aggregates.
pub fn apply_folds(
    folds: Option<&OpenFolds>,
    calls: &[AggregateCall],
    shard: usize,
    state: &mut impl FoldState,
) -> Result<()> {
    match folds {
        Some(folds) => folds.apply(calls, shard, state),
        None if folds_of(calls).next().is_none() => Ok(()),
        None => Err(Error::internal("the program's own aggregates have not run")),
    }
}

impl OpenFolds {
    /// Takes the answer in and keeps it until the shards are reduced. Fails with BATCH_BORDER_INVALID.
    pub fn answer(&mut self, calls: &[AggregateCall], bytes: &[u8]) -> Result<()> {
        let fields = folds_of(calls).flat_map(|(_, fold)| kept_schema(fold).fields).collect();
        let table = tables_of(bytes, &[StructType::new(fields)])?.pop();
        let (columns, count) = table.unwrap_or_default();
        if count != self.keys.len() {
            return Err(
                Error::new(ErrorCode::BatchBorderInvalid).with("reason", "the answer is for another number of groups")
            );
        }
        self.answer = Some(columns);
        Ok(())
    }

    /// Whether a shard is among those that were handed over.
    pub fn holds(&self, shard: usize) -> bool {
        (self.first_shard..self.first_shard + self.ends.len()).contains(&shard)
    }

    /// Puts what the functions made of a shard's groups into its state.
    fn apply(&self, calls: &[AggregateCall], shard: usize, state: &mut impl FoldState) -> Result<()> {
        let answer = self.answer.as_ref();
        let answer = answer.ok_or_else(|| Error::internal("groups were handed over and no answer came"))?;
        let number = shard - self.first_shard;
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        let mut encoded = Vec::new();
        for ((index, fold), columns) in folds_of(calls).zip(answer.chunks(2)) {
            let codecs = [&fold.buffer, &fold.output].map(|field| ValueCodec::new(&field.data_type));
            for group in start..self.ends[number] {
                encoded.clear();
                for (codec, column) in codecs.iter().zip(columns) {
                    codec.encode(column, group, &mut encoded);
                }
                let (table, row) = state.group_mut(self.spans[group], self.keys.get(group))?;
                let slot = table.slot(index);
                table.set_heap(row, slot, &encoded)?;
            }
        }
        Ok(())
    }
}

/// A place in a table that is handed over.
fn place_of(number: usize) -> Result<i32> {
    i32::try_from(number).map_err(|_| Error::limit("rows of a batch", number, i32::MAX))
}

/// What one aggregate is handed: its values part by part, and its buffers.
struct FoldTable {
    index: usize,
    values: Vec<ColumnBuilder>,
    num_values: usize,
    /// Where each part's values end.
    ends: Vec<i32>,
    is_held: Vec<bool>,
    buffer: ValueCodec,
    buffers: ColumnBuilder,
}

impl FoldTable {
    fn new(index: usize, fold: &FoldSpec) -> Self {
        let builder = |field: &Field| ValueCodec::new(&field.data_type).builder();
        Self {
            index,
            values: fold.input.fields.iter().map(builder).collect(),
            num_values: 0,
            ends: Vec::new(),
            is_held: Vec::new(),
            buffer: ValueCodec::new(&fold.buffer.data_type),
            buffers: builder(&fold.buffer),
        }
    }

    /// Adds the parts of a shard's groups.
    fn take(&mut self, parts: &[Part<'_>], pieces: &[Piece<'_>]) -> Result<()> {
        let mut first = 0;
        for part in parts {
            for &(from, row) in &pieces[first..part.pieces_end] {
                let mut rest = from.heap(row, from.slot(self.index));
                while !rest.is_empty() {
                    for value in &mut self.values {
                        value.push(&mut rest)?;
                    }
                    self.num_values += 1;
                }
            }
            first = part.pieces_end;
            self.ends.push(place_of(self.num_values)?);
            let held = part
                .held
                .map(|(table, row)| held_of(&self.buffer, table, row, table.slot(self.index)));
            let held = held.transpose()?.flatten();
            self.is_held.push(held.is_some());
            match held {
                Some((mut buffer, _)) => self.buffers.push(&mut buffer)?,
                None => self.buffers.push_null(),
            }
        }
        Ok(())
    }

    /// Its columns of the parts' table, and the table of its values.
    fn finish(self) -> Result<(Vec<ArrayRef>, Rows)> {
        let values = self.values.into_iter().map(ColumnBuilder::finish);
        let values = values.collect::<Result<Vec<_>>>()?;
        let held: Vec<ArrayRef> = vec![
            Arc::new(Int32Array::from(self.ends)),
            Arc::new(BooleanArray::from(self.is_held)),
            self.buffers.finish()?,
        ];
        Ok((held, (values, self.num_values)))
    }
}
