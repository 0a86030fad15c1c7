//! Round trips, damage and lies: what the decoder must give back, and what it must refuse.

use std::io::Write;

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    delta: i32,
    timestamp_delta: i64,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

fn row(delta: i32, key: Option<&str>, value: Option<&str>) -> Row {
    let bytes = |text: &str| text.as_bytes().to_vec();
    Row {
        delta,
        timestamp_delta: i64::from(delta),
        key: key.map(bytes),
        value: value.map(bytes),
        headers: Vec::new(),
    }
}

#[derive(Clone)]
struct Batch {
    base_offset: i64,
    attributes: i16,
    last_offset_delta: i32,
    base_timestamp: i64,
    max_timestamp: i64,
    producer_id: i64,
    record_count: i32,
    section: Vec<u8>,
}

fn put_varlong(out: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn put_bytes(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    put_varlong(out, bytes.map_or(-1, |bytes| bytes.len() as i64));
    out.extend_from_slice(bytes.unwrap_or_default());
}

fn section_of(rows: &[Row]) -> Vec<u8> {
    let mut section = Vec::new();
    for row in rows {
        let mut body = vec![0];
        put_varlong(&mut body, row.timestamp_delta);
        put_varlong(&mut body, i64::from(row.delta));
        put_bytes(&mut body, row.key.as_deref());
        put_bytes(&mut body, row.value.as_deref());
        put_varlong(&mut body, row.headers.len() as i64);
        for (key, value) in &row.headers {
            put_bytes(&mut body, Some(key));
            put_bytes(&mut body, value.as_deref());
        }
        put_varlong(&mut section, body.len() as i64);
        section.extend_from_slice(&body);
    }
    section
}

/// 0 none, 1 gzip, 2 snappy in xerial framing, 3 lz4, 4 zstd; 5 is raw snappy (codec 2 on the wire).
fn pack(codec: i16, section: &[u8]) -> Vec<u8> {
    match codec {
        1 => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(section).unwrap();
            encoder.finish().unwrap()
        }
        2 => {
            let mut out = vec![0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1];
            for block in section.chunks(100) {
                let packed = snap::raw::Encoder::new().compress_vec(block).unwrap();
                out.extend_from_slice(&(packed.len() as i32).to_be_bytes());
                out.extend_from_slice(&packed);
            }
            out
        }
        3 => {
            let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
            encoder.write_all(section).unwrap();
            encoder.finish().unwrap()
        }
        4 => zstd::stream::encode_all(section, 1).unwrap(),
        5 => snap::raw::Encoder::new().compress_vec(section).unwrap(),
        _ => section.to_vec(),
    }
}

fn batch_of(base_offset: i64, codec: i16, rows: &[Row]) -> Batch {
    Batch {
        base_offset,
        attributes: if codec == 5 { 2 } else { codec },
        last_offset_delta: rows.last().map_or(0, |row| row.delta),
        base_timestamp: 1_700_000_000_000,
        max_timestamp: 1_700_000_999_000,
        producer_id: -1,
        record_count: rows.len() as i32,
        section: pack(codec, &section_of(rows)),
    }
}

impl Batch {
    fn bytes(&self) -> Vec<u8> {
        let mut checked = Vec::new();
        checked.extend_from_slice(&self.attributes.to_be_bytes());
        checked.extend_from_slice(&self.last_offset_delta.to_be_bytes());
        checked.extend_from_slice(&self.base_timestamp.to_be_bytes());
        checked.extend_from_slice(&self.max_timestamp.to_be_bytes());
        checked.extend_from_slice(&self.producer_id.to_be_bytes());
        checked.extend_from_slice(&[0, 0, 0, 0, 0, 0]);
        checked.extend_from_slice(&self.record_count.to_be_bytes());
        checked.extend_from_slice(&self.section);
        let mut out = Vec::new();
        out.extend_from_slice(&self.base_offset.to_be_bytes());
        out.extend_from_slice(&(checked.len() as i32 + 9).to_be_bytes());
        out.extend_from_slice(&7_i32.to_be_bytes());
        out.push(2);
        out.extend_from_slice(&crc32c::crc32c(&checked).to_be_bytes());
        out.extend_from_slice(&checked);
        out
    }
}

const ALL: OffsetRange = OffsetRange { from: 0, to: i64::MAX };
const CUT: DecodeOptions<'static> = DecodeOptions {
    bytes_max: 1 << 20,
    tail: Tail::MayBeCut,
    headers: true,
    aborted: None,
};
const WHOLE: DecodeOptions<'static> = DecodeOptions {
    tail: Tail::Whole,
    ..CUT
};

fn decode(input: &[u8], range: OffsetRange, options: &DecodeOptions<'_>) -> Result<DecodedRecords, KafkaBatchError> {
    let mut out = DecodedRecords::default();
    RecordSetDecoder::new(input, range, *options)
        .decode(usize::MAX, &mut out)
        .map(|()| out)
}

fn rows_of(records: &DecodedRecords, base_offset: i64, base_timestamp: i64) -> Vec<Row> {
    let take = |range: ByteRange| range.of(&records.bytes).map(<[u8]>::to_vec);
    (0..records.len())
        .map(|n| {
            let first = if n == 0 {
                0
            } else {
                records.headers.ends[n - 1] as usize
            };
            let headers = (first..records.headers.ends[n] as usize)
                .map(|h| (take(records.headers.keys[h]).unwrap(), take(records.headers.values[h])))
                .collect();
            Row {
                delta: (records.offsets[n] - base_offset) as i32,
                timestamp_delta: records.timestamps_ms[n] - base_timestamp,
                key: take(records.keys[n]),
                value: take(records.values[n]),
                headers,
            }
        })
        .collect()
}

fn values_of(records: &DecodedRecords) -> Vec<String> {
    records
        .values
        .iter()
        .map(|range| String::from_utf8(range.of(&records.bytes).unwrap_or(b"null").to_vec()).unwrap())
        .collect()
}

fn sample(codec: i16) -> Vec<u8> {
    batch_of(
        40,
        codec,
        &[
            row(0, Some("k"), Some("first value, first value, first value")),
            row(2, None, Some("second")),
            row(3, Some("gone"), None),
        ],
    )
    .bytes()
}

#[test]
fn tombstones_gaps_and_null_keys_come_out_as_they_went_in() {
    let out = decode(&sample(0), ALL, &WHOLE).unwrap();
    assert_eq!(out.offsets, [40, 42, 43]);
    assert_eq!(
        values_of(&out),
        ["first value, first value, first value", "second", "null"]
    );
    assert!(out.keys[1].is_null() && out.values[2].is_null());
    assert_eq!(out.timestamps_ms[1], 1_700_000_000_002);
    assert_eq!(out.timestamp_types, [0, 0, 0]);
}

#[test]
fn log_append_time_is_the_batch_time_of_every_record() {
    let mut batch = batch_of(0, 4, &[row(0, None, Some("a")), row(1, None, Some("b"))]);
    batch.attributes |= ATTRIBUTE_LOG_APPEND;
    let out = decode(&batch.bytes(), ALL, &WHOLE).unwrap();
    assert_eq!(out.timestamps_ms, [1_700_000_999_000; 2]);
    assert_eq!(out.timestamp_types, [1, 1]);
}

#[test]
fn records_outside_of_the_range_are_skipped() {
    let rows: Vec<Row> = (0..10).map(|n| row(n, None, Some(&n.to_string()))).collect();
    let input = batch_of(100, 3, &rows).bytes();
    let out = decode(&input, OffsetRange { from: 103, to: 106 }, &WHOLE).unwrap();
    assert_eq!(out.offsets, [103, 104, 105]);
    assert_eq!(values_of(&out), ["3", "4", "5"]);
}

#[test]
fn a_batch_outside_of_the_range_is_skipped_in_a_fetch_and_refused_in_a_segment() {
    let range = OffsetRange { from: 0, to: 40 };
    assert_eq!(decode(&sample(0), range, &CUT).unwrap().len(), 0);
    assert!(matches!(
        decode(&sample(0), range, &WHOLE),
        Err(KafkaBatchError::Corrupt { offset: 40, .. })
    ));
}

#[test]
fn control_batches_and_aborted_transactions_are_left_out() {
    let transactional = |base: i64, producer_id: i64, value: &str| {
        let mut batch = batch_of(base, 0, &[row(0, None, Some(value))]);
        batch.attributes |= ATTRIBUTE_TRANSACTIONAL;
        batch.producer_id = producer_id;
        batch
    };
    let marker = |base: i64, producer_id: i64| {
        let mut batch = transactional(base, producer_id, "marker");
        batch.attributes |= ATTRIBUTE_CONTROL;
        batch
    };
    let input: Vec<u8> = [
        transactional(0, 1, "aborted"),
        transactional(1, 2, "committed"),
        batch_of(2, 0, &[row(0, None, Some("plain"))]),
        marker(3, 1),
        transactional(4, 1, "second try"),
        marker(5, 1),
        marker(6, 2),
    ]
    .iter()
    .flat_map(Batch::bytes)
    .collect();
    assert_eq!(
        values_of(&decode(&input, ALL, &WHOLE).unwrap()),
        ["aborted", "committed", "plain", "second try"]
    );
    let aborted = [AbortedTransaction {
        producer_id: 1,
        first_offset: 0,
    }];
    let options = DecodeOptions {
        aborted: Some(&aborted),
        ..WHOLE
    };
    assert_eq!(
        values_of(&decode(&input, ALL, &options).unwrap()),
        ["committed", "plain", "second try"]
    );
}

#[test]
fn a_batch_emptied_by_compaction_gives_nothing() {
    let mut batch = batch_of(7, 0, &[]);
    batch.last_offset_delta = 9;
    let after = batch_of(17, 0, &[row(0, None, Some("next"))]);
    let input = [batch.bytes(), after.bytes()].concat();
    assert_eq!(decode(&input, ALL, &WHOLE).unwrap().offsets, [17]);
}

#[test]
fn old_formats_are_named_before_their_layout_misleads() {
    let mut input = sample(0);
    input[16] = 1;
    assert!(matches!(
        decode(&input, ALL, &WHOLE),
        Err(KafkaBatchError::Unsupported { offset: 40, .. })
    ));
    // A short message set of magic 0: shorter than a v2 header.
    let mut old = vec![0; 26];
    old[11] = 14;
    assert!(matches!(
        decode(&old, ALL, &CUT),
        Err(KafkaBatchError::Unsupported { .. })
    ));
    input[16] = 3;
    assert!(matches!(
        decode(&input, ALL, &WHOLE),
        Err(KafkaBatchError::Corrupt { .. })
    ));
}

#[test]
fn no_flipped_bit_changes_a_row() {
    for codec in 0..=5 {
        let clean = sample(codec);
        let good = decode(&clean, ALL, &WHOLE).unwrap();
        for at in 0..clean.len() {
            for bit in 0..8 {
                let mut input = clean.clone();
                input[at] ^= 1 << bit;
                let outcome = decode(&input, OffsetRange { from: 40, to: 44 }, &WHOLE);
                match at {
                    // The base offset stands before the checksum. Kafka can't see this either; a neighbour or the range may.
                    0..8 => assert!(outcome.is_err() || outcome.is_ok_and(|out| out.offsets != good.offsets)),
                    // The leader epoch stands there too, and is not used.
                    12..16 => assert_eq!(outcome.unwrap(), good),
                    _ => assert!(outcome.is_err(), "codec {codec}, byte {at}, bit {bit}"),
                }
            }
        }
    }
}

#[test]
fn a_flipped_base_offset_shows_against_the_batch_before() {
    let first = sample(0);
    let mut second = batch_of(44, 0, &[row(0, None, Some("x"))]).bytes();
    second[7] ^= 4;
    let input = [first, second].concat();
    assert!(matches!(
        decode(&input, ALL, &WHOLE),
        Err(KafkaBatchError::Corrupt { offset: 40, .. })
    ));
}

#[test]
fn a_cut_tail_is_ignored_in_a_fetch_and_refused_in_a_segment() {
    for codec in 0..=5 {
        let first = sample(codec);
        let second = batch_of(44, codec, &[row(0, None, Some("tail"))]).bytes();
        let input = [first.clone(), second].concat();
        for length in 0..input.len() {
            let expected = if length < first.len() { 0 } else { 3 };
            assert_eq!(decode(&input[..length], ALL, &CUT).unwrap().len(), expected);
            if length != 0 && length != first.len() {
                assert!(decode(&input[..length], ALL, &WHOLE).is_err());
            }
        }
    }
}

#[test]
fn a_damaged_batch_in_the_middle_is_not_a_tail() {
    let mut input = [sample(0), batch_of(44, 0, &[row(0, None, Some("x"))]).bytes()].concat();
    input[60] ^= 1;
    let mut out = decode(&sample(0), ALL, &CUT).unwrap();
    let before = decode(&sample(0), ALL, &CUT).unwrap();
    let mut decoder = RecordSetDecoder::new(&input, ALL, CUT);
    assert!(decoder.decode(usize::MAX, &mut out).is_err());
    assert_eq!(out, before, "what was there before a failed call stays");
}

#[test]
fn lying_counts_and_lengths_are_refused() {
    let good = batch_of(0, 0, &[row(0, Some("key"), Some("value")), row(1, None, Some("other"))]);
    let refused = |batch: &Batch| {
        assert!(matches!(
            decode(&batch.bytes(), ALL, &WHOLE),
            Err(KafkaBatchError::Corrupt { .. })
        ))
    };
    for count in [-1, i32::MIN, 1, 3, 1_000, i32::MAX] {
        refused(&Batch {
            record_count: count,
            ..good.clone()
        });
    }
    for delta in [-1, 0, i32::MIN] {
        refused(&Batch {
            last_offset_delta: delta,
            ..good.clone()
        });
    }
    refused(&Batch {
        base_offset: -1,
        ..good.clone()
    });
    refused(&Batch {
        base_offset: i64::MAX,
        ..good.clone()
    });
    for codec in [5, 6, 7] {
        refused(&Batch {
            attributes: codec,
            ..good.clone()
        });
    }
    refused(&Batch {
        base_timestamp: i64::MAX,
        ..good.clone()
    });
    let mut input = good.bytes();
    for length in [i32::MIN, -1, 0, 48] {
        input[8..12].copy_from_slice(&length.to_be_bytes());
        assert!(matches!(
            decode(&input, ALL, &CUT),
            Err(KafkaBatchError::Corrupt { .. })
        ));
    }
}

#[test]
fn lying_record_sections_are_refused() {
    let section = section_of(&[row(0, Some("key"), Some("value"))]);
    for at in 0..section.len() {
        for byte in [0x00, 0x01, 0x03, 0x7e, 0x7f, 0x80, 0xff] {
            let mut batch = batch_of(0, 0, &[row(0, None, None)]);
            batch.section = section.clone();
            batch.section[at] = byte;
            // Whatever it is taken for, it may not leave the section or crash; lengths are checked against each other.
            if let Ok(out) = decode(&batch.bytes(), ALL, &WHOLE) {
                assert!(out.len() == 1 && out.bytes.len() == section.len());
            }
        }
    }
    let mut overlong = batch_of(0, 0, &[row(0, None, None)]);
    overlong.section = vec![0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80];
    assert!(decode(&overlong.bytes(), ALL, &WHOLE).is_err());
    let mut doubled = batch_of(0, 0, &[row(0, None, Some("a")), row(0, None, Some("b"))]);
    doubled.last_offset_delta = 1;
    assert!(decode(&doubled.bytes(), ALL, &WHOLE).is_err());
}

#[test]
fn bombs_end_at_the_limit_and_the_limit_itself_is_fine() {
    let value = "0".repeat(3 << 20);
    for codec in 0..=5 {
        let batch = batch_of(9, codec, &[row(0, None, Some(&value))]).bytes();
        let exact = section_of(&[row(0, None, Some(&value))]).len();
        let options = DecodeOptions {
            bytes_max: exact,
            ..WHOLE
        };
        assert_eq!(decode(&batch, ALL, &options).unwrap().len(), 1, "codec {codec}");
        let options = DecodeOptions {
            bytes_max: exact - 1,
            ..WHOLE
        };
        let outcome = decode(&batch, ALL, &options);
        assert_eq!(
            outcome,
            Err(KafkaBatchError::Limit {
                offset: 9,
                bytes_max: exact - 1
            }),
            "codec {codec}"
        );
    }
    // A snappy block that claims 4 GB is not believed.
    let mut liar = batch_of(0, 5, &[row(0, None, None)]);
    liar.section = vec![0xff, 0xff, 0xff, 0xff, 0x0f, 0x00];
    assert!(matches!(
        decode(&liar.bytes(), ALL, &WHOLE),
        Err(KafkaBatchError::Corrupt { .. })
    ));
}

/// Gap before the row, its time, key, value and headers.
type Draft = (
    u8,
    i64,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Vec<(Vec<u8>, Option<Vec<u8>>)>,
);

fn any_row() -> impl Strategy<Value = Draft> {
    let bytes = || proptest::option::of(proptest::collection::vec(any::<u8>(), 0..300));
    let name = proptest::collection::vec(any::<u8>(), 0..9);
    let header = (name.clone(), proptest::option::of(name));
    (
        0_u8..4,
        -5_000_000_000_i64..5_000_000_000,
        bytes(),
        bytes(),
        proptest::collection::vec(header, 0..4),
    )
}

proptest! {
    #[test]
    fn what_was_encoded_comes_back(drafts in proptest::collection::vec(any_row(), 1..40), codec in 0_i16..6, base in 0_i64..1 << 40) {
        let mut delta = -1;
        let rows: Vec<Row> = drafts.into_iter().map(|(gap, timestamp_delta, key, value, headers)| {
            delta += 1 + i32::from(gap);
            Row { delta, timestamp_delta, key, value, headers }
        }).collect();
        let out = decode(&batch_of(base, codec, &rows).bytes(), ALL, &WHOLE).unwrap();
        prop_assert_eq!(rows_of(&out, base, 1_700_000_000_000), rows);
    }

    #[test]
    fn piece_by_piece_the_same_comes_out(sizes in proptest::collection::vec(0_usize..5, 0..12), codec in 0_i16..6, piece in 1_usize..400, damaged in proptest::option::of(0_usize..2000)) {
        let mut input = Vec::new();
        for (number, &size) in sizes.iter().enumerate() {
            let rows: Vec<Row> = (0..size).map(|delta| row(delta as i32, Some("key"), Some("a value"))).collect();
            input.extend(batch_of(10 * number as i64, codec, &rows).bytes());
        }
        if let Some(byte) = damaged && !input.is_empty() {
            let at = byte % input.len();
            input[at] ^= 1;
        }
        let whole = decode(&input, ALL, &WHOLE);
        let mut decoder = RecordSetDecoder::new(&input, ALL, WHOLE);
        let mut out = DecodedRecords::default();
        let mut outcome = Ok(());
        while outcome.is_ok() && !decoder.is_done() {
            outcome = decoder.decode(piece, &mut out);
        }
        prop_assert_eq!(outcome.map(|()| out), whole);
    }

    #[test]
    fn junk_never_panics(input in proptest::collection::vec(any::<u8>(), 0..400), tail in any::<bool>()) {
        let _ = decode(&input, ALL, if tail { &CUT } else { &WHOLE });
    }

    #[test]
    fn a_junk_section_under_a_good_checksum_never_panics(section in proptest::collection::vec(any::<u8>(), 0..300), attributes in 0_i16..64, count in -1_i32..50) {
        let batch = Batch { attributes, section, record_count: count, last_offset_delta: 100, ..batch_of(5, 0, &[]) };
        let _ = decode(&batch.bytes(), ALL, &WHOLE);
    }
}
