// Generated from schema/plan.toml by `npm run generate`; edit the schema, not this file.

/** What JSON can hold. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue };

/** A node that yields rows; `op` tells which. */
export type Relation =
  | ReadRelation
  | ProjectRelation
  | WithColumnsRelation
  | WithColumnsRenamedRelation
  | DropRelation
  | FilterRelation
  | WithWatermarkRelation
  | AggregateRelation
  | GenerateRelation
  | SortRelation
  | LimitRelation
  | DistinctRelation
  | JoinRelation
  | UnionRelation
  | SetOperationRelation
  | DeduplicateRelation
  | GroupsWithStateRelation
  | SampleRelation
  | ObserveRelation
  | SubqueryAliasRelation
  | OneRowRelation
  | SqlRelation;

/** A node that yields a value for each row; `expr` tells which. */
export type Expression =
  | ColumnExpression
  | StarExpression
  | LiteralExpression
  | AliasExpression
  | MultiAliasExpression
  | CastExpression
  | CallExpression
  | OverExpression
  | LambdaExpression
  | SortOrderExpression
  | SqlExpression
  | CaseWhenExpression;

/** One arm of a caseWhen. */
export interface Branch {
  readonly when: Expression;
  readonly then: Expression;
}

/** A source, streaming or not. `source` numbers the readers of a query from 0. */
export interface ReadRelation {
  readonly op: 'read';
  readonly source: number;
  readonly format: string;
  readonly streaming: boolean;
  readonly schema?: string | undefined;
  readonly options: Readonly<Record<string, string>>;
}

/** select() */
export interface ProjectRelation {
  readonly op: 'project';
  readonly input: Relation;
  readonly expressions: readonly Expression[];
}

/** withColumn(), withColumns(): each expression is an alias; a name that exists is replaced in place. */
export interface WithColumnsRelation {
  readonly op: 'withColumns';
  readonly input: Relation;
  readonly columns: readonly Expression[];
}

/** withColumnRenamed(), withColumnsRenamed(): names that do not exist are ignored, as in Spark. */
export interface WithColumnsRenamedRelation {
  readonly op: 'withColumnsRenamed';
  readonly input: Relation;
  readonly renames: Readonly<Record<string, string>>;
}

/** drop(): names that do not exist are ignored, as in Spark. */
export interface DropRelation {
  readonly op: 'drop';
  readonly input: Relation;
  readonly columns: readonly string[];
}

/** filter(), where() */
export interface FilterRelation {
  readonly op: 'filter';
  readonly input: Relation;
  readonly condition: Expression;
}

/** withWatermark(): `delayThreshold` is interval text such as '10 minutes'. */
export interface WithWatermarkRelation {
  readonly op: 'withWatermark';
  readonly input: Relation;
  readonly eventTime: string;
  readonly delayThreshold: string;
}

/** groupBy().agg(), rollup(), cube(): `groupingSets` are the sets of keys, as lists of positions; one set of all keys where absent. */
export interface AggregateRelation {
  readonly op: 'aggregate';
  readonly input: Relation;
  readonly keys: readonly Expression[];
  readonly aggregates: readonly Expression[];
  readonly groupingSets?: JsonValue | undefined;
}

/** LATERAL VIEW: each row beside the rows that a generator makes of it; `outer` keeps rows that it makes nothing of. */
export interface GenerateRelation {
  readonly op: 'generate';
  readonly input: Relation;
  readonly generator: Expression;
  readonly outer: boolean;
  readonly qualifier?: string | undefined;
  readonly names: readonly string[];
}

/** orderBy(): `orders` are sortOrder expressions. */
export interface SortRelation {
  readonly op: 'sort';
  readonly input: Relation;
  readonly orders: readonly Expression[];
}

/** limit(), offset(): -1 rows = all. */
export interface LimitRelation {
  readonly op: 'limit';
  readonly input: Relation;
  readonly count: JsonValue;
  readonly offset: number;
}

/** distinct() */
export interface DistinctRelation {
  readonly op: 'distinct';
  readonly input: Relation;
}

/** join(), crossJoin(): `using` are columns that both sides have, or there is a condition; `how` is any of Spark's names of join types. */
export interface JoinRelation {
  readonly op: 'join';
  readonly left: Relation;
  readonly right: Relation;
  readonly condition?: Expression | undefined;
  readonly using: readonly string[];
  readonly how: string;
}

/** union(), unionByName(): columns by position or by name. */
export interface UnionRelation {
  readonly op: 'union';
  readonly left: Relation;
  readonly right: Relation;
  readonly byName: boolean;
  readonly allowMissingColumns: boolean;
}

/** except(), intersect() and their `all` forms, which count how often a row is there; `kind` is `except` or `intersect`. */
export interface SetOperationRelation {
  readonly op: 'setOperation';
  readonly left: Relation;
  readonly right: Relation;
  readonly kind: string;
  readonly all: boolean;
}

/** dropDuplicates(), distinct(), dropDuplicatesWithinWatermark(): no `columns` = all. */
export interface DeduplicateRelation {
  readonly op: 'deduplicate';
  readonly input: Relation;
  readonly columns?: readonly string[] | undefined;
  readonly withinWatermark: boolean;
}

/** groupByKey() and the program's own functions over each key's rows and state: `api` is transformWithState, flatMapGroupsWithState or mapGroupsWithState; `variables` are { name, kind, type, keyType?, ttlMs? } with types as DDL text; `output` is DDL text; `timeMode` is none, eventTime or processingTime; `program` numbers the functions within the process; `computesKeys`: the program computes the keys, row by row; `initialState` are rows that are state before the first batch, `initialKeys` what they are grouped by. */
export interface GroupsWithStateRelation {
  readonly op: 'groupsWithState';
  readonly input: Relation;
  readonly program: number;
  readonly api: string;
  readonly keys: readonly Expression[];
  readonly computesKeys?: boolean | undefined;
  readonly variables: JsonValue;
  readonly output: string;
  readonly outputMode?: string | undefined;
  readonly timeMode: string;
  readonly initialState?: Relation | undefined;
  readonly initialKeys?: readonly Expression[] | undefined;
}

/** sample(), TABLESAMPLE: about `fraction` of the rows, which ones the `seed` (BIGINT as text) decides. */
export interface SampleRelation {
  readonly op: 'sample';
  readonly input: Relation;
  readonly fraction: JsonValue;
  readonly withReplacement: boolean;
  readonly seed: string;
}

/** observe(): aggregates (aliases) of the rows that pass here, batch by batch, under a name; the rows themselves go on. */
export interface ObserveRelation {
  readonly op: 'observe';
  readonly input: Relation;
  readonly name: string;
  readonly metrics: readonly Expression[];
}

/** alias(): names the rows, so that `alias.column` finds their columns. */
export interface SubqueryAliasRelation {
  readonly op: 'subqueryAlias';
  readonly input: Relation;
  readonly alias: string;
}

/** One row without columns: SELECT without FROM. */
export interface OneRowRelation {
  readonly op: 'oneRow';

}

/** sql(): a query over views; `views` are the relations that `names` stand for, `functions` are calls of registered functions that lack their arguments. */
export interface SqlRelation {
  readonly op: 'sql';
  readonly text: string;
  readonly names: readonly string[];
  readonly views: readonly Relation[];
  readonly functions?: readonly Expression[] | undefined;
}

/** A column by name; dots reach into structs, backticks quote. */
export interface ColumnExpression {
  readonly expr: 'column';
  readonly name: string;
}

/** All columns, or all fields of the struct column `target`. */
export interface StarExpression {
  readonly expr: 'star';
  readonly target?: string | undefined;
}

/** A constant. `value` is its JSON form (bigint and decimal as text, timestamp as micros text, date as days, binary as base64). */
export interface LiteralExpression {
  readonly expr: 'literal';
  readonly value: JsonValue;
  readonly dataType: string;
}

/** Names an expression. */
export interface AliasExpression {
  readonly expr: 'alias';
  readonly child: Expression;
  readonly name: string;
}

/** Names the columns of a generator. */
export interface MultiAliasExpression {
  readonly expr: 'multiAlias';
  readonly child: Expression;
  readonly names: readonly string[];
}

/** cast(), tryCast(): `dataType` is DDL text. */
export interface CastExpression {
  readonly expr: 'cast';
  readonly child: Expression;
  readonly dataType: string;
  readonly attempt: boolean;
}

/** A function or operator by its name in Spark SQL (`=`, `+`, `and`, `from_json`, `window`, `sum`, ...); see the function registry. */
export interface CallExpression {
  readonly expr: 'call';
  readonly name: string;
  readonly arguments: readonly Expression[];
  readonly options?: Readonly<Record<string, string>> | undefined;
  readonly distinct?: boolean | undefined;
  readonly filter?: Expression | undefined;
}

/** over(), OVER (...): a function of the rows that a window shows each row. `frame` is rows or range, `lower` and `upper` are distances from the row at hand (negative before it), unbounded where absent; no `frame` = the function's own. */
export interface OverExpression {
  readonly expr: 'over';
  readonly function: Expression;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly Expression[];
  readonly frame?: string | undefined;
  readonly lower?: Expression | undefined;
  readonly upper?: Expression | undefined;
}

/** A function of elements: `parameters` are names that the body may use. */
export interface LambdaExpression {
  readonly expr: 'lambda';
  readonly parameters: readonly string[];
  readonly body: Expression;
}

/** asc(), desc() and their nulls_first, nulls_last forms. */
export interface SortOrderExpression {
  readonly expr: 'sortOrder';
  readonly child: Expression;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** expr(): Spark SQL text of one expression; `functions` as in sql(). */
export interface SqlExpression {
  readonly expr: 'sql';
  readonly text: string;
  readonly functions?: readonly Expression[] | undefined;
}

/** when().when().otherwise() */
export interface CaseWhenExpression {
  readonly expr: 'caseWhen';
  readonly branches: readonly Branch[];
  readonly otherwise?: Expression | undefined;
}
