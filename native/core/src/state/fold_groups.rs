//! The groups of a batch on their way through the program's own aggregates: the values that came, with what each group's
//! buffer holds, are handed over before anything is reduced; what the functions made of them is taken in with the reduce tasks.
//!
//! ```text
//! open     partial groups of some shards ─▶ | groups: for each aggregate end of its values, whether a buffer is held, buffer; keys | values of each aggregate |
//! answer   what is kept from now on      ◀─ | groups: for each aggregate buffer, result |
//! reduce   the shard takes it in
//! ```

use std::ops::Range;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Int32Array};

use super::arrivals::{Arrival, ShardBatch};
use super::codec::ColumnBuilder;
use super::key_list::KeyList;
use super::{Budget, GroupTable, Layout, ShardStore, Span, Tag, ValueCodec};
use crate::aggregate::{FoldSpec, held_of};
use crate::column::{DataType, Field, StructType, schema_to_json};
use crate::error::{Error, ErrorCode, Result};
use crate::pipeline::Partial;
use crate::plan::OutputMode;
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

/// The program's own aggregates of a grouping, with their places among its calls.
fn folds_of(grouping: &Grouping) -> impl Iterator<Item = (usize, &FoldSpec)> {
    let calls = grouping.calls().iter().enumerate();
    calls.filter_map(|(index, call)| Some((index, call.fold()?)))
}

/// What TypeScript must know to run them; none where the grouping has none.
pub fn describe_folds(grouping: &Grouping) -> Option<serde_json::Value> {
    let json_of = |schema: &StructType| {
        serde_json::from_str::<serde_json::Value>(&schema_to_json(schema)).unwrap_or(serde_json::Value::Null)
    };
    let aggregates = folds_of(grouping).map(|(_, fold)| {
        serde_json::json!({
            "number": fold.program,
            "input": json_of(&fold.input),
            "held": json_of(&held_schema(fold)),
            "kept": json_of(&kept_schema(fold)),
        })
    });
    let aggregates: Vec<_> = aggregates.collect();
    let keys = json_of(&keys_schema(grouping));
    (!aggregates.is_empty()).then(|| serde_json::json!({ "aggregates": aggregates, "keys": keys }))
}

/// The columns of an aggregate in the table of groups that is handed over.
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

fn keys_schema(grouping: &Grouping) -> StructType {
    let spec = &grouping.spec;
    let mut types: Vec<DataType> = spec.keys.iter().map(|key| key.data_type.clone()).collect();
    if let Some(event_time) = &spec.event_time {
        types.insert(spec.event_time_position, event_time.data_type());
    }
    let fields = types.into_iter().enumerate();
    StructType::new(
        fields
            .map(|(number, data_type)| Field::new(format!("key{number}"), data_type, true))
            .collect(),
    )
}

/// Hands the groups of some shards over, encoded, with the values that the map tasks brought for them.
pub fn open_folds(
    grouping: &Grouping,
    mode: OutputMode,
    batch: BatchSpec,
    shards: Range<usize>,
    partials: &[Arc<Partial>],
) -> Result<(Vec<u8>, OpenFolds)> {
    let mut open = OpenFolds {
        first_shard: shards.start,
        keys: KeyList::default(),
        spans: Vec::new(),
        ends: Vec::with_capacity(shards.len()),
        answer: None,
    };
    let mut tables: Vec<FoldTable> = folds_of(grouping)
        .map(|(index, fold)| FoldTable::new(index, fold))
        .collect();
    for shard in shards {
        open.take_shard(&ShardBatch::new(grouping, mode, batch, shard), partials, &mut tables)?;
    }
    let count = open.keys.len();
    let mut groups = Vec::new();
    let mut values = Vec::with_capacity(tables.len());
    for table in tables {
        let (held, given) = table.finish()?;
        groups.extend(held);
        values.push(given);
    }
    groups.extend(open.key_columns(grouping)?);
    let mut encoded = vec![(groups, count)];
    encoded.extend(values);
    Ok((encode_tables(&encoded)?, open))
}

impl OpenFolds {
    /// Adds the groups of a shard that the batch changes, in the order in which they came.
    fn take_shard(
        &mut self,
        of_shard: &ShardBatch<'_>,
        partials: &[Arc<Partial>],
        tables: &mut [FoldTable],
    ) -> Result<()> {
        let mut found = GroupTable::new(Layout::with_extra(&[], 0), Tag::Pane, Arc::new(Budget::new(0)));
        let mut pieces: Vec<Piece<'_>> = Vec::new();
        let first = self.keys.len();
        of_shard.visit(partials, |span, arrival| {
            let (Arrival::Groups(from, rows), false) = (arrival, of_shard.is_late(span)) else {
                return Ok(());
            };
            for &row in rows.iter() {
                let key = from.key(row);
                let group = first + found.find_or_insert(key, span.start as u64)? as usize;
                if group == self.keys.len() {
                    self.keys.push(key);
                    self.spans.push(span);
                }
                pieces.push(Piece { group, from, row });
            }
            Ok(())
        })?;
        if let Some(key) = of_shard.global_key().filter(|_| self.keys.len() == first) {
            self.keys.push(key);
            self.spans.push(Span::ALL);
        }
        self.ends.push(self.keys.len());
        // Stable: what tasks brought for a group stays in their order.
        pieces.sort_by_key(|piece| piece.group);
        let store = of_shard.grouping.shards[of_shard.shard].lock();
        let groups = first..self.keys.len();
        let held: Vec<_> = groups
            .map(|group| store.group(self.spans[group], self.keys.get(group)))
            .collect();
        for table in tables {
            table.take(first, &held, &pieces)?;
        }
        Ok(())
    }

    fn key_columns(&self, grouping: &Grouping) -> Result<Vec<ArrayRef>> {
        let spec = &grouping.spec;
        let mut columns = grouping
            .keys
            .decode((0..self.keys.len()).map(|group| self.keys.get(group)))?;
        if let Some(event_time) = &spec.event_time {
            let (starts, ends) = self.spans.iter().map(|span| (span.start, span.end)).unzip();
            columns.insert(spec.event_time_position, window_column(event_time, starts, ends)?);
        }
        Ok(columns)
    }

    /// Takes the answer in and keeps it until the shards are reduced. Fails with BATCH_BORDER_INVALID.
    pub fn answer(&mut self, grouping: &Grouping, bytes: &[u8]) -> Result<()> {
        let fields = folds_of(grouping)
            .flat_map(|(_, fold)| kept_schema(fold).fields)
            .collect();
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
    pub fn apply(&self, grouping: &Grouping, shard: usize, store: &mut ShardStore) -> Result<()> {
        let answer = self.answer.as_ref();
        let answer = answer.ok_or_else(|| Error::internal("groups were handed over and no answer came"))?;
        let number = shard - self.first_shard;
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        let mut encoded = Vec::new();
        for ((index, fold), columns) in folds_of(grouping).zip(answer.chunks(2)) {
            let codecs = [&fold.buffer, &fold.output].map(|field| ValueCodec::new(&field.data_type));
            for group in start..self.ends[number] {
                encoded.clear();
                for (codec, column) in codecs.iter().zip(columns) {
                    codec.encode(column, group, &mut encoded);
                }
                let table = store.window(self.spans[group]);
                let row = table.find_or_insert(self.keys.get(group), 0)?;
                let slot = table.slot(index);
                table.set_heap(row, slot, &encoded)?;
            }
        }
        Ok(())
    }
}

/// What a map task brought for a group.
struct Piece<'a> {
    group: usize,
    from: &'a GroupTable,
    row: u32,
}

/// What one aggregate is handed: its values group by group, and its buffers.
struct FoldTable {
    index: usize,
    values: Vec<ColumnBuilder>,
    num_values: usize,
    /// Where each group's values end.
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

    /// Adds the groups from `first` on, each with where the state holds it; their pieces are in their order.
    fn take(&mut self, first: usize, held: &[Option<(&GroupTable, u32)>], pieces: &[Piece<'_>]) -> Result<()> {
        let mut pieces = pieces.iter().peekable();
        for (number, held) in held.iter().enumerate() {
            while let Some(Piece { from, row, .. }) = pieces.next_if(|piece| piece.group == first + number) {
                let mut rest = from.heap(*row, from.slot(self.index));
                while !rest.is_empty() {
                    for value in &mut self.values {
                        value.push(&mut rest)?;
                    }
                    self.num_values += 1;
                }
            }
            let end = i32::try_from(self.num_values);
            self.ends
                .push(end.map_err(|_| Error::limit("rows of a batch", self.num_values, i32::MAX))?);
            let held = held.map(|(table, row)| held_of(&self.buffer, table, row, table.slot(self.index)));
            let held = held.transpose()?.flatten();
            self.is_held.push(held.is_some());
            match held {
                Some((mut buffer, _)) => self.buffers.push(&mut buffer)?,
                None => self.buffers.push_null(),
            }
        }
        Ok(())
    }

    /// Its columns of the groups' table, and the table of its values.
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
