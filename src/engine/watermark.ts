// The watermark of a query: how far event time has come, by Spark's rules (Spark's WatermarkTracker).

/** A `withWatermark` of the plan. `delayMs` is how long late rows are waited for. */
export interface WatermarkNode {
  readonly node: number;
  readonly delayMs: number;
  /** The reader whose rows pass it. */
  readonly source?: number;
}

/** The event times that one watermark node saw in a batch, in milliseconds since 1970; null event times count as 1970. */
export interface EventTimeStats {
  readonly node: number;
  readonly count: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** Taken up step by step, as Spark does: the last digit is that of the steps. */
  readonly avgMs: number;
}

/** `spark.sql.streaming.multipleWatermarkPolicy`: how the watermarks of several nodes make the query's one. */
export type WatermarkPolicy = 'min' | 'max';

/**
 * Follows the watermark from batch to batch. It starts at 0 (1970), is the policy's choice among each node's greatest
 * `max event time - delay`, and never goes back. A node that has seen no row stands at 0 and, under `min`, holds the others.
 */
export class WatermarkTracker {
  readonly #delayMsByNode: ReadonlyMap<number, number>;
  readonly #nodes: readonly WatermarkNode[];
  /** Nodes of quiet sources that have shown no event time: they hold nobody back. */
  readonly #released = new Set<number>();
  readonly #watermarkMsByNode = new Map<number, number>();
  readonly #policy: WatermarkPolicy;
  #currentMs = 0;

  constructor(nodes: readonly WatermarkNode[], policy: WatermarkPolicy) {
    this.#nodes = nodes;
    this.#delayMsByNode = new Map(nodes.map(({ node, delayMs }) => [node, delayMs]));
    this.#policy = policy;
  }

  /** The watermark in force for the next batch, in milliseconds since 1970. */
  get currentMs(): number {
    return this.#currentMs;
  }

  /** Takes in what a batch saw. The watermark that results is in force from the next batch on. Taken in twice, it is as taken in once. */
  update(stats: readonly EventTimeStats[]): void {
    if (this.#delayMsByNode.size === 0) return;
    for (const [node, delayMs] of this.#delayMsByNode) {
      const seen = stats.find((entry) => entry.node === node && entry.count > 0);
      const reachedMs = seen === undefined ? 0 : seen.maxMs - delayMs;
      if (seen !== undefined) this.#released.delete(node);
      const previousMs = this.#watermarkMsByNode.get(node);
      // A node that was silent from the start stands at 0 from here on, as in Spark: only later event times move it.
      if (previousMs === undefined || (seen !== undefined && reachedMs > previousMs)) this.#watermarkMsByNode.set(node, reachedMs);
    }
    this.#choose();
  }

  /** A source has brought nothing for `elapsedMs`: the event times that it showed go on by as much. For `closeOnIdle`. */
  advanceQuiet(source: number, elapsedMs: number): void {
    for (const { node } of this.#nodes.filter((entry) => entry.source === source)) {
      // After a restart only the query's own watermark is known.
      const reachedMs = this.#watermarkMsByNode.get(node) ?? this.#currentMs;
      if (reachedMs > 0) this.#watermarkMsByNode.set(node, reachedMs + elapsedMs);
      else this.#released.add(node);
    }
    this.#choose();
  }

  #choose(): void {
    const candidates = [...this.#watermarkMsByNode].filter(([node]) => !this.#released.has(node)).map(([, reachedMs]) => reachedMs);
    if (candidates.length === 0) return;
    const chosenMs = this.#policy === 'min' ? Math.min(...candidates) : Math.max(...candidates);
    if (chosenMs > this.#currentMs) this.#currentMs = chosenMs;
  }

  /** Goes on from a stored watermark. As in Spark only the query's own comes back, not the nodes'. */
  restore(watermarkMs: number): void {
    this.#currentMs = Math.max(this.#currentMs, watermarkMs);
  }
}

/** Adds up what the map tasks of one batch saw: one entry per node, in the order in which the nodes first appear. */
export function mergeEventTimeStats(reports: Iterable<readonly EventTimeStats[]>): EventTimeStats[] {
  const merged = new Map<number, EventTimeStats>();
  for (const report of reports) {
    for (const entry of report) {
      if (entry.count === 0) continue;
      const known = merged.get(entry.node);
      merged.set(entry.node, known === undefined ? entry : addStats(known, entry));
    }
  }
  return [...merged.values()].sort((left, right) => left.node - right.node);
}

function addStats(left: EventTimeStats, right: EventTimeStats): EventTimeStats {
  const count = left.count + right.count;
  return {
    node: left.node,
    count,
    minMs: Math.min(left.minMs, right.minMs),
    maxMs: Math.max(left.maxMs, right.maxMs),
    avgMs: left.avgMs + ((right.avgMs - left.avgMs) * right.count) / count,
  };
}
