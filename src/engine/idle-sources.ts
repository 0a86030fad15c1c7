// Sources that have been quiet for long: their watermarks go on with the clock, so that what they hold open is closed (the option `closeOnIdle`).
import type { SourceRange } from './batch-range.js';
import type { WatermarkTracker } from './watermark.js';

/** Watches which sources bring nothing, and moves their event time as processing time moves. Not Spark's: off unless it is asked for. */
export class IdleSources {
  readonly #idleMs: number;
  /** Since when each source has been quiet, or was last moved on; by reader number. */
  readonly #quietSinceMs = new Map<number, number>();

  /** `idleMs`: how long a source is quiet before its watermark moves, and how long between two moves. */
  constructor(idleMs: number) {
    this.#idleMs = idleMs;
  }

  /** Takes in a look at the sources at `nowMs`: those that have been quiet for long enough have their watermarks moved. */
  look(sources: readonly SourceRange[], nowMs: number, watermark: WatermarkTracker): void {
    for (const { position, hasData } of sources) {
      const sinceMs = this.#quietSinceMs.get(position.number);
      if (hasData || sinceMs === undefined) this.#quietSinceMs.set(position.number, nowMs);
      else if (nowMs - sinceMs >= this.#idleMs) {
        watermark.advanceQuiet(position.number, nowMs - sinceMs);
        this.#quietSinceMs.set(position.number, nowMs);
      }
    }
  }

  /** When the next source will have been quiet for long enough; null before the first look. */
  get dueMs(): number | null {
    const since = [...this.#quietSinceMs.values()];
    return since.length === 0 ? null : Math.min(...since) + this.#idleMs;
  }
}
