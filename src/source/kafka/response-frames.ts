// Cuts a broker's byte stream into responses: those to fetches go straight into shared memory, all others to kafkajs as they are.
import type { Received, ReceiveMemory } from './receive-memory.js';

const SIZE_BYTES = 4;
const CORRELATION_BYTES = 4;
const HEADER_BYTES = SIZE_BYTES + CORRELATION_BYTES;
/** What is read at once while no fetched records are under way. */
const SCRATCH_BYTES = 64 * 1024;

/** Responses to fetches that are whole and that nobody has taken yet, by their numbers: each without its size and number. */
export type FetchResponses = Map<number, Received>;

/** Takes the response that kafkajs has a stand-in for; its holder is who takes it. */
export function takeResponse(responses: FetchResponses, standIn: Buffer): Received {
  const correlationId = standIn.readInt32BE(0);
  const received = responses.get(correlationId);
  if (received === undefined) throw new Error(`no fetch response ${correlationId} has been received`);
  responses.delete(correlationId);
  return received;
}

/**
 * One connection's responses. For a fetch kafkajs sees a stand-in of a few bytes, by which the response is found: so fetched
 * records are never buffered, joined or copied in JavaScript.
 */
export class ResponseFrames {
  readonly #memory: ReceiveMemory;
  readonly #responses: FetchResponses;
  readonly #pass: (bytes: Buffer) => void;
  readonly #expected = new Set<number>();
  readonly #header = Buffer.alloc(HEADER_BYTES);
  readonly #scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  #headerBytes = 0;
  #passBytes = 0;
  #body: Received | null = null;
  #bodyBytes = 0;

  /** Fetched records go into `memory` and to `responses`; `pass` gets what is for kafkajs. */
  constructor(memory: ReceiveMemory, responses: FetchResponses, pass: (bytes: Buffer) => void) {
    this.#memory = memory;
    this.#responses = responses;
    this.#pass = pass;
  }

  /** The response with this number will be that of a fetch. */
  expect(correlationId: number): void {
    this.#expected.add(correlationId);
  }

  /** Where the next bytes may be read into: within a fetch's response, its place. */
  get target(): Uint8Array {
    return this.#body === null ? this.#scratch : this.#body.bytes.subarray(this.#bodyBytes);
  }

  /** Takes what came; bytes in `target` are in place already. Throws RangeError for lengths that cannot be. */
  push(bytes: Uint8Array): void {
    if (this.#body !== null && bytes.buffer === this.#body.bytes.buffer) {
      this.#fill(this.#body, bytes.length);
      return;
    }
    for (let at = 0; at < bytes.length; ) at += this.#step(bytes.subarray(at));
  }

  /** Takes the bytes up to the end of what is under way, or fewer; says how many. */
  #step(bytes: Uint8Array): number {
    if (this.#passBytes > 0) {
      const length = Math.min(this.#passBytes, bytes.length);
      this.#passBytes -= length;
      this.#pass(Buffer.from(bytes.subarray(0, length)));
      return length;
    }
    if (this.#body !== null) {
      const length = Math.min(this.#body.bytes.length - this.#bodyBytes, bytes.length);
      this.#body.bytes.set(bytes.subarray(0, length), this.#bodyBytes);
      this.#fill(this.#body, length);
      return length;
    }
    return this.#readHeader(bytes);
  }

  #readHeader(bytes: Uint8Array): number {
    const wanted = this.#headerBytes < SIZE_BYTES ? SIZE_BYTES : HEADER_BYTES;
    const length = Math.min(wanted - this.#headerBytes, bytes.length);
    this.#header.set(bytes.subarray(0, length), this.#headerBytes);
    this.#headerBytes += length;
    if (this.#headerBytes < SIZE_BYTES) return length;
    const size = this.#header.readInt32BE(0);
    if (size < 0) throw new RangeError(`a response of ${size} bytes`);
    // What the older SASL handshake exchanges has no number.
    const hasNumber = size >= CORRELATION_BYTES;
    if (hasNumber && this.#headerBytes < HEADER_BYTES) return length;
    this.#headerBytes = 0;
    const correlationId = hasNumber ? this.#header.readInt32BE(SIZE_BYTES) : 0;
    if (hasNumber && this.#expected.delete(correlationId)) this.#begin(size - CORRELATION_BYTES);
    else {
      this.#passBytes = hasNumber ? size - CORRELATION_BYTES : size;
      this.#pass(Buffer.from(this.#header.subarray(0, hasNumber ? HEADER_BYTES : SIZE_BYTES)));
    }
    return length;
  }

  #begin(length: number): void {
    this.#body = this.#memory.take(length);
    this.#bodyBytes = 0;
    this.#fill(this.#body, 0);
  }

  #fill(body: Received, length: number): void {
    this.#bodyBytes += length;
    if (this.#bodyBytes < body.bytes.length) return;
    this.#body = null;
    this.#responses.set(this.#header.readInt32BE(SIZE_BYTES), body);
    // The number is in it twice: as the stand-in's own, and as all that it says.
    const correlation = this.#header.subarray(SIZE_BYTES);
    const size = Buffer.alloc(SIZE_BYTES);
    size.writeInt32BE(2 * CORRELATION_BYTES);
    this.#pass(Buffer.concat([size, correlation, correlation]));
  }
}
