//! Spark's dialect: sqlparser's Databricks dialect with Spark's string escapes and interval literals.

use std::any::TypeId;

use sqlparser::ast::{BinaryOperator, CastKind, DataType, Expr, Ident, Interval, ObjectName, Value};
use sqlparser::dialect::{DatabricksDialect, Dialect, Precedence};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

/// Spark SQL.
#[derive(Debug)]
pub struct SparkDialect;

impl Dialect for SparkDialect {
    // Where the parser asks for the Databricks dialect by type, it means this one too.
    fn dialect(&self) -> TypeId {
        TypeId::of::<DatabricksDialect>()
    }

    fn is_delimited_identifier_start(&self, c: char) -> bool {
        c == '`'
    }

    fn identifier_quote_style(&self, _identifier: &str) -> Option<char> {
        Some('`')
    }

    fn is_identifier_start(&self, c: char) -> bool {
        c.is_alphabetic() || c == '_'
    }

    fn is_identifier_part(&self, c: char) -> bool {
        c.is_alphanumeric() || c == '_'
    }

    // `1L`, `2.5BD`: numbers with a type suffix come as words.
    fn supports_numeric_prefix(&self) -> bool {
        true
    }

    fn supports_string_literal_backslash_escape(&self) -> bool {
        true
    }

    fn supports_string_literal_concatenation(&self) -> bool {
        true
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    fn supports_within_after_array_aggregation(&self) -> bool {
        true
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    fn supports_group_by_with_modifier(&self) -> bool {
        true
    }

    fn supports_lambda_functions(&self) -> bool {
        true
    }

    fn supports_select_wildcard_except(&self) -> bool {
        true
    }

    fn supports_struct_literal(&self) -> bool {
        true
    }

    fn supports_nested_comments(&self) -> bool {
        true
    }

    fn supports_bang_not_operator(&self) -> bool {
        true
    }

    fn supports_table_sample_before_alias(&self) -> bool {
        true
    }

    fn supports_values_as_table_factor(&self) -> bool {
        true
    }

    fn supports_named_fn_args_with_rarrow_operator(&self) -> bool {
        true
    }

    fn supports_select_item_multi_column_alias(&self) -> bool {
        true
    }

    fn supports_interval_options(&self) -> bool {
        true
    }

    fn allow_extract_custom(&self) -> bool {
        true
    }

    fn allow_extract_single_quotes(&self) -> bool {
        true
    }

    fn supports_comma_separated_trim(&self) -> bool {
        true
    }

    fn supports_bitwise_shift_operators(&self) -> bool {
        true
    }

    // Spark puts `||` beside `+`, and shifts between that and `&`.
    fn get_next_precedence(&self, parser: &Parser) -> Option<Result<u8, ParserError>> {
        match parser.peek_token_ref().token {
            Token::StringConcat => Some(Ok(self.prec_value(Precedence::PlusMinus))),
            Token::ShiftLeft | Token::ShiftRight => Some(Ok(SHIFT_PRECEDENCE)),
            _ => None,
        }
    }

    // What the parser knows in a narrower form: casts to any of Spark's types, struct() of nothing, intervals of
    // several units.
    fn parse_prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        if let Some(number) = exponent_with_suffix(parser) {
            return Some(Ok(number));
        }
        let Token::Word(word) = &parser.peek_token_ref().token else {
            return None;
        };
        let kind = match word.keyword {
            Keyword::CAST => CastKind::Cast,
            Keyword::TRY_CAST => CastKind::TryCast,
            Keyword::STRUCT => return empty_struct(parser),
            Keyword::INTERVAL => return several_units(parser),
            _ => return None,
        };
        if parser.peek_nth_token_ref(1).token != Token::LParen {
            return None;
        }
        Some(cast(parser, kind))
    }

    // `a DIV b`, which the parser knows only of MySQL, and `a >>> b`, which is Java's.
    fn parse_infix(&self, parser: &mut Parser, expr: &Expr, precedence: u8) -> Option<Result<Expr, ParserError>> {
        let is_unsigned_shift =
            parser.peek_token_ref().token == Token::ShiftRight && parser.peek_nth_token_ref(1).token == Token::Gt;
        let op = if is_unsigned_shift {
            parser.advance_token();
            parser.advance_token();
            BinaryOperator::Custom(UNSIGNED_SHIFT.to_string())
        } else if parser.parse_keyword(Keyword::DIV) {
            BinaryOperator::MyIntegerDivide
        } else {
            return None;
        };
        Some(parser.parse_subexpr(precedence).map(|right| Expr::BinaryOp {
            left: Box::new(expr.clone()),
            op,
            right: Box::new(right),
        }))
    }
}

/// Below `+`, above `&`.
const SHIFT_PRECEDENCE: u8 = 26;

/// The operator that shifts zeros in.
pub(super) const UNSIGNED_SHIFT: &str = ">>>";

/// `1E10D`: the tokenizer splits a number with an exponent from its suffix. A word again, like other such numbers.
fn exponent_with_suffix(parser: &mut Parser) -> Option<Expr> {
    let (number, suffix) = (parser.peek_token_ref(), parser.peek_nth_token_ref(1));
    let (Token::Number(digits, false), Token::Word(word)) = (&number.token, &suffix.token) else {
        return None;
    };
    let is_suffix = matches!(word.value.as_str(), "D" | "d" | "F" | "f") && number.span.end == suffix.span.start;
    if !is_suffix || !digits.contains(['e', 'E']) {
        return None;
    }
    let text = format!("{digits}{}", word.value);
    parser.advance_token();
    parser.advance_token();
    Some(Expr::Identifier(Ident::new(text)))
}

fn empty_struct(parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
    let is_empty =
        parser.peek_nth_token_ref(1).token == Token::LParen && parser.peek_nth_token_ref(2).token == Token::RParen;
    if !is_empty {
        return None;
    }
    parser.advance_token();
    parser.advance_token();
    parser.advance_token();
    Some(Ok(Expr::Struct {
        values: Vec::new(),
        fields: Vec::new(),
    }))
}

/// `INTERVAL 1 DAY -2 HOURS`, which the parser knows as one text alone: `INTERVAL '1 DAY -2 HOURS'`.
fn several_units(parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
    let mut amounts: Vec<String> = Vec::new();
    let mut next = 1;
    loop {
        let (sign, at) = match &parser.peek_nth_token_ref(next).token {
            Token::Minus => ("-", next + 1),
            Token::Plus => ("", next + 1),
            _ => ("", next),
        };
        let amount = match &parser.peek_nth_token_ref(at).token {
            Token::Number(digits, false) => digits,
            Token::SingleQuotedString(text) | Token::DoubleQuotedString(text) => text.trim(),
            _ => break,
        };
        let Token::Word(unit) = &parser.peek_nth_token_ref(at + 1).token else {
            break;
        };
        if !is_interval_unit(&unit.value) {
            break;
        }
        amounts.push(format!("{sign}{amount} {}", unit.value));
        next = at + 2;
    }
    if amounts.len() < 2 {
        return None;
    }
    for _ in 0..next {
        parser.advance_token();
    }
    Some(Ok(Expr::Interval(Interval {
        value: Box::new(Expr::Value(Value::SingleQuotedString(amounts.join(" ")).into())),
        leading_field: None,
        leading_precision: None,
        last_field: None,
        fractional_seconds_precision: None,
    })))
}

/// Whether an interval of SQL text may have this unit.
pub(super) fn is_interval_unit(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    const UNITS: [&str; 10] = [
        "year",
        "month",
        "week",
        "day",
        "hour",
        "minute",
        "second",
        "millisecond",
        "microsecond",
        "nanosecond",
    ];
    UNITS.contains(&word.strip_suffix('s').unwrap_or(&word))
}

/// `CAST(value AS type)`, whose type is kept as text: DDL has a reader of its own.
fn cast(parser: &mut Parser, kind: CastKind) -> Result<Expr, ParserError> {
    parser.advance_token();
    parser.expect_token(&Token::LParen)?;
    let expr = Box::new(parser.parse_expr()?);
    parser.expect_keyword(Keyword::AS)?;
    let mut text = String::new();
    let mut depth = 0;
    loop {
        let token = parser.next_token();
        match token.token {
            Token::RParen if depth == 0 => break,
            Token::EOF => return parser.expected("a type and )", token),
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            _ => {}
        }
        let is_word = |found: Option<char>| found.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '`' | '\''));
        let piece = token.token.to_string();
        let follows_word = is_word(text.chars().last()) || text.ends_with([',', ':', ')']);
        if follows_word && is_word(piece.chars().next()) {
            text.push(' ');
        }
        text += &piece;
    }
    Ok(Expr::Cast {
        kind,
        expr,
        data_type: DataType::Custom(ObjectName::from(Ident::new(text)), Vec::new()),
        format: None,
    })
}
