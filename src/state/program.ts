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
  handleInitialState?(key: unknown, row: unknown, context: unknown): void;
  handleExpiredTimer?(key: unknown, timer: { readonly expiryMs: number }, context: unknown): Iterable<unknown> | void;
  close?(): void;
}

/** The function of `flatMapGroupsWithState` and `mapGroupsWithState`: for the latter it gives one row instead of many. */
export type GroupFunction = (key: unknown, rows: Iterable<unknown>, state: unknown) => unknown;

/** Computes the key of a row. */
export type KeyFunction = (row: object) => unknown;

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

/** Functions that are a module's: named by its URL, so that any thread can load them. */
export interface ModuleProgram {
  readonly api: Program['api'];
  readonly timeMode: TimeMode;
  readonly variables: readonly ProgramVariable[];
  /** The module's URL. */
  readonly module: string;
  /** A module that is loaded before it, so that it can be loaded; null for none. */
  readonly loader: string | null;
}

/** What this process loaded its own modules with: the URL that `millrace/cli/register` leaves where it stands, so that threads can do the same. */
export function moduleLoader(): string | null {
  const loader: unknown = (globalThis as { readonly [name: symbol]: unknown })[Symbol.for('millrace.moduleLoader')];
  return typeof loader === 'string' ? loader : null;
}

/** What the program has bound to a node of its plan. */
export interface BoundProgram {
  /** What runs over the groups. */
  readonly program: Program | ModuleProgram;
  /** What computes the keys, where they are no column: on the main thread, whoever runs the rest. */
  readonly keyOf: KeyFunction | null;
}

/** Functions cannot stand in a plan, which is data: they are kept beside their node, for as long as that lives. */
const programs = new WeakMap<Relation, BoundProgram & { readonly number: number }>();
let programCount = 0;

/** A number for a program, unique within the process. */
export function nextProgramNumber(): number {
  programCount += 1;
  return programCount - 1;
}

/** Binds the program's functions to the node that stands for them in a plan. */
export function bindProgram(node: Extract<Relation, { op: 'groupsWithState' }>, bound: BoundProgram): void {
  programs.set(node, { ...bound, number: node.program });
}

/** The programs of a plan by their numbers. */
export function programsOf(plan: Relation): ReadonlyMap<number, BoundProgram> {
  const found = new Map<number, BoundProgram>();
  // A plan that was built in a loop may nest deeper than calls can.
  const pending: unknown[] = [plan];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    const bound = programs.get(next as Relation);
    if (bound !== undefined) found.set(bound.number, bound);
    pending.push(...Object.values(next));
  }
  return found;
}
