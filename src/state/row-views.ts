// Rows as the program's functions see them: views over the columns of a batch, whose values are made when they are asked for.
import { inspect } from 'node:util';
import type { ColumnVector } from '../result/column-vector.js';

/** Makes the view of row `index` over these columns. */
export type RowViewMaker = new (columns: readonly ColumnVector[], index: number) => object;

/**
 * The class of views over columns of these names. Its properties are getters of the class: a view is two words, however many columns there are,
 * and only what is read is decoded. `toJSON()` gives a plain object.
 */
export function rowViewClass(names: readonly string[]): RowViewMaker {
  class RowView {
    readonly #columns: readonly ColumnVector[];
    readonly #index: number;

    constructor(columns: readonly ColumnVector[], index: number) {
      this.#columns = columns;
      this.#index = index;
    }

    static read(view: RowView, position: number): unknown {
      return (view.#columns[position] as ColumnVector).get(view.#index);
    }
  }
  const plain = function (this: RowView): Record<string, unknown> {
    return Object.fromEntries(names.map((name, position) => [name, RowView.read(this, position)]));
  };
  // Not enumerable, and before the columns: a column of that name takes its place.
  Object.defineProperty(RowView.prototype, 'toJSON', { value: plain, configurable: true });
  Object.defineProperty(RowView.prototype, inspect.custom, { value: plain });
  for (const [position, name] of names.entries()) {
    const get = function (this: RowView): unknown {
      return RowView.read(this, position);
    };
    Object.defineProperty(RowView.prototype, name, { get, enumerable: true, configurable: true });
  }
  return RowView;
}

/** The rows of one group, which can be gone through as often as one likes. */
export class GroupRows implements Iterable<object> {
  /** Number of rows. */
  readonly length: number;
  readonly #make: RowViewMaker;
  readonly #columns: readonly ColumnVector[];
  readonly #start: number;

  constructor(make: RowViewMaker, columns: readonly ColumnVector[], start: number, end: number) {
    this.length = end - start;
    this.#make = make;
    this.#columns = columns;
    this.#start = start;
  }

  [Symbol.iterator](): Iterator<object> {
    return new GroupRowIterator(this.#make, this.#columns, this.#start, this.#start + this.length);
  }
}

/** Gives the views one after the other, in itself as the result of each step: a loop over rows makes nothing but the views. */
class GroupRowIterator implements Iterator<object> {
  done = false;
  value: any;
  readonly #make: RowViewMaker;
  readonly #columns: readonly ColumnVector[];
  readonly #end: number;
  #next: number;

  constructor(make: RowViewMaker, columns: readonly ColumnVector[], start: number, end: number) {
    this.#make = make;
    this.#columns = columns;
    this.#next = start;
    this.#end = end;
  }

  next(): IteratorResult<object> {
    if (this.#next < this.#end) {
      this.value = new this.#make(this.#columns, this.#next);
      this.#next += 1;
    } else {
      this.done = true;
      this.value = undefined;
    }
    return this;
  }

  [Symbol.iterator](): this {
    return this;
  }
}
