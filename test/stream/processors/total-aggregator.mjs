// The functions of a sum, as a module that worker threads load.
import { isMainThread } from 'node:worker_threads';

export function zero() {
  return { sum: 0n };
}

export function reduce({ sum }, value) {
  if (value < 0n) throw new RangeError('below zero');
  return { sum: sum + value };
}

export function finish({ sum }) {
  return { sum, where: isMainThread ? 'main' : 'worker' };
}
