//! Values of accumulators that have no fixed size: bytes, bags of values, summaries of quantiles.

use std::borrow::Cow;

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

use super::quantiles::QuantileSummary;
use crate::error::{Error, Result};

/// What an accumulator without a fixed size holds.
#[derive(Clone, Debug)]
pub enum HeapValue {
    /// Bytes, as its function reads them.
    Bytes(Vec<u8>),
    /// Different values and how often each came.
    Bag(ValueBag),
    /// A summary of quantiles.
    Quantiles(QuantileSummary),
}

const BYTES: u8 = 0;
const BAG: u8 = 1;
const QUANTILES: u8 = 2;

impl HeapValue {
    /// Its bytes in a state file: a byte that says what it is, then the value.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (kind, payload) = match self {
            HeapValue::Bytes(bytes) => (BYTES, Cow::Borrowed(bytes.as_slice())),
            HeapValue::Bag(bag) => (BAG, Cow::Owned(bag.to_bytes())),
            HeapValue::Quantiles(summary) => (QUANTILES, Cow::Owned(summary.to_bytes())),
        };
        let mut out = Vec::with_capacity(payload.len() + 1);
        out.push(kind);
        out.extend_from_slice(&payload);
        out
    }

    /// What [`Self::to_bytes`] gave. Fails with INTERNAL_ERROR where the bytes are no value.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        match bytes.split_first() {
            Some((&BYTES, rest)) => Ok(HeapValue::Bytes(rest.to_vec())),
            Some((&BAG, rest)) => Ok(HeapValue::Bag(ValueBag::from_bytes(rest)?)),
            Some((&QUANTILES, rest)) => Ok(HeapValue::Quantiles(QuantileSummary::from_bytes(rest)?)),
            _ => Err(Error::internal("a value of an accumulator is of no known kind")),
        }
    }

    /// Bytes it holds, about.
    pub fn size(&self) -> usize {
        match self {
            HeapValue::Bytes(bytes) => bytes.len(),
            HeapValue::Bag(bag) => bag.size(),
            HeapValue::Quantiles(summary) => summary.size(),
        }
    }
}

/// Bytes of a bag's entry besides the value's: its end, its count, its slot in the index.
const ENTRY_BYTES: usize = 22;

/// Encoded values without repetition, in the order they first came, each with the number of times it came.
#[derive(Clone, Debug, Default)]
pub struct ValueBag {
    bytes: Vec<u8>,
    entries: Vec<(usize, u64)>,
    index: HashTable<u32>,
}

impl ValueBag {
    /// Adds a value `count` times. Returns by how many bytes the bag grew.
    pub fn add(&mut self, value: &[u8], count: u64) -> Result<usize> {
        let hash = xxh3_64(value);
        let (bytes, entries) = (&self.bytes, &self.entries);
        if let Some(&at) = self.index.find(hash, |&at| entry(bytes, entries, at as usize) == value) {
            let entry = &mut self.entries[at as usize];
            entry.1 = entry.1.saturating_add(count);
            return Ok(0);
        }
        let at = u32::try_from(self.entries.len())
            .map_err(|_| Error::limit("values of one group", self.entries.len(), u32::MAX))?;
        self.bytes
            .try_reserve(value.len())
            .map_err(|_| Error::no_memory(value.len(), "values of a group"))?;
        self.bytes.extend_from_slice(value);
        self.entries.push((self.bytes.len(), count));
        let (bytes, entries) = (&self.bytes, &self.entries);
        self.index
            .insert_unique(hash, at, |&at| xxh3_64(entry(bytes, entries, at as usize)));
        Ok(value.len() + ENTRY_BYTES)
    }

    /// Number of different values.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The values one after the other.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The values with their counts, in the order they first came.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], u64)> {
        (0..self.entries.len()).map(|at| (entry(&self.bytes, &self.entries, at), self.entries[at].1))
    }

    fn size(&self) -> usize {
        self.bytes.len() + self.entries.len() * ENTRY_BYTES
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes.len() + self.entries.len() * 12);
        for (value, count) in self.iter() {
            out.extend_from_slice(&count.to_le_bytes());
            out.extend_from_slice(&(value.len() as u32).to_le_bytes());
            out.extend_from_slice(value);
        }
        out
    }

    fn from_bytes(mut bytes: &[u8]) -> Result<Self> {
        let mut bag = Self::default();
        while !bytes.is_empty() {
            let cut_off = || Error::internal("a bag of values is cut off");
            let (count, rest) = bytes.split_first_chunk::<8>().ok_or_else(cut_off)?;
            let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(cut_off)?;
            let (value, rest) = rest
                .split_at_checked(u32::from_le_bytes(*length) as usize)
                .ok_or_else(cut_off)?;
            bag.add(value, u64::from_le_bytes(*count))?;
            bytes = rest;
        }
        Ok(bag)
    }
}

fn entry<'a>(bytes: &'a [u8], entries: &[(usize, u64)], at: usize) -> &'a [u8] {
    let start = if at == 0 { 0 } else { entries[at - 1].0 };
    &bytes[start..entries[at].0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bag_keeps_the_order_and_comes_back_from_its_bytes() {
        let mut bag = ValueBag::default();
        for value in [b"b".as_slice(), b"a", b"", b"b"] {
            bag.add(value, 1).unwrap();
        }
        let value = HeapValue::Bag(bag);
        let HeapValue::Bag(back) = HeapValue::from_bytes(&value.to_bytes()).unwrap() else {
            panic!("another kind");
        };
        let entries: Vec<_> = back.iter().collect();
        assert_eq!(entries, [(b"b".as_slice(), 2), (b"a", 1), (b"", 1)]);
        assert!(HeapValue::from_bytes(&[BAG, 1, 2]).is_err());
    }
}
