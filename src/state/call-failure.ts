// How messages show the key that was in hand where the program's functions failed.

/** A key as a message shows it. */
export function keyText(key: unknown): string {
  if (typeof key === 'bigint') return String(key);
  if (key instanceof Date) return key.toISOString();
  return JSON.stringify(key, (_, part) => (typeof part === 'bigint' ? String(part) : part)) ?? 'null';
}
