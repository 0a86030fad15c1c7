// Reads the records back out of a Kafka source's splits, slowly and plainly, for tests: uncompressed v2 batches only.
import type { Split } from '../../dist/source/source.js';

/** A record as the tests compare it. */
export interface Row {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
}

interface Segment {
  readonly topic: string;
  readonly partition: number;
  readonly fromOffset: number;
  readonly toOffset: number;
}

/** The records of all splits in order. */
export function rowsOf(splits: readonly Split[]): Row[] {
  return splits.flatMap(({ spec, buffers = [] }) =>
    (spec['segments'] as Segment[]).flatMap((segment, index) => segmentRows(segment, Buffer.from(buffers[index] as Uint8Array))),
  );
}

/** The values alone. */
export function valuesOf(splits: readonly Split[]): (string | null)[] {
  return rowsOf(splits).map(({ value }) => value);
}

function segmentRows({ topic, partition, fromOffset, toOffset }: Segment, bytes: Buffer): Row[] {
  const rows: Row[] = [];
  for (let start = 0; start < bytes.length; start += 12 + bytes.readInt32BE(start + 8)) {
    const baseOffset = Number(bytes.readBigInt64BE(start));
    const attributes = bytes.readInt16BE(start + 21);
    if ((attributes & 7) !== 0) throw new Error('compressed batches are not read here');
    if ((attributes & 0x20) !== 0) continue;
    const cursor = new Cursor(bytes, start + 61);
    for (let count = bytes.readInt32BE(start + 57); count > 0; count -= 1) {
      const end = cursor.varint() + cursor.position;
      cursor.position += 1;
      cursor.varint();
      const offset = baseOffset + cursor.varint();
      const row = { topic, partition, offset, key: cursor.text(), value: cursor.text() };
      cursor.position = end;
      if (offset >= fromOffset && offset < toOffset) rows.push(row);
    }
  }
  return rows;
}

class Cursor {
  position: number;
  private readonly bytes: Buffer;

  constructor(bytes: Buffer, position: number) {
    this.bytes = bytes;
    this.position = position;
  }

  varint(): number {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.bytes.readUInt8(this.position);
      this.position += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number((value >> 1n) ^ -(value & 1n));
    }
  }

  text(): string | null {
    const length = this.varint();
    if (length < 0) return null;
    this.position += length;
    return this.bytes.toString('utf8', this.position - length, this.position);
  }
}
