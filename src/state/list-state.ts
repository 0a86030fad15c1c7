// A variable that holds values in order. Spark counterpart: `ListState`.
import { MillraceError } from '../error/millrace-error.js';
import type { ColumnVector } from '../result/column-vector.js';
import type { CallSite } from './call-site.js';
import { copied } from './copied.js';
import type { VariableWrites } from './variable-writes.js';
import { WriteOverlay } from './write-overlay.js';

/** Values that a batch has added to a list, or put in its place. */
interface ListWrite {
  replaces: boolean;
  values: unknown[];
}

/** The list of the key in hand. */
export class ListVariable {
  readonly #name: string;
  readonly #site: CallSite;
  readonly #overlay = new WriteOverlay<ListWrite>();
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

  /** Whether there is any value. */
  exists(): boolean {
    return this.get().length > 0;
  }

  /** The values in the order they came. */
  get(): unknown[] {
    const { group } = this.#site;
    const write = this.#written();
    const held = write?.replaces ? [] : ((this.#held?.get(group) ?? []) as unknown[]);
    return write === null ? held : [...held, ...write.values.map(copied)];
  }

  /** Puts these values in the place of all. Throws ILLEGAL_STATE_STORE_VALUE.EMPTY_LIST_VALUE, as Spark does: an empty list is `clear()`. */
  put(values: Iterable<unknown>): void {
    const list = this.#checked(values);
    this.#overlay.set(this.#site.group, { replaces: true, values: list });
    // Spark's put counts anew: what the partition had updated before is not in the metric any more.
    this.#site.counters.updated = list.length;
  }

  /** Adds a value. */
  append(value: unknown): void {
    this.appendList([value]);
  }

  /** Adds values. */
  appendList(values: Iterable<unknown>): void {
    const list = this.#checked(values);
    const write = this.#written();
    if (write === null) this.#overlay.set(this.#site.group, { replaces: false, values: list });
    else write.values.push(...list);
    this.#site.counters.updated += list.length;
  }

  /** Removes all values. */
  clear(): void {
    this.#site.counters.removed += this.get().length;
    this.#overlay.set(this.#site.group, { replaces: true, values: [] });
  }

  /** What was written since it was last asked for, group by group. */
  takeWrites(): VariableWrites {
    const { groups, values } = this.#overlay.take();
    return { groups, replaces: values.map(({ replaces }) => replaces), values: values.map((write) => write.values) };
  }

  #written(): ListWrite | null {
    const { group } = this.#site;
    return this.#overlay.has(group) ? this.#overlay.get(group) : null;
  }

  #checked(values: Iterable<unknown>): unknown[] {
    const parameters = { stateName: this.#name };
    if (values === null || values === undefined) throw new MillraceError('ILLEGAL_STATE_STORE_VALUE.NULL_VALUE', { parameters });
    const list = Array.from(values, copied);
    if (list.length === 0) throw new MillraceError('ILLEGAL_STATE_STORE_VALUE.EMPTY_LIST_VALUE', { parameters });
    if (list.some((value) => value === null || value === undefined)) {
      throw new MillraceError('ILLEGAL_STATE_STORE_VALUE.NULL_VALUE', { parameters });
    }
    return list;
  }
}
