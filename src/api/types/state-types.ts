// How the types of state, rows and output flow through groupByKey(): from what a program declares to what its functions get and give.
import type { TimeMode } from '../../state/program.js';
import type { KeyValueGroupedDataset } from '../key-value-grouped-dataset.js';
import type { Schema } from '../schema.js';
import type { SqlTypeText, TypeOf } from './ddl-types.js';
import type { InputRow } from './row-types.js';

/** The type of what a variable holds: a row, or a value of a SQL type. */
export type StateType = Schema<unknown> | SqlTypeText;

/** A variable of state: one value, values in order, or values by keys of their own. */
export type StateVariable =
  | { readonly type: 'value' | 'list'; readonly of: StateType; readonly ttl?: number | string }
  | { readonly type: 'map'; readonly key: StateType; readonly of: StateType; readonly ttl?: number | string };

/** The value that is kept, of a declared type. */
export type Held<T> = T extends Schema<infer Row> ? Row : T extends string ? Exclude<TypeOf<T>, null> : never;
type Given<T> = T extends Schema<infer Row> ? InputRow<Row> : T extends string ? GivenValue<Exclude<TypeOf<T>, null>> : never;
type GivenValue<V> = V extends bigint ? bigint | number : V;

/** The value of the key in hand. Spark counterpart: `ValueState`. */
export interface ValueState<V, G = V> {
  /** Whether there is a value. */
  exists(): boolean;
  /** The value, null where there is none. */
  get(): V | null;
  /** Sets the value. */
  update(value: G): void;
  /** Removes the value. */
  clear(): void;
}

/** Values of the key in hand, in order. Spark counterpart: `ListState`. */
export interface ListState<V, G = V> {
  /** Whether there is any value. */
  exists(): boolean;
  /** The values in the order they came. */
  get(): V[];
  /** Puts these in the place of all; an empty list is `clear()`. */
  put(values: Iterable<G>): void;
  /** Adds a value. Spark counterpart: `appendValue`. */
  append(value: G): void;
  /** Adds values. */
  appendList(values: Iterable<G>): void;
  /** Removes all values. */
  clear(): void;
}

/** Values of the key in hand, by keys of their own. Spark counterpart: `MapState`. */
export interface MapState<K, V, GK = K, G = V> extends Iterable<[K, V]> {
  /** Whether there is any entry. */
  exists(): boolean;
  /** The value of a key, null where there is none. */
  getValue(key: GK): V | null;
  /** Whether a key has a value. */
  containsKey(key: GK): boolean;
  /** Sets the value of a key. */
  updateValue(key: GK, value: G): void;
  /** Removes a key. */
  removeKey(key: GK): void;
  /** The entries. */
  iterator(): IterableIterator<[K, V]>;
  /** The keys. */
  keys(): IterableIterator<K>;
  /** The values. */
  values(): IterableIterator<V>;
  /** Removes all entries. */
  clear(): void;
}

type HandleOf<S> = S extends { readonly type: 'value'; readonly of: infer T }
  ? ValueState<Held<T>, Given<T>>
  : S extends { readonly type: 'list'; readonly of: infer T }
    ? ListState<Held<T>, Given<T>>
    : S extends { readonly type: 'map'; readonly key: infer K; readonly of: infer T }
      ? MapState<Held<K>, Held<T>, Given<K>, Given<T>>
      : never;

/** The variables of a program by their names, as its functions get them. */
export type StateHandles<S> = { readonly [Name in keyof S]: HandleOf<S[Name]> };

/** The timers of the key in hand, and the times of the batch; all in milliseconds since 1970. Spark counterpart: `TimerValues` and the timers of `StatefulProcessorHandle`. */
export interface StateTimers {
  /** Has `handleExpiredTimer` called for this key once the watermark, or the clock, has passed the time. */
  registerTimer(timeMs: number): void;
  /** `registerTimer`, for programs of `timeMode: 'eventTime'`. */
  registerEventTimeTimer(timeMs: number): void;
  /** `registerTimer`, for programs of `timeMode: 'processingTime'`. */
  registerProcessingTimeTimer(timeMs: number): void;
  /** Takes a timer of this key back. */
  deleteTimer(timeMs: number): void;
  /** The timers of this key, in order. */
  listTimers(): number[];
  /** The watermark of the batch. */
  getCurrentWatermarkMs(): number;
  /** The time of the batch. */
  getCurrentProcessingTimeMs(): number;
}

/** What the functions of a program get beside the key and its rows. */
export interface ProcessorContext<S> {
  readonly state: StateHandles<S>;
  readonly timers: StateTimers;
}

/** The rows of one key in a batch: views whose values are read when they are asked for. They can be gone through again. */
export interface KeyRows<R> extends Iterable<Readonly<R>> {
  /** Number of rows. */
  readonly length: number;
}

/** What the functions give: rows of the output schema, or nothing. */
export type OutputRows<O> = Iterable<InputRow<O>> | null | undefined | void;

/** The output mode that functions were written for. */
export type GroupOutputMode = 'append' | 'update';

/** What `transformWithState` takes beside functions. */
export interface ProcessorDeclaration<K, S, O, I> {
  /** What timers go by; without timers 'none', the default. */
  readonly timeMode?: TimeMode;
  /** Where it is said, queries in another mode are refused. */
  readonly outputMode?: GroupOutputMode;
  /** The variables of state by their names. */
  readonly state: S;
  /** The rows that come out. */
  readonly output: Schema<O>;
  /** Rows by key that `handleInitialState` gets before the first batch: a DataFrame that is no stream. */
  readonly initialState?: KeyValueGroupedDataset<K, I>;
}

/** What `transformWithState` takes whose functions are a module's exports, under the names that they have in `StatefulProcessor`. */
export interface ProcessorModule<K, S, O, I = unknown> extends ProcessorDeclaration<K, S, O, I> {
  /** The module: a URL such as `new URL('./totals.js', import.meta.url)`, or a path. */
  readonly module: URL | string;
}

/** The functions of `transformWithState`. Of a module, they run in worker threads, by shard, and `init` and `close` stand around each batch. */
export interface ProcessorFunctions<K, R, S, O, I = unknown> {
  /** Called once before the first batch. */
  init?(context: ProcessorContext<S>): void;
  /** Called in the first batch with each row of `initialState`, before the key's own rows. */
  handleInitialState?(key: K, row: Readonly<NoInfer<I>>, context: ProcessorContext<S>): void;
  /** Called with the rows of each key that has any in a batch. */
  handleInputRows(key: K, rows: KeyRows<R>, context: ProcessorContext<S>): OutputRows<NoInfer<O>>;
  /** Called for each timer that has expired, after the rows of the batch. */
  handleExpiredTimer?(key: K, timer: { readonly expiryMs: number }, context: ProcessorContext<S>): OutputRows<NoInfer<O>>;
  /** Called when the query ends. */
  close?(): void;
}

/** What `transformWithState` takes: state, output, and the functions over them. Spark counterpart: `StatefulProcessor`. */
export interface StatefulProcessor<K, R, S, O, I = unknown> extends ProcessorDeclaration<K, S, O, I>, ProcessorFunctions<K, R, S, O, I> {}

/** The state of the key in hand with its timeout. Spark counterpart: `GroupState`. */
export interface GroupState<S, G = S> {
  /** Whether there is state. */
  readonly exists: boolean;
  /** The state. Throws where there is none. */
  get(): S;
  /** The state, null where there is none. */
  getOption(): S | null;
  /** Sets the state. */
  update(state: G): void;
  /** Removes the state. */
  remove(): void;
  /** Whether the call is made because the timeout has passed; there are no rows then. */
  readonly hasTimedOut: boolean;
  /** Sets the timeout by the clock: milliseconds, or interval text. It holds until the next call for the key. */
  setTimeoutDuration(duration: number | string): void;
  /** Sets the timeout by event time: a Date, or milliseconds since 1970. It holds until the next call for the key. */
  setTimeoutTimestamp(timestamp: number | Date, additionalDuration?: number | string): void;
  /** The watermark of the batch, milliseconds since 1970. */
  getCurrentWatermarkMs(): number;
  /** The time of the batch, milliseconds since 1970. */
  getCurrentProcessingTimeMs(): number;
}

/** What `mapGroupsWithState` takes beside its function. */
export interface GroupStateOptions<K, S extends StateType, O> {
  /** What timeouts go by; without timeouts 'none', the default. */
  readonly timeout?: TimeMode;
  /** What is kept for each key. */
  readonly state: S;
  /** The rows that come out. */
  readonly output: Schema<O>;
  /**
   * State to begin with, a row a key: its columns of the names of the state's fields, or its column `state` where that is a single value. The function is
   * called with it in the first batch, without rows where the key has none. A DataFrame that is no stream.
   */
  readonly initialState?: KeyValueGroupedDataset<K, any>;
}

/** What `flatMapGroupsWithState` takes beside its function. */
export interface FlatMapGroupStateOptions<K, S extends StateType, O> extends GroupStateOptions<K, S, O> {
  /** The output mode that the function was written for; queries in another mode are refused. */
  readonly outputMode: GroupOutputMode;
}

/** The state of a function as it gets it. */
export type GroupStateOf<S extends StateType> = GroupState<Held<S>, Given<S>>;
