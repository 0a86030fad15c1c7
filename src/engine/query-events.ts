// What happens to queries, told to listeners: Spark's StreamingQueryListener.
import type { StreamingQueryProgress } from './progress.js';

/** Which query an event is of. */
interface QueryNamed {
  readonly id: string;
  readonly runId: string;
}

/** A query was started. `timestamp` is ISO 8601 in UTC. */
export interface QueryStartedEvent extends QueryNamed {
  readonly name: string | null;
  readonly timestamp: string;
}

/** A batch is through. */
export interface QueryProgressEvent {
  readonly progress: StreamingQueryProgress;
}

/** A query looked for data and found none; at most once in spark.sql.streaming.noDataProgressEventInterval. */
export interface QueryIdleEvent extends QueryNamed {
  readonly timestamp: string;
}

/** A query is over; `exception` is the message of its failure. */
export interface QueryTerminatedEvent extends QueryNamed {
  readonly exception: string | null;
  readonly errorClassOnException: string | null;
}

/**
 * Is told what happens to the queries of a session. `onQueryStarted` is called before `start()` resolves; the others later, in order, from
 * the event loop: a slow listener holds up no query. What a listener throws becomes a process warning. Spark counterpart: `StreamingQueryListener`.
 */
export interface StreamingQueryListener {
  onQueryStarted?(event: QueryStartedEvent): void;
  onQueryProgress?(event: QueryProgressEvent): void;
  onQueryIdle?(event: QueryIdleEvent): void;
  onQueryTerminated?(event: QueryTerminatedEvent): void;
}

/** What a query says of itself. */
export type QueryEvents = Required<StreamingQueryListener>;

/** Says everything to nobody. */
export const NO_EVENTS: QueryEvents = {
  onQueryStarted() {},
  onQueryProgress() {},
  onQueryIdle() {},
  onQueryTerminated() {},
};

/** Hands events to listeners. */
export class ListenerBus implements QueryEvents {
  readonly #listeners = new Set<StreamingQueryListener>();

  add(listener: StreamingQueryListener): void {
    this.#listeners.add(listener);
  }

  remove(listener: StreamingQueryListener): void {
    this.#listeners.delete(listener);
  }

  get listeners(): StreamingQueryListener[] {
    return [...this.#listeners];
  }

  onQueryStarted(event: QueryStartedEvent): void {
    this.#tell((listener) => listener.onQueryStarted?.(event));
  }

  onQueryProgress(event: QueryProgressEvent): void {
    setImmediate(() => this.#tell((listener) => listener.onQueryProgress?.(event)));
  }

  onQueryIdle(event: QueryIdleEvent): void {
    setImmediate(() => this.#tell((listener) => listener.onQueryIdle?.(event)));
  }

  onQueryTerminated(event: QueryTerminatedEvent): void {
    setImmediate(() => this.#tell((listener) => listener.onQueryTerminated?.(event)));
  }

  #tell(call: (listener: StreamingQueryListener) => void): void {
    for (const listener of this.listeners) {
      try {
        call(listener);
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : String(error), 'StreamingQueryListenerWarning');
      }
    }
  }
}
