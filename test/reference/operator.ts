// What an operator of the reference model is: something that keeps state between batches.
import type { Row } from './value.ts';

/** What a batch did to the state, as the vectors count it. */
export interface Counts {
  readonly operator: string;
  readonly total: number;
  readonly updated: number;
  readonly removed: number;
  readonly droppedByWatermark: number;
  readonly numDroppedDuplicateRows?: number;
  readonly numRegisteredTimers?: number;
  readonly numDeletedTimers?: number;
  readonly numExpiredTimers?: number;
}

/** The watermarks of a batch, in milliseconds: rows are late by that of the batch before, state ends by its own. */
export interface Clock {
  readonly lateMs: number;
  readonly evictMs: number;
  /** The time of the batch, by a clock that the case moves. */
  readonly nowMs: number;
}

export interface Operator {
  /** Takes the rows of each input in; gives those that come out. */
  batch(inputs: readonly (readonly Row[])[], clock: Clock): { readonly output: readonly Row[]; readonly counts: Counts };
  /** Whether a moved watermark alone is worth a batch. */
  readonly asksForNoData: boolean;
  /** Whether the clock alone makes a batch due: a timer, or a value that has lived its time. */
  isDue?(nowMs: number): boolean;
  /** The watermark behind it, under that before it. */
  watermarkBehind(watermarkMs: number): number;
}
