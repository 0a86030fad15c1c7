//! Keys one after the other, kept while others work on what they stand for.

use std::cmp::Ordering;

use super::{KeyCodec, KeyView};
use crate::error::Result;

/// Bytes of a text that stand in its mark.
const MARK_BYTES: usize = 12;

/// Keys by number.
#[derive(Default)]
pub struct KeyList {
    /// Each key's hash and view, whose second word is a place in `bytes` where it has more bytes than a view holds.
    keys: Vec<(u64, [u64; 2])>,
    bytes: Vec<u8>,
}

impl KeyList {
    /// Makes room for so many keys more.
    pub fn reserve(&mut self, more: usize) {
        self.keys.reserve(more);
    }

    /// Adds a key; its number is the number of keys before it.
    pub fn push(&mut self, key: KeyView<'_>) {
        let mut words = key.words;
        if let Some(bytes) = key.long {
            words[1] = self.bytes.len() as u64;
            self.bytes.extend_from_slice(bytes);
        }
        self.keys.push((key.hash, words));
    }

    /// Number of keys.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// A key.
    pub fn get(&self, number: usize) -> KeyView<'_> {
        let (hash, words) = self.keys[number];
        KeyView::stored(hash, words, &self.bytes)
    }

    /// The numbers of the keys in Spark's order of their values, nulls first.
    pub fn sorted(&self, codec: &KeyCodec) -> Result<Vec<u32>> {
        let KeyCodec::Values(codecs) = codec else {
            return Ok(self.sorted_as_texts());
        };
        let mut numbers: Vec<u32> = (0..self.len() as u32).collect();
        let mut failure = Ok(());
        let compare = |left: &[u8], right: &[u8]| -> Result<Ordering> {
            let (mut left, mut right) = (left, right);
            for codec in codecs {
                let order = codec.compare(codec.split(&mut left)?, codec.split(&mut right)?)?;
                if order.is_ne() {
                    return Ok(order);
                }
            }
            Ok(Ordering::Equal)
        };
        numbers.sort_by(|&left, &right| {
            self.compare_bytes(left, right, |left, right| {
                compare(left.unwrap_or_default(), right.unwrap_or_default()).unwrap_or_else(|error| {
                    failure = Err(error);
                    Ordering::Equal
                })
            })
        });
        failure.map(|()| numbers)
    }

    /// By their bytes: most are told apart by a number that is made of their first ones.
    fn sorted_as_texts(&self) -> Vec<u32> {
        let mut marked: Vec<(u128, u32)> = (0..self.len() as u32)
            .map(|number| (self.get(number as usize).with_bytes(text_mark), number))
            .collect();
        marked.sort_unstable_by(|&(left_mark, left), &(right_mark, right)| {
            let order = left_mark.cmp(&right_mark);
            order.then_with(|| self.compare_bytes(left, right, |left, right| left.cmp(&right)))
        });
        marked.into_iter().map(|(_, number)| number).collect()
    }

    fn compare_bytes(
        &self,
        left: u32,
        right: u32,
        compare: impl FnOnce(Option<&[u8]>, Option<&[u8]>) -> Ordering,
    ) -> Ordering {
        let (left, right) = (self.get(left as usize), self.get(right as usize));
        left.with_bytes(|left| right.with_bytes(|right| compare(left, right)))
    }
}

/// A number that is less where a text comes first; equal only for texts that have more than [`MARK_BYTES`] and begin with the same ones.
fn text_mark(bytes: Option<&[u8]>) -> u128 {
    let Some(bytes) = bytes else { return 0 };
    let shown = bytes.len().min(MARK_BYTES);
    let mut mark = [0; size_of::<u128>()];
    mark[..shown].copy_from_slice(&bytes[..shown]);
    // Behind the bytes, how many they are: "a" is before "a\0".
    mark[size_of::<u128>() - 1] = 1 + bytes.len().min(MARK_BYTES + 1) as u8;
    u128::from_be_bytes(mark)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::DataType;

    #[test]
    fn texts_are_in_the_order_of_their_bytes_and_null_is_first() {
        let mut keys = KeyList::default();
        for text in [
            Some("a key that does not fit a view"),
            Some("b"),
            None,
            Some(""),
            Some("a"),
            Some("a key that does not fit"),
            Some("a key that d"),
            Some("a\0"),
        ] {
            keys.push(text.map_or(KeyView::null(), |text| KeyView::of(text.as_bytes())));
        }
        let codec = KeyCodec::new(&[DataType::String]);
        assert_eq!(keys.sorted(&codec).unwrap(), [2, 3, 4, 7, 6, 5, 0, 1]);
        assert!(keys.get(2).with_bytes(|bytes| bytes.is_none()));
        assert!(keys.get(3).with_bytes(|bytes| bytes == Some(b"")));
    }

    #[test]
    fn numbers_are_in_the_order_of_their_values() {
        let codec = KeyCodec::new(&[DataType::Int]);
        let mut keys = KeyList::default();
        for number in [300i32, -1, 2] {
            keys.push(KeyView::of(&[&[1], number.to_le_bytes().as_slice()].concat()));
        }
        keys.push(KeyView::of(&[0]));
        assert_eq!(keys.sorted(&codec).unwrap(), [3, 1, 2, 0]);
    }
}
