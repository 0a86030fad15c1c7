// Packs raw record batches into splits for map tasks: at most a task's size of shared memory each, and what lies where in it.
import { type Conf, confBytes } from '../../engine/conf-values.js';
import type { Split } from '../source.js';
import type { TopicPartition } from './offset-plan.js';
import type { Received } from './receive-memory.js';

/** Maps begin with the first split, while the next is read. */
const SPLIT_BYTES_MAX = 8 * 2 ** 20;

/** Record batches that lie one behind the other in memory; `segments` of the kafka SplitSpec in docs/design/border.md. */
interface Segment {
  readonly topic: string;
  readonly partition: number;
  readonly fromOffset: number;
  readonly toOffset: number;
}

/** Collects batches in order and cuts them into splits. */
export class SplitPacker {
  readonly #source: number;
  readonly #bytesMax: number;
  readonly #splits: Split[] = [];
  readonly #held = new Set<Received>();
  #segments: Segment[] = [];
  /** One buffer for each segment. */
  #buffers: Buffer[] = [];
  #bytes = 0;

  constructor(source: number, bytesMax: number) {
    this.#source = source;
    this.#bytesMax = bytesMax;
  }

  /** What the splits lie in: the packer holds it, and who takes the splits lets it go after them. */
  get held(): Received[] {
    return [...this.#held];
  }

  /** Adds one batch of `received`; of its records those in `fromOffset`..`toOffset` count. A batch larger than a split has one for itself. */
  add({ topic, partition }: TopicPartition, fromOffset: number, toOffset: number, batch: Buffer, received: Received): void {
    if (this.#bytes > 0 && this.#bytes + batch.length > this.#bytesMax) this.#cut();
    if (!this.#held.has(received)) {
      received.hold();
      this.#held.add(received);
    }
    this.#bytes += batch.length;
    const segment = { topic, partition, fromOffset, toOffset };
    if (!this.#extendsLast(segment, batch)) {
      this.#segments.push(segment);
      this.#buffers.push(batch);
    }
  }

  /** All splits. */
  finish(): Split[] {
    this.#cut();
    return this.#splits;
  }

  /** Whether the batch follows on the last one in memory, in the same range: then both are one segment. */
  #extendsLast(segment: Segment, batch: Buffer): boolean {
    const [last, buffer] = [this.#segments.at(-1), this.#buffers.at(-1)];
    if (last === undefined || buffer === undefined) return false;
    if (last.topic !== segment.topic || last.partition !== segment.partition) return false;
    if (last.fromOffset !== segment.fromOffset || last.toOffset !== segment.toOffset) return false;
    if (buffer.buffer !== batch.buffer || buffer.byteOffset + buffer.length !== batch.byteOffset) return false;
    this.#buffers[this.#buffers.length - 1] = Buffer.from(buffer.buffer, buffer.byteOffset, buffer.length + batch.length);
    return true;
  }

  #cut(): void {
    if (this.#bytes === 0) return;
    const spec = { source: this.#source, format: 'kafka', segments: this.#segments };
    this.#splits.push({ spec, buffers: this.#buffers, byteLength: this.#bytes });
    this.#segments = [];
    this.#buffers = [];
    this.#bytes = 0;
  }
}

/** The size of a topic's splits: `millrace.splitBytes`, but no more than records are read ahead. */
export function splitBytesOf(conf: Conf): number {
  return Math.min(confBytes(conf, 'millrace.splitBytes'), SPLIT_BYTES_MAX);
}
