// What runs over groups: the program's own functions, as the stage that calls them sees them.
import type { Relation } from '../plan/nodes.generated.js';

/** What timers and timeouts go by: nothing, the watermark, or the clock. Spark counterpart: `TimeMode`, `GroupStateTimeout`. */
export type TimeMode = 'none' | 'eventTime' | 'processingTime';

/** What a variable of state holds for each key. */
export type VariableKind = 'value' | 'list' | 'map';

/** A variable of state, by its name. */
export interface ProgramVariable {
  readonly name: string;
  readonly kind: VariableKind;
}

/** The functions of `transformWithState`. Spark counterpart: `StatefulProcessor`. */
export interface ProcessorFunctions {
  init?(context: unknown): void;
  handleInputRows(key: unknown, rows: Iterable<unknown>, context: unknown): Iterable<unknown> | void;
  handleExpiredTimer?(key: unknown, timer: { readonly expiryMs: number }, context: unknown): Iterable<unknown> | void;
  close?(): void;
}

/** The function of `flatMapGroupsWithState` and `mapGroupsWithState`: for the latter it gives one row instead of many. */
export type GroupFunction = (key: unknown, rows: Iterable<unknown>, state: unknown) => unknown;

/** The program's functions over groups, and what they were declared with. */
export type Program =
  | {
      readonly api: 'transformWithState';
      readonly timeMode: TimeMode;
      readonly variables: readonly ProgramVariable[];
      readonly functions: ProcessorFunctions;
    }
  | {
      readonly api: 'flatMapGroupsWithState' | 'mapGroupsWithState';
      readonly timeMode: TimeMode;
      readonly variables: readonly ProgramVariable[];
      readonly function: GroupFunction;
    };

/** Functions cannot stand in a plan, which is data: they are kept beside their node, for as long as that lives. */
const programs = new WeakMap<Relation, { readonly number: number; readonly program: Program }>();
let programCount = 0;

/** A number for a program, unique within the process. */
export function nextProgramNumber(): number {
  programCount += 1;
  return programCount - 1;
}

/** Binds the program's functions to the node that stands for them in a plan. */
export function bindProgram(node: Extract<Relation, { op: 'groupsWithState' }>, program: Program): void {
  programs.set(node, { number: node.program, program });
}

/** The programs of a plan by their numbers. */
export function programsOf(plan: Relation): ReadonlyMap<number, Program> {
  const found = new Map<number, Program>();
  // A plan that was built in a loop may nest deeper than calls can.
  const pending: unknown[] = [plan];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    const bound = programs.get(next as Relation);
    if (bound !== undefined) found.set(bound.number, bound.program);
    pending.push(...Object.values(next));
  }
  return found;
}
