// Options as the Kafka source and sink read them: names in lower case, values as Scala and Java would read their texts, errors in their words.
import { MillraceError } from '../../error/millrace-error.js';
import { parseExactJson } from '../exact-json.js';

/** Options by their names in lower case. */
export type OptionValues = ReadonlyMap<string, string>;

/** The options with their names in lower case. */
export function optionValues(options: Readonly<Record<string, string>>): OptionValues {
  return new Map(Object.entries(options).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/** The `kafka.*` options, which are the client's settings, without their prefix. */
export function clientValues(values: OptionValues): OptionValues {
  const prefix = 'kafka.';
  return new Map([...values].flatMap(([name, value]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [])));
}

const LONG_MIN = -(2n ** 63n);
const LONG_MAX = 2n ** 63n - 1n;

/** The whole number of a text as Java's `Long.parseLong` reads it, null where it is none or has more than 64 bits. */
export function parseLong(text: string): bigint | null {
  if (!/^[+-]?\d+$/.test(text)) return null;
  const value = BigInt(text.replace(/^\+/, ''));
  return isLong(value) ? value : null;
}

/** Whether a whole number has at most 64 bits. */
export function isLong(value: bigint): boolean {
  return value >= LONG_MIN && value <= LONG_MAX;
}

/** A limit or a time, null where it is not given; beyond 2^53 the nearest number will do. Throws OPTION_INVALID. */
export function optionLong(values: OptionValues, name: string): number | null {
  const text = values.get(name);
  if (text === undefined) return null;
  const value = parseLong(text);
  if (value === null) throw invalidOption(name, text, `For input string: "${text}"`);
  return Number(value);
}

/** true or false in any case. Throws OPTION_INVALID. */
export function optionBoolean(values: OptionValues, name: string, otherwise: boolean): boolean {
  const text = values.get(name);
  if (text === undefined) return otherwise;
  const word = text.toLowerCase();
  if (word !== 'true' && word !== 'false') throw invalidOption(name, text, `For input string: "${text}"`);
  return word === 'true';
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** Spark's time texts: `15m`, `30s`, `500ms`; milliseconds without a unit. Throws OPTION_INVALID. */
export function optionDurationMs(values: OptionValues, name: string, otherwise: number): number {
  const text = values.get(name)?.trim().toLowerCase();
  if (text === undefined) return otherwise;
  const match = /^(\d+)\s*([a-z]*)$/.exec(text);
  const unit = UNITS_MS[match?.[2] || 'ms'];
  if (match === null || unit === undefined) throw invalidOption(name, text, 'It must be a duration such as 15m or 30s');
  return Number(match[1]) * unit;
}

/** The value of JSON text, null where it is none; whole numbers beyond 2^53 are bigints. */
export function optionJson(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    return null;
  }
}

/** OPTION_INVALID. The message is Spark's where Spark has one. */
export function invalidOption(name: string, value: string, message: string): MillraceError {
  return new MillraceError('OPTION_INVALID', {
    message: message.endsWith('.') ? message : `${message}.`,
    parameters: { name, value, reason: message },
  });
}
