// The running total by key, as a module that worker threads load and as functions that are handed over.
import { type GroupState, schema } from 'millrace';

/** What is kept for a key. */
export const state = { total: { type: 'value', of: schema({ total: 'long' }) } } as const;
/** What comes out for a key of a batch. */
export const output = schema({ user: 'string', total: 'long' });

interface Purchase {
  readonly user: string | null;
  readonly amount: number | null;
}

interface Total {
  readonly total: bigint | null;
}

interface Context {
  readonly state: { readonly total: { get(): Total | null; update(total: Total): void } };
}

/** For transformWithState. */
export function handleInputRows(user: string | null, rows: Iterable<Purchase>, context: Context) {
  const held = context.state.total;
  const total = withRows(held.get(), rows);
  held.update({ total });
  return [{ user, total }];
}

/** For flatMapGroupsWithState. */
export function addToTotal(user: string | null, rows: Iterable<Purchase>, held: GroupState<Total>) {
  const total = withRows(held.getOption(), rows);
  held.update({ total });
  return [{ user, total }];
}

function withRows(held: Total | null, rows: Iterable<Purchase>): bigint {
  let sum = 0;
  for (const { amount } of rows) sum += amount ?? 0;
  return (held?.total ?? 0n) + BigInt(sum);
}
