// Shared memory that fetched records are received into and that workers decode them from: taken in pieces, used again once nobody holds them.
import { BUFFER_BYTES_MAX } from './partition-buffer.js';

/** Fetches of one broker follow on each other in a block of this size; a longer one has a block of its own. */
const BLOCK_BYTES = 8 * 2 ** 20;
/**
 * Of the blocks that nobody holds, so much is kept for later: what can be in use at once, which is as much as is fetched ahead three times over (there,
 * in the batch in work, and in the one ahead of it). Blocks that are made anew cost a page fault for every 4 KiB, and go only when V8 collects.
 */
const KEPT_BYTES_MAX = 3 * BUFFER_BYTES_MAX;
/** After so many pieces taken it is looked which of the kept ones were not needed meanwhile: who has caught up needs few. */
const TAKES_TO_REVIEW = 64;

interface Block {
  readonly memory: SharedArrayBuffer;
  used: number;
  holders: number;
}

/** A piece of memory. Whoever needs its bytes holds it and lets it go; the one who took it holds it already. */
export class Received {
  readonly bytes: Buffer;
  readonly #block: Block;
  readonly #onFree: (block: Block) => void;
  #holders = 1;

  constructor(block: Block, length: number, onFree: (block: Block) => void) {
    this.bytes = Buffer.from(block.memory, block.used, length);
    this.#block = block;
    this.#onFree = onFree;
    block.used += length;
    block.holders += 1;
  }

  /** One holder more. */
  hold(): void {
    this.#holders += 1;
  }

  /** One holder fewer; after the last one the bytes are somebody else's. */
  release(): void {
    this.#holders -= 1;
    if (this.#holders > 0) return;
    this.#block.holders -= 1;
    if (this.#block.holders === 0) this.#onFree(this.#block);
  }
}

/** The memory of one source. What is never let go is left to the garbage collector. */
export class ReceiveMemory {
  readonly #keptBytesMax: number;
  /** Kept blocks; the last one is used next, so those that are not needed are the first. */
  readonly #free: Block[] = [];
  #freeBytes = 0;
  /** The least of that since the last review. */
  #freeBytesMin = 0;
  #takes = 0;
  #current: Block | null = null;

  /** `keptBytesMax` bytes of memory that nobody holds are kept for later. */
  constructor(keptBytesMax = KEPT_BYTES_MAX) {
    this.#keptBytesMax = keptBytesMax;
  }

  /** `length` bytes, with whatever is in them. Throws RangeError where there is no such memory. */
  take(length: number): Received {
    this.#takes += 1;
    if (this.#takes % TAKES_TO_REVIEW === 0) this.#review();
    const block = this.#blockWith(length);
    return new Received(block, length, (freed) => this.#onFree(freed));
  }

  #blockWith(length: number): Block {
    const current = this.#current;
    if (current !== null && current.memory.byteLength - current.used >= length) return current;
    const block = this.#reused(length) ?? { memory: new SharedArrayBuffer(Math.max(BLOCK_BYTES, length)), used: 0, holders: 0 };
    this.#current = block;
    if (current?.holders === 0) this.#keep(current);
    return block;
  }

  #reused(length: number): Block | undefined {
    const index = this.#free.findLastIndex(({ memory }) => memory.byteLength >= length);
    return index < 0 ? undefined : this.#remove(index);
  }

  #remove(index: number): Block | undefined {
    const [block] = this.#free.splice(index, 1);
    this.#freeBytes -= block?.memory.byteLength ?? 0;
    this.#freeBytesMin = Math.min(this.#freeBytesMin, this.#freeBytes);
    return block;
  }

  /** Lets go of the blocks that were not needed since the last review. */
  #review(): void {
    let surplus = this.#freeBytesMin;
    for (let bytes = this.#oldestBytes; bytes <= surplus; bytes = this.#oldestBytes) {
      surplus -= bytes;
      this.#remove(0);
    }
    this.#freeBytesMin = this.#freeBytes;
  }

  get #oldestBytes(): number {
    return this.#free[0]?.memory.byteLength ?? Number.POSITIVE_INFINITY;
  }

  #onFree(block: Block): void {
    block.used = 0;
    if (block !== this.#current) this.#keep(block);
  }

  #keep(block: Block): void {
    if (this.#freeBytes + block.memory.byteLength > this.#keptBytesMax) return;
    this.#free.push(block);
    this.#freeBytes += block.memory.byteLength;
  }
}
