// A variable that holds one value a key. Spark counterpart: `ValueState`.
import { MillraceError } from '../error/millrace-error.js';
import type { ColumnVector } from '../result/column-vector.js';
import type { CallSite } from './call-site.js';
import { copied } from './copied.js';
import type { VariableWrites } from './variable-writes.js';
import { WriteOverlay } from './write-overlay.js';

/** The value of the key in hand. */
export class ValueVariable {
  readonly #name: string;
  readonly #site: CallSite;
  readonly #overlay = new WriteOverlay<unknown>();
  #held: ColumnVector | null = null;

  constructor(name: string, site: CallSite) {
    this.#name = name;
    this.#site = site;
  }

  /** A batch begins: `held` is what its groups hold. */
  open(held: ColumnVector, numGroups: number): void {
    this.#held = held;
    this.#overlay.open(numGroups);
  }

  /** Whether there is a value. */
  exists(): boolean {
    const { group } = this.#site;
    return this.#overlay.has(group) ? this.#overlay.get(group) !== null : !(this.#held?.isNull(group) ?? true);
  }

  /** The value, null where there is none. */
  get(): unknown {
    const { group } = this.#site;
    return this.#overlay.has(group) ? copied(this.#overlay.get(group)) : (this.#held?.get(group) ?? null);
  }

  /** Sets the value. Throws ILLEGAL_STATE_STORE_VALUE.NULL_VALUE for null. */
  update(value: unknown): void {
    if (value === null || value === undefined) {
      throw new MillraceError('ILLEGAL_STATE_STORE_VALUE.NULL_VALUE', { parameters: { stateName: this.#name } });
    }
    this.#overlay.set(this.#site.group, copied(value));
    this.#site.counters.updated += 1;
  }

  /** Removes the value. */
  clear(): void {
    this.#overlay.set(this.#site.group, null);
    this.#site.counters.removed += 1;
  }

  /** What was written since it was last asked for, group by group. */
  takeWrites(): VariableWrites {
    const { groups, values } = this.#overlay.take();
    return { groups, replaces: groups.map(() => true), values };
  }
}
