// Rows by key, for the program's own functions over each key's rows and state. Spark counterpart: `KeyValueGroupedDataset`.
import { parseInterval } from '../engine/analyzer.js';
import { MillraceError } from '../error/millrace-error.js';
import type { Expression, GroupsWithStateRelation, JsonValue } from '../plan/nodes.generated.js';
import { groupsWithStateNode } from '../plan/relation.js';
import { nextFunctionsNumber } from '../state/bound-functions.js';
import {
  boundPrograms,
  type GroupFunction,
  type KeyFunction,
  type ModuleProgram,
  moduleLoader,
  type ProcessorFunctions,
  type Program,
  type TimeMode,
  type VariableKind,
} from '../state/program.js';
import { describe, invalidArgument, moduleUrl, requireFunction } from './argument.js';
import type { DataFrame } from './data-frame.js';
import { keyOfColumn } from './key-column.js';
import { Schema, sqlTypeOf } from './schema.js';
import type { InputRow } from './types/row-types.js';
import type {
  FlatMapGroupStateOptions,
  GroupStateOf,
  GroupStateOptions,
  KeyRows,
  OutputRows,
  ProcessorModule,
  StatefulProcessor,
  StateType,
  StateVariable,
} from './types/state-types.js';

const TIME_MODES: readonly unknown[] = ['none', 'eventTime', 'processingTime'];
const VARIABLE_KINDS: readonly unknown[] = ['value', 'list', 'map'];

/** A variable as the plan has it. */
type VariableNode = { readonly name: string; readonly kind: VariableKind; readonly [field: string]: JsonValue };

/** What the three methods have in common. */
interface Declaration {
  readonly method: Program['api'];
  readonly timeMode: unknown;
  readonly outputMode: unknown;
  readonly output: unknown;
  readonly initialState: unknown;
  readonly variables: readonly VariableNode[];
}

/**
 * What `groupByKey(...)` returns: rows of type `R` by keys of type `K`.
 *
 * ```ts
 * df.groupByKey((row) => row.user).transformWithState({
 *   state: { total: { type: 'value', of: schema({ total: 'long' }) } },
 *   output: schema({ user: 'string', total: 'long' }),
 *   handleInputRows(user, rows, { state }) {
 *     let total = state.total.get()?.total ?? 0n;
 *     for (const row of rows) total += BigInt(row.amount ?? 0);
 *     state.total.update({ total });
 *     return [{ user, total }];
 *   },
 * });
 * ```
 */
export class KeyValueGroupedDataset<K, R> {
  readonly #input: DataFrame<unknown>;
  readonly #key: Expression | KeyFunction;

  /** Users call `groupByKey`. */
  constructor(input: DataFrame<unknown>, key: Expression | KeyFunction) {
    this.#input = input;
    this.#key = key;
  }

  /** The column that is the key, where it is one. */
  get #columns(): readonly Expression[] {
    return typeof this.#key === 'function' ? [] : [this.#key];
  }

  /** The function that computes the key of a row. */
  get #keyOf(): KeyFunction {
    return typeof this.#key === 'function' ? this.#key : keyOfColumn(this.#key);
  }

  /**
   * Calls the program's functions with each key, its rows of the batch, its variables of state and its timers; what they return comes out.
   * Functions that are the exports of a module (`module: new URL('./totals.js', import.meta.url)`) run in worker threads, by shard.
   * Throws ARGUMENT_INVALID for what is not declared right, STATEFUL_PROCESSOR_INCORRECT_TIME_MODE_TO_ASSIGN_TTL, PARSE_SYNTAX_ERROR.
   */
  transformWithState<const S extends Readonly<Record<string, StateVariable>>, O, I = unknown>(
    processor: StatefulProcessor<K, R, S, O, I> | ProcessorModule<K, S, O, I>,
  ): DataFrame<O> {
    const method = 'transformWithState';
    requireObject(method, processor);
    const module = 'module' in processor ? moduleUrl(method, processor.module) : undefined;
    if (!('module' in processor)) requireFunction(method, 'handleInputRows', processor.handleInputRows);
    const { outputMode, output, initialState, timeMode = 'none' } = processor;
    return this.#derive(
      { method, timeMode, outputMode, output, initialState, variables: variableNodes(processor.state, timeMode) },
      (variables) =>
        module === undefined
          ? { api: method, timeMode, variables, functions: processor as unknown as ProcessorFunctions }
          : { api: method, timeMode, variables, module, loader: moduleLoader() },
    );
  }

  /**
   * Calls a function with each key, its rows of the batch and its state; the rows that it returns come out. It is called for a key without rows when
   * the key's timeout has passed. A module's default export, named by its URL or path, runs in worker threads, by shard.
   */
  flatMapGroupsWithState<const S extends StateType, O>(
    options: FlatMapGroupStateOptions<K, S, O>,
    groupFunction: ((key: K, rows: KeyRows<R>, state: GroupStateOf<S>) => OutputRows<NoInfer<O>>) | URL | string,
  ): DataFrame<O> {
    requireObject('flatMapGroupsWithState', options);
    if (options.outputMode === undefined) throw modeRefused('flatMapGroupsWithState');
    return this.#groupFunction('flatMapGroupsWithState', options, options.outputMode, groupFunction);
  }

  /** As `flatMapGroupsWithState`, for functions that return one row a call. Queries are in update mode. */
  mapGroupsWithState<const S extends StateType, O>(
    options: GroupStateOptions<K, S, O>,
    groupFunction: ((key: K, rows: KeyRows<R>, state: GroupStateOf<S>) => InputRow<NoInfer<O>>) | URL | string,
  ): DataFrame<O> {
    requireObject('mapGroupsWithState', options);
    return this.#groupFunction('mapGroupsWithState', options, undefined, groupFunction);
  }

  #groupFunction<O>(
    method: 'flatMapGroupsWithState' | 'mapGroupsWithState',
    options: GroupStateOptions<K, StateType, O>,
    outputMode: unknown,
    groupFunction: unknown,
  ): DataFrame<O> {
    const isModule = typeof groupFunction === 'string' || groupFunction instanceof URL;
    if (!isModule) requireFunction(method, 'the second argument', groupFunction);
    const timeMode = options.timeout ?? 'none';
    const variables: VariableNode[] = [{ name: 'state', kind: 'value', type: typeText(method, options.state) }];
    const { output, initialState } = options;
    return this.#derive({ method, timeMode, outputMode, output, initialState, variables }, (declared) =>
      isModule
        ? { api: method, timeMode, variables: declared, module: moduleUrl(method, groupFunction), loader: moduleLoader() }
        : { api: method, timeMode, variables: declared, function: groupFunction as GroupFunction },
    );
  }

  #derive<O>(declaration: Declaration, program: (variables: Program['variables']) => Program | ModuleProgram): DataFrame<O> {
    const { method, timeMode, outputMode, output, initialState, variables } = declaration;
    if (!TIME_MODES.includes(timeMode)) throw invalidArgument(method, `the time mode is one of ${TIME_MODES.join(', ')}`);
    if (outputMode !== undefined && outputMode !== 'append' && outputMode !== 'update') throw modeRefused(method);
    if (!(output instanceof Schema)) throw invalidArgument(method, `output must be a schema(...), got ${describe(output)}`);
    const initial = initialState === undefined ? null : initialFrame(method, initialState);
    // Where the program computes the keys of either, it computes those of both: they are found by one another.
    const computes = typeof this.#key === 'function' || (initial !== null && typeof initial.#key === 'function');
    const keyOf = computes ? { rows: this.#keyOf, initialRows: initial === null ? null : initial.#keyOf } : null;
    const number = nextFunctionsNumber();
    const node: GroupsWithStateRelation = groupsWithStateNode({
      input: this.#input.plan,
      program: number,
      api: method,
      keys: computes ? [] : this.#columns,
      ...(computes && { computesKeys: true }),
      variables,
      output: output.ddl,
      outputMode: outputMode as string | undefined,
      timeMode: timeMode as TimeMode,
      ...(initial !== null && { initialState: initial.#input.plan, initialKeys: computes ? [] : initial.#columns }),
    });
    boundPrograms.bind(node, number, { program: program(variables.map(({ name, kind }) => ({ name, kind }))), keyOf });
    return initial === null ? this.#input.derive<O>(node) : this.#input.combine<O>(initial.#input, node);
  }
}

function initialFrame(method: string, initialState: unknown): KeyValueGroupedDataset<unknown, unknown> {
  if (initialState instanceof KeyValueGroupedDataset) return initialState;
  throw invalidArgument(method, `initialState must be rows by key, as groupByKey(...) gives them; got ${describe(initialState)}`);
}

/** Spark's words. */
function modeRefused(method: string): MillraceError {
  return invalidArgument(method, 'The output mode of function should be append or update');
}

function variableNodes(state: unknown, timeMode: unknown): VariableNode[] {
  const method = 'transformWithState';
  if (typeof state !== 'object' || state === null)
    throw invalidArgument(method, `state must be an object of variables, got ${describe(state)}`);
  return Object.entries(state as Record<string, StateVariable>).map(([name, variable]) => {
    if (typeof variable !== 'object' || variable === null || !VARIABLE_KINDS.includes(variable.type)) {
      throw invalidArgument(method, `the state ${name} must be of type ${VARIABLE_KINDS.join(', ')}`);
    }
    const node = { name, kind: variable.type, type: typeText(method, variable.of) };
    const keyed = variable.type === 'map' ? { ...node, keyType: typeText(method, variable.key) } : node;
    return variable.ttl === undefined ? keyed : { ...keyed, ttlMs: ttlMs(name, variable.ttl, timeMode) };
  });
}

function ttlMs(stateName: string, ttl: number | string, timeMode: unknown): number {
  if (timeMode !== 'processingTime') {
    throw new MillraceError('STATEFUL_PROCESSOR_INCORRECT_TIME_MODE_TO_ASSIGN_TTL', {
      parameters: { stateName, timeMode: String(timeMode) },
    });
  }
  const millis = Math.trunc(typeof ttl === 'string' ? parseInterval(ttl) : ttl);
  if (millis > 0) return millis;
  throw new MillraceError('STATEFUL_PROCESSOR_TTL_DURATION_MUST_BE_POSITIVE', { parameters: { operationType: 'update', stateName } });
}

/** The DDL text of a type of state, which is there or not: it has no NOT NULL. */
function typeText(method: string, type: unknown): string {
  return sqlTypeOf(method, 'the type of state', type).replace(/\s+not\s+null\s*$/i, '');
}

function requireObject(method: string, argument: unknown): void {
  if (typeof argument !== 'object' || argument === null) throw invalidArgument(method, `expected an object, got ${describe(argument)}`);
}
