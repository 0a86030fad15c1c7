// The function of a count by key, as a module in TypeScript that worker threads load.
import type { GroupState, KeyRows } from 'millrace';

export default function count(user: string | null, rows: KeyRows<unknown>, state: GroupState<bigint>): object[] {
  state.update((state.getOption() ?? 0n) + BigInt(rows.length));
  return [{ user, total: state.get(), where: 'worker' }];
}
