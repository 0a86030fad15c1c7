//! Numbers and bare words of JSON, with Jackson's checks and its positions after errors.

use super::json_options::JsonOptions;
use super::json_token::{Content, Kind, Step, SyntaxError, Token, Tokenizer, is_identifier_part};

impl Tokenizer {
    /// `true`, `false` or `null` from behind its first letter.
    pub(super) fn literal(&mut self, input: &[u8], word: &[u8], token: Token) -> Step<Token> {
        self.word(input, word, 1)?;
        Ok(token)
    }

    /// Takes `word` from its byte `from` on; a letter or digit may not follow.
    fn word(&mut self, input: &[u8], word: &[u8], from: usize) -> Step<()> {
        for expected in word.get(from..).unwrap_or_default() {
            if input.get(self.position) != Some(expected) {
                return Err(SyntaxError);
            }
            self.position += 1;
        }
        match input.get(self.position) {
            Some(byte) if is_identifier_part(*byte) => Err(SyntaxError),
            _ => Ok(()),
        }
    }

    /// A number whose sign, if it has one, is read.
    pub(super) fn number(&mut self, input: &[u8], options: &JsonOptions, negative: bool) -> Step<Token> {
        let mut start = self.position - usize::from(negative);
        let first = input.get(self.position).copied().ok_or(SyntaxError)?;
        if !first.is_ascii_digit() {
            self.position += 1;
            return self.special_number(input, options, first, negative);
        }
        let digits = |from: usize| {
            let rest = input.get(from..).unwrap_or_default();
            rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
        };
        let mut integer_start = self.position;
        let mut length = digits(integer_start);
        if first == b'0' && length > 1 {
            if !options.allow_leading_zeros {
                self.position += 1;
                return Err(SyntaxError);
            }
            let zeros = input[integer_start..integer_start + length - 1].iter();
            let zeros = zeros.take_while(|byte| **byte == b'0').count();
            integer_start += zeros;
            length -= zeros;
            start = integer_start;
        }
        let mut end = integer_start + length;
        let mut total = length;
        let mut token = Token::Integer;
        if input.get(end) == Some(&b'.') {
            self.position = end + 1;
            let fraction = digits(end + 1);
            if fraction == 0 {
                return Err(SyntaxError);
            }
            (end, total, token) = (end + 1 + fraction, total + fraction, Token::Float);
        }
        if matches!(input.get(end), Some(b'e' | b'E')) {
            self.position = end + 1;
            let sign = usize::from(matches!(input.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits(end + 1 + sign);
            if exponent == 0 {
                return Err(SyntaxError);
            }
            (end, total, token) = (end + 1 + sign + exponent, total + exponent, Token::Float);
        }
        self.position = end;
        if self.top() == Kind::Root && !matches!(input.get(end), None | Some(b' ' | b'\t' | b'\r' | b'\n')) {
            return Err(SyntaxError);
        }
        if total > options.number_digits_max {
            return Err(SyntaxError);
        }
        if negative && start == integer_start {
            self.buffer.clear();
            self.buffer.push(b'-');
            self.buffer.extend_from_slice(&input[start..end]);
            self.content = Some(Content::Buffer);
        } else {
            self.content = Some(Content::Slice(start, end));
        }
        Ok(token)
    }

    /// `-INF`, `+Infinity` and such, from behind the byte after the sign.
    fn special_number(&mut self, input: &[u8], options: &JsonOptions, first: u8, negative: bool) -> Step<Token> {
        if first != b'I' {
            return Err(SyntaxError);
        }
        let second = input.get(self.position).copied().ok_or(SyntaxError)?;
        self.position += 1;
        match second {
            b'N' => self.word(input, b"INF", 2)?,
            b'n' => self.word(input, b"Infinity", 2)?,
            _ => return Err(SyntaxError),
        }
        self.special_value(options, if negative { f64::NEG_INFINITY } else { f64::INFINITY })
    }

    fn special_value(&mut self, options: &JsonOptions, value: f64) -> Step<Token> {
        if !options.allow_non_numeric {
            return Err(SyntaxError);
        }
        self.special = Some(value);
        self.content = None;
        Ok(Token::Float)
    }

    pub(super) fn odd_value(&mut self, input: &[u8], options: &JsonOptions, byte: u8) -> Step<Token> {
        match byte {
            b'\'' if options.allow_single_quotes => {
                self.scan_text(input, options, b'\'')?;
                Ok(Token::Text)
            }
            b'N' => {
                self.word(input, b"NaN", 1)?;
                self.special_value(options, f64::NAN)
            }
            b'I' => {
                self.word(input, b"Infinity", 1)?;
                self.special_value(options, f64::INFINITY)
            }
            b'+' => {
                let first = input.get(self.position).copied().ok_or(SyntaxError)?;
                self.position += 1;
                self.special_number(input, options, first, false)
            }
            _ => Err(SyntaxError),
        }
    }
}
