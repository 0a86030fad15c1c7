// Makes the frozen relation nodes of a plan.
import type {
  AggregateRelation,
  DeduplicateRelation,
  DropRelation,
  Expression,
  FilterRelation,
  GroupsWithStateRelation,
  JoinRelation,
  LimitRelation,
  ObserveRelation,
  ProjectRelation,
  ReadRelation,
  Relation,
  SampleRelation,
  SetOperationRelation,
  SortRelation,
  SqlRelation,
  SubqueryAliasRelation,
  UnionRelation,
  WithColumnsRelation,
  WithColumnsRenamedRelation,
  WithWatermarkRelation,
} from './nodes.generated.js';

/** What a reader says about its source. */
export interface ReadDescription {
  /** Number of the reader, unique within the process. */
  readonly source: number;
  readonly format: string;
  /** Whether its rows come without an end; true by default. */
  readonly streaming?: boolean | undefined;
  /** DDL text; absent where the format fixes its columns. */
  readonly schema?: string | undefined;
  readonly options: Readonly<Record<string, string>>;
}

let sourceCount = 0;

/** A number for a new reader. Numbers are unique within the process, so that plans can be joined without renumbering. */
export function nextSourceNumber(): number {
  sourceCount += 1;
  return sourceCount - 1;
}

/** The numbers of the readers below a relation, in the order in which Spark numbers a query's sources: from left to right. */
export function readersOf(plan: Relation): number[] {
  const numbers = new Set<number>();
  const waiting = [plan];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.op === 'read') numbers.add(next.source);
    waiting.push(...inputsOf(next).reverse());
  }
  return [...numbers];
}

function inputsOf(relation: Relation): Relation[] {
  if ('left' in relation) return [relation.left, relation.right];
  if ('views' in relation) return [...relation.views];
  return 'input' in relation ? [relation.input] : [];
}

/** A source; a streaming one where nothing else is said. */
export function readNode({ source, format, streaming = true, schema, options }: ReadDescription): ReadRelation {
  const node = { op: 'read', source, format, streaming, options: Object.freeze({ ...options }) } as const;
  return Object.freeze(schema === undefined ? node : { ...node, schema });
}

/** select() */
export function projectNode(input: Relation, expressions: readonly Expression[]): ProjectRelation {
  return Object.freeze({ op: 'project', input, expressions: Object.freeze([...expressions]) });
}

/** withColumn(), withColumns(): each column is an alias. */
export function withColumnsNode(input: Relation, columns: readonly Expression[]): WithColumnsRelation {
  return Object.freeze({ op: 'withColumns', input, columns: Object.freeze([...columns]) });
}

/** withColumnRenamed(), withColumnsRenamed(): old names to new names. */
export function withColumnsRenamedNode(input: Relation, renames: Readonly<Record<string, string>>): WithColumnsRenamedRelation {
  return Object.freeze({ op: 'withColumnsRenamed', input, renames: Object.freeze({ ...renames }) });
}

/** drop() */
export function dropNode(input: Relation, columns: readonly string[]): DropRelation {
  return Object.freeze({ op: 'drop', input, columns: Object.freeze([...columns]) });
}

/** filter(), where() */
export function filterNode(input: Relation, condition: Expression): FilterRelation {
  return Object.freeze({ op: 'filter', input, condition });
}

/** withWatermark() */
export function withWatermarkNode(input: Relation, eventTime: string, delayThreshold: string): WithWatermarkRelation {
  return Object.freeze({ op: 'withWatermark', input, eventTime, delayThreshold });
}

/** groupBy().agg(); `groupingSets` are sets of keys by their positions, one set of all keys where absent. */
export function aggregateNode(
  input: Relation,
  keys: readonly Expression[],
  aggregates: readonly Expression[],
  groupingSets?: readonly (readonly number[])[],
): AggregateRelation {
  const node = { op: 'aggregate', input, keys: Object.freeze([...keys]), aggregates: Object.freeze([...aggregates]) } as const;
  return Object.freeze(groupingSets === undefined ? node : { ...node, groupingSets });
}

/** orderBy(): each order is a sortOrder expression. */
export function sortNode(input: Relation, orders: readonly Expression[]): SortRelation {
  return Object.freeze({ op: 'sort', input, orders: Object.freeze([...orders]) });
}

/** limit(), offset(): a count of -1 is all rows. */
export function limitNode(input: Relation, count: number, offset: number): LimitRelation {
  return Object.freeze({ op: 'limit', input, count, offset });
}

/** dropDuplicates(), distinct(), dropDuplicatesWithinWatermark(): without columns all are compared. */
export function deduplicateNode(input: Relation, columns: readonly string[] | undefined, withinWatermark: boolean): DeduplicateRelation {
  return Object.freeze({ op: 'deduplicate', input, ...(columns && { columns: Object.freeze([...columns]) }), withinWatermark });
}

/** join(), crossJoin(): on columns that both sides have, or on a condition. */
export function joinNode(
  left: Relation,
  right: Relation,
  using: readonly string[],
  condition: Expression | null,
  how: string,
): JoinRelation {
  const node = { op: 'join', left, right, using: Object.freeze([...using]), how } as const;
  return Object.freeze(condition === null ? node : { ...node, condition });
}

/** union(), unionByName() */
export function unionNode(left: Relation, right: Relation, byName: boolean, allowMissingColumns: boolean): UnionRelation {
  return Object.freeze({ op: 'union', left, right, byName, allowMissingColumns });
}

/** except(), intersect() and their `all` forms. */
export function setOperationNode(left: Relation, right: Relation, kind: 'except' | 'intersect', all: boolean): SetOperationRelation {
  return Object.freeze({ op: 'setOperation', left, right, kind, all });
}

/** groupByKey() and the program's own functions: what they were declared with, beside which `boundPrograms` has the functions. */
export function groupsWithStateNode(node: Omit<GroupsWithStateRelation, 'op'>): GroupsWithStateRelation {
  return Object.freeze({ ...node, op: 'groupsWithState', keys: Object.freeze([...node.keys]) });
}

/** sample(): about `fraction` of the rows, which ones `seed` decides. */
export function sampleNode(input: Relation, fraction: number, withReplacement: boolean, seed: string): SampleRelation {
  return Object.freeze({ op: 'sample', input, fraction, withReplacement, seed });
}

/** observe(): `metrics` are aliases of aggregates. */
export function observeNode(input: Relation, name: string, metrics: readonly Expression[]): ObserveRelation {
  return Object.freeze({ op: 'observe', input, name, metrics: Object.freeze([...metrics]) });
}

/** alias(): names the rows. */
export function subqueryAliasNode(input: Relation, alias: string): SubqueryAliasRelation {
  return Object.freeze({ op: 'subqueryAlias', input, alias });
}

/** sql(): `views` are what `names` stand for. */
export function sqlNode(text: string, names: readonly string[], views: readonly Relation[]): SqlRelation {
  return Object.freeze({ op: 'sql', text, names: Object.freeze([...names]), views: Object.freeze([...views]) });
}
