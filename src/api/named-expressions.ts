// Columns given by name, `{ total: sum(row.amount) }`, as aliased expressions.
import { aliasNode, quoteName } from '../plan/expression.js';
import type { Expression } from '../plan/nodes.generated.js';
import { describe, invalidArgument } from './argument.js';
import { Column, columnArgument } from './column.js';

/** Aliases of an object of columns. Throws ARGUMENT_INVALID for anything else. */
export function namedExpressions(functionName: string, columns: unknown): Expression[] {
  if (typeof columns !== 'object' || columns === null || columns instanceof Column) {
    throw invalidArgument(functionName, `expected an object of columns by name, got ${describe(columns)}`);
  }
  return Object.entries(columns).map(([name, column]) =>
    aliasNode(columnArgument(functionName, `column ${quoteName(name)}`, column).expression, name),
  );
}
