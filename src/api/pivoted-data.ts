// PivotedData: groups whose rows become columns, one for each value. Spark counterpart: `groupBy(...).pivot(...)`.
import { aliasNode, callNode, caseWhenNode, columnNode, quoteName } from '../plan/expression.js';
import { type LiteralValue, literalNode } from '../plan/literal.js';
import type { Expression } from '../plan/nodes.generated.js';
import { aggregateNode } from '../plan/relation.js';
import { invalidArgument } from './argument.js';
import { type Column, columnArgument } from './column.js';
import type { DataFrame } from './data-frame.js';

const PIVOT = '__pivot';
const aggregateName = (index: number) => `__aggregate_${index}`;

/** What `pivot(...)` returns. */
export class PivotedData {
  readonly #input: DataFrame<unknown>;
  readonly #keys: readonly Expression[];
  readonly #column: Expression;
  readonly #values: readonly LiteralValue[];

  /** Users call `pivot`. */
  constructor(input: DataFrame<unknown>, keys: readonly Expression[], column: Expression, values: readonly LiteralValue[]) {
    this.#input = input;
    this.#keys = keys;
    this.#column = column;
    this.#values = values;
  }

  /**
   * One row per group: the keys, then for each value the aggregates of the group's rows that have it, null where none has. A column is named
   * after its value and, where there are several aggregates, theirs. As in Spark these are two groupings, one behind the other.
   */
  agg(...aggregates: readonly Column[]): DataFrame {
    const expressions = aggregates.map((aggregate) => columnArgument('agg', 'an aggregate', aggregate).expression);
    if (expressions.length === 0) throw invalidArgument('agg', 'at least one aggregate is needed');
    const named = this.#input.derive(aggregateNode(this.#input.plan, this.#keys, expressions)).columns.slice(this.#keys.length);
    const byValue = this.#input.derive(
      aggregateNode(
        this.#input.plan,
        [...this.#keys, aliasNode(this.#column, PIVOT)],
        expressions.map((expression, index) => aliasNode(withoutAlias(expression), aggregateName(index))),
      ),
    );
    const keys = byValue.columns.slice(0, this.#keys.length).map((name) => columnNode(quoteName(name)));
    const cells = this.#values.flatMap((value) =>
      named.map((name, index) => aliasNode(cellNode(value, index), named.length > 1 ? `${value}_${name}` : String(value))),
    );
    return byValue.derive(aggregateNode(byValue.plan, keys, cells));
  }
}

/** The aggregate of the group's rows with a value: there is one row of it at most. */
function cellNode(value: LiteralValue, index: number): Expression {
  const when = callNode('<=>', [columnNode(PIVOT), literalNode(value)]);
  return callNode('first', [caseWhenNode([{ when, then: columnNode(aggregateName(index)) }]), literalNode(true)]);
}

function withoutAlias(expression: Expression): Expression {
  return expression.expr === 'alias' ? withoutAlias(expression.child) : expression;
}
