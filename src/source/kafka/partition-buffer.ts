// What is fetched of one partition and not read yet: raw record sets that follow on each other, and how far the broker's log goes.
import type { MillraceError } from '../../error/millrace-error.js';
import { partitionOf, type TopicPartition } from './offset-plan.js';
import type { Received } from './receive-memory.js';
import { forEachBatch } from './record-set.js';

/** Bytes of raw records held for reading, over all partitions; what one batch without other limits reads at most. */
export const BUFFER_BYTES_MAX = 64 * 2 ** 20;

/** A piece of the log; it covers the offsets up to `next` from where the piece before ends, gaps included. */
interface Chunk {
  /** Records below were deleted, though their batch may still have them: the log may begin inside a batch. */
  readonly floor: number;
  readonly next: number;
  readonly recordSets: readonly Buffer[];
  readonly bytes: number;
  /** What the record sets lie in; the chunk holds it. */
  readonly received: Received;
}

/** The offsets that a partition's log has. */
export interface LogRange {
  readonly earliest: number;
  /** The first offset that it does not have. */
  readonly latest: number;
}

/** The fetched part of one partition: the offsets `start` to `position`, without holes. */
export class PartitionBuffer implements TopicPartition {
  readonly key: string;
  readonly topic: string;
  readonly partition: number;
  /** The next offset to fetch. */
  position: number;
  /** First offset beyond what may be read, as far as it is known; -1 before the first answer. */
  end = -1;
  /** Set where the log turned out not to hold `position`: where it begins and ends. Nothing is fetched until somebody seeks. */
  outOfRange: LogRange | null = null;
  /** Why this partition can't be read on. */
  failure: MillraceError | null = null;
  /** Offsets that a batch waits for; they are fetched even when the buffers are full. */
  wantedTo = -1;
  /** Answers in a row without a whole batch although the log goes on. */
  emptyAnswers = 0;
  #start: number;
  #floor = 0;
  #chunks: Chunk[] = [];
  #bytes = 0;

  constructor(key: string, offset: number) {
    this.key = key;
    ({ topic: this.topic, partition: this.partition } = partitionOf(key));
    this.#start = offset;
    this.position = offset;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The first offset that is still held. */
  get start(): number {
    return this.#start;
  }

  /** Forgets everything and goes on at `offset`. */
  seek(offset: number): void {
    this.clear();
    this.#start = offset;
    this.position = offset;
    this.outOfRange = null;
    this.emptyAnswers = 0;
  }

  /** Lets go of all that is held. */
  clear(): void {
    for (const { received } of this.#chunks) received.release();
    this.#chunks = [];
    this.#bytes = 0;
  }

  /** Adds the next piece, up to offset `next`: what is there of it, as it lies in `received`. */
  append(recordSets: readonly Buffer[], next: number, received: Received): void {
    this.emptyAnswers = 0;
    this.position = next;
    const bytes = recordSets.reduce((sum, { length }) => sum + length, 0);
    if (bytes === 0) return;
    received.hold();
    this.#chunks.push({ floor: this.#floor, next, recordSets, bytes, received });
    this.#bytes += bytes;
  }

  /** Offsets up to `offset` hold no records: compacted away or deleted. */
  skipTo(offset: number): void {
    this.emptyAnswers = 0;
    this.outOfRange = null;
    this.#floor = offset;
    this.position = Math.max(this.position, offset);
  }

  /** Gives the held batches that have offsets of `from`..`to` (`to` excluded), each with the first of these offsets that counts in it. */
  read(from: number, to: number, take: (batch: Buffer, fromOffset: number, received: Received) => void): void {
    for (const { floor, next, recordSets, received } of this.#chunks) {
      if (next <= from) continue;
      const fromOffset = Math.max(from, floor);
      let isPast = true;
      for (const recordSet of recordSets) {
        forEachBatch(recordSet, this, fromOffset, to, (start, end) => {
          isPast = false;
          take(recordSet.subarray(start, end), fromOffset, received);
        });
      }
      if (isPast && next >= to) return;
    }
  }

  /** Lets go of what lies before `to`. A batch across `to` stays. */
  release(to: number): void {
    let count = 0;
    for (const { next, bytes, received } of this.#chunks) {
      if (next > to) break;
      this.#bytes -= bytes;
      received.release();
      count += 1;
    }
    this.#chunks.splice(0, count);
    this.#start = Math.max(this.#start, Math.min(to, this.position));
  }
}
