//! Placeholder.
use super::Bind;
pub const FUNCTIONS: &[(&str, Bind)] = &[];
