// Aggregates that the program brings. Spark counterpart: `functions.udaf`, `org.apache.spark.sql.expressions.Aggregator`.
import { callNode } from '../plan/expression.js';
import type { CallExpression, Expression } from '../plan/nodes.generated.js';
import { type AggregatorFunctions, type BoundAggregator, boundAggregators } from '../state/aggregator.js';
import { nextFunctionsNumber } from '../state/bound-functions.js';
import { moduleLoader } from '../state/program.js';
import { describe, invalidArgument, moduleUrl, requireFunction, requireText } from './argument.js';
import { Column } from './column.js';
import { columnNodes } from './functions/call.js';
import { Schema, sqlTypeOf } from './schema.js';
import type { Aggregator, AggregatorArguments, AggregatorOfModule, AggregatorOutput } from './types/aggregator-types.js';
import type { ColumnOrName } from './types/column-types.js';
import type { StateType } from './types/state-types.js';

/**
 * An aggregate function of your own, for `agg(...)`: called with columns, it gives the column of its results. Its buffers are state like that of any
 * aggregate: kept natively, in the checkpoint, closed with their window. Functions that are a module's exports (`module: new URL(...)`) run in worker threads.
 *
 * ```ts
 * const range = udaf({
 *   input: 'double not null',
 *   buffer: schema({ least: 'double not null', greatest: 'double not null' }),
 *   output: 'double not null',
 *   zero: () => ({ least: Infinity, greatest: -Infinity }),
 *   reduce: (seen, value) => ({ least: Math.min(seen.least, value), greatest: Math.max(seen.greatest, value) }),
 *   finish: (seen) => seen.greatest - seen.least,
 * });
 * prices.groupBy('symbol').agg(range('price').alias('range'));
 * ```
 *
 * Throws ARGUMENT_INVALID for what is not declared right. What a function throws ends the query with FAILED_EXECUTE_UDF, the key in its context.
 */
export function udaf<const I extends StateType, const B extends StateType, const O extends StateType>(
  aggregator: Aggregator<I, B, O> | AggregatorOfModule<I, B, O>,
): (...columns: AggregatorArguments<I, ColumnOrName>) => Column<AggregatorOutput<O>> {
  if (typeof aggregator !== 'object' || aggregator === null)
    throw invalidArgument('udaf', `expected an aggregator, got ${describe(aggregator)}`);
  const { input, buffer, output } = aggregator;
  const options = Object.freeze({
    program: String(nextFunctionsNumber()),
    input: input instanceof Schema ? input.ddl : `value ${sqlTypeOf('udaf', 'input', input)}`,
    buffer: `buffer ${sqlTypeOf('udaf', 'buffer', buffer)}`,
    output: `output ${sqlTypeOf('udaf', 'output', output)}`,
    // What a module exports shows when it is loaded.
    merges: String('module' in aggregator || aggregator.merge !== undefined),
  });
  return aggregateFunction({ bound: boundOf(aggregator), options });
}

/** An aggregate that was declared: its functions, and the options of its calls, which give their number. */
interface Declared {
  readonly bound: BoundAggregator;
  readonly options: Readonly<Record<string, string>> & { readonly program: string };
}

const declared = new WeakMap<object, Declared>();

function aggregateFunction(aggregate: Declared): (...columns: readonly ColumnOrName[]) => Column<never> {
  const called = (...columns: readonly ColumnOrName[]) =>
    new Column<never>(aggregateCall(aggregate, columnNodes(aggregate.bound.name, columns)));
  declared.set(called, aggregate);
  return called;
}

function aggregateCall({ bound, options }: Declared, columns: readonly Expression[]): CallExpression {
  const node = callNode(bound.name, columns, options);
  // Nodes are copied where DISTINCT or FILTER is added to them, their options are not.
  boundAggregators.bind(node.options as object, Number(options.program), bound);
  return node;
}

/** What `udaf` gave, under another name: the function, and a call of it that lacks its arguments. Undefined for any other function. */
export function renamedAggregate(
  aggregate: object,
  name: string,
): { readonly function: unknown; readonly call: CallExpression } | undefined {
  const found = declared.get(aggregate);
  if (found === undefined) return undefined;
  const renamed = { ...found, bound: { ...found.bound, name } };
  return { function: aggregateFunction(renamed), call: aggregateCall(renamed, []) };
}

function boundOf<I extends StateType, B extends StateType, O extends StateType>(
  aggregator: Aggregator<I, B, O> | AggregatorOfModule<I, B, O>,
): BoundAggregator {
  const name = aggregator.name === undefined ? 'udaf' : requireText('udaf', 'the name', aggregator.name);
  const takesRows = aggregator.input instanceof Schema;
  if ('module' in aggregator) {
    return { name, takesRows, functions: { module: moduleUrl('udaf', aggregator.module), loader: moduleLoader() } };
  }
  for (const member of ['zero', 'reduce', 'finish'] as const) requireFunction('udaf', member, aggregator[member]);
  if (aggregator.merge !== undefined) requireFunction('udaf', 'merge', aggregator.merge);
  return { name, takesRows, functions: aggregator as unknown as AggregatorFunctions };
}
