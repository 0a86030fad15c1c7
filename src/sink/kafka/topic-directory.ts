// Knows the partitions of the topics that are written to, and waits for those that are not known yet, as Java's producer does.
import { MillraceError } from '../../error/millrace-error.js';
import type { ClusterLink } from '../../source/kafka/cluster-link.js';
import { isFinal, unreachable } from '../../source/kafka/kafka-error.js';

/** How often a topic is asked for again while it is not there. */
const RETRY_MS = 100;

/** Topics by name. */
export class TopicDirectory {
  readonly #link: ClusterLink;
  readonly #servers: readonly string[];
  readonly #blockMaxMs: number;
  /** The leader's node of every partition by its number; -1 where there is none now. */
  readonly #leaders = new Map<string, readonly number[]>();

  constructor(link: ClusterLink, servers: readonly string[], blockMaxMs: number) {
    this.#link = link;
    this.#servers = servers;
    this.#blockMaxMs = blockMaxMs;
  }

  /** How many partitions the topic has, as far as it is known; 0 where it is not. */
  knownPartitions(topic: string): number {
    return this.#leaders.get(topic)?.length ?? 0;
  }

  /** The node that leads a partition, -1 where none does. */
  leaderOf(topic: string, partition: number): number {
    return this.#leaders.get(topic)?.[partition] ?? -1;
  }

  /**
   * Waits until the topic is known, and until it has `partition` where that is not null. Throws KAFKA_WRITE_FAILED when `max.block.ms` has
   * passed, KAFKA_UNREACHABLE where no broker answers.
   */
  async find(topic: string, partition: number | null): Promise<void> {
    const deadlineMs = Date.now() + this.#blockMaxMs;
    for (;;) {
      const failure = await this.refresh([topic]);
      if (failure !== null && isFinal(failure)) throw unreachable(this.#servers, failure);
      const count = this.knownPartitions(topic);
      if (count > (partition ?? 0)) return;
      const leftMs = deadlineMs - Date.now();
      if (leftMs <= 0) throw failure === null ? this.#missing(topic, partition, count) : unreachable(this.#servers, failure);
      await new Promise((resolve) => setTimeout(resolve, Math.min(RETRY_MS, leftMs)));
    }
  }

  /** Asks the cluster about topics again; gives what went wrong, null where all went well. */
  async refresh(topics: readonly string[]): Promise<unknown> {
    try {
      const metadata = await this.#link.metadata(topics);
      for (const { topic, errorCode, partitions } of metadata.topics) {
        if (errorCode !== 0) continue;
        const leaders: number[] = [];
        for (const { partition, leader } of partitions) leaders[partition] = leader;
        this.#leaders.set(topic, leaders);
      }
      return null;
    } catch (error) {
      return error;
    }
  }

  /** In the words of Java's TimeoutException. */
  #missing(topic: string, partition: number | null, count: number): MillraceError {
    const reason =
      count === 0
        ? `Topic ${topic} not present in metadata after ${this.#blockMaxMs} ms.`
        : `Partition ${partition} of topic ${topic} with partition count ${count} is not present in metadata after ${this.#blockMaxMs} ms.`;
    return new MillraceError('KAFKA_WRITE_FAILED', { message: reason, parameters: { reason }, context: { topic, partition } });
  }
}
