// JSON whose whole numbers are exact: those beyond 2^53, which JSON.parse rounds and JSON.stringify refuses, are bigints.
import { randomUUID } from 'node:crypto';

/** Stands before the digits of a long number while it passes as a string; no text has it by itself. */
const MARK = randomUUID();
const MARKED = new RegExp(`"${MARK}(-?\\d+)"`, 'g');
/** Strings, so that digits in them are passed over, and whole numbers with as many digits as 2^53 or more. */
const STRING_OR_LONG_NUMBER = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?[1-9]\d{15,}(?![\d.eE])/g;

/** The value of JSON text. Whole numbers are numbers where they are safe, and bigints beyond. Throws SyntaxError. */
export function parseExactJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!/\d{16}/.test(text)) return value;
  const marked = text.replace(STRING_OR_LONG_NUMBER, (token) => (token.startsWith('"') ? token : `"${MARK}${token}"`));
  return JSON.parse(marked, (_key, item: unknown) => (isMarked(item) ? exactNumber(BigInt(item.slice(MARK.length))) : item));
}

/** The JSON text of a value that may have bigints. Keys of objects are in order where `replacer` brings them so. */
export function exactJson(value: unknown, replacer: (value: unknown) => unknown = (item) => item): string {
  let hasLong = false;
  const text = JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'bigint') return replacer(item);
    hasLong = true;
    return `${MARK}${item}`;
  });
  return hasLong ? text.replace(MARKED, '$1') : text;
}

/** A whole number as JSON has it here: a number where that is exact, else the bigint. */
export function exactNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function isMarked(item: unknown): item is string {
  return typeof item === 'string' && item.startsWith(MARK);
}
