//! sample(): which rows chance keeps is a matter of the seed alone.

use serde_json::Value as Json;

use super::Operator;
use crate::error::{Error, ErrorCode, Result};

/// The operator of a sample. Fails with ARGUMENT_INVALID where the fraction is none or rows may come twice.
pub(super) fn sample_operator(fraction: &Json, with_replacement: bool, seed: &str) -> Result<Operator> {
    let invalid = |reason: &str| {
        Error::new(ErrorCode::ArgumentInvalid)
            .with("function", "sample")
            .with("reason", reason)
    };
    if with_replacement {
        return Err(invalid("sampling with replacement is not there yet"));
    }
    let fraction = fraction.as_f64().unwrap_or(f64::NAN);
    if !(0.0..=1.0).contains(&fraction) {
        return Err(invalid("the fraction must be between 0 and 1"));
    }
    let seed = seed
        .parse()
        .map_err(|_| invalid("the seed must be a whole number of 64 bits"))?;
    Ok(Operator::Sample { fraction, seed })
}
