//! Spark SQL text to unresolved plan nodes: `expr('…')`, `selectExpr`, `session.sql`.
//!
//! The grammar is sqlparser's Databricks dialect; here its tree becomes the nodes that the fluent API builds too, so
//! there is one resolver. `expression` maps values, `query` maps SELECT, `literal` reads constants.

mod dialect;
mod expression;
mod from;
mod group_by;
mod interval;
mod literal;
mod over;
mod query;
mod refusals;
mod sample;
mod subquery;

use std::collections::BTreeMap;

use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

use super::{Expression, Relation, function_names};
use crate::error::{Error, ErrorCode, Result};
use dialect::SparkDialect;

/// Levels of nesting that the parser follows.
const DEPTH_MAX: usize = 50;

/// What names in SQL text stand for beside columns and Spark's own functions. Spark counterpart: `SessionCatalog`.
#[derive(Default)]
pub struct Catalog {
    views: BTreeMap<String, Relation>,
    /// The options of calls of registered functions, by names in lower case.
    functions: BTreeMap<String, BTreeMap<String, String>>,
}

impl Catalog {
    /// `names` stand for `views`; `functions` are calls of registered functions that lack their arguments.
    pub fn new(names: &[String], views: &[Relation], functions: Option<&[Expression]>) -> Self {
        let functions = functions.unwrap_or_default().iter().filter_map(|call| match call {
            Expression::Call { name, options, .. } => Some((name.to_lowercase(), options.clone()?)),
            _ => None,
        });
        Self {
            views: names.iter().cloned().zip(views.iter().cloned()).collect(),
            functions: functions.collect(),
        }
    }

    /// The registered function that a call of `name` (in lower case) means: its own name and the options of its calls. Spark's functions come
    /// first, `system.builtin` is before `system.session` on its search path; `session.name` passes them over.
    fn function(&self, name: &str) -> Option<(&String, &BTreeMap<String, String>)> {
        let qualified = ["system.session.", "session."]
            .iter()
            .find_map(|schema| name.strip_prefix(schema));
        let found = self.functions.get_key_value(qualified.unwrap_or(name))?;
        (qualified.is_some() || function_names().binary_search(&name).is_err()).then_some(found)
    }
}

/// Parses one expression, with an alias where one is given (`a + 1 AS b`). Fails with PARSE_SYNTAX_ERROR and a caret.
pub fn parse_expression(text: &str, catalog: &Catalog) -> Result<Expression> {
    let mut parser = parser(text)?;
    let item = parser.parse_select_item().map_err(|error| syntax_error(text, &error))?;
    if parser.peek_token().token != Token::EOF {
        let token = parser.peek_token();
        return Err(unexpected(
            text,
            &token.to_string(),
            token.span.start.line,
            token.span.start.column,
        ));
    }
    query::select_item(&item, catalog)
}

/// Parses a query over views. Fails with PARSE_SYNTAX_ERROR, or TABLE_OR_VIEW_NOT_FOUND.
pub fn parse_query(text: &str, catalog: &Catalog) -> Result<Relation> {
    let mut parser = parser(text)?;
    let query = parser.parse_query().map_err(|error| syntax_error(text, &error))?;
    let _ = parser.consume_token(&Token::SemiColon);
    if parser.peek_token().token != Token::EOF {
        let token = parser.peek_token();
        return Err(unexpected(
            text,
            &token.to_string(),
            token.span.start.line,
            token.span.start.column,
        ));
    }
    query::query(&query, catalog)
}

fn parser(text: &str) -> Result<Parser<'static>> {
    static DIALECT: SparkDialect = SparkDialect;
    Parser::new(&DIALECT)
        .with_recursion_limit(DEPTH_MAX)
        .try_with_sql(text)
        .map_err(|error| syntax_error(text, &error))
}

fn syntax_error(text: &str, error: &ParserError) -> Error {
    let message = match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message.clone(),
        ParserError::RecursionLimitExceeded => return Error::limit("nesting depth of SQL text", "more", DEPTH_MAX),
    };
    // sqlparser says "Expected: x, found: y at Line: 1, Column: 5".
    let number = |label: &str| {
        message
            .rsplit(label)
            .next()
            .and_then(|rest| rest.trim_start().split(|c: char| !c.is_ascii_digit()).next())
            .and_then(|digits| digits.parse::<u64>().ok())
    };
    let found = message
        .split("found: ")
        .nth(1)
        .and_then(|rest| rest.split(" at Line").next())
        .unwrap_or("end of input");
    unexpected(
        text,
        found,
        number("Line:").unwrap_or(1),
        number("Column:").unwrap_or(1),
    )
}

/// Spark's message with the text and a caret under the place.
fn unexpected(text: &str, found: &str, line: u64, column: u64) -> Error {
    let near = if found == "EOF" {
        "end of input".to_string()
    } else {
        format!("'{found}'")
    };
    let mut hint = format!(" (line {line}, pos {})\n\n== SQL ==\n", column.saturating_sub(1));
    for (index, source) in text.lines().enumerate() {
        hint += source;
        hint.push('\n');
        if index as u64 + 1 == line {
            hint += &"-".repeat(column.saturating_sub(1) as usize);
            hint += "^^^\n";
        }
    }
    Error::new(ErrorCode::ParseSyntaxError)
        .with("error", near)
        .with("hint", hint)
}

/// What is valid SQL but not known here.
fn unsupported(what: impl std::fmt::Display) -> Error {
    Error::new(ErrorCode::ParseSyntaxError)
        .with("error", format!("'{what}'"))
        .with("hint", ": this part of SQL is not known to millrace")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::naming::{output_name, sql_text};

    fn parse(sql: &str) -> Result<Expression> {
        parse_expression(sql, &Catalog::default())
    }

    fn text_of(sql: &str) -> String {
        sql_text(&parse(sql).unwrap())
    }

    #[test]
    fn reads_expressions_as_spark_does() {
        assert_eq!(text_of("a + b * 2"), "(a + (b * 2))");
        assert_eq!(text_of("NOT a <=> 1L"), "(NOT (a <=> 1))");
        assert_eq!(text_of("a DIV 2 % 3"), "((a div 2) % 3)");
        assert_eq!(text_of("CASE a WHEN 1 THEN 'x' END"), "CASE WHEN (a = 1) THEN x END");
        assert_eq!(text_of("t.s.f[0]"), "t.s.f[0]");
        assert_eq!(text_of("a + 1 << 2 & 3"), "(((a + 1) << 2) & 3)");
        assert_eq!(text_of("a >>> 1"), "(a >>> 1)");
        assert_eq!(text_of("a || b / c"), "concat(a, (b / c))");
        assert_eq!(text_of("INTERVAL 1 DAY -2 HOURS"), "INTERVAL '0 22' DAY TO HOUR");
        assert_eq!(text_of("DATE'2024-01-01'"), "DATE '2024-01-01'");
        assert_eq!(output_name(&parse("a + 1 AS b").unwrap()), "b");
    }

    #[test]
    fn what_to_trim_comes_first_but_in_btrim() {
        for (sql, expected) in [
            ("trim('x', s)", "TRIM(BOTH x FROM s)"),
            ("ltrim('x', s)", "TRIM(LEADING x FROM s)"),
            ("rtrim('x', s)", "TRIM(TRAILING x FROM s)"),
            ("btrim(s, 'x')", "btrim(s, x)"),
            ("trim(LEADING 'x' FROM s)", "TRIM(LEADING x FROM s)"),
        ] {
            assert_eq!(text_of(sql), expected, "{sql}");
        }
    }

    #[test]
    fn numbers_have_sparks_types() {
        for (sql, expected) in [
            ("1", "int"),
            ("-2147483648", "int"),
            ("2147483648", "bigint"),
            ("9223372036854775808", "decimal(19,0)"),
            ("-9223372036854775808", "bigint"),
            ("1.50", "decimal(3,2)"),
            (".5", "decimal(1,1)"),
            ("1e3", "double"),
            ("1E3D", "double"),
            ("1e3F", "float"),
            ("7Y", "tinyint"),
            ("7S", "smallint"),
            ("7L", "bigint"),
            ("7.5F", "float"),
            ("7.5BD", "decimal(2,1)"),
        ] {
            match parse(sql).unwrap() {
                Expression::Literal { data_type, .. } => assert_eq!(data_type, expected, "{sql}"),
                other => panic!("{sql}: {other:?}"),
            }
        }
    }

    #[test]
    fn typed_text_is_read_when_it_is_parsed() {
        assert_eq!(parse("DATE'x'").unwrap_err().code(), ErrorCode::InvalidTypedLiteral);
        assert!(parse("TIMESTAMP'2024-01-01 1:2:3Z'").is_ok());
        assert!(parse("INTERVAL 5 FOO").is_err());
    }

    #[test]
    fn a_registered_function_comes_behind_sparks() {
        let function = |name: &str| Expression::Call {
            name: name.to_string(),
            arguments: Vec::new(),
            options: Some(BTreeMap::from([("program".to_string(), name.to_string())])),
            distinct: None,
            filter: None,
        };
        let catalog = Catalog::new(&[], &[], Some(&[function("Mine"), function("LTrim")]));
        let called = |sql: &str| match parse_expression(sql, &catalog).unwrap() {
            Expression::Call { name, options, .. } => (name, options.map(|options| options["program"].clone())),
            other => panic!("{sql}: {other:?}"),
        };
        let mine = ("mine".to_string(), Some("Mine".to_string()));
        for sql in [
            "mine(a)",
            "MINE(a)",
            "`Mine`(a)",
            "session.mine(a)",
            "SYSTEM.Session.mine(a)",
        ] {
            assert_eq!(called(sql), mine, "{sql}");
        }
        assert_eq!(called("other.mine(a)").1, None);
        assert_eq!(called("ltrim(a, b)"), ("ltrim".to_string(), None));
        assert_eq!(called("session.ltrim(a, b)").1.as_deref(), Some("LTrim"));
        assert!(parse_expression("mine(a) IGNORE NULLS", &catalog).is_err());
    }

    #[test]
    fn a_syntax_error_shows_its_place() {
        let message = parse("a + ) b").unwrap_err().message();
        assert!(message.contains("== SQL ==") && message.contains("^^^"), "{message}");
        let deep = "(".repeat(5_000) + "1" + &")".repeat(5_000);
        assert!(parse(&deep).is_err());
    }
}
