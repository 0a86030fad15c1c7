//! Columns of texts written and read: a column in the making, each text where it will lie, and texts put one behind the other.

use arrow_array::BinaryViewArray;
use arrow_buffer::{Buffer, NullBufferBuilder};

use super::views::{INLINE_MAX, ViewPlace, length_of, view_array, view_of};
use crate::error::{Error, Result};

/// A block that has so many bytes takes no more texts: offsets have 32 bits.
const BLOCK_BYTES: usize = 1 << 30;

/// Writes texts one after the other.
#[derive(Debug)]
pub(crate) struct TextColumn {
    views: Vec<u128>,
    nulls: NullBufferBuilder,
    block: Vec<u8>,
    blocks: Vec<Buffer>,
    longest: usize,
}

impl TextColumn {
    /// A column with room for `rows` texts.
    pub fn with_capacity(rows: usize) -> Self {
        Self {
            views: Vec::with_capacity(rows),
            nulls: NullBufferBuilder::new(rows),
            block: Vec::new(),
            blocks: Vec::new(),
            longest: 0,
        }
    }

    /// Adds the text that `write` appends; what was there before is other rows' and must stay.
    #[inline]
    pub fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if self.block.len() >= BLOCK_BYTES {
            self.blocks.push(Buffer::from_vec(std::mem::take(&mut self.block)));
        }
        let start = self.block.len();
        write(&mut self.block);
        let place = ViewPlace {
            buffer: self.blocks.len() as u32,
            offset: start as u32,
        };
        let text = self.block.get(start..).unwrap_or_default();
        let length = text.len();
        self.views.push(view_of(text, place));
        self.nulls.append_non_null();
        self.longest = self.longest.max(length);
        if length <= INLINE_MAX {
            self.block.truncate(start);
        }
    }

    /// Adds the text of the row before, which is no null, once more.
    #[inline]
    pub fn push_again(&mut self) {
        self.views.extend(self.views.last().copied());
        self.nulls.append_non_null();
    }

    /// Adds a null.
    #[inline]
    pub fn push_null(&mut self) {
        self.views.push(0);
        self.nulls.append_null();
    }

    /// The column. Fails with LIMIT_EXCEEDED where a text has more bytes than a column can hold.
    pub fn finish(mut self) -> Result<BinaryViewArray> {
        let most = i32::MAX as usize;
        if self.longest > most {
            return Err(Error::limit("bytes of a text", self.longest, most));
        }
        if !self.block.is_empty() {
            self.blocks.push(Buffer::from_vec(self.block));
        }
        view_array(self.views, self.blocks.into(), self.nulls.finish())
    }
}

/// Appends the text of a row that is not null. All short ones are copied as if they were as long as a view holds: a length known
/// beforehand needs no call. Room for `INLINE_MAX` bytes more than the texts have spares `out` from growing.
#[inline]
pub(crate) fn append_text(texts: &BinaryViewArray, row: usize, out: &mut Vec<u8>) {
    let view = texts.views().get(row).copied().unwrap_or_default();
    let length = length_of(view);
    if length > INLINE_MAX {
        out.extend_from_slice(texts.value(row));
        return;
    }
    let start = out.len();
    let [_, _, _, _, inline @ ..]: [u8; INLINE_MAX + 4] = view.to_le_bytes();
    out.extend_from_slice(&inline);
    out.truncate(start + length);
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_come_back(texts in proptest::collection::vec((proptest::option::of(proptest::collection::vec(any::<u8>(), 0..40)), 1usize..3), 0..50)) {
            let texts: Vec<Option<Vec<u8>>> = texts.iter().flat_map(|(text, times)| std::iter::repeat_n(text.clone(), *times)).collect();
            let mut column = TextColumn::with_capacity(texts.len());
            let mut last = &None;
            for text in &texts {
                match text {
                    Some(_) if last == text => column.push_again(),
                    Some(text) => column.push(|out| out.extend_from_slice(text)),
                    None => column.push_null(),
                }
                last = text;
            }
            let array = column.finish().unwrap();
            let back: Vec<Option<Vec<u8>>> = array.iter().map(|text| text.map(<[u8]>::to_vec)).collect();
            prop_assert_eq!(&back, &texts);
            let mut joined = Vec::new();
            (0..array.len()).filter(|row| array.is_valid(*row)).for_each(|row| append_text(&array, row, &mut joined));
            prop_assert_eq!(joined, texts.into_iter().flatten().flatten().collect::<Vec<u8>>());
        }
    }
}
