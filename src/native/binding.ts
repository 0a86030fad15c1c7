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
  /** Every function and operator of expressions, sorted: what the guide's tables are checked against. */
  functionNames(): string[];

  /** Returns a QueryDescription. */
  openQuery(planJson: string, confJson: string, outputMode: string): string;
  closeQuery(handle: number): void;
  /** Says which records are kept aside instead of ending the query, or going uncounted; before its first batch. */
  divertRows(handle: number, bad: boolean, late: boolean): void;
  /** A ResultBatch of what a batch that is not finished kept aside. */
  divertedRows(handle: number, batchId: number, late: boolean): Uint8Array;
  /** JSON: what observe() saw in a batch that is not finished, by name. */
  observedMetrics(handle: number, batchId: number): string;
  /** `spec` is a BatchSpec. */
  beginBatch(handle: number, batchId: number, spec: string): void;
  /** `split` is a SplitSpec; returns a MapReport. What of `buffers` is needed later is copied before the call returns. */
  mapSplit(handle: number, batchId: number, task: number, split: string, buffers: readonly Uint8Array[]): string;
  reduceShards(handle: number, batchId: number, stage: number, first: number, count: number): string;
  /** The rows of a stage whose keys the program computes: a TableSet of one table. */
  openRows(handle: number, batchId: number, stage: number, side: number): Uint8Array;
  /** Their keys, a TableSet of one column of text. */
  answerRows(handle: number, batchId: number, stage: number, side: number, keys: Uint8Array): void;
  /** The groups of some shards for the program's functions: a TableSet of schema/batch.fbs in native memory. */
  openGroups(handle: number, batchId: number, stage: number, first: number, count: number): Uint8Array;
  /** What the functions made of them, a TableSet; reduceShards puts it into effect. */
  answerGroups(handle: number, batchId: number, stage: number, first: number, answer: Uint8Array): void;
  /** When the first timer that goes by the clock is due, or the first value of state expires, in milliseconds since 1970; null for never. */
  nextDue(handle: number): number | null;
  /** A ResultBatch of schema/result.fbs in native memory. */
  finishBatch(handle: number, batchId: number): Uint8Array;
  /** The same on another thread. */
  finishBatchInBackground(handle: number, batchId: number): Promise<Uint8Array>;
  abortBatch(handle: number, batchId: number): void;
  /** Writes the state to one durable file, with the watermarks that the next batch runs under. */
  saveState(handle: number, path: string, watermarkMs: number, lateWatermarkMs: number): void;
  /** Returns `{"watermarkMs":n,"lateWatermarkMs":n,"batchId":n}`. */
  loadState(handle: number, path: string): string;

  /** Opens a checkpoint directory; `owner` is `{attempt, pid, host}` of a query that will write to it, absent for one who only looks. */
  openCheckpoint(location: string, owner?: string): number;
  closeCheckpoint(checkpoint: number): void;
  /** Writes a text file that has a line with a JSON object, durably and with a checksum. */
  writeLog(checkpoint: number, path: string, text: string): Promise<void>;
  /** The text of a file that `writeLog` wrote, verified; null where there is none. */
  readLog(checkpoint: number, path: string): string | null;
  /** Names in a folder, sorted. */
  listLogs(checkpoint: number, folder: string): string[];
  removeLogs(checkpoint: number, folder: string, names: string[]): Promise<void>;
  /** Reads every byte of a checkpoint; returns FileReports. */
  inspectCheckpoint(checkpoint: number): string;
  /** The row type of an operator's stored state; `request` is a StoredState. */
  storedSchema(request: string): string;
  /** The rows of an operator's stored state: an InputBatch of schema/batch.fbs. */
  readStored(checkpoint: number, request: string): Uint8Array;
  /** How an operator's state in a running query reads as rows: a LiveDescription; `request` is a LiveState. */
  describeLive(handle: number, request: string): string;
  /** The rows of that state now, between batches: an InputBatch of schema/batch.fbs. `key` is one of one row: that of the key that is looked up. */
  readLive(handle: number, request: string, key?: Uint8Array): Uint8Array;
  /** Writes what the last batch changed in the state; `settings` is a StateSettings. Returns the StateFiles that a commit names. */
  saveVersion(handle: number, checkpoint: number, version: number, settings: string): Promise<string>;
  /** Brings a new query's state to what a commit names. Returns `{"numRows":n,"damaged":[path]}`. */
  restoreVersion(handle: number, checkpoint: number, stateFiles: string): string;
  /** Lets a thread write snapshots that are due and remove old files. */
  snapshotVersion(handle: number, checkpoint: number, version: number, versionMin: number, settings: string): void;

  /** Checks columns and options of a file sink; `settings` is a FileSinkSettings. */
  checkFileSink(settings: string): void;
  /** Takes an output folder. */
  openFileSink(location: string, settings: string): number;
  /** Writes the rows of a ResultBatch as files, durably and once. Returns `{"files":[path]}`. */
  writeFiles(sink: number, batchId: number, batch: Uint8Array): string;
  closeFileSink(sink: number): void;
  /** The files of an output folder as SinkFiles; null where it has no manifest. */
  readManifest(location: string): string | null;
  /** Writes the rows of a ResultBatch into a folder, once and without a manifest. Returns `{"files":[path]}`. */
  writeFolder(location: string, settings: string, batch: Uint8Array): string;
  /** The columns of files, as Spark's JSON; `paths` is a list, `options` an object. */
  inferSchema(format: string, paths: string, options: string, confJson: string): string;
  /** A record batch of Kafka's format 2: `header` is a KafkaBatchHeader, `records` are encoded one after the other. */
  sealKafkaBatch(header: string, records: Uint8Array): Uint8Array;

  /** Spark's `Dataset.show` text of a ResultBatch. */
  showResult(batch: Uint8Array, timeZone: string, binaryStyle: string, numRows: number, truncate: number, vertical: boolean): string;

  /** The next time `point` is entered it panics; '' clears. For tests. */
  injectPanic(point: string): void;
  faultPoints(): string[];
  /** A disk in memory that lies; `simulated:<number>` is the location of a checkpoint or an output on it. For tests, as the next four. */
  simulateDisk(seed: number): number;
  /** Sets what fails from here on, `{"ioError":20}` being 20 of a thousand; the power goes after `powerCutAfter` changes, never where that is negative. */
  disturbDisk(disk: number, faults: string, powerCutAfter: number): void;
  /** What was not synced is lost, or not. */
  losePower(disk: number): void;
  /** The bytes of a file on it. */
  simulatedFile(disk: number, path: string): Uint8Array;
  forgetDisk(disk: number): void;
}

type Names = { readonly [Name in keyof NativeBinding]: true };

const NAMES: Names = {
  analyze: true,
  explain: true,
  parseDdl: true,
  parseInterval: true,
  functionNames: true,
  openQuery: true,
  closeQuery: true,
  divertRows: true,
  divertedRows: true,
  observedMetrics: true,
  beginBatch: true,
  mapSplit: true,
  reduceShards: true,
  openRows: true,
  answerRows: true,
  openGroups: true,
  answerGroups: true,
  nextDue: true,
  finishBatch: true,
  finishBatchInBackground: true,
  abortBatch: true,
  saveState: true,
  loadState: true,
  openCheckpoint: true,
  closeCheckpoint: true,
  writeLog: true,
  readLog: true,
  listLogs: true,
  removeLogs: true,
  inspectCheckpoint: true,
  storedSchema: true,
  readStored: true,
  describeLive: true,
  readLive: true,
  saveVersion: true,
  restoreVersion: true,
  snapshotVersion: true,
  checkFileSink: true,
  openFileSink: true,
  writeFiles: true,
  closeFileSink: true,
  readManifest: true,
  writeFolder: true,
  inferSchema: true,
  sealKafkaBatch: true,
  showResult: true,
  injectPanic: true,
  faultPoints: true,
  simulateDisk: true,
  disturbDisk: true,
  losePower: true,
  simulatedFile: true,
  forgetDisk: true,
};

/** Every function of the border; a type error here means that one was forgotten. */
export const NATIVE_FUNCTIONS = Object.keys(NAMES) as readonly (keyof NativeBinding)[];
