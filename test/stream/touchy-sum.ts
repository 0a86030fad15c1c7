// An aggregate of the program's own that fails when it is told to: sum() of whole numbers.
import { udaf } from 'millrace';

/** What the aggregate is about to do. */
export type Step = { readonly name: 'reduce'; readonly value: number | null } | { readonly name: 'merge' };

/** A sum that calls `before` ahead of each step; what that throws is its failure. */
export function touchySum(before: (step: Step) => void) {
  return udaf({
    name: 'touchy',
    input: 'int',
    buffer: 'bigint not null',
    output: 'bigint not null',
    zero: () => 0n,
    reduce(held, value) {
      before({ name: 'reduce', value });
      return held + BigInt(value ?? 0);
    },
    merge(left, right) {
      before({ name: 'merge' });
      return left + right;
    },
    finish: (held) => held,
  });
}
