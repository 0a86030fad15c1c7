// What DataFrames of two inputs have in common: their arguments checked, their sources put together.
import type { Expression, JoinRelation } from '../plan/nodes.generated.js';
import { joinNode } from '../plan/relation.js';
import { describe, invalidArgument, requireText } from './argument.js';
import { Column } from './column.js';
import { conditionNode } from './condition.js';
import type { DataFrame, SourceFactories } from './data-frame.js';

/** The other DataFrame of a method. Throws ARGUMENT_INVALID for anything else, and for one of another session. */
export function otherFrame(method: string, left: DataFrame<unknown>, right: unknown): DataFrame<unknown> {
  const isFrame = typeof right === 'object' && right !== null && 'plan' in right && 'session' in right;
  if (!isFrame) throw invalidArgument(method, `expected a DataFrame, got ${describe(right)}`);
  const frame = right as DataFrame<unknown>;
  if (frame.session !== left.session) throw invalidArgument(method, 'the DataFrames are of different sessions');
  return frame;
}

/** What both read. */
export function allSources(left: DataFrame<unknown>, right: DataFrame<unknown>): SourceFactories {
  return new Map([...left.sources, ...right.sources]);
}

/** The plan of a join on names, on a condition, or on nothing. */
export function joinPlan(left: DataFrame<unknown>, right: DataFrame<unknown>, on: unknown, how: string): JoinRelation {
  const [using, condition] = joinCondition(on);
  return joinNode(left.plan, right.plan, using, condition, how);
}

function joinCondition(on: unknown): [using: readonly string[], condition: Expression | null] {
  if (on === undefined || on === null) return [[], null];
  if (typeof on === 'string') return [[requireText('join', 'the column', on)], null];
  if (!Array.isArray(on)) return [[], conditionNode('join', on)];
  if (on.every((part) => typeof part === 'string')) return [on, null];
  if (on.length > 0 && on.every((part) => part instanceof Column)) {
    return [[], (on as Column<boolean | null>[]).reduce((all, part) => all.and(part)).expression];
  }
  throw invalidArgument('join', 'expected a condition, a column name, or a list of either');
}
