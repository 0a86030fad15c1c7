//! What Spark reads, and that all ways of reading agree.

use super::*;
use crate::column::{parse_data_type, parse_schema};
use crate::lanes::both_ways;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, TimestampMicrosecondType};
use proptest::prelude::*;

fn reader(ddl: &str, options: &[(&str, &str)]) -> Result<JsonReader> {
    let options = options
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect();
    JsonReader::new(&parse_schema(ddl).unwrap(), &options, &TimeZone::utc())
}

fn read(ddl: &str, record: &str) -> StructArray {
    reader(ddl, &[])
        .unwrap()
        .read(&BinaryViewArray::from_iter_values([record]))
        .unwrap()
}

fn text(ddl: &str, record: &str) -> Option<String> {
    let rows = read(ddl, record);
    let column = rows.column(0).as_binary_view();
    column
        .is_valid(0)
        .then(|| String::from_utf8(column.value(0).to_vec()).unwrap())
}

fn int(ddl: &str, record: &str) -> Option<i32> {
    let rows = read(ddl, record);
    let column = rows.column(0).as_primitive::<Int32Type>();
    column.is_valid(0).then(|| column.value(0))
}

#[test]
fn lenient_where_spark_is() {
    assert_eq!(int("a INT", "{'a':1}"), Some(1));
    assert_eq!(int("a INT", r#" {"a" : 1} garbage"#), Some(1));
    assert_eq!(int("a INT", r#"{"a":1,"a":2}"#), Some(2));
    assert_eq!(int("a INT", r#"{"a":2,"a":"x"}"#), Some(2));
    for bad in [
        r#"{"a":"1"}"#,
        r#"{"a":1.0}"#,
        r#"{"A":1}"#,
        r#"{"a":1"#,
        r#"{"a":01}"#,
        r#"{"a":1,"b":tru}"#,
        "[]",
        "5",
    ] {
        assert_eq!(int("a INT", bad), None, "{bad}");
        assert!(read("a INT", bad).is_valid(0), "{bad}");
    }
    for blank in ["", "  \n"] {
        assert!(read("a INT", blank).is_null(0));
    }
}

#[test]
fn string_columns_take_everything() {
    assert_eq!(text("a STRING", r#"{"a":1.50}"#).as_deref(), Some("1.5"));
    assert_eq!(text("a STRING", r#"{"a":-0}"#).as_deref(), Some("0"));
    assert_eq!(text("a STRING", r#"{"a":NaN}"#).as_deref(), Some("\"NaN\""));
    assert_eq!(
        text("a STRING", "{'a': {'k' : [1, 2.50, null]}}").as_deref(),
        Some(r#"{"k":[1,2.5,null]}"#)
    );
    assert_eq!(
        text("a STRING", r#"{"a":"\u00e9\ud83d\ude00\n"}"#).as_deref(),
        Some("é😀\n")
    );
    assert_eq!(text("a STRING", r#"{"a":"\ud83d"}"#).as_deref(), Some("?"));
}

#[test]
fn a_bad_field_is_null_alone_and_marks_the_record() {
    let record = r#"{"b":"x","a":"long enough not to be inline"}"#;
    let rows = read("a STRING, b INT, _corrupt_record STRING", record);
    assert_eq!(
        rows.column(0).as_binary_view().value(0),
        b"long enough not to be inline"
    );
    assert!(rows.column(1).is_null(0));
    assert_eq!(rows.column(2).as_binary_view().value(0), record.as_bytes());
}

#[test]
fn nested_values_and_their_ruin() {
    let ddl = "s STRUCT<x: INT, y: STRING>, l ARRAY<INT>, m MAP<STRING, INT>, z INT";
    let rows = read(
        ddl,
        r#"{"s":{"x":"bad","y":"p"},"l":[1,"x"],"m":{"k":1,"j":"x"},"z":9}"#,
    );
    let inner = rows.column(0).as_struct();
    assert!(inner.is_valid(0) && inner.column(0).is_null(0) && inner.column(1).is_valid(0));
    assert!(rows.column(1).is_null(0) && rows.column(2).is_null(0));
    assert_eq!(rows.column(3).as_primitive::<Int32Type>().value(0), 9);
}

#[test]
fn text_without_escapes_is_not_copied() {
    let records = BinaryViewArray::from_iter_values([r#"{"a":"a text of more than twelve bytes"}"#]);
    let rows = reader("a STRING", &[]).unwrap().read(&records).unwrap();
    let column = rows.column(0).as_binary_view();
    assert_eq!(column.data_buffers()[0].as_ptr(), records.data_buffers()[0].as_ptr());
    assert_eq!(column.value(0), b"a text of more than twelve bytes");
}

#[test]
fn modes() {
    assert_eq!(
        reader("a INT", &[("mode", "DROPMALFORMED")]).unwrap_err().code(),
        ErrorCode::ParseModeUnsupported
    );
    let failing = reader("a INT", &[("mode", "failfast")]).unwrap();
    let error = failing
        .read(&BinaryViewArray::from_iter_values(["{}", "{"]))
        .unwrap_err();
    assert_eq!(error.row(), Some(1));
    assert_eq!(error.code(), ErrorCode::MalformedRecordInParsingWithoutSuggestion);
}

#[test]
fn depth_is_bounded_without_recursion() {
    let nested = |depth: usize| format!("{{\"x\":{}{},\"a\":1}}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(int("a INT", &nested(999)), Some(1));
    assert_eq!(int("a INT", &nested(1000)), None);
    assert_eq!(int("a INT", &"[".repeat(1_000_000)), None);
}

#[test]
fn times_and_other_roots() {
    let rows = read("t TIMESTAMP", r#"{"t":"2026-11-22T12:05:00Z"}"#);
    assert_eq!(
        rows.column(0).as_primitive::<TimestampMicrosecondType>().value(0),
        1_795_349_100_000_000
    );
    let array = parse_data_type("ARRAY<INT>").unwrap();
    let reader = JsonReader::of_type(&array, &BTreeMap::new(), &TimeZone::utc()).unwrap();
    let lists = reader
        .read_any(&BinaryViewArray::from_iter_values(["[1,2]", "{}"]))
        .unwrap();
    assert_eq!(lists.as_list::<i32>().value(0).len(), 2);
    assert!(lists.is_null(1));
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,3})?(e[+-]?[0-9]{1,2})?",
        "\"[ -~é\\\\]{0,20}\"",
        "'[ -~]{0,14}'",
        "\"(2026-11-22|22-11-2026|12:05)[T ]?(12:05:06)?\"",
        prop::sample::select(vec![
            "true",
            "false",
            "null",
            "NaN",
            "-INF",
            "{}",
            "[1]",
            "{\"k\":[2]}",
            ""
        ])
        .prop_map(str::to_string),
    ]
}

fn document() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "\"a\"",
        "'b'",
        "\"c\"",
        "\"d\"",
        "\"e\"",
        "\"f\"",
        "\"zz\"",
        "\"\\u0061\"",
    ]);
    let blank = prop::sample::select(vec!["", "", "", " ", "\n", "\u{1}"]);
    prop::collection::vec((name, blank, scalar()), 0..7).prop_map(|entries| {
        let entries: Vec<String> = entries
            .into_iter()
            .map(|(name, blank, value)| format!("{name}{blank}:{blank}{value}{blank}"))
            .collect();
        format!("{{{}}}", entries.join(","))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn fast_equals_exact(
        documents in prop::collection::vec((document(), 0usize..90, prop::option::of(any::<u8>())), 1..6),
    ) {
        let records: Vec<Vec<u8>> = documents.into_iter().map(|(document, at, byte)| {
            let mut bytes = document.into_bytes();
            if let (Some(byte), Some(place)) = (byte, bytes.get_mut(at)) {
                *place = byte;
            }
            bytes
        }).collect();
        let records = BinaryViewArray::from_iter_values(&records);
        let ddl = "a STRING, b INT, c DOUBLE, d TIMESTAMP, e BOOLEAN, f DECIMAL(10,2), _corrupt_record STRING";
        let fast = both_ways(|| reader(ddl, &[]).unwrap().read(&records).unwrap());
        let exact = reader(ddl, &[]).unwrap().exact().read(&records).unwrap();
        // NaN is equal to itself here: the texts of the two are compared.
        prop_assert_eq!(format!("{fast:?}"), format!("{exact:?}"));
    }

    #[test]
    fn alike_records_equal_exact_ones(
        wanted in prop::collection::vec(any::<bool>(), 8),
        names in prop::sample::subsequence(vec!["'a'", "\"b\"", "\"c\"", "'d'", "'e'", "\"f\"", "\"g\"", "'a'", "\"y\"", "\"zz\""], 1..9),
        blanks in prop::sample::select(vec![("", ""), ("", " "), (" ", "\n"), ("                  ", "                 ")]),
        seeds in prop::collection::vec((any::<u64>(), prop::option::weighted(0.05, (0usize..60, any::<u8>()))), 1..200),
    ) {
        let record = |seed: u64| {
            let draw = |salt: u64, count: u64| (seed.rotate_left(7 * salt as u32).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % count;
            let entries: Vec<String> = names.iter().zip(1..).map(|(name, salt)| {
                let length = draw(salt, 38) * if draw(salt + 1, 4) == 0 { 4 } else { 1 };
                let mut text = "abcdefghijklmnopqrstuvwxyz0123456789-".chars().cycle().take(length as usize).collect::<String>();
                text += if draw(salt + 2, 20) == 0 { "é" } else { "" };
                let value = match *name {
                    "\"b\"" => format!("{}", draw(salt, 1 << 31) as i64 - (1 << 30)),
                    "\"c\"" => format!("{}.5", draw(salt, 1000)),
                    "'d'" => format!("\"2026-11-22 12:{:02}:00\"", draw(salt, 60)),
                    "'e'" => ["true", "false", "null"][draw(salt, 3) as usize].to_string(),
                    "\"f\"" => format!("{}.{}", draw(salt, 100), draw(salt + 1, 1000)),
                    "\"g\"" => format!("{}", seed as i64 >> draw(salt, 60)),
                    // No field: mostly whole numbers, some of them too long, and what else may stand in their place.
                    "\"y\"" => match draw(salt, 9) {
                        0 => format!("{}.25", draw(salt, 100)),
                        1 => ["true", "null", "007", "-", "1x", "1e5", "-0"][draw(salt + 1, 7) as usize].to_string(),
                        _ => format!("{}", seed as i64 >> draw(salt, 60)),
                    },
                    _ => format!("'{text}'"),
                };
                format!("{name}{}:{}{value}", blanks.0, blanks.1)
            }).collect();
            format!("{{{}}}", entries.join(","))
        };
        let records: Vec<Option<Vec<u8>>> = seeds.into_iter().map(|(seed, damage)| {
            let mut bytes = record(seed).into_bytes();
            if let Some((at, byte)) = damage {
                match bytes.get_mut(at) {
                    Some(place) => *place = byte,
                    None => return None,
                }
            }
            Some(bytes)
        }).collect();
        let records = BinaryViewArray::from_iter(records);
        let ddl = "a STRING, b INT, c DOUBLE, d TIMESTAMP, e BOOLEAN, f DECIMAL(10,2), g BIGINT, _corrupt_record STRING";
        let fast = both_ways(|| reader(ddl, &[]).unwrap().read(&records).unwrap());
        let exact = reader(ddl, &[]).unwrap().exact().read(&records).unwrap();
        prop_assert_eq!(format!("{fast:?}"), format!("{exact:?}"));
        let narrow = both_ways(|| reader(ddl, &[]).unwrap().wanting(&wanted).read(&records).unwrap());
        prop_assert_eq!(narrow.nulls(), exact.nulls());
        for (field, (column, of_all)) in narrow.columns().iter().zip(exact.columns()).enumerate() {
            if wanted[field] {
                prop_assert_eq!(format!("{column:?}"), format!("{of_all:?}"));
            } else {
                prop_assert_eq!(column.null_count(), records.len());
            }
        }
    }

    #[test]
    fn nested_types_never_panic(document in document(), at in 0usize..60, byte: u8) {
        let mut bytes = document.into_bytes();
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        let ddl = "a ARRAY<STRING>, b STRUCT<k: ARRAY<INT>>, c MAP<STRING, STRING>, d BINARY, e DATE, f TINYINT";
        let _ = reader(ddl, &[]).unwrap().read(&BinaryViewArray::from_iter_values([bytes])).unwrap();
    }
}
