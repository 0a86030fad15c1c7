// Sends sealed batches to the leaders of their partitions, those of one partition in order, until all are answered for.
import { MillraceError } from '../../error/millrace-error.js';
import { reasonOf } from '../../error/reason-of.js';
import { backoffMs } from '../../source/kafka/change-signal.js';
import { type ClusterLink, protocolErrorName } from '../../source/kafka/cluster-link.js';
import { isFinal, isRetriableCode } from '../../source/kafka/kafka-error.js';
import type { KafkaSinkOptions } from './kafka-sink-options.js';
import type { TopicDirectory } from './topic-directory.js';

/** A sealed batch on its way. */
export interface SealedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
}

// The broker has the batch already (its answer was lost), or lacks replicas for now.
const DUPLICATE_SEQUENCE_NUMBER = 46;
const NOT_ENOUGH_REPLICAS = new Set([19, 20]);

/** The queues of one producer. */
export class BatchSender {
  readonly #link: ClusterLink;
  readonly #topics: TopicDirectory;
  readonly #options: KafkaSinkOptions;
  readonly #queues = new Map<string, SealedBatch[]>();
  #bytes = 0;

  constructor(link: ClusterLink, topics: TopicDirectory, options: KafkaSinkOptions) {
    this.#link = link;
    this.#topics = topics;
    this.#options = options;
  }

  /** Bytes that wait. */
  get byteLength(): number {
    return this.#bytes;
  }

  /** Lines a batch up behind those of its partition. */
  add(batch: SealedBatch): void {
    const key = `${batch.topic}-${batch.partition}`;
    const queue = this.#queues.get(key);
    if (queue === undefined) this.#queues.set(key, [batch]);
    else queue.push(batch);
    this.#bytes += batch.bytes.length;
  }

  /** Sends all that waits. Rejects with KAFKA_WRITE_FAILED when a broker refuses, or when `delivery.timeout.ms` has passed without progress. */
  async flush(): Promise<void> {
    let deadlineMs = Date.now() + this.#options.deliveryTimeoutMs;
    for (let failures = 0; this.#queues.size > 0; ) {
      const bytes = this.#bytes;
      const failure = await this.#sendRound();
      if (this.#bytes < bytes) {
        failures = 0;
        deadlineMs = Date.now() + this.#options.deliveryTimeoutMs;
      }
      if (failure === null) continue;
      failures += 1;
      if (failure instanceof MillraceError || isFinal(failure) || Date.now() > deadlineMs) throw writeFailed(failure);
      const { retryBackoffMs, retryBackoffMaxMs } = this.#options.client;
      await new Promise((resolve) => setTimeout(resolve, backoffMs(failures, retryBackoffMs, retryBackoffMaxMs)));
      await this.#topics.refresh([...new Set([...this.#queues.values()].map(([first]) => (first as SealedBatch).topic))]);
    }
  }

  /** The first batch of every partition, to each leader in one request; gives a failure that another try may heal. */
  async #sendRound(): Promise<unknown> {
    const byLeader = new Map<number, SealedBatch[]>();
    let failure: unknown = null;
    for (const [first] of this.#queues.values()) {
      const { topic, partition } = first as SealedBatch;
      const leader = this.#topics.leaderOf(topic, partition);
      const batches = byLeader.get(leader) ?? [];
      if (leader < 0) failure = new Error(`${topic}-${partition} has no leader`);
      else if (batches.length === 0 || sumOf(batches) + (first as SealedBatch).bytes.length <= this.#options.requestBytesMax)
        byLeader.set(leader, [...batches, first as SealedBatch]);
    }
    const outcomes = await Promise.all([...byLeader].map(([leader, batches]) => this.#sendTo(leader, batches)));
    return outcomes.find((outcome) => outcome !== null) ?? failure;
  }

  async #sendTo(leader: number, batches: readonly SealedBatch[]): Promise<unknown> {
    const { acks, client } = this.#options;
    try {
      let failure: unknown = null;
      for (const answer of await this.#link.produce(leader, { acks, timeoutMs: client.requestTimeoutMs, batches })) {
        const { topic, partition, errorCode } = answer;
        if (errorCode === 0 || errorCode === DUPLICATE_SEQUENCE_NUMBER) this.#done(`${topic}-${partition}`);
        else failure ??= refusal(topic, partition, errorCode);
      }
      return failure;
    } catch (error) {
      return error;
    }
  }

  #done(key: string): void {
    const queue = this.#queues.get(key);
    this.#bytes -= queue?.shift()?.bytes.length ?? 0;
    if (queue?.length === 0) this.#queues.delete(key);
  }
}

function sumOf(batches: readonly SealedBatch[]): number {
  return batches.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** An answer that time may heal is an Error, another one a MillraceError. */
function refusal(topic: string, partition: number, errorCode: number): Error {
  const reason = `${topic}-${partition}: ${protocolErrorName(errorCode)}`;
  if (isRetriableCode(errorCode) || NOT_ENOUGH_REPLICAS.has(errorCode)) return new Error(reason);
  return new MillraceError('KAFKA_WRITE_FAILED', { parameters: { reason }, context: { topic, partition } });
}

function writeFailed(cause: unknown): MillraceError {
  if (cause instanceof MillraceError) return cause;
  return new MillraceError('KAFKA_WRITE_FAILED', { parameters: { reason: reasonOf(cause) }, cause });
}
