//! Placeholder.
use super::Bind;
pub const FUNCTIONS: &[(&str, Bind)] = &[];
pub fn bind_reverse(call: super::Call<'_>) -> crate::error::Result<super::Expr> { Err(call.wrong_type(0, "")) }
