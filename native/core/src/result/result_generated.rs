// Generated from schema/result.fbs by `npm run generate`; edit the schema, not this file.

#![allow(missing_docs, dead_code, unused_imports, unsafe_op_in_unsafe_fn)]
#![allow(clippy::all, clippy::undocumented_unsafe_blocks)]

extern crate alloc;

use super::batch_generated::*;

pub enum StateOperatorCountersOffset {}
#[derive(Copy, Clone, PartialEq)]

/// Spark's StateOperatorProgress, one per stateful operator, the operator nearest the sink first.
pub struct StateOperatorCounters<'a> {
    pub _tab: ::flatbuffers::Table<'a>,
}

impl<'a> ::flatbuffers::Follow<'a> for StateOperatorCounters<'a> {
    type Inner = StateOperatorCounters<'a>;
    #[inline]
    unsafe fn follow(buf: &'a [u8], loc: usize) -> Self::Inner {
        Self {
            _tab: unsafe { ::flatbuffers::Table::new(buf, loc) },
        }
    }
}

impl<'a> StateOperatorCounters<'a> {
    pub const VT_OPERATOR_NAME: ::flatbuffers::VOffsetT = 4;
    pub const VT_NUM_ROWS_TOTAL: ::flatbuffers::VOffsetT = 6;
    pub const VT_NUM_ROWS_UPDATED: ::flatbuffers::VOffsetT = 8;
    pub const VT_NUM_ROWS_REMOVED: ::flatbuffers::VOffsetT = 10;
    pub const VT_NUM_ROWS_DROPPED_BY_WATERMARK: ::flatbuffers::VOffsetT = 12;
    pub const VT_NUM_LATE_INPUT_ROWS: ::flatbuffers::VOffsetT = 14;
    pub const VT_MEMORY_USED_BYTES: ::flatbuffers::VOffsetT = 16;
    pub const VT_NUM_SHARDS: ::flatbuffers::VOffsetT = 18;
    pub const VT_NUM_DROPPED_DUPLICATE_ROWS: ::flatbuffers::VOffsetT = 20;
    pub const VT_NUM_REGISTERED_TIMERS: ::flatbuffers::VOffsetT = 22;
    pub const VT_NUM_DELETED_TIMERS: ::flatbuffers::VOffsetT = 24;
    pub const VT_NUM_EXPIRED_TIMERS: ::flatbuffers::VOffsetT = 26;

    #[inline]
    pub unsafe fn init_from_table(table: ::flatbuffers::Table<'a>) -> Self {
        StateOperatorCounters { _tab: table }
    }
    #[allow(unused_mut)]
    pub fn create<'bldr: 'args, 'args: 'mut_bldr, 'mut_bldr, A: ::flatbuffers::Allocator + 'bldr>(
        _fbb: &'mut_bldr mut ::flatbuffers::FlatBufferBuilder<'bldr, A>,
        args: &'args StateOperatorCountersArgs<'args>,
    ) -> ::flatbuffers::WIPOffset<StateOperatorCounters<'bldr>> {
        let mut builder = StateOperatorCountersBuilder::new(_fbb);
        builder.add_num_expired_timers(args.num_expired_timers);
        builder.add_num_deleted_timers(args.num_deleted_timers);
        builder.add_num_registered_timers(args.num_registered_timers);
        builder.add_num_dropped_duplicate_rows(args.num_dropped_duplicate_rows);
        builder.add_memory_used_bytes(args.memory_used_bytes);
        builder.add_num_late_input_rows(args.num_late_input_rows);
        builder.add_num_rows_dropped_by_watermark(args.num_rows_dropped_by_watermark);
        builder.add_num_rows_removed(args.num_rows_removed);
        builder.add_num_rows_updated(args.num_rows_updated);
        builder.add_num_rows_total(args.num_rows_total);
        builder.add_num_shards(args.num_shards);
        if let Some(x) = args.operator_name {
            builder.add_operator_name(x);
        }
        builder.finish()
    }

    #[inline]
    pub fn operator_name(&self) -> Option<&'a str> {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab
                .get::<::flatbuffers::ForwardsUOffset<&str>>(StateOperatorCounters::VT_OPERATOR_NAME, None)
        }
    }
    #[inline]
    pub fn num_rows_total(&self) -> u64 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab
                .get::<u64>(StateOperatorCounters::VT_NUM_ROWS_TOTAL, Some(0))
                .unwrap()
        }
    }
    #[inline]
    pub fn num_rows_updated(&self) -> u64 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab
                .get::<u64>(StateOperatorCounters::VT_NUM_ROWS_UPDATED, Some(0))
                .unwrap()
        }
    }
    #[inline]
    pub fn num_rows_removed(&self) -> u64 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab
                .get::<u64>(StateOperatorCounters::VT_NUM_ROWS_REMOVED, Some(0))
                .unwrap()
        }
    }
    /// Partial groups that reached the operator behind the watermark: Spark's metric.
    #[inline]
    pub fn num_rows_dropped_by_watermark(&self) -> u64 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab
                .get::<u64>(StateOperatorCounters::VT_NUM_ROWS_DROPPED_BY_WATERMARK, Some(0))
                .unwrap()
        }
    }
    /// Input rows behind the watermark in every one of their windows: exact, ours.
    #[inline]
    pub fn num_late_input_rows(&self) -> u64 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab
                .get::<u64>(StateOperatorCounters::VT_NUM_LATE_INPUT_ROWS, Some(0))
                .unwrap()
        }
    }
    #[inline]
    pub fn memory_used_bytes(&self) -> u64 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab
                .get::<u64>(StateOperatorCounters::VT_MEMORY_USED_BYTES, Some(0))
                .unwrap()
        }
    }
    #[inline]
    pub fn num_shards(&self) -> u32 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab
                .get::<u32>(StateOperatorCounters::VT_NUM_SHARDS, Some(0))
                .unwrap()
        }
    }
    /// Rows whose key a deduplication had seen.
    #[inline]
    pub fn num_dropped_duplicate_rows(&self) -> u64 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab
                .get::<u64>(StateOperatorCounters::VT_NUM_DROPPED_DUPLICATE_ROWS, Some(0))
                .unwrap()
        }
    }
    /// Timers of the program's functions.
    #[inline]
    pub fn num_registered_timers(&self) -> u64 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab
                .get::<u64>(StateOperatorCounters::VT_NUM_REGISTERED_TIMERS, Some(0))
                .unwrap()
        }
    }
    #[inline]
    pub fn num_deleted_timers(&self) -> u64 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab
                .get::<u64>(StateOperatorCounters::VT_NUM_DELETED_TIMERS, Some(0))
                .unwrap()
        }
    }
    #[inline]
    pub fn num_expired_timers(&self) -> u64 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab
                .get::<u64>(StateOperatorCounters::VT_NUM_EXPIRED_TIMERS, Some(0))
                .unwrap()
        }
    }
}

impl ::flatbuffers::Verifiable for StateOperatorCounters<'_> {
    #[inline]
    fn run_verifier(v: &mut ::flatbuffers::Verifier, pos: usize) -> Result<(), ::flatbuffers::InvalidFlatbuffer> {
        v.visit_table(pos)?
            .visit_field::<::flatbuffers::ForwardsUOffset<&str>>("operator_name", Self::VT_OPERATOR_NAME, false)?
            .visit_field::<u64>("num_rows_total", Self::VT_NUM_ROWS_TOTAL, false)?
            .visit_field::<u64>("num_rows_updated", Self::VT_NUM_ROWS_UPDATED, false)?
            .visit_field::<u64>("num_rows_removed", Self::VT_NUM_ROWS_REMOVED, false)?
            .visit_field::<u64>(
                "num_rows_dropped_by_watermark",
                Self::VT_NUM_ROWS_DROPPED_BY_WATERMARK,
                false,
            )?
            .visit_field::<u64>("num_late_input_rows", Self::VT_NUM_LATE_INPUT_ROWS, false)?
            .visit_field::<u64>("memory_used_bytes", Self::VT_MEMORY_USED_BYTES, false)?
            .visit_field::<u32>("num_shards", Self::VT_NUM_SHARDS, false)?
            .visit_field::<u64>("num_dropped_duplicate_rows", Self::VT_NUM_DROPPED_DUPLICATE_ROWS, false)?
            .visit_field::<u64>("num_registered_timers", Self::VT_NUM_REGISTERED_TIMERS, false)?
            .visit_field::<u64>("num_deleted_timers", Self::VT_NUM_DELETED_TIMERS, false)?
            .visit_field::<u64>("num_expired_timers", Self::VT_NUM_EXPIRED_TIMERS, false)?
            .finish();
        Ok(())
    }
}
pub struct StateOperatorCountersArgs<'a> {
    pub operator_name: Option<::flatbuffers::WIPOffset<&'a str>>,
    pub num_rows_total: u64,
    pub num_rows_updated: u64,
    pub num_rows_removed: u64,
    pub num_rows_dropped_by_watermark: u64,
    pub num_late_input_rows: u64,
    pub memory_used_bytes: u64,
    pub num_shards: u32,
    pub num_dropped_duplicate_rows: u64,
    pub num_registered_timers: u64,
    pub num_deleted_timers: u64,
    pub num_expired_timers: u64,
}
impl<'a> Default for StateOperatorCountersArgs<'a> {
    #[inline]
    fn default() -> Self {
        StateOperatorCountersArgs {
            operator_name: None,
            num_rows_total: 0,
            num_rows_updated: 0,
            num_rows_removed: 0,
            num_rows_dropped_by_watermark: 0,
            num_late_input_rows: 0,
            memory_used_bytes: 0,
            num_shards: 0,
            num_dropped_duplicate_rows: 0,
            num_registered_timers: 0,
            num_deleted_timers: 0,
            num_expired_timers: 0,
        }
    }
}

pub struct StateOperatorCountersBuilder<'a: 'b, 'b, A: ::flatbuffers::Allocator + 'a> {
    fbb_: &'b mut ::flatbuffers::FlatBufferBuilder<'a, A>,
    start_: ::flatbuffers::WIPOffset<::flatbuffers::TableUnfinishedWIPOffset>,
}
impl<'a: 'b, 'b, A: ::flatbuffers::Allocator + 'a> StateOperatorCountersBuilder<'a, 'b, A> {
    #[inline]
    pub fn add_operator_name(&mut self, operator_name: ::flatbuffers::WIPOffset<&'b str>) {
        self.fbb_
            .push_slot_always::<::flatbuffers::WIPOffset<_>>(StateOperatorCounters::VT_OPERATOR_NAME, operator_name);
    }
    #[inline]
    pub fn add_num_rows_total(&mut self, num_rows_total: u64) {
        self.fbb_
            .push_slot::<u64>(StateOperatorCounters::VT_NUM_ROWS_TOTAL, num_rows_total, 0);
    }
    #[inline]
    pub fn add_num_rows_updated(&mut self, num_rows_updated: u64) {
        self.fbb_
            .push_slot::<u64>(StateOperatorCounters::VT_NUM_ROWS_UPDATED, num_rows_updated, 0);
    }
    #[inline]
    pub fn add_num_rows_removed(&mut self, num_rows_removed: u64) {
        self.fbb_
            .push_slot::<u64>(StateOperatorCounters::VT_NUM_ROWS_REMOVED, num_rows_removed, 0);
    }
    #[inline]
    pub fn add_num_rows_dropped_by_watermark(&mut self, num_rows_dropped_by_watermark: u64) {
        self.fbb_.push_slot::<u64>(
            StateOperatorCounters::VT_NUM_ROWS_DROPPED_BY_WATERMARK,
            num_rows_dropped_by_watermark,
            0,
        );
    }
    #[inline]
    pub fn add_num_late_input_rows(&mut self, num_late_input_rows: u64) {
        self.fbb_
            .push_slot::<u64>(StateOperatorCounters::VT_NUM_LATE_INPUT_ROWS, num_late_input_rows, 0);
    }
    #[inline]
    pub fn add_memory_used_bytes(&mut self, memory_used_bytes: u64) {
        self.fbb_
            .push_slot::<u64>(StateOperatorCounters::VT_MEMORY_USED_BYTES, memory_used_bytes, 0);
    }
    #[inline]
    pub fn add_num_shards(&mut self, num_shards: u32) {
        self.fbb_
            .push_slot::<u32>(StateOperatorCounters::VT_NUM_SHARDS, num_shards, 0);
    }
    #[inline]
    pub fn add_num_dropped_duplicate_rows(&mut self, num_dropped_duplicate_rows: u64) {
        self.fbb_.push_slot::<u64>(
            StateOperatorCounters::VT_NUM_DROPPED_DUPLICATE_ROWS,
            num_dropped_duplicate_rows,
            0,
        );
    }
    #[inline]
    pub fn add_num_registered_timers(&mut self, num_registered_timers: u64) {
        self.fbb_.push_slot::<u64>(
            StateOperatorCounters::VT_NUM_REGISTERED_TIMERS,
            num_registered_timers,
            0,
        );
    }
    #[inline]
    pub fn add_num_deleted_timers(&mut self, num_deleted_timers: u64) {
        self.fbb_
            .push_slot::<u64>(StateOperatorCounters::VT_NUM_DELETED_TIMERS, num_deleted_timers, 0);
    }
    #[inline]
    pub fn add_num_expired_timers(&mut self, num_expired_timers: u64) {
        self.fbb_
            .push_slot::<u64>(StateOperatorCounters::VT_NUM_EXPIRED_TIMERS, num_expired_timers, 0);
    }
    #[inline]
    pub fn new(_fbb: &'b mut ::flatbuffers::FlatBufferBuilder<'a, A>) -> StateOperatorCountersBuilder<'a, 'b, A> {
        let start = _fbb.start_table();
        StateOperatorCountersBuilder {
            fbb_: _fbb,
            start_: start,
        }
    }
    #[inline]
    pub fn finish(self) -> ::flatbuffers::WIPOffset<StateOperatorCounters<'a>> {
        let o = self.fbb_.end_table(self.start_);
        ::flatbuffers::WIPOffset::new(o.value())
    }
}

impl ::core::fmt::Debug for StateOperatorCounters<'_> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        let mut ds = f.debug_struct("StateOperatorCounters");
        ds.field("operator_name", &self.operator_name());
        ds.field("num_rows_total", &self.num_rows_total());
        ds.field("num_rows_updated", &self.num_rows_updated());
        ds.field("num_rows_removed", &self.num_rows_removed());
        ds.field("num_rows_dropped_by_watermark", &self.num_rows_dropped_by_watermark());
        ds.field("num_late_input_rows", &self.num_late_input_rows());
        ds.field("memory_used_bytes", &self.memory_used_bytes());
        ds.field("num_shards", &self.num_shards());
        ds.field("num_dropped_duplicate_rows", &self.num_dropped_duplicate_rows());
        ds.field("num_registered_timers", &self.num_registered_timers());
        ds.field("num_deleted_timers", &self.num_deleted_timers());
        ds.field("num_expired_timers", &self.num_expired_timers());
        ds.finish()
    }
}
pub enum ResultBatchOffset {}
#[derive(Copy, Clone, PartialEq)]

pub struct ResultBatch<'a> {
    pub _tab: ::flatbuffers::Table<'a>,
}

impl<'a> ::flatbuffers::Follow<'a> for ResultBatch<'a> {
    type Inner = ResultBatch<'a>;
    #[inline]
    unsafe fn follow(buf: &'a [u8], loc: usize) -> Self::Inner {
        Self {
            _tab: unsafe { ::flatbuffers::Table::new(buf, loc) },
        }
    }
}

impl<'a> ResultBatch<'a> {
    pub const VT_VERSION: ::flatbuffers::VOffsetT = 4;
    pub const VT_BATCH_ID: ::flatbuffers::VOffsetT = 6;
    pub const VT_NUM_ROWS: ::flatbuffers::VOffsetT = 8;
    pub const VT_SCHEMA: ::flatbuffers::VOffsetT = 10;
    pub const VT_COLUMNS: ::flatbuffers::VOffsetT = 12;
    pub const VT_WATERMARK_MS: ::flatbuffers::VOffsetT = 14;
    pub const VT_NUM_INPUT_ROWS: ::flatbuffers::VOffsetT = 16;
    pub const VT_NUM_FILTERED_ROWS: ::flatbuffers::VOffsetT = 18;
    pub const VT_STATE_OPERATORS: ::flatbuffers::VOffsetT = 20;
    pub const VT_NUM_PROCESSED_ROWS: ::flatbuffers::VOffsetT = 22;
    pub const VT_NUM_LATE_ROWS: ::flatbuffers::VOffsetT = 24;
    pub const VT_NUM_BAD_ROWS: ::flatbuffers::VOffsetT = 26;

    #[inline]
    pub unsafe fn init_from_table(table: ::flatbuffers::Table<'a>) -> Self {
        ResultBatch { _tab: table }
    }
    #[allow(unused_mut)]
    pub fn create<'bldr: 'args, 'args: 'mut_bldr, 'mut_bldr, A: ::flatbuffers::Allocator + 'bldr>(
        _fbb: &'mut_bldr mut ::flatbuffers::FlatBufferBuilder<'bldr, A>,
        args: &'args ResultBatchArgs<'args>,
    ) -> ::flatbuffers::WIPOffset<ResultBatch<'bldr>> {
        let mut builder = ResultBatchBuilder::new(_fbb);
        builder.add_num_bad_rows(args.num_bad_rows);
        builder.add_num_late_rows(args.num_late_rows);
        builder.add_num_processed_rows(args.num_processed_rows);
        builder.add_num_filtered_rows(args.num_filtered_rows);
        builder.add_num_input_rows(args.num_input_rows);
        builder.add_watermark_ms(args.watermark_ms);
        builder.add_batch_id(args.batch_id);
        if let Some(x) = args.state_operators {
            builder.add_state_operators(x);
        }
        if let Some(x) = args.columns {
            builder.add_columns(x);
        }
        if let Some(x) = args.schema {
            builder.add_schema(x);
        }
        builder.add_num_rows(args.num_rows);
        builder.add_version(args.version);
        builder.finish()
    }

    /// Format version of this table; 1.
    #[inline]
    pub fn version(&self) -> u16 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe { self._tab.get::<u16>(ResultBatch::VT_VERSION, Some(0)).unwrap() }
    }
    #[inline]
    pub fn batch_id(&self) -> u64 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe { self._tab.get::<u64>(ResultBatch::VT_BATCH_ID, Some(0)).unwrap() }
    }
    #[inline]
    pub fn num_rows(&self) -> u32 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe { self._tab.get::<u32>(ResultBatch::VT_NUM_ROWS, Some(0)).unwrap() }
    }
    /// Spark's JSON form of the row type ({"type":"struct","fields":[...]}).
    #[inline]
    pub fn schema(&self) -> Option<&'a str> {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab
                .get::<::flatbuffers::ForwardsUOffset<&str>>(ResultBatch::VT_SCHEMA, None)
        }
    }
    #[inline]
    pub fn columns(&self) -> Option<::flatbuffers::Vector<'a, ::flatbuffers::ForwardsUOffset<ColumnData<'a>>>> {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab.get::<::flatbuffers::ForwardsUOffset<
                ::flatbuffers::Vector<'a, ::flatbuffers::ForwardsUOffset<ColumnData>>,
            >>(ResultBatch::VT_COLUMNS, None)
        }
    }
    /// The watermark in force in this batch, in milliseconds since 1970 (Spark's unit for watermarks).
    #[inline]
    pub fn watermark_ms(&self) -> i64 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe { self._tab.get::<i64>(ResultBatch::VT_WATERMARK_MS, Some(0)).unwrap() }
    }
    /// Rows that the sources gave, and what became of them: removed by filters, taken in, late, bad and diverted. The first is the sum of the others.
    #[inline]
    pub fn num_input_rows(&self) -> u64 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe { self._tab.get::<u64>(ResultBatch::VT_NUM_INPUT_ROWS, Some(0)).unwrap() }
    }
    #[inline]
    pub fn num_filtered_rows(&self) -> u64 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab
                .get::<u64>(ResultBatch::VT_NUM_FILTERED_ROWS, Some(0))
                .unwrap()
        }
    }
    #[inline]
    pub fn state_operators(
        &self,
    ) -> Option<::flatbuffers::Vector<'a, ::flatbuffers::ForwardsUOffset<StateOperatorCounters<'a>>>> {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab.get::<::flatbuffers::ForwardsUOffset<
                ::flatbuffers::Vector<'a, ::flatbuffers::ForwardsUOffset<StateOperatorCounters>>,
            >>(ResultBatch::VT_STATE_OPERATORS, None)
        }
    }
    #[inline]
    pub fn num_processed_rows(&self) -> u64 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab
                .get::<u64>(ResultBatch::VT_NUM_PROCESSED_ROWS, Some(0))
                .unwrap()
        }
    }
    #[inline]
    pub fn num_late_rows(&self) -> u64 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe { self._tab.get::<u64>(ResultBatch::VT_NUM_LATE_ROWS, Some(0)).unwrap() }
    }
    #[inline]
    pub fn num_bad_rows(&self) -> u64 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe { self._tab.get::<u64>(ResultBatch::VT_NUM_BAD_ROWS, Some(0)).unwrap() }
    }
}

impl ::flatbuffers::Verifiable for ResultBatch<'_> {
    #[inline]
    fn run_verifier(v: &mut ::flatbuffers::Verifier, pos: usize) -> Result<(), ::flatbuffers::InvalidFlatbuffer> {
        v.visit_table(pos)?
     .visit_field::<u16>("version", Self::VT_VERSION, false)?
     .visit_field::<u64>("batch_id", Self::VT_BATCH_ID, false)?
     .visit_field::<u32>("num_rows", Self::VT_NUM_ROWS, false)?
     .visit_field::<::flatbuffers::ForwardsUOffset<&str>>("schema", Self::VT_SCHEMA, false)?
     .visit_field::<::flatbuffers::ForwardsUOffset<::flatbuffers::Vector<'_, ::flatbuffers::ForwardsUOffset<ColumnData>>>>("columns", Self::VT_COLUMNS, false)?
     .visit_field::<i64>("watermark_ms", Self::VT_WATERMARK_MS, false)?
     .visit_field::<u64>("num_input_rows", Self::VT_NUM_INPUT_ROWS, false)?
     .visit_field::<u64>("num_filtered_rows", Self::VT_NUM_FILTERED_ROWS, false)?
     .visit_field::<::flatbuffers::ForwardsUOffset<::flatbuffers::Vector<'_, ::flatbuffers::ForwardsUOffset<StateOperatorCounters>>>>("state_operators", Self::VT_STATE_OPERATORS, false)?
     .visit_field::<u64>("num_processed_rows", Self::VT_NUM_PROCESSED_ROWS, false)?
     .visit_field::<u64>("num_late_rows", Self::VT_NUM_LATE_ROWS, false)?
     .visit_field::<u64>("num_bad_rows", Self::VT_NUM_BAD_ROWS, false)?
     .finish();
        Ok(())
    }
}
pub struct ResultBatchArgs<'a> {
    pub version: u16,
    pub batch_id: u64,
    pub num_rows: u32,
    pub schema: Option<::flatbuffers::WIPOffset<&'a str>>,
    pub columns:
        Option<::flatbuffers::WIPOffset<::flatbuffers::Vector<'a, ::flatbuffers::ForwardsUOffset<ColumnData<'a>>>>>,
    pub watermark_ms: i64,
    pub num_input_rows: u64,
    pub num_filtered_rows: u64,
    pub state_operators: Option<
        ::flatbuffers::WIPOffset<::flatbuffers::Vector<'a, ::flatbuffers::ForwardsUOffset<StateOperatorCounters<'a>>>>,
    >,
    pub num_processed_rows: u64,
    pub num_late_rows: u64,
    pub num_bad_rows: u64,
}
impl<'a> Default for ResultBatchArgs<'a> {
    #[inline]
    fn default() -> Self {
        ResultBatchArgs {
            version: 0,
            batch_id: 0,
            num_rows: 0,
            schema: None,
            columns: None,
            watermark_ms: 0,
            num_input_rows: 0,
            num_filtered_rows: 0,
            state_operators: None,
            num_processed_rows: 0,
            num_late_rows: 0,
            num_bad_rows: 0,
        }
    }
}

pub struct ResultBatchBuilder<'a: 'b, 'b, A: ::flatbuffers::Allocator + 'a> {
    fbb_: &'b mut ::flatbuffers::FlatBufferBuilder<'a, A>,
    start_: ::flatbuffers::WIPOffset<::flatbuffers::TableUnfinishedWIPOffset>,
}
impl<'a: 'b, 'b, A: ::flatbuffers::Allocator + 'a> ResultBatchBuilder<'a, 'b, A> {
    #[inline]
    pub fn add_version(&mut self, version: u16) {
        self.fbb_.push_slot::<u16>(ResultBatch::VT_VERSION, version, 0);
    }
    #[inline]
    pub fn add_batch_id(&mut self, batch_id: u64) {
        self.fbb_.push_slot::<u64>(ResultBatch::VT_BATCH_ID, batch_id, 0);
    }
    #[inline]
    pub fn add_num_rows(&mut self, num_rows: u32) {
        self.fbb_.push_slot::<u32>(ResultBatch::VT_NUM_ROWS, num_rows, 0);
    }
    #[inline]
    pub fn add_schema(&mut self, schema: ::flatbuffers::WIPOffset<&'b str>) {
        self.fbb_
            .push_slot_always::<::flatbuffers::WIPOffset<_>>(ResultBatch::VT_SCHEMA, schema);
    }
    #[inline]
    pub fn add_columns(
        &mut self,
        columns: ::flatbuffers::WIPOffset<::flatbuffers::Vector<'b, ::flatbuffers::ForwardsUOffset<ColumnData<'b>>>>,
    ) {
        self.fbb_
            .push_slot_always::<::flatbuffers::WIPOffset<_>>(ResultBatch::VT_COLUMNS, columns);
    }
    #[inline]
    pub fn add_watermark_ms(&mut self, watermark_ms: i64) {
        self.fbb_
            .push_slot::<i64>(ResultBatch::VT_WATERMARK_MS, watermark_ms, 0);
    }
    #[inline]
    pub fn add_num_input_rows(&mut self, num_input_rows: u64) {
        self.fbb_
            .push_slot::<u64>(ResultBatch::VT_NUM_INPUT_ROWS, num_input_rows, 0);
    }
    #[inline]
    pub fn add_num_filtered_rows(&mut self, num_filtered_rows: u64) {
        self.fbb_
            .push_slot::<u64>(ResultBatch::VT_NUM_FILTERED_ROWS, num_filtered_rows, 0);
    }
    #[inline]
    pub fn add_state_operators(
        &mut self,
        state_operators: ::flatbuffers::WIPOffset<
            ::flatbuffers::Vector<'b, ::flatbuffers::ForwardsUOffset<StateOperatorCounters<'b>>>,
        >,
    ) {
        self.fbb_
            .push_slot_always::<::flatbuffers::WIPOffset<_>>(ResultBatch::VT_STATE_OPERATORS, state_operators);
    }
    #[inline]
    pub fn add_num_processed_rows(&mut self, num_processed_rows: u64) {
        self.fbb_
            .push_slot::<u64>(ResultBatch::VT_NUM_PROCESSED_ROWS, num_processed_rows, 0);
    }
    #[inline]
    pub fn add_num_late_rows(&mut self, num_late_rows: u64) {
        self.fbb_
            .push_slot::<u64>(ResultBatch::VT_NUM_LATE_ROWS, num_late_rows, 0);
    }
    #[inline]
    pub fn add_num_bad_rows(&mut self, num_bad_rows: u64) {
        self.fbb_
            .push_slot::<u64>(ResultBatch::VT_NUM_BAD_ROWS, num_bad_rows, 0);
    }
    #[inline]
    pub fn new(_fbb: &'b mut ::flatbuffers::FlatBufferBuilder<'a, A>) -> ResultBatchBuilder<'a, 'b, A> {
        let start = _fbb.start_table();
        ResultBatchBuilder {
            fbb_: _fbb,
            start_: start,
        }
    }
    #[inline]
    pub fn finish(self) -> ::flatbuffers::WIPOffset<ResultBatch<'a>> {
        let o = self.fbb_.end_table(self.start_);
        ::flatbuffers::WIPOffset::new(o.value())
    }
}

impl ::core::fmt::Debug for ResultBatch<'_> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        let mut ds = f.debug_struct("ResultBatch");
        ds.field("version", &self.version());
        ds.field("batch_id", &self.batch_id());
        ds.field("num_rows", &self.num_rows());
        ds.field("schema", &self.schema());
        ds.field("columns", &self.columns());
        ds.field("watermark_ms", &self.watermark_ms());
        ds.field("num_input_rows", &self.num_input_rows());
        ds.field("num_filtered_rows", &self.num_filtered_rows());
        ds.field("state_operators", &self.state_operators());
        ds.field("num_processed_rows", &self.num_processed_rows());
        ds.field("num_late_rows", &self.num_late_rows());
        ds.field("num_bad_rows", &self.num_bad_rows());
        ds.finish()
    }
}
#[inline]
/// Verifies that a buffer of bytes contains a `ResultBatch`
/// and returns it.
/// Note that verification is still experimental and may not
/// catch every error, or be maximally performant. For the
/// previous, unchecked, behavior use
/// `root_as_result_batch_unchecked`.
pub fn root_as_result_batch(buf: &[u8]) -> Result<ResultBatch<'_>, ::flatbuffers::InvalidFlatbuffer> {
    ::flatbuffers::root::<ResultBatch>(buf)
}
#[inline]
/// Verifies that a buffer of bytes contains a size prefixed
/// `ResultBatch` and returns it.
/// Note that verification is still experimental and may not
/// catch every error, or be maximally performant. For the
/// previous, unchecked, behavior use
/// `size_prefixed_root_as_result_batch_unchecked`.
pub fn size_prefixed_root_as_result_batch(buf: &[u8]) -> Result<ResultBatch<'_>, ::flatbuffers::InvalidFlatbuffer> {
    ::flatbuffers::size_prefixed_root::<ResultBatch>(buf)
}
#[inline]
/// Verifies, with the given options, that a buffer of bytes
/// contains a `ResultBatch` and returns it.
/// Note that verification is still experimental and may not
/// catch every error, or be maximally performant. For the
/// previous, unchecked, behavior use
/// `root_as_result_batch_unchecked`.
pub fn root_as_result_batch_with_opts<'b, 'o>(
    opts: &'o ::flatbuffers::VerifierOptions,
    buf: &'b [u8],
) -> Result<ResultBatch<'b>, ::flatbuffers::InvalidFlatbuffer> {
    ::flatbuffers::root_with_opts::<ResultBatch<'b>>(opts, buf)
}
#[inline]
/// Verifies, with the given verifier options, that a buffer of
/// bytes contains a size prefixed `ResultBatch` and returns
/// it. Note that verification is still experimental and may not
/// catch every error, or be maximally performant. For the
/// previous, unchecked, behavior use
/// `root_as_result_batch_unchecked`.
pub fn size_prefixed_root_as_result_batch_with_opts<'b, 'o>(
    opts: &'o ::flatbuffers::VerifierOptions,
    buf: &'b [u8],
) -> Result<ResultBatch<'b>, ::flatbuffers::InvalidFlatbuffer> {
    ::flatbuffers::size_prefixed_root_with_opts::<ResultBatch<'b>>(opts, buf)
}
#[inline]
/// Assumes, without verification, that a buffer of bytes contains a ResultBatch and returns it.
/// # Safety
/// Callers must trust the given bytes do indeed contain a valid `ResultBatch`.
pub unsafe fn root_as_result_batch_unchecked(buf: &[u8]) -> ResultBatch<'_> {
    unsafe { ::flatbuffers::root_unchecked::<ResultBatch>(buf) }
}
#[inline]
/// Assumes, without verification, that a buffer of bytes contains a size prefixed ResultBatch and returns it.
/// # Safety
/// Callers must trust the given bytes do indeed contain a valid size prefixed `ResultBatch`.
pub unsafe fn size_prefixed_root_as_result_batch_unchecked(buf: &[u8]) -> ResultBatch<'_> {
    unsafe { ::flatbuffers::size_prefixed_root_unchecked::<ResultBatch>(buf) }
}
#[inline]
pub fn finish_result_batch_buffer<'a, 'b, A: ::flatbuffers::Allocator + 'a>(
    fbb: &'b mut ::flatbuffers::FlatBufferBuilder<'a, A>,
    root: ::flatbuffers::WIPOffset<ResultBatch<'a>>,
) {
    fbb.finish(root, None);
}

#[inline]
pub fn finish_size_prefixed_result_batch_buffer<'a, 'b, A: ::flatbuffers::Allocator + 'a>(
    fbb: &'b mut ::flatbuffers::FlatBufferBuilder<'a, A>,
    root: ::flatbuffers::WIPOffset<ResultBatch<'a>>,
) {
    fbb.finish_size_prefixed(root, None);
}
