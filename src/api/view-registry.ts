// The views of a session by name: what SQL text finds in FROM. Spark counterpart: the temporary views of `SessionCatalog`.
import type { DataFrame } from './data-frame.js';

/** A DataFrame under a name. */
export interface View {
  readonly name: string;
  readonly dataFrame: DataFrame<unknown>;
}

/** Names are the same in upper and lower case. */
export class ViewRegistry {
  readonly #views = new Map<string, View>();

  /** Registers a view; one of that name is replaced. */
  set(name: string, dataFrame: DataFrame<unknown>): void {
    this.#views.set(name.toLowerCase(), { name, dataFrame });
  }

  get(name: string): View | undefined {
    return this.#views.get(name.toLowerCase());
  }

  /**
   * The views that a query can mean: those whose names stand in its text as words of their own. The parser decides what they mean there;
   * this only keeps plans small where a session has many views.
   */
  mentionedIn(text: string): View[] {
    const words = new Set(text.toLowerCase().match(/[\p{L}\p{N}_$]+/gu) ?? []);
    const isWord = /^[\p{L}\p{N}_$]+$/u;
    return [...this.#views].filter(([key]) => words.has(key) || !isWord.test(key)).map(([, view]) => view);
  }
}
