//! Texts in other forms: initcap, ascii, base64, url_encode, unhex, encode, UTF-8 checks, soundex.

use arrow_array::types::{Int32Type, Int64Type};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::rows::{Nulls, Row, bytes_call, flag_call, number_call};
use super::{Bind, Call, Expr};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::java_text;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("initcap", bind_initcap),
    ("ascii", bind_ascii),
    ("char", bind_char),
    ("chr", bind_char),
    ("octet_length", bind_size),
    ("bit_length", bind_size),
    ("char_length", bind_size),
    ("character_length", bind_size),
    ("base64", bind_base64),
    ("unbase64", bind_unbase64),
    ("to_binary", bind_unhex),
    ("unhex", bind_unhex),
    ("url_encode", bind_url_encode),
    ("url_decode", bind_url_decode),
    ("quote", bind_quote),
    ("soundex", bind_soundex),
    ("luhn_check", bind_luhn_check),
    ("is_valid_utf8", bind_is_valid_utf8),
    ("validate_utf8", bind_validate_utf8),
    ("try_validate_utf8", bind_validate_utf8),
    ("make_valid_utf8", bind_validate_utf8),
    ("mask", bind_mask),
    ("encode", bind_encode),
    ("decode", bind_decode),
];

fn text_call(
    mut call: Call<'_>,
    name: &'static str,
    data_type: DataType,
    of: impl Fn(&Row<'_>, &mut Vec<u8>) -> Result<bool> + Send + Sync + 'static,
) -> Result<Expr> {
    call.expect_arguments(1)?;
    if call.arguments[0].data_type != DataType::Binary {
        call.coerce(0, &DataType::String)?;
    }
    Ok(bytes_call(call, name, data_type, true, Nulls::Pass, of))
}

fn bind_initcap(call: Call<'_>) -> Result<Expr> {
    text_call(call, "initcap", DataType::String, |row, out| {
        let text = java_text(row.bytes(0));
        let mut starts = true;
        for character in text.to_lowercase().chars() {
            let mut buffer = [0; 4];
            if starts {
                // Title case of one letter is its upper case but where that would be several.
                let mut upper = character.to_uppercase();
                let first = upper.next().filter(|_| upper.next().is_none()).unwrap_or(character);
                out.extend_from_slice(first.encode_utf8(&mut buffer).as_bytes());
            } else {
                out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
            }
            starts = character == ' ';
        }
        Ok(true)
    })
}

fn bind_ascii(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    call.coerce(0, &DataType::String)?;
    Ok(number_call::<Int32Type>(
        call,
        "ascii",
        DataType::Int,
        false,
        Nulls::Pass,
        |row| {
            let text = java_text(row.bytes(0));
            // Java looks at one unit of UTF-16... of the first code point.
            Ok(Some(text.chars().next().map_or(0, |first| first as i32)))
        },
    ))
}

fn bind_char(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    call.coerce(0, &DataType::BigInt)?;
    Ok(bytes_call(
        call,
        "char",
        DataType::String,
        false,
        Nulls::Pass,
        |row, out| {
            let code = row.number::<Int64Type>(0);
            if code >= 0 {
                let mut buffer = [0; 4];
                out.extend_from_slice(char::from(code as u8).encode_utf8(&mut buffer).as_bytes());
            }
            Ok(true)
        },
    ))
}

fn bind_size(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    let is_binary = call.arguments[0].data_type == DataType::Binary;
    if !is_binary {
        call.coerce(0, &DataType::String)?;
    }
    let counts_characters = call.name.starts_with("char") && !is_binary;
    let (name, factor) = match call.name {
        "bit_length" => ("bit_length", 8),
        "octet_length" => ("octet_length", 1),
        _ => ("char_length", 1),
    };
    Ok(number_call::<Int32Type>(
        call,
        name,
        DataType::Int,
        false,
        Nulls::Pass,
        move |row| {
            let bytes = row.bytes(0);
            let size = if counts_characters {
                super::string_parts::character_count(bytes)
            } else {
                bytes.len()
            };
            Ok(i32::try_from(size * factor).ok())
        },
    ))
}

fn bind_base64(call: Call<'_>) -> Result<Expr> {
    text_call(call, "base64", DataType::String, |row, out| {
        out.extend_from_slice(BASE64.encode(row.bytes(0)).as_bytes());
        Ok(true)
    })
}

/// Java's MIME decoder: what is no letter of the alphabet is passed over.
fn bind_unbase64(call: Call<'_>) -> Result<Expr> {
    text_call(call, "unbase64", DataType::Binary, |row, out| {
        let config = GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        let mut letters: Vec<u8> = row.bytes(0).iter().copied().take_while(|byte| *byte != b'=').collect();
        letters.retain(is_letter);
        match GeneralPurpose::new(&STANDARD, config).decode(&letters) {
            Ok(bytes) => {
                out.extend_from_slice(&bytes);
                Ok(true)
            }
            Err(_) => Err(conversion_error(row.bytes(0), "BASE64", "try_to_binary")),
        }
    })
}

fn conversion_error(text: &[u8], format: &str, suggestion: &str) -> Error {
    Error::new(ErrorCode::ConversionInvalidInput)
        .with("str", format!("'{}'", String::from_utf8_lossy(text)))
        .with("fmt", format!("'{format}'"))
        .with("targetType", "\"BINARY\"")
        .with("suggestion", format!("`{suggestion}`"))
}

/// Binds unhex(text) and to_binary(text[, format]); the first is null where the second raises.
fn bind_unhex(mut call: Call<'_>) -> Result<Expr> {
    let raises = call.name == "to_binary";
    if call.arguments.len() == 2 && raises {
        let format = call.text_argument(1)?.to_lowercase();
        call.arguments.truncate(1);
        match format.as_str() {
            "base64" => return bind_unbase64(call),
            "utf-8" | "utf8" => {
                return text_call(call, "to_binary", DataType::Binary, |row, out| {
                    out.extend_from_slice(row.bytes(0));
                    Ok(true)
                });
            }
            _ => {}
        }
    }
    text_call(
        call,
        if raises { "to_binary" } else { "unhex" },
        DataType::Binary,
        move |row, out| {
            let text = row.bytes(0);
            let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
            // An odd digit stands alone in front.
            let (first, rest) = text.split_at(text.len() % 2);
            let mut bytes = Vec::with_capacity(text.len() / 2 + 1);
            let decoded = (|| {
                if let Some(&byte) = first.first() {
                    bytes.push(digit(byte)?);
                }
                for pair in rest.chunks_exact(2) {
                    bytes.push(digit(pair[0])? << 4 | digit(pair[1])?);
                }
                Some(())
            })();
            if decoded.is_none() {
                return if raises {
                    Err(conversion_error(text, "HEX", "try_to_binary"))
                } else {
                    Ok(false)
                };
            }
            out.extend_from_slice(&bytes);
            Ok(true)
        },
    )
}

fn bind_url_encode(call: Call<'_>) -> Result<Expr> {
    text_call(call, "url_encode", DataType::String, |row, out| {
        for &byte in row.bytes(0) {
            match byte {
                b' ' => out.push(b'+'),
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' => out.push(byte),
                _ => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
            }
        }
        Ok(true)
    })
}

fn bind_url_decode(call: Call<'_>) -> Result<Expr> {
    text_call(call, "url_decode", DataType::String, |row, out| {
        let mut rest = row.bytes(0);
        while let Some((&first, after)) = rest.split_first() {
            rest = after;
            match first {
                b'+' => out.push(b' '),
                b'%' => {
                    let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
                    let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
                    out.push(byte.ok_or_else(|| {
                        Error::new(ErrorCode::CastInvalidInput)
                            .with("expression", format!("'{}'", String::from_utf8_lossy(row.bytes(0))))
                            .with("sourceType", "\"STRING\"")
                            .with("targetType", "\"URL\"")
                    })?);
                    rest = &after[2..];
                }
                other => out.push(other),
            }
        }
        Ok(true)
    })
}

fn bind_quote(call: Call<'_>) -> Result<Expr> {
    text_call(call, "quote", DataType::String, |row, out| {
        out.push(b'\'');
        for &byte in row.bytes(0) {
            if byte == b'\'' {
                out.push(b'\\');
            }
            out.push(byte);
        }
        out.push(b'\'');
        Ok(true)
    })
}

fn bind_soundex(call: Call<'_>) -> Result<Expr> {
    const CODES: &[u8; 26] = b"01230127022455012623017202";
    text_call(call, "soundex", DataType::String, |row, out| {
        let text = row.bytes(0);
        let Some(first) = text.first().map(u8::to_ascii_uppercase).filter(u8::is_ascii_uppercase) else {
            out.extend_from_slice(text);
            return Ok(true);
        };
        out.push(first);
        let code_of = |byte: u8| match byte.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => CODES[usize::from(letter - b'A')],
            _ => b'0',
        };
        let mut last = code_of(first);
        for &byte in &text[1..] {
            if !byte.is_ascii_alphabetic() {
                last = b'0';
                continue;
            }
            match code_of(byte) {
                // H and W stand between equal codes without parting them.
                b'7' => {}
                code => {
                    if code != b'0' && code != last {
                        out.push(code);
                        if out.len() == 4 {
                            break;
                        }
                    }
                    last = code;
                }
            }
        }
        out.resize(4, b'0');
        Ok(true)
    })
}

fn bind_luhn_check(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    call.coerce(0, &DataType::String)?;
    Ok(flag_call(call, "luhn_check", false, Nulls::Pass, |row| {
        let text = row.bytes(0);
        if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
            return Ok(Some(false));
        }
        let digits = text.iter().rev().enumerate().map(|(index, byte)| {
            let digit = u64::from(byte - b'0') * (1 + index as u64 % 2);
            if digit > 9 { digit - 9 } else { digit }
        });
        Ok(Some(digits.sum::<u64>() % 10 == 0))
    }))
}

fn bind_is_valid_utf8(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    call.coerce(0, &DataType::String)?;
    Ok(flag_call(call, "is_valid_utf8", false, Nulls::Pass, |row| {
        Ok(Some(std::str::from_utf8(row.bytes(0)).is_ok()))
    }))
}

/// Binds validate_utf8, try_validate_utf8 and make_valid_utf8.
fn bind_validate_utf8(call: Call<'_>) -> Result<Expr> {
    let (makes, raises) = (call.name == "make_valid_utf8", call.name == "validate_utf8");
    text_call(call, "validate_utf8", DataType::String, move |row, out| {
        let bytes = row.bytes(0);
        if makes {
            out.extend_from_slice(String::from_utf8_lossy(bytes).as_bytes());
            return Ok(true);
        }
        if std::str::from_utf8(bytes).is_err() {
            let text: String = bytes.iter().map(|byte| format!("\\x{byte:02X}")).collect();
            return if raises {
                Err(Error::new(ErrorCode::InvalidUtf8String).with("str", text))
            } else {
                Ok(false)
            };
        }
        out.extend_from_slice(bytes);
        Ok(true)
    })
}

/// Binds mask(text): letters become X and x, digits n.
fn bind_mask(call: Call<'_>) -> Result<Expr> {
    text_call(call, "mask", DataType::String, |row, out| {
        for character in java_text(row.bytes(0)).chars() {
            let masked = match character {
                letter if letter.is_uppercase() => 'X',
                letter if letter.is_lowercase() => 'x',
                digit if digit.is_ascii_digit() => 'n',
                other => other,
            };
            out.extend_from_slice(masked.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Ok(true)
    })
}

const CHARSETS: &str = "iso-8859-1, us-ascii, utf-16, utf-16be, utf-16le, utf-32, utf-8";

#[derive(Clone, Copy)]
enum Charset {
    Ascii,
    Latin1,
    Utf8,
    /// Big-endian or not, with a mark or not.
    Utf16(bool, bool),
    Utf32,
}

fn charset_of(row: &Row<'_>, function: &str) -> Result<Charset> {
    let name = String::from_utf8_lossy(row.bytes(1)).to_uppercase();
    Ok(match name.as_str() {
        "US-ASCII" => Charset::Ascii,
        "ISO-8859-1" => Charset::Latin1,
        "UTF-8" => Charset::Utf8,
        "UTF-16BE" => Charset::Utf16(true, false),
        "UTF-16LE" => Charset::Utf16(false, false),
        "UTF-16" => Charset::Utf16(true, true),
        "UTF-32" => Charset::Utf32,
        _ => {
            return Err(Error::new(ErrorCode::InvalidParameterValueCharset)
                .with("functionName", format!("`{function}`"))
                .with("charset", String::from_utf8_lossy(row.bytes(1)))
                .with("charsets", CHARSETS));
        }
    })
}

fn malformed(row: &Row<'_>, function: &str) -> Error {
    Error::new(ErrorCode::MalformedCharacterCoding)
        .with("function", format!("`{function}`"))
        .with("charset", String::from_utf8_lossy(row.bytes(1)))
}

fn bind_encode(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    call.coerce(0, &DataType::String)?;
    call.coerce(1, &DataType::String)?;
    Ok(bytes_call(
        call,
        "encode",
        DataType::Binary,
        false,
        Nulls::Pass,
        |row, out| {
            let text = java_text(row.bytes(0));
            match charset_of(row, "encode")? {
                Charset::Utf8 => out.extend_from_slice(row.bytes(0)),
                Charset::Ascii | Charset::Latin1 => {
                    let last = if matches!(charset_of(row, "encode")?, Charset::Ascii) {
                        0x7F
                    } else {
                        0xFF
                    };
                    for character in text.chars() {
                        let code = u32::from(character);
                        if code > last {
                            return Err(malformed(row, "encode"));
                        }
                        out.push(code as u8);
                    }
                }
                Charset::Utf16(big, mark) => {
                    if mark && !text.is_empty() {
                        out.extend_from_slice(&[0xFE, 0xFF]);
                    }
                    for unit in text.encode_utf16() {
                        out.extend_from_slice(&if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
                    }
                }
                Charset::Utf32 => {
                    for character in text.chars() {
                        out.extend_from_slice(&u32::from(character).to_be_bytes());
                    }
                }
            }
            Ok(true)
        },
    ))
}

fn bind_decode(mut call: Call<'_>) -> Result<Expr> {
    if call.arguments.len() > 2 {
        return super::conditional::bind_decode_cases(call);
    }
    call.expect_arguments(2)?;
    call.coerce(0, &DataType::Binary)?;
    call.coerce(1, &DataType::String)?;
    Ok(bytes_call(
        call,
        "decode",
        DataType::String,
        false,
        Nulls::Pass,
        |row, out| {
            let bytes = row.bytes(0);
            let wrong = || malformed(row, "decode");
            match charset_of(row, "decode")? {
                Charset::Utf8 => out.extend_from_slice(std::str::from_utf8(bytes).map_err(|_| wrong())?.as_bytes()),
                Charset::Ascii if !bytes.is_ascii() => return Err(wrong()),
                Charset::Ascii | Charset::Latin1 => {
                    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
                    out.extend_from_slice(text.as_bytes());
                }
                Charset::Utf16(big, mark) => {
                    let (big, bytes) = match bytes {
                        [0xFE, 0xFF, rest @ ..] if mark => (true, rest),
                        [0xFF, 0xFE, rest @ ..] if mark => (false, rest),
                        other => (big, other),
                    };
                    if bytes.len() % 2 != 0 {
                        return Err(wrong());
                    }
                    let unit = |pair: &[u8]| {
                        let pair = [pair[0], pair[1]];
                        if big {
                            u16::from_be_bytes(pair)
                        } else {
                            u16::from_le_bytes(pair)
                        }
                    };
                    let units: Vec<u16> = bytes.chunks_exact(2).map(unit).collect();
                    out.extend_from_slice(String::from_utf16(&units).map_err(|_| wrong())?.as_bytes());
                }
                Charset::Utf32 => {
                    for four in bytes.chunks(4) {
                        let four: [u8; 4] = four.try_into().map_err(|_| wrong())?;
                        let character = char::from_u32(u32::from_be_bytes(four)).ok_or_else(wrong)?;
                        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                }
            }
            Ok(true)
        },
    ))
}
/// reverse() of bytes.
pub(super) fn bind_reverse(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    Ok(bytes_call(
        call,
        "reverse",
        DataType::Binary,
        false,
        Nulls::Pass,
        |row, out| {
            out.extend(row.bytes(0).iter().rev());
            Ok(true)
        },
    ))
}
