//! The fields that an ANSI interval reaches over: `INTERVAL DAY`, `INTERVAL HOUR TO SECOND`, `INTERVAL YEAR TO MONTH`.

use std::fmt;

/// A field of an interval, the longest first.
pub trait IntervalField: Copy + Ord + 'static {
    /// All of them, in order.
    const ALL: &'static [Self];

    /// Spark's name, such as `day`.
    fn name(self) -> &'static str;

    /// The field of that name, in any case.
    fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|field| field.name().eq_ignore_ascii_case(name))
    }
}

/// A field of a day-time interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DayTimeField {
    /// Days.
    Day,
    /// Hours.
    Hour,
    /// Minutes.
    Minute,
    /// Seconds with a fraction.
    Second,
}

/// A field of a year-month interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum YearMonthField {
    /// Years.
    Year,
    /// Months.
    Month,
}

impl IntervalField for DayTimeField {
    const ALL: &'static [Self] = &[Self::Day, Self::Hour, Self::Minute, Self::Second];

    fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Second => "second",
        }
    }
}

impl DayTimeField {
    /// Microseconds of one.
    pub fn micros(self) -> i64 {
        match self {
            Self::Day => 86_400_000_000,
            Self::Hour => 3_600_000_000,
            Self::Minute => 60_000_000,
            Self::Second => 1_000_000,
        }
    }
}

impl IntervalField for YearMonthField {
    const ALL: &'static [Self] = &[Self::Year, Self::Month];

    fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
        }
    }
}

/// The fields from a first to a last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FieldRange<F> {
    /// The longest.
    pub first: F,
    /// The shortest.
    pub last: F,
}

impl<F: IntervalField> FieldRange<F> {
    /// From `first` to `last`; none where they stand the other way round.
    pub fn new(first: F, last: F) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// One field alone.
    pub fn of(field: F) -> Self {
        Self {
            first: field,
            last: field,
        }
    }

    /// The narrowest range that has the fields of both.
    pub fn union(self, other: Self) -> Self {
        Self {
            first: self.first.min(other.first),
            last: self.last.max(other.last),
        }
    }

    /// Whether the range has a field.
    pub fn contains(self, field: F) -> bool {
        self.first <= field && field <= self.last
    }
}

/// `day`, `day to second`.
impl<F: IntervalField> fmt::Display for FieldRange<F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.first.name())?;
        if self.first != self.last {
            write!(out, " to {}", self.last.name())?;
        }
        Ok(())
    }
}
