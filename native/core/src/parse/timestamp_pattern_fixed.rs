//! The fast way through patterns whose every part has a fixed width, such as `dd-MM-yyyy-HH-mm`.

use super::calendar::{checked_days_from_civil, micros_of};
use super::timestamp_pattern_step::{Field, SignStyle, Step};

/// Where the digits and the separators of a text lie. Texts that it does not take go the general way.
#[derive(Clone, Debug)]
pub(super) struct FixedPattern {
    length: usize,
    /// Position and byte of each separator.
    literals: Vec<(usize, u8)>,
    /// Position, width and field of each number.
    numbers: Vec<(usize, usize, Slot)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

impl FixedPattern {
    /// The fixed form of a pattern, where it has one: a whole date and whatever of the time, all of fixed width.
    pub(super) fn of(steps: &[Step]) -> Option<Self> {
        let mut fixed = Self {
            length: 0,
            literals: Vec::new(),
            numbers: Vec::new(),
        };
        for step in steps {
            match step {
                // Letters match without case: they take the general way.
                Step::Literal(text) if text.len() == 1 && !text.as_bytes()[0].is_ascii_alphanumeric() => {
                    fixed.literals.push((fixed.length, text.as_bytes()[0]));
                    fixed.length += 1;
                }
                Step::Number(number) => {
                    let slot = match number.field {
                        Field::Year => Slot::Year,
                        Field::Month => Slot::Month,
                        Field::Day => Slot::Day,
                        Field::Hour => Slot::Hour,
                        Field::Minute => Slot::Minute,
                        Field::Second => Slot::Second,
                        _ => return None,
                    };
                    let is_year = slot == Slot::Year;
                    let width = if is_year { 4 } else { 2 };
                    // `yyyy` takes more digits only behind a plus sign, and gives way to numbers right behind it.
                    let suits = number.width_min == width
                        && (if is_year {
                            number.sign == SignStyle::ExceedsPad
                        } else {
                            number.width_max == width
                        });
                    if !suits || fixed.numbers.iter().any(|(_, _, other)| *other == slot) {
                        return None;
                    }
                    fixed.numbers.push((fixed.length, usize::from(width), slot));
                    fixed.length += usize::from(width);
                }
                _ => return None,
            }
        }
        let has = |slot: Slot| fixed.numbers.iter().any(|(_, _, other)| *other == slot);
        (has(Slot::Year) && has(Slot::Month) && has(Slot::Day)).then_some(fixed)
    }

    /// Wall-clock microseconds, or none where the general way must decide.
    #[inline]
    pub(super) fn parse(&self, text: &[u8]) -> Option<i64> {
        if text.len() != self.length {
            return None;
        }
        let mut good = true;
        for &(at, byte) in &self.literals {
            good &= *text.get(at)? == byte;
        }
        let mut values = [0i64; 6];
        for &(at, width, slot) in &self.numbers {
            let mut value = 0i64;
            for byte in text.get(at..at + width)? {
                let digit = byte.wrapping_sub(b'0');
                good &= digit < 10;
                value = value * 10 + i64::from(digit);
            }
            values[slot as usize] = value;
        }
        let [year, month, day, hour, minute, second] = values;
        if !good || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let micros = ((hour * 60 + minute) * 60 + second) * 1_000_000;
        micros_of(checked_days_from_civil(year, month, day)?, micros)
    }
}
