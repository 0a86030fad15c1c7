// Makes the frozen relation nodes of a plan.
import type {
  AggregateRelation,
  DropRelation,
  Expression,
  FilterRelation,
  ProjectRelation,
  ReadRelation,
  Relation,
  WithColumnsRelation,
  WithColumnsRenamedRelation,
  WithWatermarkRelation,
} from './nodes.generated.js';

/** What a reader says about its source. */
export interface ReadDescription {
  /** Number of the reader, unique within the process. */
  readonly source: number;
  readonly format: string;
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

/** A streaming source. */
export function readNode({ source, format, schema, options }: ReadDescription): ReadRelation {
  const node = { op: 'read', source, format, streaming: true, options: Object.freeze({ ...options }) } as const;
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

/** groupBy().agg() */
export function aggregateNode(input: Relation, keys: readonly Expression[], aggregates: readonly Expression[]): AggregateRelation {
  return Object.freeze({ op: 'aggregate', input, keys: Object.freeze([...keys]), aggregates: Object.freeze([...aggregates]) });
}
