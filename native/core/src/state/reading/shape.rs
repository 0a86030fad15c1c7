//! What a checkpoint knows of an operator beyond its types: how its state reads as rows.

use serde::{Deserialize, Serialize};

use crate::aggregate::AccumulatorShape;

/// How the state of an operator reads as rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StateShape {
    /// Names of the key's columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
    /// Where event time stands among the keys of groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_time: Option<usize>,
    /// What groups keep.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accumulators: Vec<AccumulatorShape>,
    /// Of a join: its sides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sides: Option<[SideShape; 2]>,
    /// Whether a group function has timeouts.
    #[serde(skip_serializing_if = "is_false")]
    pub has_timeout: bool,
}

/// A side of a join.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SideShape {
    /// Names of its columns.
    pub columns: Vec<String>,
    /// Which of them each key is; none for one that is computed.
    pub keys: Vec<Option<usize>>,
}

impl SideShape {
    /// Whether the keys of a row are among its columns.
    pub fn holds_keys(&self) -> bool {
        self.keys.iter().all(Option::is_some)
    }
}

fn is_false(value: &bool) -> bool {
    !value
}
