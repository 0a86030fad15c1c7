// How messages show what the program's functions failed with, and the key that was in hand.

/** The message of what was thrown. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** A key as a message shows it. */
export function keyText(key: unknown): string {
  if (typeof key === 'bigint') return String(key);
  if (key instanceof Date) return key.toISOString();
  return JSON.stringify(key, (_, part) => (typeof part === 'bigint' ? String(part) : part)) ?? 'null';
}
