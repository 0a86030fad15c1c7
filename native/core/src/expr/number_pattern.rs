//! Patterns of Java's DecimalFormat such as `#,###.00`, for format_number.

use super::decimal::{BigDecimal, Rounding};
use crate::error::{Error, ErrorCode, Result};

/// Digits on either side of the point beyond which nothing is written.
const DIGITS_MAX: usize = 1000;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub(super) struct NumberPattern {
    positive: (String, String),
    negative: (String, String),
    /// Digits of a group; 0 where there are none.
    group: usize,
    whole_min: usize,
    fraction_min: usize,
    fraction_max: usize,
    /// 2 for percents, 3 for per mille.
    shift: u8,
}

impl NumberPattern {
    /// Compiles a pattern; an empty one writes whole numbers in groups. Fails with INVALID_PARAMETER_VALUE.PATTERN.
    pub(super) fn new(text: &str) -> Result<Self> {
        let text = if text.is_empty() { "#,##0" } else { text };
        compile(text).ok_or_else(|| {
            Error::new(ErrorCode::InvalidParameterValuePattern)
                .with("parameter", "`format`")
                .with("functionName", "`format_number`")
                .with("value", format!("'{text}'"))
        })
    }

    /// Groups of three and so many digits behind the point.
    pub(super) fn with_places(places: usize) -> Self {
        Self {
            positive: Default::default(),
            negative: ("-".into(), String::new()),
            group: 3,
            whole_min: 1,
            fraction_min: places,
            fraction_max: places,
            shift: 0,
        }
    }

    /// Appends a double. It is rounded half to even by its exact value, as DecimalFormat does by default.
    pub(super) fn write_double(&self, value: f64, out: &mut String) {
        if value.is_nan() {
            out.push_str("NaN");
            return;
        }
        let is_negative = value.is_sign_negative();
        if value.is_infinite() {
            self.write_between(is_negative, out, |out| out.push('∞'));
            return;
        }
        let scaled = value.abs() * 10f64.powi(i32::from(self.shift));
        let places = self.fraction_max;
        self.write_digits(is_negative, &format!("{scaled:.places$}"), out);
    }

    /// Appends a decimal, rounded half to even.
    pub(super) fn write_decimal(&self, unscaled: i128, scale: i8, out: &mut String) {
        let scale = i32::from(scale) - i32::from(self.shift);
        let mut exact = BigDecimal::new(unscaled.saturating_abs(), 0);
        exact.scale = i64::from(scale);
        let rounded = exact.with_scale(self.fraction_max as i64, Rounding::HalfEven);
        self.write_digits(unscaled < 0, &rounded.to_plain_text(), out);
    }

    fn write_between(&self, is_negative: bool, out: &mut String, body: impl FnOnce(&mut String)) {
        let (prefix, suffix) = if is_negative { &self.negative } else { &self.positive };
        out.push_str(prefix);
        body(out);
        out.push_str(suffix);
    }

    /// Appends plain digits that are already rounded.
    fn write_digits(&self, is_negative: bool, digits: &str, out: &mut String) {
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let whole = whole.trim_start_matches('0');
        let whole = format!("{whole:0>width$}", width = self.whole_min);
        let kept = fraction.trim_end_matches('0').len().max(self.fraction_min);
        let fraction = &fraction[..kept.min(fraction.len())];
        self.write_between(is_negative, out, |out| {
            for (at, digit) in whole.chars().enumerate() {
                let behind = whole.len() - at;
                if at > 0 && self.group > 0 && behind.is_multiple_of(self.group) {
                    out.push(',');
                }
                out.push(digit);
            }
            // Something is written, if only a zero.
            if whole.is_empty() && fraction.is_empty() {
                out.push('0');
            }
            if !fraction.is_empty() {
                out.push('.');
                out.push_str(fraction);
            }
        });
    }
}

/// The parts of a pattern: text, the digits' places, text.
struct Parts<'a> {
    prefix: String,
    digits: &'a str,
    suffix: String,
    shift: u8,
    /// What follows the semicolon.
    rest: Option<&'a str>,
}

/// Takes a pattern apart; quotes keep what is in them. None where a quote is open or places stand apart.
fn parts_of(text: &str) -> Option<Parts<'_>> {
    let is_place = |character: char| matches!(character, '#' | '0' | ',' | '.');
    let mut parts = Parts {
        prefix: String::new(),
        digits: "",
        suffix: String::new(),
        shift: 0,
        rest: None,
    };
    let mut start: Option<usize> = None;
    let mut is_over = false;
    let mut is_quoted = false;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if !is_quoted && is_place(character) {
            if is_over {
                return None;
            }
            let first = *start.get_or_insert(at);
            parts.digits = &text[first..at + 1];
            continue;
        }
        is_over = start.is_some();
        let literal = if is_over { &mut parts.suffix } else { &mut parts.prefix };
        match character {
            // Two quotes are one.
            '\'' if characters.peek().is_some_and(|(_, next)| *next == '\'') => {
                characters.next();
                literal.push('\'');
            }
            '\'' => is_quoted = !is_quoted,
            other if is_quoted => literal.push(other),
            ';' => {
                parts.rest = Some(&text[at + 1..]);
                break;
            }
            // Scientific notation is not written.
            'E' if is_over => return None,
            '%' | '‰' if parts.shift > 0 => return None,
            '%' | '‰' => {
                parts.shift = if character == '%' { 2 } else { 3 };
                literal.push(character);
            }
            '¤' => literal.push('$'),
            other => literal.push(other),
        }
    }
    (!is_quoted).then_some(parts)
}

fn compile(text: &str) -> Option<NumberPattern> {
    let parts = parts_of(text)?;
    let (whole, fraction) = match parts.digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (parts.digits, None),
    };
    let group = whole.rfind(',').map_or(0, |at| whole.len() - at - 1);
    // A comma right before the point, or behind it, is a mistake; so is a zero left of a number sign.
    if (whole.contains(',') && group == 0) || fraction.is_some_and(|fraction| fraction.contains([',', '.'])) {
        return None;
    }
    let places: String = whole.chars().filter(|place| *place != ',').collect();
    let zeros = places.trim_start_matches('#');
    let fraction = fraction.unwrap_or("");
    let fraction_zeros = fraction.trim_end_matches('#');
    if zeros.contains('#') || fraction_zeros.contains('#') || places.len().max(fraction.len()) > DIGITS_MAX {
        return None;
    }
    // `#.##` writes 0.5: with no zero at all the place before the point is one.
    let has_point = parts.digits.contains('.');
    let no_zero = zeros.is_empty() && fraction_zeros.is_empty();
    let whole_min = if no_zero && has_point && !places.is_empty() {
        1
    } else {
        zeros.len()
    };
    let fraction_min = if no_zero && has_point && places.is_empty() && !fraction.is_empty() {
        1
    } else {
        fraction_zeros.len()
    };
    let negative = match parts.rest {
        None => None,
        Some(rest) => {
            let negative = parts_of(rest).filter(|negative| negative.rest.is_none())?;
            Some((negative.prefix, negative.suffix))
        }
    };
    let positive = (parts.prefix, parts.suffix);
    // A negative pattern that says nothing new is left out.
    let negative = negative.filter(|negative| *negative != positive);
    Some(NumberPattern {
        negative: negative.unwrap_or_else(|| (format!("-{}", positive.0), positive.1.clone())),
        positive,
        group,
        whole_min,
        fraction_min,
        fraction_max: fraction.len(),
        shift: parts.shift,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(pattern: &str, value: f64) -> String {
        let mut out = String::new();
        NumberPattern::new(pattern).unwrap().write_double(value, &mut out);
        out
    }

    #[test]
    fn writes_as_java_does() {
        assert_eq!(written("#,###.00", 0.0), ".00");
        assert_eq!(written("#,###.00", -0.0), "-.00");
        assert_eq!(written("#,###.00", 1_234_567.891), "1,234,567.89");
        assert_eq!(written("#.##", 0.5), "0.5");
        assert_eq!(written("#", 0.0), "0");
        assert_eq!(written("000.0", 2.25), "002.2");
        assert_eq!(written(".##", 0.0), ".0");
        assert_eq!(written("0.0%", 0.125), "12.5%");
        assert_eq!(written("$#,##0;($#,##0)", -1234.0), "($1,234)");
        assert_eq!(written("'#'0", 5.0), "#5");
        assert_eq!(written("", 1234.5), "1,234");
        assert_eq!(written("0.0", f64::NEG_INFINITY), "-∞");
    }

    #[test]
    fn writes_decimals_to_the_last_digit() {
        let mut out = String::new();
        NumberPattern::with_places(2).write_decimal(12_345_678_901_234_567_890_125, 3, &mut out);
        assert_eq!(out, "12,345,678,901,234,567,890.12");
    }

    #[test]
    fn refuses_what_java_refuses() {
        for pattern in ["0#", "#.#0", "0.0.0", "0,.0", "'0", "0a0", "0.,0", "0E0"] {
            assert!(NumberPattern::new(pattern).is_err(), "{pattern}");
        }
    }
}
