//! Functions over windows of rows as they are written, and what Spark calls them in names of columns and messages.

use super::Expression;
use super::naming::sql_text;
use super::window_functions::WINDOW_FUNCTION_NAMES;
use crate::aggregate::AGGREGATE_NAMES;
use crate::error::{Error, ErrorCode, Result};

/// A function with its window, as it is written.
pub(super) struct Over<'a> {
    pub function: &'a Expression,
    pub partition_by: &'a [Expression],
    pub order_by: &'a [Expression],
    pub frame: Option<&'a str>,
    pub lower: Option<&'a Expression>,
    pub upper: Option<&'a Expression>,
}

impl<'a> Over<'a> {
    /// The parts of an OVER; none where the expression is none.
    pub fn of(expression: &'a Expression) -> Option<Self> {
        match expression {
            Expression::Over {
                function,
                partition_by,
                order_by,
                frame,
                lower,
                upper,
            } => Some(Self {
                function,
                partition_by,
                order_by,
                frame: frame.as_deref(),
                lower: lower.as_deref(),
                upper: upper.as_deref(),
            }),
            _ => None,
        }
    }

    /// The function's name and arguments. Fails with UNSUPPORTED_EXPR_FOR_WINDOW.
    pub fn call(&self) -> Result<(&'a str, &'a [Expression])> {
        match self.function {
            Expression::Call { name, arguments, .. }
                if WINDOW_FUNCTION_NAMES.contains(&name.as_str()) || AGGREGATE_NAMES.contains(&name.as_str()) =>
            {
                Ok((name, arguments))
            }
            other => {
                Err(Error::new(ErrorCode::UnsupportedExprForWindow).with("sqlExpr", format!("\"{}\"", sql_text(other))))
            }
        }
    }

    /// Whether it passes over nulls.
    pub fn ignores_nulls(&self) -> bool {
        matches!(self.function, Expression::Call { options: Some(options), .. } if options.contains_key("ignoreNulls"))
    }

    /// Functions that give places have one frame, which may be written down. Fails with _LEGACY_ERROR_TEMP_1036.
    pub fn check_fixed_frame(&self) -> Result<()> {
        let own = Over { frame: None, ..*self }.frame_text();
        let written = self.frame_text();
        if written == own {
            return Ok(());
        }
        Err(Error::new(ErrorCode::LegacyErrorTemp1036)
            .with("wf", written)
            .with("required", own))
    }

    /// Spark's text of the whole.
    pub fn text(&self) -> String {
        format!("{} OVER {}", self.function_text(), self.window_text())
    }

    /// Spark's text of the function: some have their names in capitals, and constants that were left out stand there.
    pub fn function_text(&self) -> String {
        match self.function {
            Expression::Call { name, arguments, .. } => {
                let texts: Vec<String> = arguments.iter().map(sql_text).collect();
                match (name.as_str(), texts.as_slice()) {
                    ("rank" | "dense_rank" | "percent_rank", _) => format!("{}()", name.to_uppercase()),
                    ("lag" | "lead", [value]) => format!("{name}({value}, 1, NULL)"),
                    ("lag" | "lead", [value, offset]) => format!("{name}({value}, {offset}, NULL)"),
                    ("ntile", []) => "ntile(1)".to_string(),
                    _ => sql_text(self.function),
                }
            }
            other => sql_text(other),
        }
    }

    /// Spark's text of the function in messages, where ranks show what they go by.
    pub fn shown_function(&self) -> String {
        match self.function {
            Expression::Call { name, .. } if matches!(name.as_str(), "rank" | "dense_rank" | "percent_rank") => {
                let orders: Vec<String> = self.order_by.iter().map(|order| sql_text(ordered(order))).collect();
                format!("{name}({})", orders.join(", "))
            }
            _ => self.function_text(),
        }
    }

    /// Spark's text of the window.
    pub fn window_text(&self) -> String {
        let mut clauses = Vec::new();
        if !self.partition_by.is_empty() {
            let keys: Vec<String> = self.partition_by.iter().map(sql_text).collect();
            clauses.push(format!("PARTITION BY {}", keys.join(", ")));
        }
        if !self.order_by.is_empty() {
            let orders: Vec<String> = self.order_by.iter().map(order_text).collect();
            clauses.push(format!("ORDER BY {}", orders.join(", ")));
        }
        clauses.push(self.frame_text());
        format!("({})", clauses.join(" "))
    }

    fn frame_text(&self) -> String {
        if let Some(units) = self.frame {
            let (lower, upper) = (bound_text(self.lower, "PRECEDING"), bound_text(self.upper, "FOLLOWING"));
            return format!("{} BETWEEN {lower} AND {upper}", units.to_uppercase());
        }
        let (name, arguments) = match self.function {
            Expression::Call { name, arguments, .. } => (name.as_str(), arguments.as_slice()),
            _ => ("", &[] as &[Expression]),
        };
        let (units, upper) = match name {
            "lag" | "lead" => {
                let sign = if name == "lag" { "-" } else { "" };
                let offset = arguments.get(1).map_or("1".to_string(), sql_text);
                return format!("ROWS BETWEEN {sign}{offset} FOLLOWING AND {sign}{offset} FOLLOWING");
            }
            "cume_dist" => ("RANGE", "CURRENT ROW"),
            "row_number" | "rank" | "dense_rank" | "percent_rank" | "ntile" => ("ROWS", "CURRENT ROW"),
            _ if self.order_by.is_empty() => ("ROWS", "UNBOUNDED FOLLOWING"),
            _ => ("RANGE", "CURRENT ROW"),
        };
        format!("{units} BETWEEN UNBOUNDED PRECEDING AND {upper}")
    }
}

/// Spark's text of a function with its window.
pub(super) fn over_text(expression: &Expression) -> String {
    Over::of(expression).map_or_else(String::new, |over| over.text())
}

/// What an entry of an order is ordered by.
pub(super) fn ordered(order: &Expression) -> &Expression {
    match order {
        Expression::SortOrder { child, .. } => child,
        other => other,
    }
}

fn order_text(order: &Expression) -> String {
    match order {
        Expression::SortOrder { .. } => sql_text(order),
        other => format!("{} ASC NULLS FIRST", sql_text(other)),
    }
}

/// A bound of a frame; the current row is none.
fn bound_text(bound: Option<&Expression>, unbounded: &str) -> String {
    match bound {
        None => format!("UNBOUNDED {unbounded}"),
        Some(Expression::Call { name, arguments, .. }) if name == "negative" => {
            let distance: Vec<String> = arguments.iter().map(sql_text).collect();
            format!("{} PRECEDING", distance.concat())
        }
        Some(bound) => match sql_text(bound) {
            text if text == "0" => "CURRENT ROW".to_string(),
            text => match text.strip_prefix('-') {
                Some(distance) => format!("{distance} PRECEDING"),
                None => format!("{text} FOLLOWING"),
            },
        },
    }
}
