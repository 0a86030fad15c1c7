// Makes the frozen expression nodes of a plan. Nodes know nothing of types and names: Rust resolves them.
import type {
  AliasExpression,
  Branch,
  CallExpression,
  CaseWhenExpression,
  CastExpression,
  ColumnExpression,
  Expression,
  LambdaExpression,
  MultiAliasExpression,
  OverExpression,
  SortOrderExpression,
  SqlExpression,
  StarExpression,
} from './nodes.generated.js';

/** A column by name; dots reach into structs, backticks quote. */
export function columnNode(name: string): ColumnExpression {
  return Object.freeze({ expr: 'column', name });
}

/** All columns, or all fields of the struct column `target`. */
export function starNode(target?: string): StarExpression {
  return Object.freeze(target === undefined ? { expr: 'star' } : { expr: 'star', target });
}

/** Text given where Spark takes a column: `*` and `trade.*` are stars, the rest are names. */
export function nameNode(name: string): ColumnExpression | StarExpression {
  if (name === '*') return starNode();
  return name.endsWith('.*') ? starNode(name.slice(0, -2)) : columnNode(name);
}

/** `child AS name`. */
export function aliasNode(child: Expression, name: string): AliasExpression {
  return Object.freeze({ expr: 'alias', child, name });
}

/** `child AS (name, ...)`: a generator with names for its columns. */
export function multiAliasNode(child: Expression, names: readonly string[]): MultiAliasExpression {
  return Object.freeze({ expr: 'multiAlias', child, names: Object.freeze([...names]) });
}

/** A cast to DDL type text; `attempt` makes it try_cast, which gives null instead of an error. */
export function castNode(child: Expression, dataType: string, attempt: boolean): CastExpression {
  return Object.freeze({ expr: 'cast', child, dataType, attempt });
}

/** A function or an operator by its name in Spark SQL. */
export function callNode(name: string, callArguments: readonly Expression[], options?: Readonly<Record<string, string>>): CallExpression {
  const node = { expr: 'call', name, arguments: Object.freeze([...callArguments]) } as const;
  return Object.freeze(options === undefined ? node : { ...node, options: Object.freeze({ ...options }) });
}

/** An aggregate over the distinct values of its arguments: `count(DISTINCT a, b)`. */
export function distinctCallNode(name: string, callArguments: readonly Expression[]): CallExpression {
  return Object.freeze({ ...callNode(name, callArguments), distinct: true });
}

/** A function of elements: `parameters` are names that the body may use. */
export function lambdaNode(parameters: readonly string[], body: Expression): LambdaExpression {
  return Object.freeze({ expr: 'lambda', parameters: Object.freeze([...parameters]), body });
}

/** Spark SQL text of one expression. */
export function sqlExpressionNode(text: string): SqlExpression {
  return Object.freeze({ expr: 'sql', text });
}

/** A key to sort by. */
export function sortOrderNode(child: Expression, descending: boolean, nullsFirst: boolean): SortOrderExpression {
  return Object.freeze({ expr: 'sortOrder', child, descending, nullsFirst });
}

/** `function OVER (...)`: a function of the rows that a window shows each row. */
export function overNode(node: Omit<OverExpression, 'expr'>): OverExpression {
  return Object.freeze({
    ...node,
    expr: 'over',
    partitionBy: Object.freeze([...node.partitionBy]),
    orderBy: Object.freeze([...node.orderBy]),
  });
}

/** `CASE WHEN ... THEN ... ELSE ... END`. */
export function caseWhenNode(branches: readonly Branch[], otherwise?: Expression): CaseWhenExpression {
  const node = { expr: 'caseWhen', branches: Object.freeze(branches.map((branch) => Object.freeze({ ...branch }))) } as const;
  return Object.freeze(otherwise === undefined ? node : { ...node, otherwise });
}

/** A column's name as text that names exactly this column: dots and backticks in it are quoted, as is a lone star. */
export function quoteName(name: string): string {
  return name.includes('.') || name.includes('`') || name === '*' || name === '' ? `\`${name.replaceAll('`', '``')}\`` : name;
}
