// Functions of the program beside its plan. They cannot stand in a plan, which is data: they are kept beside a part of it, for as long as that lives.
import type { Relation } from '../plan/nodes.generated.js';

let functionsCount = 0;

/** A number for functions, unique within the process. */
export function nextFunctionsNumber(): number {
  functionsCount += 1;
  return functionsCount - 1;
}

/** Functions of one kind, by the part of a plan that stands for them. */
export class BoundFunctions<T> {
  readonly #bound = new WeakMap<object, { readonly number: number; readonly functions: T }>();

  /** Binds functions to a part of a plan, under their number. */
  bind(part: object, number: number, functions: T): void {
    this.#bound.set(part, { number, functions });
  }

  /** Those of a plan, by their numbers. */
  of(plan: Relation): ReadonlyMap<number, T> {
    const found = new Map<number, T>();
    // A plan that was built in a loop may nest deeper than calls can.
    const pending: unknown[] = [plan];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (typeof next !== 'object' || next === null) continue;
      const bound = this.#bound.get(next);
      if (bound !== undefined) found.set(bound.number, bound.functions);
      pending.push(...Object.values(next));
    }
    return found;
  }
}
