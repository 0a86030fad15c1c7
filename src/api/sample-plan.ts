// sample(): its arguments, which Spark takes in several forms.
import type { Relation, SampleRelation } from '../plan/nodes.generated.js';
import { sampleNode } from '../plan/relation.js';
import { describe, invalidArgument, longArgument } from './argument.js';

/** Seeds that are drawn are whole numbers below this. */
const SEEDS = 2 ** 48;

/** The plan of `sample(withReplacement?, fraction, seed?)`. Throws ARGUMENT_INVALID. */
export function samplePlan(plan: Relation, given: readonly unknown[]): SampleRelation {
  const [withReplacement, fraction, seed] = typeof given[0] === 'boolean' ? given : [false, ...given];
  if (typeof fraction !== 'number') throw invalidArgument('sample', `the fraction must be a number, got ${describe(fraction)}`);
  const number = longArgument('sample', 'the seed', seed ?? Math.floor(Math.random() * SEEDS));
  return sampleNode(plan, fraction, withReplacement === true, String(number));
}
