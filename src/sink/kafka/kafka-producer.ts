// Writes results to Kafka: rows to records of the partition that each belongs to, records to batches, batches to brokers.
import { native } from '../../native/load.js';
import type { ResultBatch } from '../../result/result-batch.js';
import { backoffMs } from '../../source/kafka/change-signal.js';
import { ClusterLink, type ProducerIdentity } from '../../source/kafka/cluster-link.js';
import { isFinal, unreachable } from '../../source/kafka/kafka-error.js';
import { BatchSender } from './batch-sender.js';
import type { KafkaSinkOptions } from './kafka-sink-options.js';
import { invalidRecord, RecordColumns } from './record-columns.js';
import { type CommonHeader, fieldBytesOf, RecordSection, serializedBytes } from './record-section.js';
import type { SinkColumns } from './sink-columns.js';
import { TopicDirectory } from './topic-directory.js';

/** A producer that the broker does not know: nothing keeps out what is sent twice. */
const ANONYMOUS: ProducerIdentity = { producerId: '-1', producerEpoch: -1 };
const NO_SEQUENCE = -1;

/** What is written to one partition. */
interface PartitionWriter {
  readonly topic: string;
  readonly partition: number;
  readonly section: RecordSection;
  /** Number of the next record, as an idempotent producer counts them. */
  sequence: number;
}

/** One producer with its connections. */
export class KafkaProducer {
  readonly #options: KafkaSinkOptions;
  readonly #link: ClusterLink;
  readonly #topics: TopicDirectory;
  readonly #sender: BatchSender;
  readonly #writers = new Map<string, PartitionWriter>();
  /** The partition of each topic that records without a key go to until a batch is full. */
  readonly #sticky = new Map<string, number>();
  #identity: ProducerIdentity = ANONYMOUS;

  constructor(options: KafkaSinkOptions) {
    const { client, blockMaxMs } = options;
    this.#options = options;
    this.#link = new ClusterLink(client);
    this.#topics = new TopicDirectory(this.#link, client.bootstrapServers, blockMaxMs);
    this.#sender = new BatchSender(this.#link, this.#topics, options);
  }

  /** Reaches the cluster, within the time that a start may take. Throws KAFKA_UNREACHABLE. */
  async open(): Promise<void> {
    const { client, isIdempotent } = this.#options;
    const deadlineMs = Date.now() + client.startTimeoutMs;
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#link.metadata([]);
        if (isIdempotent) this.#identity = await this.#link.initProducerId();
        return;
      } catch (error) {
        if (isFinal(error) || Date.now() >= deadlineMs) throw unreachable(client.bootstrapServers, error);
      }
      await new Promise((resolve) => setTimeout(resolve, backoffMs(tries, client.retryBackoffMs, client.retryBackoffMaxMs)));
    }
  }

  /**
   * Writes all rows, and resolves when the brokers have answered for them. Where a row cannot be written, those before it are. Throws
   * KAFKA_NULL_TOPIC_IN_DATA, KAFKA_RECORD_INVALID, KAFKA_WRITE_FAILED, KAFKA_UNREACHABLE.
   */
  async write(batch: ResultBatch, columns: SinkColumns, header: CommonHeader | null): Promise<void> {
    const records = new RecordColumns(batch, columns);
    try {
      for (let row = 0; row < records.numRows; row += 1) {
        const topic = this.#options.topic ?? records.topicOf(row);
        const wanted = records.partitionOf(row);
        // Looked up without a promise where it is known: that is nearly always.
        if (this.#topics.knownPartitions(topic) <= (wanted ?? 0)) await this.#topics.find(topic, wanted);
        this.#append(records, row, topic, wanted, header);
        if (this.#sender.byteLength > this.#options.bufferBytesMax) await this.#sender.flush();
      }
    } finally {
      for (const writer of this.#writers.values()) this.#seal(writer);
      await this.#sender.flush();
    }
  }

  async close(): Promise<void> {
    await this.#link.close();
  }

  #append(records: RecordColumns, row: number, topic: string, wanted: number | null, header: CommonHeader | null): void {
    const { batchBytes, requestBytesMax } = this.#options;
    const fieldBytes = fieldBytesOf(records, row, header);
    const bytes = serializedBytes(fieldBytes);
    if (bytes > requestBytesMax)
      throw invalidRecord(
        `The message is ${bytes} bytes when serialized which is larger than ${requestBytesMax}, which is the value of the max.request.size configuration.`,
      );
    const writer = this.#writerOf(topic, wanted ?? this.#partitionFor(records, row, topic));
    if (writer.section.count > 0 && writer.section.byteLength + bytes > Math.min(batchBytes, requestBytesMax)) this.#seal(writer);
    writer.section.add(records, row, fieldBytes, header);
  }

  /** As Java's producer: the key's hash says where; records without a key stay at one partition as long as its batch has room. */
  #partitionFor({ key }: RecordColumns, row: number, topic: string): number {
    const count = this.#topics.knownPartitions(topic);
    if (key !== null && key.lengthOf(row) >= 0) return (key.hashOf(row) & 0x7fffffff) % count;
    let partition = this.#sticky.get(topic);
    if (partition === undefined) {
      partition = Math.floor(Math.random() * count);
      this.#sticky.set(topic, partition);
    }
    return partition;
  }

  #writerOf(topic: string, partition: number): PartitionWriter {
    const key = `${topic}-${partition}`;
    let writer = this.#writers.get(key);
    if (writer === undefined) {
      writer = { topic, partition, section: new RecordSection(), sequence: 0 };
      this.#writers.set(key, writer);
    }
    return writer;
  }

  /** Makes a batch of what is there and lines it up to be sent. */
  #seal(writer: PartitionWriter): void {
    const { topic, partition, section } = writer;
    if (section.count === 0) return;
    const { isIdempotent, codec } = this.#options;
    const nowMs = Date.now();
    const { producerId, producerEpoch } = this.#identity;
    // Kafka's producer ids are counted up from 0: they stay far below what a number holds.
    const header = {
      codec,
      recordCount: section.count,
      baseTimestampMs: nowMs,
      maxTimestampMs: nowMs,
      producerId: Number(producerId),
      producerEpoch,
      baseSequence: isIdempotent ? writer.sequence : NO_SEQUENCE,
    };
    const bytes = Buffer.from(native.sealKafkaBatch(JSON.stringify(header), section.bytes));
    writer.sequence = (writer.sequence + section.count) % 2 ** 31;
    section.clear();
    if (this.#sticky.get(topic) === partition) this.#sticky.delete(topic);
    this.#sender.add({ topic, partition, bytes });
  }
}
