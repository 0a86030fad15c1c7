//! The columns that decoded Kafka records go into.

/// A part of `DecodedRecords::bytes`, or null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    /// Where it begins.
    pub start: u32,
    /// How long it is; `ByteRange::NULL_LENGTH` for null.
    pub length: u32,
}

impl ByteRange {
    /// The length that stands for null.
    pub const NULL_LENGTH: u32 = u32::MAX;
    /// No value: a record without key, a tombstone.
    pub const NULL: Self = Self {
        start: 0,
        length: Self::NULL_LENGTH,
    };

    /// Whether there is no value.
    pub fn is_null(self) -> bool {
        self.length == Self::NULL_LENGTH
    }

    /// The bytes it names, `None` for null and for a range that is not inside.
    pub fn of(self, bytes: &[u8]) -> Option<&[u8]> {
        if self.is_null() {
            return None;
        }
        let start = self.start as usize;
        bytes.get(start..start + self.length as usize)
    }
}

/// Headers of all records. Those of record N are `ends[N - 1]..ends[N]`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct HeaderColumns {
    /// End of every record's headers.
    pub ends: Vec<u32>,
    /// Names.
    pub keys: Vec<ByteRange>,
    /// Values.
    pub values: Vec<ByteRange>,
}

/// Columns of the decoded records. Calls append, so one may hold several record sets.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct DecodedRecords {
    /// Record sections, unpacked; what the ranges point into.
    pub bytes: Vec<u8>,
    /// Keys.
    pub keys: Vec<ByteRange>,
    /// Values.
    pub values: Vec<ByteRange>,
    /// Offsets in the partition, ascending, not dense.
    pub offsets: Vec<i64>,
    /// Milliseconds since 1970, -1 where the producer gave none.
    pub timestamps_ms: Vec<i64>,
    /// 0 the producer's time, 1 the broker's (log append).
    pub timestamp_types: Vec<i8>,
    /// Empty unless asked for.
    pub headers: HeaderColumns,
}

impl DecodedRecords {
    /// Number of records.
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// Back to no record; the memory is kept.
    pub fn clear(&mut self) {
        self.truncate(Mark::default());
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            bytes: self.bytes.len(),
            records: self.offsets.len(),
            header_ends: self.headers.ends.len(),
            headers: self.headers.keys.len(),
        }
    }

    pub(super) fn truncate(&mut self, mark: Mark) {
        self.bytes.truncate(mark.bytes);
        self.keys.truncate(mark.records);
        self.values.truncate(mark.records);
        self.offsets.truncate(mark.records);
        self.timestamps_ms.truncate(mark.records);
        self.timestamp_types.truncate(mark.records);
        self.headers.ends.truncate(mark.header_ends);
        self.headers.keys.truncate(mark.headers);
        self.headers.values.truncate(mark.headers);
    }

    pub(super) fn try_reserve_records(
        &mut self,
        count: usize,
        headers: bool,
    ) -> Result<(), std::collections::TryReserveError> {
        self.keys.try_reserve(count)?;
        self.values.try_reserve(count)?;
        self.offsets.try_reserve(count)?;
        self.timestamps_ms.try_reserve(count)?;
        self.timestamp_types.try_reserve(count)?;
        if headers {
            self.headers.ends.try_reserve(count)?;
        }
        Ok(())
    }
}

/// Lengths of the columns, to go back to.
#[derive(Clone, Copy, Default)]
pub(super) struct Mark {
    bytes: usize,
    records: usize,
    header_ends: usize,
    headers: usize,
}
