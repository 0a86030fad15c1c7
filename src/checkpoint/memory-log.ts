// Both logs for queries without a checkpoint: entries live as long as the query and are bounded by purging.
import { MillraceError } from '../error/millrace-error.js';

/** A log in memory. Entries are frozen copies: nobody can change what has been logged. */
export class MemoryLog<Entry extends object> {
  readonly #entries = new Map<number, Entry>();
  readonly #name: string;

  /** `name` is what errors call the log: `offset log`, `commit log`. */
  constructor(name: string) {
    this.#name = name;
  }

  /** Adds the entry of a batch. Throws INTERNAL_ERROR where the batch does not follow the newest one: a hole would lose data on a restart. */
  async write(batchId: number, entry: Entry): Promise<void> {
    const newest = this.#newestBatchId();
    if (newest !== null && batchId !== newest + 1) {
      throw new MillraceError('INTERNAL_ERROR', {
        parameters: { message: `The ${this.#name} ends at batch ${newest}, so batch ${batchId} cannot be written.` },
        context: { batchId, newestBatchId: newest },
      });
    }
    this.#entries.set(batchId, Object.freeze(structuredClone(entry)));
  }

  async read(batchId: number): Promise<Entry | null> {
    return this.#entries.get(batchId) ?? null;
  }

  async latest(): Promise<{ readonly batchId: number; readonly entry: Entry } | null> {
    const batchId = this.#newestBatchId();
    if (batchId === null) return null;
    const entry = this.#entries.get(batchId);
    return entry === undefined ? null : { batchId, entry };
  }

  async purge(batchIdMin: number): Promise<void> {
    for (const batchId of this.#entries.keys()) {
      if (batchId < batchIdMin) this.#entries.delete(batchId);
    }
  }

  #newestBatchId(): number | null {
    let newest: number | null = null;
    // Insertion order is batch order: the last key is the newest.
    for (const batchId of this.#entries.keys()) newest = batchId;
    return newest;
  }
}
