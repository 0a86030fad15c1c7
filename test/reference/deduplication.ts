// Deduplication as Spark does it: the keys that were seen, and until when each is remembered.
import type { Tree } from './expression.ts';
import type { Clock, Counts, Operator } from './operator.ts';
import { Instant, keyText, type Row } from './value.ts';

const NEVER = null;

/** The state of one deduplication. */
export class Deduplication implements Operator {
  /** It asks even where nothing of it ends. */
  readonly asksForNoData = true;
  readonly #columns: readonly string[] | null;
  readonly #isWithin: boolean;
  readonly #time: string | null;
  readonly #delayMicros: bigint;
  readonly #seen = new Map<string, bigint | null>();

  /** `time` is the column of event time, `delayMs` how long its watermark waits. */
  constructor(step: Tree, time: string | null, delayMs: number) {
    this.#columns = step['cols'] ?? null;
    this.#isWithin = step['op'] === 'dropDuplicatesWithinWatermark';
    this.#time = time;
    this.#delayMicros = BigInt(delayMs) * 1000n;
  }

  /** Whether keys are forgotten: the event time is among them, or they are kept for the delay. */
  get #isBounded(): boolean {
    return this.#time !== null && (this.#isWithin || this.#columns === null || this.#columns.includes(this.#time));
  }

  /** The first row of each key that is not remembered; then keys that `evictMs` has passed are forgotten. */
  batch([rows = []]: readonly (readonly Row[])[], { lateMs, evictMs }: Clock): { output: Row[]; counts: Counts } {
    const isLate = (row: Row) => {
      const time = this.#timeOf(row);
      return time !== null && time <= BigInt(lateMs) * 1000n;
    };
    const output: Row[] = [];
    for (const row of rows) {
      if (isLate(row)) continue;
      const key = (this.#columns ?? Object.keys(row)).map((name) => keyText(row[name] ?? null)).join();
      if (this.#seen.has(key)) continue;
      this.#seen.set(key, this.#expiryOf(row));
      output.push(row);
    }
    const past = [...this.#seen].filter(([, expiry]) => expiry !== NEVER && expiry <= BigInt(evictMs) * 1000n);
    for (const [key] of past) this.#seen.delete(key);
    const numLate = rows.filter(isLate).length;
    const counts = {
      operator: this.#isWithin ? 'dedupeWithinWatermark' : 'dedupe',
      total: this.#seen.size,
      updated: output.length,
      removed: past.length,
      droppedByWatermark: numLate,
      numDroppedDuplicateRows: rows.length - numLate - output.length,
    };
    return { output, counts };
  }

  watermarkBehind(watermarkMs: number): number {
    return watermarkMs;
  }

  #timeOf(row: Row): bigint | null {
    const time = this.#time === null ? null : row[this.#time];
    if (time instanceof Instant) return time.micros;
    return time === null || time === undefined ? null : (time as { readonly end: Instant }).end.micros;
  }

  #expiryOf(row: Row): bigint | null {
    if (!this.#isBounded) return NEVER;
    const time = this.#timeOf(row);
    // A null time counts as 1970 where keys are kept for the delay, so that it is mostly gone at once.
    if (this.#isWithin) return (time ?? 0n) + this.#delayMicros;
    return time;
  }
}
