// Grouping as Spark does it: the rows of a batch make partial groups, those that are not late are merged into the state, and groups whose time has
// passed are closed.
import { type Buffers, callsOf, emptyBuffers, finishExpression, mergeBuffers, updateBuffers } from './aggregate.ts';
import { evaluate, nameOf, type Tree } from './expression.ts';
import type { Clock, Operator } from './operator.ts';
import { isEventTime, type PlannedOperator, windowsOf } from './plan.ts';
import { groupValue, type Instant, keyText, type Row } from './value.ts';

/** One group of the state, or of a batch before it is merged into the state. */
interface Group {
  readonly keys: Row;
  /** When event time has passed the group, in microseconds; null: never. */
  readonly end: bigint | null;
  readonly buffers: Buffers;
}

export class Grouping implements Operator {
  readonly asksForNoData: boolean;
  readonly #plan: PlannedOperator;
  readonly #mode: string;
  readonly #state = new Map<string, Group>();

  constructor(plan: PlannedOperator, mode: string) {
    this.#plan = plan;
    this.#mode = mode;
    // It asks even where the watermark bounds none of its groups.
    this.asksForNoData = mode !== 'complete';
  }

  watermarkBehind(watermarkMs: number): number {
    return watermarkMs;
  }

  batch([rows = []]: readonly (readonly Row[])[], { lateMs, evictMs }: Clock) {
    const { tree: grouping } = this.#plan;
    const calls = (grouping['aggs'] as Tree[]).flatMap(callsOf);
    const hasPassed = ({ end }: Group, byMs: number) => this.#mode !== 'complete' && end !== null && end <= BigInt(byMs) * 1000n;

    const partial = new Map<string, Group>();
    // A global aggregate has its one group whatever comes.
    if (grouping['keys'].length === 0) partial.set('', { keys: {}, end: null, buffers: emptyBuffers(calls) });
    for (const row of rows) {
      for (const { keys, end } of this.#groupsOf(grouping['keys'], row)) {
        const id = Object.values(keys).map(keyText).join();
        const { buffers } = partial.get(id) ?? { buffers: emptyBuffers(calls) };
        partial.set(id, { keys, end, buffers: updateBuffers(calls, buffers, row) });
      }
    }

    const late = [...partial.values()].filter((group) => hasPassed(group, lateMs));
    const updated = [...partial].filter(([, group]) => !late.includes(group)).map(([id]) => id);
    for (const id of updated) {
      const fresh = partial.get(id) as Group;
      const known = this.#state.get(id);
      this.#state.set(id, known === undefined ? fresh : { ...known, buffers: mergeBuffers(calls, known.buffers, fresh.buffers) });
    }
    const closed = [...this.#state].filter(([, group]) => hasPassed(group, evictMs)).map(([id]) => id);
    const shown = { append: closed, update: updated, complete: [...this.#state.keys()] }[this.#mode] as string[];
    const output = shown.map((id) => resultOf(grouping, calls, this.#state.get(id) as Group));
    for (const id of closed) this.#state.delete(id);
    const operator = 'stateStoreSave';
    const counts = { total: this.#state.size, updated: updated.length, removed: closed.length, droppedByWatermark: late.length };
    return { output, counts: { operator, ...counts } };
  }

  /** The groups that a row belongs to: one for each of its windows. */
  #groupsOf(keys: readonly Tree[], row: Row): { keys: Row; end: bigint | null }[] {
    const { eventTimes } = this.#plan.inputs[0] as PlannedOperator['inputs'][number];
    let groups: { keys: Row; end: bigint | null }[] = [{ keys: {}, end: null }];
    for (const tree of keys) {
      const name = nameOf(tree);
      const call = 'alias' in tree ? (tree['expr'] as Tree) : tree;
      const isTime = isEventTime(call, eventTimes);
      const values = call['fn'] === 'window' ? windowsOf(call, row) : [groupValue(evaluate(tree, row))];
      groups = groups.flatMap(({ keys: known, end }) =>
        values.map((value) => ({
          keys: { ...known, [name]: value },
          end: isTime && value !== null ? microsOf(value as Instant | { readonly end: Instant }) : end,
        })),
      );
    }
    return groups.filter(({ keys }) => this.#plan.groupFilters.every((condition) => evaluate(condition, keys) === true));
  }
}

function microsOf(time: Instant | { readonly end: Instant }): bigint {
  return 'end' in time ? time.end.micros : time.micros;
}

/** The row of a group: its keys, then its results. */
export function resultOf(
  grouping: Tree,
  calls: readonly Tree[],
  { keys, buffers }: { readonly keys: Row; readonly buffers: Buffers },
): Row {
  return {
    ...keys,
    ...Object.fromEntries((grouping['aggs'] as Tree[]).map((tree) => [nameOf(tree), finishExpression(tree, calls, buffers)])),
  };
}
