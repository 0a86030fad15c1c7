//! The hot stages, each with what has to happen before it.

use std::collections::BTreeMap;

use arrow_array::{Array, BinaryViewArray};
use millrace_core::column::parse_schema;
use millrace_core::parse::{JsonReader, TimeZone};
use millrace_core::plan::{OutputMode, SourceSpec};
use millrace_core::session::Session;
use millrace_core::sink::seal_kafka_batch;
use millrace_core::source::{ReadContext, Split, Undecodable, read_split, source_schema};
use serde_json::json;

use crate::data::{self, ROWS};
use crate::query::{Query, Reader, encoded};

/// One stage, ready to run as often as one likes.
pub struct Stage {
    /// Rows that a run takes.
    pub rows: usize,
    /// What a run needs and is not counted.
    pub before: Box<dyn FnMut()>,
    /// What is counted.
    pub run: Box<dyn FnMut()>,
}

/// Makes a stage ready.
type Open = fn() -> Stage;

/// Every stage by its name.
pub fn all() -> Vec<(&'static str, Open)> {
    vec![
        ("json W1", || {
            json("id STRING, type STRING, amount INT, time STRING", data::trade_line)
        }),
        ("json W2", || {
            json(
                "user_id STRING, page_id STRING, ad_id STRING, ad_type STRING, event_type STRING, event_time BIGINT, \
                 ip_address STRING",
                data::ad_line,
            )
        }),
        ("times by pattern", times),
        ("tumbling windows, map", || {
            windows("window(ts, '10 seconds')", Part::Map)
        }),
        ("tumbling windows, reduce", || {
            windows("window(ts, '10 seconds')", Part::Reduce)
        }),
        ("sliding windows, map", || {
            windows("window(ts, '10 seconds', '2 seconds')", Part::Map)
        }),
        ("sliding windows, reduce", || {
            windows("window(ts, '10 seconds', '2 seconds')", Part::Reduce)
        }),
        ("sessions, map", || {
            windows("session_window(ts, '5 seconds')", Part::Map)
        }),
        ("sessions, reduce", || {
            windows("session_window(ts, '5 seconds')", Part::Reduce)
        }),
        ("join with a table, probe", join_with_table),
        ("join of streams, reduce", join_of_streams),
        ("result encode", result_encode),
        ("kafka batch", kafka_batch),
    ]
}

/// Which step of a query is counted.
enum Part {
    Map,
    Reduce,
}

fn json(ddl: &str, line: fn(usize) -> String) -> Stage {
    let fields = parse_schema(ddl).expect("the schema is one");
    let reader = JsonReader::new(&fields, &BTreeMap::new(), &TimeZone::utc()).expect("there are no options");
    let lines = BinaryViewArray::from_iter_values((0..ROWS).map(line));
    Stage {
        rows: ROWS,
        before: Box::new(|| {}),
        run: Box::new(move || {
            let rows = reader.read(&lines).expect("the lines are JSON");
            assert_eq!(rows.len(), ROWS);
        }),
    }
}

fn times() -> Stage {
    let query = Query::open(
        "SELECT to_timestamp(time, 'dd-MM-yyyy-HH-mm') AS ts FROM trades",
        &[Reader {
            name: "trades",
            ddl: "time STRING",
            streams: true,
        }],
        OutputMode::Append,
    );
    let columns = encoded(vec![data::texts(data::minute_text)]);
    let begins = query.clone();
    Stage {
        rows: ROWS,
        before: Box::new(move || begins.begin()),
        run: Box::new(move || query.map(0, &columns)),
    }
}

const EVENTS: Reader = Reader {
    name: "events",
    ddl: "ts TIMESTAMP, id STRING, amount BIGINT",
    streams: true,
};

fn events() -> Vec<u8> {
    encoded(vec![data::times(), data::keys(8), data::amounts()])
}

fn windows(window: &str, part: Part) -> Stage {
    let sql = format!("SELECT id, sum(amount) AS total, count(*) AS n FROM events GROUP BY {window}, id");
    // Sessions have no update mode in Spark.
    let query = Query::open(&sql, &[EVENTS], OutputMode::Append);
    let columns = events();
    let begins = query.clone();
    match part {
        Part::Map => Stage {
            rows: ROWS,
            before: Box::new(move || begins.begin()),
            run: Box::new(move || query.map(0, &columns)),
        },
        Part::Reduce => Stage {
            rows: ROWS,
            before: Box::new(move || {
                begins.begin();
                begins.map(0, &columns);
            }),
            run: Box::new(move || query.reduce()),
        },
    }
}

fn join_with_table() -> Stage {
    let query = Query::open(
        "SELECT events.id, amount, name FROM events JOIN names ON events.id = names.id",
        &[
            EVENTS,
            Reader {
                name: "names",
                ddl: "id STRING, name STRING",
                streams: false,
            },
        ],
        OutputMode::Append,
    );
    let table = (0..data::ROWS / 8).map(|row| format!("key-{row}"));
    let table = BinaryViewArray::from_iter_values(table);
    let names = encoded(vec![std::sync::Arc::new(table.clone()), std::sync::Arc::new(table)]);
    let columns = events();
    let begins = query.clone();
    Stage {
        rows: ROWS,
        before: Box::new(move || {
            begins.begin();
            begins.map(1, &names);
        }),
        run: Box::new(move || query.map(0, &columns)),
    }
}

fn join_of_streams() -> Stage {
    let query = Query::open(
        "SELECT events.id, events.amount, paid.amount AS paid FROM events JOIN paid ON events.id = paid.id \
         AND paid.ts BETWEEN events.ts AND events.ts + INTERVAL '5' SECOND",
        &[EVENTS, Reader { name: "paid", ..EVENTS }],
        OutputMode::Append,
    );
    let columns = events();
    let others = encoded(vec![data::times(), data::keys(9), data::amounts()]);
    let begins = query.clone();
    Stage {
        rows: 2 * ROWS,
        before: Box::new(move || {
            begins.begin();
            begins.map(0, &columns);
            begins.map(1, &others);
        }),
        run: Box::new(move || query.reduce()),
    }
}

fn result_encode() -> Stage {
    let query = Query::open("SELECT * FROM events", &[EVENTS], OutputMode::Append);
    let columns = events();
    let begins = query.clone();
    Stage {
        rows: ROWS,
        before: Box::new(move || {
            begins.begin();
            begins.map(0, &columns);
            begins.reduce();
        }),
        run: Box::new(move || assert!(query.finish().len() > ROWS)),
    }
}

fn kafka_batch() -> Stage {
    let header = json!({
        "codec": "none", "recordCount": ROWS, "baseTimestampMs": 0, "maxTimestampMs": 0,
        "producerId": -1, "producerEpoch": -1, "baseSequence": -1,
    });
    let header = serde_json::from_value(header).expect("the header is one");
    let records: Vec<u8> = (0..ROWS)
        .flat_map(|row| kafka_record(row, data::trade_line(row).as_bytes()))
        .collect();
    let batch = seal_kafka_batch(&header, &records).expect("the batch can be sealed");
    let segment = json!({
        "topic": "trades", "partition": 0, "fromOffset": 0, "toOffset": ROWS,
    });
    let split = json!({ "format": "kafka", "source": 0, "segments": [segment] });
    let split: Split = serde_json::from_value(split).expect("the split is one");
    let source = SourceSpec {
        number: 0,
        format: "kafka".to_string(),
        options: BTreeMap::new(),
        schema: source_schema("kafka", None, &BTreeMap::new()).expect("kafka is a format"),
        has_metadata: false,
    };
    let session = Session::from_json("{}").expect("the defaults are a session");
    Stage {
        rows: ROWS,
        before: Box::new(|| {}),
        run: Box::new(move || {
            let mut rows = 0;
            let context = ReadContext {
                source: &source,
                session: &session,
                wanted: &[false, true, false, false, false, false, false],
                undecodable: Undecodable::Raise,
            };
            read_split(&split, &[&batch], &context, |chunk| {
                rows += chunk.rows;
                Ok(())
            })
            .expect("the batch is whole");
            assert_eq!(rows, ROWS);
        }),
    }
}

/// A record without key and headers, as it is within a batch.
fn kafka_record(offset: usize, value: &[u8]) -> Vec<u8> {
    // Attributes, and the time after the batch's.
    let mut body = vec![0, 0];
    varint(offset as i64, &mut body);
    varint(-1, &mut body);
    varint(value.len() as i64, &mut body);
    body.extend_from_slice(value);
    varint(0, &mut body);
    let mut record = Vec::with_capacity(body.len() + 4);
    varint(body.len() as i64, &mut record);
    record.extend_from_slice(&body);
    record
}

/// Zigzag, then seven bits a byte, the lowest first.
fn varint(value: i64, out: &mut Vec<u8>) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}
