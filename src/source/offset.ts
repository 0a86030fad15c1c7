// Offsets are JSON values; this is how they are written, read and compared. Whole numbers in them are exact.
import { exactJson, parseExactJson } from './exact-json.js';
import type { Offset, OffsetKind } from './source.js';

/** The JSON text of an offset, keys in order, so that equal offsets have equal texts. */
export function offsetJson(offset: Offset): string {
  return exactJson(offset, (value) => (isPlainObject(value) ? sortedKeys(value) : value));
}

/** The offset that a JSON text holds. Throws SyntaxError. */
export function parseOffset(text: string): Offset {
  return parseExactJson(text) as Offset;
}

/** Whether two offsets are the same position. */
export function sameOffset(left: Offset, right: Offset): boolean {
  return left === right || offsetJson(left) === offsetJson(right);
}

/** What an offset counts; null where it is none of ours. */
export function kindOfOffset(offset: Offset): OffsetKind | null {
  if (typeof offset === 'number') return 'number';
  if (typeof offset['logOffset'] === 'number') return 'files';
  if (typeof offset['offset'] === 'number' && typeof offset['timestamp'] === 'number') return 'rows and time';
  return Object.values(offset).every(isPlainObject) ? 'partitions' : null;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Partition numbers are keys too: JSON.stringify puts number-like keys in order by itself, the others as sorted here. */
function sortedKeys(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)));
}
