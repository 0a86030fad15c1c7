//! The exact reader: tokens to values as Spark's JacksonParser converts them, bad fields and partial results included.
//!
//! Recursion follows the schema, whose depth is bounded, never the input.

use super::decimal_text::parse_decimal_text;
use super::interval::interval_of;
use super::interval_fields::{cast_day_time, cast_year_month};
use super::json_options::JsonOptions;
use super::json_print::print_current;
use super::json_token::{Token, Tokenizer};
use super::json_value::{Cause, Failure, Shape, Value, has_fallback};
use super::json_variant::write_variant;
use super::time_text::{parse_time_text, truncate_time};
use super::timestamp_pattern::upgrade_error;
use super::timestamp_text::{parse_date_text, parse_timestamp_ntz_text, parse_timestamp_text};
use crate::column::DataType;
use crate::error::Error;

type Converted = Result<Value, Failure>;

/// Outcome of a record.
#[derive(Debug)]
pub(crate) enum Record {
    /// Blank text.
    Nothing,
    /// A clean value.
    Whole(Value),
    /// A malformed record: what could be read of it, and why it counts as corrupt.
    Corrupt(Option<Value>, Cause),
    /// An error whatever the mode.
    Fatal(Error),
}

/// Reads `input`, which is valid UTF-8, as `shape`.
pub(crate) fn read_record(tokenizer: &mut Tokenizer, input: &[u8], shape: &Shape, options: &JsonOptions) -> Record {
    tokenizer.reset();
    let mut reader = Reader {
        tokenizer,
        input,
        options,
    };
    match reader.tokenizer.next(input, options) {
        Err(_) => return Record::Corrupt(None, Cause::Other),
        Ok(None) => return Record::Nothing,
        Ok(Some(_)) => {}
    }
    match reader.root(shape) {
        Ok(Value::Null) => Record::Corrupt(None, Cause::Other),
        Ok(value) => Record::Whole(value),
        Err(Failure::Partial(value, cause)) => Record::Corrupt(Some(value), cause),
        Err(Failure::Bad(cause)) => Record::Corrupt(None, cause),
        Err(Failure::Fatal(error)) => Record::Fatal(error),
    }
}

struct Reader<'a> {
    tokenizer: &'a mut Tokenizer,
    input: &'a [u8],
    options: &'a JsonOptions,
}

impl Reader<'_> {
    fn root(&mut self, shape: &Shape) -> Converted {
        match (&shape.data_type, self.tokenizer.current()) {
            (DataType::Struct(_), Some(Token::ObjectStart)) => self.object(shape, true),
            (DataType::Struct(_), Some(Token::ArrayStart)) => Err(Failure::Bad(Cause::ArrayAsStruct)),
            (DataType::Array { .. }, Some(Token::ObjectStart)) => {
                // An object under an array of structs is its only element.
                let Some(element) = shape.children.first() else {
                    return Ok(Value::Null);
                };
                if !matches!(element.data_type, DataType::Struct(_)) {
                    return self.convert(shape);
                }
                match self.object(element, false) {
                    Ok(row) => Ok(Value::Array(vec![row])),
                    Err(Failure::Partial(row, cause)) => Err(Failure::Partial(Value::Array(vec![row]), cause)),
                    Err(failure) => Err(failure),
                }
            }
            _ => self.convert(shape),
        }
    }

    fn next(&mut self) -> Result<Option<Token>, Failure> {
        Ok(self.tokenizer.next(self.input, self.options)?)
    }

    /// Moves on; false at `end` and where tokens run out.
    fn next_until(&mut self, end: Token) -> Result<bool, Failure> {
        Ok(self.next()?.is_some_and(|token| token != end))
    }

    fn skip_children(&mut self) -> Result<(), Failure> {
        Ok(self.tokenizer.skip_children(self.input, self.options)?)
    }

    fn object(&mut self, shape: &Shape, is_root: bool) -> Converted {
        let mut row = shape.null_row();
        let mut bad: Option<Cause> = None;
        while self.next_until(Token::ObjectEnd)? {
            let index = self
                .tokenizer
                .current_name()
                .and_then(|name| shape.names.get(name))
                .copied();
            let Some((index, child)) = index.and_then(|index| Some((index, shape.children.get(index)?))) else {
                self.skip_children()?;
                continue;
            };
            match self.convert(child) {
                Ok(value) => row[index] = value,
                Err(Failure::Partial(value, cause)) if self.options.partial_results => {
                    bad.get_or_insert(cause);
                    row[index] = value;
                }
                Err(Failure::Bad(cause) | Failure::Partial(_, cause)) if is_root || self.options.partial_results => {
                    bad.get_or_insert(cause);
                    self.skip_children()?;
                }
                Err(failure) => return Err(failure),
            }
        }
        match bad {
            None => Ok(Value::Struct(row)),
            Some(cause) => Err(Failure::Partial(Value::Struct(row), cause)),
        }
    }

    fn array(&mut self, element: &Shape) -> Converted {
        let mut values = Vec::new();
        let mut bad: Option<Cause> = None;
        while self.next_until(Token::ArrayEnd)? {
            match self.convert(element) {
                Ok(value) => values.push(value),
                Err(Failure::Partial(value, cause)) if self.options.partial_results => {
                    bad.get_or_insert(cause);
                    values.push(value);
                }
                Err(failure) => return Err(failure),
            }
        }
        match bad {
            None => Ok(Value::Array(values)),
            Some(cause) => Err(Failure::Partial(Value::Array(values), cause)),
        }
    }

    fn map(&mut self, shape: &Shape) -> Converted {
        let Some(value_shape) = shape.children.first() else {
            return Ok(Value::Null);
        };
        let mut entries = Vec::new();
        let mut bad: Option<Cause> = None;
        // Spark keeps the name of a bad value and loses the value; names and values then do not match up, and the
        // map as a whole is refused, once it is read to its end.
        let mut lost_value = false;
        while self.next_until(Token::ObjectEnd)? {
            let key = Value::Bytes(without_surrogates(self.tokenizer.current_name().unwrap_or_default()));
            match self.convert(value_shape) {
                Ok(value) => entries.push((key, value)),
                Err(Failure::Partial(value, cause)) if self.options.partial_results => {
                    bad.get_or_insert(cause);
                    entries.push((key, value));
                }
                Err(Failure::Bad(_)) if self.options.partial_results => {
                    lost_value = true;
                    self.skip_children()?;
                }
                Err(failure) => return Err(failure),
            }
        }
        match bad {
            _ if lost_value => Err(Failure::Bad(Cause::Other)),
            None => Ok(Value::Map(entries)),
            Some(cause) => Err(Failure::Partial(Value::Map(entries), cause)),
        }
    }

    fn convert(&mut self, shape: &Shape) -> Converted {
        let mut token = self.tokenizer.current();
        while token == Some(Token::Name) {
            token = self.next()?;
        }
        // A variant has a null of its own.
        let is_variant = shape.data_type == DataType::Variant;
        let Some(token) = token.filter(|token| is_variant || *token != Token::Null) else {
            return Ok(Value::Null);
        };
        match (&shape.data_type, token) {
            (DataType::Boolean, Token::True) => Ok(Value::Boolean(true)),
            (DataType::Boolean, Token::False) => Ok(Value::Boolean(false)),
            (DataType::TinyInt, Token::Integer) => {
                // Jackson lets an unsigned byte pass for a signed one.
                let value = self.integer_within(-128, 255)?;
                Ok(Value::Integer(i64::from(value as i8)))
            }
            (DataType::SmallInt, Token::Integer) => self.integer(i64::from(i16::MIN), i64::from(i16::MAX)),
            (DataType::Int, Token::Integer) => self.integer(i64::from(i32::MIN), i64::from(i32::MAX)),
            (DataType::BigInt, Token::Integer) => self.integer(i64::MIN, i64::MAX),
            (DataType::Float | DataType::Double, Token::Integer | Token::Float | Token::Text) => {
                self.floating(&shape.data_type, token)
            }
            (DataType::Decimal { precision, scale }, Token::Integer | Token::Float | Token::Text) => {
                self.decimal(token, *precision, *scale)
            }
            (DataType::String, Token::Text) => self.text(),
            (DataType::String, _) => self.printed(token),
            (DataType::Binary, Token::Text) => {
                let bytes = self.text_bytes()?;
                decode_base64(&bytes)
                    .map(Value::Bytes)
                    .ok_or(Failure::Bad(Cause::Other))
            }
            (DataType::Timestamp, Token::Integer) => {
                let seconds = self.integer_within(i64::MIN, i64::MAX)?;
                Ok(Value::Integer(seconds.wrapping_mul(1_000_000)))
            }
            (DataType::Timestamp | DataType::TimestampNtz | DataType::Date, Token::Text) => {
                let text = self.text_bytes()?;
                if text.is_empty() {
                    return Err(Failure::Bad(Cause::Other));
                }
                if let Some(error) = self.options.pattern_error(&shape.data_type) {
                    // An upgrade's error ends the query; any other makes the field bad.
                    let is_upgrade = error.code().as_str().starts_with("INCONSISTENT_BEHAVIOR");
                    return Err(if is_upgrade {
                        Failure::Fatal(error.clone())
                    } else {
                        Failure::Bad(Cause::Other)
                    });
                }
                let value = time_value(&shape.data_type, &text, self.options).map_err(Failure::Fatal)?;
                value.map(Value::Integer).ok_or(Failure::Bad(Cause::Other))
            }
            (DataType::DayTimeInterval(fields), Token::Text) => {
                let micros = cast_day_time(&self.text_bytes()?, *fields);
                micros.map(Value::Integer).ok_or(Failure::Bad(Cause::Other))
            }
            (DataType::YearMonthInterval(fields), Token::Text) => {
                let months = cast_year_month(&self.text_bytes()?, *fields);
                let months = months.ok_or(Failure::Bad(Cause::Other))?;
                Ok(Value::Integer(i64::from(months)))
            }
            (DataType::Time(precision), Token::Text) => {
                let nanos = parse_time_text(&self.text_bytes()?).ok_or(Failure::Bad(Cause::Other))?;
                Ok(Value::Integer(truncate_time(nanos, *precision)))
            }
            (DataType::Variant, token) => {
                let mut text = String::new();
                write_variant(self.tokenizer, self.input, self.options, token, &mut text)?;
                Ok(Value::Bytes(text.into_bytes()))
            }
            (DataType::CalendarInterval, Token::Text) => {
                // What is no interval is null, and nothing is wrong with the record.
                let interval = interval_of(&self.text_bytes()?);
                Ok(interval.map_or(Value::Null, Value::Interval))
            }
            (DataType::Struct(_), Token::ObjectStart) => self.object(shape, false),
            (DataType::Array { .. }, Token::ArrayStart) => match shape.children.first() {
                Some(element) => self.array(element),
                None => Ok(Value::Null),
            },
            (DataType::Map { .. }, Token::ObjectStart) => self.map(shape),
            (_, Token::Text) => {
                // Spark looks at the text's length here, which reads it to its end.
                self.tokenizer.content(self.input, self.options)?;
                Err(Failure::Bad(Cause::Other))
            }
            _ => Err(Failure::Bad(Cause::Other)),
        }
    }

    fn integer_within(&mut self, first: i64, last: i64) -> Result<i64, Failure> {
        let content = self.tokenizer.content(self.input, self.options)?;
        let value = parse_integer(self.tokenizer.bytes(self.input, content));
        value
            .filter(|value| (first..=last).contains(value))
            .ok_or(Failure::Bad(Cause::Other))
    }

    fn integer(&mut self, first: i64, last: i64) -> Converted {
        self.integer_within(first, last).map(Value::Integer)
    }

    fn floating(&mut self, data_type: &DataType, token: Token) -> Converted {
        let is_float = *data_type == DataType::Float;
        let of = |value: f64| {
            if is_float {
                Value::Float(value as f32)
            } else {
                Value::Double(value)
            }
        };
        if token != Token::Text
            && let Some(special) = self.tokenizer.special()
        {
            return Ok(of(special));
        }
        let content = self.tokenizer.content(self.input, self.options)?;
        let bytes = self.tokenizer.bytes(self.input, content);
        if token == Token::Text {
            let special = match bytes {
                _ if !self.options.allow_non_numeric => None,
                b"NaN" => Some(f64::NAN),
                b"+INF" | b"+Infinity" | b"Infinity" => Some(f64::INFINITY),
                b"-INF" | b"-Infinity" => Some(f64::NEG_INFINITY),
                _ => None,
            };
            return match special {
                Some(value) => Ok(of(value)),
                None if bytes.is_empty() => Err(Failure::Bad(Cause::Other)),
                None => {
                    let text = String::from_utf8_lossy(bytes).into_owned();
                    let name = self.tokenizer.current_name().unwrap_or_default();
                    let name = String::from_utf8_lossy(name).into_owned();
                    let type_name = if is_float { "\"FLOAT\"" } else { "\"DOUBLE\"" };
                    Err(Failure::Bad(Cause::TextAsNumber(name, text, type_name)))
                }
            };
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Failure::Bad(Cause::Other))?;
        if token == Token::Integer
            && let Some(value) = parse_integer(bytes)
        {
            // An integer has no negative zero.
            return Ok(if is_float {
                Value::Float(value as f32)
            } else {
                Value::Double(value as f64)
            });
        }
        let parsed = if is_float {
            text.parse().map(Value::Float).ok()
        } else {
            text.parse().map(Value::Double).ok()
        };
        parsed.ok_or(Failure::Bad(Cause::Other))
    }

    fn decimal(&mut self, token: Token, precision: u8, scale: i8) -> Converted {
        if token != Token::Text && self.tokenizer.special().is_some() {
            return Err(Failure::Bad(Cause::Other));
        }
        let mut bytes = self.text_bytes()?;
        if token == Token::Text {
            bytes.retain(|byte| *byte != b',');
        }
        parse_decimal_text(&bytes, precision, scale)
            .map(Value::Decimal)
            .ok_or(Failure::Bad(Cause::Other))
    }

    fn text_bytes(&mut self) -> Result<Vec<u8>, Failure> {
        let content = self.tokenizer.content(self.input, self.options)?;
        Ok(self.tokenizer.bytes(self.input, content).to_vec())
    }

    fn text(&mut self) -> Converted {
        use super::json_token::Content;
        match self.tokenizer.content(self.input, self.options)? {
            Content::Slice(start, end) => Ok(Value::Slice(start, end)),
            content @ Content::Buffer => {
                let bytes = self.tokenizer.bytes(self.input, content);
                let lone = self.tokenizer.has_lone_surrogate();
                Ok(Value::Bytes(if lone {
                    without_surrogates(bytes)
                } else {
                    bytes.to_vec()
                }))
            }
        }
    }

    /// Anything but text under a string column is written out again.
    fn printed(&mut self, token: Token) -> Converted {
        let mut out = String::new();
        print_current(self.tokenizer, self.input, self.options, token, &mut out)?;
        Ok(Value::Bytes(out.into_bytes()))
    }
}

/// Microseconds or days of a text that is not empty; none where it is no time. Under policy EXCEPTION a text that
/// only Spark 2 would take is an error.
pub(crate) fn time_value(data_type: &DataType, text: &[u8], options: &JsonOptions) -> Result<Option<i64>, Error> {
    let value = time_value_or_none(data_type, text, options);
    let pattern = match data_type {
        DataType::Timestamp => options.timestamp_pattern.as_ref(),
        DataType::Date => options.date_pattern.as_ref(),
        _ => None,
    };
    let upgraded = options
        .upgraded_date_pattern
        .as_ref()
        .filter(|_| *data_type == DataType::Date && value.is_none());
    if upgraded.is_some_and(|pattern| pattern.parse(text, &options.zone).is_some()) {
        return Err(upgrade_error(text));
    }
    match (value, pattern) {
        (None, Some(pattern)) => pattern.check_upgrade(text).map(|()| None),
        _ => Ok(value),
    }
}

fn time_value_or_none(data_type: &DataType, text: &[u8], options: &JsonOptions) -> Option<i64> {
    match data_type {
        DataType::Timestamp => {
            let pattern = options.timestamp_pattern.as_ref();
            let parsed = match pattern {
                Some(pattern) => pattern.parse(text),
                None => parse_timestamp_text(text, &options.zone),
            };
            parsed.or_else(|| {
                let text = has_fallback(options, pattern.is_some()).then(|| without_gmt(text))?;
                parse_timestamp_text(&text, &options.zone)
            })
        }
        DataType::TimestampNtz => match &options.timestamp_ntz_pattern {
            Some(pattern) => pattern.parse_ntz(text, false),
            None => parse_timestamp_ntz_text(text, false),
        },
        _ => {
            let pattern = options.date_pattern.as_ref();
            let parsed = match pattern {
                Some(pattern) => pattern.parse_date(text),
                None => parse_date_text(text),
            };
            let fallback = || {
                let text = has_fallback(options, pattern.is_some()).then(|| without_gmt(text))?;
                // Spark 1.5 kept dates as text of their day number.
                parse_date_text(&text).or_else(|| std::str::from_utf8(&text).ok()?.parse().ok())
            };
            parsed.or_else(fallback).map(i64::from)
        }
    }
}

/// `2000-01-01T00:00GMT+01:00` without its `GMT`.
fn without_gmt(text: &[u8]) -> Vec<u8> {
    match memchr::memmem::find(text, b"GMT") {
        Some(at) => [&text[..at], &text[at + 3..]].concat(),
        None => text.to_vec(),
    }
}

/// A 64-bit integer of ASCII digits with an optional minus.
pub(crate) fn parse_integer(bytes: &[u8]) -> Option<i64> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

/// Java writes `?` for half a surrogate pair.
fn without_surrogates(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(&byte) = rest.first() {
        if let [0xed, 0xa0..=0xbf, _, ..] = rest {
            out.push(b'?');
            rest = &rest[3..];
        } else {
            out.push(byte);
            rest = &rest[1..];
        }
    }
    out
}

/// Jackson's default base64: the standard alphabet, white space between, padding required.
fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let mut at = 0;
    loop {
        while text.get(at).is_some_and(|byte| *byte <= b' ') {
            at += 1;
        }
        let Some(first) = text.get(at) else { return Some(out) };
        let high = value(*first)? << 18 | value(*text.get(at + 1)?)? << 12;
        match (*text.get(at + 2)?, *text.get(at + 3)?) {
            (b'=', b'=') => out.push((high >> 16) as u8),
            (third, b'=') => {
                let bits = high | value(third)? << 6;
                out.extend_from_slice(&[(bits >> 16) as u8, (bits >> 8) as u8]);
            }
            (third, fourth) => {
                let bits = high | value(third)? << 6 | value(fourth)?;
                out.extend_from_slice(&[(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]);
            }
        }
        at += 4;
    }
}
