//! The decimal digits that Java up to 18 gives a binary float: enough to tell it from its neighbours, though not always
//! the fewest.

use num_bigint::BigUint;

/// Bits of a double's fraction, to which a float's are shifted.
const FRACTION_BITS: i32 = 52;

/// Digits and the exponent of the first: `value = d.ddd * 10^exponent`. The value is finite, above zero, given as its
/// fraction (the leading bit is bit 52), the exponent of that bit, and the bits that count.
fn digits(fraction: u64, exponent: i32, significant: i32) -> (String, i32) {
    let tail = fraction.trailing_zeros() as i32;
    let used = FRACTION_BITS + 1 - tail;
    let tiny = (used - exponent - 1).max(0);
    if tiny == 0 && (-21..=62).contains(&exponent) && used < 64 {
        return of_integer(fraction, exponent, significant);
    }
    let estimate = f64::from_bits(0x3ff0_0000_0000_0000 | (fraction & 0x000f_ffff_ffff_ffff));
    let estimate = (estimate - 1.5) * 0.289_529_654 + 0.176_091_259 + f64::from(exponent) * std::f64::consts::LOG10_2;
    let decimal = estimate.floor() as i32;

    // value = b / s, half the distance to a neighbour = m / s.
    let five_b = (-decimal).max(0);
    let mut two_b = five_b + tiny + exponent;
    let five_s = decimal.max(0);
    let mut two_s = five_s + tiny;
    let mut two_m = two_b - significant;
    two_b -= used - 1;
    let common = two_b.min(two_s);
    two_b -= common;
    two_s -= common;
    two_m -= common;
    // Below a power of two the neighbour is half as far.
    if used == 1 {
        two_m -= 1;
    }
    if two_m < 0 {
        two_b -= two_m;
        two_s -= two_m;
        two_m = 0;
    }
    let bits_of_five = |power: i32| {
        if power < 27 {
            (power * 2_321_928 / 1_000_000) + i32::from(power > 0)
        } else {
            power * 3
        }
    };
    let is_long = used + two_b + bits_of_five(five_b) < 64 && two_s + 1 + bits_of_five(five_s + 1) < 64;
    let power = |five: i32, two: i32| BigUint::from(5u32).pow(five.unsigned_abs()) << two.unsigned_abs();
    let s = power(five_s, two_s);
    generate(
        (power(five_b, two_b) * (fraction >> tail), power(five_b, two_m), s),
        decimal,
        is_long,
    )
}

/// An integer below 2^63: its digits, the last of which do not count rounded away.
fn of_integer(fraction: u64, exponent: i32, significant: i32) -> (String, i32) {
    let mut value = if exponent >= FRACTION_BITS {
        fraction << (exponent - FRACTION_BITS)
    } else {
        fraction >> (FRACTION_BITS - exponent)
    };
    let spare = exponent - significant - 1;
    let dropped = if spare > 1 {
        (f64::from(spare) * std::f64::consts::LOG10_2) as u32
    } else {
        0
    };
    if dropped > 0 {
        let power = 10u64.pow(dropped);
        let rest = value % power;
        value = value / power + u64::from(rest >= power / 2);
    }
    let text = value.to_string();
    let place = text.len() as i32 - 1 + dropped as i32;
    (text.trim_end_matches('0').to_string(), place)
}

/// Takes digits off b / s until what is left is less than m / s. Java compares differently where longs are enough.
fn generate((mut b, mut m, s): (BigUint, BigUint, BigUint), mut decimal: i32, is_long: bool) -> (String, i32) {
    let tens = &s * 10u32;
    let is_high = |b: &BigUint, m: &BigUint| if is_long { b + m > tens } else { b + m >= tens };
    let mut text: Vec<u8> = Vec::with_capacity(18);
    let next = |b: &mut BigUint, m: &mut BigUint| {
        let digit = (&*b / &s).iter_u32_digits().next().unwrap_or(0) as u8;
        *b = (&*b % &s) * 10u32;
        *m *= 10u32;
        digit
    };
    let first = next(&mut b, &mut m);
    let (mut low, mut high) = (b < m, is_high(&b, &m));
    if first == 0 && !high {
        decimal -= 1;
    } else {
        text.push(first);
    }
    // Scientific notation has a digit after the point, whatever it is.
    if !(-3..8).contains(&decimal) {
        (low, high) = (false, false);
    }
    while !low && !high {
        text.push(next(&mut b, &mut m));
        (low, high) = (b < m, is_high(&b, &m));
    }
    let twice = b * 2u32;
    let is_odd = text.last().is_some_and(|digit| digit & 1 == 1);
    if high && (!low || twice > tens || (twice == tens && is_odd)) {
        decimal += round_up(&mut text);
    }
    (text.iter().map(|digit| char::from(b'0' + digit)).collect(), decimal)
}

/// Adds one to the last digit; says whether that carried into a new first one.
fn round_up(digits: &mut [u8]) -> i32 {
    for digit in digits.iter_mut().rev() {
        if *digit < 9 {
            *digit += 1;
            return 0;
        }
        *digit = 0;
    }
    if let Some(first) = digits.first_mut() {
        *first = 1;
    }
    1
}

/// `d.ddde-x` of a finite double, with Java's digits.
pub fn java_double_digits(value: f64) -> String {
    let bits = value.to_bits();
    let (exponent, fraction) = ((bits >> 52 & 0x7ff) as i32, bits & 0x000f_ffff_ffff_ffff);
    let parts = match (exponent, fraction) {
        (0, 0) => ("0".to_string(), 0),
        (0, _) => {
            let zeros = fraction.leading_zeros() as i32;
            let shift = zeros - 11;
            digits(fraction << shift, 1 - shift - 1023, 64 - zeros)
        }
        _ => digits(fraction | 1 << 52, exponent - 1023, 53),
    };
    write(value.is_sign_negative(), parts)
}

/// `d.ddde-x` of a finite float, with Java's digits.
pub fn java_float_digits(value: f32) -> String {
    let bits = value.to_bits();
    let (exponent, fraction) = ((bits >> 23 & 0xff) as i32, bits & 0x007f_ffff);
    let parts = match (exponent, fraction) {
        (0, 0) => ("0".to_string(), 0),
        (0, _) => {
            let zeros = fraction.leading_zeros() as i32;
            let shift = zeros - 8;
            digits(u64::from(fraction << shift) << 29, 1 - shift - 127, 32 - zeros)
        }
        _ => digits(u64::from(fraction | 1 << 23) << 29, exponent - 127, 24),
    };
    write(value.is_sign_negative(), parts)
}

fn write(negative: bool, (digits, exponent): (String, i32)) -> String {
    let (first, rest) = digits.split_at(1);
    let sign = if negative { "-" } else { "" };
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{first}{point}{rest}e{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn not_always_the_fewest() {
        let cases = [
            (5e-324, "4.9e-324"),
            (9_223_372_036_854_774_784.0, "9.2233720368547748e18"),
            (0.1, "1e-1"),
            (123_456_789.123_456_79, "1.2345678912345679e8"),
        ];
        for (value, expected) in cases {
            assert_eq!(java_double_digits(value), expected);
        }
        assert_eq!(java_float_digits(1.4e-45), "1.4e-45");
        assert_eq!(java_float_digits(2_147_483_648.0), "2.14748365e9");
        assert_eq!(java_float_digits(-0.0), "-0e0");
    }

    proptest! {
        #[test]
        fn reads_back(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(java_double_digits(value).parse::<f64>().unwrap().to_bits(), bits);
            let float = f32::from_bits(bits as u32);
            if float.is_finite() {
                prop_assert_eq!(java_float_digits(float).parse::<f32>().unwrap().to_bits(), bits as u32);
            }
        }
    }
}
