//! The type of one JSON document, as Spark infers it: schema_of_json.

use super::decimal_text::decimal_shape;
use super::json_options::{JsonOptions, ParseMode};
use super::json_token::{Token, Tokenizer};
use super::timestamp_text::parse_timestamp_text;
use super::utf8::to_valid_utf8;
use crate::column::{DataType, Field, StructType};
use crate::error::{Error, ErrorCode, Result};

/// Digits that a decimal can have.
const DIGITS_MAX: i64 = 38;
/// Digits of a BIGINT as a decimal.
const LONG_DIGITS: i64 = 20;

/// The type of a document as Spark infers it; none where it is malformed.
pub fn infer_json_type(document: &[u8], options: &JsonOptions) -> Option<DataType> {
    let input = to_valid_utf8(document);
    let mut tokenizer = Tokenizer::default();
    tokenizer.reset();
    let mut reader = Reader {
        tokenizer,
        input: &input,
        options,
    };
    let found = match reader.next()? {
        Some(token) => reader.infer(token)?,
        None => DataType::Void,
    };
    let drops_nulls = options.drop_field_if_all_null;
    Some(canonical(&found, drops_nulls).unwrap_or(match found {
        DataType::Struct(_) => empty_struct(),
        DataType::Array { element, .. } if matches!(*element, DataType::Struct(_)) => array_of(empty_struct()),
        _ => DataType::String,
    }))
}

/// The columns of many documents, found one document after the other: Spark's inference of json files.
pub struct JsonSchemaInference<'a> {
    options: &'a JsonOptions,
    found: DataType,
    /// Whether a document was malformed, or no object.
    has_corrupt: bool,
}

impl<'a> JsonSchemaInference<'a> {
    /// Nothing was seen yet.
    pub fn new(options: &'a JsonOptions) -> Self {
        Self {
            options,
            found: DataType::Void,
            has_corrupt: false,
        }
    }

    /// Takes in a document; blank text is none. In mode FAILFAST a malformed one is an error.
    pub fn push(&mut self, document: &[u8]) -> Result<()> {
        let input = to_valid_utf8(document);
        let mut tokenizer = Tokenizer::default();
        tokenizer.reset();
        let mut reader = Reader {
            tokenizer,
            input: &input,
            options: self.options,
        };
        let found = match reader.next() {
            Some(None) => return Ok(()),
            Some(Some(token)) => reader.infer(token),
            None => None,
        };
        match found {
            Some(object @ DataType::Struct(_)) => self.take_in(object),
            // An array is as many rows as it has objects.
            Some(DataType::Array { element, .. }) if matches!(*element, DataType::Struct(_)) => self.take_in(*element),
            _ => match self.options.mode {
                ParseMode::Permissive => self.has_corrupt = true,
                ParseMode::DropMalformed => {}
                ParseMode::FailFast => {
                    return Err(Error::new(ErrorCode::MalformedRecordInParsingWithoutSuggestion)
                        .with("badRecord", String::from_utf8_lossy(document).into_owned())
                        .with("failFastMode", "FAILFAST"));
                }
            },
        }
        Ok(())
    }

    fn take_in(&mut self, object: DataType) {
        let so_far = std::mem::replace(&mut self.found, DataType::Void);
        self.found = common(so_far, object);
    }

    /// The columns, by name; none where no document was an object.
    pub fn finish(self) -> StructType {
        let mut schema = match canonical(&self.found, self.options.drop_field_if_all_null) {
            Some(DataType::Struct(schema)) => schema,
            _ => StructType::default(),
        };
        let name = &self.options.corrupt_record_column;
        // As in Spark a member of that name stands for the column.
        if self.has_corrupt && !schema.fields.iter().any(|field| field.name == *name) {
            schema.fields.push(Field::new(name, DataType::String, true));
            sort_fields(&mut schema.fields);
        }
        schema
    }
}

fn empty_struct() -> DataType {
    DataType::Struct(StructType::default())
}

fn array_of(element: DataType) -> DataType {
    DataType::Array {
        element: Box::new(element),
        contains_null: true,
    }
}

struct Reader<'a> {
    tokenizer: Tokenizer,
    input: &'a [u8],
    options: &'a JsonOptions,
}

impl Reader<'_> {
    /// The next token; outer none where the document is malformed.
    fn next(&mut self) -> Option<Option<Token>> {
        self.tokenizer.next(self.input, self.options).ok()
    }

    /// Recursion is bounded by the tokenizer's nesting limit; types beyond the type limit are refused there.
    fn infer(&mut self, token: Token) -> Option<DataType> {
        Some(match token {
            Token::ObjectStart => {
                let mut fields: Vec<Field> = Vec::new();
                while self.next()?? != Token::ObjectEnd {
                    let name = String::from_utf8_lossy(self.tokenizer.current_name()?).into_owned();
                    let value = self.next()??;
                    let data_type = self.infer(value)?;
                    fields.push(Field::new(name, data_type, true));
                }
                sort_fields(&mut fields);
                DataType::Struct(StructType::new(fields))
            }
            Token::ArrayStart => {
                let mut element = DataType::Void;
                loop {
                    let next = self.next()??;
                    if next == Token::ArrayEnd {
                        break;
                    }
                    let found = self.infer(next)?;
                    element = common(element, found);
                }
                array_of(element)
            }
            Token::Null => DataType::Void,
            Token::Text => {
                let content = self.tokenizer.content(self.input, self.options).ok()?;
                text_type(self.tokenizer.bytes(self.input, content), self.options)
            }
            Token::Integer | Token::Float | Token::True | Token::False if self.options.primitives_as_string => {
                DataType::String
            }
            Token::True | Token::False => DataType::Boolean,
            Token::Float if !self.options.prefers_decimal => DataType::Double,
            Token::Integer | Token::Float => {
                let content = self.tokenizer.content(self.input, self.options).ok()?;
                let text = self.tokenizer.bytes(self.input, content);
                let is_long =
                    token == Token::Integer && std::str::from_utf8(text).is_ok_and(|text| text.parse::<i64>().is_ok());
                if is_long {
                    DataType::BigInt
                } else {
                    let (precision, scale) = decimal_shape(text)?;
                    let (precision, scale) = (i64::try_from(precision).ok()?, i64::from(scale));
                    // A decimal with a negative scale is none of Spark's types.
                    if scale < 0 {
                        return None;
                    }
                    decimal(precision.max(scale), scale).unwrap_or(DataType::Double)
                }
            }
            Token::ObjectEnd | Token::ArrayEnd | Token::Name => return None,
        })
    }
}

/// The type of a text. An empty one says as little as null does.
fn text_type(text: &[u8], options: &JsonOptions) -> DataType {
    if text.is_empty() {
        return DataType::Void;
    }
    if options.prefers_decimal {
        let digits: Vec<u8> = text.iter().copied().filter(|byte| *byte != b',').collect();
        let found = decimal_shape(&digits).and_then(|(precision, scale)| {
            let (precision, scale) = (i64::try_from(precision).ok()?, i64::from(scale));
            decimal(precision, scale).filter(|_| (0..=precision).contains(&scale))
        });
        if let Some(found) = found {
            return found;
        }
    }
    let is_timestamp = options.infer_timestamp
        && match &options.timestamp_pattern {
            Some(pattern) => pattern.parse(text).is_some(),
            None => parse_timestamp_text(text, &options.zone).is_some(),
        };
    if is_timestamp {
        DataType::Timestamp
    } else {
        DataType::String
    }
}

fn decimal(precision: i64, scale: i64) -> Option<DataType> {
    (precision <= DIGITS_MAX).then_some(DataType::Decimal {
        precision: precision as u8,
        scale: scale as i8,
    })
}

/// Spark looks fields up by halves, so they are kept in the order of Java's strings.
fn sort_fields(fields: &mut [Field]) {
    fields.sort_by(|left, right| left.name.encode_utf16().cmp(right.name.encode_utf16()));
}

/// The type two elements share; text where they share none.
fn common(left: DataType, right: DataType) -> DataType {
    use DataType::{Array, BigInt, Decimal, Double, Struct, Void};
    match (left, right) {
        (left, right) if left == right => left,
        (Void, other) | (other, Void) => other,
        (BigInt | Decimal { .. }, Double) | (Double, BigInt | Decimal { .. }) => Double,
        (left @ (BigInt | Decimal { .. }), right @ (BigInt | Decimal { .. })) => {
            let digits = |number: &DataType| match number {
                Decimal { precision, scale } => {
                    let scale = i64::from(*scale);
                    (i64::from(*precision) - scale, scale)
                }
                _ => (LONG_DIGITS, 0),
            };
            let ((whole, scale), (other_whole, other_scale)) = (digits(&left), digits(&right));
            let (whole, scale) = (whole.max(other_whole), scale.max(other_scale));
            decimal(whole + scale, scale).unwrap_or(Double)
        }
        (Array { element, .. }, Array { element: other, .. }) => array_of(common(*element, *other)),
        (Struct(left), Struct(right)) => {
            let mut fields = left.fields;
            for field in right.fields {
                match fields.iter_mut().find(|known| known.name == field.name) {
                    Some(known) => {
                        known.data_type = common(std::mem::replace(&mut known.data_type, Void), field.data_type);
                    }
                    None => fields.push(field),
                }
            }
            sort_fields(&mut fields);
            Struct(StructType::new(fields))
        }
        _ => DataType::String,
    }
}

/// Spark's last look at what was inferred: what has no type is text or, with `drops_nulls`, nothing; fields without a
/// name and structs without fields are dropped. Recursion follows the type.
fn canonical(data_type: &DataType, drops_nulls: bool) -> Option<DataType> {
    Some(match data_type {
        DataType::Void if drops_nulls => return None,
        DataType::Void => DataType::String,
        DataType::Array { element, .. } => array_of(canonical(element, drops_nulls)?),
        DataType::Struct(fields) => {
            let fields: Vec<Field> = fields
                .fields
                .iter()
                .filter(|field| !field.name.is_empty())
                .filter_map(|field| {
                    let data_type = canonical(&field.data_type, drops_nulls)?;
                    Some(Field::new(field.name.clone(), data_type, true))
                })
                .collect();
            if fields.is_empty() {
                return None;
            }
            DataType::Struct(StructType::new(fields))
        }
        other => other.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::TimeZone;

    fn inferred(document: &str, options: &[(&str, &str)]) -> String {
        let options = options
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()));
        let options = JsonOptions::new(&options.collect(), &TimeZone::utc()).unwrap();
        infer_json_type(document.as_bytes(), &options).map_or_else(|| "-".into(), |found| found.to_string())
    }

    #[test]
    fn options_decide_about_primitives() {
        let all = [("primitivesAsString", "true")];
        assert_eq!(
            inferred("{'a':[1,true],'b':2.5,'c':null}", &all),
            "struct<a:array<string>,b:string,c:string>"
        );
        let decimals = [("prefersDecimal", "true")];
        assert_eq!(
            inferred("{'a':0.05,'b':[1,2.5]}", &decimals),
            "struct<a:decimal(2,2),b:array<decimal(21,1)>>"
        );
        assert_eq!(inferred("['1,234.5','x']", &decimals), "array<string>");
        assert_eq!(inferred("'1,234.5'", &decimals), "decimal(5,1)");
        let times = [("inferTimestamp", "true")];
        assert_eq!(
            inferred("{'a':'2024-01-02','b':'x'}", &times),
            "struct<a:timestamp,b:string>"
        );
        let own = [("inferTimestamp", "true"), ("timestampFormat", "dd/MM/yyyy")];
        assert_eq!(
            inferred("{'a':'02/01/2024','b':'2024-01-02'}", &own),
            "struct<a:timestamp,b:string>"
        );
    }

    #[test]
    fn what_says_nothing_is_dropped() {
        assert_eq!(inferred("{'a':{},'b':''}", &[]), "struct<b:string>");
        assert_eq!(inferred("{}", &[]), "struct<>");
        let drops = [("dropFieldIfAllNull", "true")];
        assert_eq!(inferred("{'a':null,'b':[],'c':1}", &drops), "struct<c:bigint>");
    }

    #[test]
    fn long_integers_are_decimals_then_doubles() {
        assert_eq!(inferred("12345678901234567890", &[]), "decimal(20,0)");
        assert_eq!(inferred(&"9".repeat(39), &[]), "double");
    }
}
