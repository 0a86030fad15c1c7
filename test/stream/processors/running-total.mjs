// The functions of a running total, as a module that worker threads load.
import { isMainThread } from 'node:worker_threads';

let isOpen = false;

export function init() {
  isOpen = true;
}

export function handleInputRows(user, rows, { state }) {
  if (user === 'never') throw new RangeError('not this one');
  let total = state.total.get()?.total ?? 0n;
  for (const { amount } of rows) total += BigInt(amount ?? 0);
  state.total.update({ total });
  return [{ user, total, where: `${isMainThread ? 'main' : 'worker'} ${isOpen ? 'open' : 'closed'}` }];
}

export function close() {
  isOpen = false;
}
