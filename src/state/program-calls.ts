// The calls of a program's functions: which one is made for rows and which for a timer, with what in their hands.
import { MillraceError } from '../error/millrace-error.js';
import { reasonOf } from '../error/reason-of.js';
import type { ArrayVector, ColumnVector } from '../result/column-vector.js';
import { keyText } from './call-failure.js';
import type { CallSite } from './call-site.js';
import { GroupStateVariable, type IntervalReader } from './group-state.js';
import { ListVariable } from './list-state.js';
import { MapVariable } from './map-state.js';
import type { Program, ProgramVariable } from './program.js';
import { type DueTimer, Timers, type TimerWrites } from './timers.js';
import { ValueVariable } from './value-state.js';
import type { VariableWrites } from './variable-writes.js';

/** What a call gives: rows, or nothing. */
export type CallOutcome = Iterable<unknown> | null | undefined | void;

/** A program's functions as the runner calls them. */
export interface ProgramCalls {
  /** A batch begins: what its groups hold in each variable, and their timers. */
  open(variables: readonly ColumnVector[], timers: ColumnVector, numGroups: number): void;
  /** Whether a key with initial state is called without rows too. */
  readonly callsWithoutRows: boolean;
  /** The rows that a key's state begins with: before any other call for it. */
  onInitial(key: unknown, rows: Iterable<unknown>): void;
  onRows(key: unknown, rows: Iterable<unknown>): CallOutcome;
  /** The rows of a shard are through: of the timers that were due before the batch, and those that its calls have made, the ones that fire. */
  due(before: readonly DueTimer[]): readonly DueTimer[];
  onDue(key: unknown, timeMs: number): CallOutcome;
  /** The error of a function that threw `cause` with `key` in hand. */
  failure(key: unknown, cause: unknown): MillraceError;
  /** What was written into each variable since it was last asked for. Calls for the groups of it are over. */
  takeWrites(): readonly VariableWrites[];
  takeTimerWrites(): TimerWrites;
  close(): void;
}

/** The functions of `transformWithState`. */
export function callProcessor(program: Extract<Program, { api: 'transformWithState' }>, site: CallSite): ProgramCalls {
  const { functions, timeMode } = program;
  const variables = program.variables.map((variable) => variableOf(variable, site));
  const timers = new Timers(timeMode, site);
  const state = Object.fromEntries(program.variables.map(({ name }, position) => [name, variables[position]]));
  const context = Object.freeze({ state: Object.freeze(state), timers });
  let isOpen = false;
  let running = 'handleInputRows';
  return {
    open(held, heldTimers, numGroups) {
      for (const [position, variable] of variables.entries()) variable.open(held[position] as ColumnVector, numGroups);
      timers.open(heldTimers);
      if (isOpen) return;
      isOpen = true;
      functions.init?.(context);
    },
    callsWithoutRows: false,
    onInitial(key, rows) {
      running = 'handleInitialState';
      for (const row of rows) functions.handleInitialState?.(key, row, context);
    },
    onRows(key, rows) {
      running = 'handleInputRows';
      return functions.handleInputRows(key, rows, context);
    },
    due: (before) => timers.due(before),
    onDue(key, timeMs) {
      running = 'handleExpiredTimer';
      const rows = functions.handleExpiredTimer?.(key, { expiryMs: timeMs }, context);
      // What a generator does happens when it is gone through, before the timer is taken away.
      const made = rows === undefined || rows === null || Array.isArray(rows) ? rows : [...rows];
      timers.deleteTimer(timeMs);
      return made;
    },
    failure(key, cause) {
      const parameters = { function: running, key: keyText(key), reason: reasonOf(cause) };
      return new MillraceError('TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR', { parameters, context: { key: keyText(key) }, cause });
    },
    takeWrites: () => variables.map((variable) => variable.takeWrites()),
    takeTimerWrites: () => timers.takeWrites(),
    close() {
      if (isOpen) functions.close?.();
      isOpen = false;
    },
  };
}

/** The function of `flatMapGroupsWithState` or `mapGroupsWithState`. */
export function callGroupFunction(
  program: Exclude<Program, { api: 'transformWithState' }>,
  hasWatermark: boolean,
  site: CallSite,
  millisOf: IntervalReader,
): ProgramCalls {
  const state = new GroupStateVariable(program.timeMode, hasWatermark, site, millisOf);
  const call = (key: unknown, rows: Iterable<unknown>, hasTimedOut: boolean): CallOutcome => {
    state.beginCall(hasTimedOut);
    const made = program.function(key, rows, state);
    // A generator runs as it is gone through: its state is final behind its last row.
    const output = program.api === 'mapGroupsWithState' ? [made] : isLazy(made) ? [...made] : (made as CallOutcome);
    state.endCall();
    return output;
  };
  return {
    open: ([held], timeouts) => state.open(held as ColumnVector, timeouts as ArrayVector),
    callsWithoutRows: true,
    onInitial(_key, rows) {
      const [row, second] = rows;
      if (second !== undefined)
        throw new MillraceError('ARGUMENT_INVALID', { parameters: { function: program.api, reason: SEVERAL_STATES } });
      state.begin(row as object);
    },
    onRows: (key, rows) => call(key, rows, false),
    due: (before) => before,
    onDue: (key) => call(key, [], true),
    failure(key, cause) {
      const parameters = { key: keyText(key), reason: reasonOf(cause) };
      return new MillraceError('FLATMAPGROUPSWITHSTATE_USER_FUNCTION_ERROR', { parameters, context: { key: keyText(key) }, cause });
    },
    takeWrites: () => [state.takeWrites()],
    takeTimerWrites: () => state.takeTimerWrites(),
    close() {},
  };
}

/** Spark's words. */
const SEVERAL_STATES =
  'The initial state provided contained multiple rows(state) with the same key. Make sure to de-duplicate the initial state before passing it.';

function isLazy(made: unknown): made is Iterable<unknown> {
  return typeof made === 'object' && made !== null && !Array.isArray(made) && Symbol.iterator in made;
}

type Variable = ValueVariable | ListVariable | MapVariable;

function variableOf({ name, kind }: ProgramVariable, site: CallSite): Variable {
  switch (kind) {
    case 'value':
      return new ValueVariable(name, site);
    case 'list':
      return new ListVariable(name, site);
    case 'map':
      return new MapVariable(name, site);
  }
}
