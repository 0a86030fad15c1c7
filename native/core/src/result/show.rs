//! Rows as a table of text: Spark's `Dataset.show`, to the character.

use arrow_array::{Array, ArrayRef};

use crate::column::StructType;
use crate::error::{Error, Result};
use crate::expr::{BinaryStyle, ValueFormatter};
use crate::parse::TimeZone;

/// No column is narrower.
const WIDTH_MIN: usize = 3;
/// Spark's own bound of rows shown.
const ROWS_SHOWN_MAX: i64 = (i32::MAX - 16) as i64;

/// A cell in UTF-16, Java's unit of length.
struct Cell {
    units: Vec<u16>,
    width: usize,
}

/// How `Dataset.show(n, truncate, vertical)` is asked to print.
#[derive(Clone, Debug)]
pub struct ShowOptions {
    /// Rows shown at most.
    pub n: i64,
    /// Characters of a cell; 0 or less cuts nothing and aligns left.
    pub truncate: i64,
    /// A line a field.
    pub vertical: bool,
    /// Timestamps show the wall clock of this zone.
    pub zone: TimeZone,
    /// How bytes are written.
    pub binary: BinaryStyle,
}

/// The text of `Dataset.show` for `columns`. `num_rows_total` is how many rows there are in all.
pub fn show(schema: &StructType, columns: &[ArrayRef], num_rows_total: usize, options: &ShowOptions) -> Result<String> {
    let ShowOptions {
        n, truncate, vertical, ..
    } = *options;
    if schema.fields.len() != columns.len() {
        return Err(Error::internal("show: columns do not match their schema"));
    }
    let limit = usize::try_from(n.clamp(0, ROWS_SHOWN_MAX)).unwrap_or(0);
    let held = columns.first().map_or(num_rows_total, |column| column.len());
    let shown = limit.min(held).min(num_rows_total);
    let header: Vec<Cell> = schema.fields.iter().map(|field| Cell::new(&field.name, 0)).collect();
    let formatters: Vec<ValueFormatter> = schema
        .fields
        .iter()
        .map(|field| ValueFormatter::for_show(&field.data_type, &options.zone, options.binary))
        .collect();
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    rows.try_reserve(shown)
        .map_err(|_| Error::no_memory(shown * size_of::<Vec<Cell>>(), "show"))?;
    let mut text = String::new();
    for row in 0..shown {
        let cells = formatters.iter().zip(columns).map(|(formatter, column)| {
            text.clear();
            formatter.write(column, row, &mut text);
            Cell::new(&text, truncate)
        });
        rows.push(cells.collect());
    }
    let mut out = String::new();
    if vertical {
        write_records(&header, &rows, &mut out);
    } else {
        write_table(&header, &rows, truncate > 0, &mut out);
    }
    if vertical && rows.is_empty() {
        out.push_str("(0 rows)");
    } else if num_rows_total > shown {
        let noun = if limit == 1 { "row" } else { "rows" };
        out.push_str(&format!("only showing top {limit} {noun}"));
    }
    Ok(out)
}

impl Cell {
    fn new(text: &str, truncate: i64) -> Self {
        let mut units: Vec<u16> = escaped(text).encode_utf16().collect();
        let truncate = usize::try_from(truncate).unwrap_or(0);
        if truncate > 0 && units.len() > truncate {
            // Dots need room: below four there are none.
            if truncate < 4 {
                units.truncate(truncate);
            } else {
                units.truncate(truncate - 3);
                units.extend("...".encode_utf16());
            }
        }
        let width = units.len() + units.iter().filter(|unit| is_full_width(**unit)).count();
        Self { units, width }
    }

    /// Appends the cell; half of a surrogate pair prints as Java prints it.
    fn write(&self, out: &mut String) {
        out.extend(char::decode_utf16(self.units.iter().copied()).map(|unit| unit.unwrap_or('?')));
    }

    fn write_padded(&self, width: usize, right: bool, out: &mut String) {
        let padding = std::iter::repeat_n(' ', width.saturating_sub(self.width));
        if right {
            out.extend(padding);
            self.write(out);
        } else {
            self.write(out);
            out.extend(padding);
        }
    }
}

fn write_table(header: &[Cell], rows: &[Vec<Cell>], align_right: bool, out: &mut String) {
    let mut widths: Vec<usize> = header.iter().map(|cell| cell.width.max(WIDTH_MIN)).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width.max(*width);
        }
    }
    let lines: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let separator = format!("+{}+\n", lines.join("+"));
    let line = |cells: &[Cell], out: &mut String| {
        out.push('|');
        for (index, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            if index > 0 {
                out.push('|');
            }
            cell.write_padded(*width, align_right, out);
        }
        out.push_str("|\n");
    };
    out.push_str(&separator);
    line(header, out);
    out.push_str(&separator);
    for row in rows {
        line(row, out);
    }
    out.push_str(&separator);
}

fn write_records(header: &[Cell], rows: &[Vec<Cell>], out: &mut String) {
    let widest = |cells: &mut dyn Iterator<Item = &Cell>| cells.map(|cell| cell.width).fold(WIDTH_MIN, usize::max);
    let name_width = widest(&mut header.iter());
    let data_width = widest(&mut rows.iter().flatten());
    for (index, row) in rows.iter().enumerate() {
        out.push_str(&format!(
            "{:-<width$}\n",
            format!("-RECORD {index}"),
            width = name_width + data_width + 5
        ));
        for (name, cell) in header.iter().zip(row) {
            out.push(' ');
            name.write_padded(name_width, false, out);
            out.push_str(" | ");
            cell.write_padded(data_width, false, out);
            out.push_str(" \n");
        }
    }
}

/// Characters that would break the table stand as escapes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{c}' => out.push_str("\\f"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{7}' => out.push_str("\\a"),
            other => out.push(other),
        }
    }
    out
}

/// Spark's list of characters that take two columns.
fn is_full_width(unit: u16) -> bool {
    matches!(
        unit,
        0x1100..=0x115f
            | 0x2e80..=0xa4cf
            | 0xac00..=0xd7a3
            | 0xf900..=0xfaff
            | 0xfe30..=0xfe6f
            | 0xff00..=0xff60
            | 0xffe0..=0xffe6
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::parse_schema;
    use arrow_array::{BinaryViewArray, Int32Array};
    use std::sync::Arc;

    fn table(n: i64, truncate: i64, vertical: bool) -> String {
        let schema = parse_schema("k STRING, v INT").unwrap();
        let names: [Option<&[u8]>; 3] = [Some(b"a"), Some("日本\n".as_bytes()), None];
        let columns: Vec<ArrayRef> = vec![
            Arc::new(BinaryViewArray::from_iter(names)),
            Arc::new(Int32Array::from(vec![Some(1), None, Some(30_000)])),
        ];
        let options = ShowOptions {
            n,
            truncate,
            vertical,
            zone: TimeZone::utc(),
            binary: BinaryStyle::HexDiscrete,
        };
        show(&schema, &columns, 3, &options).unwrap()
    }

    #[test]
    fn a_table() {
        let expected = "+------+-----+\n|     k|    v|\n+------+-----+\n|     a|    1|\n|日本\\n| NULL|\n|  NULL|30000|\n+------+-----+\n";
        assert_eq!(table(20, 20, false), expected);
    }

    #[test]
    fn cut_and_limited() {
        let expected = "+---+---+\n|  k|  v|\n+---+---+\n|  a|  1|\n+---+---+\nonly showing top 1 row";
        assert_eq!(table(1, 2, false), expected);
        assert_eq!(table(-1, 2, true), "(0 rows)");
    }
}
