// Reads a source's options, which travel as text; names do not care about case, as in Spark.
import { parseBytes } from '../engine/conf-values.js';
import { MillraceError } from '../error/millrace-error.js';

/** What Spark's durations such as `7d` and `24h` are made of, in milliseconds. */
const DURATION_UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** The text of an option, undefined where it is not given. */
export function optionText(options: Readonly<Record<string, string>>, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const key = Object.keys(options).find((candidate) => candidate.toLowerCase() === wanted);
  return key === undefined ? undefined : options[key];
}

/** A whole number of at least `min`, undefined where it is not given. Throws OPTION_INVALID. */
export function optionInt(options: Readonly<Record<string, string>>, name: string, min: number): number | undefined {
  const text = optionText(options, name)?.trim();
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < min) {
    throw optionInvalid(name, text, `it must be a whole number of at least ${min}`);
  }
  return value;
}

/** true or false, undefined where it is not given. Throws OPTION_INVALID. */
export function optionBoolean(options: Readonly<Record<string, string>>, name: string): boolean | undefined {
  const text = optionText(options, name)?.trim().toLowerCase();
  if (text === undefined) return undefined;
  if (text !== 'true' && text !== 'false') throw optionInvalid(name, text, 'it must be true or false');
  return text === 'true';
}

/** A duration such as `24h` or `7d`, undefined where it is not given. Throws OPTION_INVALID. */
export function optionDurationMs(options: Readonly<Record<string, string>>, name: string): number | undefined {
  const text = optionText(options, name);
  if (text === undefined) return undefined;
  const match = /^\s*(\d+)\s*([a-z]*)\s*$/i.exec(text);
  const unitMs = DURATION_UNITS_MS[(match?.[2] || 'ms').toLowerCase()];
  if (match === null || unitMs === undefined) throw optionInvalid(name, text, 'it must be a duration such as 24h or 7d');
  return Number(match[1]) * unitMs;
}

/** A number of bytes above 0 such as `256k`, undefined where it is not given. Throws OPTION_INVALID. */
export function optionBytes(options: Readonly<Record<string, string>>, name: string): number | undefined {
  const text = optionText(options, name);
  if (text === undefined) return undefined;
  const bytes = parseBytes(text);
  if (bytes === null || bytes === 0) throw optionInvalid(name, text, 'it must be a number of bytes such as 1024, 256k or 8m');
  return bytes;
}

/** An OPTION_INVALID error. */
export function optionInvalid(name: string, value: string, reason: string): MillraceError {
  return new MillraceError('OPTION_INVALID', { parameters: { name, value, reason } });
}
