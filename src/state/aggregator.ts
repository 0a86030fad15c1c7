// The program's own aggregates, as the stage that runs them sees them. Spark counterpart: `Aggregator`.
import { BoundFunctions } from './bound-functions.js';

/** What an aggregate does with the values of a group. */
export interface AggregatorFunctions {
  /** The buffer of a group without values. */
  zero(): unknown;
  /** The buffer with one value more. */
  reduce(buffer: unknown, value: unknown): unknown;
  /** Two buffers as one; needed where sessions that meet become one. */
  merge?(left: unknown, right: unknown): unknown;
  /** The result. */
  finish(buffer: unknown): unknown;
}

/** An aggregate as it was declared. */
export interface BoundAggregator {
  /** What messages call it. */
  readonly name: string;
  /** Whether values are rows of columns by name, or those of the one column. */
  readonly takesRows: boolean;
  /** The functions, or the module that exports them. */
  readonly functions: AggregatorFunctions | AggregatorModule;
}

/** A module that exports the functions: named by its URL, so that any thread can load it. */
export interface AggregatorModule {
  /** The module's URL. */
  readonly module: string;
  /** A module that is loaded before it, so that it can be loaded; null for none. */
  readonly loader: string | null;
}

/** The aggregates that are bound to calls in plans. */
export const boundAggregators = new BoundFunctions<BoundAggregator>();
