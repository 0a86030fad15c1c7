//! Number formats such as `S$999,099.99`: what to_number reads by and to_char writes by.

use super::decimal::BigDecimal;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::decimal_digit;

/// Digits that a decimal can have.
const DIGITS_MAX: usize = 38;

/// A run of digits, or a mark between two.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    /// So many digits; all of them where the run begins with a zero before the point.
    Digits {
        count: usize,
        exact: bool,
    },
    Comma,
}

/// What a format asks for, one after the other.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    Group(Vec<Part>),
    Point,
    Dollar,
    /// `S`: a plus or a minus.
    Sign,
    /// `MI`: a minus.
    Minus,
    /// `PR`, in front and behind: angle brackets around what is negative.
    Open,
    Close,
    Other(char),
}

impl Token {
    /// The token as Spark's messages have it.
    fn name(&self) -> String {
        match self {
            Token::Group(_) => "digit sequence".into(),
            Token::Point => ". or D".into(),
            Token::Dollar => "$".into(),
            Token::Sign => "S".into(),
            Token::Minus => "MI".into(),
            Token::Open | Token::Close => "PR".into(),
            Token::Other(character) => format!("character '{character}''"),
        }
    }
}

/// A checked format.
#[derive(Clone, Debug)]
pub(super) struct NumberFormat {
    text: String,
    tokens: Vec<Token>,
    /// Digits before and behind the point.
    whole_digits: usize,
    fraction_digits: usize,
}

impl NumberFormat {
    /// Reads a format; letters may be of either case. Fails with INVALID_FORMAT.*.
    pub(super) fn new(text: &str) -> Result<Self> {
        let tokens = tokens_of(&text.to_uppercase());
        check(text, &tokens)?;
        let point = tokens.iter().position(|token| *token == Token::Point);
        let (whole, fraction) = tokens.split_at(point.unwrap_or(tokens.len()));
        let format = Self {
            whole_digits: digits_of(whole),
            fraction_digits: digits_of(fraction),
            text: text.to_string(),
            tokens,
        };
        let digits = format.whole_digits + format.fraction_digits;
        if digits > DIGITS_MAX {
            return Err(Error::new(ErrorCode::DecimalPrecisionExceedsMaxPrecision)
                .with("precision", digits.to_string())
                .with("maxPrecision", DIGITS_MAX.to_string()));
        }
        Ok(format)
    }

    /// Precision and scale of what is read.
    pub(super) fn shape(&self) -> (u8, i8) {
        (
            (self.whole_digits + self.fraction_digits) as u8,
            self.fraction_digits as i8,
        )
    }

    /// INVALID_FORMAT.MISMATCH_INPUT.
    pub(super) fn mismatch(&self, input: &str) -> Error {
        Error::new(ErrorCode::InvalidFormatMismatchInput)
            .with("format", self.text.as_str())
            .with("inputType", "\"STRING\"")
            .with("input", input)
    }

    /// The unscaled number that a text is in this format; none where it is of another form.
    pub(super) fn parse(&self, text: &str) -> Option<i128> {
        let mut rest = text;
        let (mut whole, mut fraction) = (String::new(), String::new());
        let (mut has_point, mut is_negative, mut is_open, mut is_closed) = (false, false, false, false);
        for token in &self.tokens {
            match token {
                Token::Group(parts) => {
                    rest = parse_group(parts, rest, if has_point { &mut fraction } else { &mut whole })?;
                }
                Token::Point => has_point |= take(&mut rest, '.'),
                Token::Dollar => {
                    if !rest.is_empty() && !take(&mut rest, '$') {
                        return None;
                    }
                }
                Token::Sign => {
                    if !take(&mut rest, '+') {
                        is_negative ^= take(&mut rest, '-');
                    }
                }
                Token::Minus => is_negative ^= take(&mut rest, '-'),
                Token::Open => is_open = take(&mut rest, '<'),
                Token::Close => {
                    is_closed = take(&mut rest, '>');
                    if is_closed && !is_open {
                        return None;
                    }
                    is_negative ^= is_closed;
                }
                Token::Other(_) => return None,
            }
        }
        if !rest.is_empty() || is_open != is_closed || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        let width = self.fraction_digits;
        let unscaled: i128 = format!("{whole}{fraction:0<width$}").parse().ok()?;
        Some(if is_negative { -unscaled } else { unscaled })
    }

    /// Appends a decimal in this format; `#` in the place of digits that it has no room for.
    pub(super) fn write(&self, unscaled: i128, scale: i8, out: &mut String) {
        let plain = BigDecimal::new(unscaled.saturating_abs(), scale).to_plain_text();
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let fits = whole.len() <= self.whole_digits && fraction.len() <= self.fraction_digits;
        let (width, places) = (self.whole_digits, self.fraction_digits);
        let digits: Vec<char> = if fits {
            format!("{whole:>width$}{fraction:0<places$}").chars().collect()
        } else {
            vec!['#'; width + places]
        };
        let mut digits = digits.into_iter();
        let is_negative = unscaled < 0;
        let mut text: Vec<char> = Vec::new();
        let mut has_point = false;
        for token in &self.tokens {
            match token {
                Token::Group(parts) => write_group(parts, has_point, &mut digits, &mut text),
                Token::Point => {
                    // There is no whole part: its last place shows a zero.
                    if let Some(last @ ' ') = text.last_mut() {
                        *last = '0';
                    }
                    text.push('.');
                    has_point = true;
                }
                Token::Dollar => text.push('$'),
                Token::Sign => {
                    drop_lone_point(&mut text);
                    push_before_blanks(&mut text, if is_negative { '-' } else { '+' });
                }
                Token::Minus if is_negative => {
                    drop_lone_point(&mut text);
                    push_before_blanks(&mut text, '-');
                }
                Token::Minus => text.push(' '),
                Token::Open if is_negative => text.push('<'),
                Token::Open | Token::Other(_) => {}
                Token::Close => {
                    drop_lone_point(&mut text);
                    if is_negative {
                        push_before_blanks(&mut text, '>');
                    } else {
                        text.extend([' ', ' ']);
                    }
                }
            }
        }
        drop_lone_point(&mut text);
        match text.as_slice() {
            [] | ['+'] | ['-'] => out.push('0'),
            text => out.extend(text),
        }
    }
}

fn take(rest: &mut &str, wanted: char) -> bool {
    let after = rest.strip_prefix(wanted);
    *rest = after.unwrap_or(rest);
    after.is_some()
}

fn digits_of(tokens: &[Token]) -> usize {
    let parts = tokens.iter().flat_map(|token| match token {
        Token::Group(parts) => parts.as_slice(),
        _ => &[],
    });
    parts
        .map(|part| match part {
            Part::Digits { count, .. } => *count,
            Part::Comma => 0,
        })
        .sum()
}

fn tokens_of(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut group: Vec<Part> = Vec::new();
    let mut has_point = false;
    let mut is_wrapped = false;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = rest.bytes().take_while(|byte| matches!(byte, b'0' | b'9')).count();
        let mut length = first.len_utf8();
        let token = match first {
            '0' | '9' => {
                length = digits;
                group.push(Part::Digits {
                    count: digits,
                    exact: first == '0' && !has_point,
                });
                None
            }
            ',' | 'G' => {
                group.push(Part::Comma);
                None
            }
            '.' | 'D' => {
                has_point = true;
                Some(Token::Point)
            }
            '$' => Some(Token::Dollar),
            'S' => Some(Token::Sign),
            'M' if rest.starts_with("MI") => {
                length = 2;
                Some(Token::Minus)
            }
            'P' if rest.starts_with("PR") => {
                length = 2;
                is_wrapped = true;
                Some(Token::Close)
            }
            other => Some(Token::Other(other)),
        };
        if let Some(token) = token {
            if !group.is_empty() {
                tokens.push(Token::Group(std::mem::take(&mut group)));
            }
            tokens.push(token);
        }
        rest = &rest[length..];
    }
    if !group.is_empty() {
        tokens.push(Token::Group(group));
    }
    if is_wrapped {
        tokens.insert(0, Token::Open);
    }
    tokens
}

/// Spark's checks, in its order.
fn check(text: &str, tokens: &[Token]) -> Result<()> {
    let refuse = |code: ErrorCode| Err(Error::new(code).with("format", format!("'{text}'")));
    let place = |wanted: &dyn Fn(&Token) -> bool| tokens.iter().position(wanted);
    let dollar = place(&|token| *token == Token::Dollar);
    let point = place(&|token| *token == Token::Point);
    if text.is_empty() {
        return refuse(ErrorCode::InvalidFormatEmpty);
    }
    let Some(first_digit) = place(&|token| matches!(token, Token::Group(_))) else {
        return refuse(ErrorCode::InvalidFormatWrongNumDigit);
    };
    if dollar.is_some_and(|dollar| first_digit < dollar) {
        return refuse(ErrorCode::InvalidFormatCurMustBeforeDigit);
    }
    if dollar.is_some_and(|dollar| point.is_some_and(|point| point < dollar)) {
        return refuse(ErrorCode::InvalidFormatCurMustBeforeDec);
    }
    for (at, token) in tokens.iter().enumerate() {
        let Token::Group(parts) = token else { continue };
        let is_behind = point.is_some_and(|point| at > point);
        let at_edge = parts.first() == Some(&Part::Comma) || parts.last() == Some(&Part::Comma);
        let side_by_side = parts.windows(2).any(|pair| pair == [Part::Comma, Part::Comma]);
        if !is_behind && (at_edge || side_by_side) {
            return refuse(ErrorCode::InvalidFormatContThousandsSeps);
        }
        if is_behind && parts.contains(&Part::Comma) {
            return refuse(ErrorCode::InvalidFormatThousandsSepsMustBeforeDec);
        }
    }
    for token in [Token::Point, Token::Sign, Token::Minus, Token::Dollar, Token::Close] {
        if tokens.iter().filter(|found| **found == token).count() > 1 {
            return refuse(ErrorCode::InvalidFormatWrongNumToken)
                .map_err(|error: Error| error.with("token", token.name()));
        }
    }
    // Each step may be left out; what is left after all of them stands in a wrong place.
    let is_sign = |token: &Token| matches!(token, Token::Sign | Token::Minus);
    let is_group = |token: &Token| matches!(token, Token::Group(_));
    let steps: [&dyn Fn(&Token) -> bool; 8] = [
        &|token| *token == Token::Open,
        &is_sign,
        &|token| *token == Token::Dollar,
        &is_group,
        &|token| *token == Token::Point,
        &is_group,
        &|token| *token == Token::Dollar,
        &|token| is_sign(token) || *token == Token::Close,
    ];
    let mut rest = tokens;
    for step in steps {
        if let [first, others @ ..] = rest
            && step(first)
        {
            rest = others;
        }
    }
    match rest.first() {
        None => Ok(()),
        Some(token) => {
            refuse(ErrorCode::InvalidFormatUnexpectedToken).map_err(|error: Error| error.with("token", token.name()))
        }
    }
}

/// Takes digits and commas off the front of `text`, blanks between them included. The runs are compared from their
/// right end, so that the first ones of the format may be missing.
fn parse_group<'a>(parts: &[Part], text: &'a str, digits: &mut String) -> Option<&'a str> {
    let mut runs = vec![0usize];
    let mut length = text.len();
    for (at, character) in text.char_indices() {
        if let Some(digit) = decimal_digit(character) {
            digits.push(char::from(b'0' + digit));
            *runs.last_mut()? += 1;
        } else if character == ',' {
            runs.push(0);
        } else if !character.is_whitespace() {
            length = at;
            break;
        }
    }
    let expected: Vec<(usize, bool)> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Digits { count, exact } => Some((*count, *exact)),
            Part::Comma => None,
        })
        .collect();
    if runs.len() > expected.len() {
        return None;
    }
    let found = runs.into_iter().rev().chain(std::iter::repeat(0));
    let fits = expected
        .into_iter()
        .rev()
        .zip(found)
        .all(|((count, exact), found)| if exact { found == count } else { found <= count });
    fits.then(|| &text[length..])
}

fn write_group(parts: &[Part], has_point: bool, digits: &mut impl Iterator<Item = char>, text: &mut Vec<char>) {
    for part in parts {
        match part {
            Part::Digits { count, exact } => {
                for digit in digits.take(*count) {
                    match digit {
                        ' ' if *exact && !has_point => text.push('0'),
                        ' ' => push_blank(text),
                        digit => text.push(digit),
                    }
                }
            }
            Part::Comma if text.last().is_some_and(char::is_ascii_digit) => text.push(','),
            Part::Comma => push_blank(text),
        }
    }
}

/// A sign moves before the blanks at the end.
fn push_before_blanks(text: &mut Vec<char>, sign: char) {
    let blanks = text.iter().rev().take_while(|character| **character == ' ').count();
    // The first character stays where it is, a blank too, where nothing stands before it.
    text.insert(text.len() - blanks, sign);
}

/// A blank moves before the signs at the end.
fn push_blank(text: &mut Vec<char>) {
    let signs = text
        .iter()
        .rev()
        .take_while(|character| matches!(character, '+' | '-' | '<'))
        .count();
    text.insert(text.len() - signs, ' ');
}

/// A point without digits behind it becomes a blank.
fn drop_lone_point(text: &mut [char]) {
    if let Some(at) = text.iter().position(|character| *character == '.')
        && matches!(text.get(at + 1), None | Some(' '))
    {
        text[at] = ' ';
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(format: &str, text: &str) -> Option<i128> {
        NumberFormat::new(format).unwrap().parse(text)
    }

    fn written(format: &str, unscaled: i128, scale: i8) -> String {
        let mut out = String::new();
        NumberFormat::new(format).unwrap().write(unscaled, scale, &mut out);
        out
    }

    fn refusal(format: &str) -> String {
        NumberFormat::new(format).unwrap_err().code().as_str().to_string()
    }

    #[test]
    fn reads_by_a_format() {
        assert_eq!(parsed("999.9", "1.5"), Some(15));
        assert_eq!(parsed("999.9", "15"), Some(150));
        assert_eq!(parsed("999.9", ""), None);
        assert_eq!(parsed("999.9", "1234"), None);
        assert_eq!(parsed("999,999", "12,345"), Some(12_345));
        assert_eq!(parsed("999,999", "12345"), None);
        assert_eq!(parsed("000", "12"), None);
        assert_eq!(parsed("S$99.99", "-$1.5"), Some(-150));
        assert_eq!(parsed("99MI", "5-"), Some(-5));
        assert_eq!(parsed("99PR", "<5>"), Some(-5));
        assert_eq!(parsed("99PR", "<5"), None);
        assert_eq!(parsed("99", " 5 "), Some(5));
        assert_eq!(parsed("$99", "5"), None);
        assert_eq!(NumberFormat::new("99,999.00").unwrap().shape(), (7, 2));
    }

    #[test]
    fn writes_by_a_format() {
        assert_eq!(written("999,999", -1, 0), "      1");
        assert_eq!(written("999,999", 12_345, 0), " 12,345");
        assert_eq!(written("999", 1234, 0), "###");
        assert_eq!(written("000.00", 15, 1), "001.50");
        assert_eq!(written("S999", -5, 0), "  -5");
        assert_eq!(written("$99.9MI", -15, 1), "$ 1.5-");
        assert_eq!(written("999PR", -5, 0), "  <5>");
        assert_eq!(written("999PR", 5, 0), "  5  ");
        assert_eq!(written("9.", 5, 0), "5 ");
        assert_eq!(written("99.9", 5, 1), " 0.5");
    }

    #[test]
    fn refuses_formats_as_spark_does() {
        assert_eq!(refusal(""), "INVALID_FORMAT.EMPTY");
        assert_eq!(refusal("S"), "INVALID_FORMAT.WRONG_NUM_DIGIT");
        assert_eq!(refusal("9$9"), "INVALID_FORMAT.CUR_MUST_BEFORE_DIGIT");
        assert_eq!(refusal("9,,9"), "INVALID_FORMAT.CONT_THOUSANDS_SEPS");
        assert_eq!(refusal("9.9,9"), "INVALID_FORMAT.THOUSANDS_SEPS_MUST_BEFORE_DEC");
        assert_eq!(refusal("9.9.9"), "INVALID_FORMAT.WRONG_NUM_TOKEN");
        assert_eq!(refusal("9S9"), "INVALID_FORMAT.UNEXPECTED_TOKEN");
        assert_eq!(refusal("9x"), "INVALID_FORMAT.UNEXPECTED_TOKEN");
    }
}
