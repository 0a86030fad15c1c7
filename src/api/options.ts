// Options of readers and writers: text by name, where upper and lower case are the same.
import { describe, invalidArgument, requireText } from './argument.js';

/** What an option may be set to; it is kept as text. */
export type OptionValue = string | number | bigint | boolean;

/** Options by name. Spark counterpart: `CaseInsensitiveMap`. */
export class Options {
  readonly #caller: string;
  readonly #entries = new Map<string, { readonly name: string; readonly text: string }>();

  /** `caller` is the class that errors name, such as `readStream`. */
  constructor(caller: string) {
    this.#caller = caller;
  }

  /** Sets an option; of names that differ in case only, the last counts. Throws ARGUMENT_INVALID. */
  set(name: string, value: OptionValue): void {
    requireText(`${this.#caller}.option`, 'the name', name);
    if (!['string', 'number', 'bigint', 'boolean'].includes(typeof value)) {
      throw invalidArgument(`${this.#caller}.option`, `the value of ${name} must be a string, number or boolean, got ${describe(value)}`);
    }
    this.#entries.set(name.toLowerCase(), { name, text: String(value) });
  }

  /** Sets several options. Throws ARGUMENT_INVALID. */
  setAll(options: Readonly<Record<string, OptionValue>>): void {
    if (typeof options !== 'object' || options === null)
      throw invalidArgument(`${this.#caller}.options`, `expected an object of options, got ${describe(options)}`);
    for (const [name, value] of Object.entries(options)) this.set(name, value);
  }

  /** The text of an option; undefined where it is not set. */
  get(name: string): string | undefined {
    return this.#entries.get(name.toLowerCase())?.text;
  }

  /** The options as they were written, without those named in `except`. */
  toRecord(except: readonly string[] = []): Record<string, string> {
    const left = new Set(except.map((name) => name.toLowerCase()));
    return Object.fromEntries([...this.#entries].filter(([key]) => !left.has(key)).map(([, { name, text }]) => [name, text]));
  }
}
