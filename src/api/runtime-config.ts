// The configurations of a session. Spark counterpart: `org.apache.spark.sql.RuntimeConfig`.
import { type Conf, confBoolean, confBytes, confChoice, confDurationMs, confInt } from '../engine/conf-values.js';
import { CONFIGURATIONS, type Configuration, type ConfigurationName } from '../engine/config.generated.js';
import { MillraceError } from '../error/millrace-error.js';
import { describe } from './argument.js';

/** What a configuration may be set to; it is kept as text. */
export type ConfigurationValue = string | number | boolean;

/** Configurations given to `Session.create`, by name. */
export type Configurations = { readonly [K in ConfigurationName]?: ConfigurationValue } & Readonly<Record<string, ConfigurationValue>>;

/**
 * The configurations of a session: `session.conf`. Names that start with `spark.` are Spark's. Queries take the values when they start;
 * changing one later has no effect on them.
 */
export class RuntimeConfig {
  #values = new Map<string, string>();
  #all: Conf | null = null;

  /** Users call `Session.create`. Throws CONFIG_UNKNOWN and CONFIG_INVALID. */
  constructor(configurations: Configurations = {}) {
    for (const [name, value] of Object.entries(configurations)) this.set(name, value);
  }

  /** The value of a configuration as text: what was set, else `defaultValue`, else its default. Throws CONFIG_UNKNOWN. */
  get(name: ConfigurationName | (string & {}), defaultValue?: string): string {
    const { default: standard } = definitionOf(name);
    return this.#values.get(name) ?? defaultValue ?? standard;
  }

  /** Sets a configuration. Throws CONFIG_UNKNOWN, and CONFIG_INVALID where the value is not of its type. */
  set(name: ConfigurationName | (string & {}), value: ConfigurationValue): void {
    const definition = definitionOf(name);
    if (!['string', 'number', 'boolean'].includes(typeof value)) throw invalid(name, describe(value), `it must be a ${definition.type}`);
    const text = String(value);
    checkValue(name, definition, text);
    this.#values.set(name, text);
    this.#all = null;
  }

  /** Goes back to the default. Throws CONFIG_UNKNOWN. */
  unset(name: ConfigurationName | (string & {})): void {
    definitionOf(name);
    this.#values.delete(name);
    this.#all = null;
  }

  /** Every configuration with its value as text, defaults included. The object is frozen and does not follow later changes. */
  getAll(): Conf {
    this.#all ??= Object.freeze(
      Object.fromEntries(Object.entries(CONFIGURATIONS).map(([name, { default: standard }]) => [name, this.#values.get(name) ?? standard])),
    );
    return this.#all;
  }
}

function definitionOf(name: string): Configuration {
  if (Object.hasOwn(CONFIGURATIONS, name)) return CONFIGURATIONS[name as ConfigurationName];
  throw new MillraceError('CONFIG_UNKNOWN', { parameters: { name: String(name) } });
}

function checkValue(name: string, { type }: Configuration, text: string): void {
  const conf = { [name]: text };
  switch (type) {
    case 'boolean':
      confBoolean(conf, name);
      break;
    case 'int':
      confInt(conf, name);
      break;
    case 'bytes':
      confBytes(conf, name);
      break;
    case 'duration':
      confDurationMs(conf, name);
      break;
  }
  switch (name as ConfigurationName) {
    case 'spark.sql.session.timeZone':
      if (!isTimeZone(text)) throw invalid(name, text, 'it must be a time zone such as Europe/Berlin, UTC or +02:00');
      break;
    case 'spark.sql.shuffle.partitions':
      if (confInt(conf, name) === 0) throw invalid(name, text, 'it must be at least 1');
      break;
    case 'spark.sql.streaming.multipleWatermarkPolicy':
      confChoice(conf, name, ['min', 'max']);
      break;
  }
}

/** Whether the text is a region, or an offset from UTC as java.time.ZoneId reads it. */
function isTimeZone(text: string): boolean {
  if (/^(?:UTC|GMT|UT)?[+-]\d{1,2}(?::?[0-5]\d(?::?[0-5]\d)?)?$/.test(text) || text === 'Z' || text === 'UTC') return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

function invalid(name: string, value: string, reason: string): MillraceError {
  return new MillraceError('CONFIG_INVALID', { parameters: { name, value, reason } });
}
