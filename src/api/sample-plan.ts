// sample(): its arguments, which Spark takes in several forms.
import type { Relation, SampleRelation } from '../plan/nodes.generated.js';
import { sampleNode } from '../plan/relation.js';
import { describe, invalidArgument } from './argument.js';

/** Seeds that are drawn are whole numbers below this. */
const SEEDS = 2 ** 48;

/** The plan of `sample(withReplacement?, fraction, seed?)`. Throws ARGUMENT_INVALID. */
export function samplePlan(plan: Relation, given: readonly unknown[]): SampleRelation {
  const [withReplacement, fraction, seed] = typeof given[0] === 'boolean' ? given : [false, ...given];
  if (typeof fraction !== 'number') throw invalidArgument('sample', `the fraction must be a number, got ${describe(fraction)}`);
  const number = seed ?? Math.floor(Math.random() * SEEDS);
  if (typeof number !== 'bigint' && !Number.isSafeInteger(number))
    throw invalidArgument('sample', `the seed must be a whole number, got ${describe(number)}`);
  return sampleNode(plan, fraction, withReplacement === true, String(number));
}
