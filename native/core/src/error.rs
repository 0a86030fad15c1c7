//! The core's one error type: a stable code, its parameters, and what was in hand.

use std::collections::BTreeMap;
use std::fmt;

pub use crate::error_generated::ErrorCode;

/// Result of the core.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure with one of the codes of schema/errors.toml. Boxed inside: results stay small on the hot path.
#[derive(Clone, Debug)]
pub struct Error(Box<Details>);

#[derive(Clone, Debug)]
struct Details {
    code: ErrorCode,
    parameters: BTreeMap<&'static str, String>,
    context: BTreeMap<&'static str, serde_json::Value>,
    row: Option<usize>,
}

impl Error {
    /// An error with this code and no parameters yet.
    pub fn new(code: ErrorCode) -> Self {
        Self(Box::new(Details {
            code,
            parameters: BTreeMap::new(),
            context: BTreeMap::new(),
            row: None,
        }))
    }

    /// ARITHMETIC_OVERFLOW for what no ANSI setting makes null: Java's own exact arithmetic.
    pub fn arithmetic_overflow(message: &str) -> Self {
        Self::new(ErrorCode::ArithmeticOverflow)
            .with("message", message)
            .with("alternative", "")
            .with("config", "\"spark.sql.ansi.enabled\"")
    }

    /// ARITHMETIC_OVERFLOW of a 64-bit integer.
    pub fn long_overflow() -> Self {
        Self::arithmetic_overflow("long overflow")
    }

    /// Sets a parameter of the code's message.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.parameters.insert(name, value.into());
        self
    }

    /// Says what was in hand: path, line, topic, partition, offset.
    pub fn in_context(mut self, name: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.0.context.insert(name, value.into());
        self
    }

    /// Says which row of the chunk at hand raised it; the pipeline turns that into the record's place.
    pub fn at_row(mut self, row: usize) -> Self {
        self.0.row = Some(row);
        self
    }

    /// The same, of a chunk that the one at hand was made of: `origin` says which row of it each row was.
    pub fn map_row(mut self, origin: impl FnOnce(usize) -> usize) -> Self {
        self.0.row = self.0.row.map(origin);
        self
    }

    /// The row of the chunk at hand that raised it.
    pub fn row(&self) -> Option<usize> {
        self.0.row
    }

    /// The code.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// A parameter of the message.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.0.parameters.get(name).map(String::as_str)
    }

    /// LIMIT_EXCEEDED for `what`.
    pub fn limit(what: &str, value: impl ToString, limit: impl ToString) -> Self {
        Self::new(ErrorCode::LimitExceeded)
            .with("what", what)
            .with("value", value.to_string())
            .with("limit", limit.to_string())
    }

    /// OUT_OF_MEMORY for an allocation that `try_reserve` refused.
    pub fn no_memory(bytes: usize, purpose: &str) -> Self {
        Self::new(ErrorCode::OutOfMemory)
            .with("bytes", bytes.to_string())
            .with("purpose", purpose)
    }

    /// INTERNAL_ERROR: something that cannot happen did.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InternalError).with("message", message)
    }

    /// The message: the code's template with the parameters put in.
    pub fn message(&self) -> String {
        let mut text = self.0.code.message_template().to_string();
        for (name, value) in &self.0.parameters {
            text = text.replace(&format!("<{name}>"), value);
        }
        text
    }

    /// The ErrorDocument of docs/design/border.md.
    pub fn to_json(&self) -> String {
        serde_json::json!({
            "code": self.0.code.as_str(),
            "message": self.message(),
            "parameters": self.0.parameters,
            "context": self.0.context,
        })
        .to_string()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "[{}] {}", self.0.code.as_str(), self.message())
    }
}

impl std::error::Error for Error {}

impl From<arrow_schema::ArrowError> for Error {
    /// Kernels only fail on what the planner should have refused.
    fn from(error: arrow_schema::ArrowError) -> Self {
        Error::internal(format!("arrow: {error}"))
    }
}
