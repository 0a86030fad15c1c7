//! The functions of fdlibm that the libm crate computes in another way. Java's StrictMath is fdlibm to the bit.

const TWO_POW_MINUS_28: f64 = 3.725_290_298_461_914e-9;
/// The natural logarithm of the greatest double.
const LOG_MAX: f64 = 709.782_712_893_384;
/// Above this sinh and cosh overflow.
const OVERFLOW: f64 = 710.475_860_073_943_9;

fn high(value: f64) -> u32 {
    (value.to_bits() >> 32) as u32
}

fn with_high(value: f64, high: u32) -> f64 {
    f64::from_bits((u64::from(high) << 32) | (value.to_bits() & 0xffff_ffff))
}

/// The value with the low half of its bits zero.
fn chopped(value: f64) -> f64 {
    f64::from_bits(value.to_bits() & 0xffff_ffff_0000_0000)
}

/// Cube root.
pub fn cbrt(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let x = value.abs();
    // To five bits, then 23, then 53.
    let rough = if x < f64::MIN_POSITIVE {
        let scaled = 18_014_398_509_481_984.0 * x;
        with_high(scaled, high(scaled) / 3 + 696_219_795)
    } else {
        f64::from_bits(u64::from(high(x) / 3 + 715_094_163) << 32)
    };
    let r = rough * rough / x;
    let s = 5.428_571_428_571_428e-1 + r * rough;
    let t = rough
        * (3.571_428_571_428_571_5e-1
            + 1.607_142_857_142_857_2 / (s + 1.414_285_714_285_714_4 + -7.053_061_224_489_796e-1 / s));
    let t = chopped(t);
    let t = with_high(t, high(t) + 1);
    let s = t * t;
    let r = (x / s - t) / (t + t + x / s);
    (t + t * r).copysign(value)
}

/// Logarithm to base 10 of a value above zero.
pub fn log10(value: f64) -> f64 {
    if !value.is_finite() {
        return value;
    }
    let (value, shift) = if value < f64::MIN_POSITIVE {
        (value * 18_014_398_509_481_984.0, -54)
    } else {
        (value, 0)
    };
    let bits = high(value);
    let exponent = shift + (bits >> 20) as i32 - 1023;
    let below = u32::from(exponent < 0);
    let mantissa = with_high(value, (bits & 0x000f_ffff) | ((0x3ff - below) << 20));
    let y = f64::from(exponent + below as i32);
    let z = y * 3.694_239_077_158_931e-13 + std::f64::consts::LOG10_E * libm::log(mantissa);
    z + y * 3.010_299_956_636_117_7e-1
}

/// Hyperbolic sine.
pub fn sinh(value: f64) -> f64 {
    let x = value.abs();
    let half = 0.5f64.copysign(value);
    if !value.is_finite() || x < TWO_POW_MINUS_28 {
        return value;
    }
    if x < 22.0 {
        let t = libm::expm1(x);
        return if x < 1.0 {
            half * (2.0 * t - t * t / (t + 1.0))
        } else {
            half * (t + t / (t + 1.0))
        };
    }
    if x < LOG_MAX {
        return half * libm::exp(x);
    }
    if x <= OVERFLOW {
        let w = libm::exp(0.5 * x);
        return half * w * w;
    }
    f64::INFINITY.copysign(value)
}

/// Hyperbolic cosine.
pub fn cosh(value: f64) -> f64 {
    let x = value.abs();
    if !value.is_finite() {
        return x;
    }
    if high(x) < 0x3fd6_2e43 {
        let t = libm::expm1(x);
        let w = 1.0 + t;
        return if high(x) < 0x3c80_0000 {
            w
        } else {
            1.0 + (t * t) / (w + w)
        };
    }
    if x < 22.0 {
        let t = libm::exp(x);
        return 0.5 * t + 0.5 / t;
    }
    if x < LOG_MAX {
        return 0.5 * libm::exp(x);
    }
    if x <= OVERFLOW {
        let w = libm::exp(0.5 * x);
        return 0.5 * w * w;
    }
    f64::INFINITY
}

/// Hyperbolic tangent.
pub fn tanh(value: f64) -> f64 {
    let x = value.abs();
    if value.is_nan() {
        return value;
    }
    let result = if x >= 22.0 {
        1.0
    } else if high(x) < 0x3c80_0000 {
        return value * (1.0 + value);
    } else if x >= 1.0 {
        1.0 - 2.0 / (libm::expm1(2.0 * x) + 2.0)
    } else {
        let t = libm::expm1(-2.0 * x);
        -t / (t + 2.0)
    };
    result.copysign(value)
}

/// The hypotenuse over two sides.
pub fn hypot(x: f64, y: f64) -> f64 {
    const SCALE: f64 = 4.149_515_568_880_993e180;
    let (x, y) = (x.abs(), y.abs());
    if x.is_infinite() || y.is_infinite() {
        return f64::INFINITY;
    }
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    let (mut a, mut b) = if high(y) > high(x) { (y, x) } else { (x, y) };
    if high(a) - high(b) > 0x03c0_0000 || b == 0.0 {
        return a + b;
    }
    // Scaled by 2^600, so that squares neither overflow nor vanish.
    let mut factor = 1.0;
    if high(a) > 0x5f30_0000 {
        (a, b, factor) = (a / SCALE, b / SCALE, SCALE);
    } else if high(b) < 0x20b0_0000 {
        (a, b, factor) = (a * SCALE, b * SCALE, 1.0 / SCALE);
    }
    let w = a - b;
    let root = if w > b {
        let t1 = chopped(a);
        let t2 = a - t1;
        (t1 * t1 - (b * -b - t2 * (a + t1))).sqrt()
    } else {
        let twice = a + a;
        let y1 = chopped(b);
        let y2 = b - y1;
        let t1 = chopped(twice);
        let t2 = twice - t1;
        (t1 * y1 - (w * -w - (t1 * y2 + t2 * b))).sqrt()
    };
    root * factor
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn as_strict_math_has_them() {
        assert_eq!(cbrt(-2.5), -1.357_208_808_297_453_2);
        assert_eq!(sinh(710.0), 1.116_997_383_080_855_7e308);
        assert_eq!(log10(1000.0), 3.0);
        assert_eq!(hypot(3.0, 4.0), 5.0);
        assert_eq!(tanh(-0.0).to_bits(), (-0.0f64).to_bits());
    }

    proptest! {
        #[test]
        fn near_the_platforms(x in -700.0f64..700.0, y in 1e-300f64..1e300) {
            let near = |a: f64, b: f64| (a - b).abs() <= b.abs() * 1e-15;
            prop_assert!(near(cbrt(x), x.cbrt()));
            prop_assert!(near(sinh(x), x.sinh()) && near(cosh(x), x.cosh()) && near(tanh(x), x.tanh()));
            prop_assert!(near(log10(y), y.log10()) || y.log10().abs() < 1.0);
            prop_assert!(near(hypot(x, y), x.hypot(y)));
        }
    }
}
