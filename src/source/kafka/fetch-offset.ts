// The seam between plans, whose offsets are exact 64-bit numbers, and fetches, which count in JavaScript's numbers.
import { fetchFailed } from './kafka-error.js';

/** An offset to fetch at. Throws KAFKA_FETCH_FAILED beyond 2^53 - 1, where numbers are not exact. */
export function fetchOffset(key: string, offset: bigint): number {
  const number = Number(offset);
  if (Number.isSafeInteger(number)) return number;
  throw fetchFailed(key, `offset ${offset} is beyond ${Number.MAX_SAFE_INTEGER}, the last one at which records are fetched`);
}
