// Hands each batch to a function of the user's (Spark's foreachBatch).
import type { ResultBatch } from '../result/result-batch.js';
import type { OutputMode, Sink } from './sink.js';

/** Gets a batch and its id. A batch that runs again after a failure has the same id and the same rows. */
export type BatchFunction = (batch: ResultBatch<any>, batchId: number) => void | Promise<void>;

/** A sink that calls `write` for each batch and waits for it. What it throws, or rejects with, fails the query as STREAM_FAILED with that as its cause. */
export class ForeachBatchSink implements Sink {
  readonly description = 'ForeachBatchSink';
  readonly #function: BatchFunction;

  constructor(write: BatchFunction) {
    this.#function = write;
  }

  async write(batchId: number, batch: ResultBatch, _outputMode: OutputMode): Promise<number> {
    await this.#function(batch, batchId);
    // What the function did with the rows cannot be known: Spark's -1.
    return -1;
  }
}
