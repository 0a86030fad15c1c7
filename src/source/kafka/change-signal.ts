// Lets waiters sleep until something has changed: they look again, and sleep again if it was nothing for them.

/** A condition without a state of its own. Who waits looks first; looking and calling `wait` must be in one turn. */
export class ChangeSignal {
  #waiters = new Set<() => void>();

  /** Wakes everybody who waits now. */
  notify(): void {
    const waiters = this.#waiters;
    this.#waiters = new Set();
    for (const wake of waiters) wake();
  }

  /** Resolves at the next change, or when `timeoutMs` has passed, or when `signal` aborts. */
  wait(timeoutMs?: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = timeoutMs === undefined ? undefined : setTimeout(() => wake(), timeoutMs);
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiters.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
      if (signal?.aborted) wake();
    });
  }
}

/** The pause before try number `failures` + 1: doubled each time up to a bound, a random half of it, so that clients do not come in step. */
export function backoffMs(failures: number, firstMs: number, maxMs: number): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(20, Math.max(0, failures - 1)));
  return full / 2 + Math.random() * (full / 2);
}
