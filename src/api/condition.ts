// Conditions as they are given: a column, Spark SQL text, or a callback that gets the row's columns.
import { sqlExpressionNode } from '../plan/expression.js';
import type { Expression } from '../plan/nodes.generated.js';
import { type Column, columnArgument } from './column.js';
import { rowReferences } from './row-references.js';

/** The expression of a condition. Throws ARGUMENT_INVALID for anything else. */
export function conditionNode(functionName: string, condition: unknown): Expression {
  return typeof condition === 'string' ? sqlExpressionNode(condition) : computed(functionName, condition).expression;
}

/** What a column argument, or the callback in its place, says. */
export function computed(functionName: string, column: unknown): Column {
  return columnArgument(functionName, 'the column', typeof column === 'function' ? column(rowReferences()) : column);
}
