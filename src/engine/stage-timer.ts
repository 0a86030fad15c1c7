// How long each stage of a batch took, under Spark's names.
import { performance } from 'node:perf_hooks';

/** The keys of `durationMs` in a progress report. */
export type Stage = 'addBatch' | 'commitOffsets' | 'getBatch' | 'latestOffset' | 'queryPlanning' | 'walCommit';

/** Adds up times by stage. It measures with a clock that never jumps, whatever the trigger's clock does. */
export class StageTimer {
  readonly #elapsedMs: Record<Stage, number> = {
    addBatch: 0,
    commitOffsets: 0,
    getBatch: 0,
    latestOffset: 0,
    queryPlanning: 0,
    walCommit: 0,
  };
  #startMs = performance.now();

  /** Begins anew: what was done before, ahead of the batch's turn, is not counted. */
  restart(): void {
    this.#startMs = performance.now();
    for (const stage of Object.keys(this.#elapsedMs) as Stage[]) this.#elapsedMs[stage] = 0;
  }

  /** Runs a piece of work and adds its time to a stage, also when it fails. */
  async time<T>(stage: Stage, work: () => T | Promise<T>): Promise<T> {
    const startMs = performance.now();
    try {
      return await work();
    } finally {
      this.#elapsedMs[stage] += performance.now() - Math.max(startMs, this.#startMs);
    }
  }

  /** Whole milliseconds by stage, with the whole trigger's beside them, keys in order as Spark writes them. */
  durationMs(): Record<Stage | 'triggerExecution', number> {
    const { addBatch, commitOffsets, getBatch, latestOffset, queryPlanning, walCommit } = this.#elapsedMs;
    return {
      addBatch: Math.round(addBatch),
      commitOffsets: Math.round(commitOffsets),
      getBatch: Math.round(getBatch),
      latestOffset: Math.round(latestOffset),
      queryPlanning: Math.round(queryPlanning),
      triggerExecution: Math.round(performance.now() - this.#startMs),
      walCommit: Math.round(walCommit),
    };
  }
}
