// What a session has under names that SQL text may mention: views, functions. Spark counterpart: the temporary views and functions of `SessionCatalog`.

/** Names are the same in upper and lower case. */
export class NameRegistry<T> {
  readonly #entries = new Map<string, T>();

  /** Puts an entry under a name; one of that name is replaced. */
  set(name: string, entry: T): void {
    this.#entries.set(name.toLowerCase(), entry);
  }

  get(name: string): T | undefined {
    return this.#entries.get(name.toLowerCase());
  }

  /** Whether nothing has a name. */
  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /**
   * What a text can mean: the entries whose names stand in it as words of their own. The parser decides what they mean there;
   * this only keeps plans small where a session has many names.
   */
  mentionedIn(text: string): T[] {
    const words = new Set(text.toLowerCase().match(/[\p{L}\p{N}_$]+/gu) ?? []);
    const isWord = /^[\p{L}\p{N}_$]+$/u;
    return [...this.#entries].filter(([name]) => words.has(name) || !isWord.test(name)).map(([, entry]) => entry);
  }
}
