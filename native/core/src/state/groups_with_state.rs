//! A stage where the program's functions work on groups: rows are grouped here, handed over with what their keys hold, and
//! what the functions made of them is taken in, all or nothing.
//!
//! ```text
//! open     rows of some shards ─▶ | rows, group by group | groups: shard, end of its rows, key, variables, timers | due: group, time | watermark, time of the batch |
//! answer   rows that come out  ◀─ | shards: end of its output, counters | output | timers | what each variable shall hold | the same of further groups ..
//! reduce   the shard takes it in
//! ```

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, Int32Array, Int64Array, ListArray};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use parking_lot::Mutex;

use super::exchange::rows_of;
use super::key_list::KeyList;
use super::reading::{COMPUTED, StateShape, variable_text};
use super::row_groups::{FoundGroups, RowOrder};
use super::variable::VariableCodec;
use super::{Budget, GroupKeys, GroupTable, KeyCodec, ShardCounters, VariableStore, fates_of_rows};
use crate::aggregate::{Fate, Fates};
use crate::checkpoint::OperatorSchema;
use crate::column::{DataType, Field, StructType, schema_to_json};
use crate::error::{Error, ErrorCode, Result};
use crate::expr::Expr;
use crate::plan::{GroupsApi, GroupsWithStateSpec, OutputMode, TimeMode};
use crate::query::{BatchSpec, Rows};
use crate::result::encode_tables;
use crate::source::parts_of;

/// The state of the stage.
pub struct GroupsWithState {
    /// As resolved.
    pub spec: GroupsWithStateSpec,
    /// What keys hold, by shard.
    pub shards: Vec<Mutex<VariableStore>>,
    keys: KeyCodec,
    variables: Arc<[VariableCodec]>,
}

/// Groups of some shards that were handed over, and the answer once it is there.
pub struct OpenGroups {
    first_shard: usize,
    keys: KeyList,
    /// Where each group's key stood in its shard.
    rows: Vec<Option<u32>>,
    /// Where each shard's groups end.
    ends: Vec<usize>,
    /// Rows of each shard that came too late.
    num_late: Vec<u64>,
    answer: Option<Answer>,
}

struct Answer {
    shards: Rows,
    parts: Vec<AnswerPart>,
}

/// What was made of some of the groups, one part after the other.
struct AnswerPart {
    output: Rows,
    timers: Rows,
    /// By variable.
    writes: Vec<Rows>,
}

/// The side of the stage on which the state comes that it begins with.
pub const INITIAL_SIDE: usize = 1;

/// Rows of some shards, shard by shard, with how many each has.
pub struct ShardRows {
    /// The rows.
    pub rows: Rows,
    /// Rows of each shard.
    pub counts: Vec<usize>,
}

/// Columns of the groups' table before the keys.
const GROUP_COLUMNS: usize = 3;

impl GroupsWithState {
    /// Nothing kept yet, `shards` shards; their bytes are charged to `budget`.
    pub fn new(spec: GroupsWithStateSpec, shards: usize, budget: Arc<Budget>) -> Self {
        let key_types: Vec<_> = spec.keys.iter().map(|key| key.data_type.clone()).collect();
        let variables: Arc<[VariableCodec]> = spec.variables.iter().map(VariableCodec::new).collect();
        Self {
            keys: KeyCodec::new(&key_types),
            shards: (0..shards)
                .map(|_| Mutex::new(VariableStore::new(Arc::clone(&variables), Arc::clone(&budget))))
                .collect(),
            variables,
            spec,
        }
    }

    /// Spark's name of the operator.
    pub fn operator_name(&self) -> &'static str {
        match self.spec.api {
            GroupsApi::TransformWithState => "transformWithStateExec",
            GroupsApi::FlatMapGroupsWithState | GroupsApi::MapGroupsWithState => "flatMapGroupsWithState",
        }
    }

    /// What a checkpoint knows it by.
    pub fn schema(&self) -> OperatorSchema {
        OperatorSchema {
            name: self.operator_name().to_string(),
            num_shards: self.shards.len(),
            keys: if self.spec.computes_keys {
                vec![COMPUTED.to_string()]
            } else {
                self.spec.keys.iter().map(|key| key.data_type.sql()).collect()
            },
            values: self.spec.variables.iter().map(variable_text).collect(),
            properties: self.properties(),
            rows: StateShape {
                has_timeout: self.spec.time_mode != TimeMode::None,
                ..StateShape::default()
            },
        }
    }

    /// What timers count, and which rows the functions give out, as Spark's metadata says it.
    fn properties(&self) -> BTreeMap<String, String> {
        let time_mode = match self.spec.time_mode {
            TimeMode::None => "NoTime",
            TimeMode::EventTime => "EventTime",
            TimeMode::ProcessingTime => "ProcessingTime",
        };
        let output_mode = self.spec.output_mode.map(|mode| ("outputMode", format!("{mode:?}")));
        [("timeMode", time_mode.to_string())]
            .into_iter()
            .chain(output_mode)
            .map(|(name, value)| (name.to_string(), value))
            .collect()
    }

    /// The row type of the groups' table.
    pub fn groups_schema(&self) -> StructType {
        let ends = ["shard", "rowsEnd", "initialEnd"];
        let mut fields = ends.map(|name| Field::new(name, DataType::Int, false)).to_vec();
        let keys = self.spec.keys.iter().enumerate();
        fields.extend(keys.map(|(number, key)| Field::new(format!("key{number}"), key.data_type.clone(), true)));
        let variables = self.spec.variables.iter();
        fields.extend(variables.map(|variable| Field::new(&variable.name, variable.column_type(), true)));
        let timers = DataType::Array {
            element: Box::new(DataType::BigInt),
            contains_null: false,
        };
        fields.push(Field::new("timers", timers, false));
        StructType::new(fields)
    }

    /// What TypeScript must know to run the functions.
    pub fn describe(&self) -> serde_json::Value {
        let json_of = |schema: &StructType| {
            serde_json::from_str::<serde_json::Value>(&schema_to_json(schema)).unwrap_or(serde_json::Value::Null)
        };
        serde_json::json!({
            "number": self.spec.program,
            "input": json_of(&self.spec.input),
            "groups": json_of(&self.groups_schema()),
            "output": json_of(&self.spec.output),
            "initial": self.spec.initial.as_ref().map(|initial| json_of(&initial.rows)),
            "computesKeys": self.spec.computes_keys,
            "hasWatermark": self.spec.has_watermark,
        })
    }

    /// Cuts rows of a side, the input or the state to begin with, by Spark's partition of their keys.
    pub fn split(&self, side: usize, columns: &[ArrayRef], rows: usize) -> Result<Vec<Rows>> {
        let shard_hash = match &self.spec.initial {
            Some(initial) if side == INITIAL_SIDE => &initial.shard_hash,
            _ => &self.spec.shard_hash,
        };
        let count = self.shards.len();
        if count == 1 {
            return Ok(vec![(columns.to_vec(), rows)]);
        }
        let hashes = shard_hash.evaluate(columns, rows)?.into_array(rows)?;
        let mut by_shard = vec![Vec::new(); count];
        for (row, hash) in hashes.as_primitive::<Int32Type>().values().iter().enumerate() {
            by_shard[hash.rem_euclid(count as i32) as usize].push(row as u32);
        }
        by_shard.into_iter().map(|rows| rows_of(columns, rows)).collect()
    }

    /// Whether a moved watermark alone makes the functions run.
    pub fn follows_watermark(&self, mode: OutputMode) -> bool {
        match self.spec.api {
            // Spark asks for it wherever there is a watermark, timers or not.
            GroupsApi::TransformWithState => self.spec.has_watermark && mode != OutputMode::Complete,
            GroupsApi::FlatMapGroupsWithState | GroupsApi::MapGroupsWithState => {
                self.spec.time_mode == TimeMode::EventTime
            }
        }
    }

    /// The time before which timers are due.
    fn due_limit(&self, batch: BatchSpec) -> i64 {
        match self.spec.time_mode {
            TimeMode::None => i64::MIN,
            TimeMode::EventTime => batch.evict_watermark_ms,
            TimeMode::ProcessingTime => batch.batch_timestamp_ms,
        }
    }

    /// When the clock makes a batch due though no row came: the first timer, or the first value that has lived long enough.
    pub fn first_due(&self) -> Option<i64> {
        let shards = self
            .shards
            .iter()
            .filter(|_| self.spec.time_mode == TimeMode::ProcessingTime);
        shards.filter_map(|shard| shard.lock().first_due()).min()
    }

    /// Groups the rows of the shards from `first` on and hands them over, encoded, with what their keys hold; `initial` are
    /// the rows of state to begin with, in the first batch.
    pub fn open(
        &self,
        batch: BatchSpec,
        first: usize,
        input: ShardRows,
        initial: Option<ShardRows>,
    ) -> Result<(Vec<u8>, OpenGroups)> {
        let (columns, count) = input.rows;
        let keys = self.encode(&self.spec.keys, &columns, count)?;
        let late = self.late_rows(batch, &columns, count)?;
        let initial = initial.zip(self.spec.initial.as_ref()).map(|(given, spec)| {
            let keys = self.encode(&spec.keys, &given.rows.0, given.rows.1)?;
            Ok::<_, Error>((keys, given))
        });
        let initial = initial.transpose()?;
        let mut open = OpenGroups {
            first_shard: first,
            keys: KeyList::default(),
            rows: Vec::new(),
            ends: Vec::with_capacity(input.counts.len()),
            num_late: Vec::with_capacity(input.counts.len()),
            answer: None,
        };
        // Mostly a key comes about once in a batch.
        open.keys.reserve(count);
        let (mut order, mut initial_order) = (RowOrder::default(), RowOrder::default());
        order.rows.reserve(count);
        let mut due = (Vec::new(), Vec::new());
        let (mut start, mut initial_start) = (0, 0);
        for (number, &count) in input.counts.iter().enumerate() {
            let mut found = FoundGroups::new(count)?;
            let rows = found.add(&keys, start..start + count, &late)?;
            start += count;
            let initial_rows = match &initial {
                None => Vec::new(),
                Some((keys, given)) => {
                    let range = initial_start..initial_start + given.counts[number];
                    initial_start = range.end;
                    found.add(keys, range, &[])?
                }
            };
            open.num_late.push((count - rows.len()) as u64);
            let first_group = open.keys.len();
            let sorted = found.keys.sorted(&self.keys)?;
            let groups = sorted.iter().map(|&group| found.keys.get(group as usize));
            groups.for_each(|key| open.keys.push(key));
            order.append(&sorted, &rows);
            initial_order.append(&sorted, &initial_rows);
            let store = self.shards[first + number].lock();
            let known = (first_group, &mut open.keys);
            self.add_due(&store, &found.table, batch, known, &mut due)?;
            order.add_groups_without_rows(open.keys.len());
            initial_order.add_groups_without_rows(open.keys.len());
            open.ends.push(open.keys.len());
        }
        let rows_table = rows_of(&columns, order.rows)?;
        let initial_table = match &initial {
            None => (Vec::new(), 0),
            Some((_, given)) => rows_of(&given.rows.0, initial_order.rows)?,
        };
        let groups = self.groups_table(batch, &mut open, [order.ends, initial_order.ends])?;
        let num_due = due.0.len();
        let due: Vec<ArrayRef> = vec![Arc::new(Int32Array::from(due.0)), Arc::new(Int64Array::from(due.1))];
        let times = [batch.evict_watermark_ms, batch.batch_timestamp_ms];
        let times = times.map(|time| Arc::new(Int64Array::from(vec![time])) as ArrayRef);
        let groups = (groups, open.keys.len());
        let due = (due, num_due);
        let bytes = encode_tables(&[rows_table, groups, due, (times.to_vec(), 1), initial_table])?;
        Ok((bytes, open))
    }

    /// Adds the keys of a shard that are due: those without rows become groups too.
    fn add_due(
        &self,
        store: &VariableStore,
        with_rows: &GroupTable,
        batch: BatchSpec,
        (first_group, keys): (usize, &mut KeyList),
        due: &mut (Vec<i32>, Vec<i64>),
    ) -> Result<()> {
        let limit = self.due_limit(batch);
        let has_timers = self.spec.api == GroupsApi::TransformWithState;
        // The groups with rows were put in order behind `first_group`.
        let mut numbers = std::collections::HashMap::new();
        for (time, key) in store.due_before(limit) {
            let has_rows = with_rows.find(key).is_some();
            if has_rows && !has_timers {
                // Rows end a timeout.
                continue;
            }
            let row = store.find(key);
            if numbers.is_empty() && has_timers {
                numbers.extend((first_group..keys.len()).filter_map(|group| {
                    let row = store.find(keys.get(group))?;
                    Some((row, group))
                }));
            }
            let Some(row) = row else { continue };
            let group = *numbers.entry(row).or_insert_with(|| {
                keys.push(key);
                keys.len() - 1
            });
            due.0.push(group as i32);
            due.1.push(time);
        }
        Ok(())
    }

    fn groups_table(&self, batch: BatchSpec, open: &mut OpenGroups, row_ends: [Vec<i32>; 2]) -> Result<Vec<ArrayRef>> {
        let count = open.keys.len();
        let mut shards = Vec::with_capacity(count);
        for (number, &end) in open.ends.iter().enumerate() {
            shards.resize(end, (open.first_shard + number) as i32);
        }
        let mut columns: Vec<ArrayRef> = vec![Arc::new(Int32Array::from(shards))];
        columns.extend(row_ends.map(|ends| Arc::new(Int32Array::from(ends)) as ArrayRef));
        debug_assert_eq!(columns.len(), GROUP_COLUMNS);
        columns.extend(self.keys.decode((0..count).map(|group| open.keys.get(group)))?);
        let mut builders: Vec<_> = self.variables.iter().map(VariableCodec::builder).collect();
        let (mut timers, mut timer_ends) = (Vec::new(), Vec::with_capacity(count + 1));
        timer_ends.push(0i32);
        open.rows.reserve(count);
        let mut group = 0;
        for (number, &end) in open.ends.iter().enumerate() {
            let store = self.shards[open.first_shard + number].lock();
            while group < end {
                let row = store.find(open.keys.get(group));
                open.rows.push(row);
                for (variable, (codec, builder)) in self.variables.iter().zip(&mut builders).enumerate() {
                    let held = row.map_or(&[][..], |row| store.held(row, variable));
                    codec.push(held, batch.batch_timestamp_ms, builder)?;
                }
                timers.extend_from_slice(row.map_or(&[], |row| store.timers(row)));
                let end = i32::try_from(timers.len());
                timer_ends.push(end.map_err(|_| Error::limit("timers of a batch's keys", timers.len(), i32::MAX))?);
                group += 1;
            }
        }
        for builder in builders {
            columns.push(builder.finish()?);
        }
        let field = Arc::new(arrow_schema::Field::new("element", arrow_schema::DataType::Int64, true));
        columns.push(Arc::new(ListArray::try_new(
            field,
            OffsetBuffer::new(ScalarBuffer::from(timer_ends)),
            Arc::new(Int64Array::from(timers)),
            None,
        )?));
        Ok(columns)
    }

    /// Takes the answer in and keeps it until the shards are reduced. Fails with BATCH_BORDER_INVALID.
    pub fn answer(&self, open: &mut OpenGroups, bytes: &[u8]) -> Result<()> {
        let int = |name: &str| Field::new(name, DataType::Int, false);
        let long = |name: &str| Field::new(name, DataType::BigInt, true);
        let shards = ["updated", "removed", "registered", "deleted", "expired"].map(long);
        let shards = std::iter::once(int("outputEnd")).chain(shards).collect::<Vec<_>>();
        let timers = vec![
            int("group"),
            long("time"),
            Field::new("isRegistered", DataType::Boolean, false),
        ];
        let mut part = vec![self.spec.output.clone(), StructType::new(timers)];
        part.extend(self.spec.variables.iter().map(|variable| {
            StructType::new(vec![
                int("group"),
                Field::new("replaces", DataType::Boolean, false),
                Field::new("value", variable.column_type(), true),
            ])
        }));
        let mut tables = parts_of(bytes, &[StructType::new(shards)], &part)?.into_iter();
        let shards = tables.next().ok_or_else(|| invalid("the table of shards is missing"))?;
        if shards.1 != open.ends.len() {
            return Err(invalid("the answer is for another number of shards"));
        }
        let mut parts = Vec::with_capacity(tables.len() / part.len());
        while let (Some(output), Some(timers)) = (tables.next(), tables.next()) {
            let writes = tables.by_ref().take(self.variables.len()).collect();
            parts.push(AnswerPart { output, timers, writes });
        }
        open.answer = Some(Answer { shards, parts });
        Ok(())
    }

    /// Reduces one shard of a batch: what the functions wrote is the shard's state, what they gave comes out.
    pub fn reduce(
        &self,
        (batch_id, batch): (u64, BatchSpec),
        shard: usize,
        open: &OpenGroups,
    ) -> Result<(Vec<Rows>, ShardCounters)> {
        let answer = open
            .answer
            .as_ref()
            .ok_or_else(|| Error::internal("groups were handed over and no answer came"))?;
        let number = shard - open.first_shard;
        let groups = open.range(number);
        let mut store = self.shards[shard].lock();
        store.begin_batch()?;
        for part in &answer.parts {
            self.take_in(part, (batch_id, batch), (&groups, open), &mut store)?;
        }
        store.drop_empty_keys();
        let num_expired = store.expire(batch_id, batch.batch_timestamp_ms)?;
        let counter = |column: usize| answer.shards.0[column].as_primitive::<Int64Type>().value(number) as u64;
        let counters = ShardCounters {
            num_rows_total: match self.spec.api {
                GroupsApi::TransformWithState => store.num_rows(),
                // A key with a timeout and no state is a row as well.
                GroupsApi::FlatMapGroupsWithState | GroupsApi::MapGroupsWithState => store.num_keys(),
            },
            num_rows_updated: counter(1),
            num_rows_removed: counter(2) + num_expired,
            num_registered_timers: counter(3),
            num_deleted_timers: counter(4),
            num_expired_timers: counter(5),
            num_rows_dropped_by_watermark: open.num_late[number],
            memory_used_bytes: store.bytes(),
            ..ShardCounters::default()
        };
        Ok((answer.output_of(number)?, counters))
    }

    /// What a part of the answer says about a shard's groups becomes the shard's state.
    fn take_in(
        &self,
        part: &AnswerPart,
        (batch_id, batch): (u64, BatchSpec),
        (groups, open): (&Range<usize>, &OpenGroups),
        store: &mut VariableStore,
    ) -> Result<()> {
        let row_of = |store: &mut VariableStore, group: i32| {
            let group = group as usize;
            store.row_of(batch_id, open.keys.get(group), open.rows[group])
        };
        for (variable, (columns, count)) in part.writes.iter().enumerate() {
            let of_group = columns[0].as_primitive::<Int32Type>().values();
            let replaces = columns[1].as_boolean();
            for at in rows_in(of_group, *count, groups) {
                let row = row_of(store, of_group[at])?;
                let value = (&columns[2], at);
                store.write(row, variable, value, replaces.value(at), batch.batch_timestamp_ms)?;
            }
        }
        let (columns, count) = &part.timers;
        let of_group = columns[0].as_primitive::<Int32Type>().values();
        let (times, registered) = (columns[1].as_primitive::<Int64Type>(), columns[2].as_boolean());
        for at in rows_in(of_group, *count, groups) {
            let row = row_of(store, of_group[at])?;
            if times.is_null(at) {
                store.clear_timers(row);
            } else {
                store.set_timer(row, times.value(at), registered.value(at))?;
            }
        }
        Ok(())
    }

    /// The rows that the watermark of the batch before has passed; a row without a time is never late.
    fn late_rows(&self, batch: BatchSpec, columns: &[ArrayRef], rows: usize) -> Result<Vec<bool>> {
        let fates = fates_of_rows(self.spec.event_time.as_ref(), columns, rows, batch.late_watermark_ms)?;
        Ok(fates.map_or(Vec::new(), |Fates { fates, .. }| {
            fates.into_iter().map(|fate| fate == Fate::Late).collect()
        }))
    }

    fn encode(&self, keys: &[Expr], columns: &[ArrayRef], rows: usize) -> Result<GroupKeys> {
        let keys = keys
            .iter()
            .map(|key| key.evaluate(columns, rows)?.into_array(rows))
            .collect::<Result<Vec<_>>>()?;
        Ok(self.keys.encode(&keys, rows))
    }
}

impl OpenGroups {
    /// Whether a shard is among those that were handed over.
    pub fn holds(&self, shard: usize) -> bool {
        (self.first_shard..self.first_shard + self.ends.len()).contains(&shard)
    }

    fn range(&self, number: usize) -> Range<usize> {
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        start..self.ends[number]
    }
}

impl Answer {
    /// The rows that came out of a shard's groups.
    fn output_of(&self, number: usize) -> Result<Vec<Rows>> {
        let ends = self.shards.0[0].as_primitive::<Int32Type>().values();
        let start = if number == 0 { 0 } else { ends[number - 1] as usize };
        let end = ends[number] as usize;
        let rows = self.parts.iter().map(|part| part.output.1).sum::<usize>();
        if start > end || end > rows {
            return Err(invalid("a shard's output lies outside the output"));
        }
        let mut pieces = Vec::new();
        let mut first = 0;
        for AnswerPart {
            output: (columns, rows),
            ..
        } in &self.parts
        {
            let (from, to) = (start.max(first), end.min(first + rows));
            if from < to {
                let columns = columns.iter().map(|column| column.slice(from - first, to - from));
                pieces.push((columns.collect(), to - from));
            }
            first += rows;
        }
        Ok(pieces)
    }
}

/// The rows whose groups, which ascend, lie in a range.
fn rows_in(of_group: &[i32], count: usize, groups: &Range<usize>) -> Range<usize> {
    let of_group = &of_group[..count];
    let start = of_group.partition_point(|&group| (group as usize) < groups.start);
    start..of_group.partition_point(|&group| (group as usize) < groups.end)
}

fn invalid(reason: &str) -> Error {
    Error::new(ErrorCode::BatchBorderInvalid).with("reason", reason)
}
