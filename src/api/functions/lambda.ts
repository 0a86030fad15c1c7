// Callbacks of higher-order functions become lambda nodes.
import { columnNode, lambdaNode } from '../../plan/expression.js';
import type { Expression } from '../../plan/nodes.generated.js';
import { describe, invalidArgument } from '../argument.js';
import { Column } from '../column.js';

let lambdaCount = 0;

/**
 * The node of a callback with `least` to `most` parameters, as many as it names. Their names are unique, so that lambdas may stand in lambdas.
 * Throws ARGUMENT_INVALID where it is no function, or returns something else than a column.
 */
export function lambda(functionName: string, callback: unknown, most: number, least = most): Expression {
  if (typeof callback !== 'function') throw invalidArgument(functionName, `expected a callback, got ${describe(callback)}`);
  lambdaCount += 1;
  const suffix = lambdaCount;
  const parameters = ['x', 'y', 'z'].slice(0, Math.max(least, Math.min(most, callback.length))).map((name) => `${name}_${suffix}`);
  const body: unknown = callback(...parameters.map((name) => new Column(columnNode(name))));
  if (!(body instanceof Column)) throw invalidArgument(functionName, `the callback must return a column, got ${describe(body)}`);
  return lambdaNode(parameters, body.expression);
}
