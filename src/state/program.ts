// What runs over groups: the program's own functions, as the stage that calls them sees them.
import { BoundFunctions } from './bound-functions.js';

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
  /** What computes the keys, where they are no columns, of the rows and of those that state begins with: on the main thread, whoever runs the rest. */
  readonly keyOf: { readonly rows: KeyFunction; readonly initialRows: KeyFunction | null } | null;
}

/** The programs that are bound to nodes of plans. */
export const boundPrograms = new BoundFunctions<BoundProgram>();
