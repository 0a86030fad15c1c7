//! Every function that a query can name, wherever it is made: what the guide's tables are checked against.

use super::WINDOW_FUNCTION_NAMES;
use crate::aggregate::AGGREGATE_NAMES;
use crate::expr::{self, GENERATOR_NAMES};

/// Functions that the planner turns into something else, so that no registry has them.
const PLANNED: &[&str] = &["grouping", "grouping_id", "session_window", "window"];

/// The names of all functions and operators, sorted.
pub fn function_names() -> Vec<&'static str> {
    let mut names: Vec<_> = expr::function_names().collect();
    for more in [AGGREGATE_NAMES, GENERATOR_NAMES, WINDOW_FUNCTION_NAMES, PLANNED] {
        names.extend(more);
    }
    names.sort_unstable();
    names.dedup();
    names
}
