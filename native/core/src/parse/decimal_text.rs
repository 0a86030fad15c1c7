//! Text to DECIMAL(precision, scale): java.math.BigDecimal's syntax, rounded half up.

/// The unscaled value of `text` at `scale`, or none where it is no number or needs more digits than `precision`.
pub fn parse_decimal_text(text: &[u8], precision: u8, scale: i8) -> Option<i128> {
    let Parts {
        negative,
        digits,
        scale: own_scale,
    } = Parts::of(text)?;
    let kept = i64::try_from(digits.len()).ok()? + i64::from(scale) - i64::from(own_scale);
    let value = scaled(&digits, kept)?;
    let limit = 10i128.checked_pow(u32::from(precision))?;
    if value >= limit {
        return None;
    }
    Some(if negative { -value } else { value })
}

/// Precision and scale that BigDecimal gives a number's text; none where it is none.
pub fn decimal_shape(text: &[u8]) -> Option<(usize, i32)> {
    let Parts { digits, scale, .. } = Parts::of(text)?;
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    Some(((digits.len() - zeros).max(1), scale))
}

/// What BigDecimal makes of a number's text: digits, and how many of them are behind the point.
struct Parts {
    negative: bool,
    digits: Vec<u8>,
    scale: i32,
}

impl Parts {
    fn of(text: &[u8]) -> Option<Self> {
        let (negative, unsigned) = match text.first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let exponent_at = unsigned.iter().position(|byte| matches!(byte, b'e' | b'E'));
        let (mantissa, exponent) = match exponent_at {
            Some(at) => (&unsigned[..at], parse_exponent(&unsigned[at + 1..])?),
            None => (unsigned, 0),
        };
        let mantissa = std::str::from_utf8(mantissa).ok()?;
        let mut digits: Vec<u8> = Vec::with_capacity(mantissa.len());
        let mut point = None;
        for character in mantissa.chars() {
            match decimal_digit(character) {
                Some(digit) => digits.push(digit),
                None if character == '.' && point.is_none() => point = Some(digits.len()),
                None => return None,
            }
        }
        if digits.is_empty() {
            return None;
        }
        let fraction_length = i64::try_from(point.map_or(0, |at| digits.len() - at)).ok()?;
        // BigDecimal's own scale is an int.
        let scale = i32::try_from(fraction_length - exponent).ok()?;
        Some(Self {
            negative,
            digits,
            scale,
        })
    }
}

/// The first `kept` digits as a number, zeros appended where there are fewer, rounded half up by the next digit.
fn scaled(digits: &[u8], kept: i64) -> Option<i128> {
    let length = i64::try_from(digits.len()).ok()?;
    if kept < 0 {
        return Some(0);
    }
    let mut value = 0i128;
    for &digit in &digits[..usize::try_from(kept.min(length)).ok()?] {
        value = value.checked_mul(10)?.checked_add(i128::from(digit))?;
    }
    if kept < length {
        let next = *digits.get(usize::try_from(kept).ok()?)?;
        return Some(value + i128::from(next >= 5));
    }
    if value == 0 {
        return Some(0);
    }
    10i128
        .checked_pow(u32::try_from(kept - length).ok()?)
        .and_then(|power| value.checked_mul(power))
}

fn parse_exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text.first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > 10 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits
        .iter()
        .fold(0i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    Some(if negative { -value } else { value })
}

/// Java takes the decimal digits of any script; full-width ones are what is met.
pub fn decimal_digit(character: char) -> Option<u8> {
    let base = match character {
        '0'..='9' => '0',
        '\u{ff10}'..='\u{ff19}' => '\u{ff10}',
        '\u{0660}'..='\u{0669}' => '\u{0660}',
        '\u{06f0}'..='\u{06f9}' => '\u{06f0}',
        '\u{0966}'..='\u{096f}' => '\u{0966}',
        _ => return None,
    };
    u8::try_from(u32::from(character) - u32::from(base)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigInt;
    use proptest::prelude::*;

    /// The number as a fraction of big integers, rounded at the end.
    fn decimal_naive(text: &str, precision: u8, scale: i32) -> Option<i128> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: BigInt = format!("{whole}{fraction}").parse().ok()?;
        let shift = scale + exponent - fraction.len() as i32;
        let power = BigInt::from(10).pow(shift.unsigned_abs());
        let value = if shift >= 0 {
            digits * power
        } else {
            (digits + &power / 2) / power
        };
        let value = (value < BigInt::from(10).pow(precision.into())).then_some(value)?;
        let value = i128::try_from(value).ok()?;
        Some(if negative { -value } else { value })
    }

    proptest! {
        #[test]
        fn rounding_digit_by_digit_equals_big_integers(
            text in "[-+]?[0-9]{0,24}(\\.[0-9]{0,24})?([eE][-+]?[0-9]{1,2})?", precision in 1u8..=38, scale in 0i8..=38,
        ) {
            prop_assert_eq!(
                parse_decimal_text(text.as_bytes(), precision, scale),
                decimal_naive(&text, precision, scale.into()),
                "{}", text
            );
        }
    }

    #[test]
    fn reads_and_rounds() {
        let decimal = |text: &str| parse_decimal_text(text.as_bytes(), 10, 2);
        assert_eq!(decimal("1.005"), Some(101));
        assert_eq!(decimal("-1.005"), Some(-101));
        assert_eq!(decimal("1e3"), Some(100_000));
        assert_eq!(decimal(".5"), Some(50));
        assert_eq!(decimal("5."), Some(500));
        assert_eq!(decimal("99999999.99"), Some(9_999_999_999));
        assert_eq!(decimal("99999999.995"), None);
        assert_eq!(decimal("0e999999999"), Some(0));
        assert_eq!(decimal("1e-999999999"), Some(0));
        for bad in ["", ".", "-", "1e", "1,0", "1e99999999999", "x", "1e9"] {
            assert_eq!(decimal(bad), None, "{bad}");
        }
        assert_eq!(parse_decimal_text(&[b'9'; 500], 38, 0), None);
    }

    #[test]
    fn shapes_are_those_of_big_decimals() {
        assert_eq!(decimal_shape(b"1.50"), Some((3, 2)));
        assert_eq!(decimal_shape(b"-0.001"), Some((1, 3)));
        assert_eq!(decimal_shape(b"1e3"), Some((1, -3)));
        assert_eq!(decimal_shape(b"0"), Some((1, 0)));
        assert_eq!(decimal_shape(b"x"), None);
    }
}
