// Keeps a query's rows in memory, to be looked at while it runs (Spark's memory sink).
import type { ResultBatch } from '../result/result-batch.js';
import type { OutputMode, Sink } from './sink.js';

/** The rows of one batch as the sink got them. */
export interface MemoryBatch<T> {
  readonly batchId: number;
  readonly rows: readonly T[];
}

/**
 * A table in memory. In append and update mode each batch's rows are added to it, in complete mode they replace it, as in Spark.
 * It grows as long as the query runs: for tests and small results.
 */
export class MemorySink<T = any> implements Sink {
  readonly description = 'MemorySink';
  #batches: MemoryBatch<T>[] = [];
  #latestBatchId: number | null = null;

  async write(batchId: number, batch: ResultBatch, outputMode: OutputMode): Promise<number> {
    // A batch that runs again after a failure is here already.
    if (this.#latestBatchId !== null && batchId <= this.#latestBatchId) return 0;
    const rows = batch.toArray() as T[];
    if (outputMode === 'complete') this.#batches = [];
    this.#batches.push({ batchId, rows });
    this.#latestBatchId = batchId;
    return rows.length;
  }

  /** The newest batch's id, null before the first. */
  get latestBatchId(): number | null {
    return this.#latestBatchId;
  }

  /** The table's rows, oldest batch first. */
  rows(): T[] {
    return this.#batches.flatMap((batch) => [...batch.rows]);
  }

  /** The newest batch's rows. */
  latestRows(): T[] {
    return [...(this.#batches.at(-1)?.rows ?? [])];
  }

  /** The batches that make the table, oldest first; one in complete mode. */
  batches(): readonly MemoryBatch<T>[] {
    return [...this.#batches];
  }

  /** Empties the table; batches that were written stay written. */
  clear(): void {
    this.#batches = [];
  }
}
