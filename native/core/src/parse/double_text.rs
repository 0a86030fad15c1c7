//! Floating point numbers as Java writes them: `1.0`, `1.0E7`, `1.0E-4`, `NaN`, `Infinity`.

use super::java_digits::{java_double_digits, java_float_digits};

/// Appends Java's `Double.toString`.
pub fn write_java_double(value: f64, out: &mut String) {
    if !value.is_finite() {
        return write_special(value, out);
    }
    write_parts(&java_double_digits(value), out);
}

/// Appends Java's `Float.toString`.
pub fn write_java_float(value: f32, out: &mut String) {
    if !value.is_finite() {
        return write_special(f64::from(value), out);
    }
    write_parts(&java_float_digits(value), out);
}

fn write_special(value: f64, out: &mut String) {
    out.push_str(match (value.is_nan(), value > 0.0) {
        (true, _) => "NaN",
        (_, true) => "Infinity",
        _ => "-Infinity",
    });
}

/// `scientific` has the digits: `-1.25e-7`.
fn write_parts(scientific: &str, out: &mut String) {
    let (negative, unsigned) = match scientific.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, scientific),
    };
    let (mantissa, exponent) = unsigned.split_once('e').unwrap_or((unsigned, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (first, rest) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if negative {
        out.push('-');
    }
    let is_zero = first == "0";
    if is_zero || (-3..7).contains(&exponent) {
        let digits = format!("{first}{rest}");
        if exponent < 0 {
            out.push_str("0.");
            out.extend(std::iter::repeat_n('0', exponent.unsigned_abs() as usize - 1));
            out.push_str(&digits);
        } else {
            let whole = exponent as usize + 1;
            let padded = format!("{digits:0<whole$}");
            let (left, right) = padded.split_at(whole);
            out.push_str(left);
            out.push('.');
            out.push_str(if right.is_empty() { "0" } else { right });
        }
        return;
    }
    out.push_str(first);
    out.push('.');
    out.push_str(if rest.is_empty() { "0" } else { rest });
    out.push('E');
    out.push_str(&exponent.to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_java_writes() {
        let text = |value: f64| {
            let mut out = String::new();
            write_java_double(value, &mut out);
            out
        };
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.5, "1.5"),
            (1000.0, "1000.0"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (12_345_678.91, "1.234567891E7"),
            (0.001, "0.001"),
            (0.0001, "1.0E-4"),
            (0.00123, "0.00123"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ];
        for (value, expected) in cases {
            assert_eq!(text(value), expected);
        }
        let mut out = String::new();
        write_java_float(2_147_483_648.0, &mut out);
        assert_eq!(out, "2.14748365E9");
    }
}
