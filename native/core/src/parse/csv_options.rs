//! Options of the CSV reader: Spark's names, Spark's defaults.

use std::collections::BTreeMap;

use super::json_options::{JsonOptions, ParseMode};
use super::time_zone::TimeZone;
use crate::error::Result;
use crate::options::Options;

/// Options of the csv data source.
#[derive(Clone, Debug)]
pub struct CsvOptions {
    /// `sep` or `delimiter`.
    pub separator: Vec<u8>,
    /// `quote`; none: quotes mean nothing.
    pub quote: Option<u8>,
    /// `escape`: what stands before a quote that is one.
    pub escape: Option<u8>,
    /// `charToEscapeQuoteEscaping`: what stands before an escape character that is one.
    pub escape_escape: Option<u8>,
    /// `comment`: lines that begin so are passed over.
    pub comment: Option<u8>,
    /// `header`: the first line of a file has names.
    pub has_header: bool,
    /// `enforceSchema`: columns are known by their places; else the names of a header must be theirs.
    pub enforces_schema: bool,
    /// `multiLine`: records may have line feeds within quotes.
    pub is_multi_line: bool,
    /// `ignoreLeadingWhiteSpace`.
    pub trims_start: bool,
    /// `ignoreTrailingWhiteSpace`.
    pub trims_end: bool,
    /// `nullValue`.
    pub null_text: Vec<u8>,
    /// `emptyValue`: what `""` stands for.
    pub empty_text: Vec<u8>,
    /// `nanValue`.
    pub nan_text: Vec<u8>,
    /// `positiveInf`.
    pub infinity_text: Vec<u8>,
    /// `negativeInf`.
    pub negative_infinity_text: Vec<u8>,
    /// `preferDate`: inferring a schema finds dates.
    pub prefers_dates: bool,
    /// `inferSchema`.
    pub infers_schema: bool,
    /// What the formats of records share: mode, column for corrupt records, patterns of times.
    pub records: JsonOptions,
}

impl CsvOptions {
    /// Reads options; names ignore case. Fails with OPTION_INVALID.
    pub fn new(options: &BTreeMap<String, String>, session_zone: &TimeZone) -> Result<Self> {
        let named = Options::new(options);
        let quote = named.mark("quote", Some(b'"'))?;
        let escape = named.mark("escape", Some(b'\\'))?;
        let bytes = |name: &str, default: &str| named.text(name).unwrap_or(default).as_bytes().to_vec();
        Ok(Self {
            separator: named.separator()?,
            quote,
            escape,
            escape_escape: named.mark("charToEscapeQuoteEscaping", escape.filter(|_| escape != quote))?,
            comment: named.mark("comment", None)?,
            has_header: named.flag("header", false)?,
            enforces_schema: named.flag("enforceSchema", true)?,
            is_multi_line: named.flag("multiLine", false)?,
            trims_start: named.flag("ignoreLeadingWhiteSpace", false)?,
            trims_end: named.flag("ignoreTrailingWhiteSpace", false)?,
            null_text: bytes("nullValue", ""),
            empty_text: bytes("emptyValue", ""),
            nan_text: bytes("nanValue", "NaN"),
            infinity_text: bytes("positiveInf", "Inf"),
            negative_infinity_text: bytes("negativeInf", "-Inf"),
            prefers_dates: named.flag("preferDate", true)?,
            infers_schema: named.flag("inferSchema", false)?,
            records: JsonOptions::new(options, session_zone)?,
        })
    }

    /// `mode`.
    pub fn mode(&self) -> ParseMode {
        self.records.mode
    }

    /// Whether a line is no record: blank, or a comment.
    pub fn is_passed_over(&self, line: &[u8]) -> bool {
        match line.iter().find(|byte| **byte > b' ') {
            None => true,
            Some(_) => self.comment.is_some() && line.first().copied() == self.comment,
        }
    }
}
