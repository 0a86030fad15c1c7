//! The article's job through the whole core, without Node: text lines in, windows of profit out.

use std::io::Write;

use millrace_core::expr::BinaryStyle;
use millrace_core::parse::TimeZone;
use millrace_core::plan::{OutputMode, relation_from_json};
use millrace_core::query::{BatchSpec, StreamingQuery};
use millrace_core::result::{ShowOptions, decode_result, show};
use millrace_core::session::Session;
use millrace_core::source::Split;
use serde_json::json;

const CONF: &str = r#"{"spark.sql.session.timeZone":"UTC","spark.sql.ansi.enabled":"true"}"#;

fn column(name: &str) -> serde_json::Value {
    json!({ "expr": "column", "name": name })
}

fn text(value: &str) -> serde_json::Value {
    json!({ "expr": "literal", "value": value, "dataType": "string" })
}

fn call(name: &str, arguments: Vec<serde_json::Value>) -> serde_json::Value {
    json!({ "expr": "call", "name": name, "arguments": arguments })
}

fn alias(child: serde_json::Value, name: &str) -> serde_json::Value {
    json!({ "expr": "alias", "child": child, "name": name })
}

fn profit_plan() -> String {
    let read = json!({ "op": "read", "source": 0, "format": "text", "streaming": true, "options": {} });
    let value = json!({ "op": "project", "input": read, "expressions": [
        { "expr": "cast", "child": column("value"), "dataType": "string", "attempt": false },
    ]});
    let trade = json!({ "op": "withColumns", "input": value, "columns": [
        alias(call("from_json", vec![column("value"), text("id STRING, type STRING, amount INT, time STRING")]), "trade"),
    ]});
    let fields = json!({ "op": "project", "input": trade, "expressions": [{ "expr": "star", "target": "trade" }] });
    let timed = json!({ "op": "withColumns", "input": fields, "columns": [
        alias(call("to_timestamp", vec![column("time"), text("dd-MM-yyyy-HH-mm")]), "eventtime"),
    ]});
    let dropped = json!({ "op": "drop", "input": timed, "columns": ["time"] });
    let signed = json!({ "op": "withColumns", "input": dropped, "columns": [alias(json!({
        "expr": "caseWhen",
        "branches": [{
            "when": call("=", vec![column("type"), text("sell")]),
            "then": call("*", vec![column("amount"), json!({ "expr": "literal", "value": -1, "dataType": "int" })]),
        }],
        "otherwise": column("amount"),
    }), "profit")]});
    json!({ "op": "aggregate", "input": signed,
        "keys": [call("window", vec![column("eventtime"), text("5 minutes")])],
        "aggregates": [alias(call("sum", vec![column("profit")]), "profit")],
    })
    .to_string()
}

fn open(mode: OutputMode) -> StreamingQuery {
    let relation = relation_from_json(&profit_plan()).unwrap();
    StreamingQuery::new(&relation, Session::from_json(CONF).unwrap(), mode).unwrap()
}

fn run_batch(query: &StreamingQuery, id: u64, lines: &str) -> Result<String, millrace_core::error::Error> {
    map_batch(query, id, lines)?;
    end_batch(query, id)
}

fn map_batch(query: &StreamingQuery, id: u64, lines: &str) -> Result<(), millrace_core::error::Error> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(lines.as_bytes()).unwrap();
    let split: Split = serde_json::from_value(json!({
        "format": "text", "source": 0, "path": file.path(), "start": 0, "end": lines.len(),
    }))
    .unwrap();
    query.begin_batch(
        id,
        BatchSpec {
            late_watermark_ms: 0,
            evict_watermark_ms: 0,
            batch_timestamp_ms: 0,
        },
    )?;
    query.map_split(id, 0, &split, &[]).map(drop)
}

fn end_batch(query: &StreamingQuery, id: u64) -> Result<String, millrace_core::error::Error> {
    query.reduce_shards(id, 0, 0, query.num_shards(0))?;
    let bytes = query.finish_batch(id)?;
    let (schema, columns, rows) = decode_result(&bytes)?;
    let options = ShowOptions {
        n: 20,
        truncate: 0,
        vertical: false,
        zone: TimeZone::utc(),
        binary: BinaryStyle::HexDiscrete,
    };
    show(&schema, &columns, rows, &options)
}

#[test]
fn the_article_comes_out_batch_by_batch() {
    let query = open(OutputMode::Complete);
    let batches: [(&str, &[&str]); 4] = [
        (
            "{ 'id': 'apple', 'amount': 10, 'type': 'buy', 'time': '20-04-2020-10-10' }\n",
            &["|10 "],
        ),
        (
            "{ 'id': 'shell', 'amount': 18, 'type': 'buy', 'time': '20-04-2020-10-12' }\n",
            &["|28 "],
        ),
        (
            "{ 'id': 'apple', 'amount': 5, 'type': 'sell', 'time': '20-04-2020-10-22' }\n",
            &["|28 ", "|-5 "],
        ),
        (
            "{ 'id': 'asus', 'amount': 5, 'type': 'buy', 'time': '20-04-2020-10-14' }\n",
            &["|33 ", "|-5 "],
        ),
    ];
    for (id, (line, wanted)) in batches.into_iter().enumerate() {
        let shown = run_batch(&query, id as u64, line).unwrap();
        for cell in wanted {
            assert!(shown.contains(cell), "batch {id} lacks {cell}:\n{shown}");
        }
        assert_eq!(shown.matches("{2020-04-20 ").count(), wanted.len());
    }
}

#[test]
fn a_batch_is_mapped_while_the_one_before_is_in_work() {
    let query = open(OutputMode::Complete);
    let line = |amount: u64| format!("{{'id':'a','type':'buy','amount':{amount},'time':'20-04-2020-10-10'}}\n");
    map_batch(&query, 0, &line(1)).unwrap();
    map_batch(&query, 1, &line(10)).unwrap();
    assert!(end_batch(&query, 0).unwrap().contains("|1 "));
    map_batch(&query, 2, &line(100)).unwrap();
    assert!(end_batch(&query, 1).unwrap().contains("|11 "));
    // A batch that was only mapped goes without a trace.
    query.abort_batch(2);
    assert!(end_batch(&query, 2).is_err());
    assert!(run_batch(&query, 2, &line(1000)).unwrap().contains("|1011 "));
    // One that is not the next takes the place of what is left.
    map_batch(&query, 3, &line(1)).unwrap();
    map_batch(&query, 5, &line(2)).unwrap();
    assert!(end_batch(&query, 3).is_err());
    assert!(end_batch(&query, 5).unwrap().contains("|1013 "));
}

#[test]
fn a_bad_time_names_its_file_and_line() {
    let query = open(OutputMode::Complete);
    let error = run_batch(
        &query,
        0,
        "{'id':'a','type':'buy','amount':1,'time':'20-04-2020-10-10'}\nnot json\n{'id':'a','type':'buy','amount':1,'time':'bad'}\n",
    )
    .unwrap_err();
    let document: serde_json::Value = serde_json::from_str(&error.to_json()).unwrap();
    assert_eq!(document["code"], "CANNOT_PARSE_TIMESTAMP");
    assert_eq!(document["context"]["line"], 3);
}

#[test]
fn append_needs_a_watermark() {
    let relation = relation_from_json(&profit_plan()).unwrap();
    let error = StreamingQuery::new(&relation, Session::from_json(CONF).unwrap(), OutputMode::Append)
        .err()
        .unwrap();
    assert_eq!(error.code().as_str(), "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION");
}
