//! The json data source: lines as JSON documents. Beside from_json it knows blank lines, which are no rows, arrays, which
//! are as many rows as they have objects, and the mode DROPMALFORMED.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BinaryViewArray, StructArray};

use super::lines::{FileRange, read_lines, read_whole, view_of, whole_text};
use super::undecoded::decode_around;
use super::{Chunk, Place, Undecodable};
use crate::column::{DataType, Field, StructType, place_of, view_array};
use crate::error::Result;
use crate::options::Options;
use crate::parse::{JsonReader, TimeZone, array_elements};

/// Reads the lines of a range as rows of `schema`; of its columns those that are `wanted`, the others are checked and null.
pub fn read_json(
    range: &FileRange,
    (schema, options, zone): (&StructType, &BTreeMap<String, String>, &TimeZone),
    wanted: &[bool],
    undecodable: Undecodable,
    each: &mut impl FnMut(Chunk) -> Result<()>,
) -> Result<u64> {
    let records = Records::new(schema, options, zone, wanted)?;
    let pass_on = |texts: BinaryViewArray, place: Place| {
        let (texts, place) = records.split(texts, place)?;
        decode_around(&texts, &place, undecodable, each, |texts, place| {
            let documents = records.reader.read(texts)?;
            let columns = struct_columns(&documents, &records.schema)?;
            records.without_malformed(columns, place, texts)
        })
    };
    if Options::new(options).flag("multiLine", false)? {
        read_whole(range, whole_text(range)?, pass_on)
    } else {
        read_lines(range, pass_on)
    }
}

struct Records {
    reader: JsonReader,
    /// The columns that are read.
    schema: StructType,
    /// The columns that come out.
    width: usize,
    /// The column that tells malformed records, where those are dropped.
    corrupt: Option<usize>,
}

impl Records {
    fn new(schema: &StructType, options: &BTreeMap<String, String>, zone: &TimeZone, wanted: &[bool]) -> Result<Self> {
        let mode = options.iter().find(|(name, _)| name.eq_ignore_ascii_case("mode"));
        let drops = mode.is_some_and(|(_, mode)| mode.trim().eq_ignore_ascii_case("DROPMALFORMED"));
        let width = schema.fields.len();
        if !drops {
            let reader = JsonReader::new(schema, options, zone)?.wanting(wanted);
            let schema = schema.clone();
            return Ok(Self {
                reader,
                schema,
                width,
                corrupt: None,
            });
        }
        // What is malformed shows in the column for corrupt records, which is read beside the others.
        let mut options = options.clone();
        options.retain(|name, _| !name.eq_ignore_ascii_case("mode"));
        let name = JsonReader::corrupt_record_column(&options, zone)?;
        let mut schema = schema.clone();
        let corrupt = match schema.fields.iter().position(|field| field.name == name) {
            Some(position) => position,
            None => {
                schema.fields.push(Field::new(name, DataType::String, true));
                width
            }
        };
        let mut wanted = wanted.to_vec();
        wanted.resize(schema.fields.len(), true);
        wanted[corrupt] = true;
        Ok(Self {
            reader: JsonReader::new(&schema, &options, zone)?.wanting(&wanted),
            schema,
            width,
            corrupt: Some(corrupt),
        })
    }

    /// The records of lines: none of a blank one, the objects of an array.
    fn split(&self, texts: BinaryViewArray, place: Place) -> Result<(BinaryViewArray, Place)> {
        let first = |row: usize| texts.value(row).iter().find(|byte| !byte.is_ascii_whitespace());
        if (0..texts.len()).all(|row| first(row).is_some_and(|&byte| byte != b'[')) {
            return Ok((texts, place));
        }
        let mut views = Vec::with_capacity(texts.len());
        let mut rows = Vec::with_capacity(texts.len());
        for row in 0..texts.len() {
            let elements = match first(row) {
                None => Some(Vec::new()),
                Some(b'[') => array_elements(&self.reader, texts.value(row)),
                Some(_) => None,
            };
            match elements {
                None => views.push(texts.views()[row]),
                Some(elements) => {
                    // Where the line lies; within the view itself it needs no place.
                    let line = place_of(texts.views()[row]).offset as usize;
                    let view = |element: std::ops::Range<usize>| {
                        view_of(&texts.value(row)[element.clone()], line + element.start)
                    };
                    views.extend(elements.into_iter().map(view));
                }
            }
            rows.resize(views.len(), row);
        }
        let texts = view_array(views, Arc::clone(texts.data_buffers()), None)?;
        Ok((texts, place.of_rows(&rows)))
    }

    fn without_malformed(&self, mut columns: Vec<ArrayRef>, place: Place, texts: &BinaryViewArray) -> Result<Chunk> {
        let rows = columns.first().map_or(0, |column| column.len());
        let Some(corrupt) = self.corrupt else {
            return Ok(Chunk::new(columns, rows, place).with_raw(texts));
        };
        let is_whole: Vec<bool> = columns[corrupt]
            .as_binary_view()
            .iter()
            .map(|text| text.is_none())
            .collect();
        columns.truncate(self.width);
        Chunk::of_kept(&columns, is_whole, place, texts)
    }
}

/// The fields of a column of structs, null wherever the struct is.
fn struct_columns(documents: &StructArray, schema: &StructType) -> Result<Vec<ArrayRef>> {
    let base = crate::expr::Expr::column(0, DataType::Struct(schema.clone()), true);
    let whole: [ArrayRef; 1] = [Arc::new(documents.clone())];
    (0..schema.fields.len())
        .map(|field| {
            let rows = documents.len();
            crate::expr::get_field(base.clone(), field)?
                .evaluate(&whole, rows)?
                .into_array(rows)
        })
        .collect()
}
