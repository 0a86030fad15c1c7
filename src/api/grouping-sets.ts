// The sets of keys that rollup() and cube() group by, as positions among the keys.
import { invalidArgument } from './argument.js';

/** Keys that cube() takes: each one more doubles the sets. */
const CUBE_KEYS_MAX = 12;

/** All keys, all but the last, and so on down to none. */
export function rollupSets(count: number): number[][] {
  return Array.from({ length: count + 1 }, (_, missing) => Array.from({ length: count - missing }, (_, key) => key));
}

/** Every choice of the keys, all of them first. Throws ARGUMENT_INVALID where there are too many. */
export function cubeSets(count: number): number[][] {
  if (count > CUBE_KEYS_MAX) throw invalidArgument('cube', `at most ${CUBE_KEYS_MAX} keys are possible, got ${count}`);
  let sets: number[][] = [[]];
  for (let key = 0; key < count; key += 1) sets = sets.flatMap((set) => [[...set, key], set]);
  return sets;
}
