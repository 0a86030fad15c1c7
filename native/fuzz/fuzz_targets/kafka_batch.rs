//! Kafka record sets: never a panic, rows only from the offsets that were asked for, in order. Most inputs would end at their checksum, so lengths and
//! checksums are put right first, unless the first byte is odd.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use libfuzzer_sys::fuzz_target;
use millrace_core::plan::SourceSpec;
use millrace_core::session::Session;
use millrace_core::source::{ReadContext, Split, Undecodable, read_split, source_schema};

/// Where the length of a batch ends, and where what its checksum covers begins.
const LENGTH_END: usize = 12;
const MAGIC_AT: usize = 16;
const CHECKED_START: usize = 21;

static SOURCE: LazyLock<SourceSpec> = LazyLock::new(|| SourceSpec {
    number: 0,
    format: "kafka".to_string(),
    options: BTreeMap::new(),
    schema: source_schema("kafka", None, &BTreeMap::new()).expect("kafka is a format"),
    has_metadata: false,
});

static SESSION: LazyLock<Session> = LazyLock::new(|| Session::from_json("{}").expect("the defaults are a session"));

/// Makes the bytes whole batches with right checksums, each at most as long as its length field says.
fn mend(bytes: &mut [u8]) {
    let mut rest = bytes;
    while rest.len() > CHECKED_START {
        let said = u32::from_be_bytes([rest[8], rest[9], rest[10], rest[11]]) as usize;
        let end = said.saturating_add(LENGTH_END).clamp(CHECKED_START + 1, rest.len());
        let (batch, after) = rest.split_at_mut(end);
        batch[8..LENGTH_END].copy_from_slice(&((end - LENGTH_END) as u32).to_be_bytes());
        batch[MAGIC_AT] = 2;
        let checksum = crc32c::crc32c(&batch[CHECKED_START..]);
        batch[MAGIC_AT + 1..CHECKED_START].copy_from_slice(&checksum.to_be_bytes());
        rest = after;
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&kind, record_set)) = bytes.split_first() else {
        return;
    };
    let mut record_set = record_set.to_vec();
    if kind % 2 == 0 {
        mend(&mut record_set);
    }
    let (from, to) = if kind & 2 == 0 { (0, i64::MAX) } else { (2, 5) };
    let segment = format!(r#"{{"topic":"t","partition":0,"fromOffset":{from},"toOffset":{to}}}"#);
    let split = format!(r#"{{"format":"kafka","source":0,"segments":[{segment}]}}"#);
    let split: Split = serde_json::from_str(&split).expect("the split is one");
    let mut last = i64::MIN;
    let context = ReadContext {
        source: &SOURCE,
        session: &SESSION,
        wanted: &vec![true; SOURCE.schema.fields.len()],
        undecodable: Undecodable::Raise,
    };
    let _ = read_split(&split, &[&record_set], &context, |chunk| {
        for column in &chunk.columns {
            assert_eq!(column.len(), chunk.rows);
        }
        for &offset in chunk.columns[4].as_primitive::<Int64Type>().values() {
            assert!((from..to).contains(&offset) && offset > last, "{offset} after {last}");
            last = offset;
        }
        Ok(())
    });
});
