// Hands each row to the program (Spark's foreach): open, process row by row, close, once for each run of a batch.
import type { ResultBatch } from '../result/result-batch.js';
import type { OutputMode, Sink } from './sink.js';

/**
 * Takes rows one by one: what `writeStream.foreach` is given. Any method may return a promise, which is waited for. Spark counterpart: `ForeachWriter`.
 */
export interface ForeachWriter<Row = Record<string, unknown>> {
  /**
   * A batch begins. False: its rows are not wanted, since this batch was written before. There is one partition, 0; `epochId` is the batch's id, which stays the same where
   * the batch runs again.
   */
  open?(partitionId: number, epochId: number): boolean | void | Promise<boolean | void>;
  process(row: Row): void | Promise<void>;
  /** The batch is over: called whenever `open` returned, whatever it said; with what `process` threw, if it did. */
  close?(error: unknown): void | Promise<void>;
}

/** The partition that all rows are in: they are in one process. */
const PARTITION = 0;

/** A sink that calls a writer for each row. What it throws, or rejects with, fails the query as STREAM_FAILED with that as its cause. */
export class ForeachSink implements Sink {
  readonly description = 'ForeachSink';
  readonly #writer: ForeachWriter<any>;

  constructor(writer: ForeachWriter<any>) {
    this.#writer = writer;
  }

  async write(batchId: number, batch: ResultBatch, _outputMode: OutputMode): Promise<number> {
    const isWanted = (await this.#writer.open?.(PARTITION, batchId)) ?? true;
    try {
      if (isWanted) await this.#processAll(batch);
    } catch (error) {
      await this.#writer.close?.(error);
      throw error;
    }
    await this.#writer.close?.(null);
    return batch.numRows;
  }

  async #processAll(batch: ResultBatch): Promise<void> {
    for (const row of batch) {
      const done = this.#writer.process(row);
      // Waiting for each row, also where there is nothing to wait for, would cost more than most rows do.
      if (done !== undefined) await done;
    }
  }
}
