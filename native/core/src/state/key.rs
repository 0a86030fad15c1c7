//! Group keys as views: what rows are grouped by, encoded so that comparing is comparing bytes.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BinaryViewArray};
use xxhash_rust::xxh3::xxh3_64;

use super::codec::ValueCodec;
use super::key_bytes::keys_of;
use super::short_keys::views_of;
use crate::column::{DataType, INLINE_MAX, ViewPlace, length_of, view_of};
use crate::error::Result;
use crate::expr::normalize_zero;

/// Length of the key of a single text column that is null.
const NULL_LENGTH: u32 = u32::MAX;

/// A key: its hash and its view (length and the first bytes; all of them up to 12).
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyView<'a> {
    /// Stable over processes and versions: it decides the shard.
    pub hash: u64,
    /// Length and first 4 bytes; next 8 bytes, or the place of the bytes in a table.
    pub words: [u64; 2],
    /// All bytes, where they do not stand in the view.
    pub long: Option<&'a [u8]>,
}

impl<'a> KeyView<'a> {
    /// The key with these bytes.
    #[inline]
    pub fn of(bytes: &'a [u8]) -> Self {
        Self::unhashed(bytes).hashed()
    }

    /// The key that a view holds whole.
    #[inline]
    pub fn of_short(view: u128) -> Self {
        Self::unhashed_short(view).hashed()
    }

    /// The null of a single text column.
    pub fn null() -> Self {
        Self::of_short(u128::from(NULL_LENGTH))
    }

    #[inline]
    fn unhashed(bytes: &'a [u8]) -> Self {
        // A place of zeros: a table puts its own there.
        let view = view_of(bytes, ViewPlace { buffer: 0, offset: 0 });
        Self {
            long: (bytes.len() > INLINE_MAX).then_some(bytes),
            ..Self::unhashed_short(view)
        }
    }

    #[inline]
    fn unhashed_short(view: u128) -> Self {
        Self {
            hash: 0,
            words: [view as u64, (view >> 64) as u64],
            long: None,
        }
    }

    #[inline]
    fn hashed(self) -> Self {
        let hash = match self.long {
            None => mix(self.words),
            Some(bytes) => xxh3_64(bytes),
        };
        Self { hash, ..self }
    }

    /// A key as a table holds it.
    pub(super) fn stored(hash: u64, words: [u64; 2], keys: &'a [u8]) -> Self {
        let length = words[0] as u32;
        let is_long = length > INLINE_MAX as u32 && length != NULL_LENGTH;
        let long = is_long.then(|| &keys[words[1] as usize..words[1] as usize + length as usize]);
        Self { hash, words, long }
    }

    /// Whether it is the key that a table holds as `stored` with long bytes in `keys`.
    #[inline]
    pub fn equals(&self, stored: [u64; 2], keys: &[u8]) -> bool {
        match self.long {
            None => self.words == stored,
            Some(bytes) => {
                let place = stored[1] as usize;
                self.words[0] == stored[0] && &keys[place..place + bytes.len()] == bytes
            }
        }
    }

    /// Whether both are the same key; their hashes are not looked at.
    #[inline]
    fn has_bytes_of(&self, other: &KeyView<'_>) -> bool {
        match (self.long, other.long) {
            (Some(own), Some(other)) => own == other,
            (None, None) => self.words == other.words,
            _ => false,
        }
    }

    /// The key's bytes; none for the null of a single text column.
    pub fn with_bytes<T>(&self, read: impl FnOnce(Option<&[u8]>) -> T) -> T {
        let length = self.words[0] as u32;
        match self.long {
            Some(bytes) => read(Some(bytes)),
            None if length == NULL_LENGTH => read(None),
            None => {
                let view = u128::from(self.words[0]) | u128::from(self.words[1]) << 64;
                read(Some(&view.to_le_bytes()[4..4 + length as usize]))
            }
        }
    }
}

/// Hash of two words, such as a key that stands in its view: a folded product, as wyhash does.
#[inline]
pub fn mix(words: [u64; 2]) -> u64 {
    let product = u128::from(words[0] ^ 0xa076_1d64_78bd_642f) * u128::from(words[1] ^ 0xe703_7ed1_a0b4_28db);
    let folded = (product as u64) ^ (product >> 64) as u64;
    folded ^ folded >> 32
}

/// How the keys of a grouping are encoded.
#[derive(Clone, Debug)]
pub enum KeyCodec {
    /// No key: one group.
    None,
    /// One column of text or bytes: its bytes are the key.
    Text,
    /// Anything else: the values one after the other.
    Values(Vec<ValueCodec>),
}

impl KeyCodec {
    /// For keys of these types.
    pub fn new(types: &[DataType]) -> Self {
        match types {
            [] => KeyCodec::None,
            [DataType::String | DataType::Binary] => KeyCodec::Text,
            types => KeyCodec::Values(types.iter().map(ValueCodec::new).collect()),
        }
    }

    /// The keys of a chunk.
    pub fn encode(&self, columns: &[ArrayRef], rows: usize) -> GroupKeys {
        match self {
            KeyCodec::None => GroupKeys::None,
            KeyCodec::Text => GroupKeys::Text(columns[0].as_binary_view().clone()),
            KeyCodec::Values(_) => {
                let columns: Vec<ArrayRef> = columns.iter().map(normalize_zero).collect();
                if let Some(views) = views_of(&columns, rows) {
                    return GroupKeys::Short(views);
                }
                keys_of(&columns, rows)
            }
        }
    }

    /// The key columns of groups, given by their keys.
    pub fn decode<'a>(&self, keys: impl Iterator<Item = KeyView<'a>>) -> Result<Vec<ArrayRef>> {
        match self {
            KeyCodec::None => Ok(Vec::new()),
            KeyCodec::Text => {
                let mut texts = arrow_array::builder::BinaryViewBuilder::new();
                for key in keys {
                    key.with_bytes(|bytes| texts.append_option(bytes));
                }
                Ok(vec![std::sync::Arc::new(texts.finish())])
            }
            KeyCodec::Values(codecs) => {
                let mut columns: Vec<_> = codecs.iter().map(ValueCodec::builder).collect();
                for key in keys {
                    key.with_bytes(|bytes| -> Result<()> {
                        let mut rest = bytes.unwrap_or_default();
                        for column in &mut columns {
                            column.push(&mut rest)?;
                        }
                        Ok(())
                    })?;
                }
                columns.into_iter().map(|column| column.finish()).collect()
            }
        }
    }
}

/// The keys of a chunk's rows.
pub enum GroupKeys {
    /// All rows are one group.
    None,
    /// One text column.
    Text(BinaryViewArray),
    /// Encoded values that fit their views.
    Short(Vec<u128>),
    /// Encoded values; each key begins where the one before ends.
    Values {
        /// The values.
        bytes: Vec<u8>,
        /// End of each row's values.
        ends: Vec<usize>,
        /// Hash of each row's values: who takes them asks for it more than once.
        hashes: Vec<u64>,
    },
}

impl GroupKeys {
    /// The keys of `rows` as views, where each is whole in its own.
    #[inline]
    pub fn short_views(&self, rows: Range<usize>) -> Option<&[u128]> {
        match self {
            GroupKeys::Text(texts) if texts.null_count() == 0 => {
                let views = &texts.views()[rows];
                let is_long = |view: &u128| length_of(*view) > INLINE_MAX;
                (!views.iter().fold(false, |any, view| any | is_long(view))).then_some(views)
            }
            GroupKeys::Short(views) => Some(&views[rows]),
            _ => None,
        }
    }

    /// The same keys without what was read beside them: texts are views of the bytes that came in.
    pub fn detached(self) -> Self {
        match self {
            GroupKeys::Text(texts) => GroupKeys::Text(texts.gc()),
            keys => keys,
        }
    }

    /// Bytes held.
    pub fn memory_bytes(&self) -> usize {
        match self {
            GroupKeys::None => 0,
            GroupKeys::Text(texts) => texts.get_array_memory_size(),
            GroupKeys::Short(views) => views.capacity() * size_of::<u128>(),
            GroupKeys::Values { bytes, ends, hashes } => {
                bytes.capacity() + ends.capacity() * size_of::<usize>() + hashes.capacity() * size_of::<u64>()
            }
        }
    }

    /// Whether a row has this key; nothing is hashed.
    #[inline]
    pub fn is_at(&self, row: usize, key: &KeyView<'_>) -> bool {
        self.unhashed(row).has_bytes_of(key)
    }

    /// The key of a row.
    #[inline]
    pub fn get(&self, row: usize) -> KeyView<'_> {
        match self {
            GroupKeys::Values { hashes, .. } => KeyView {
                hash: hashes[row],
                ..self.unhashed(row)
            },
            _ => self.unhashed(row).hashed(),
        }
    }

    /// The hash of a row's key.
    #[inline]
    pub fn hash(&self, row: usize) -> u64 {
        match self {
            GroupKeys::Values { hashes, .. } => hashes[row],
            _ => self.unhashed(row).hashed().hash,
        }
    }

    /// Always inlined: a key that goes through memory costs a probe a tenth.
    #[inline(always)]
    fn unhashed(&self, row: usize) -> KeyView<'_> {
        match self {
            GroupKeys::None => KeyView::unhashed(&[]),
            GroupKeys::Text(texts) if texts.is_null(row) => KeyView::unhashed_short(u128::from(NULL_LENGTH)),
            GroupKeys::Text(texts) => match texts.views()[row] {
                // Without its place, which is not the key's.
                view if length_of(view) > INLINE_MAX => KeyView {
                    long: Some(texts.value(row)),
                    ..KeyView::unhashed_short(view & u128::from(u64::MAX))
                },
                // Arrow's inline view is ours: no byte is looked at.
                view => KeyView::unhashed_short(view),
            },
            GroupKeys::Short(views) => KeyView::unhashed_short(views[row]),
            GroupKeys::Values { bytes, ends, .. } => {
                let start = if row == 0 { 0 } else { ends[row - 1] };
                KeyView::unhashed(&bytes[start..ends[row]])
            }
        }
    }
}
