// Sinks that a program writes itself: the contract of their writers, and how the engine sees one.
import type { ResultBatch } from '../result/result-batch.js';
import type { OutputMode, Sink, SinkQuery } from './sink.js';

/**
 * Takes a query's batches: what `DataSource.streamWriter` returns, once for each start of a query. Every method may return a promise, and what one throws
 * fails the query. Spark counterpart: PySpark's `DataSourceStreamWriter`.
 */
export interface DataSourceStreamWriter<Row = Record<string, unknown>> {
  /** Called once before the first batch; `query.id` stays the same over restarts from one checkpoint. */
  open?(query: SinkQuery): void | Promise<void>;
  /**
   * Writes a batch, durably when its promise resolves. A batch that ran before a crash may come again, with the same id and the same rows: a writer that
   * remembers the newest id that it has written gives each row out exactly once. Returns the number of rows written, where that is known.
   */
  write(batch: ResultBatch<Row>, batchId: number, outputMode: OutputMode): number | void | Promise<number | void>;
  /** The query is over. */
  close?(): void | Promise<void>;
}

/** What Spark reports of a sink that does not count. */
const UNCOUNTED = -1;

/** A program's writer as a sink. */
export class ProgramSink implements Sink {
  readonly description: string;
  readonly #writer: DataSourceStreamWriter<any>;

  constructor(name: string, writer: DataSourceStreamWriter<any>) {
    this.description = name;
    this.#writer = writer;
  }

  async open(query: SinkQuery): Promise<void> {
    await this.#writer.open?.(query);
  }

  async write(batchId: number, batch: ResultBatch, outputMode: OutputMode): Promise<number> {
    return (await this.#writer.write(batch, batchId, outputMode)) ?? UNCOUNTED;
  }

  async close(): Promise<void> {
    await this.#writer.close?.();
  }
}
