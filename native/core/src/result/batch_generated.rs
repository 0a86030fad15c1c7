// Generated from schema/batch.fbs by `npm run generate`; edit the schema, not this file.

#![allow(missing_docs, dead_code, unused_imports, unsafe_op_in_unsafe_fn)]
#![allow(clippy::all, clippy::undocumented_unsafe_blocks)]

extern crate alloc;

pub enum ColumnDataOffset {}
#[derive(Copy, Clone, PartialEq)]

/// One column in Arrow's memory layout. Which fields are there follows from the column's type:
/// fixed width: values; string and binary: offsets (int32, rows + 1) and values; boolean: values as a bitmap;
/// array and map: offsets and one child (a map's child is a struct of key and value); struct: one child a field.
pub struct ColumnData<'a> {
    pub _tab: ::flatbuffers::Table<'a>,
}

impl<'a> ::flatbuffers::Follow<'a> for ColumnData<'a> {
    type Inner = ColumnData<'a>;
    #[inline]
    unsafe fn follow(buf: &'a [u8], loc: usize) -> Self::Inner {
        Self {
            _tab: unsafe { ::flatbuffers::Table::new(buf, loc) },
        }
    }
}

impl<'a> ColumnData<'a> {
    pub const VT_VALIDITY: ::flatbuffers::VOffsetT = 4;
    pub const VT_OFFSETS: ::flatbuffers::VOffsetT = 6;
    pub const VT_VALUES: ::flatbuffers::VOffsetT = 8;
    pub const VT_CHILDREN: ::flatbuffers::VOffsetT = 10;
    pub const VT_NULL_COUNT: ::flatbuffers::VOffsetT = 12;

    #[inline]
    pub unsafe fn init_from_table(table: ::flatbuffers::Table<'a>) -> Self {
        ColumnData { _tab: table }
    }
    #[allow(unused_mut)]
    pub fn create<'bldr: 'args, 'args: 'mut_bldr, 'mut_bldr, A: ::flatbuffers::Allocator + 'bldr>(
        _fbb: &'mut_bldr mut ::flatbuffers::FlatBufferBuilder<'bldr, A>,
        args: &'args ColumnDataArgs<'args>,
    ) -> ::flatbuffers::WIPOffset<ColumnData<'bldr>> {
        let mut builder = ColumnDataBuilder::new(_fbb);
        builder.add_null_count(args.null_count);
        if let Some(x) = args.children {
            builder.add_children(x);
        }
        if let Some(x) = args.values {
            builder.add_values(x);
        }
        if let Some(x) = args.offsets {
            builder.add_offsets(x);
        }
        if let Some(x) = args.validity {
            builder.add_validity(x);
        }
        builder.finish()
    }

    /// One bit a row, least significant bit first, 1 = present. Absent: no nulls.
    #[inline]
    pub fn validity(&self) -> Option<::flatbuffers::Vector<'a, u8>> {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab
                .get::<::flatbuffers::ForwardsUOffset<::flatbuffers::Vector<'a, u8>>>(ColumnData::VT_VALIDITY, None)
        }
    }
    #[inline]
    pub fn offsets(&self) -> Option<::flatbuffers::Vector<'a, u8>> {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab
                .get::<::flatbuffers::ForwardsUOffset<::flatbuffers::Vector<'a, u8>>>(ColumnData::VT_OFFSETS, None)
        }
    }
    #[inline]
    pub fn values(&self) -> Option<::flatbuffers::Vector<'a, u8>> {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab
                .get::<::flatbuffers::ForwardsUOffset<::flatbuffers::Vector<'a, u8>>>(ColumnData::VT_VALUES, None)
        }
    }
    #[inline]
    pub fn children(&self) -> Option<::flatbuffers::Vector<'a, ::flatbuffers::ForwardsUOffset<ColumnData<'a>>>> {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab.get::<::flatbuffers::ForwardsUOffset<
                ::flatbuffers::Vector<'a, ::flatbuffers::ForwardsUOffset<ColumnData>>,
            >>(ColumnData::VT_CHILDREN, None)
        }
    }
    #[inline]
    pub fn null_count(&self) -> u32 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe { self._tab.get::<u32>(ColumnData::VT_NULL_COUNT, Some(0)).unwrap() }
    }
}

impl ::flatbuffers::Verifiable for ColumnData<'_> {
    #[inline]
    fn run_verifier(v: &mut ::flatbuffers::Verifier, pos: usize) -> Result<(), ::flatbuffers::InvalidFlatbuffer> {
        v.visit_table(pos)?
     .visit_field::<::flatbuffers::ForwardsUOffset<::flatbuffers::Vector<'_, u8>>>("validity", Self::VT_VALIDITY, false)?
     .visit_field::<::flatbuffers::ForwardsUOffset<::flatbuffers::Vector<'_, u8>>>("offsets", Self::VT_OFFSETS, false)?
     .visit_field::<::flatbuffers::ForwardsUOffset<::flatbuffers::Vector<'_, u8>>>("values", Self::VT_VALUES, false)?
     .visit_field::<::flatbuffers::ForwardsUOffset<::flatbuffers::Vector<'_, ::flatbuffers::ForwardsUOffset<ColumnData>>>>("children", Self::VT_CHILDREN, false)?
     .visit_field::<u32>("null_count", Self::VT_NULL_COUNT, false)?
     .finish();
        Ok(())
    }
}
pub struct ColumnDataArgs<'a> {
    pub validity: Option<::flatbuffers::WIPOffset<::flatbuffers::Vector<'a, u8>>>,
    pub offsets: Option<::flatbuffers::WIPOffset<::flatbuffers::Vector<'a, u8>>>,
    pub values: Option<::flatbuffers::WIPOffset<::flatbuffers::Vector<'a, u8>>>,
    pub children:
        Option<::flatbuffers::WIPOffset<::flatbuffers::Vector<'a, ::flatbuffers::ForwardsUOffset<ColumnData<'a>>>>>,
    pub null_count: u32,
}
impl<'a> Default for ColumnDataArgs<'a> {
    #[inline]
    fn default() -> Self {
        ColumnDataArgs {
            validity: None,
            offsets: None,
            values: None,
            children: None,
            null_count: 0,
        }
    }
}

pub struct ColumnDataBuilder<'a: 'b, 'b, A: ::flatbuffers::Allocator + 'a> {
    fbb_: &'b mut ::flatbuffers::FlatBufferBuilder<'a, A>,
    start_: ::flatbuffers::WIPOffset<::flatbuffers::TableUnfinishedWIPOffset>,
}
impl<'a: 'b, 'b, A: ::flatbuffers::Allocator + 'a> ColumnDataBuilder<'a, 'b, A> {
    #[inline]
    pub fn add_validity(&mut self, validity: ::flatbuffers::WIPOffset<::flatbuffers::Vector<'b, u8>>) {
        self.fbb_
            .push_slot_always::<::flatbuffers::WIPOffset<_>>(ColumnData::VT_VALIDITY, validity);
    }
    #[inline]
    pub fn add_offsets(&mut self, offsets: ::flatbuffers::WIPOffset<::flatbuffers::Vector<'b, u8>>) {
        self.fbb_
            .push_slot_always::<::flatbuffers::WIPOffset<_>>(ColumnData::VT_OFFSETS, offsets);
    }
    #[inline]
    pub fn add_values(&mut self, values: ::flatbuffers::WIPOffset<::flatbuffers::Vector<'b, u8>>) {
        self.fbb_
            .push_slot_always::<::flatbuffers::WIPOffset<_>>(ColumnData::VT_VALUES, values);
    }
    #[inline]
    pub fn add_children(
        &mut self,
        children: ::flatbuffers::WIPOffset<::flatbuffers::Vector<'b, ::flatbuffers::ForwardsUOffset<ColumnData<'b>>>>,
    ) {
        self.fbb_
            .push_slot_always::<::flatbuffers::WIPOffset<_>>(ColumnData::VT_CHILDREN, children);
    }
    #[inline]
    pub fn add_null_count(&mut self, null_count: u32) {
        self.fbb_.push_slot::<u32>(ColumnData::VT_NULL_COUNT, null_count, 0);
    }
    #[inline]
    pub fn new(_fbb: &'b mut ::flatbuffers::FlatBufferBuilder<'a, A>) -> ColumnDataBuilder<'a, 'b, A> {
        let start = _fbb.start_table();
        ColumnDataBuilder {
            fbb_: _fbb,
            start_: start,
        }
    }
    #[inline]
    pub fn finish(self) -> ::flatbuffers::WIPOffset<ColumnData<'a>> {
        let o = self.fbb_.end_table(self.start_);
        ::flatbuffers::WIPOffset::new(o.value())
    }
}

impl ::core::fmt::Debug for ColumnData<'_> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        let mut ds = f.debug_struct("ColumnData");
        ds.field("validity", &self.validity());
        ds.field("offsets", &self.offsets());
        ds.field("values", &self.values());
        ds.field("children", &self.children());
        ds.field("null_count", &self.null_count());
        ds.finish()
    }
}
pub enum InputBatchOffset {}
#[derive(Copy, Clone, PartialEq)]

pub struct InputBatch<'a> {
    pub _tab: ::flatbuffers::Table<'a>,
}

impl<'a> ::flatbuffers::Follow<'a> for InputBatch<'a> {
    type Inner = InputBatch<'a>;
    #[inline]
    unsafe fn follow(buf: &'a [u8], loc: usize) -> Self::Inner {
        Self {
            _tab: unsafe { ::flatbuffers::Table::new(buf, loc) },
        }
    }
}

impl<'a> InputBatch<'a> {
    pub const VT_NUM_ROWS: ::flatbuffers::VOffsetT = 4;
    pub const VT_COLUMNS: ::flatbuffers::VOffsetT = 6;

    #[inline]
    pub unsafe fn init_from_table(table: ::flatbuffers::Table<'a>) -> Self {
        InputBatch { _tab: table }
    }
    #[allow(unused_mut)]
    pub fn create<'bldr: 'args, 'args: 'mut_bldr, 'mut_bldr, A: ::flatbuffers::Allocator + 'bldr>(
        _fbb: &'mut_bldr mut ::flatbuffers::FlatBufferBuilder<'bldr, A>,
        args: &'args InputBatchArgs<'args>,
    ) -> ::flatbuffers::WIPOffset<InputBatch<'bldr>> {
        let mut builder = InputBatchBuilder::new(_fbb);
        if let Some(x) = args.columns {
            builder.add_columns(x);
        }
        builder.add_num_rows(args.num_rows);
        builder.finish()
    }

    #[inline]
    pub fn num_rows(&self) -> u32 {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe { self._tab.get::<u32>(InputBatch::VT_NUM_ROWS, Some(0)).unwrap() }
    }
    #[inline]
    pub fn columns(&self) -> Option<::flatbuffers::Vector<'a, ::flatbuffers::ForwardsUOffset<ColumnData<'a>>>> {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab.get::<::flatbuffers::ForwardsUOffset<
                ::flatbuffers::Vector<'a, ::flatbuffers::ForwardsUOffset<ColumnData>>,
            >>(InputBatch::VT_COLUMNS, None)
        }
    }
}

impl ::flatbuffers::Verifiable for InputBatch<'_> {
    #[inline]
    fn run_verifier(v: &mut ::flatbuffers::Verifier, pos: usize) -> Result<(), ::flatbuffers::InvalidFlatbuffer> {
        v.visit_table(pos)?
     .visit_field::<u32>("num_rows", Self::VT_NUM_ROWS, false)?
     .visit_field::<::flatbuffers::ForwardsUOffset<::flatbuffers::Vector<'_, ::flatbuffers::ForwardsUOffset<ColumnData>>>>("columns", Self::VT_COLUMNS, false)?
     .finish();
        Ok(())
    }
}
pub struct InputBatchArgs<'a> {
    pub num_rows: u32,
    pub columns:
        Option<::flatbuffers::WIPOffset<::flatbuffers::Vector<'a, ::flatbuffers::ForwardsUOffset<ColumnData<'a>>>>>,
}
impl<'a> Default for InputBatchArgs<'a> {
    #[inline]
    fn default() -> Self {
        InputBatchArgs {
            num_rows: 0,
            columns: None,
        }
    }
}

pub struct InputBatchBuilder<'a: 'b, 'b, A: ::flatbuffers::Allocator + 'a> {
    fbb_: &'b mut ::flatbuffers::FlatBufferBuilder<'a, A>,
    start_: ::flatbuffers::WIPOffset<::flatbuffers::TableUnfinishedWIPOffset>,
}
impl<'a: 'b, 'b, A: ::flatbuffers::Allocator + 'a> InputBatchBuilder<'a, 'b, A> {
    #[inline]
    pub fn add_num_rows(&mut self, num_rows: u32) {
        self.fbb_.push_slot::<u32>(InputBatch::VT_NUM_ROWS, num_rows, 0);
    }
    #[inline]
    pub fn add_columns(
        &mut self,
        columns: ::flatbuffers::WIPOffset<::flatbuffers::Vector<'b, ::flatbuffers::ForwardsUOffset<ColumnData<'b>>>>,
    ) {
        self.fbb_
            .push_slot_always::<::flatbuffers::WIPOffset<_>>(InputBatch::VT_COLUMNS, columns);
    }
    #[inline]
    pub fn new(_fbb: &'b mut ::flatbuffers::FlatBufferBuilder<'a, A>) -> InputBatchBuilder<'a, 'b, A> {
        let start = _fbb.start_table();
        InputBatchBuilder {
            fbb_: _fbb,
            start_: start,
        }
    }
    #[inline]
    pub fn finish(self) -> ::flatbuffers::WIPOffset<InputBatch<'a>> {
        let o = self.fbb_.end_table(self.start_);
        ::flatbuffers::WIPOffset::new(o.value())
    }
}

impl ::core::fmt::Debug for InputBatch<'_> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        let mut ds = f.debug_struct("InputBatch");
        ds.field("num_rows", &self.num_rows());
        ds.field("columns", &self.columns());
        ds.finish()
    }
}
pub enum TableSetOffset {}
#[derive(Copy, Clone, PartialEq)]

/// Several tables in one buffer: the groups that the program's functions work on, and what they make of them.
pub struct TableSet<'a> {
    pub _tab: ::flatbuffers::Table<'a>,
}

impl<'a> ::flatbuffers::Follow<'a> for TableSet<'a> {
    type Inner = TableSet<'a>;
    #[inline]
    unsafe fn follow(buf: &'a [u8], loc: usize) -> Self::Inner {
        Self {
            _tab: unsafe { ::flatbuffers::Table::new(buf, loc) },
        }
    }
}

impl<'a> TableSet<'a> {
    pub const VT_TABLES: ::flatbuffers::VOffsetT = 4;

    #[inline]
    pub unsafe fn init_from_table(table: ::flatbuffers::Table<'a>) -> Self {
        TableSet { _tab: table }
    }
    #[allow(unused_mut)]
    pub fn create<'bldr: 'args, 'args: 'mut_bldr, 'mut_bldr, A: ::flatbuffers::Allocator + 'bldr>(
        _fbb: &'mut_bldr mut ::flatbuffers::FlatBufferBuilder<'bldr, A>,
        args: &'args TableSetArgs<'args>,
    ) -> ::flatbuffers::WIPOffset<TableSet<'bldr>> {
        let mut builder = TableSetBuilder::new(_fbb);
        if let Some(x) = args.tables {
            builder.add_tables(x);
        }
        builder.finish()
    }

    #[inline]
    pub fn tables(&self) -> Option<::flatbuffers::Vector<'a, ::flatbuffers::ForwardsUOffset<InputBatch<'a>>>> {
        // Safety:
        // Created from valid Table for this object
        // which contains a valid value in this slot
        unsafe {
            self._tab.get::<::flatbuffers::ForwardsUOffset<
                ::flatbuffers::Vector<'a, ::flatbuffers::ForwardsUOffset<InputBatch>>,
            >>(TableSet::VT_TABLES, None)
        }
    }
}

impl ::flatbuffers::Verifiable for TableSet<'_> {
    #[inline]
    fn run_verifier(v: &mut ::flatbuffers::Verifier, pos: usize) -> Result<(), ::flatbuffers::InvalidFlatbuffer> {
        v.visit_table(pos)?
     .visit_field::<::flatbuffers::ForwardsUOffset<::flatbuffers::Vector<'_, ::flatbuffers::ForwardsUOffset<InputBatch>>>>("tables", Self::VT_TABLES, false)?
     .finish();
        Ok(())
    }
}
pub struct TableSetArgs<'a> {
    pub tables:
        Option<::flatbuffers::WIPOffset<::flatbuffers::Vector<'a, ::flatbuffers::ForwardsUOffset<InputBatch<'a>>>>>,
}
impl<'a> Default for TableSetArgs<'a> {
    #[inline]
    fn default() -> Self {
        TableSetArgs { tables: None }
    }
}

pub struct TableSetBuilder<'a: 'b, 'b, A: ::flatbuffers::Allocator + 'a> {
    fbb_: &'b mut ::flatbuffers::FlatBufferBuilder<'a, A>,
    start_: ::flatbuffers::WIPOffset<::flatbuffers::TableUnfinishedWIPOffset>,
}
impl<'a: 'b, 'b, A: ::flatbuffers::Allocator + 'a> TableSetBuilder<'a, 'b, A> {
    #[inline]
    pub fn add_tables(
        &mut self,
        tables: ::flatbuffers::WIPOffset<::flatbuffers::Vector<'b, ::flatbuffers::ForwardsUOffset<InputBatch<'b>>>>,
    ) {
        self.fbb_
            .push_slot_always::<::flatbuffers::WIPOffset<_>>(TableSet::VT_TABLES, tables);
    }
    #[inline]
    pub fn new(_fbb: &'b mut ::flatbuffers::FlatBufferBuilder<'a, A>) -> TableSetBuilder<'a, 'b, A> {
        let start = _fbb.start_table();
        TableSetBuilder {
            fbb_: _fbb,
            start_: start,
        }
    }
    #[inline]
    pub fn finish(self) -> ::flatbuffers::WIPOffset<TableSet<'a>> {
        let o = self.fbb_.end_table(self.start_);
        ::flatbuffers::WIPOffset::new(o.value())
    }
}

impl ::core::fmt::Debug for TableSet<'_> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        let mut ds = f.debug_struct("TableSet");
        ds.field("tables", &self.tables());
        ds.finish()
    }
}
#[inline]
/// Verifies that a buffer of bytes contains a `InputBatch`
/// and returns it.
/// Note that verification is still experimental and may not
/// catch every error, or be maximally performant. For the
/// previous, unchecked, behavior use
/// `root_as_input_batch_unchecked`.
pub fn root_as_input_batch(buf: &[u8]) -> Result<InputBatch<'_>, ::flatbuffers::InvalidFlatbuffer> {
    ::flatbuffers::root::<InputBatch>(buf)
}
#[inline]
/// Verifies that a buffer of bytes contains a size prefixed
/// `InputBatch` and returns it.
/// Note that verification is still experimental and may not
/// catch every error, or be maximally performant. For the
/// previous, unchecked, behavior use
/// `size_prefixed_root_as_input_batch_unchecked`.
pub fn size_prefixed_root_as_input_batch(buf: &[u8]) -> Result<InputBatch<'_>, ::flatbuffers::InvalidFlatbuffer> {
    ::flatbuffers::size_prefixed_root::<InputBatch>(buf)
}
#[inline]
/// Verifies, with the given options, that a buffer of bytes
/// contains a `InputBatch` and returns it.
/// Note that verification is still experimental and may not
/// catch every error, or be maximally performant. For the
/// previous, unchecked, behavior use
/// `root_as_input_batch_unchecked`.
pub fn root_as_input_batch_with_opts<'b, 'o>(
    opts: &'o ::flatbuffers::VerifierOptions,
    buf: &'b [u8],
) -> Result<InputBatch<'b>, ::flatbuffers::InvalidFlatbuffer> {
    ::flatbuffers::root_with_opts::<InputBatch<'b>>(opts, buf)
}
#[inline]
/// Verifies, with the given verifier options, that a buffer of
/// bytes contains a size prefixed `InputBatch` and returns
/// it. Note that verification is still experimental and may not
/// catch every error, or be maximally performant. For the
/// previous, unchecked, behavior use
/// `root_as_input_batch_unchecked`.
pub fn size_prefixed_root_as_input_batch_with_opts<'b, 'o>(
    opts: &'o ::flatbuffers::VerifierOptions,
    buf: &'b [u8],
) -> Result<InputBatch<'b>, ::flatbuffers::InvalidFlatbuffer> {
    ::flatbuffers::size_prefixed_root_with_opts::<InputBatch<'b>>(opts, buf)
}
#[inline]
/// Assumes, without verification, that a buffer of bytes contains a InputBatch and returns it.
/// # Safety
/// Callers must trust the given bytes do indeed contain a valid `InputBatch`.
pub unsafe fn root_as_input_batch_unchecked(buf: &[u8]) -> InputBatch<'_> {
    unsafe { ::flatbuffers::root_unchecked::<InputBatch>(buf) }
}
#[inline]
/// Assumes, without verification, that a buffer of bytes contains a size prefixed InputBatch and returns it.
/// # Safety
/// Callers must trust the given bytes do indeed contain a valid size prefixed `InputBatch`.
pub unsafe fn size_prefixed_root_as_input_batch_unchecked(buf: &[u8]) -> InputBatch<'_> {
    unsafe { ::flatbuffers::size_prefixed_root_unchecked::<InputBatch>(buf) }
}
#[inline]
pub fn finish_input_batch_buffer<'a, 'b, A: ::flatbuffers::Allocator + 'a>(
    fbb: &'b mut ::flatbuffers::FlatBufferBuilder<'a, A>,
    root: ::flatbuffers::WIPOffset<InputBatch<'a>>,
) {
    fbb.finish(root, None);
}

#[inline]
pub fn finish_size_prefixed_input_batch_buffer<'a, 'b, A: ::flatbuffers::Allocator + 'a>(
    fbb: &'b mut ::flatbuffers::FlatBufferBuilder<'a, A>,
    root: ::flatbuffers::WIPOffset<InputBatch<'a>>,
) {
    fbb.finish_size_prefixed(root, None);
}
