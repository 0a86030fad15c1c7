//! Keys one after the other, kept while others work on what they stand for.

use std::cmp::Ordering;

use super::{KeyCodec, KeyView};
use crate::error::Result;

/// The mark of the null of a single text column, in a length.
const NULL_LENGTH: u32 = u32::MAX;

/// Keys by number.
#[derive(Default)]
pub struct KeyList {
    bytes: Vec<u8>,
    /// Where each key's bytes begin, and how many they are.
    places: Vec<(usize, u32)>,
}

impl KeyList {
    /// Adds a key; its number is the number of keys before it.
    pub fn push(&mut self, key: KeyView<'_>) {
        let start = self.bytes.len();
        let length = key.with_bytes(|bytes| {
            self.bytes.extend_from_slice(bytes.unwrap_or_default());
            bytes.map_or(NULL_LENGTH, |bytes| bytes.len() as u32)
        });
        self.places.push((start, length));
    }

    /// Number of keys.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// A key.
    pub fn get(&self, number: usize) -> KeyView<'_> {
        match self.bytes_of(number) {
            Some(bytes) => KeyView::of(bytes),
            None => KeyView::null(),
        }
    }

    fn bytes_of(&self, number: usize) -> Option<&[u8]> {
        let (start, length) = self.places[number];
        (length != NULL_LENGTH).then(|| &self.bytes[start..start + length as usize])
    }

    /// The numbers of the keys in Spark's order of their values, nulls first.
    pub fn sorted(&self, codec: &KeyCodec) -> Result<Vec<u32>> {
        let mut numbers: Vec<u32> = (0..self.len() as u32).collect();
        let KeyCodec::Values(codecs) = codec else {
            numbers.sort_unstable_by_key(|&number| self.bytes_of(number as usize));
            return Ok(numbers);
        };
        let mut failure = Ok(());
        let compare = |left: u32, right: u32| -> Result<Ordering> {
            let mut left = self.bytes_of(left as usize).unwrap_or_default();
            let mut right = self.bytes_of(right as usize).unwrap_or_default();
            for codec in codecs {
                let order = codec.compare(codec.split(&mut left)?, codec.split(&mut right)?)?;
                if order.is_ne() {
                    return Ok(order);
                }
            }
            Ok(Ordering::Equal)
        };
        numbers.sort_by(|&left, &right| {
            compare(left, right).unwrap_or_else(|error| {
                failure = Err(error);
                Ordering::Equal
            })
        });
        failure.map(|()| numbers)
    }
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
        ] {
            keys.push(text.map_or(KeyView::null(), |text| KeyView::of(text.as_bytes())));
        }
        let codec = KeyCodec::new(&[DataType::String]);
        assert_eq!(keys.sorted(&codec).unwrap(), [2, 3, 4, 0, 1]);
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
