//! A query by its steps, without engine, offsets or workers around them.

use std::cell::Cell;
use std::rc::Rc;

use arrow_array::ArrayRef;
use millrace_core::column::{StructType, parse_schema, schema_to_json};
use millrace_core::plan::{OutputMode, relation_from_json};
use millrace_core::query::{BatchSpec, StreamingQuery};
use millrace_core::result::encode_input;
use millrace_core::session::Session;
use millrace_core::source::Split;
use serde_json::{Value, json};

const CONF: &str = r#"{"spark.sql.session.timeZone":"UTC","spark.sql.shuffle.partitions":"4"}"#;

/// A reader of columns: a view of the query.
pub struct Reader {
    /// Its name in the query.
    pub name: &'static str,
    /// Its columns.
    pub ddl: &'static str,
    /// Whether it is a stream; its watermark is on `ts`, where it has one.
    pub streams: bool,
}

/// A query and the number of its batch.
pub struct Query {
    query: StreamingQuery,
    batch: Cell<u64>,
    /// A batch that changed the state must be brought to its end.
    is_reduced: Cell<bool>,
}

impl Query {
    /// Opens a query in SQL over readers, numbered in their order.
    pub fn open(sql: &str, readers: &[Reader], mode: OutputMode) -> Rc<Self> {
        let views: Vec<Value> = readers.iter().enumerate().map(view).collect();
        let names: Vec<&str> = readers.iter().map(|reader| reader.name).collect();
        let plan = json!({ "op": "sql", "text": sql, "names": names, "views": views });
        let relation = relation_from_json(&plan.to_string()).expect("the plan is one");
        let session = Session::from_json(CONF).expect("the configuration is one");
        let query = StreamingQuery::new(&relation, session, mode).expect("the query can be run");
        Rc::new(Self {
            query,
            batch: Cell::new(0),
            is_reduced: Cell::new(false),
        })
    }

    /// Begins the next batch; the one before is finished or dropped.
    pub fn begin(&self) {
        if self.is_reduced.get() {
            self.finish();
        }
        self.query.abort_batch(self.batch.get());
        self.batch.set(self.batch.get() + 1);
        let spec = BatchSpec {
            late_watermark_ms: 0,
            evict_watermark_ms: 0,
            batch_timestamp_ms: 0,
        };
        self.query.begin_batch(self.batch.get(), spec).expect("a batch begins");
    }

    /// The map task of columns of a reader.
    pub fn map(&self, source: u32, columns: &[u8]) {
        let split: Split =
            serde_json::from_value(json!({ "format": "columns", "source": source })).expect("the split is one");
        let task = source;
        self.query
            .map_split(self.batch.get(), task, &split, &[columns])
            .expect("rows go on");
    }

    /// The reduce tasks of all stages.
    pub fn reduce(&self) {
        for stage in 0..self.query.stages.len() {
            let shards = self.query.num_shards(stage);
            self.query
                .reduce_shards(self.batch.get(), stage, 0, shards)
                .expect("groups come together");
        }
        self.is_reduced.set(true);
    }

    /// The result of the batch.
    pub fn finish(&self) -> Vec<u8> {
        self.is_reduced.set(false);
        self.query.finish_batch(self.batch.get()).expect("a result comes out")
    }
}

/// Columns as a reader of them takes them.
pub fn encoded(columns: Vec<ArrayRef>) -> Vec<u8> {
    let rows = columns.first().map_or(0, |column| column.len());
    encode_input(&(columns, rows)).expect("the columns can be encoded")
}

fn view((source, reader): (usize, &Reader)) -> Value {
    let schema: StructType = parse_schema(reader.ddl).expect("the schema is one");
    let read = json!({
        "op": "read", "source": source, "format": "columns", "streaming": reader.streams,
        "schema": schema_to_json(&schema), "options": {},
    });
    if !reader.streams || !reader.ddl.contains("ts TIMESTAMP") {
        return read;
    }
    json!({ "op": "withWatermark", "input": read, "eventTime": "ts", "delayThreshold": "1 minute" })
}
