// How types flow through an aggregate of the program: from what it declares to what its functions get and give, and to its column.
import type { Schema } from '../schema.js';
import type { SqlTypeText, TypeOf } from './ddl-types.js';
import type { Held, StateType } from './state-types.js';

/** What `reduce` is given: a row of the input schema, or a value of the one column. */
export type AggregatorInput<I> = I extends Schema<infer Row> ? Readonly<Row> : I extends string ? TypeOf<I> : never;

/** What comes out for a group. */
export type AggregatorOutput<O> = O extends Schema<infer Row> ? Row | null : O extends string ? TypeOf<O> : never;

/** What an aggregate is declared with beside functions. Spark counterpart: the encoders of `Aggregator`, and that of its input which `udaf` takes. */
export interface AggregatorTypes<I extends StateType, B extends StateType, O extends StateType> {
  /** What it is called with: a column for each field of a schema, in their order, or one column of a SQL type. */
  readonly input: I;
  /** What is kept for a group between rows: in the state of a streaming query. Spark counterpart: `bufferEncoder`. */
  readonly buffer: B;
  /** What comes out. Spark counterpart: `outputEncoder`. */
  readonly output: O;
  /** The name of its column, as in `name(salary)`; `udaf` where there is none. */
  readonly name?: string;
}

/** The functions of an aggregate. They say what comes out of what goes in, and nothing else: a batch that failed is run again. */
export interface AggregatorCalls<I extends StateType, B extends StateType, O extends StateType> {
  /** The buffer of a group without values; a new one for each call, where `reduce` changes its buffer. */
  zero(): Held<B>;
  /** The buffer with one value more: a new one, or the given one, changed. */
  reduce(buffer: Held<B>, value: AggregatorInput<I>): Held<B>;
  /**
   * Two buffers as one, the left one of rows that come first: a new one, or the left one, changed. Session windows ask for it, where sessions that
   * are kept become one. Elsewhere it is not called: all rows of a group are brought to one place and reduced there.
   */
  merge?(left: Held<B>, right: Held<B>): Held<B>;
  /** The result of a buffer: called for each group that a batch has changed. */
  finish(buffer: Held<B>): AggregatorOutput<O>;
}

/** What `udaf` takes: types, and the functions over them. Spark counterpart: `Aggregator`. */
export interface Aggregator<I extends StateType, B extends StateType, O extends StateType>
  extends AggregatorTypes<I, B, O>,
    AggregatorCalls<I, B, O> {}

/** What `udaf` takes whose functions are a module's exports, under their names or together as its default. */
export interface AggregatorOfModule<I extends StateType, B extends StateType, O extends StateType> extends AggregatorTypes<I, B, O> {
  /** The module: a URL such as `new URL('./median.js', import.meta.url)`, or a path. */
  readonly module: URL | string;
}

/** The columns that an aggregate is called with: one, or as many as its input has fields. */
export type AggregatorArguments<I, C> = I extends SqlTypeText ? readonly [C] : readonly [C, ...C[]];
