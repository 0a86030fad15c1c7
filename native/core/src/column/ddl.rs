//! DDL text to types: `id STRING, amount INT NOT NULL, tags ARRAY<STRING>`.
//!
//! A hand-written descent over tokens with a depth limit; Spark accepts `name type`, within structs `name: type`,
//! backquoted names, NOT NULL and COMMENT.

use super::{DataType, DayTimeField, Field, FieldRange, IntervalField, StructType, YearMonthField};
use crate::error::{Error, ErrorCode, Result};
use crate::limits::TYPE_DEPTH_MAX;

/// Parses the columns of a row type; `struct<...>` around them is taken too. Fails with PARSE_SYNTAX_ERROR.
pub fn parse_schema(text: &str) -> Result<StructType> {
    if let Some(DataType::Struct(fields)) = whole_type(text) {
        return Ok(fields);
    }
    let mut parser = Parser::new(text)?;
    if parser.tokens.is_empty() {
        return Err(Error::new(ErrorCode::ParseEmptyStatement));
    }
    let fields = parser.fields(None, 0)?;
    parser.finish()?;
    Ok(fields)
}

/// Parses one type, such as `decimal(10,2)` or `map<string,array<int>>`. Fails with PARSE_SYNTAX_ERROR or UNSUPPORTED_DATATYPE.
pub fn parse_data_type(text: &str) -> Result<DataType> {
    let mut parser = Parser::new(text)?;
    let data_type = parser.data_type(0)?;
    parser.finish()?;
    Ok(data_type)
}

/// Parses the type of a cast, where CHAR(n) and VARCHAR(n) are strings of any length.
pub fn parse_cast_type(text: &str) -> Result<DataType> {
    let mut parser = Parser::new(text)?;
    parser.char_is_string = true;
    let data_type = parser.data_type(0)?;
    parser.finish()?;
    Ok(data_type)
}

/// The type that the whole text is, where it is one.
pub fn whole_type(text: &str) -> Option<DataType> {
    let mut parser = Parser::new(text).ok()?;
    let data_type = parser.data_type(0).ok()?;
    (parser.next == parser.tokens.len()).then_some(data_type)
}

/// Digits of a second that a TIME can keep.
const TIME_DIGITS_MAX: u8 = 6;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Quoted(String),
    Text(String),
    Punctuation(char),
}

impl Token {
    fn text(&self) -> String {
        match self {
            Token::Word(text) | Token::Quoted(text) | Token::Text(text) => text.clone(),
            Token::Punctuation(mark) => mark.to_string(),
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    /// Whether CHAR and VARCHAR are strings, as casts have it, or refused.
    char_is_string: bool,
}

impl Parser {
    fn new(text: &str) -> Result<Self> {
        let mut tokens = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(&first) = chars.peek() {
            if first.is_whitespace() {
                chars.next();
            } else if first == '`' || first == '\'' || first == '"' {
                chars.next();
                let mut quoted = String::new();
                loop {
                    match chars.next() {
                        Some(c) if c == first && chars.peek() == Some(&first) => {
                            chars.next();
                            quoted.push(first);
                        }
                        Some(c) if c == first => break,
                        Some(c) => quoted.push(c),
                        None => return Err(syntax_error("end of input")),
                    }
                }
                tokens.push(if first == '`' {
                    Token::Quoted(quoted)
                } else {
                    Token::Text(quoted)
                });
            } else if first.is_alphanumeric() || first == '_' {
                let mut word = String::new();
                while let Some(&c) = chars.peek() {
                    if !(c.is_alphanumeric() || c == '_') {
                        break;
                    }
                    word.push(c);
                    chars.next();
                }
                tokens.push(Token::Word(word));
            } else {
                chars.next();
                tokens.push(Token::Punctuation(first));
            }
        }
        Ok(Self {
            tokens,
            next: 0,
            char_is_string: false,
        })
    }

    fn peek_mark(&self, mark: char) -> bool {
        self.tokens.get(self.next) == Some(&Token::Punctuation(mark))
    }

    fn peek_word(&self, word: &str) -> bool {
        matches!(self.tokens.get(self.next), Some(Token::Word(found)) if found.eq_ignore_ascii_case(word))
    }

    fn take_mark(&mut self, mark: char) -> bool {
        let found = self.peek_mark(mark);
        self.next += usize::from(found);
        found
    }

    fn expect_mark(&mut self, mark: char) -> Result<()> {
        if self.take_mark(mark) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.peek_word(word);
        self.next += usize::from(found);
        found
    }

    fn unexpected(&self) -> Error {
        match self.tokens.get(self.next) {
            Some(token) => syntax_error(&format!("'{}'", token.text())),
            None => syntax_error("end of input"),
        }
    }

    fn finish(&self) -> Result<()> {
        if self.next == self.tokens.len() {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn name(&mut self) -> Result<String> {
        match self.tokens.get(self.next) {
            Some(Token::Word(name) | Token::Quoted(name)) => {
                self.next += 1;
                Ok(name.clone())
            }
            _ => Err(self.unexpected()),
        }
    }

    /// Fields up to `end`, or to the end of the text.
    fn fields(&mut self, end: Option<char>, depth: usize) -> Result<StructType> {
        let mut fields = Vec::new();
        if end.is_some_and(|mark| self.peek_mark(mark)) {
            return Ok(StructType::new(fields));
        }
        loop {
            let name = self.name()?;
            // A colon stands within struct<...> only.
            if end.is_some() {
                self.take_mark(':');
            }
            let data_type = self.data_type(depth)?;
            let nullable = !self.take_word("not");
            if !nullable && !self.take_word("null") {
                return Err(self.unexpected());
            }
            let comment = self.comment()?;
            fields.push(Field {
                comment,
                ..Field::new(name, data_type, nullable)
            });
            if !self.take_mark(',') {
                return Ok(StructType::new(fields));
            }
        }
    }

    /// The text behind COMMENT, where there is one.
    fn comment(&mut self) -> Result<Option<Box<str>>> {
        if !self.take_word("comment") {
            return Ok(None);
        }
        let Some(Token::Text(text)) = self.tokens.get(self.next) else {
            return Err(self.unexpected());
        };
        self.next += 1;
        Ok(Some(text.as_str().into()))
    }

    fn number(&mut self) -> Result<i64> {
        if self.take_mark('-') {
            return Err(syntax_error("'-'"));
        }
        let word = self.name()?;
        word.parse().map_err(|_| syntax_error(&format!("'{word}'")))
    }

    fn data_type(&mut self, depth: usize) -> Result<DataType> {
        if depth > TYPE_DEPTH_MAX {
            return Err(Error::limit("nesting depth of a type", depth, TYPE_DEPTH_MAX));
        }
        let Some(Token::Word(name)) = self.tokens.get(self.next).cloned() else {
            return Err(self.unexpected());
        };
        self.next += 1;
        match name.to_ascii_lowercase().as_str() {
            "void" | "null" => Ok(DataType::Void),
            "boolean" => Ok(DataType::Boolean),
            "tinyint" | "byte" => Ok(DataType::TinyInt),
            "smallint" | "short" => Ok(DataType::SmallInt),
            "int" | "integer" => Ok(DataType::Int),
            "bigint" | "long" => Ok(DataType::BigInt),
            "float" | "real" => Ok(DataType::Float),
            "double" => Ok(DataType::Double),
            "string" => Ok(DataType::String),
            "varchar" | "char" | "character" => {
                self.expect_mark('(')?;
                self.number()?;
                self.expect_mark(')')?;
                if self.char_is_string {
                    return Ok(DataType::String);
                }
                Err(Error::new(ErrorCode::UnsupportedCharOrVarcharAsString))
            }
            "binary" => Ok(DataType::Binary),
            "date" => Ok(DataType::Date),
            "timestamp" | "timestamp_ltz" => Ok(DataType::Timestamp),
            "timestamp_ntz" => Ok(DataType::TimestampNtz),
            "time" => self.time(),
            "variant" => Ok(DataType::Variant),
            "decimal" | "dec" | "numeric" => self.decimal(),
            "interval" => self.interval(),
            "array" => {
                self.expect_mark('<')?;
                let element = Box::new(self.data_type(depth + 1)?);
                self.expect_mark('>')?;
                Ok(DataType::Array {
                    element,
                    contains_null: true,
                })
            }
            "map" => {
                self.expect_mark('<')?;
                let key = Box::new(self.data_type(depth + 1)?);
                self.expect_mark(',')?;
                let value = Box::new(self.data_type(depth + 1)?);
                self.expect_mark('>')?;
                Ok(DataType::Map {
                    key,
                    value,
                    value_contains_null: true,
                })
            }
            "struct" => {
                self.expect_mark('<')?;
                let fields = self.fields(Some('>'), depth + 1)?;
                self.expect_mark('>')?;
                Ok(DataType::Struct(fields))
            }
            _ => {
                self.next -= 1;
                Err(self.unexpected())
            }
        }
    }

    /// What follows `time`: nothing for six digits of a second, or how many.
    fn time(&mut self) -> Result<DataType> {
        if !self.take_mark('(') {
            return Ok(DataType::Time(TIME_DIGITS_MAX));
        }
        let precision = self.number()?;
        self.expect_mark(')')?;
        match u8::try_from(precision) {
            Ok(digits) if digits <= TIME_DIGITS_MAX => Ok(DataType::Time(digits)),
            _ => Err(Error::new(ErrorCode::UnsupportedTimePrecision).with("precision", precision.to_string())),
        }
    }

    fn decimal(&mut self) -> Result<DataType> {
        if !self.take_mark('(') {
            return Ok(DataType::Decimal {
                precision: 10,
                scale: 0,
            });
        }
        let precision = self.number()?;
        let scale = if self.take_mark(',') { self.number()? } else { 0 };
        self.expect_mark(')')?;
        if scale > precision {
            return Err(Error::new(ErrorCode::DecimalScaleExceedsPrecision)
                .with("scale", scale.to_string())
                .with("precision", precision.to_string()));
        }
        if precision > 38 {
            return Err(Error::new(ErrorCode::DecimalPrecisionExceedsMaxPrecision)
                .with("precision", precision.to_string())
                .with("maxPrecision", "38"));
        }
        if precision == 0 {
            return Err(Error::new(ErrorCode::UnsupportedDatatype)
                .with("typeName", format!("\"DECIMAL({precision},{scale})\"")));
        }
        Ok(DataType::Decimal {
            precision: precision as u8,
            scale: scale as i8,
        })
    }

    /// What follows `interval`: nothing, `day`, `day to second`, `year to month` and the like.
    fn interval(&mut self) -> Result<DataType> {
        if let Some(fields) = self.field_range::<DayTimeField>()? {
            return Ok(DataType::DayTimeInterval(fields));
        }
        if let Some(fields) = self.field_range::<YearMonthField>()? {
            return Ok(DataType::YearMonthInterval(fields));
        }
        Ok(DataType::CalendarInterval)
    }

    fn field_range<F: IntervalField>(&mut self) -> Result<Option<FieldRange<F>>> {
        let Some(first) = self.field::<F>() else {
            return Ok(None);
        };
        if !self.take_word("to") {
            return Ok(Some(FieldRange::of(first)));
        }
        let range = self.field().and_then(|last| FieldRange::new(first, last));
        range.map(Some).ok_or_else(|| self.unexpected())
    }

    fn field<F: IntervalField>(&mut self) -> Option<F> {
        let Some(Token::Word(word)) = self.tokens.get(self.next) else {
            return None;
        };
        let field = F::named(word)?;
        self.next += 1;
        Some(field)
    }
}

fn syntax_error(near: &str) -> Error {
    Error::new(ErrorCode::ParseSyntaxError)
        .with("error", near)
        .with("hint", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_spark_reads() {
        let schema = parse_schema("id STRING, `a b` decimal(10,2) NOT NULL, s struct<x:int,y array<bigint>>").unwrap();
        assert_eq!(
            DataType::Struct(schema.clone()).to_string(),
            "struct<id:string,a b:decimal(10,2),s:struct<x:int,y:array<bigint>>>"
        );
        assert!(!schema.fields[1].nullable);
    }

    #[test]
    fn a_whole_struct_is_its_fields() {
        assert_eq!(parse_schema("struct<a:int>").unwrap(), parse_schema("a INT").unwrap());
    }

    #[test]
    fn comments_stay_with_their_columns() {
        let schema = parse_schema("a INT NOT NULL COMMENT 'it''s', b STRUCT<c: INT COMMENT 'x'>").unwrap();
        assert_eq!(schema.fields[0].comment.as_deref(), Some("it's"));
        let data_type = DataType::Struct(schema.clone());
        assert_eq!(
            data_type.sql(),
            "STRUCT<a: INT NOT NULL COMMENT 'it\\'s', b: STRUCT<c: INT COMMENT 'x'>>"
        );
        let json = super::super::schema_to_json(&schema);
        assert_eq!(super::super::schema_from_json(&json).unwrap(), schema);
        assert!(parse_schema("a INT COMMENT").is_err());
    }

    #[test]
    fn says_where_it_broke() {
        for text in [
            "id",
            "id STRING,",
            "id STRING amount INT",
            "a array<int",
            "a decimal(39,0)",
            "a wat",
        ] {
            assert!(parse_schema(text).is_err(), "{text}");
        }
    }

    #[test]
    fn depth_is_limited_not_recursed_into() {
        let deep = "array<".repeat(100_000) + "int" + &">".repeat(100_000);
        assert!(parse_data_type(&deep).is_err());
    }
}
