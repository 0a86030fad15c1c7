//! Arrow's views of texts, and columns of them, checked for what reading them needs and no more.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::BinaryViewArray;
use arrow_buffer::{Buffer, NullBuffer, ScalarBuffer};

use crate::error::{Error, Result};

/// Bytes that a view holds itself.
pub(crate) const INLINE_MAX: usize = 12;

/// Bytes of a view.
pub(crate) const VIEW_BYTES: usize = 16;
/// Of them, those of the length, which the text's first bytes follow.
pub(crate) const LENGTH_BYTES: usize = VIEW_BYTES - INLINE_MAX;

/// Where a text lies that its view does not hold: a buffer, and an offset there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ViewPlace {
    pub buffer: u32,
    pub offset: u32,
}

/// The view of bytes at a place; short ones are held by the view itself.
#[inline]
pub(crate) fn view_of(bytes: &[u8], place: ViewPlace) -> u128 {
    if bytes.len() <= INLINE_MAX {
        let mut inline = [0u8; 16];
        inline[4..4 + bytes.len()].copy_from_slice(bytes);
        return u128::from_le_bytes(inline) | bytes.len() as u128;
    }
    long_view(bytes.len(), bytes.first_chunk().copied().unwrap_or_default(), place)
}

/// The view of a text that it does not hold itself.
#[inline]
fn long_view(length: usize, prefix: [u8; 4], place: ViewPlace) -> u128 {
    let prefix = u128::from(u32::from_le_bytes(prefix));
    length as u128 | prefix << 32 | u128::from(place.buffer) << 64 | u128::from(place.offset) << 96
}

/// Bit by bit, the bytes behind the length of a view that are the text's own, for lengths up to `MASKED_MAX`.
const OWN_BYTES: [u128; MASKED_MAX + 1] = {
    let mut masks = [0; MASKED_MAX + 1];
    let mut length = 0;
    while length <= MASKED_MAX {
        let own = if length > INLINE_MAX { 4 } else { length };
        masks[length] = ((1 << (8 * own)) - 1) << (8 * LENGTH_BYTES);
        length += 1;
    }
    masks
};
const MASKED_MAX: usize = 63;

/// The view of a text whose first bytes, or what follows it, stand in `chunk` behind as many bytes as a length has.
#[inline]
pub(crate) fn view_behind(chunk: &[u8; VIEW_BYTES], length: usize, place: ViewPlace) -> u128 {
    let own = u128::from_le_bytes(*chunk) & OWN_BYTES[length.min(MASKED_MAX)];
    let place = u64::from(place.buffer) | u64::from(place.offset) << 32;
    let place = if length > INLINE_MAX { place } else { 0 };
    own | u128::from(place) << 64 | length as u128
}

/// Length of a view's text.
#[inline]
pub(crate) fn length_of(view: u128) -> usize {
    view as u32 as usize
}

/// Where the text of a view lies that does not hold it.
#[inline]
pub(crate) fn place_of(view: u128) -> ViewPlace {
    ViewPlace {
        buffer: (view >> 64) as u32,
        offset: (view >> 96) as u32,
    }
}

/// The column of `views` into `buffers`. Arrow's own constructor also compares each view's first bytes with those in the
/// buffer; whoever made the views has just taken them from there. Fails where a view leaves its buffer.
pub fn view_array(views: Vec<u128>, buffers: Arc<[Buffer]>, nulls: Option<NullBuffer>) -> Result<BinaryViewArray> {
    if cfg!(debug_assertions) {
        return Ok(BinaryViewArray::try_new(views.into(), buffers, nulls)?);
    }
    let size_of = |buffer: u32| buffers.get(buffer as usize).map_or(0, Buffer::len) as u64;
    let first_size = size_of(0);
    let leaves = |view: &u128| {
        let (length, ViewPlace { buffer, offset }) = (length_of(*view), place_of(*view));
        let size = if buffer == 0 { first_size } else { size_of(buffer) };
        (length > INLINE_MAX) & (u64::from(offset) + length as u64 > size)
    };
    // Short views name no buffer, and many columns have no others.
    let any_is_long = views.iter().any(|view| length_of(*view) > INLINE_MAX);
    // Most columns have one buffer; no early end: the loop has no branch to miss.
    let any_leaves = any_is_long && views.iter().fold(false, |any, view| any | leaves(view));
    let same_length = nulls.as_ref().is_none_or(|nulls| nulls.len() == views.len());
    if any_leaves || !same_length {
        return Err(Error::internal("a view leaves its buffer"));
    }
    // SAFETY: each view of more than 12 bytes lies within the buffer that it names, and there is a validity bit for each.
    Ok(unsafe { BinaryViewArray::new_unchecked(ScalarBuffer::from(views), buffers, nulls) })
}

/// Texts that lie in one buffer: where each is within it is checked when it is added, and not again.
#[derive(Debug)]
pub(crate) struct TextsOf<'a> {
    buffer: &'a Buffer,
    views: Vec<u128>,
}

impl<'a> TextsOf<'a> {
    /// None yet, with room for `rows`. Fails where the buffer has more bytes than a view can point at.
    pub fn with_capacity(buffer: &'a Buffer, rows: usize) -> Result<Self> {
        if u32::try_from(buffer.len()).is_err() {
            return Err(Error::limit("bytes of a buffer of texts", buffer.len(), u32::MAX));
        }
        Ok(Self {
            buffer,
            views: Vec::with_capacity(rows),
        })
    }

    /// Adds the text of these bytes. Panics where the buffer does not have them.
    #[inline]
    pub fn push(&mut self, range: Range<usize>) {
        let place = ViewPlace {
            buffer: 0,
            offset: range.start as u32,
        };
        self.views.push(view_of(&self.buffer[range], place));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.views.len()
    }

    /// The column of them.
    pub fn finish(self) -> BinaryViewArray {
        let views = ScalarBuffer::from(self.views);
        let buffers: Arc<[Buffer]> = [self.buffer.clone()].into();
        debug_assert!(BinaryViewArray::try_new(views.clone(), Arc::clone(&buffers), None).is_ok());
        // SAFETY: `push` made each view of bytes that it found in the buffer, at offsets that 32 bits hold.
        unsafe { BinaryViewArray::new_unchecked(views, buffers, None) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Array;
    use arrow_data::ByteView;

    fn view(length: u32, offset: u32) -> u128 {
        let prefix = u32::from_le_bytes(*b"0123");
        ByteView {
            length,
            prefix,
            buffer_index: 0,
            offset,
        }
        .as_u128()
    }

    #[test]
    fn a_view_is_the_same_whatever_stands_around_the_text() {
        let buffer = [&b"....a text, and more"[..], &[b'.'; 70]].concat();
        let place = ViewPlace { buffer: 3, offset: 4 };
        for length in 0..70 {
            let text = &buffer[LENGTH_BYTES..][..length];
            let expected = view_of(text, place);
            assert_eq!(view_behind(buffer.first_chunk().unwrap(), length, place), expected);
        }
    }

    #[test]
    fn texts_of_a_buffer_are_its_bytes() {
        let buffer = Buffer::from_vec(b"short, and longer than twelve".to_vec());
        let mut texts = TextsOf::with_capacity(&buffer, 3).unwrap();
        [0..5, 7..29, 29..29].into_iter().for_each(|range| texts.push(range));
        assert_eq!(texts.len(), 3);
        let texts = texts.finish();
        let values: Vec<_> = texts.iter().flatten().collect();
        assert_eq!(values, [&b"short"[..], b"and longer than twelve", b""]);
    }

    #[test]
    #[should_panic(expected = "range end index")]
    fn bytes_that_a_buffer_does_not_have_are_no_text() {
        let buffer = Buffer::from_vec(vec![b'.'; 20]);
        TextsOf::with_capacity(&buffer, 1).unwrap().push(4..21);
    }

    #[test]
    fn a_view_that_leaves_its_buffer_is_refused() {
        let buffers: Arc<[Buffer]> = [Buffer::from_vec(b"01230123012301230123".to_vec())].into();
        let whole = view_array(vec![view(20, 0), view(16, 4)], Arc::clone(&buffers), None).unwrap();
        assert_eq!(whole.value(1), b"0123012301230123");
        assert_eq!(whole.len(), 2);
        assert!(view_array(vec![view(16, 5)], Arc::clone(&buffers), None).is_err());
        assert!(view_array(vec![view(16, u32::MAX)], Arc::clone(&buffers), None).is_err());
        assert!(view_array(vec![view(16, 0)], [].into(), None).is_err());
        assert!(view_array(vec![view(20, 0)], buffers, Some(NullBuffer::new_null(2))).is_err());
    }
}
