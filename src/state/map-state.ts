// A variable that holds values by keys of their own. Spark counterpart: `MapState`.
import { MillraceError } from '../error/millrace-error.js';
import type { ColumnVector } from '../result/column-vector.js';
import type { CallSite } from './call-site.js';
import { copied } from './copied.js';
import { keyIdentity } from './key-identity.js';
import type { VariableWrites } from './variable-writes.js';
import { WriteOverlay } from './write-overlay.js';

/** An entry, by what makes its key the same as another. */
type Entries = Map<unknown, { readonly key: unknown; readonly value: unknown }>;

/** The map of a key as the batch has left it so far, and which entries it has changed. */
interface MapWrite {
  replaces: boolean;
  readonly now: Entries;
  readonly changed: Map<unknown, unknown>;
}

/** The map of the key in hand. */
export class MapVariable {
  readonly #name: string;
  readonly #site: CallSite;
  readonly #overlay = new WriteOverlay<MapWrite>();
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

  /** Whether there is any entry. */
  exists(): boolean {
    return this.#now().size > 0;
  }

  /** The value of a key, null where there is none. */
  getValue(key: unknown): unknown {
    return copied(this.#now().get(keyIdentity(key))?.value ?? null);
  }

  /** Whether the key has a value. */
  containsKey(key: unknown): boolean {
    return this.#now().has(keyIdentity(key));
  }

  /** Sets the value of a key. */
  updateValue(key: unknown, value: unknown): void {
    for (const part of [key, value]) {
      if (part === null || part === undefined) {
        throw new MillraceError('ILLEGAL_STATE_STORE_VALUE.NULL_VALUE', { parameters: { stateName: this.#name } });
      }
    }
    const write = this.#write();
    const identity = keyIdentity(key);
    write.now.set(identity, { key: copied(key), value: copied(value) });
    write.changed.set(identity, key);
    this.#site.counters.updated += 1;
  }

  /** Removes a key. */
  removeKey(key: unknown): void {
    const write = this.#write();
    const identity = keyIdentity(key);
    write.now.delete(identity);
    write.changed.set(identity, key);
    this.#site.counters.removed += 1;
  }

  /** Removes all entries. */
  clear(): void {
    this.#site.counters.removed += this.#now().size;
    this.#overlay.set(this.#site.group, { replaces: true, now: new Map(), changed: new Map() });
  }

  /** The entries. */
  *iterator(): IterableIterator<[unknown, unknown]> {
    for (const { key, value } of [...this.#now().values()]) yield [key, copied(value)];
  }

  /** The keys. */
  *keys(): IterableIterator<unknown> {
    for (const [key] of this.iterator()) yield key;
  }

  /** The values. */
  *values(): IterableIterator<unknown> {
    for (const [, value] of this.iterator()) yield value;
  }

  [Symbol.iterator](): IterableIterator<[unknown, unknown]> {
    return this.iterator();
  }

  /** What was written since it was last asked for, group by group: entries that were removed have no value. */
  takeWrites(): VariableWrites {
    const { groups, values } = this.#overlay.take();
    const changes = ({ changed, now }: MapWrite) => new Map([...changed].map(([identity, key]) => [key, now.get(identity)?.value ?? null]));
    return { groups, replaces: values.map(({ replaces }) => replaces), values: values.map(changes) };
  }

  #now(): Entries {
    const { group } = this.#site;
    return this.#overlay.has(group) ? this.#overlay.get(group).now : this.#heldEntries(group);
  }

  #write(): MapWrite {
    const { group } = this.#site;
    if (!this.#overlay.has(group)) {
      this.#overlay.set(group, { replaces: false, now: this.#heldEntries(group), changed: new Map() });
    }
    return this.#overlay.get(group);
  }

  #heldEntries(group: number): Entries {
    const entries: Entries = new Map();
    const held = (this.#held?.get(group) ?? new Map()) as Map<unknown, unknown>;
    for (const [key, value] of held) entries.set(keyIdentity(key), { key, value });
    return entries;
  }
}
