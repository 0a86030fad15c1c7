// Reads a fetch response down to the raw record sets: a few numbers per partition, and the records as the bytes they came in.

/** One partition of a fetch response. */
export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  /** First offset that a read_uncommitted reader may not see yet. */
  readonly highWatermark: number;
  /** The same for read_committed. */
  readonly lastStableOffset: number;
  readonly abortedTransactions: readonly AbortedTransaction[];
  /** Whole record batches; the last may be cut. A view of the response, which it keeps in memory. */
  readonly recordSet: Buffer;
}

/** A transaction whose records a read_committed reader must not see. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

/** The response versions that are read: from record batches (Kafka 0.11) to the newest that kafkajs asks for. */
export const FETCH_VERSION_MIN = 4;
export const FETCH_VERSION_MAX = 11;

const NO_RECORDS = Buffer.alloc(0);

/** Reads the response to a Fetch request of `version`. Throws RangeError where its lengths lead out of it. */
export function readFetchResponse(payload: Buffer, version: number): FetchedPartition[] {
  const reader = new ResponseReader(payload);
  const partitions: FetchedPartition[] = [];
  reader.int32(); // throttle time
  // error code and session id: sessions are not used
  if (version >= 7) reader.skip(2 + 4);
  for (let topics = reader.int32(); topics > 0; topics -= 1) {
    const topic = reader.string();
    for (let count = reader.int32(); count > 0; count -= 1) partitions.push(readPartition(reader, topic, version));
  }
  return partitions;
}

function readPartition(reader: ResponseReader, topic: string, version: number): FetchedPartition {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = Number(reader.int64());
  const lastStableOffset = Number(reader.int64());
  if (version >= 5) reader.int64(); // log start offset
  const abortedTransactions: AbortedTransaction[] = [];
  for (let count = reader.int32(); count > 0; count -= 1) {
    abortedTransactions.push({ producerId: reader.int64(), firstOffset: Number(reader.int64()) });
  }
  if (version >= 11) reader.int32(); // preferred read replica: asked for only with a rack
  return { topic, partition, errorCode, highWatermark, lastStableOffset, abortedTransactions, recordSet: reader.bytes() };
}

/** Big-endian fields in sequence; Buffer's own bounds checks throw RangeError. */
class ResponseReader {
  private readonly payload: Buffer;
  private position = 0;

  constructor(payload: Buffer) {
    this.payload = payload;
  }

  int16(): number {
    const value = this.payload.readInt16BE(this.position);
    this.position += 2;
    return value;
  }

  int32(): number {
    const value = this.payload.readInt32BE(this.position);
    this.position += 4;
    return value;
  }

  int64(): bigint {
    const value = this.payload.readBigInt64BE(this.position);
    this.position += 8;
    return value;
  }

  skip(length: number): void {
    if (this.position + length > this.payload.length) throw new RangeError('The fetch response is cut');
    this.position += length;
  }

  string(): string {
    const length = this.int16();
    const start = this.position;
    this.skip(Math.max(0, length));
    return this.payload.toString('utf8', start, this.position);
  }

  bytes(): Buffer {
    const length = this.int32();
    if (length <= 0) return NO_RECORDS;
    const start = this.position;
    this.skip(length);
    return this.payload.subarray(start, this.position);
  }
}
