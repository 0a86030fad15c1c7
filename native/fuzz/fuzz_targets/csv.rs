//! CSV of any bytes: never a panic, one row a record, and records that end behind where they begin.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use arrow_array::{Array, BinaryViewArray};
use libfuzzer_sys::fuzz_target;
use millrace_core::column::parse_schema;
use millrace_core::parse::{CsvReader, TimeZone, record_ends};

const SCHEMA: &str = "id STRING, n INT, big BIGINT, d DOUBLE, b BOOLEAN, m DECIMAL(10,2), t TIMESTAMP, day DATE";

static READERS: LazyLock<Vec<CsvReader>> = LazyLock::new(|| {
    let fields = parse_schema(SCHEMA).expect("the schema parses");
    let reader = |options: &[(&str, &str)]| {
        let named = options
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()));
        let options: BTreeMap<String, String> = named.collect();
        CsvReader::new(&fields, &options, &TimeZone::utc()).expect("the options are known")
    };
    vec![
        reader(&[]),
        reader(&[
            ("escape", "\""),
            ("ignoreLeadingWhiteSpace", "true"),
            ("ignoreTrailingWhiteSpace", "true"),
        ]),
        reader(&[("sep", "||"), ("quote", "'"), ("nullValue", "-"), ("mode", "FAILFAST")]),
    ]
});

fuzz_target!(|bytes: &[u8]| {
    let records = BinaryViewArray::from_iter_values([bytes]);
    for reader in READERS.iter() {
        if let Ok(rows) = reader.read(&records) {
            assert!(rows.columns.iter().all(|column| column.len() == 1));
        }
        let mut at = 0;
        while at < bytes.len() {
            let (end, next) = record_ends(bytes, at, reader.options());
            assert!(at <= end && end <= next && at < next);
            at = next;
        }
    }
});
