//! What accumulators hold as columns: the buffers that Spark keeps for the same functions, under its names.
//!
//! A shape says how an accumulator stands in a row, whichever query made it: a checkpoint keeps it, so that its state is read
//! without the query. What has no fixed size in Spark is bytes in both, in a form of each one's own.

use serde::{Deserialize, Serialize};

use super::accumulate::MONTHS_SHIFT;
use super::{AggregateCall, BitOperation, Function, Moment, Overflow, PairMoment};
use crate::column::{DataType, Field, parse_data_type};
use crate::error::Result;
use crate::state::{GroupTable, Slot, ValueCodec};

/// Bits of a register of approx_count_distinct(), and how many of them Spark puts into a word.
const REGISTER_BITS: usize = 6;
const REGISTERS_PER_WORD: usize = 10;

/// How an accumulator stands in a row, and what it shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccumulatorShape {
    /// Its words.
    pub words: usize,
    /// Whether the first word is the place of a value on the heap.
    pub on_heap: bool,
    /// What it shows.
    pub buffers: Vec<Buffer>,
}

/// A column of what an accumulator holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Buffer {
    /// Spark's name.
    pub name: String,
    /// Its type, as SQL.
    #[serde(rename = "type")]
    pub type_text: String,
    part: Part,
    /// By how many bits a word is shifted.
    #[serde(default, skip_serializing_if = "is_zero")]
    shift: u32,
}

fn is_zero(shift: &u32) -> bool {
    *shift == 0
}

/// Where the value of a buffer is. Words are counted from the accumulator's first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Part {
    /// A word; null before the accumulator has had a value.
    Value(usize),
    /// A word, zero before.
    Count(usize),
    /// A word: zero before, and null once the sum has overflowed.
    Sum(usize),
    /// Two words; null before.
    Wide(usize),
    /// A sum of decimals; null once it has overflowed.
    DecimalSum,
    /// Whether a word is zero.
    IsZero(usize),
    /// Whether a sum has had no value.
    IsEmpty(usize),
    /// Whether the accumulator has had a value.
    HasValue,
    /// The bytes on the heap, as text.
    Text,
    /// An encoded value on the heap.
    Encoded,
    /// What comes behind an encoded value on the heap.
    Second,
    /// A word of registers on the heap.
    Registers(usize),
    /// All that is on the heap, as in a state file.
    Bytes,
}

impl AccumulatorShape {
    /// How the accumulator of a call stands and shows.
    pub fn of(call: &AggregateCall) -> Self {
        Self {
            words: call.words(),
            on_heap: call.is_on_heap(),
            buffers: if call.keeps_rows() { bytes() } else { buffers_of(call) },
        }
    }

    /// What writes the values of its buffers. Fails with a parse error where a type is none.
    pub fn codecs(&self) -> Result<Vec<BufferCodec>> {
        let types = self.buffers.iter().map(|buffer| parse_data_type(&buffer.type_text));
        let types = types.collect::<Result<Vec<_>>>()?;
        let first = self.buffers.iter().position(|buffer| buffer.part == Part::Encoded);
        let in_front = ValueCodec::new(first.map_or(&DataType::Void, |first| &types[first]));
        let codec = |(buffer, data_type): (&Buffer, &DataType)| BufferCodec {
            part: buffer.part,
            shift: buffer.shift,
            width: data_type.to_arrow().primitive_width().unwrap_or(1),
            in_front: in_front.clone(),
            field: Field::new(&buffer.name, data_type.clone(), true),
        };
        Ok(self.buffers.iter().zip(&types).map(codec).collect())
    }
}

fn buffer(name: &str, data_type: &DataType, part: Part) -> Buffer {
    Buffer {
        name: name.to_string(),
        type_text: data_type.sql(),
        part,
        shift: 0,
    }
}

fn bytes() -> Vec<Buffer> {
    vec![buffer("buf", &DataType::Binary, Part::Bytes)]
}

fn doubles(names: &[(&str, usize)]) -> Vec<Buffer> {
    let buffers = names.iter();
    buffers
        .map(|&(name, word)| buffer(name, &DataType::Double, Part::Count(word)))
        .collect()
}

fn buffers_of(call: &AggregateCall) -> Vec<Buffer> {
    let result = &call.data_type;
    let extreme = |greatest: bool| if greatest { "max" } else { "min" };
    let count = |word| buffer("count", &DataType::BigInt, Part::Count(word));
    let shifted = |buffer: Buffer| Buffer {
        shift: if matches!(result, DataType::YearMonthInterval(_)) {
            MONTHS_SHIFT
        } else {
            0
        },
        ..buffer
    };
    match &call.function {
        Function::Count | Function::CountIf => vec![count(0)],
        Function::SumLong {
            overflow: Overflow::Null,
        } => vec![
            shifted(buffer("sum", result, Part::Sum(0))),
            buffer("isEmpty", &DataType::Boolean, Part::IsEmpty(0)),
        ],
        Function::SumLong { .. } => vec![shifted(buffer("sum", result, Part::Value(0)))],
        Function::SumDouble => vec![buffer("sum", result, Part::Value(0))],
        Function::AvgDouble => vec![buffer("sum", &DataType::Double, Part::Count(0)), count(1)],
        Function::AvgInterval { .. } => vec![shifted(buffer("sum", result, Part::Sum(0))), count(1)],
        &Function::SumDecimal {
            mean, precision, scale, ..
        } => {
            let sum = buffer("sum", &DataType::Decimal { precision, scale }, Part::DecimalSum);
            let rest = if mean {
                count(2)
            } else {
                buffer("isEmpty", &DataType::Boolean, Part::IsZero(2))
            };
            vec![sum, rest]
        }
        Function::Product => vec![buffer("product", result, Part::Value(0))],
        &Function::ExtremeLong { greatest } | &Function::ExtremeDouble { greatest } => {
            vec![buffer(extreme(greatest), result, Part::Value(0))]
        }
        &Function::ExtremeDecimal { greatest } => vec![buffer(extreme(greatest), result, Part::Wide(0))],
        &Function::ExtremeBytes { greatest } => vec![buffer(extreme(greatest), result, Part::Text)],
        &Function::ExtremeNested { greatest } => vec![buffer(extreme(greatest), result, Part::Encoded)],
        Function::ExtremeBy { .. } => match call.arguments.get(1) {
            Some(order) => vec![
                buffer("valueWithExtremumOrdering", result, Part::Second),
                buffer("extremumOrdering", &order.data_type, Part::Encoded),
            ],
            None => bytes(),
        },
        &Function::Edge { last, .. } => vec![
            buffer(if last { "last" } else { "first" }, result, Part::Encoded),
            buffer("valueSet", &DataType::Boolean, Part::HasValue),
        ],
        Function::Bits(operation) => {
            let name = match operation {
                BitOperation::And => "bit_and",
                BitOperation::Or => "bit_or",
                BitOperation::Xor => "bit_xor",
            };
            vec![buffer(name, result, Part::Value(0))]
        }
        Function::Moments(moment) => {
            let named = [("n", 0), ("avg", 1), ("m2", 2), ("m3", 3), ("m4", 4)];
            doubles(match moment {
                Moment::Kurtosis => &named,
                Moment::Skewness => &named[..4],
                _ => &named[..3],
            })
        }
        Function::Pairs(moment) => {
            let named = [("n", 0), ("xAvg", 1), ("yAvg", 2), ("ck", 3), ("xMk", 4), ("yMk", 5)];
            // A regression is a covariance and a variance of the independent number, which stands first here.
            let regression = [
                ("n", 0),
                ("xAvg", 2),
                ("yAvg", 1),
                ("ck", 3),
                ("n", 0),
                ("avg", 1),
                ("m2", 4),
            ];
            doubles(match moment {
                PairMoment::Correlation | PairMoment::R2 => &named,
                PairMoment::Slope | PairMoment::Intercept => &regression,
                _ => &named[..4],
            })
        }
        &Function::ApproxCountDistinct { precision } => {
            let words = (1usize << precision).div_ceil(REGISTERS_PER_WORD);
            (0..words)
                .map(|word| buffer(&format!("MS[{word}]"), &DataType::BigInt, Part::Registers(word)))
                .collect()
        }
        _ => bytes(),
    }
}

/// Writes a buffer's values.
pub struct BufferCodec {
    field: Field,
    part: Part,
    shift: u32,
    /// Bytes of a value that is a word.
    width: usize,
    /// Of the encoded value that stands first on the heap.
    in_front: ValueCodec,
}

impl BufferCodec {
    /// Its column.
    pub fn field(&self) -> &Field {
        &self.field
    }

    /// Appends the value of a group, encoded.
    pub fn encode(&self, table: &GroupTable, row: u32, slot: Slot, out: &mut Vec<u8>) -> Result<()> {
        let word = |word: usize| table.word(row, slot.word + word);
        let has_value = table.flag(row, slot);
        match self.part {
            Part::Value(at) => self.put_word(has_value.then(|| word(at)), out),
            Part::Count(at) => self.put_word(Some(word(at)), out),
            Part::Sum(at) => self.put_word((has_value || word(at) == 0).then(|| word(at)), out),
            Part::Wide(at) => put(has_value.then(|| wide(word(at), word(at + 1))), out),
            Part::DecimalSum => put((word(3) == 0).then(|| wide(word(0), word(1))), out),
            Part::IsZero(at) => put(Some([u8::from(word(at) == 0)]), out),
            Part::IsEmpty(at) => put(Some([u8::from(!has_value && word(at) == 0)]), out),
            Part::HasValue => put(Some([u8::from(has_value)]), out),
            Part::Text => put_bytes(has_value.then(|| table.heap(row, slot)), out),
            Part::Encoded | Part::Second if !has_value => out.push(0),
            Part::Encoded => out.extend_from_slice(self.in_front.split(&mut table.heap(row, slot))?),
            Part::Second => {
                let mut rest = table.heap(row, slot);
                self.in_front.split(&mut rest)?;
                out.extend_from_slice(rest);
            }
            Part::Registers(at) => {
                let registers = table.heap(row, slot).iter().skip(at * REGISTERS_PER_WORD);
                let word = registers
                    .take(REGISTERS_PER_WORD)
                    .rev()
                    .fold(0u64, |word, &register| word << REGISTER_BITS | u64::from(register));
                self.put_word(Some(word), out);
            }
            Part::Bytes => {
                let held = table.heap_value(row, slot).map(|value| value.to_bytes());
                put_bytes(held.as_deref(), out);
            }
        }
        Ok(())
    }

    fn put_word(&self, word: Option<u64>, out: &mut Vec<u8>) {
        let Some(word) = word else { return out.push(0) };
        out.push(1);
        let shifted = ((word as i64) >> self.shift) as u64;
        if self.field.data_type == DataType::Float {
            out.extend_from_slice(&(f64::from_bits(word) as f32).to_le_bytes());
        } else {
            out.extend_from_slice(&shifted.to_le_bytes()[..self.width.min(8)]);
        }
    }
}

fn put<const N: usize>(value: Option<[u8; N]>, out: &mut Vec<u8>) {
    out.push(u8::from(value.is_some()));
    out.extend_from_slice(value.as_ref().map_or(&[], |value| value));
}

fn put_bytes(value: Option<&[u8]>, out: &mut Vec<u8>) {
    out.push(u8::from(value.is_some()));
    if let Some(value) = value {
        out.extend_from_slice(&(value.len() as u32).to_le_bytes());
        out.extend_from_slice(value);
    }
}

fn wide(low: u64, high: u64) -> [u8; 16] {
    (u128::from(low) | u128::from(high) << 64).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::state::{Budget, KeyView, Layout, Tag};

    fn call(function: Function, data_type: DataType) -> AggregateCall {
        AggregateCall {
            function,
            arguments: Vec::new(),
            given: Vec::new(),
            distinct: false,
            sorts_many: false,
            filter: None,
            beside: Vec::new(),
            data_type,
            nullable: true,
        }
    }

    /// A table of one group with accumulators of these calls, and their shapes as a checkpoint gives them back.
    fn group(calls: &[AggregateCall]) -> (GroupTable, Vec<AccumulatorShape>) {
        let shapes: Vec<_> = calls.iter().map(AccumulatorShape::of).collect();
        let text = serde_json::to_string(&shapes).unwrap();
        let shapes: Vec<AccumulatorShape> = serde_json::from_str(&text).unwrap();
        let layout = Layout::of_shapes(&shapes, 0);
        let mut table = GroupTable::new(layout, Tag::Batch, Arc::new(Budget::new(0)));
        table.find_or_insert(KeyView::of(&[]), 0).unwrap();
        (table, shapes)
    }

    fn shown(table: &GroupTable, shapes: &[AccumulatorShape], index: usize) -> Vec<(String, Vec<u8>)> {
        let codecs = shapes[index].codecs().unwrap();
        let show = |codec: &BufferCodec| {
            let mut out = Vec::new();
            codec.encode(table, 0, table.slot(index), &mut out).unwrap();
            (codec.field().name.clone(), out)
        };
        codecs.iter().map(show).collect()
    }

    fn present(value: &[u8]) -> Vec<u8> {
        [&[1], value].concat()
    }

    #[test]
    fn a_sum_that_may_overflow_says_whether_it_is_empty() {
        let overflow = Overflow::Null;
        let calls = [call(Function::SumLong { overflow }, DataType::BigInt)];
        let (mut table, shapes) = group(&calls);
        let sum_and_empty = |table: &GroupTable| {
            let mut both = shown(table, &shapes, 0).into_iter().map(|(_, value)| value);
            (both.next().unwrap(), both.next().unwrap())
        };
        assert_eq!(sum_and_empty(&table), (present(&0i64.to_le_bytes()), present(&[1])));
        let slot = table.slot(0);
        *table.word_mut(0, slot.word) = 5;
        table.set_flag(0, slot);
        assert_eq!(sum_and_empty(&table), (present(&5i64.to_le_bytes()), present(&[0])));
        *table.word_mut(0, slot.word) = 1;
        table.clear_flag(0, slot);
        assert_eq!(sum_and_empty(&table), (vec![0], present(&[0])));
    }

    #[test]
    fn narrow_values_have_their_width_and_months_are_shifted_back() {
        let months = parse_data_type("interval year to month").unwrap();
        let overflow = Overflow::Raise;
        let calls = [
            call(Function::ExtremeLong { greatest: true }, DataType::SmallInt),
            call(Function::SumLong { overflow }, months),
            call(Function::ExtremeDouble { greatest: false }, DataType::Float),
        ];
        let (mut table, shapes) = group(&calls);
        for (index, word) in [(-3i64) as u64, 14u64 << MONTHS_SHIFT, 1.5f64.to_bits()]
            .into_iter()
            .enumerate()
        {
            let slot = table.slot(index);
            *table.word_mut(0, slot.word) = word;
            table.set_flag(0, slot);
        }
        assert_eq!(
            shown(&table, &shapes, 0),
            [("max".to_string(), present(&(-3i16).to_le_bytes()))]
        );
        assert_eq!(
            shown(&table, &shapes, 1),
            [("sum".to_string(), present(&14i32.to_le_bytes()))]
        );
        assert_eq!(
            shown(&table, &shapes, 2),
            [("min".to_string(), present(&1.5f32.to_le_bytes()))]
        );
    }

    #[test]
    fn registers_stand_ten_to_a_word() {
        let calls = [call(Function::ApproxCountDistinct { precision: 4 }, DataType::BigInt)];
        let (mut table, shapes) = group(&calls);
        let slot = table.slot(0);
        let mut registers = vec![0u8; 16];
        (registers[0], registers[3], registers[11]) = (2, 1, 5);
        table.set_heap(0, slot, &registers).unwrap();
        let words = [2u64 | 1 << (3 * REGISTER_BITS), 5 << REGISTER_BITS];
        let expected: Vec<_> = words
            .iter()
            .enumerate()
            .map(|(index, word)| (format!("MS[{index}]"), present(&word.to_le_bytes())))
            .collect();
        assert_eq!(shown(&table, &shapes, 0), expected);
    }
}
