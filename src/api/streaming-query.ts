// StreamingQuery: a running query. Spark counterpart: `StreamingQuery`.
import type { StateRequest } from '../engine/live-state.js';
import type { StreamingQueryProgress } from '../engine/progress.js';
import type { StreamingQueryStatus } from '../engine/query-status.js';
import { liveStateSource } from '../engine/stored-state.js';
import type { StreamExecution } from '../engine/stream-execution.js';
import type { MillraceError } from '../error/millrace-error.js';
import { nextSourceNumber, readNode } from '../plan/relation.js';
import { DataFrame } from './data-frame.js';
import type { Session } from './session.js';

/**
 * A query that was started. It runs on its own until it is stopped, its trigger is through, or it fails.
 *
 * ```ts
 * const query = await df.writeStream.format('console').start();
 * process.once('SIGINT', () => void query.stop());
 * await query.awaitTermination();
 * ```
 */
export class StreamingQuery {
  readonly #execution: StreamExecution;
  readonly #session: Session;

  /** Users call `writeStream.start()`. */
  constructor(execution: StreamExecution, session: Session) {
    this.#execution = execution;
    this.#session = session;
  }

  /** The id of the query, a UUID that stays the same when it is restarted from its checkpoint. */
  get id(): string {
    return this.#execution.id;
  }

  /** The id of this run, a UUID that every start makes anew. */
  get runId(): string {
    return this.#execution.runId;
  }

  /** The name given by `queryName`; null where none was given. */
  get name(): string | null {
    return this.#execution.name;
  }

  /** Whether the query runs: false once it was stopped, is through or has failed. */
  get isActive(): boolean {
    return this.#execution.isActive;
  }

  /** What the query is doing now. */
  get status(): StreamingQueryStatus {
    return this.#execution.status;
  }

  /** The report of the newest batch, under Spark's field names; null before the first. */
  get lastProgress(): StreamingQueryProgress | null {
    return this.#execution.lastProgress;
  }

  /** The newest reports, oldest first; as many as `spark.sql.streaming.numRecentProgressUpdates` says. */
  get recentProgress(): readonly StreamingQueryProgress[] {
    return this.#execution.recentProgress;
  }

  /**
   * Why the query failed, null while it runs and after a clean end. The code is the cause's own, such as CANNOT_PARSE_TIMESTAMP;
   * STREAM_FAILED is for what user functions threw. Spark counterpart: `exception()`, which is always STREAM_FAILED.
   */
  get exception(): MillraceError | null {
    return this.#execution.exception;
  }

  /** Ends the running batch, commits it, closes sources and sink. Resolves when all of that is done; further calls do the same. */
  stop(): Promise<void> {
    return this.#execution.stop();
  }

  /** Resolves when everything that the sources had at the time of the call is processed. Rejects where the query fails. For tests. */
  processAllAvailable(): Promise<void> {
    return this.#execution.processAllAvailable();
  }

  /**
   * Resolves when the query ends; rejects with its exception where it fails. With a timeout in milliseconds it resolves to whether the
   * query ended in time.
   */
  awaitTermination(): Promise<void>;
  awaitTermination(timeoutMs: number): Promise<boolean>;
  awaitTermination(timeoutMs?: number): Promise<void | boolean> {
    return this.#execution.awaitTermination(timeoutMs);
  }

  /**
   * What a stateful operator of the running query keeps, as rows: each action reads the state as it is between two batches, with a checkpoint or
   * without one. `operator` is its number or its name in the progress; `request` says what of it, and which key or range of event time is looked
   * up: then nothing else of the state is looked at. A text is the name of a variable. The columns are those of `read.format('statestore')`. Spark
   * has this for checkpoints alone.
   *
   * ```ts
   * const counts = query.state<{ value: { count: bigint } }>('stateStoreSave', { key: 'apple', from: new Date('2026-01-01T12:00:00Z') });
   * for (const { value } of await counts.collect()) console.log(value.count); // of the windows of one key from noon on
   * await query.state('transformWithStateExec', 'total').filter(col('key.value').between('a', 'c')).collect(); // a range of keys
   * ```
   *
   * Throws OPTION_INVALID where there is no such operator, Spark's errors STDS_* for what it does not have; actions reject once the query is over.
   */
  state<T = Record<string, unknown>>(operator: number | string = 0, request: StateRequest | string = {}): DataFrame<T> {
    const source = nextSourceNumber();
    const asked = typeof request === 'string' ? { stateVarName: request } : request;
    const { schema, rows } = liveStateSource(source, this.#execution.liveState(String(operator), asked));
    const plan = readNode({ source, format: 'columns', streaming: false, schema, options: {} });
    return new DataFrame<T>(this.#session, plan, new Map([[source, rows]]));
  }

  /** Prints the query's plan; with `extended`, as it was before and after analysis, too. */
  explain(extended = false): void {
    process.stdout.write(`${this.#execution.explain(extended)}\n`);
  }
}
