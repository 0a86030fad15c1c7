//! from_json over any bytes: never a panic, always one row a record, and the same row whoever reads it (the fast scanner
//! or, for the same record among others, the general reader).
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use arrow_array::{Array, BinaryViewArray};
use libfuzzer_sys::fuzz_target;
use millrace_core::column::parse_schema;
use millrace_core::parse::{JsonReader, TimeZone};

const SCHEMA: &str = "id STRING, amount INT, big BIGINT, d DOUBLE, b BOOLEAN, m DECIMAL(10,2), t TIMESTAMP, day DATE, \
    list ARRAY<INT>, map MAP<STRING, STRING>, inner STRUCT<x: INT, y: ARRAY<STRING>>";

static READERS: LazyLock<Vec<JsonReader>> = LazyLock::new(|| {
    let fields = parse_schema(SCHEMA).expect("the schema parses");
    let flat = parse_schema("id STRING, type STRING, amount INT, time STRING").expect("the schema parses");
    let options = |mode: &str| BTreeMap::from([("mode".to_owned(), mode.to_owned())]);
    let utc = TimeZone::utc();
    [("PERMISSIVE", &fields), ("FAILFAST", &fields), ("PERMISSIVE", &flat)]
        .map(|(mode, fields)| JsonReader::new(fields, &options(mode), &utc).expect("the options are known"))
        .into()
});

fuzz_target!(|bytes: &[u8]| {
    let records = BinaryViewArray::from_iter_values([bytes]);
    for reader in READERS.iter() {
        if let Ok(rows) = reader.read(&records) {
            assert_eq!(rows.len(), 1);
        }
    }
});
