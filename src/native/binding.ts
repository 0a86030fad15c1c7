// What the addon exports: the border of docs/design/border.md, as types.

/** The addon's functions. All of them block and none is async; a query's native state is global to the process, so any worker may call. */
export interface NativeBinding {
  /** Row type of a plan as Spark's JSON. */
  analyze(planJson: string, confJson: string): string;
  explain(planJson: string, confJson: string, extended: boolean): string;
  /** DDL text or Spark's JSON to Spark's JSON of the struct. */
  parseDdl(ddl: string): string;
  /** Interval text to milliseconds. */
  parseInterval(text: string): number;

  /** Returns a QueryDescription. */
  openQuery(planJson: string, confJson: string, outputMode: string): string;
  closeQuery(handle: number): void;
  /** `spec` is a BatchSpec. */
  beginBatch(handle: number, batchId: number, spec: string): void;
  /** `split` is a SplitSpec; returns a MapReport. What of `bytes` is needed later is copied before the call returns. */
  mapSplit(handle: number, batchId: number, task: number, split: string, bytes?: Uint8Array): string;
  reduceShards(handle: number, batchId: number, stage: number, first: number, count: number): void;
  /** A ResultBatch of schema/result.fbs in native memory. */
  finishBatch(handle: number, batchId: number): Uint8Array;
  abortBatch(handle: number, batchId: number): void;
  /** Writes the state to one durable file, with the watermarks that the next batch runs under. */
  saveState(handle: number, path: string, watermarkMs: number, lateWatermarkMs: number): void;
  /** Returns `{"watermarkMs":n,"lateWatermarkMs":n,"batchId":n}`. */
  loadState(handle: number, path: string): string;

  /** Spark's `Dataset.show` text of a ResultBatch. */
  showResult(batch: Uint8Array, timeZone: string, numRows: number, truncate: number, vertical: boolean): string;

  /** The next time `point` is entered it panics; '' clears. For tests. */
  injectPanic(point: string): void;
  faultPoints(): string[];
}

type Names = { readonly [Name in keyof NativeBinding]: true };

const NAMES: Names = {
  analyze: true,
  explain: true,
  parseDdl: true,
  parseInterval: true,
  openQuery: true,
  closeQuery: true,
  beginBatch: true,
  mapSplit: true,
  reduceShards: true,
  finishBatch: true,
  abortBatch: true,
  saveState: true,
  loadState: true,
  showResult: true,
  injectPanic: true,
  faultPoints: true,
};

/** Every function of the border; a type error here means that one was forgotten. */
export const NATIVE_FUNCTIONS = Object.keys(NAMES) as readonly (keyof NativeBinding)[];
