// What Rust says about a query that it has compiled.
import type { OperatorSchema } from '../checkpoint/operator-metadata.js';
import type { StructType } from '../plan/data-type.js';
import type { FoldsDescription } from '../state/fold-runner.js';
import type { ProgramDescription } from '../state/program-runner.js';
import type { WatermarkNode } from './watermark.js';

/** The answer of `native.openQuery` (docs/design/border.md). */
export interface QueryDescription {
  /** The query's native state. */
  readonly handle: number;
  /** The row type of the results. */
  readonly schema: StructType;
  /** What needs rows of the whole batch, in the order in which it is done: each stage is reduced when those before it are. */
  readonly stages: readonly StageDescription[];
  /** The stateful operators, the one nearest the sources first. */
  readonly operators: readonly OperatorSchema[];
  readonly watermarks: readonly (WatermarkNode & { readonly source: number })[];
  /** Whether a moved watermark alone can bring rows out. */
  readonly wantsNoDataBatch: boolean;
  /** Whether no watermark stands behind a stage: all event times of a batch are known when its map tasks are through. */
  readonly timesKnownWhenMapped: boolean;
  readonly sources: readonly { readonly source: number; readonly format: string; readonly schema: StructType }[];
}

/** A stage of a query. */
export interface StageDescription {
  readonly numShards: number;
  /** The name under which the stage observes what comes by. */
  readonly observes?: string;
  /** What the program's functions get and give, where the stage runs them. */
  readonly program?: ProgramDescription;
  /** What the program's own aggregates get and give, where the stage has any. */
  readonly folds?: FoldsDescription;
}

/** What one map task saw: the answer of `native.mapSplit`. */
export interface MapReport {
  readonly numInputRows: number;
  readonly inputBytes: number;
  readonly eventTime: readonly {
    readonly node: number;
    readonly count: number;
    readonly minMs: number;
    readonly maxMs: number;
    readonly avgMs: number;
  }[];
}
