//! N-API wrappers around millrace-core: conversions, no logic. The functions are those of docs/design/border.md.
//!
//! Functions block, but for those that write what a batch leaves on the disk or take out large results: they give promises. All are
//! `catch_unwind`: a panic becomes an exception or a rejection, never a dead process.

#![allow(
    missing_docs,
    reason = "docs/design/border.md documents the exports once, for both sides"
)]

mod background;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use background::{Background, in_background};
use millrace_core::checkpoint::{self, Checkpoint, FileMarks, SnapshotRequest, StateSettings};
use millrace_core::column::{parse_schema, schema_to_json};
use millrace_core::divert::Diversions;
use millrace_core::error::Error;
use millrace_core::expr::BinaryStyle;
use millrace_core::parse::{TimeZone, parse_interval as parse_interval_text};
use millrace_core::plan::{self, OutputMode, relation_from_json};
use millrace_core::query::{self, BatchSpec, StreamingQuery};
use millrace_core::result::{ShowOptions, decode_result, encode_input, show};
use millrace_core::row_counts::DivertedKind;
use millrace_core::session::Session;
use millrace_core::sink::{self, FileSink, FileSinkSettings, FolderWriter};
use millrace_core::source::{Split, infer_file_schema};
use millrace_core::state::{LiveState, StoredState};
use millrace_core::storage::{self, Faults, open_location};
use millrace_core::{fault, fault::enter};
use napi::bindgen_prelude::{AsyncTask, Uint8Array};
use napi_derive::napi;

/// The exports that can be made to panic; with the stages they are the fault points.
const EXPORTS: &[&str] = &[
    "analyze",
    "explain",
    "parseDdl",
    "parseInterval",
    "functionNames",
    "openQuery",
    "closeQuery",
    "divertRows",
    "beginBatch",
    "mapSplit",
    "reduceShards",
    "openRows",
    "answerRows",
    "openGroups",
    "answerGroups",
    "nextDue",
    "divertedRows",
    "observedMetrics",
    "finishBatch",
    "abortBatch",
    "saveState",
    "loadState",
    "openCheckpoint",
    "closeCheckpoint",
    "writeLog",
    "readLog",
    "listLogs",
    "removeLogs",
    "inspectCheckpoint",
    "storedSchema",
    "readStored",
    "describeLive",
    "readLive",
    "saveVersion",
    "restoreVersion",
    "snapshotVersion",
    "checkFileSink",
    "openFileSink",
    "writeFiles",
    "closeFileSink",
    "readManifest",
    "writeFolder",
    "inferSchema",
    "sealKafkaBatch",
    "showResult",
];

fn fail(error: Error) -> napi::Error {
    napi::Error::from_reason(error.to_json())
}

fn document<'a, T: serde::Deserialize<'a>>(what: &str, text: &'a str) -> napi::Result<T> {
    serde_json::from_str(text).map_err(|error| fail(Error::internal(format!("{what}: {error}"))))
}

#[napi(catch_unwind)]
pub fn analyze(plan_json: String, conf_json: String) -> napi::Result<String> {
    enter("analyze");
    let session = Session::from_json(&conf_json).map_err(fail)?;
    let relation = relation_from_json(&plan_json).map_err(fail)?;
    let resolved = plan::resolve(&relation, &session).map_err(fail)?;
    Ok(schema_to_json(&resolved.schema))
}

#[napi(catch_unwind)]
pub fn explain(plan_json: String, conf_json: String, extended: bool) -> napi::Result<String> {
    enter("explain");
    let session = Session::from_json(&conf_json).map_err(fail)?;
    let relation = relation_from_json(&plan_json).map_err(fail)?;
    let resolved = plan::resolve(&relation, &session).map_err(fail)?;
    Ok(plan::explain(&resolved, extended))
}

#[napi(catch_unwind)]
pub fn parse_ddl(ddl: String) -> napi::Result<String> {
    enter("parseDdl");
    let schema = if ddl.trim_start().starts_with('{') {
        millrace_core::column::schema_from_json(&ddl)
    } else {
        parse_schema(&ddl)
    };
    Ok(schema_to_json(&schema.map_err(fail)?))
}

#[napi(catch_unwind)]
pub fn parse_interval(text: String) -> napi::Result<f64> {
    enter("parseInterval");
    let interval = parse_interval_text(&text).map_err(fail)?;
    // Spark counts a month as 31 days where a duration must be a number.
    let days = i64::from(interval.months) * 31 + i64::from(interval.days);
    Ok((days * 86_400_000) as f64 + interval.micros as f64 / 1000.0)
}

#[napi(catch_unwind)]
pub fn function_names() -> Vec<String> {
    enter("functionNames");
    plan::function_names().into_iter().map(String::from).collect()
}

#[napi(catch_unwind)]
pub fn open_query(plan_json: String, conf_json: String, output_mode: String) -> napi::Result<String> {
    enter("openQuery");
    let session = Session::from_json(&conf_json).map_err(fail)?;
    let relation = relation_from_json(&plan_json).map_err(fail)?;
    let mode = OutputMode::parse(&output_mode).map_err(fail)?;
    let query = StreamingQuery::new(&relation, session, mode).map_err(fail)?;
    query::open(query).map_err(fail)
}

#[napi(catch_unwind)]
pub fn close_query(handle: u32) {
    enter("closeQuery");
    query::close(handle);
}

#[napi(catch_unwind)]
pub fn divert_rows(handle: u32, bad: bool, late: bool) -> napi::Result<()> {
    enter("divertRows");
    query::get(handle)
        .map(|query| query.divert(Diversions { bad, late }))
        .map_err(fail)
}

#[napi(catch_unwind)]
pub fn diverted_rows(handle: u32, batch_id: i64, late: bool) -> napi::Result<Uint8Array> {
    enter("divertedRows");
    let kind = if late { DivertedKind::Late } else { DivertedKind::Bad };
    query::get(handle)
        .and_then(|query| query.diverted(batch_id as u64, kind))
        .map(Uint8Array::from)
        .map_err(fail)
}

#[napi(catch_unwind)]
pub fn observed_metrics(handle: u32, batch_id: i64) -> napi::Result<String> {
    enter("observedMetrics");
    query::get(handle)
        .and_then(|query| query.observed(batch_id as u64))
        .map_err(fail)
}

#[napi(catch_unwind)]
pub fn begin_batch(handle: u32, batch_id: i64, spec: String) -> napi::Result<()> {
    enter("beginBatch");
    let spec: BatchSpec = document("batch spec", &spec)?;
    query::get(handle)
        .and_then(|query| query.begin_batch(batch_id as u64, spec))
        .map_err(fail)
}

#[napi(catch_unwind)]
pub fn map_split(
    handle: u32,
    batch_id: i64,
    task: u32,
    split: String,
    buffers: Vec<Uint8Array>,
) -> napi::Result<String> {
    enter("mapSplit");
    let split: Split = document("split", &split)?;
    let buffers: Vec<&[u8]> = buffers.iter().map(|buffer| &**buffer).collect();
    let report = query::get(handle)
        .and_then(|query| query.map_split(batch_id as u64, task, &split, &buffers))
        .map_err(fail)?;
    serde_json::to_string(&report).map_err(|error| fail(Error::internal(error.to_string())))
}

#[napi(catch_unwind)]
pub fn reduce_shards(handle: u32, batch_id: i64, stage: u32, first: u32, count: u32) -> napi::Result<String> {
    enter("reduceShards");
    let event_times = query::get(handle)
        .and_then(|query| query.reduce_shards(batch_id as u64, stage as usize, first as usize, count as usize))
        .map_err(fail)?;
    serde_json::to_string(&event_times).map_err(|error| fail(Error::internal(error.to_string())))
}

#[napi(catch_unwind)]
pub fn open_groups(handle: u32, batch_id: i64, stage: u32, first: u32, count: u32) -> napi::Result<Uint8Array> {
    enter("openGroups");
    let bytes = query::get(handle)
        .and_then(|query| query.open_groups(batch_id as u64, stage as usize, first as usize, count as usize))
        .map_err(fail)?;
    Ok(Uint8Array::new(bytes))
}

#[napi(catch_unwind)]
pub fn answer_groups(handle: u32, batch_id: i64, stage: u32, first: u32, answer: Uint8Array) -> napi::Result<()> {
    enter("answerGroups");
    query::get(handle)
        .and_then(|query| query.answer_groups(batch_id as u64, stage as usize, first as usize, &answer))
        .map_err(fail)
}

#[napi(catch_unwind)]
pub fn open_rows(handle: u32, batch_id: i64, stage: u32, side: u32) -> napi::Result<Uint8Array> {
    enter("openRows");
    let bytes = query::get(handle)
        .and_then(|query| query.open_rows(batch_id as u64, (stage as usize, side as usize)))
        .map_err(fail)?;
    Ok(Uint8Array::new(bytes))
}

#[napi(catch_unwind)]
pub fn answer_rows(handle: u32, batch_id: i64, stage: u32, side: u32, keys: Uint8Array) -> napi::Result<()> {
    enter("answerRows");
    query::get(handle)
        .and_then(|query| query.answer_rows(batch_id as u64, (stage as usize, side as usize), &keys))
        .map_err(fail)
}

#[napi(catch_unwind)]
pub fn next_due(handle: u32) -> napi::Result<Option<i64>> {
    enter("nextDue");
    query::get(handle).map(|query| query.first_due()).map_err(fail)
}

#[napi(catch_unwind)]
pub fn finish_batch(handle: u32, batch_id: i64) -> napi::Result<Uint8Array> {
    finished(handle, batch_id)
}

#[napi(catch_unwind)]
pub fn finish_batch_in_background(handle: u32, batch_id: i64) -> AsyncTask<Background<Uint8Array>> {
    in_background(move || finished(handle, batch_id))
}

fn finished(handle: u32, batch_id: i64) -> napi::Result<Uint8Array> {
    enter("finishBatch");
    let bytes = query::get(handle)
        .and_then(|query| query.finish_batch(batch_id as u64))
        .map_err(fail)?;
    Ok(Uint8Array::new(bytes))
}

#[napi(catch_unwind)]
pub fn abort_batch(handle: u32, batch_id: i64) -> napi::Result<()> {
    enter("abortBatch");
    query::get(handle)
        .map(|query| query.abort_batch(batch_id as u64))
        .map_err(fail)
}

#[napi(catch_unwind)]
pub fn save_state(handle: u32, path: String, watermark_ms: i64, late_watermark_ms: i64) -> napi::Result<()> {
    enter("saveState");
    query::get(handle)
        .and_then(|query| query.save_state(Path::new(&path), watermark_ms, late_watermark_ms))
        .map_err(fail)
}

#[napi(catch_unwind)]
pub fn load_state(handle: u32, path: String) -> napi::Result<String> {
    enter("loadState");
    let header = query::get(handle)
        .and_then(|query| query.load_state(Path::new(&path)))
        .map_err(fail)?;
    Ok(serde_json::json!({
        "watermarkMs": header.watermark_ms,
        "lateWatermarkMs": header.late_watermark_ms,
        "batchId": header.batch_id,
    })
    .to_string())
}

#[napi(catch_unwind)]
pub fn open_checkpoint(location: String, owner: Option<String>) -> napi::Result<u32> {
    enter("openCheckpoint");
    let storage = open_location(&location).map_err(fail)?;
    let opened = match owner {
        Some(owner) => Checkpoint::own(storage, &document("owner", &owner)?).map_err(fail)?,
        None => Checkpoint::look_at(storage),
    };
    Ok(checkpoint::open(opened))
}

#[napi(catch_unwind)]
pub fn close_checkpoint(handle: u32) {
    enter("closeCheckpoint");
    checkpoint::close(handle);
}

#[napi(catch_unwind)]
pub fn write_log(handle: u32, path: String, text: String) -> napi::Result<AsyncTask<Background<()>>> {
    enter("writeLog");
    let checkpoint = checkpoint::get(handle).map_err(fail)?;
    Ok(in_background(move || checkpoint.write_log(&path, &text).map_err(fail)))
}

#[napi(catch_unwind)]
pub fn read_log(handle: u32, path: String) -> napi::Result<Option<String>> {
    enter("readLog");
    checkpoint::get(handle)
        .and_then(|checkpoint| checkpoint.read_log(&path))
        .map_err(fail)
}

#[napi(catch_unwind)]
pub fn list_logs(handle: u32, folder: String) -> napi::Result<Vec<String>> {
    enter("listLogs");
    checkpoint::get(handle)
        .and_then(|checkpoint| checkpoint.store().list(&folder))
        .map_err(fail)
}

#[napi(catch_unwind)]
pub fn remove_logs(handle: u32, folder: String, names: Vec<String>) -> napi::Result<AsyncTask<Background<()>>> {
    enter("removeLogs");
    let checkpoint = checkpoint::get(handle).map_err(fail)?;
    Ok(in_background(move || {
        checkpoint.remove_logs(&folder, &names).map_err(fail)
    }))
}

#[napi(catch_unwind)]
pub fn inspect_checkpoint(handle: u32) -> napi::Result<String> {
    enter("inspectCheckpoint");
    let reports = checkpoint::get(handle)
        .and_then(|checkpoint| checkpoint.inspect())
        .map_err(fail)?;
    serde_json::to_string(&reports).map_err(|error| fail(Error::internal(error.to_string())))
}

#[napi(catch_unwind)]
pub fn stored_schema(request: String) -> napi::Result<String> {
    enter("storedSchema");
    let stored: StoredState = document("stored state", &request)?;
    Ok(schema_to_json(&stored.columns().map_err(fail)?))
}

#[napi(catch_unwind)]
pub fn read_stored(checkpoint: u32, request: String) -> napi::Result<Uint8Array> {
    enter("readStored");
    let stored: StoredState = document("stored state", &request)?;
    let bytes = checkpoint::get(checkpoint)
        .and_then(|checkpoint| encode_input(&stored.read(&checkpoint)?))
        .map_err(fail)?;
    Ok(Uint8Array::new(bytes))
}

#[napi(catch_unwind)]
pub fn describe_live(handle: u32, request: String) -> napi::Result<String> {
    enter("describeLive");
    let asked: LiveState = document("live state", &request)?;
    let description = query::get(handle)
        .and_then(|query| query.describe_live(&asked))
        .map_err(fail)?;
    serde_json::to_string(&description).map_err(|error| fail(Error::internal(error.to_string())))
}

#[napi(catch_unwind)]
pub fn read_live(handle: u32, request: String, key: Option<Uint8Array>) -> napi::Result<Uint8Array> {
    enter("readLive");
    let asked: LiveState = document("live state", &request)?;
    let bytes = query::get(handle)
        .and_then(|query| encode_input(&query.read_live(&asked, key.as_deref())?))
        .map_err(fail)?;
    Ok(Uint8Array::new(bytes))
}

#[napi(catch_unwind)]
pub fn save_version(
    handle: u32,
    checkpoint: u32,
    version: i64,
    settings: String,
) -> napi::Result<AsyncTask<Background<String>>> {
    enter("saveVersion");
    let settings: StateSettings = document("state settings", &settings)?;
    let checkpoint = checkpoint::get(checkpoint).map_err(fail)?;
    let query = query::get(handle).map_err(fail)?;
    Ok(in_background(move || {
        let marks = query
            .save_version(&checkpoint, version as u64, settings)
            .map_err(fail)?;
        serde_json::to_string(&marks).map_err(|error| fail(Error::internal(error.to_string())))
    }))
}

#[napi(catch_unwind)]
pub fn restore_version(handle: u32, checkpoint: u32, marks: String) -> napi::Result<String> {
    enter("restoreVersion");
    let marks: FileMarks = document("state files", &marks)?;
    let checkpoint = checkpoint::get(checkpoint).map_err(fail)?;
    let restored = query::get(handle)
        .and_then(|query| query.restore_version(&checkpoint, &marks))
        .map_err(fail)?;
    serde_json::to_string(&restored).map_err(|error| fail(Error::internal(error.to_string())))
}

#[napi(catch_unwind)]
pub fn snapshot_version(
    handle: u32,
    checkpoint: u32,
    version: i64,
    version_min: i64,
    settings: String,
) -> napi::Result<()> {
    enter("snapshotVersion");
    let request = SnapshotRequest {
        version: version as u64,
        version_min: version_min as u64,
    };
    let settings: StateSettings = document("state settings", &settings)?;
    let checkpoint = checkpoint::get(checkpoint).map_err(fail)?;
    query::get(handle)
        .and_then(|query| query.snapshot_in_background(&checkpoint, request, settings))
        .map_err(fail)
}

#[napi(catch_unwind)]
pub fn check_file_sink(settings: String) -> napi::Result<()> {
    enter("checkFileSink");
    let settings: FileSinkSettings = document("file sink settings", &settings)?;
    FolderWriter::new(&settings).map(|_| ()).map_err(fail)
}

#[napi(catch_unwind)]
pub fn open_file_sink(location: String, settings: String) -> napi::Result<u32> {
    enter("openFileSink");
    let settings: FileSinkSettings = document("file sink settings", &settings)?;
    let storage = open_location(&location).map_err(fail)?;
    let opened = FileSink::open(storage, settings).map_err(fail)?;
    Ok(sink::open(opened))
}

#[napi(catch_unwind)]
pub fn write_files(handle: u32, batch_id: i64, batch: Uint8Array) -> napi::Result<String> {
    enter("writeFiles");
    let (_, columns, rows) = decode_result(&batch).map_err(fail)?;
    let written = sink::get(handle)
        .and_then(|sink| sink.write(batch_id as u64, &columns, rows))
        .map_err(fail)?;
    serde_json::to_string(&written).map_err(|error| fail(Error::internal(error.to_string())))
}

#[napi(catch_unwind)]
pub fn close_file_sink(handle: u32) {
    enter("closeFileSink");
    sink::close(handle);
}

#[napi(catch_unwind)]
pub fn read_manifest(location: String) -> napi::Result<Option<String>> {
    enter("readManifest");
    let storage = open_location(&location).map_err(fail)?;
    let files = sink::read_manifest(storage).map_err(fail)?;
    files
        .map(|files| serde_json::to_string(&files).map_err(|error| fail(Error::internal(error.to_string()))))
        .transpose()
}

#[napi(catch_unwind)]
pub fn write_folder(location: String, settings: String, batch: Uint8Array) -> napi::Result<String> {
    enter("writeFolder");
    let settings: FileSinkSettings = document("file sink settings", &settings)?;
    let storage = open_location(&location).map_err(fail)?;
    let (_, columns, rows) = decode_result(&batch).map_err(fail)?;
    let written = sink::write_folder(storage, &settings, &columns, rows).map_err(fail)?;
    serde_json::to_string(&written).map_err(|error| fail(Error::internal(error.to_string())))
}

#[napi(catch_unwind)]
pub fn infer_schema(format: String, paths: String, options: String, conf_json: String) -> napi::Result<String> {
    enter("inferSchema");
    let paths: Vec<PathBuf> = document("paths", &paths)?;
    let options: BTreeMap<String, String> = document("options", &options)?;
    let session = Session::from_json(&conf_json).map_err(fail)?;
    let schema = infer_file_schema(&format, &paths, &options, &session.zone).map_err(fail)?;
    Ok(schema_to_json(&schema))
}

#[napi(catch_unwind)]
pub fn seal_kafka_batch(header: String, records: Uint8Array) -> napi::Result<Uint8Array> {
    enter("sealKafkaBatch");
    let header = document("kafka batch header", &header)?;
    let batch = sink::seal_kafka_batch(&header, &records).map_err(fail)?;
    Ok(batch.into())
}

#[napi(catch_unwind)]
pub fn show_result(
    batch: Uint8Array,
    time_zone: String,
    binary_style: String,
    num_rows: i64,
    truncate: i64,
    vertical: bool,
) -> napi::Result<String> {
    enter("showResult");
    let (schema, columns, rows) = decode_result(&batch).map_err(fail)?;
    let options = ShowOptions {
        n: num_rows,
        truncate,
        vertical,
        zone: TimeZone::parse(&time_zone).map_err(fail)?,
        binary: BinaryStyle::parse(&binary_style).map_err(fail)?,
    };
    show(&schema, &columns, rows, &options).map_err(fail)
}

#[napi(catch_unwind)]
pub fn inject_panic(point: String) {
    fault::arm(&point);
}

#[napi(catch_unwind)]
pub fn simulate_disk(seed: i64) -> u32 {
    storage::simulate_disk(seed as u64)
}

#[napi(catch_unwind)]
pub fn disturb_disk(disk: u32, faults: String, power_cut_after: i64) -> napi::Result<()> {
    let faults: Faults = document("faults", &faults)?;
    let disk = storage::simulated_disk(disk).map_err(fail)?;
    disk.set_faults(faults);
    disk.cut_power_after(u64::try_from(power_cut_after).ok());
    Ok(())
}

#[napi(catch_unwind)]
pub fn lose_power(disk: u32) -> napi::Result<()> {
    storage::simulated_disk(disk).map_err(fail)?.lose_power();
    Ok(())
}

#[napi(catch_unwind)]
pub fn simulated_file(disk: u32, path: String) -> napi::Result<Uint8Array> {
    let bytes = storage::simulated_file(disk, &path).map_err(fail)?;
    Ok(bytes.into())
}

#[napi(catch_unwind)]
pub fn forget_disk(disk: u32) {
    storage::forget_disk(disk);
}

#[napi(catch_unwind)]
pub fn fault_points() -> Vec<String> {
    let stages = fault::STAGES.iter().map(|stage| format!("stage:{stage}"));
    EXPORTS.iter().map(|name| name.to_string()).chain(stages).collect()
}
