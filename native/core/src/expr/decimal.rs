//! Exact decimals: Spark's result types, and arithmetic that rounds as java.math.BigDecimal does.

use num_bigint::{BigInt, Sign};

use crate::column::DataType;

/// Digits that a decimal may have.
pub const PRECISION_MAX: u8 = 38;
/// Digits after the point that Spark keeps where it has to give up some.
const SCALE_KEPT: i32 = 6;
/// Significant digits that Spark's multiplication, division and remainder compute with, rounded half down.
const CONTEXT_DIGITS: u32 = 39;

/// 10 to the power of `exponent`, none where 128 bits do not hold it.
pub fn power_of_ten(exponent: u32) -> Option<i128> {
    10i128.checked_pow(exponent)
}

/// Whether `unscaled` has at most `precision` digits.
pub fn fits(unscaled: i128, precision: u8) -> bool {
    power_of_ten(u32::from(precision)).is_some_and(|limit| unscaled.unsigned_abs() < limit.unsigned_abs())
}

/// The value at another scale, rounded half up; none where it has more than `precision` digits there.
pub fn rescale(unscaled: i128, from: i8, precision: u8, to: i8) -> Option<i128> {
    let value = if to >= from {
        unscaled.checked_mul(power_of_ten(u32::from(from.abs_diff(to)))?)?
    } else {
        match power_of_ten(u32::from(from.abs_diff(to))) {
            Some(divisor) => divide_half_up(unscaled, divisor),
            None => 0,
        }
    };
    fits(value, precision).then_some(value)
}

/// Division rounded half away from zero; the divisor is not zero.
pub fn divide_half_up(value: i128, divisor: i128) -> i128 {
    let (quotient, rest) = (value / divisor, value % divisor);
    let up = rest.unsigned_abs() >= divisor.unsigned_abs() - rest.unsigned_abs();
    match (up && rest != 0, (value < 0) == (divisor < 0)) {
        (false, _) => quotient,
        (true, true) => quotient + 1,
        (true, false) => quotient - 1,
    }
}

/// How a digit that is cut off rounds the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Half away from zero.
    HalfUp,
    /// Half towards zero.
    HalfDown,
    /// Half to the even neighbour.
    HalfEven,
    /// Towards minus infinity.
    Floor,
    /// Towards infinity.
    Ceiling,
    /// Towards zero.
    Down,
}

/// A decimal without a limit of digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BigDecimal {
    /// All digits.
    pub unscaled: BigInt,
    /// Digits after the point; negative where zeros are missing before it.
    pub scale: i64,
}

fn big_power(exponent: i64) -> BigInt {
    BigInt::from(10).pow(u32::try_from(exponent).unwrap_or(0))
}

fn divide_rounded(value: &BigInt, divisor: &BigInt, rounding: Rounding) -> BigInt {
    let quotient = value / divisor;
    let rest = value - &quotient * divisor;
    if rest.sign() == Sign::NoSign {
        return quotient;
    }
    let negative = (value.sign() == Sign::Minus) != (divisor.sign() == Sign::Minus);
    let twice = rest.magnitude() * 2u32;
    let half = twice.cmp(divisor.magnitude());
    let away = match rounding {
        Rounding::Down => false,
        Rounding::Floor => negative,
        Rounding::Ceiling => !negative,
        Rounding::HalfUp => half.is_ge(),
        Rounding::HalfDown => half.is_gt(),
        Rounding::HalfEven => half.is_gt() || (half.is_eq() && quotient.bit(0)),
    };
    match (away, negative) {
        (false, _) => quotient,
        (true, true) => quotient - 1,
        (true, false) => quotient + 1,
    }
}

impl BigDecimal {
    /// Of a value of a column.
    pub fn new(unscaled: i128, scale: i8) -> Self {
        Self {
            unscaled: BigInt::from(unscaled),
            scale: i64::from(scale),
        }
    }

    /// Number of digits; 1 for zero.
    pub fn precision(&self) -> u32 {
        u32::try_from(self.unscaled.magnitude().to_string().len()).unwrap_or(u32::MAX)
    }

    /// At another scale.
    pub fn with_scale(&self, scale: i64, rounding: Rounding) -> Self {
        let unscaled = if scale >= self.scale {
            &self.unscaled * big_power(scale - self.scale)
        } else {
            divide_rounded(&self.unscaled, &big_power(self.scale - scale), rounding)
        };
        Self { unscaled, scale }
    }

    /// With at most `digits` significant digits.
    pub fn rounded(self, digits: u32, rounding: Rounding) -> Self {
        let mut value = self;
        // Rounding may carry into one more digit.
        while value.precision() > digits {
            let drop = i64::from(value.precision() - digits);
            value = value.with_scale(value.scale - drop, rounding);
        }
        value
    }

    /// The unscaled value of DECIMAL(precision, scale), rounded half up; none where it has too many digits.
    pub fn to_decimal(&self, precision: u8, scale: i8) -> Option<i128> {
        let value = i128::try_from(&self.with_scale(i64::from(scale), Rounding::HalfUp).unscaled).ok()?;
        fits(value, precision).then_some(value)
    }

    /// The low 64 bits of the whole part, as `BigDecimal.longValue` gives.
    pub fn to_wrapped_long(&self) -> i64 {
        let whole = self.with_scale(0, Rounding::Down).unscaled;
        let low = whole.magnitude().iter_u64_digits().next().unwrap_or(0) as i64;
        if whole.sign() == Sign::Minus {
            low.wrapping_neg()
        } else {
            low
        }
    }

    /// Plain digits, without an exponent.
    pub fn to_plain_text(&self) -> String {
        let value = if self.scale < 0 {
            self.with_scale(0, Rounding::Down)
        } else {
            self.clone()
        };
        let scale = usize::try_from(value.scale).unwrap_or(0);
        let digits = format!("{:0>1$}", value.unscaled.magnitude().to_string(), scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        let sign = if value.unscaled.sign() == Sign::Minus { "-" } else { "" };
        let point = if scale > 0 { "." } else { "" };
        format!("{sign}{whole}{point}{fraction}")
    }
}

/// The operators whose results are decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalOperator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
    /// `pmod`
    PositiveRemainder,
    /// `div`, as a decimal without fraction.
    Quotient,
}

/// DECIMAL(precision, scale), where more than 38 digits are cut at the end.
fn bounded(precision: i32, scale: i32) -> (u8, i8) {
    (precision.min(38) as u8, scale.min(38) as i8)
}

/// DECIMAL(precision, scale), where more than 38 digits lose some after the point, but not the first six.
fn adjusted(precision: i32, scale: i32) -> (u8, i8) {
    if precision <= 38 {
        return (precision as u8, scale as i8);
    }
    let whole = precision - scale;
    (38, (38 - whole).max(scale.min(SCALE_KEPT)) as i8)
}

/// Spark's result type of an operator over two decimals; `loses` is spark.sql.decimalOperations.allowPrecisionLoss.
pub fn result_type(operator: DecimalOperator, left: (u8, i8), right: (u8, i8), loses: bool) -> (u8, i8) {
    let ((p1, s1), (p2, s2)) = (
        (i32::from(left.0), i32::from(left.1)),
        (i32::from(right.0), i32::from(right.1)),
    );
    let finish = |precision, scale| {
        if loses {
            adjusted(precision, scale)
        } else {
            bounded(precision, scale)
        }
    };
    match operator {
        DecimalOperator::Add | DecimalOperator::Subtract => {
            let scale = s1.max(s2);
            finish((p1 - s1).max(p2 - s2) + scale + 1, scale)
        }
        DecimalOperator::Multiply => finish(p1 + p2 + 1, s1 + s2),
        DecimalOperator::Divide if loses => {
            let scale = SCALE_KEPT.max(s1 + p2 + 1);
            adjusted(p1 - s1 + s2 + scale, scale)
        }
        DecimalOperator::Divide => {
            let mut whole = 38.min(p1 - s1 + s2);
            let mut scale = 38.min(SCALE_KEPT.max(s1 + p2 + 1));
            let excess = whole + scale - 38;
            if excess > 0 {
                scale -= excess / 2 + 1;
                whole = 38 - scale;
            }
            bounded(whole + scale, scale)
        }
        DecimalOperator::Remainder | DecimalOperator::PositiveRemainder => {
            let scale = s1.max(s2);
            finish((p1 - s1).min(p2 - s2) + scale, scale)
        }
        DecimalOperator::Quotient => {
            let whole = p1 - s1 + s2;
            bounded(if whole == 0 { 1 } else { whole }, 0)
        }
    }
}

/// A decimal that both fit in; digits after the point go first where 38 are not enough.
pub fn wider_type(left: (u8, i8), right: (u8, i8)) -> (u8, i8) {
    let scale = i32::from(left.1.max(right.1));
    let whole = (i32::from(left.0) - i32::from(left.1)).max(i32::from(right.0) - i32::from(right.1));
    if whole + scale <= 38 {
        ((whole + scale) as u8, scale as i8)
    } else {
        (38, (scale - (whole + scale - 38)).max(0) as i8)
    }
}

/// The decimal that holds every value of an integer type, and Spark's for floats.
pub fn decimal_for(data_type: &DataType) -> Option<(u8, i8)> {
    Some(match data_type {
        DataType::TinyInt => (3, 0),
        DataType::SmallInt => (5, 0),
        DataType::Int => (10, 0),
        DataType::BigInt => (20, 0),
        DataType::Float => (14, 7),
        DataType::Double => (30, 15),
        DataType::Decimal { precision, scale } => (*precision, *scale),
        _ => return None,
    })
}

/// Computes an operator over values that are not null, its divisor not zero. None where the result does not fit.
pub fn compute(
    operator: DecimalOperator,
    left: (i128, i8),
    right: (i128, i8),
    precision: u8,
    scale: i8,
) -> Option<i128> {
    match quickly(operator, left, right, scale) {
        Some(value) => fits(value, precision).then_some(value),
        None => slowly(operator, left, right)?.to_decimal(precision, scale),
    }
}

/// The same within 128 bits, where no intermediate result has to be rounded; none where that is not certain.
fn quickly(operator: DecimalOperator, left: (i128, i8), right: (i128, i8), scale: i8) -> Option<i128> {
    let common = left.1.max(right.1);
    let align = |(value, own): (i128, i8)| value.checked_mul(power_of_ten(u32::from(own.abs_diff(common)))?);
    let finish = |value: i128, own: i8| {
        if scale >= own {
            value.checked_mul(power_of_ten(u32::from(own.abs_diff(scale)))?)
        } else {
            Some(divide_half_up(value, power_of_ten(u32::from(own.abs_diff(scale)))?))
        }
    };
    match operator {
        DecimalOperator::Add => finish(align(left)?.checked_add(align(right)?)?, common),
        DecimalOperator::Subtract => finish(align(left)?.checked_sub(align(right)?)?, common),
        DecimalOperator::Multiply => {
            let product = left.0.checked_mul(right.0)?;
            fits(product, PRECISION_MAX).then_some(())?;
            finish(product, left.1.checked_add(right.1)?)
        }
        DecimalOperator::Divide => {
            // Spark rounds to 39 digits after the point first: that can't matter while the divisor is this short.
            let room = u32::try_from(38 - i32::from(scale)).ok()?;
            (right.0.unsigned_abs() < power_of_ten(room)?.unsigned_abs()).then_some(())?;
            let shift = u32::try_from(i32::from(scale) + i32::from(right.1) - i32::from(left.1)).ok()?;
            Some(divide_half_up(left.0.checked_mul(power_of_ten(shift)?)?, right.0))
        }
        DecimalOperator::Remainder => finish(align(left)?.checked_rem(align(right)?)?, common),
        DecimalOperator::PositiveRemainder => {
            let divisor = align(right)?;
            let rest = align(left)?.checked_rem(divisor)?;
            let rest = if rest < 0 {
                rest.checked_add(divisor)?.checked_rem(divisor)?
            } else {
                rest
            };
            finish(rest, common)
        }
        DecimalOperator::Quotient => align(left)?.checked_div(align(right)?),
    }
}

/// The exact result in plain digits, for messages.
pub fn exact_text(operator: DecimalOperator, left: (i128, i8), right: (i128, i8)) -> String {
    slowly(operator, left, right).map_or_else(String::new, |value| value.to_plain_text())
}

fn slowly(operator: DecimalOperator, left: (i128, i8), right: (i128, i8)) -> Option<BigDecimal> {
    let (left, right) = (BigDecimal::new(left.0, left.1), BigDecimal::new(right.0, right.1));
    let common = left.scale.max(right.scale);
    let align = |value: &BigDecimal| value.with_scale(common, Rounding::Down).unscaled;
    let at = |unscaled: BigInt, scale: i64| BigDecimal { unscaled, scale };
    Some(match operator {
        DecimalOperator::Add => at(align(&left) + align(&right), common),
        DecimalOperator::Subtract => at(align(&left) - align(&right), common),
        DecimalOperator::Multiply => {
            at(&left.unscaled * &right.unscaled, left.scale + right.scale).rounded(CONTEXT_DIGITS, Rounding::HalfDown)
        }
        DecimalOperator::Divide => {
            // 39 digits after the point, rounded half down.
            let shift = 39 + right.scale - left.scale;
            let numerator = &left.unscaled * big_power(shift.max(0));
            at(divide_rounded(&numerator, &right.unscaled, Rounding::HalfDown), 39)
        }
        DecimalOperator::Remainder => at(align(&left) % align(&right), common),
        DecimalOperator::PositiveRemainder => {
            let divisor = align(&right);
            let rest = align(&left) % &divisor;
            let rest = if rest.sign() == Sign::Minus {
                (rest + &divisor) % &divisor
            } else {
                rest
            };
            at(rest, common)
        }
        DecimalOperator::Quotient => at(align(&left) / align(&right), 0),
    })
}

/// The nearest double.
pub fn to_double(unscaled: i128, scale: i8) -> f64 {
    const POWERS: [f64; 23] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ];
    // Both sides are exact, so one rounding gives the nearest.
    match usize::try_from(scale).ok().and_then(|scale| POWERS.get(scale)) {
        Some(power) if unscaled.unsigned_abs() < 1 << 53 => unscaled as f64 / power,
        _ => format!("{unscaled}e{}", -i32::from(scale)).parse().unwrap_or(f64::NAN),
    }
}

/// The nearest float.
pub fn to_float(unscaled: i128, scale: i8) -> f32 {
    format!("{unscaled}e{}", -i32::from(scale)).parse().unwrap_or(f32::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn types_lose_digits_after_the_point_first() {
        assert_eq!(result_type(DecimalOperator::Add, (38, 18), (3, 0), true), (38, 17));
        assert_eq!(result_type(DecimalOperator::Multiply, (10, 2), (10, 2), true), (21, 4));
        assert_eq!(result_type(DecimalOperator::Divide, (10, 2), (10, 2), true), (23, 13));
        assert_eq!(result_type(DecimalOperator::Divide, (38, 0), (2, 1), true), (38, 6));
        assert_eq!(result_type(DecimalOperator::Divide, (38, 0), (2, 1), false), (38, 2));
        assert_eq!(wider_type((38, 0), (38, 18)), (38, 0));
    }

    #[test]
    fn halves_round_away_from_zero() {
        assert_eq!(rescale(125, 2, 10, 1), Some(13));
        assert_eq!(rescale(-125, 2, 10, 1), Some(-13));
        assert_eq!(rescale(999, 1, 2, 0), None);
        assert_eq!(to_double(-333, 2), -3.33);
    }

    proptest! {
        #[test]
        fn fast_and_slow_agree(
            left in -10i128.pow(20)..10i128.pow(20), left_scale in 0i8..8,
            right in -10i128.pow(9)..10i128.pow(9), right_scale in 0i8..8, which in 0usize..6,
        ) {
            prop_assume!(right != 0);
            let operator = [DecimalOperator::Add, DecimalOperator::Subtract, DecimalOperator::Multiply,
                DecimalOperator::Divide, DecimalOperator::Remainder, DecimalOperator::PositiveRemainder][which];
            let (precision, scale) = result_type(operator, (20, left_scale), (9, right_scale), true);
            let slow = slowly(operator, (left, left_scale), (right, right_scale))
                .and_then(|value| value.to_decimal(precision, scale));
            prop_assert_eq!(compute(operator, (left, left_scale), (right, right_scale), precision, scale), slow);
        }
    }
}
