// Takes entries of batches that can't be gone back to any more out of both logs: many at a time, and beside the batches, for each time costs two syncs.
import type { Checkpoint } from '../checkpoint/checkpoint.js';

/** So many entries are let grow old before they are taken out together. */
const OLD_ENTRIES_MAX = 16;

/** The purges of one query. */
export class LogPurge {
  readonly #checkpoint: Checkpoint;
  readonly #batchesRetained: number;
  /** Entries below are gone; none is known to be before the first purge. */
  #purgedTo = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | null = null;
  #failure: unknown = null;

  constructor(checkpoint: Checkpoint, batchesRetained: number) {
    this.#checkpoint = checkpoint;
    this.#batchesRetained = batchesRetained;
  }

  /** The first batch whose entries may still be there: what those name must not go before them. */
  get batchIdMin(): number {
    return Math.max(0, this.#purgedTo);
  }

  /** Waits for a purge that runs; resolves to what made one fail, null where none has. */
  async failure(): Promise<unknown> {
    await this.#running;
    return this.#failure;
  }

  /** A batch is through: what is old may go, while others run. Throws what made an earlier purge fail. */
  batchDone(nextBatchId: number): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#running !== null || nextBatchId - this.#batchesRetained - this.#purgedTo < OLD_ENTRIES_MAX) return;
    this.#running = this.#purge(nextBatchId)
      .catch((cause: unknown) => {
        this.#failure = cause;
      })
      .finally(() => {
        this.#running = null;
      });
  }

  /** The query ends: all that is old goes. Rejects with what makes a purge fail. */
  async finish(nextBatchId: number): Promise<void> {
    const failure = await this.failure();
    if (failure !== null) throw failure;
    await this.#purge(nextBatchId);
  }

  async #purge(nextBatchId: number): Promise<void> {
    const batchIdMin = nextBatchId - this.#batchesRetained;
    await this.#checkpoint.offsets.purge(batchIdMin);
    await this.#checkpoint.commits.purge(batchIdMin);
    this.#purgedTo = batchIdMin;
  }
}
