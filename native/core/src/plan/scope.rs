//! The columns that an expression can name, and how a name finds one.

use crate::column::{DataType, Field, StructType};
use crate::error::{Error, ErrorCode, Result};
use crate::expr::{Expr, extract};

/// What a column has to do with event time: Spark's column metadata.
#[derive(Clone, Copy, Debug, Default)]
pub struct EventTime {
    /// The withWatermark node whose event time it carries.
    pub watermark: Option<usize>,
    /// Which function made it, where it is a window.
    pub window: Option<WindowKind>,
    /// How long the windows are that it holds, microseconds.
    pub window_size_micros: Option<i64>,
}

/// A function that makes windows of event time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowKind {
    /// window()
    Time,
    /// session_window()
    Session,
}

impl WindowKind {
    /// Spark's mark in the metadata of a column.
    fn mark(self) -> &'static str {
        match self {
            WindowKind::Time => "spark.timeWindow",
            WindowKind::Session => "spark.sessionWindow",
        }
    }
}

/// A column in scope.
#[derive(Clone, Debug)]
pub struct ScopeColumn {
    /// Name, type, nullability.
    pub field: Field,
    /// What it has to do with event time.
    pub event_time: EventTime,
    /// Name of the subquery or view that it is of.
    pub qualifier: Option<String>,
}

/// The qualifier of columns that a star does not stand for and no result has, unless they are named; none that can be written.
const HIDDEN: &str = "\0";

impl ScopeColumn {
    /// A column that is there for those who name it.
    pub fn hidden(field: Field) -> Self {
        Self {
            field,
            event_time: EventTime::default(),
            qualifier: Some(HIDDEN.to_string()),
        }
    }

    /// Whether only those who name it see it.
    pub fn is_hidden(&self) -> bool {
        self.qualifier.as_deref() == Some(HIDDEN)
    }

    /// Makes it one that only those see who name it.
    pub fn hide(&mut self) {
        self.qualifier = Some(HIDDEN.to_string());
    }
}

/// The output columns of a relation, in order.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The columns.
    pub columns: Vec<ScopeColumn>,
    /// Whether names that differ in case differ.
    pub case_sensitive: bool,
}

impl Scope {
    /// The columns as a row type; windows are marked as Spark marks them.
    pub fn schema(&self) -> StructType {
        let mark = |column: &ScopeColumn| Field {
            metadata: column.event_time.window.map(WindowKind::mark),
            ..column.field.clone()
        };
        StructType::new(self.columns.iter().map(mark).collect())
    }

    /// Types of the columns.
    pub fn types(&self) -> Vec<DataType> {
        self.columns
            .iter()
            .map(|column| column.field.data_type.clone())
            .collect()
    }

    /// The column at `position` as an expression.
    pub fn column(&self, position: usize) -> Expr {
        let Field {
            data_type, nullable, ..
        } = &self.columns[position].field;
        Expr::column(position, data_type.clone(), *nullable)
    }

    /// Whether two names are the same column's.
    pub fn same_name(&self, left: &str, right: &str) -> bool {
        if self.case_sensitive {
            left == right
        } else {
            left.to_lowercase() == right.to_lowercase()
        }
    }

    /// The column that `name` (dots reach into structs, backticks quote) means, with what it has to do with event time.
    pub fn lookup(&self, name: &str) -> Result<(Expr, EventTime)> {
        let parts = name_parts(name)?;
        // `t.a` is column a of t, else field a of column t.
        let of_qualifier = |column: &ScopeColumn| {
            parts.len() > 1
                && column
                    .qualifier
                    .as_ref()
                    .is_some_and(|qualifier| self.same_name(qualifier, &parts[0]))
                && self.same_name(&column.field.name, &parts[1])
        };
        let is_qualified = self.columns.iter().any(of_qualifier);
        let depth = if is_qualified { 2 } else { 1 };
        let mut found = self.columns.iter().enumerate().filter(|(_, column)| {
            if is_qualified {
                of_qualifier(column)
            } else {
                self.same_name(&column.field.name, &parts[0])
            }
        });
        let (position, column) = match (found.next(), found.next()) {
            (Some(only), None) => only,
            (None, _) => return Err(self.unresolved(&parts)),
            (Some(_), Some(_)) => {
                let count = 2 + found.count();
                let names = vec![format!("`{}`", parts[0]); count].join(", ");
                return Err(Error::new(ErrorCode::AmbiguousReference)
                    .with("name", format!("`{}`", parts[0]))
                    .with("referenceNames", format!("[{names}]")));
            }
        };
        let mut expr = Expr::column(position, column.field.data_type.clone(), column.field.nullable);
        for part in &parts[depth..] {
            expr = extract(expr, part, self.case_sensitive)?;
        }
        // Spark's event-time metadata is the column's: window.start and window.end have none.
        let event_time = if parts.len() > depth {
            EventTime::default()
        } else {
            column.event_time
        };
        Ok((expr, event_time))
    }

    /// Position of the column `name` means as a whole, for withWatermark, which takes no dotted name.
    pub fn position(&self, name: &str) -> Result<usize> {
        let nested = || Error::new(ErrorCode::EventTimeMustBeTopLevelColumn).with("eventExpr", name);
        if name_parts(name)?.len() > 1 {
            return Err(nested());
        }
        match self.lookup(name)?.0.kind {
            crate::expr::Kind::Column(position) => Ok(position),
            _ => Err(nested()),
        }
    }

    /// The error of a name that no column has.
    pub(super) fn unresolved(&self, parts: &[String]) -> Error {
        let quoted: Vec<String> = parts.iter().map(|part| format!("`{part}`")).collect();
        let wanted = parts.join(".");
        // Spark takes the names from a set in the order of their text; the nearest come first, backquotes counted.
        let mut names: Vec<String> = self
            .columns
            .iter()
            .map(|column| format!("`{}`", column.field.name))
            .collect();
        names.sort_unstable();
        names.sort_by_key(|name| strsim::levenshtein(name, &wanted));
        if names.is_empty() {
            return Error::new(ErrorCode::UnresolvedColumnWithoutSuggestion).with("objectName", quoted.join("."));
        }
        names.truncate(5);
        Error::new(ErrorCode::UnresolvedColumnWithSuggestion)
            .with("objectName", quoted.join("."))
            .with("proposal", names.join(", "))
    }
}

/// The parts of a dotted name; backquoted parts may hold dots, a doubled backquote stands for one.
pub fn name_parts(name: &str) -> Result<Vec<String>> {
    let broken = || {
        Error::new(ErrorCode::ParseSyntaxError)
            .with("error", format!("'{name}'"))
            .with("hint", "")
    };
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut chars = name.chars().peekable();
    let mut was_quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '`' if part.is_empty() && !was_quoted => {
                was_quoted = true;
                loop {
                    match chars.next() {
                        Some('`') if chars.peek() == Some(&'`') => {
                            chars.next();
                            part.push('`');
                        }
                        Some('`') => break,
                        Some(inside) => part.push(inside),
                        None => return Err(broken()),
                    }
                }
            }
            '.' => {
                parts.push(std::mem::take(&mut part));
                was_quoted = false;
            }
            _ if was_quoted => return Err(broken()),
            other => part.push(other),
        }
    }
    parts.push(part);
    if parts.iter().any(String::is_empty) {
        Err(broken())
    } else {
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_parts() {
        assert_eq!(name_parts("a.b").unwrap(), ["a", "b"]);
        assert_eq!(name_parts("`a.b`.c").unwrap(), ["a.b", "c"]);
        assert_eq!(name_parts("`a``b`").unwrap(), ["a`b"]);
        for broken in ["", "a.", ".a", "`a", "`a`b"] {
            assert!(name_parts(broken).is_err(), "{broken}");
        }
    }
}
