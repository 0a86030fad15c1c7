// Keys that the program computes, as text and back: equal keys have equal text, whatever thread or start of the query computed them.
import { MillraceError } from '../error/millrace-error.js';

/** The member that marks a value which JSON has no type for. */
const MARK = '$millrace';

/** The text of a key: of strings, numbers, bigints, booleans, Dates, null, and lists and plain objects of them. Throws ARGUMENT_INVALID for others. */
export function keyToText(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key);
  return JSON.stringify(marked(key));
}

/** The key that `keyToText` gave the text of. */
export function keyFromText(text: string): unknown {
  return JSON.parse(text, (_, value) => unmarked(value)) as unknown;
}

function marked(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      // JSON has no NaN, no infinities and no zero with a sign; zeros are one key.
      return Number.isFinite(value) ? value + 0 || 0 : { [MARK]: ['number', String(value)] };
    case 'bigint':
      return { [MARK]: ['bigint', String(value)] };
    case 'undefined':
      return null;
    case 'object':
      if (value === null) return null;
      if (value instanceof Date) return { [MARK]: ['time', value.getTime()] };
      if (Array.isArray(value)) return value.map(marked);
      if (isPlain(value)) {
        // Objects are the same whatever the order of their properties.
        const names = Object.keys(value).sort();
        return Object.fromEntries(names.map((name) => [name, marked((value as Record<string, unknown>)[name])]));
      }
  }
  const reason = `a key must be a string, number, bigint, boolean, Date, null, or a list or plain object of them, not ${typeof value}`;
  throw new MillraceError('ARGUMENT_INVALID', { parameters: { function: 'groupByKey', reason } });
}

function unmarked(value: unknown): unknown {
  const mark = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[MARK] : undefined;
  if (!Array.isArray(mark)) return value;
  const [type, content] = mark as [string, string | number];
  if (type === 'bigint') return BigInt(content);
  return type === 'time' ? new Date(content) : Number(content);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
