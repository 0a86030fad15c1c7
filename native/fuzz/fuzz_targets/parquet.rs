//! Parquet files: damaged ones are errors, never a panic that reaches the query. The library may panic where the reader catches it: the hook with which
//! libFuzzer ends the process at once is taken off.
#![no_main]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use millrace_core::column::parse_schema;
use millrace_core::plan::SourceSpec;
use millrace_core::session::Session;
use millrace_core::source::{ReadContext, Split, Undecodable, read_split};

static SESSION: LazyLock<Session> = LazyLock::new(|| Session::from_json("{}").expect("the defaults are a session"));
static FILE: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("millrace-fuzz-parquet-{}", std::process::id())));

static NO_HOOK: LazyLock<()> = LazyLock::new(|| std::panic::set_hook(Box::new(|_| ())));

fuzz_target!(|bytes: &[u8]| {
    LazyLock::force(&NO_HOOK);
    let source = SourceSpec {
        number: 0,
        format: "parquet".to_string(),
        options: BTreeMap::new(),
        schema: parse_schema("a STRING, b INT, c DOUBLE, d TIMESTAMP, l ARRAY<INT>").expect("the schema parses"),
        has_metadata: false,
    };
    std::fs::write(&*FILE, bytes).expect("the folder for temporary files takes one");
    let path = FILE.display();
    let split = format!(
        r#"{{"format":"parquet","source":0,"path":"{path}","start":0,"end":{}}}"#,
        bytes.len()
    );
    let split: Split = serde_json::from_str(&split).expect("the split is one");
    let context = ReadContext {
        source: &source,
        session: &SESSION,
        wanted: &vec![true; source.schema.fields.len()],
        undecodable: Undecodable::Raise,
    };
    let _ = read_split(&split, &[], &context, |chunk| {
        for column in &chunk.columns {
            assert_eq!(column.len(), chunk.rows);
        }
        Ok(())
    });
});
