//! Date-time pattern letters to the steps that read them: Spark's checks first, then Java's DateTimeFormatterBuilder.

use super::locale_names::{LocaleNames, Names};
use super::timestamp_legacy::legacy_takes;
use super::timestamp_pattern_step::{Field, NameList, NumberStep, OffsetStyle, SignStyle, Step};
use crate::error::{Error, ErrorCode, Result};

/// A group of steps that was an optional section, and where its steps end.
pub(super) struct Compiled {
    /// The steps; an optional section is an `OptionalStart` with the index behind its last step.
    pub steps: Vec<Step>,
}

/// Compiles `pattern` for parsing. Fails with the errors that Spark raises for patterns.
pub(super) fn compile(pattern: &str, locale: &'static LocaleNames) -> Result<Compiled> {
    compile_for(pattern, locale, false)
}

/// Compiles `pattern` for writing, which knows some letters more.
pub(super) fn compile_for_writing(pattern: &str, locale: &'static LocaleNames) -> Result<Compiled> {
    compile_for(pattern, locale, true)
}

fn compile_for(pattern: &str, locale: &'static LocaleNames, writes: bool) -> Result<Compiled> {
    match Builder::new(locale, writes).build(pattern) {
        Ok(compiled) => Ok(compiled),
        // What Spark 2 took is refused with a hint at the upgrade, the rest as plain nonsense.
        Err(_) if legacy_takes(pattern) => Err(Error::new(
            ErrorCode::InconsistentBehaviorCrossVersionDatetimePatternRecognition,
        )
        .with("pattern", format!("'{pattern}'"))),
        Err(Refusal::WeekBased(letter)) => Err(Error::new(
            ErrorCode::InconsistentBehaviorCrossVersionDatetimeWeekBasedPattern,
        )
        .with("c", letter.to_string())),
        Err(Refusal::Letter(letter)) => Err(Error::new(ErrorCode::InvalidDatetimePatternIllegalCharacter)
            .with("pattern", pattern)
            .with("c", letter.to_string())),
        Err(Refusal::Length(letters)) => {
            Err(Error::new(ErrorCode::InvalidDatetimePatternLength).with("pattern", letters))
        }
        Err(Refusal::Other) => Err(Error::new(ErrorCode::InvalidDatetimePatternWithSuggestion)
            .with("pattern", format!("'{}'", pattern.replace('\'', "\\'")))),
    }
}

/// Why a pattern is refused.
enum Refusal {
    WeekBased(char),
    Letter(char),
    Length(String),
    Other,
}

struct Builder {
    steps: Vec<Step>,
    /// Index of the number that adjacent fixed-width numbers widen, where the last step was such a number.
    adjacent: Option<usize>,
    /// Open optional sections.
    open: Vec<usize>,
    /// Whether the pattern is to write by: some letters can only be written.
    writes: bool,
    locale: &'static LocaleNames,
}

impl Builder {
    fn new(locale: &'static LocaleNames, writes: bool) -> Self {
        Self {
            writes,
            locale,
            steps: Vec::new(),
            adjacent: None,
            open: Vec::new(),
        }
    }

    fn build(mut self, pattern: &str) -> Result<Compiled, Refusal> {
        if !pattern.matches('\'').count().is_multiple_of(2) {
            return Err(Refusal::Other);
        }
        let parts: Vec<&str> = pattern.split('\'').collect();
        for part in parts.iter().step_by(2) {
            check_part(part, self.writes)?;
        }
        let has_era = parts.iter().step_by(2).any(|part| part.contains('G'));
        // An empty pair of quotes is a quote, alone or within quotes.
        let mut rest = pattern;
        while let Some((before, quoted)) = rest.split_once('\'') {
            self.pattern(before, has_era)?;
            let (literal, after) = quoted_text(quoted).ok_or(Refusal::Other)?;
            self.push(Step::Literal(literal));
            rest = after;
        }
        self.pattern(rest, has_era)?;
        while !self.open.is_empty() {
            self.close_section();
        }
        Ok(Compiled { steps: self.steps })
    }

    fn pattern(&mut self, part: &str, has_era: bool) -> Result<(), Refusal> {
        let chars: Vec<char> = part.chars().collect();
        let mut at = 0;
        while let Some(&letter) = chars.get(at) {
            if !letter.is_ascii_alphabetic() {
                match letter {
                    '[' => self.open_section(),
                    ']' if self.open.is_empty() => return Err(Refusal::Other),
                    ']' => self.close_section(),
                    '{' | '}' | '#' => return Err(Refusal::Other),
                    other => self.push(Step::Literal(other.to_string())),
                }
                at += 1;
                continue;
            }
            let count = chars[at..].iter().take_while(|next| **next == letter).count();
            at += count;
            self.letters(letter, count, has_era)?;
        }
        Ok(())
    }

    fn letters(&mut self, letter: char, count: usize, has_era: bool) -> Result<(), Refusal> {
        use SignStyle::{ExceedsPad, Normal, NotNegative};
        let width = u8::try_from(count).map_err(|_| Refusal::Other)?;
        match letter {
            'y' | 'u' => {
                // Without an era Spark reads `y` as Java's `u`, so that years may be negative.
                let field = if letter == 'y' && has_era {
                    Field::YearOfEra
                } else {
                    Field::Year
                };
                match count {
                    2 => self.number(NumberStep {
                        reduced: true,
                        ..NumberStep::new(field, 2, 2, NotNegative)
                    }),
                    1 | 3 => self.number(NumberStep::new(field, width, 19, Normal)),
                    4..=19 => self.number(NumberStep::new(field, width, 19, ExceedsPad)),
                    _ => return Err(Refusal::Other),
                }
            }
            'M' | 'L' => match count {
                1 => self.number(NumberStep::new(Field::Month, 1, 19, Normal)),
                2 => self.number(NumberStep::new(Field::Month, 2, 2, NotNegative)),
                3 | 4 => {
                    let names = self.names(match (letter, count) {
                        ('M', 3) => Names::MonthsShort,
                        ('M', _) => Names::MonthsFull,
                        (_, 3) => Names::MonthsAloneShort,
                        _ => Names::MonthsAloneFull,
                    });
                    self.push(Step::Text(Field::Month, NameList { first: 1, ..names }));
                }
                _ => return Err(Refusal::Other),
            },
            'd' | 'h' | 'H' | 'k' | 'K' | 'm' | 's' => {
                let field = match letter {
                    'd' => Field::Day,
                    'h' => Field::ClockHour12,
                    'H' => Field::Hour,
                    'k' => Field::ClockHour24,
                    'K' => Field::Hour12,
                    'm' => Field::Minute,
                    _ => Field::Second,
                };
                match count {
                    1 => self.number(NumberStep::new(field, 1, 19, Normal)),
                    2 => self.number(NumberStep::new(field, 2, 2, NotNegative)),
                    _ => return Err(Refusal::Other),
                }
            }
            'D' => match count {
                1 => self.number(NumberStep::new(Field::DayOfYear, 1, 19, Normal)),
                2 | 3 => self.number(NumberStep::new(Field::DayOfYear, width, 3, NotNegative)),
                _ => return Err(Refusal::Other),
            },
            'S' => match count {
                1 => self.number(NumberStep {
                    fraction: true,
                    ..NumberStep::new(Field::Nano, 1, 1, NotNegative)
                }),
                2..=9 => self.push(Step::Fraction(width)),
                _ => return Err(Refusal::Other),
            },
            'a' if count == 1 => self.push(Step::Text(Field::HalfDay, self.names(Names::HalfDays))),
            'G' => match count {
                1..=3 => self.push(Step::Text(Field::Era, self.names(Names::ErasShort))),
                4 => self.push(Step::Text(Field::Era, self.names(Names::ErasFull))),
                _ => return Err(Refusal::Other),
            },
            'E' if self.writes && count <= 4 => self.push(Step::Weekday(self.names(if count == 4 {
                Names::WeekdaysFull
            } else {
                Names::WeekdaysShort
            }))),
            'F' if self.writes && count == 1 => self.push(Step::AlignedDayOfWeek),
            'q' | 'Q' if self.writes && count <= 2 => self.push(Step::Quarter(width)),
            'q' | 'Q' if self.writes && count <= 4 => {
                let names = self.names(if count == 3 {
                    Names::QuartersShort
                } else {
                    Names::QuartersFull
                });
                self.push(Step::QuarterName(NameList { first: 1, ..names }));
            }
            'z' if count <= 4 => self.push(Step::ZoneName {
                full: count == 4,
                generic: false,
            }),
            'V' if count == 2 => self.push(Step::ZoneId),
            'v' if count == 1 || count == 4 => self.push(Step::ZoneName {
                full: count == 4,
                generic: true,
            }),
            'O' if count == 1 || count == 4 => self.push(Step::LocalizedOffset { full: count == 4 }),
            'Z' => match count {
                1..=3 => self.push(Step::Offset(OffsetStyle::HHMM, "+0000")),
                4 => self.push(Step::LocalizedOffset { full: true }),
                5 => self.push(Step::Offset(OffsetStyle::HH_MM_ss, "Z")),
                _ => return Err(Refusal::Other),
            },
            'X' | 'x' => {
                let style = match count {
                    1 => OffsetStyle::HHmm,
                    2 => OffsetStyle::HHMM,
                    3 => OffsetStyle::HH_MM,
                    4 => OffsetStyle::HHMMss,
                    5 => OffsetStyle::HH_MM_ss,
                    _ => return Err(Refusal::Other),
                };
                let zero = match (letter, count) {
                    ('X', _) => "Z",
                    (_, 1) => "+00",
                    (_, 2 | 4) => "+0000",
                    _ => "+00:00",
                };
                self.push(Step::Offset(style, zero));
            }
            'g' if count <= 19 => self.push(Step::Number(NumberStep::new(
                Field::ModifiedJulianDay,
                width,
                19,
                Normal,
            ))),
            _ => return Err(Refusal::Other),
        }
        Ok(())
    }

    /// The locale's names, numbered from 0.
    fn names(&self, names: Names) -> NameList {
        NameList {
            names: self.locale.list(names),
            first: 0,
        }
    }

    fn push(&mut self, step: Step) {
        self.steps.push(step);
        self.adjacent = None;
    }

    /// Adds a number; of numbers without anything between them the first gives way to the fixed widths behind it.
    fn number(&mut self, step: NumberStep) {
        let fixed = step.width_min == step.width_max && step.sign == SignStyle::NotNegative;
        let base = self.adjacent;
        self.push(Step::Number(step));
        match base {
            Some(base) if fixed => {
                if let Some(Step::Number(number)) = self.steps.get_mut(base) {
                    number.subsequent += step.width_max;
                }
                self.adjacent = Some(base);
            }
            _ => self.adjacent = Some(self.steps.len() - 1),
        }
    }

    fn open_section(&mut self) {
        self.open.push(self.steps.len());
        self.push(Step::OptionalStart(0));
    }

    fn close_section(&mut self) {
        let Some(start) = self.open.pop() else { return };
        let end = self.steps.len();
        if let Some(step) = self.steps.get_mut(start) {
            *step = Step::OptionalStart(end);
        }
        self.adjacent = None;
    }
}

/// The text up to the closing quote, and what follows that.
fn quoted_text(text: &str) -> Option<(String, &str)> {
    let mut literal = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, letter)) = chars.next() {
        if letter == '\'' && chars.next_if(|(_, next)| *next == '\'').is_none() {
            let literal = if literal.is_empty() { "'".to_string() } else { literal };
            return Some((literal, &text[at + 1..]));
        }
        literal.push(letter);
    }
    None
}

/// Spark's own checks of a part outside quotes.
fn check_part(part: &str, writes: bool) -> Result<(), Refusal> {
    if let Some(letter) = part.chars().find(|c| matches!(c, 'Y' | 'W' | 'w' | 'u' | 'e' | 'c')) {
        return Err(Refusal::WeekBased(letter));
    }
    if let Some(letter) = part
        .chars()
        .find(|c| matches!(c, 'A' | 'B' | 'n' | 'N' | 'p') || !writes && matches!(c, 'E' | 'F' | 'q' | 'Q'))
    {
        return Err(Refusal::Letter(letter));
    }
    let years_max = if writes { 7 } else { 11 };
    for (letter, count) in [
        ("G", 5),
        ("M", 5),
        ("L", 5),
        ("E", 5),
        ("Q", 5),
        ("q", 5),
        ("y", years_max),
    ] {
        let letters = letter.repeat(count);
        if part.contains(&letters) {
            return Err(Refusal::Length(letters));
        }
    }
    Ok(())
}
