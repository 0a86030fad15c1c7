//! Accumulators that sketch their values: histogram_numeric and count_min_sketch. What they hold stands as bytes in the
//! table's heap; an update reads and writes those.

use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};

use super::accumulate::is_present;
use super::{AggregateCall, Function};
use crate::error::{Error, Result};
use crate::expr::murmur3;
use crate::state::{GroupTable, Slot};

/// The generator of random numbers of `java.util.Random`.
struct JavaRandom(u64);

impl JavaRandom {
    const MULTIPLIER: u64 = 0x5_DEEC_E66D;
    const MASK: u64 = (1 << 48) - 1;

    fn new(seed: i64) -> Self {
        Self((seed as u64 ^ Self::MULTIPLIER) & Self::MASK)
    }

    fn next(&mut self, bits: u32) -> i32 {
        self.0 = self.0.wrapping_mul(Self::MULTIPLIER).wrapping_add(0xB) & Self::MASK;
        (self.0 as i64 >> (48 - bits)) as i32
    }

    fn next_double(&mut self) -> f64 {
        let (high, low) = (i64::from(self.next(26)), i64::from(self.next(27)));
        ((high << 27) + low) as f64 / (1_u64 << 53) as f64
    }

    /// A number below the greatest INT.
    fn next_below_max(&mut self) -> i32 {
        loop {
            let bits = self.next(31);
            if bits != i32::MAX {
                return bits;
            }
        }
    }
}

/// Seed with which Hive breaks ties between bins.
const TIES_SEED: i64 = 31_183;

/// Hive's histogram: bins at the means of their values; where there are too many, the two closest become one.
struct Histogram {
    ties: JavaRandom,
    /// Position and weight, in the order of positions.
    bins: Vec<(f64, f64)>,
}

impl Histogram {
    fn read(bytes: &[u8]) -> Self {
        let (words, _) = bytes.as_chunks::<8>();
        match words.split_first() {
            None => Self {
                ties: JavaRandom::new(TIES_SEED),
                bins: Vec::new(),
            },
            Some((ties, bins)) => Self {
                ties: JavaRandom(u64::from_le_bytes(*ties)),
                bins: bins
                    .chunks_exact(2)
                    .map(|bin| (f64::from_le_bytes(bin[0]), f64::from_le_bytes(bin[1])))
                    .collect(),
            },
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let numbers = self.bins.iter().flat_map(|(position, weight)| [*position, *weight]);
        let words = std::iter::once(self.ties.0.to_le_bytes()).chain(numbers.map(f64::to_le_bytes));
        words.flatten().collect()
    }

    fn add(&mut self, value: f64, bins_max: usize) {
        let place = self.bins.partition_point(|(position, _)| *position < value);
        match self.bins.get_mut(place) {
            Some((position, weight)) if *position == value => *weight += 1.0,
            _ => {
                self.bins.insert(place, (value, 1.0));
                self.trim(bins_max);
            }
        }
    }

    fn merge(&mut self, other: Self, bins_max: usize) {
        if self.bins.is_empty() {
            self.bins = other.bins;
            return;
        }
        self.bins.extend(other.bins);
        self.bins.sort_by(|left, right| left.0.total_cmp(&right.0));
        self.trim(bins_max);
    }

    fn trim(&mut self, bins_max: usize) {
        while self.bins.len() > bins_max {
            let (mut closest, mut least, mut ties) = (0, f64::INFINITY, 0);
            for (place, pair) in self.bins.windows(2).enumerate() {
                let distance = pair[1].0 - pair[0].0;
                if place == 0 || distance < least {
                    (closest, least, ties) = (place, distance, 1);
                } else if distance == least {
                    ties += 1;
                    if self.ties.next_double() <= 1.0 / f64::from(ties) {
                        closest = place;
                    }
                }
            }
            let (next, next_weight) = self.bins.remove(closest + 1);
            let (position, weight) = &mut self.bins[closest];
            let sum = *weight + next_weight;
            *position = *position * (*weight / sum) + next / sum * next_weight;
            *weight = sum;
        }
    }
}

/// The shape of a count-min sketch: what it counts with.
#[derive(Clone, Debug, PartialEq)]
pub struct SketchShape {
    width: usize,
    /// A factor of each row's hash.
    factors: Vec<i64>,
}

const SKETCH_VERSION: i32 = 1;
/// Bytes before the factors: version, total, depth, width.
const SKETCH_HEAD: usize = 20;

impl SketchShape {
    /// For a relative error, a confidence and a seed; none where that makes no sketch, or one too large.
    pub fn new(eps: f64, confidence: f64, seed: i32) -> Option<Self> {
        if !(eps > 0.0 && confidence > 0.0 && confidence < 1.0) {
            return None;
        }
        let width = (2.0 / eps).ceil();
        let depth = (-(1.0 - confidence).ln() / 2.0_f64.ln()).ceil();
        if width * depth > crate::limits::SKETCH_CELLS_MAX as f64 {
            return None;
        }
        let mut random = JavaRandom::new(i64::from(seed));
        Some(Self {
            width: width as usize,
            factors: (0..depth as usize)
                .map(|_| i64::from(random.next_below_max()))
                .collect(),
        })
    }

    /// A sketch of nothing, as Spark serializes it.
    pub fn empty(&self) -> Vec<u8> {
        let mut bytes = SKETCH_VERSION.to_be_bytes().to_vec();
        bytes.extend(0_i64.to_be_bytes());
        bytes.extend((self.factors.len() as i32).to_be_bytes());
        bytes.extend((self.width as i32).to_be_bytes());
        bytes.extend(self.factors.iter().flat_map(|factor| factor.to_be_bytes()));
        bytes.resize(bytes.len() + self.factors.len() * self.width * 8, 0);
        bytes
    }

    fn add(&self, sketch: &mut [u8], column_of: impl Fn(usize, i64) -> usize) {
        increase(&mut sketch[4..12], 1);
        let cells = SKETCH_HEAD + self.factors.len() * 8;
        for (row, factor) in self.factors.iter().enumerate() {
            let cell = cells + (row * self.width + column_of(row, *factor)) * 8;
            increase(&mut sketch[cell..cell + 8], 1);
        }
    }

    fn add_long(&self, sketch: &mut [u8], value: i64) {
        self.add(sketch, |_, factor| {
            let hash = factor.wrapping_mul(value);
            let hash = hash.wrapping_add(hash >> 32) & ((1 << 31) - 1);
            hash as usize % self.width
        });
    }

    fn add_bytes(&self, sketch: &mut [u8], value: &[u8]) {
        let first = murmur3(value, 0);
        let second = murmur3(value, first);
        self.add(sketch, |row, _| {
            let hash = (first as i32).wrapping_add((row as i32).wrapping_mul(second as i32));
            (hash % self.width as i32).unsigned_abs() as usize
        });
    }

    fn merge(&self, sketch: &mut [u8], other: &[u8]) {
        let cells = SKETCH_HEAD + self.factors.len() * 8;
        increase(&mut sketch[4..12], number(&other[4..12]));
        for (cell, other) in sketch[cells..].chunks_exact_mut(8).zip(other[cells..].chunks_exact(8)) {
            increase(cell, number(other));
        }
    }
}

fn number(bytes: &[u8]) -> i64 {
    bytes.iter().fold(0, |number, byte| number << 8 | i64::from(*byte))
}

fn increase(bytes: &mut [u8], by: i64) {
    let sum = number(bytes).wrapping_add(by);
    bytes.copy_from_slice(&sum.to_be_bytes());
}

/// Puts rows into groups.
pub fn add_rows(
    table: &mut GroupTable,
    slot: Slot,
    call: &AggregateCall,
    groups: &[u32],
    array: &ArrayRef,
) -> Result<()> {
    for (row, &group) in groups.iter().enumerate() {
        if !is_present(array, row) {
            continue;
        }
        match &call.function {
            &Function::Histogram { bins_max } => {
                let mut histogram = Histogram::read(table.heap(group, slot));
                histogram.add(array.as_primitive::<Float64Type>().value(row), bins_max);
                table.set_heap(group, slot, &histogram.to_bytes())?;
            }
            Function::CountMinSketch(shape) => {
                let sketch = sketch_mut(table, group, slot, shape)?;
                match array.as_primitive_opt::<Int64Type>() {
                    Some(longs) => shape.add_long(sketch, longs.value(row)),
                    None => shape.add_bytes(sketch, array.as_binary_view().value(row)),
                }
            }
            other => return Err(Error::internal(format!("{other:?} is no sketch"))),
        }
    }
    Ok(())
}

fn sketch_mut<'a>(table: &'a mut GroupTable, group: u32, slot: Slot, shape: &SketchShape) -> Result<&'a mut [u8]> {
    if !table.flag(group, slot) {
        table.set_heap(group, slot, &shape.empty())?;
    }
    let length = table.heap(group, slot).len();
    table.heap_bytes_mut(group, slot, length)
}

/// Puts a partial group, which has had a value, into a group.
pub fn merge_one(
    table: &mut GroupTable,
    row: u32,
    from: &GroupTable,
    from_row: u32,
    slot: Slot,
    function: &Function,
) -> Result<()> {
    let other = from.heap(from_row, slot);
    match function {
        &Function::Histogram { bins_max } => {
            let mut histogram = Histogram::read(table.heap(row, slot));
            histogram.merge(Histogram::read(other), bins_max);
            table.set_heap(row, slot, &histogram.to_bytes())
        }
        Function::CountMinSketch(shape) => {
            shape.merge(sketch_mut(table, row, slot, shape)?, other);
            Ok(())
        }
        other => Err(Error::internal(format!("{other:?} is no sketch"))),
    }
}

/// The bins of a group's histogram; none where it has had no value.
pub fn bins_of(table: &GroupTable, row: u32, slot: Slot) -> Option<Vec<(f64, f64)>> {
    table
        .flag(row, slot)
        .then(|| Histogram::read(table.heap(row, slot)).bins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_numbers_are_javas() {
        // new java.util.Random(1).nextInt(Integer.MAX_VALUE)
        assert_eq!(JavaRandom::new(1).next_below_max(), 1_569_548_985);
    }

    #[test]
    fn close_bins_become_one() {
        let mut histogram = Histogram::read(&[]);
        for value in [1.0, 10.0, 2.0, 1.0] {
            histogram = Histogram::read(&histogram.to_bytes());
            histogram.add(value, 2);
        }
        assert_eq!(histogram.bins.len(), 2);
        assert_eq!(histogram.bins[1], (10.0, 1.0));
        assert_eq!(histogram.bins[0].1, 3.0);
    }

    #[test]
    fn sketches_add_up() {
        let shape = SketchShape::new(0.5, 0.5, 1).unwrap();
        let (mut one, mut other, mut both) = (shape.empty(), shape.empty(), shape.empty());
        shape.add_long(&mut one, 7);
        shape.add_bytes(&mut other, b"x");
        shape.add_long(&mut both, 7);
        shape.add_bytes(&mut both, b"x");
        shape.merge(&mut one, &other);
        assert_eq!(one, both);
        assert!(SketchShape::new(0.0, 0.5, 1).is_none() && SketchShape::new(1e-12, 0.5, 1).is_none());
    }
}
