// What a query does at this moment, in Spark's words.

/** Spark counterpart: `StreamingQueryStatus`. */
export interface StreamingQueryStatus {
  readonly message: string;
  /** Whether the newest look at the sources found something. */
  readonly isDataAvailable: boolean;
  /** Whether a look or a batch is in progress. */
  readonly isTriggerActive: boolean;
}

/** Keeps the status of one query; `current` is a new frozen object after each change. */
export class StatusBoard {
  #current: StreamingQueryStatus = Object.freeze({ message: 'Initializing sources', isDataAvailable: false, isTriggerActive: false });

  get current(): StreamingQueryStatus {
    return this.#current;
  }

  /** Says what is being done; `Processing new data` is also the news that there is some. */
  say(message: string): void {
    this.#change({ message, ...(message === 'Processing new data' ? { isDataAvailable: true } : {}) });
  }

  triggerStarted(): void {
    this.#change({ isTriggerActive: true });
  }

  /** `ran` tells whether a batch ran; without one there was no data. */
  triggerFinished(ran: boolean): void {
    this.#change(
      ran ? { isTriggerActive: false } : { message: 'Waiting for data to arrive', isDataAvailable: false, isTriggerActive: false },
    );
  }

  /** The query is over: stopped, through, or failed with `error`. */
  terminated(error: Error | null): void {
    const message = error === null ? 'Stopped' : `Terminated with exception: ${error.message}`;
    this.#change({ message, isDataAvailable: false, isTriggerActive: false });
  }

  #change(change: Partial<StreamingQueryStatus>): void {
    this.#current = Object.freeze({ ...this.#current, ...change });
  }
}
