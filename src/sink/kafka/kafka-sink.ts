// The Kafka sink of streams and of batches. A batch of a stream that runs again is written again: what is there is there at least once.
import type { StructType } from '../../plan/data-type.js';
import type { ResultBatch } from '../../result/result-batch.js';
import type { Sink } from '../sink.js';
import { KafkaProducer } from './kafka-producer.js';
import { type KafkaSinkOptions, readKafkaSinkOptions } from './kafka-sink-options.js';
import { type SinkColumns, sinkColumns } from './sink-columns.js';

/** Makes the sink of a stream whose rows are of type `schema`. Throws OPTION_INVALID, _LEGACY_ERROR_TEMP_3080. */
export function createKafkaSink(options: Readonly<Record<string, string>>, schema: StructType): Sink {
  const read = readKafkaSinkOptions(options);
  return new KafkaSink(read, sinkColumns(schema, read.topic !== null));
}

/** A write of one batch: what it needs is checked before its rows are computed. Throws OPTION_INVALID, _LEGACY_ERROR_TEMP_3080. */
export function prepareKafkaWrite(options: Readonly<Record<string, string>>, schema: StructType): (rows: ResultBatch) => Promise<void> {
  const read = readKafkaSinkOptions(options);
  const columns = sinkColumns(schema, read.topic !== null);
  return async (rows) => {
    const producer = new KafkaProducer(read);
    try {
      await producer.open();
      await producer.write(rows, columns, null);
    } finally {
      await producer.close();
    }
  };
}

class KafkaSink implements Sink {
  readonly description: string;
  readonly #options: KafkaSinkOptions;
  readonly #columns: SinkColumns;
  readonly #producer: KafkaProducer;

  constructor(options: KafkaSinkOptions, columns: SinkColumns) {
    this.description = options.topic === null ? 'KafkaTable' : `KafkaTable[${options.topic}]`;
    this.#options = options;
    this.#columns = columns;
    this.#producer = new KafkaProducer(options);
  }

  async open(): Promise<void> {
    try {
      await this.#producer.open();
    } catch (error) {
      await this.#producer.close();
      throw error;
    }
  }

  async write(batchId: number, batch: ResultBatch): Promise<number> {
    const { batchIdHeader } = this.#options;
    const header = batchIdHeader === null ? null : { key: Buffer.from(batchIdHeader), value: Buffer.from(String(batchId)) };
    await this.#producer.write(batch, this.#columns, header);
    return batch.numRows;
  }

  async close(): Promise<void> {
    await this.#producer.close();
  }
}
