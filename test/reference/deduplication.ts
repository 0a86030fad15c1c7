// Deduplication as Spark does it: the keys that were seen, and until when each is remembered.
import type { Tree } from './expression.ts';
import { Instant, keyText, type Row } from './value.ts';

/** What a batch did, as the vectors count it. */
export interface Counts {
  readonly operator: string;
  readonly total: number;
  readonly updated: number;
  readonly removed: number;
  readonly droppedByWatermark: number;
  readonly numDroppedDuplicateRows?: number;
}

/** The steps of a query tree that remove duplicates. */
export const DEDUPLICATIONS: readonly string[] = ['dropDuplicates', 'distinct', 'dropDuplicatesWithinWatermark'];

const NEVER = null;

/** The state of one deduplication. */
export class Deduplication {
  readonly #columns: readonly string[] | null;
  readonly #isWithin: boolean;
  readonly #time: string | null;
  readonly #delayMicros: bigint;
  readonly #seen = new Map<string, bigint | null>();

  constructor(step: Tree, watermark: { readonly column: string; readonly delayMs: number } | null) {
    this.#columns = step['cols'] ?? null;
    this.#isWithin = step['op'] === 'dropDuplicatesWithinWatermark';
    this.#time = watermark?.column ?? null;
    this.#delayMicros = BigInt(watermark?.delayMs ?? 0) * 1000n;
  }

  /** Whether keys are forgotten: the event time is among them, or they are kept for the delay. */
  get #isBounded(): boolean {
    return this.#time !== null && (this.#isWithin || this.#columns === null || this.#columns.includes(this.#time));
  }

  /** The first row of each key that is not remembered; then keys that `evictMs` has passed are forgotten. */
  batch(rows: readonly Row[], lateMs: number, evictMs: number): { output: Row[]; counts: Counts } {
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

  #timeOf(row: Row): bigint | null {
    const time = this.#time === null ? null : row[this.#time];
    return time instanceof Instant ? time.micros : null;
  }

  #expiryOf(row: Row): bigint | null {
    if (!this.#isBounded) return NEVER;
    const time = this.#timeOf(row);
    // A null time counts as 1970 where keys are kept for the delay, so that it is mostly gone at once.
    if (this.#isWithin) return (time ?? 0n) + this.#delayMicros;
    return time;
  }
}
