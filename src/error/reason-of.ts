// What was thrown as text: a program may throw anything.

/** The message of an error, and the text of what is none. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
