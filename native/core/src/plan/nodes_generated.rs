// Generated from schema/plan.toml by `npm run generate`; edit the schema, not this file.

// The fields say what they are in the schema, once for both sides.
#![allow(missing_docs)]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A node that yields rows. Nesting from JSON is bounded by serde_json's recursion limit (128 levels of objects and lists).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Relation {
    /// A source, streaming or not. `source` numbers the readers of a query from 0.
    Read {
        source: u32,
        format: String,
        streaming: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        schema: Option<String>,
        options: BTreeMap<String, String>,
    },
    /// select()
    Project {
        input: Box<Relation>,
        expressions: Vec<Expression>,
    },
    /// withColumn(), withColumns(): each expression is an alias; a name that exists is replaced in place.
    WithColumns {
        input: Box<Relation>,
        columns: Vec<Expression>,
    },
    /// withColumnRenamed(), withColumnsRenamed(): names that do not exist are ignored, as in Spark.
    WithColumnsRenamed {
        input: Box<Relation>,
        renames: BTreeMap<String, String>,
    },
    /// drop(): names that do not exist are ignored, as in Spark.
    Drop { input: Box<Relation>, columns: Vec<String> },
    /// filter(), where()
    Filter {
        input: Box<Relation>,
        condition: Box<Expression>,
    },
    /// withWatermark(): `delayThreshold` is interval text such as '10 minutes'.
    WithWatermark {
        input: Box<Relation>,
        event_time: String,
        delay_threshold: String,
    },
    /// groupBy().agg(), rollup(), cube(): `groupingSets` are the sets of keys, as lists of positions; one set of all keys where absent.
    Aggregate {
        input: Box<Relation>,
        keys: Vec<Expression>,
        aggregates: Vec<Expression>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        grouping_sets: Option<Value>,
    },
    /// LATERAL VIEW: each row beside the rows that a generator makes of it; `outer` keeps rows that it makes nothing of.
    Generate {
        input: Box<Relation>,
        generator: Box<Expression>,
        outer: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        qualifier: Option<String>,
        names: Vec<String>,
    },
    /// orderBy(): `orders` are sortOrder expressions.
    Sort {
        input: Box<Relation>,
        orders: Vec<Expression>,
    },
    /// limit(), offset(): -1 rows = all.
    Limit {
        input: Box<Relation>,
        count: Value,
        offset: u32,
    },
    /// distinct()
    Distinct { input: Box<Relation> },
    /// join(), crossJoin(): `using` are columns that both sides have, or there is a condition; `how` is any of Spark's names of join types.
    Join {
        left: Box<Relation>,
        right: Box<Relation>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        condition: Option<Box<Expression>>,
        using: Vec<String>,
        how: String,
    },
    /// union(), unionByName(): columns by position or by name.
    Union {
        left: Box<Relation>,
        right: Box<Relation>,
        by_name: bool,
        allow_missing_columns: bool,
    },
    /// except(), intersect() and their `all` forms, which count how often a row is there; `kind` is `except` or `intersect`.
    SetOperation {
        left: Box<Relation>,
        right: Box<Relation>,
        kind: String,
        all: bool,
    },
    /// dropDuplicates(), distinct(), dropDuplicatesWithinWatermark(): no `columns` = all.
    Deduplicate {
        input: Box<Relation>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        columns: Option<Vec<String>>,
        within_watermark: bool,
    },
    /// groupByKey() and the program's own functions over each key's rows and state: `api` is transformWithState, flatMapGroupsWithState or mapGroupsWithState; `variables` are { name, kind, type, keyType?, ttlMs? } with types as DDL text; `output` is DDL text; `timeMode` is none, eventTime or processingTime; `program` numbers the functions within the process; `computesKeys`: the program computes the keys, row by row; `initialState` are rows that are state before the first batch, `initialKeys` what they are grouped by.
    GroupsWithState {
        input: Box<Relation>,
        program: u32,
        api: String,
        keys: Vec<Expression>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        computes_keys: Option<bool>,
        variables: Value,
        output: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output_mode: Option<String>,
        time_mode: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        initial_state: Option<Box<Relation>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        initial_keys: Option<Vec<Expression>>,
    },
    /// sample(), TABLESAMPLE: about `fraction` of the rows, which ones the `seed` (BIGINT as text) decides.
    Sample {
        input: Box<Relation>,
        fraction: Value,
        with_replacement: bool,
        seed: String,
    },
    /// observe(): aggregates (aliases) of the rows that pass here, batch by batch, under a name; the rows themselves go on.
    Observe {
        input: Box<Relation>,
        name: String,
        metrics: Vec<Expression>,
    },
    /// alias(): names the rows, so that `alias.column` finds their columns.
    SubqueryAlias { input: Box<Relation>, alias: String },
    /// One row without columns: SELECT without FROM.
    OneRow {},
    /// sql(): a query over views; `views` are the relations that `names` stand for, `functions` are calls of registered functions that lack their arguments.
    Sql {
        text: String,
        names: Vec<String>,
        views: Vec<Relation>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        functions: Option<Vec<Expression>>,
    },
}

/// A node that yields a value for each row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "expr", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Expression {
    /// A column by name; dots reach into structs, backticks quote.
    Column { name: String },
    /// All columns, or all fields of the struct column `target`.
    Star {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<String>,
    },
    /// A constant. `value` is its JSON form (bigint and decimal as text, timestamp as micros text, date as days, binary as base64).
    Literal { value: Value, data_type: String },
    /// Names an expression.
    Alias { child: Box<Expression>, name: String },
    /// Names the columns of a generator.
    MultiAlias { child: Box<Expression>, names: Vec<String> },
    /// cast(), tryCast(): `dataType` is DDL text.
    Cast {
        child: Box<Expression>,
        data_type: String,
        attempt: bool,
    },
    /// A function or operator by its name in Spark SQL (`=`, `+`, `and`, `from_json`, `window`, `sum`, ...); see the function registry.
    Call {
        name: String,
        arguments: Vec<Expression>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        options: Option<BTreeMap<String, String>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        distinct: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        filter: Option<Box<Expression>>,
    },
    /// over(), OVER (...): a function of the rows that a window shows each row. `frame` is rows or range, `lower` and `upper` are distances from the row at hand (negative before it), unbounded where absent; no `frame` = the function's own.
    Over {
        function: Box<Expression>,
        partition_by: Vec<Expression>,
        order_by: Vec<Expression>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        frame: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lower: Option<Box<Expression>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        upper: Option<Box<Expression>>,
    },
    /// A function of elements: `parameters` are names that the body may use.
    Lambda {
        parameters: Vec<String>,
        body: Box<Expression>,
    },
    /// asc(), desc() and their nulls_first, nulls_last forms.
    SortOrder {
        child: Box<Expression>,
        descending: bool,
        nulls_first: bool,
    },
    /// expr(): Spark SQL text of one expression; `functions` as in sql().
    Sql {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        functions: Option<Vec<Expression>>,
    },
    /// when().when().otherwise()
    CaseWhen {
        branches: Vec<Branch>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        otherwise: Option<Box<Expression>>,
    },
}

/// One arm of a `CaseWhen`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    pub when: Expression,
    pub then: Expression,
}
