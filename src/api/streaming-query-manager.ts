// StreamingQueryManager: the queries of a session. Spark counterpart: `StreamingQueryManager`.
import type { QueryDefinition } from '../engine/query-definition.js';
import { ListenerBus, type StreamingQueryListener } from '../engine/query-events.js';
import { startStream } from '../engine/stream-execution.js';
import { MemorySink } from '../sink/memory.js';
import { invalidArgument } from './argument.js';
import type { Session } from './session.js';
import { StreamingQuery } from './streaming-query.js';

/** Starts, finds and awaits the queries of a session: `session.streams`. */
export class StreamingQueryManager {
  readonly #queries = new Map<string, StreamingQuery>();
  readonly #memorySinks = new Map<string, MemorySink>();
  readonly #bus = new ListenerBus();
  #ended: Ended = endedSignal();

  /** Has a listener told what happens to the session's queries. */
  addListener(listener: StreamingQueryListener): void {
    this.#bus.add(listener);
  }

  /** Has a listener told nothing more. */
  removeListener(listener: StreamingQueryListener): void {
    this.#bus.remove(listener);
  }

  /** Those who listen. */
  listListeners(): StreamingQueryListener[] {
    return this.#bus.listeners;
  }

  /** The queries that run now. */
  get active(): StreamingQuery[] {
    return [...this.#queries.values()].filter((query) => query.isActive);
  }

  /** The running query with this id; null where there is none. */
  get(id: string): StreamingQuery | null {
    return this.active.find((query) => query.id === id) ?? null;
  }

  /**
   * Resolves when any query of the session has ended since the session began or since `resetTerminated()`; rejects with the query's
   * exception where it failed. With a timeout in milliseconds it resolves to whether one ended in time.
   */
  async awaitAnyTermination(timeoutMs?: number): Promise<boolean> {
    const { promise } = this.#ended;
    if (timeoutMs === undefined) return promise;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, timeoutMs, false);
    });
    try {
      return await Promise.race([promise, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Forgets queries that have ended, so that `awaitAnyTermination()` waits for the next. */
  resetTerminated(): void {
    this.#ended = endedSignal();
  }

  /** Starts a query: what `writeStream.start()` calls. Rejects with QUERY_ALREADY_ACTIVE, and with what the engine finds wrong. */
  async start(definition: QueryDefinition, session: Session): Promise<StreamingQuery> {
    const query = new StreamingQuery(await startStream(definition, undefined, this.#bus), session);
    const { name, sink } = definition;
    if (name !== null && sink instanceof MemorySink) this.#memorySinks.set(name, sink);
    this.#queries.set(query.runId, query);
    this.#watch(query);
    return query;
  }

  /** The rows of a memory sink: what `session.memoryTable(name)` calls. Throws ARGUMENT_INVALID where no query of that name had one. */
  memoryTable(name: string): Record<string, unknown>[] {
    const sink = this.#memorySinks.get(name);
    if (sink === undefined) throw invalidArgument('memoryTable', `no query named '${name}' has written to the sink memory`);
    return sink.rows();
  }

  #watch(query: StreamingQuery): void {
    const end = (settle: (ended: Ended) => void) => {
      this.#queries.delete(query.runId);
      settle(this.#ended);
    };
    query.awaitTermination().then(
      () => end((ended) => ended.resolve(true)),
      (reason: unknown) => end((ended) => ended.reject(reason)),
    );
  }
}

/** A promise for the end of the next query, with its two ends. */
interface Ended {
  readonly promise: Promise<boolean>;
  readonly resolve: (value: boolean) => void;
  readonly reject: (reason: unknown) => void;
}

function endedSignal(): Ended {
  let resolve: Ended['resolve'] = () => undefined;
  let reject: Ended['reject'] = () => undefined;
  const promise = new Promise<boolean>((resolvePromise, rejectPromise) => {
    resolve = resolvePromise;
    reject = rejectPromise;
  });
  promise.catch(() => undefined); // that nobody waits for it is no unhandled rejection
  return { promise, resolve, reject };
}
