// The contract of a sink: it gets each batch's result once per run of that batch, with an id that is the same when a batch runs again.
import type { ResultBatch } from '../result/result-batch.js';

/** The query that a sink is opened for. */
export interface SinkQuery {
  /** Stays the same over restarts from one checkpoint. */
  readonly id: string;
}

/** Where a query's results go. */
export interface Sink {
  /** Spark's description for progress reports, such as `ForeachBatchSink`. */
  readonly description: string;
  /** Called once before the first batch. */
  open?(query: SinkQuery): Promise<void>;
  /** Writes a batch. A rejected promise fails the query. Returns rows written, or -1 where the sink does not count (Spark's numOutputRows). */
  write(batchId: number, batch: ResultBatch, outputMode: OutputMode): Promise<number>;
  close?(): Promise<void>;
}

/** Spark's output modes. */
export type OutputMode = 'append' | 'update' | 'complete';
