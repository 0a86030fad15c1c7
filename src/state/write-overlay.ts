// What a batch has written so far, over what the state held before it.

/** One entry a group that was written. */
export class WriteOverlay<T> {
  /** By group: 1 + the place of its entry, 0 without one. */
  #places = new Uint32Array(0);
  #groups: number[] = [];
  #values: T[] = [];

  /** A batch of so many groups begins: nothing is written. */
  open(numGroups: number): void {
    if (this.#places.length < numGroups) this.#places = new Uint32Array(numGroups);
    else this.#places.fill(0, 0, numGroups);
    this.#groups = [];
    this.#values = [];
  }

  has(group: number): boolean {
    return this.#places[group] !== 0;
  }

  /** The entry of a group that has one. */
  get(group: number): T {
    return this.#values[(this.#places[group] as number) - 1] as T;
  }

  set(group: number, value: T): void {
    const place = this.#places[group] as number;
    if (place !== 0) this.#values[place - 1] = value;
    else {
      this.#groups.push(group);
      this.#values.push(value);
      this.#places[group] = this.#groups.length;
    }
  }

  /** Takes the entries out, in the order of the groups, which are not asked for again. */
  take(): { readonly groups: readonly number[]; readonly values: readonly T[] } {
    const groups = this.#groups;
    const values = this.#values;
    this.#groups = [];
    this.#values = [];
    const isAscending = groups.every((group, at) => at === 0 || (groups[at - 1] as number) < group);
    if (isAscending) return { groups, values };
    const sorted = [...groups].sort((left, right) => left - right);
    return { groups: sorted, values: sorted.map((group) => values[(this.#places[group] as number) - 1] as T) };
  }
}
