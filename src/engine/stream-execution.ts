// One started query: its loop, its end, and what can be asked of it meanwhile (Spark's StreamingQuery).
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { MillraceError } from '../error/millrace-error.js';
import { registerQuery, unregisterQuery } from './active-queries.js';
import { explainPlan } from './analyzer.js';
import { lookDueMs } from './batch-range.js';
import type { Clock } from './clock.js';
import { type LiveState, liveState, type StateRequest } from './live-state.js';
import { runMicroBatch } from './micro-batch.js';
import type { StreamingQueryProgress } from './progress.js';
import type { QueryDefinition } from './query-definition.js';
import { NO_EVENTS, type QueryEvents } from './query-events.js';
import { queryFailure } from './query-failure.js';
import { StatusBoard, type StreamingQueryStatus } from './query-status.js';
import { closeQuery, openQuery, type RunningQuery } from './running-query.js';
import { runTrigger } from './trigger.js';

/** The query whose loop the current code runs in: what a sink calls must not wait for the batch that called it. */
const enclosingQuery = new AsyncLocalStorage<StreamExecution>();

/** A wait for a look at the sources that began after the wait did and found nothing. */
interface IdleWaiter {
  readonly afterLook: number;
  readonly resolve: () => void;
}

/** setInterval's longest period: a timer that only keeps the process alive while the query runs. */
const KEEP_ALIVE_MS = 2 ** 31 - 1;

/**
 * Starts a query: resolves when its plan is compiled and its sources and sink are open, before the first batch.
 * Rejects with what is wrong with the plan, a source, the sink or the checkpoint, or with QUERY_ALREADY_ACTIVE.
 * Spark counterpart: `DataStreamWriter.start`. `clock` is for tests; `events` is told what happens to the query.
 */
export async function startStream(definition: QueryDefinition, clock?: Clock, events: QueryEvents = NO_EVENTS): Promise<StreamExecution> {
  const execution = new StreamExecution(definition, events);
  registerQuery(execution);
  try {
    await execution.open(clock);
  } catch (error) {
    unregisterQuery(execution);
    throw error;
  }
  return execution;
}

/** A streaming query that has been started. Spark counterpart: `StreamingQuery`. */
export class StreamExecution {
  /** New with each start. */
  readonly runId: string = randomUUID();
  readonly name: string | null;
  readonly #definition: QueryDefinition;
  readonly #events: QueryEvents;
  readonly #board = new StatusBoard();
  readonly #stopping = new AbortController();
  readonly #recent: StreamingQueryProgress[] = [];
  #query: RunningQuery | null = null;
  #exception: MillraceError | null = null;
  #isActive = true;
  /** Counts looks at the sources, so that a wait can tell those before it from those after it. */
  #looks = 0;
  #idleWaiters: IdleWaiter[] = [];
  #wake: AbortController | null = null;
  #isInBatch = false;
  /** What waits for the end of the batch that runs. */
  #batchWaiters: (() => void)[] = [];
  /** When the newest batch, or idle event, was: by the query's clock. */
  #lastEventMs = 0;
  #terminated: Promise<void> = Promise.resolve();

  constructor(definition: QueryDefinition, events: QueryEvents) {
    this.name = definition.name;
    this.#definition = definition;
    this.#events = events;
  }

  /** Opens the query and lets its loop run. Called once, by startStream. */
  async open(clock?: Clock): Promise<void> {
    this.#query = await openQuery(this.#definition, {
      runId: this.runId,
      stopSignal: this.#stopping.signal,
      report: (message) => this.#board.say(message),
      ...(clock === undefined ? {} : { clock }),
    });
    const timestampMs = this.#query.clock.nowMs();
    this.#lastEventMs = timestampMs;
    this.#events.onQueryStarted({ ...this.#named(this.#query), name: this.name, timestamp: new Date(timestampMs).toISOString() });
    // The loop begins in its own turn: whoever started the query holds it before its first batch does anything.
    const query = this.#query;
    this.#terminated = new Promise((resolve) => {
      setImmediate(() => void enclosingQuery.run(this, () => this.#run(query)).then(resolve));
    });
  }

  /** Stays the same over restarts from one checkpoint. */
  get id(): string {
    return this.#query?.id ?? '';
  }

  /** Whether the query runs. */
  get isActive(): boolean {
    return this.#isActive;
  }

  /** What the query does now, in Spark's words. */
  get status(): StreamingQueryStatus {
    return this.#board.current;
  }

  /** The newest batch's report, null before the first. */
  get lastProgress(): StreamingQueryProgress | null {
    return this.#recent.at(-1) ?? null;
  }

  /** The newest reports, oldest first; spark.sql.streaming.numRecentProgressUpdates says how many. */
  get recentProgress(): StreamingQueryProgress[] {
    return [...this.#recent];
  }

  /** What made the query fail; null while it runs and after a stop. */
  get exception(): MillraceError | null {
    return this.#exception;
  }

  /** The query's plan as text. */
  explain(extended = false): string {
    return explainPlan(this.#definition.plan, this.#definition.conf, extended);
  }

  /** The state of a stateful operator: its row type, and its rows as they are between two batches. Throws as `liveState` does, and for a query that is over. */
  liveState(operator: string, request: StateRequest): LiveState {
    const description = () => {
      if (this.#isActive && this.#query !== null) return this.#query.description;
      throw new MillraceError('ARGUMENT_INVALID', {
        parameters: { function: 'state', reason: 'the query is over, and its state with it' },
      });
    };
    return liveState({ description, atRest: (look) => this.#atRest(look) }, operator, request);
  }

  /** What `look` sees between two batches: at once, or when the running batch has ended. */
  async #atRest<T>(look: () => T): Promise<T> {
    this.#refuseOwnCode('state');
    if (!this.#isInBatch) return look();
    return await new Promise<T>((resolve, reject) => {
      this.#batchWaiters.push(() => {
        try {
          resolve(look());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /**
   * Stops the query: the running batch ends, none starts, sources, sink, workers and native state are closed. Resolves when all that is done;
   * called from within the query's own batch it resolves at once, and the query stops after that batch. Never rejects with the query's failure.
   * Rejects with LIMIT_EXCEEDED where spark.sql.streaming.stopTimeout passes first; the query stops all the same.
   */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake?.abort();
    if (this.#isOwnCode()) return;
    const limitMs = this.#query?.settings.stopTimeoutMs ?? 0;
    if (limitMs === 0) await this.#terminated;
    else if (!(await endsWithin(this.#terminated, limitMs))) {
      const parameters = {
        what: `The time to stop query ${this.name ?? this.id}`,
        value: `more than ${limitMs} ms`,
        limit: `${limitMs} ms`,
      };
      throw new MillraceError('LIMIT_EXCEEDED', { parameters, context: { queryId: this.id, runId: this.runId } });
    }
  }

  /**
   * Resolves when all that was available at the call is through, the batch without data that a moved watermark asks for included; resolves too when
   * the query is stopped. Rejects with the query's failure. For tests: a source that never pauses never lets it resolve.
   */
  async processAllAvailable(): Promise<void> {
    this.#refuseOwnCode('processAllAvailable');
    if (this.#isActive) {
      await new Promise<void>((resolve) => {
        this.#idleWaiters.push({ afterLook: this.#looks, resolve });
        this.#wake?.abort();
      });
    }
    if (this.#exception !== null) throw this.#exception;
  }

  /** Resolves when the query is over, with true where a timeout was given; with false when `timeoutMs` passes first. Rejects with the query's failure. */
  async awaitTermination(): Promise<void>;
  async awaitTermination(timeoutMs: number): Promise<boolean>;
  async awaitTermination(timeoutMs?: number): Promise<void | boolean>;
  async awaitTermination(timeoutMs?: number): Promise<void | boolean> {
    this.#refuseOwnCode('awaitTermination');
    const ended = timeoutMs === undefined ? await this.#terminated.then(() => true) : await endsWithin(this.#terminated, timeoutMs);
    if (ended && this.#exception !== null) throw this.#exception;
    return timeoutMs === undefined ? undefined : ended;
  }

  /** The loop, from the first look to the closed query. Never rejects: a failure becomes `exception`. */
  async #run(query: RunningQuery): Promise<void> {
    const keepAlive = setInterval(() => {}, KEEP_ALIVE_MS);
    try {
      await runTrigger(query.trigger, query.clock, query.stopSignal, {
        runBatch: () => this.#runBatch(query),
        awaitData: () => this.#awaitData(query),
        onWait: () => this.#board.say('Waiting for next trigger'),
      });
    } catch (cause) {
      this.#fail(query, cause);
    }
    const closeFailure = await closeQuery(query);
    if (closeFailure !== null && this.#exception === null) this.#fail(query, closeFailure);
    clearInterval(keepAlive);
    this.#isActive = false;
    unregisterQuery(this);
    this.#board.terminated(this.#exception);
    this.#events.onQueryTerminated({
      ...this.#named(query),
      exception: this.#exception?.message ?? null,
      errorClassOnException: this.#exception?.code ?? null,
    });
    this.#releaseWaiters(Number.POSITIVE_INFINITY);
  }

  async #runBatch(query: RunningQuery): Promise<boolean> {
    this.#looks += 1;
    const triggerMs = query.clock.nowMs();
    this.#board.triggerStarted();
    const progress = await this.#alone(() => runMicroBatch(query, triggerMs));
    query.state.previousTriggerMs = triggerMs;
    if (progress !== null) this.#remember(progress, query.settings.progressUpdatesMax);
    this.#tell(query, progress, triggerMs);
    this.#board.triggerFinished(progress !== null);
    if (progress === null) this.#releaseWaiters(this.#looks);
    return progress !== null;
  }

  /** Runs a batch; whoever waits to see the state at rest does so after it, before the next can begin. */
  async #alone<T>(batch: () => Promise<T>): Promise<T> {
    this.#isInBatch = true;
    try {
      return await batch();
    } finally {
      this.#isInBatch = false;
      const waiters = this.#batchWaiters;
      this.#batchWaiters = [];
      for (const look of waiters) look();
    }
  }

  /** Tells listeners of a batch, or now and then that there was none. */
  #tell(query: RunningQuery, progress: StreamingQueryProgress | null, triggerMs: number): void {
    if (progress !== null) this.#events.onQueryProgress({ progress });
    else if (triggerMs - this.#lastEventMs < query.settings.idleEventIntervalMs) return;
    else this.#events.onQueryIdle({ ...this.#named(query), timestamp: new Date(triggerMs).toISOString() });
    this.#lastEventMs = triggerMs;
  }

  #named({ id, runId }: RunningQuery): { id: string; runId: string } {
    return { id, runId };
  }

  /** Waits until a source may have data, the query stops, or somebody waits for a look. */
  async #awaitData(query: RunningQuery): Promise<void> {
    // A wait that began during the last look needs another one.
    if (this.#idleWaiters.length > 0) return;
    const wake = new AbortController();
    this.#wake = wake;
    const woken = new Promise<void>((resolve) => {
      wake.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    try {
      const arrivals = query.sources.map((position) => position.source.awaitData(position.committed ?? position.initial, wake.signal));
      const dueMs = lookDueMs(query);
      if (dueMs !== null) arrivals.push(query.clock.sleepUntil(dueMs, wake.signal));
      await Promise.race([woken, ...arrivals]);
    } finally {
      this.#wake = null;
      wake.abort();
    }
  }

  #remember(progress: StreamingQueryProgress, progressUpdatesMax: number): void {
    this.#recent.push(Object.freeze(progress));
    // One report is always kept: lastProgress is the newest batch's.
    while (this.#recent.length > Math.max(1, progressUpdatesMax)) this.#recent.shift();
  }

  /** Lets go those whose wait began before look number `look`. */
  #releaseWaiters(look: number): void {
    const isDone = (waiter: IdleWaiter) => waiter.afterLook < look;
    const done = this.#idleWaiters.filter(isDone);
    this.#idleWaiters = this.#idleWaiters.filter((waiter) => !isDone(waiter));
    for (const waiter of done) waiter.resolve();
  }

  #fail(query: RunningQuery, cause: unknown): void {
    const { id, runId, name } = this;
    this.#exception = queryFailure({ id, runId, name, batchId: query.state.nextBatchId }, cause);
  }

  #isOwnCode(): boolean {
    return enclosingQuery.getStore() === this;
  }

  #refuseOwnCode(name: string): void {
    if (!this.#isOwnCode()) return;
    const reason = 'it cannot wait for the query from within the query';
    throw new MillraceError('ARGUMENT_INVALID', { parameters: { function: name, reason } });
  }
}

/** Whether `ending` resolves within `limitMs`. */
async function endsWithin(ending: Promise<void>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.min(limitMs, KEEP_ALIVE_MS));
  });
  const ended = await Promise.race([ending.then((): true => true), timeout]);
  clearTimeout(timer);
  return ended;
}
