//! Records of files that cannot be decoded, in a mode that raises: they end the query, or are handed over while the rest goes on.

use arrow_array::{Array, BinaryViewArray};

use super::{Chunk, Place, Undecodable};
use crate::divert::around_bad_rows;
use crate::error::Result;

/// Decodes records and passes them on.
pub(super) fn decode_around(
    records: &BinaryViewArray,
    place: &Place,
    undecodable: Undecodable,
    each: &mut impl FnMut(Chunk) -> Result<()>,
    decode: impl Fn(&BinaryViewArray, Place) -> Result<Chunk>,
) -> Result<()> {
    if undecodable == Undecodable::Raise {
        let chunk = decode(records, place.clone()).map_err(|error| match error.row() {
            Some(row) => place.describe(error, row),
            None => error,
        })?;
        return each(chunk);
    }
    let (mut chunks, mut bad) = (Vec::new(), Vec::new());
    around_bad_rows(
        records.len(),
        |piece| {
            let rows: Vec<usize> = piece.clone().collect();
            let decoded = decode(&records.slice(piece.start, piece.len()), place.clone().of_rows(&rows))?;
            chunks.push((piece.start, decoded));
            Ok(())
        },
        |row, error| bad.push((row, Chunk::undecoded(records, row, place, error))),
    )?;
    chunks.extend(bad);
    chunks.sort_by_key(|(row, _)| *row);
    chunks.into_iter().try_for_each(|(_, chunk)| each(chunk))
}
