// Packs raw record batches into splits for map tasks: shared memory of at most a task's size, with segments that say what lies where.
import type { Split } from '../source.js';
import type { TopicPartition } from './offset-plan.js';

const SPLIT_BYTES_DEFAULT = 8 * 2 ** 20;

/** `segments` of the kafka SplitSpec in docs/design/border.md. */
interface Segment {
  readonly topic: string;
  readonly partition: number;
  readonly fromOffset: number;
  readonly toOffset: number;
  readonly start: number;
  end: number;
}

/** Collects batches in order and cuts them into splits. */
export class SplitPacker {
  readonly #source: number;
  readonly #bytesMax: number;
  readonly #splits: Split[] = [];
  #batches: Buffer[] = [];
  #segments: Segment[] = [];
  #bytes = 0;

  constructor(source: number, bytesMax: number) {
    this.#source = source;
    this.#bytesMax = bytesMax;
  }

  /** Adds one batch; of its records those in `fromOffset`..`toOffset` count. A batch larger than a split has one for itself. */
  add(of: TopicPartition, fromOffset: number, toOffset: number, batch: Buffer): void {
    if (this.#bytes > 0 && this.#bytes + batch.length > this.#bytesMax) this.#cut();
    const last = this.#segments.at(-1);
    const start = this.#bytes;
    this.#bytes += batch.length;
    this.#batches.push(batch);
    if (last?.topic === of.topic && last.partition === of.partition && last.fromOffset === fromOffset && last.toOffset === toOffset) {
      last.end = this.#bytes;
    } else {
      this.#segments.push({ topic: of.topic, partition: of.partition, fromOffset, toOffset, start, end: this.#bytes });
    }
  }

  /** All splits. */
  finish(): Split[] {
    this.#cut();
    return this.#splits;
  }

  #cut(): void {
    if (this.#bytes === 0) return;
    const bytes = new SharedArrayBuffer(this.#bytes);
    const target = new Uint8Array(bytes);
    let position = 0;
    for (const batch of this.#batches) {
      target.set(batch, position);
      position += batch.length;
    }
    this.#splits.push({ spec: { source: this.#source, format: 'kafka', segments: this.#segments }, bytes, byteLength: this.#bytes });
    this.#batches = [];
    this.#segments = [];
    this.#bytes = 0;
  }
}

/** `millrace.splitBytes`, which the session has checked. */
export function splitBytesOf(conf: Readonly<Record<string, string>>): number {
  const match = /^\s*(\d+)\s*([kmg]?)b?\s*$/i.exec(conf['millrace.splitBytes'] ?? '');
  const bytes = Number(match?.[1]) * 2 ** (10 * ' kmg'.indexOf((match?.[2] || ' ').toLowerCase()));
  return bytes >= 1 ? Math.min(bytes, SPLIT_BYTES_DEFAULT) : SPLIT_BYTES_DEFAULT;
}
