// The hash of keys by which Java's producer chooses partitions, over bytes where they lie.

const SEED = 0x9747b28c;
const FACTOR = 0x5bd1e995;

/** Java's `Utils.murmur2` of the bytes from `start` to `end`, as a signed number. */
export function murmur2(bytes: Uint8Array, start: number, end: number): number {
  let hash = SEED ^ (end - start);
  let at = start;
  for (; at + 4 <= end; at += 4) {
    let word = byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 24);
    word = Math.imul(word, FACTOR);
    word ^= word >>> 24;
    hash = Math.imul(hash, FACTOR) ^ Math.imul(word, FACTOR);
  }
  if (at < end) {
    for (let last = end - 1; last >= at; last -= 1) hash ^= byteAt(bytes, last) << (8 * (last - at));
    hash = Math.imul(hash, FACTOR);
  }
  hash = Math.imul(hash ^ (hash >>> 13), FACTOR);
  return hash ^ (hash >>> 15);
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}
