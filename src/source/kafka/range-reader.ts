// Reads ranges of offsets out of the fetched buffers into splits, and decides what offsets that are not there mean.
import type { Split } from '../source.js';
import { fetchOffset } from './fetch-offset.js';
import { couldNotReadRange, fetchFailed } from './kafka-error.js';
import type { OffsetRange } from './offset-range.js';
import type { LogRange, PartitionBuffer } from './partition-buffer.js';
import type { PartitionCatalog } from './partition-catalog.js';
import type { Received } from './receive-memory.js';
import type { RecordFetcher } from './record-fetcher.js';
import { SplitPacker } from './split-packer.js';

/** How ranges are read. */
export interface RangeReaderOptions {
  readonly sourceNumber: number;
  readonly splitBytes: number;
  /** Whether each range is a task of its own; else ranges share tasks by bytes. */
  readonly rangesAreTasks: boolean;
  readonly failOnDataLoss: boolean;
  readonly pollTimeoutMs: number;
}

/** A range, and what is left of it. */
interface PendingRange {
  from: number;
  readonly until: number;
  readonly packer: SplitPacker;
}

/** Reads the ranges of one source. */
export class RangeReader {
  readonly #fetcher: RecordFetcher;
  readonly #catalog: PartitionCatalog;
  readonly #options: RangeReaderOptions;
  /** What the splits lie in that were given out. */
  #lent: Received[] = [];

  constructor(fetcher: RecordFetcher, catalog: PartitionCatalog, options: RangeReaderOptions) {
    this.#fetcher = fetcher;
    this.#catalog = catalog;
    this.#options = options;
  }

  /**
   * The ranges as splits, good until `release`. Ranges of one partition follow on each other. Throws KAFKA_DATA_LOSS.COULD_NOT_READ_OFFSET_RANGE where offsets are
   * gone and failOnDataLoss says so, KAFKA_FETCH_FAILED where none come in time.
   */
  async read(ranges: readonly OffsetRange[]): Promise<Split[]> {
    const { sourceNumber, splitBytes, rangesAreTasks } = this.#options;
    const shared = new SplitPacker(sourceNumber, splitBytes);
    const packers = ranges.map(() => (rangesAreTasks ? new SplitPacker(sourceNumber, splitBytes) : shared));
    const pending = new Map<PartitionBuffer, PendingRange[]>();
    const buffers = new Map<string, PartitionBuffer>();
    ranges.forEach(({ key, ...range }, index) => {
      const [from, until] = [fetchOffset(key, range.from), fetchOffset(key, range.until)];
      const buffer = buffers.get(key) ?? this.#fetcher.bufferAt(key, from);
      buffers.set(key, buffer);
      const queue = pending.get(buffer) ?? [];
      queue.push({ from, until, packer: packers[index] as SplitPacker });
      pending.set(buffer, queue);
      buffer.wantedTo = until;
    });
    await this.#drain(pending);
    const used = [...new Set(packers)];
    this.#lent.push(...used.flatMap((packer) => packer.held));
    return used.flatMap((packer) => packer.finish());
  }

  /** The splits that were given out are read no more: their memory may be received into again. */
  release(): void {
    for (const received of this.#lent) received.release();
    this.#lent = [];
  }

  /** Moves the ranges from the buffers into splits as they come in; what is packed makes room for more. */
  async #drain(pending: Map<PartitionBuffer, PendingRange[]>): Promise<void> {
    let progressMs = Date.now();
    for (;;) {
      this.#fetcher.check();
      for (const [buffer, queue] of pending) {
        if (this.#advance(buffer, queue)) progressMs = Date.now();
        if (queue.length === 0) pending.delete(buffer);
      }
      this.#fetcher.changed.notify();
      const [first] = pending;
      if (first === undefined) return;
      if (this.#fetcher.isClosed) throw fetchFailed(first[0].key, 'the source was closed');
      const leftMs = progressMs + this.#options.pollTimeoutMs - Date.now();
      if (leftMs > 0) await this.#fetcher.changed.wait(leftMs);
      else {
        for (const [buffer, queue] of pending) await this.#giveUp(buffer, queue);
        progressMs = Date.now();
      }
    }
  }

  /** Packs what is there of a partition's ranges; whether that was anything. */
  #advance(buffer: PartitionBuffer, queue: PendingRange[]): boolean {
    let hasMoved = false;
    for (let range = queue[0]; range !== undefined; range = queue[0]) {
      if (buffer.outOfRange !== null && buffer.position <= range.from) {
        this.#skipLost(buffer, queue, buffer.outOfRange);
        hasMoved = true;
        continue;
      }
      const to = Math.min(range.until, buffer.position);
      if (to <= range.from) return hasMoved;
      const { from, packer } = range;
      buffer.read(from, to, (batch, fromOffset, received) => packer.add(buffer, fromOffset, to, batch, received));
      // A batch across the end of a range is needed by the next one too.
      buffer.release(to);
      range.from = to;
      hasMoved = true;
      if (to === range.until) queue.shift();
    }
    return hasMoved;
  }

  /** The log does not hold the first range's next offset: that is an error, or the range goes on at the first offset there is, if any. */
  #skipLost(buffer: PartitionBuffer, queue: PendingRange[], { earliest, latest }: LogRange): void {
    const range = queue[0] as PendingRange;
    if (this.#options.failOnDataLoss) throw couldNotReadRange(buffer.key, range.from, range.until);
    if (range.from >= latest || earliest >= range.until) queue.shift();
    else {
      range.from = Math.max(range.from, earliest);
      buffer.skipTo(range.from);
    }
  }

  /** Nothing came in time. As in Spark it is only asked now whether the log has the offset at all: it may have been about to come. */
  async #giveUp(buffer: PartitionBuffer, queue: PendingRange[]): Promise<void> {
    const log = await this.#catalog.logRange(buffer.key);
    for (let range = queue[0]; range !== undefined; range = queue[0]) {
      const isThere = log === null || (range.from >= log.earliest && range.from < log.latest);
      if (isThere) throw fetchFailed(buffer.key, `no records came for ${this.#options.pollTimeoutMs} ms`);
      this.#skipLost(buffer, queue, log);
      if (queue[0] === range) return;
    }
  }
}
