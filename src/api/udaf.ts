// Aggregates that the program brings. Spark counterpart: `functions.udaf`, `org.apache.spark.sql.expressions.Aggregator`.
import { callNode } from '../plan/expression.js';
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
  const bound = boundOf(aggregator);
  const number = nextFunctionsNumber();
  const { input, buffer, output } = aggregator;
  const options = Object.freeze({
    program: String(number),
    input: input instanceof Schema ? input.ddl : `value ${sqlTypeOf('udaf', 'input', input)}`,
    buffer: `buffer ${sqlTypeOf('udaf', 'buffer', buffer)}`,
    output: `output ${sqlTypeOf('udaf', 'output', output)}`,
  });
  return (...columns) => {
    const node = callNode(bound.name, columnNodes(bound.name, columns), options);
    // Nodes are copied where DISTINCT or FILTER is added to them, their options are not.
    boundAggregators.bind(node.options as object, number, bound);
    return new Column(node);
  };
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
  return { name, takesRows, functions: aggregator as unknown as AggregatorFunctions };
}
