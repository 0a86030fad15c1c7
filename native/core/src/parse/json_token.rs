//! JSON text to tokens, with the leniency and the memory after errors of Jackson's reader, which Spark uses.
//!
//! Spark goes on with a record after a bad field, so what the tokenizer does after an error shows in results: the
//! state kept here (current token, the value scanned ahead, unfinished strings) is Jackson's, deliberately.
//! Nesting is an explicit stack.

use super::json_options::JsonOptions;

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    Name,
    Text,
    Integer,
    Float,
    True,
    False,
    Null,
}

/// The text is not JSON at this place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError;

pub(super) type Step<T> = Result<T, SyntaxError>;

/// An open object or array, or the root.
#[derive(Clone, Copy, Debug)]
struct Level {
    kind: Kind,
    /// Entries begun, minus one.
    index: i64,
    /// Where this level's current name lies in `names`; none before the first.
    name: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Root,
    Object,
    Array,
}

/// What a scalar token holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// `input[start..end]` as it stands.
    Slice(usize, usize),
    /// The tokenizer's buffer: text with escapes resolved.
    Buffer,
}

/// Reads one record. Reused for many: buffers are kept.
#[derive(Debug, Default)]
pub(crate) struct Tokenizer {
    pub(super) position: usize,
    levels: Vec<Level>,
    names: Vec<u8>,
    current: Option<Token>,
    ahead: Option<Token>,
    /// A double-quoted text whose end was not looked for yet.
    unfinished: bool,
    pub(super) content: Option<Content>,
    pub(super) buffer: Vec<u8>,
    /// Not-a-number and the infinities, written out.
    pub(super) special: Option<f64>,
    lone_surrogate: bool,
}

const ROOT: Level = Level {
    kind: Kind::Root,
    index: -1,
    name: None,
};

impl Tokenizer {
    /// Starts anew.
    pub(crate) fn reset(&mut self) {
        self.position = 0;
        self.levels.clear();
        self.levels.push(ROOT);
        self.names.clear();
        self.current = None;
        self.ahead = None;
        self.unfinished = false;
        self.content = None;
        self.special = None;
    }

    /// The token at hand.
    pub(crate) fn current(&self) -> Option<Token> {
        self.current
    }

    /// Value of `NaN`, `Infinity` and their kin when the token at hand is such a number.
    pub(crate) fn special(&self) -> Option<f64> {
        self.special
    }

    /// Whether the text at hand has an unpaired surrogate (kept as its three bytes).
    pub(crate) fn has_lone_surrogate(&self) -> bool {
        self.lone_surrogate
    }

    /// The name that Jackson calls current: an opening bracket answers with the name it stands under.
    pub(crate) fn current_name(&self) -> Option<&[u8]> {
        let opening = matches!(self.current, Some(Token::ObjectStart | Token::ArrayStart));
        let depth = self.levels.len().checked_sub(if opening { 2 } else { 1 })?;
        let start = self.levels.get(depth)?.name?;
        let end = self.levels.get(depth + 1).and_then(|_| self.name_end(depth + 1));
        self.names.get(start..end.unwrap_or(self.names.len()))
    }

    fn name_end(&self, depth: usize) -> Option<usize> {
        self.levels.get(depth..)?.iter().find_map(|level| level.name)
    }

    pub(super) fn top(&self) -> Kind {
        self.levels.last().map_or(Kind::Root, |level| level.kind)
    }

    /// The next token, or none at the end.
    pub(crate) fn next(&mut self, input: &[u8], options: &JsonOptions) -> Step<Option<Token>> {
        if self.current == Some(Token::Name) {
            return self.after_name(options);
        }
        if self.unfinished {
            self.unfinished = false;
            self.scan_text(input, options, b'"')?;
        }
        let Some(mut byte) = self.skip_blanks(input, options)? else {
            self.current = None;
            return if self.top() == Kind::Root {
                Ok(None)
            } else {
                Err(SyntaxError)
            };
        };
        if byte == b']' || byte == b'}' {
            return self.close(byte);
        }
        if self.expects_comma() {
            if byte != b',' {
                return Err(SyntaxError);
            }
            byte = self.skip_blanks(input, options)?.ok_or(SyntaxError)?;
        }
        let in_object = self.top() == Kind::Object;
        if in_object {
            self.read_name(input, options, byte)?;
            self.current = Some(Token::Name);
            byte = self.skip_colon(input, options)?;
        }
        self.special = None;
        let token = match byte {
            b'"' => {
                self.unfinished = true;
                Token::Text
            }
            b'[' => {
                if !in_object {
                    self.open(Kind::Array, options)?;
                }
                Token::ArrayStart
            }
            b'{' => {
                if !in_object {
                    self.open(Kind::Object, options)?;
                }
                Token::ObjectStart
            }
            b't' => self.literal(input, b"true", Token::True)?,
            b'f' => self.literal(input, b"false", Token::False)?,
            b'n' => self.literal(input, b"null", Token::Null)?,
            b'-' => self.number(input, options, true)?,
            b'0'..=b'9' => {
                self.position -= 1;
                self.number(input, options, false)?
            }
            _ => self.odd_value(input, options, byte)?,
        };
        if in_object {
            self.ahead = Some(token);
            Ok(self.current)
        } else {
            self.current = Some(token);
            Ok(Some(token))
        }
    }

    /// Skips what the bracket at hand opened; nothing at any other token.
    pub(crate) fn skip_children(&mut self, input: &[u8], options: &JsonOptions) -> Step<()> {
        if !matches!(self.current, Some(Token::ObjectStart | Token::ArrayStart)) {
            return Ok(());
        }
        let mut open = 1usize;
        loop {
            match self.next(input, options)? {
                None if self.top() == Kind::Root => return Ok(()),
                None => return Err(SyntaxError),
                Some(Token::ObjectStart | Token::ArrayStart) => open += 1,
                Some(Token::ObjectEnd | Token::ArrayEnd) => {
                    open -= 1;
                    if open == 0 {
                        return Ok(());
                    }
                }
                Some(_) => {}
            }
        }
    }

    /// Where the scalar at hand lies; reads a text to its end first.
    pub(crate) fn content(&mut self, input: &[u8], options: &JsonOptions) -> Step<Content> {
        if self.unfinished {
            self.unfinished = false;
            self.scan_text(input, options, b'"')?;
        }
        self.content.ok_or(SyntaxError)
    }

    /// The bytes of a content.
    pub(crate) fn bytes<'a>(&'a self, input: &'a [u8], content: Content) -> &'a [u8] {
        match content {
            Content::Slice(start, end) => input.get(start..end).unwrap_or_default(),
            Content::Buffer => &self.buffer,
        }
    }

    fn after_name(&mut self, options: &JsonOptions) -> Step<Option<Token>> {
        let token = self.ahead.take();
        match token {
            Some(Token::ArrayStart) => self.open(Kind::Array, options)?,
            Some(Token::ObjectStart) => self.open(Kind::Object, options)?,
            _ => {}
        }
        self.current = token;
        Ok(token)
    }

    fn open(&mut self, kind: Kind, options: &JsonOptions) -> Step<()> {
        self.levels.push(Level {
            kind,
            index: -1,
            name: None,
        });
        if self.levels.len() - 1 > options.depth_max {
            Err(SyntaxError)
        } else {
            Ok(())
        }
    }

    fn close(&mut self, byte: u8) -> Step<Option<Token>> {
        let (kind, token) = match byte {
            b']' => (Kind::Array, Token::ArrayEnd),
            _ => (Kind::Object, Token::ObjectEnd),
        };
        if self.top() != kind {
            return Err(SyntaxError);
        }
        if let Some(Level { name: Some(start), .. }) = self.levels.pop() {
            self.names.truncate(start);
        }
        self.current = Some(token);
        Ok(self.current)
    }

    fn expects_comma(&mut self) -> bool {
        let Some(level) = self.levels.last_mut() else {
            return false;
        };
        level.index += 1;
        level.kind != Kind::Root && level.index > 0
    }

    /// The next byte that is neither white space nor an allowed comment.
    fn skip_blanks(&mut self, input: &[u8], options: &JsonOptions) -> Step<Option<u8>> {
        while let Some(&byte) = input.get(self.position) {
            self.position += 1;
            match byte {
                b' ' | b'\n' | b'\r' | b'\t' => {}
                0..b' ' => return Err(SyntaxError),
                b'/' => self.skip_comment(input, options)?,
                _ => return Ok(Some(byte)),
            }
        }
        Ok(None)
    }

    fn skip_comment(&mut self, input: &[u8], options: &JsonOptions) -> Step<()> {
        if !options.allow_comments {
            return Err(SyntaxError);
        }
        let kind = input.get(self.position).copied().ok_or(SyntaxError)?;
        self.position += 1;
        let rest = input.get(self.position..).unwrap_or_default();
        match kind {
            b'/' => {
                let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
                self.position += end.map_or(rest.len(), |at| at + 1);
                Ok(())
            }
            b'*' => {
                let end = memchr::memmem::find(rest, b"*/");
                self.position += end.map_or(rest.len(), |at| at + 2);
                end.map(|_| ()).ok_or(SyntaxError)
            }
            _ => Err(SyntaxError),
        }
    }

    fn skip_colon(&mut self, input: &[u8], options: &JsonOptions) -> Step<u8> {
        match self.skip_blanks(input, options)? {
            Some(b':') => self.skip_blanks(input, options)?.ok_or(SyntaxError),
            _ => Err(SyntaxError),
        }
    }

    fn read_name(&mut self, input: &[u8], options: &JsonOptions, first: u8) -> Step<()> {
        let start = self
            .levels
            .last()
            .and_then(|level| level.name)
            .unwrap_or(self.names.len());
        let content = match first {
            b'"' => {
                self.scan_text(input, options, b'"')?;
                self.content
            }
            b'\'' if options.allow_single_quotes => {
                self.scan_text(input, options, b'\'')?;
                self.content
            }
            _ if options.allow_unquoted_names => Some(self.unquoted_name(input)?),
            _ => return Err(SyntaxError),
        };
        self.names.truncate(start);
        match content {
            Some(Content::Slice(from, to)) => {
                self.names.extend_from_slice(input.get(from..to).unwrap_or_default());
            }
            _ => self.names.extend_from_slice(&self.buffer),
        }
        if self.names.len() - start > options.name_bytes_max {
            return Err(SyntaxError);
        }
        if let Some(level) = self.levels.last_mut() {
            level.name = Some(start);
        }
        Ok(())
    }

    fn unquoted_name(&mut self, input: &[u8]) -> Step<Content> {
        let start = self.position - 1;
        let rest = input.get(start..).unwrap_or_default();
        let length = rest.iter().position(|byte| !is_name_byte(*byte)).unwrap_or(rest.len());
        if length == 0 {
            return Err(SyntaxError);
        }
        self.position = start + length;
        Ok(Content::Slice(start, start + length))
    }

    /// Reads a text from behind its opening quote to behind its closing one.
    pub(super) fn scan_text(&mut self, input: &[u8], options: &JsonOptions, quote: u8) -> Step<()> {
        let start = self.position;
        self.lone_surrogate = false;
        let mut copied = false;
        let mut plain_start = start;
        loop {
            let rest = input.get(self.position..).unwrap_or_default();
            let Some(length) = rest.iter().position(|b| *b == quote || *b == b'\\' || *b < b' ') else {
                self.position = input.len();
                return Err(SyntaxError);
            };
            let at = self.position + length;
            self.position = at + 1;
            let byte = rest[length];
            if byte == quote {
                if copied {
                    self.buffer
                        .extend_from_slice(input.get(plain_start..at).unwrap_or_default());
                    self.content = Some(Content::Buffer);
                } else {
                    self.content = Some(Content::Slice(start, at));
                }
                return Ok(());
            }
            if byte == b'\\' {
                if !copied {
                    self.buffer.clear();
                    copied = true;
                }
                self.buffer
                    .extend_from_slice(input.get(plain_start..at).unwrap_or_default());
                self.escape(input, options)?;
                plain_start = self.position;
            } else if !options.allow_control_characters {
                return Err(SyntaxError);
            }
        }
    }

    fn escape(&mut self, input: &[u8], options: &JsonOptions) -> Step<()> {
        let &byte = input.get(self.position).ok_or(SyntaxError)?;
        self.position += 1;
        let plain = match byte {
            b'b' => 8,
            b't' => b'\t',
            b'n' => b'\n',
            b'f' => 12,
            b'r' => b'\r',
            b'"' | b'/' | b'\\' => byte,
            b'u' => return self.unicode_escape(input),
            b'\'' if options.allow_single_quotes => byte,
            _ if options.allow_any_escape => byte,
            _ => {
                // Jackson has read the whole character by now.
                while input
                    .get(self.position)
                    .is_some_and(|next| byte >= 0xc0 && next & 0xc0 == 0x80)
                {
                    self.position += 1;
                }
                return Err(SyntaxError);
            }
        };
        self.buffer.push(plain);
        Ok(())
    }

    fn unicode_escape(&mut self, input: &[u8]) -> Step<()> {
        let mut unit = 0u32;
        for _ in 0..4 {
            let &byte = input.get(self.position).ok_or(SyntaxError)?;
            self.position += 1;
            let digit = char::from(byte).to_digit(16).ok_or(SyntaxError)?;
            unit = unit << 4 | digit;
        }
        if (0xdc00..0xe000).contains(&unit)
            && let Some(&[0xed, middle @ 0xa0..=0xaf, low]) = self.buffer.last_chunk::<3>()
        {
            // The high half stands at the buffer's end: the two are one character.
            let high = 0xd800 | u32::from(middle & 0x0f) << 6 | u32::from(low & 0x3f);
            let scalar = 0x1_0000 + ((high & 0x3ff) << 10 | unit & 0x3ff);
            self.buffer.truncate(self.buffer.len() - 3);
            let character = char::from_u32(scalar).ok_or(SyntaxError)?;
            self.buffer
                .extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            return Ok(());
        }
        match char::from_u32(unit) {
            Some(character) => {
                self.buffer
                    .extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            None => {
                self.lone_surrogate = true;
                let bytes = [0xed, 0x80 | (unit >> 6 & 0x3f) as u8, 0x80 | (unit & 0x3f) as u8];
                self.buffer.extend_from_slice(&bytes);
            }
        }
        Ok(())
    }
}

/// Bytes of names without quotes: letters, digits, `$ _ @ # * - +`, and all that is not ASCII.
fn is_name_byte(byte: u8) -> bool {
    is_identifier_part(byte) || matches!(byte, b'@' | b'#' | b'*' | b'-' | b'+')
}

pub(super) fn is_identifier_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'$' | b'_') || byte >= 0x7f
}
