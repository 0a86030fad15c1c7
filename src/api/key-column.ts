// The column that a function such as `(row) => row.user` picks: read off its text, so that rows are grouped without a call for each.
import { columnNode } from '../plan/expression.js';
import type { Expression } from '../plan/nodes.generated.js';
import type { KeyFunction } from '../state/program.js';
import { describe, invalidArgument } from './argument.js';

/** An arrow function whose body is a property of its only parameter, and nothing else. */
const PICKS_COLUMN =
  /^\(?\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*\)?\s*=>\s*\1\s*(?:\.\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)|\[\s*(["'])([^"'\\]*)\3\s*\])$/u;

/** The column that is the key of groupByKey(): by name or by a function that picks it; null for a function that computes keys. Throws ARGUMENT_INVALID. */
export function keyColumn(key: unknown): Expression | null {
  if (typeof key === 'string') return columnNode(quoted(key));
  if (typeof key !== 'function') throw invalidArgument('groupByKey', `expected a function or the name of a column, got ${describe(key)}`);
  const [, , property, , name = property] = PICKS_COLUMN.exec(String(key).trim()) ?? [];
  return name === undefined ? null : columnNode(quoted(name));
}

/** The function that picks the column of a key that is one. */
export function keyOfColumn(column: Expression): KeyFunction {
  const name = column.expr === 'column' ? column.name.slice(1, -1).replaceAll('``', '`') : '';
  return (row) => (row as Readonly<Record<string, unknown>>)[name];
}

/** A name that is whole, dots and all. */
function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
