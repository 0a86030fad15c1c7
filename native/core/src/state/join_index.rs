//! Where the rows of a join's side are found: for the hash of a key its first row and its last, from each row the next.
//!
//! Rows that are not needed any more stay in their chains until the side is written anew; those that a chain begins with are
//! skipped for good when it is looked at.

use hashbrown::HashTable;

/// Rows of a chunk that show how many keys it may have.
const SAMPLE_ROWS: usize = 1024;

/// A row of a side: its chunk and its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowRef {
    pub chunk: u32,
    pub row: u32,
}

impl RowRef {
    /// What stands behind the last row of a chain.
    const NONE: Self = Self {
        chunk: u32::MAX,
        row: u32::MAX,
    };

    fn exists(self) -> bool {
        self != Self::NONE
    }

    #[inline]
    fn known(self) -> Option<Self> {
        self.exists().then_some(self)
    }
}

/// The rows whose keys have one hash, in the order in which they came.
struct Chain {
    hash: u64,
    first: RowRef,
    last: RowRef,
}

/// The rows of a side by the hashes of their keys.
#[derive(Default)]
pub(super) struct KeyIndex {
    chains: HashTable<Chain>,
    /// For each row of each chunk the next one of its chain.
    next: Vec<Vec<RowRef>>,
}

impl KeyIndex {
    /// What a key takes: a place in the table, of which about half are taken.
    pub const KEY_BYTES: u64 = 2 * size_of::<Chain>() as u64;
    /// What a row takes.
    pub const ROW_BYTES: u64 = size_of::<RowRef>() as u64;

    /// How many hashes it knows.
    pub fn len(&self) -> usize {
        self.chains.len()
    }

    /// Takes in the next chunk: for each of its rows the hash of its key, where that can meet another. So many rows may be
    /// `expected`, its own among them.
    pub fn push_chunk(&mut self, rows: usize, expected: usize, hash_of: impl Fn(usize) -> Option<u64>) {
        let chunk = self.next.len() as u32;
        self.next.push(vec![RowRef::NONE; rows]);
        let known_before = self.chains.len();
        for row in 0..rows {
            // Where the first rows have hardly a key in common, the others won't either: a table that grows is written anew each time.
            if row == SAMPLE_ROWS && self.chains.len() - known_before > SAMPLE_ROWS / 2 {
                self.chains.reserve(expected.max(rows) - row, |chain| chain.hash);
            }
            let Some(hash) = hash_of(row) else { continue };
            let at = RowRef { chunk, row: row as u32 };
            let entry = self.chains.entry(hash, |chain| chain.hash == hash, |chain| chain.hash);
            let chain = entry
                .or_insert(Chain {
                    hash,
                    first: RowRef::NONE,
                    last: RowRef::NONE,
                })
                .into_mut();
            if chain.first.exists() {
                self.next[chain.last.chunk as usize][chain.last.row as usize] = at;
            } else {
                chain.first = at;
            }
            chain.last = at;
        }
    }

    /// The first row of a hash. Those before it that are gone are forgotten.
    pub fn first_live(&mut self, hash: u64, is_gone: impl Fn(RowRef) -> bool) -> Option<RowRef> {
        let chain = self.chains.find_mut(hash, |chain| chain.hash == hash)?;
        while chain.first.exists() && is_gone(chain.first) {
            chain.first = self.next[chain.first.chunk as usize][chain.first.row as usize];
        }
        chain.first.known()
    }

    /// The first row of a hash, which may be gone.
    pub fn first(&self, hash: u64) -> Option<RowRef> {
        self.chains.find(hash, |chain| chain.hash == hash)?.first.known()
    }

    /// The row that came next of those whose hash a row has.
    #[inline]
    pub fn next(&self, at: RowRef) -> Option<RowRef> {
        self.next[at.chunk as usize][at.row as usize].known()
    }

    /// Forgets all rows.
    pub fn clear(&mut self) {
        self.chains.clear();
        self.next.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_of_a_hash_are_those_of_a_list(
            chunks in proptest::collection::vec(proptest::collection::vec((proptest::option::of(0u64..4), any::<bool>()), 0..12), 0..5),
        ) {
            let mut index = KeyIndex::default();
            let mut gone = HashSet::new();
            let mut known: Vec<(u64, (u32, u32))> = Vec::new();
            for (chunk, rows) in chunks.iter().enumerate() {
                index.push_chunk(rows.len(), 0, |row| rows[row].0);
                for (row, (hash, goes)) in rows.iter().enumerate() {
                    let place = (chunk as u32, row as u32);
                    known.extend(hash.map(|hash| (hash, place)));
                    if *goes {
                        gone.insert(place);
                    }
                }
                for hash in 0..4 {
                    let expected: Vec<_> = known.iter().filter(|(of, at)| *of == hash && !gone.contains(at)).map(|(_, at)| *at).collect();
                    for first in [index.first(hash), index.first_live(hash, |at| gone.contains(&(at.chunk, at.row)))] {
                        let rows = std::iter::successors(first, |at| index.next(*at)).map(|at| (at.chunk, at.row));
                        prop_assert_eq!(rows.filter(|at| !gone.contains(at)).collect::<Vec<_>>(), expected.clone());
                        prop_assert!(first.is_some() || expected.is_empty());
                    }
                }
            }
            index.clear();
            prop_assert_eq!((index.len(), index.first(1)), (0, None));
        }
    }
}
