//! Options of the JSON reader: Spark's names, Spark's defaults.

use std::collections::BTreeMap;

use super::locale_names::LocaleNames;
use super::time_zone::TimeZone;
use super::timestamp_legacy::{LegacyPattern, TimeParserPolicy};
use super::timestamp_pattern::TimestampPattern;
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::limits::JSON_DEPTH_MAX;

/// What to do with a malformed record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseMode {
    /// A row of nulls, or what could be read of it.
    Permissive,
    /// No row.
    DropMalformed,
    /// An error.
    FailFast,
}

/// Options of `from_json` and of the json data source.
#[derive(Clone, Debug)]
pub struct JsonOptions {
    /// `mode`.
    pub mode: ParseMode,
    /// `columnNameOfCorruptRecord`.
    pub corrupt_record_column: String,
    /// `allowComments`: `//` and `/* */`.
    pub allow_comments: bool,
    /// `allowUnquotedFieldNames`.
    pub allow_unquoted_names: bool,
    /// `allowSingleQuotes`, on by default.
    pub allow_single_quotes: bool,
    /// `allowNumericLeadingZeros`.
    pub allow_leading_zeros: bool,
    /// `allowBackslashEscapingAnyCharacter`.
    pub allow_any_escape: bool,
    /// `allowUnquotedControlChars`.
    pub allow_control_characters: bool,
    /// `allowNonNumericNumbers`: NaN and infinities, on by default.
    pub allow_non_numeric: bool,
    /// `primitivesAsString`: schema_of_json takes numbers and truths for text.
    pub primitives_as_string: bool,
    /// `prefersDecimal`: schema_of_json takes fractions for decimals where they fit.
    pub prefers_decimal: bool,
    /// `inferTimestamp`: schema_of_json takes texts that read as timestamps for such.
    pub infer_timestamp: bool,
    /// `dropFieldIfAllNull`: schema_of_json leaves out what has no type.
    pub drop_field_if_all_null: bool,
    /// Levels of nesting, `maxNestingDepth`.
    pub depth_max: usize,
    /// Digits of a number, `maxNumLen`.
    pub number_digits_max: usize,
    /// Bytes of a name.
    pub name_bytes_max: usize,
    /// `spark.sql.json.enablePartialResults`.
    pub partial_results: bool,
    /// `timestampFormat`, compiled.
    pub timestamp_pattern: Option<TimestampPattern>,
    /// `timestampNTZFormat`, compiled.
    pub timestamp_ntz_pattern: Option<TimestampPattern>,
    /// `dateFormat`, compiled.
    pub date_pattern: Option<TimestampPattern>,
    /// Patterns that do not compile, by the type they are for.
    pub pattern_errors: Vec<(DataType, Error)>,
    /// `timeZone`, or the session's.
    pub zone: TimeZone,
    /// What Spark 2 read dates by, where no pattern is given and policy EXCEPTION asks.
    pub(crate) upgraded_date_pattern: Option<LegacyPattern>,
    /// `spark.sql.legacy.timeParserPolicy`.
    pub policy: TimeParserPolicy,
    /// `enableDateTimeParsingFallback`, where it was given.
    pub fallback: Option<bool>,
}

const DATE_PATTERN: &str = "yyyy-MM-dd";

impl JsonOptions {
    /// Reads options; names ignore case, as in Spark. The map may also carry the configurations
    /// `spark.sql.json.enablePartialResults` and `spark.sql.columnNameOfCorruptRecord`.
    /// Fails with OPTION_INVALID for a value that Spark does not take, bad patterns
    /// fail when they are first used.
    pub fn new(options: &BTreeMap<String, String>, session_zone: &TimeZone) -> Result<Self> {
        let get = |name: &str| {
            options
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.as_str())
        };
        let flag = |name: &'static str, default: bool| match get(name) {
            None => Ok(default),
            Some(value) if value.eq_ignore_ascii_case("true") => Ok(true),
            Some(value) if value.eq_ignore_ascii_case("false") => Ok(false),
            Some(value) => Err(invalid(name, value, "it is neither true nor false")),
        };
        let size = |name: &'static str, default: usize| match get(name) {
            None => Ok(default),
            Some(value) => value
                .parse()
                .map_err(|_| invalid(name, value, "it is not a whole number")),
        };
        let zone = match get("timeZone") {
            Some(name) => TimeZone::parse(name)?,
            None => session_zone.clone(),
        };
        let policy = match get("spark.sql.legacy.timeParserPolicy") {
            Some(policy) if policy.eq_ignore_ascii_case("EXCEPTION") => TimeParserPolicy::Exception,
            Some(policy) if policy.eq_ignore_ascii_case("LEGACY") => TimeParserPolicy::Legacy,
            _ => TimeParserPolicy::Corrected,
        };
        let locale = get("locale").map_or_else(LocaleNames::english, LocaleNames::of);
        // Spark compiles a pattern when the first text needs it: a bad one is remembered until then.
        let mut pattern_errors = Vec::new();
        let mut pattern = |name: &'static str, data_type: DataType| {
            // Spark 2 had patterns where there is none now.
            let pattern = get(name).or(match (policy, &data_type) {
                (TimeParserPolicy::Legacy, DataType::Timestamp) => Some("yyyy-MM-dd'T'HH:mm:ss.SSSXXX"),
                (TimeParserPolicy::Legacy, DataType::Date) => Some(DATE_PATTERN),
                _ => None,
            })?;
            // Wall clocks came later: no policy is about them.
            let policy = if data_type == DataType::TimestampNtz {
                TimeParserPolicy::Corrected
            } else {
                policy
            };
            match TimestampPattern::compile_under_in(locale, policy, pattern, &zone, true) {
                Ok(compiled) => Some(compiled),
                Err(error) => {
                    pattern_errors.push((data_type, error));
                    None
                }
            }
        };
        let timestamp_pattern = pattern("timestampFormat", DataType::Timestamp);
        let timestamp_ntz_pattern = pattern("timestampNTZFormat", DataType::TimestampNtz);
        let date_pattern = pattern("dateFormat", DataType::Date);
        let is_upgrade_checked = policy == TimeParserPolicy::Exception && date_pattern.is_none();
        let upgraded_date_pattern = is_upgrade_checked
            .then(|| LegacyPattern::compile(DATE_PATTERN, true))
            .transpose()?;
        Ok(Self {
            mode: mode_of(get("mode").unwrap_or("PERMISSIVE")),
            corrupt_record_column: get("columnNameOfCorruptRecord")
                .or_else(|| get("spark.sql.columnNameOfCorruptRecord"))
                .unwrap_or("_corrupt_record")
                .to_string(),
            allow_comments: flag("allowComments", false)?,
            allow_unquoted_names: flag("allowUnquotedFieldNames", false)?,
            allow_single_quotes: flag("allowSingleQuotes", true)?,
            allow_leading_zeros: flag("allowNumericLeadingZeros", false)?,
            allow_any_escape: flag("allowBackslashEscapingAnyCharacter", false)?,
            allow_control_characters: flag("allowUnquotedControlChars", false)?,
            allow_non_numeric: flag("allowNonNumericNumbers", true)?,
            primitives_as_string: flag("primitivesAsString", false)?,
            prefers_decimal: flag("prefersDecimal", false)?,
            infer_timestamp: flag("inferTimestamp", false)?,
            drop_field_if_all_null: flag("dropFieldIfAllNull", false)?,
            // Some readers follow the nesting: the option can lower the bound, and raise it so far.
            depth_max: size("maxNestingDepth", 1000)?.min(JSON_DEPTH_MAX),
            number_digits_max: size("maxNumLen", 1000)?,
            name_bytes_max: 50_000,
            partial_results: flag("spark.sql.json.enablePartialResults", true)?,
            timestamp_pattern,
            timestamp_ntz_pattern,
            date_pattern,
            upgraded_date_pattern,
            policy,
            pattern_errors,
            fallback: match get("enableDateTimeParsingFallback") {
                None => None,
                Some(_) => Some(flag("enableDateTimeParsingFallback", true)?),
            },
            zone,
        })
    }

    /// Why texts of a time type cannot be read at all, if so.
    pub(crate) fn pattern_error(&self, data_type: &DataType) -> Option<&Error> {
        self.pattern_errors
            .iter()
            .find(|(of, _)| of == data_type)
            .map(|(_, error)| error)
    }
}

/// Spark takes an unknown mode for PERMISSIVE, with a warning in its log.
fn mode_of(name: &str) -> ParseMode {
    match name.to_ascii_uppercase().as_str() {
        "DROPMALFORMED" => ParseMode::DropMalformed,
        "FAILFAST" => ParseMode::FailFast,
        _ => ParseMode::Permissive,
    }
}

fn invalid(name: &str, value: &str, reason: &str) -> Error {
    Error::new(ErrorCode::OptionInvalid)
        .with("name", name)
        .with("value", value)
        .with("reason", reason)
}
