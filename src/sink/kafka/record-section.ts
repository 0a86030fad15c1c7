// The records of one Kafka batch, encoded one after the other (format 2): lengths as varints, keys and values as they are.
import type { ByteColumn, RecordColumns } from './record-columns.js';

/** A header that every record of a batch gets. */
export interface CommonHeader {
  readonly key: Buffer;
  readonly value: Buffer;
}

const FIRST_BYTES = 4096;
const VARINT_BYTES_MAX = 5;
/** A batch's header, and a record's attributes, deltas and length at their longest: how Java reckons the size of a record. */
const BATCH_OVERHEAD_BYTES = 61;
const RECORD_OVERHEAD_BYTES = 21;

/** Grows as records are added. */
export class RecordSection {
  #buffer = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;
  #count = 0;

  /** Records in it. */
  get count(): number {
    return this.#count;
  }

  /** Their bytes. */
  get byteLength(): number {
    return this.#length;
  }

  /** The encoded records; good until the next `add` or `clear`. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Adds a row as a record whose time is the batch's. `fieldBytes` is what `fieldBytesOf` gave for the row. */
  add(columns: RecordColumns, row: number, fieldBytes: number, common: CommonHeader | null): void {
    // No attributes, no difference to the batch's time: a byte each.
    const bodyLength = 2 + varintLength(this.#count) + fieldBytes;
    this.#reserve(VARINT_BYTES_MAX + bodyLength);
    this.#varint(bodyLength);
    this.#buffer[this.#length++] = 0;
    this.#buffer[this.#length++] = 0;
    this.#varint(this.#count);
    this.#field(columns.key, row);
    this.#field(columns.value, row);
    const { headers } = columns;
    const start = headers?.startOf(row) ?? 0;
    const end = headers?.endOf(row) ?? 0;
    this.#varint(end - start + (common === null ? 0 : 1));
    for (let at = start; at < end; at += 1) {
      this.#field(headers?.keys ?? null, at);
      this.#field(headers?.values ?? null, at);
    }
    if (common !== null) {
      this.#bytes(common.key);
      this.#bytes(common.value);
    }
    this.#count += 1;
  }

  /** Back to no record; the memory is kept. */
  clear(): void {
    this.#length = 0;
    this.#count = 0;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  #field(column: ByteColumn | null, row: number): void {
    const length = column?.lengthOf(row) ?? -1;
    this.#varint(length);
    if (column !== null && length > 0) this.#length += column.copyTo(row, this.#buffer, this.#length);
  }

  #bytes(bytes: Buffer): void {
    this.#varint(bytes.length);
    this.#length += bytes.copy(this.#buffer, this.#length);
  }

  /** Zigzag, then seven bits a byte, the low ones first. */
  #varint(value: number): void {
    let rest = zigzag(value);
    while (rest > 0x7f) {
      this.#buffer[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#length++] = rest;
  }
}

/** Bytes of a row's key, value and headers with their lengths. Throws KAFKA_RECORD_INVALID for a header without a key. */
export function fieldBytesOf({ key, value, headers }: RecordColumns, row: number, common: CommonHeader | null): number {
  const start = headers?.startOf(row) ?? 0;
  const end = headers?.endOf(row) ?? 0;
  let bytes = fieldLength(key, row) + fieldLength(value, row) + varintLength(end - start + (common === null ? 0 : 1));
  for (let at = start; at < end; at += 1) bytes += fieldLength(headers?.keys ?? null, at) + fieldLength(headers?.values ?? null, at);
  if (common === null) return bytes;
  return bytes + varintLength(common.key.length) + common.key.length + varintLength(common.value.length) + common.value.length;
}

/** What Java's producer reckons that a record takes when it is sent alone. */
export function serializedBytes(fieldBytes: number): number {
  return BATCH_OVERHEAD_BYTES + RECORD_OVERHEAD_BYTES + fieldBytes;
}

function fieldLength(column: ByteColumn | null, row: number): number {
  const length = column?.lengthOf(row) ?? -1;
  return varintLength(length) + Math.max(0, length);
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = zigzag(value); rest > 0x7f; rest >>>= 7) length += 1;
  return length;
}

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}
