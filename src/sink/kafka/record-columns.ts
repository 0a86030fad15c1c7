// The rows of a result as records of Kafka: keys, values and headers where they lie in the columns' memory; no row becomes an object.
import { MillraceError } from '../../error/millrace-error.js';
import { ArrayVector, BinaryVector, type ColumnVector, StringVector, StructVector } from '../../result/column-vector.js';
import type { ResultBatch } from '../../result/result-batch.js';
import { murmur2 } from './murmur2.js';
import type { SinkColumns } from './sink-columns.js';

/** One result's rows. */
export class RecordColumns {
  readonly numRows: number;
  readonly key: ByteColumn | null;
  readonly value: ByteColumn | null;
  readonly headers: HeaderColumn | null;
  readonly #topic: ColumnVector | null;
  readonly #partition: ColumnVector | null;

  constructor(batch: ResultBatch, columns: SinkColumns) {
    const at = (position: number): ColumnVector | null => (position < 0 ? null : batch.columnAt(position));
    this.numRows = batch.numRows;
    this.key = byteColumn(at(columns.key));
    this.value = byteColumn(at(columns.value));
    const headers = at(columns.headers);
    this.headers = headers instanceof ArrayVector ? new HeaderColumn(headers) : null;
    this.#topic = at(columns.topic);
    this.#partition = at(columns.partition);
  }

  /** The row's topic. Throws KAFKA_NULL_TOPIC_IN_DATA. */
  topicOf(row: number): string {
    const topic = this.#topic?.get(row);
    if (typeof topic !== 'string') throw new MillraceError('KAFKA_NULL_TOPIC_IN_DATA');
    return topic;
  }

  /** The partition that the row asks for, null where it does not. Throws KAFKA_RECORD_INVALID. */
  partitionOf(row: number): number | null {
    const partition = (this.#partition?.get(row) ?? null) as number | null;
    if (partition === null || partition >= 0) return partition;
    throw invalidRecord(`Invalid partition: ${partition}. Partition number should always be non-negative or null.`);
  }
}

/** KAFKA_RECORD_INVALID: Kafka takes no such record. */
export function invalidRecord(reason: string): MillraceError {
  return new MillraceError('KAFKA_RECORD_INVALID', { parameters: { reason } });
}

/** A column of text or bytes. */
export class ByteColumn {
  readonly #vector: StringVector | BinaryVector;
  readonly #bytes: Buffer;

  constructor(vector: StringVector | BinaryVector) {
    const { values } = vector;
    this.#vector = vector;
    this.#bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  }

  /** Bytes of the row's value, -1 where it is null. */
  lengthOf(row: number): number {
    if (this.#vector.isNull(row)) return -1;
    const { offsets } = this.#vector;
    return (offsets[row + 1] ?? 0) - (offsets[row] ?? 0);
  }

  /** Copies the row's value to `position` of `target`; returns its length. */
  copyTo(row: number, target: Buffer, position: number): number {
    const { offsets } = this.#vector;
    return this.#bytes.copy(target, position, offsets[row], offsets[row + 1]);
  }

  /** The hash of the row's value, by which Java's producer chooses a partition. */
  hashOf(row: number): number {
    const { offsets } = this.#vector;
    return murmur2(this.#bytes, offsets[row] ?? 0, offsets[row + 1] ?? 0);
  }
}

function byteColumn(vector: ColumnVector | null): ByteColumn | null {
  return vector instanceof StringVector || vector instanceof BinaryVector ? new ByteColumn(vector) : null;
}

/** A column of type array<struct<key string, value binary>>: the headers of all rows one after the other. */
export class HeaderColumn {
  readonly keys: ByteColumn | null;
  readonly values: ByteColumn | null;
  readonly #lists: ArrayVector;
  readonly #pairs: ColumnVector;

  constructor(lists: ArrayVector) {
    this.#lists = lists;
    this.#pairs = lists.child;
    const children = lists.child instanceof StructVector ? lists.child.children : [];
    this.keys = byteColumn(children[0] ?? null);
    this.values = byteColumn(children[1] ?? null);
  }

  /** Where the row's headers begin. */
  startOf(row: number): number {
    return this.#lists.offsets[row] ?? 0;
  }

  /** Where they end; where they begin if the row has none. Throws KAFKA_RECORD_INVALID for a header without a key. */
  endOf(row: number): number {
    const start = this.startOf(row);
    if (this.#lists.isNull(row)) return start;
    const end = this.#lists.offsets[row + 1] ?? start;
    for (let at = start; at < end; at += 1) {
      if (this.#pairs.isNull(at) || (this.keys?.lengthOf(at) ?? -1) < 0) throw invalidRecord('A header has no key.');
    }
    return end;
  }
}
