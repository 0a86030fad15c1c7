// Time as the engine sees it: the wall clock in production, a clock that tests move by hand.

/** A source of the current time and of waits on it. All times are milliseconds since 1970. */
export interface Clock {
  /** The current time in milliseconds since 1970. */
  nowMs(): number;
  /** Resolves when the clock has reached `timeMs`, or as soon as `signal` aborts; never rejects. */
  sleepUntil(timeMs: number, signal: AbortSignal): Promise<void>;
}

/** setTimeout's longest delay; longer waits are cut into several. */
const TIMER_DELAY_MS_MAX = 2 ** 31 - 1;

/** The wall clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  async sleepUntil(timeMs, signal) {
    while (!signal.aborted) {
      const delayMs = timeMs - Date.now();
      if (delayMs <= 0) return;
      await sleepOnce(Math.min(delayMs, TIMER_DELAY_MS_MAX), signal);
    }
  },
};

/** One timer that an abort ends early, without leaving a listener on the signal behind. */
function sleepOnce(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, delayMs);
    signal.addEventListener('abort', finish, { once: true });
    if (signal.aborted) finish();
  });
}

/** A clock that stands still until a test moves it (Spark's StreamManualClock). */
export class ManualClock implements Clock {
  #timeMs: number;
  readonly #sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>();

  constructor(timeMs = 0) {
    this.#timeMs = timeMs;
  }

  nowMs(): number {
    return this.#timeMs;
  }

  /** How many waits are in progress: a test advances once the query sleeps. */
  get sleeperCount(): number {
    return this.#sleepers.size;
  }

  sleepUntil(timeMs: number, signal: AbortSignal): Promise<void> {
    if (timeMs <= this.#timeMs || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers.delete(sleeper);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { untilMs: timeMs, wake };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  /** Moves the clock forward by `deltaMs` and wakes every wait that is over. */
  advance(deltaMs: number): void {
    this.#timeMs += deltaMs;
    for (const sleeper of [...this.#sleepers]) {
      if (sleeper.untilMs <= this.#timeMs) sleeper.wake();
    }
  }
}
