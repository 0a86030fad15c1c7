// Reads typed values out of a session's configurations, which travel as text.
import { MillraceError } from '../error/millrace-error.js';
import { native } from '../native/load.js';

/** All configurations of a session, as text: `{"spark.sql.ansi.enabled": "true", ...}`. */
export type Conf = Readonly<Record<string, string>>;

const BYTE_UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** A configuration that is true or false. Throws CONFIG_INVALID. */
export function confBoolean(conf: Conf, name: string): boolean {
  const text = confText(conf, name).trim().toLowerCase();
  if (text === 'true') return true;
  if (text === 'false') return false;
  throw invalid(name, text, 'it must be true or false');
}

/** A configuration that is a whole number, not negative. Throws CONFIG_INVALID. */
export function confInt(conf: Conf, name: string): number {
  const text = confText(conf, name).trim();
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw invalid(name, text, 'it must be a whole number of at least 0');
  return value;
}

/** A size in bytes, written with or without a unit: `256k`, `8m`, `1024`. Throws CONFIG_INVALID. */
export function confBytes(conf: Conf, name: string): number {
  const text = confText(conf, name);
  const bytes = parseBytes(text);
  if (bytes === null) throw invalid(name, text, 'it must be a number of bytes such as 1024, 256k or 8m');
  return bytes;
}

/** A duration in milliseconds: interval text such as `10 milliseconds`, or a bare number of milliseconds. Throws CONFIG_INVALID. */
export function confDurationMs(conf: Conf, name: string): number {
  const text = confText(conf, name).trim();
  if (/^\d+$/.test(text)) return Number(text);
  try {
    return native.parseInterval(text);
  } catch (cause) {
    throw invalid(name, text, 'it must be a duration such as 10 milliseconds', cause);
  }
}

/** One of a few words. Throws CONFIG_INVALID. */
export function confChoice<T extends string>(conf: Conf, name: string, choices: readonly T[]): T {
  const text = confText(conf, name).trim().toLowerCase();
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw invalid(name, text, `it must be one of ${choices.join(', ')}`);
  return choice;
}

/** Bytes of a size text, null where it is none. */
export function parseBytes(text: string): number | null {
  const match = /^\s*(\d+)\s*([bkmgt]?)b?\s*$/i.exec(text);
  if (match === null) return null;
  const bytes = Number(match[1]) * (BYTE_UNITS[(match[2] ?? '').toLowerCase()] ?? Number.NaN);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

function confText(conf: Conf, name: string): string {
  const text = conf[name];
  if (text === undefined) throw new MillraceError('CONFIG_UNKNOWN', { parameters: { name } });
  return text;
}

function invalid(name: string, value: string, reason: string, cause?: unknown): MillraceError {
  return new MillraceError('CONFIG_INVALID', { parameters: { name, value, reason }, cause });
}
