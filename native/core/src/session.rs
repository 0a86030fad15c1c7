//! The configurations a plan was made under, read once and typed.

use std::collections::BTreeMap;

use crate::config_generated as names;
use crate::error::{Error, ErrorCode, Result};
use crate::limits::SHARDS_MAX;
use crate::parse::{TimeParserPolicy, TimeZone};

/// Typed configurations of a session; see schema/config.toml.
#[derive(Clone, Debug)]
pub struct Session {
    /// `spark.sql.ansi.enabled`: errors instead of nulls.
    pub ansi: bool,
    /// `spark.sql.session.timeZone`.
    pub zone: TimeZone,
    /// `spark.sql.caseSensitive`.
    pub case_sensitive: bool,
    /// `spark.sql.decimalOperations.allowPrecisionLoss`: exact decimals past 38 digits lose digits after the point.
    pub decimal_precision_loss: bool,
    /// `spark.sql.legacy.timeParserPolicy`.
    pub time_parser_policy: TimeParserPolicy,
    /// `spark.sql.mapKeyDedupPolicy` is LAST_WIN.
    pub last_map_key_wins: bool,
    /// `spark.sql.json.enablePartialResults`.
    pub json_partial_results: bool,
    /// `spark.sql.columnNameOfCorruptRecord`.
    pub corrupt_record_column: String,
    /// Whether a map task joins its sessions before any is judged late.
    pub merges_sessions_early: bool,
    /// `spark.sql.streaming.statefulOperator.checkCorrectness.enabled`: refuses operations that may drop each other's rows.
    pub checks_late_rows: bool,
    /// `spark.sql.shuffle.partitions`: shards of the state.
    pub shards: usize,
    /// `millrace.maxStateBytes`; 0 = no cap.
    pub state_bytes_max: u64,
}

impl Session {
    /// Reads the JSON object of configurations that crosses the border. Fails with CONFIG_INVALID.
    pub fn from_json(text: &str) -> Result<Self> {
        let values: BTreeMap<String, String> =
            serde_json::from_str(text).map_err(|error| Error::internal(format!("configurations: {error}")))?;
        let default_of = |name: &str| {
            names::CONFIGURATIONS
                .iter()
                .find(|entry| entry.name == name)
                .map_or("", |entry| entry.default)
        };
        let value_of = |name: &'static str| -> &str { values.get(name).map_or(default_of(name), String::as_str) };
        let invalid = |name: &'static str, reason: &str| {
            Error::new(ErrorCode::ConfigInvalid)
                .with("name", name)
                .with("value", value_of(name))
                .with("reason", reason)
        };
        let flag = |name: &'static str| -> Result<bool> {
            value_of(name)
                .parse()
                .map_err(|_| invalid(name, "it must be true or false"))
        };
        let shards: usize = value_of(names::SHUFFLE_PARTITIONS)
            .parse()
            .ok()
            .filter(|count| (1..=SHARDS_MAX).contains(count))
            .ok_or_else(|| invalid(names::SHUFFLE_PARTITIONS, "it must be between 1 and 4096"))?;
        Ok(Self {
            ansi: flag(names::ANSI_ENABLED)?,
            zone: TimeZone::parse(value_of(names::SESSION_TIME_ZONE))?,
            case_sensitive: flag(names::CASE_SENSITIVE)?,
            decimal_precision_loss: flag(names::DECIMAL_OPERATIONS_ALLOW_PRECISION_LOSS)?,
            time_parser_policy: match value_of(names::LEGACY_TIME_PARSER_POLICY).to_ascii_uppercase().as_str() {
                "CORRECTED" => TimeParserPolicy::Corrected,
                "EXCEPTION" => TimeParserPolicy::Exception,
                "LEGACY" => TimeParserPolicy::Legacy,
                _ => {
                    return Err(invalid(
                        names::LEGACY_TIME_PARSER_POLICY,
                        "it must be CORRECTED, EXCEPTION or LEGACY",
                    ));
                }
            },
            last_map_key_wins: value_of(names::MAP_KEY_DEDUP_POLICY).eq_ignore_ascii_case("LAST_WIN"),
            json_partial_results: flag(names::JSON_ENABLE_PARTIAL_RESULTS)?,
            corrupt_record_column: value_of(names::COLUMN_NAME_OF_CORRUPT_RECORD).to_string(),
            merges_sessions_early: flag(names::SESSION_WINDOW_MERGE_SESSIONS_IN_LOCAL_PARTITION)?,
            checks_late_rows: flag(names::STATEFUL_OPERATOR_CHECK_CORRECTNESS_ENABLED)?,
            shards,
            state_bytes_max: bytes_of(value_of(names::MAX_STATE_BYTES))
                .ok_or_else(|| invalid(names::MAX_STATE_BYTES, "it must be a number of bytes such as 512m"))?,
        })
    }
}

/// `512m` and the like to bytes.
fn bytes_of(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text.trim_end_matches('b');
    let (digits, shift) = match digits.as_bytes().last()? {
        b'k' => (&digits[..digits.len() - 1], 10),
        b'm' => (&digits[..digits.len() - 1], 20),
        b'g' => (&digits[..digits.len() - 1], 30),
        _ => (digits, 0),
    };
    digits.parse::<u64>().ok()?.checked_shl(shift)
}
