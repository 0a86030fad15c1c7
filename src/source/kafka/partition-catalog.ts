// Knows which partitions a subscription has, who leads them, and asks their leaders for offsets.
import { MillraceError } from '../../error/millrace-error.js';
import { backoffMs } from './change-signal.js';
import type { ClientSettings } from './client-settings.js';
import { type ClusterLink, type OffsetQuery, protocolErrorName, type TopicMetadata } from './cluster-link.js';
import { isFinal, isRefusal, isRetriableCode, topicNotFound, UNKNOWN_TOPIC_OR_PARTITION, unreachable } from './kafka-error.js';
import type { Subscription } from './kafka-options.js';
import { type PartitionOffsets, partitionKey, partitionOf } from './offset-plan.js';
import type { LogRange } from './partition-buffer.js';

export const EARLIEST = -2n;
export const LATEST = -1n;

/** Rounds in which every server refuses before the start gives up ahead of its time limit: nobody listens, waiting is no use. */
const REFUSALS_MAX = 4;
/** A topic counts as deleted after so many answers in a row without it; a broker that has just started may not know it yet. */
const MISSES_MAX = 3;
/** A topic that was made a moment ago may not be known to every broker yet. */
const TOPIC_TRIES_MAX = 4;

/** The partitions of one subscription. */
export class PartitionCatalog {
  readonly #link: ClusterLink;
  readonly #subscription: Subscription;
  readonly #settings: ClientSettings;
  readonly #misses = new Map<string, number>();
  /** Topics about which the last answer said neither yes nor no. */
  #unsettled = new Set<string>();
  #leaders = new Map<string, number>();
  #refreshing: Promise<void> | null = null;
  #refreshedAtMs = 0;

  constructor(link: ClusterLink, subscription: Subscription, settings: ClientSettings) {
    this.#link = link;
    this.#subscription = subscription;
    this.#settings = settings;
  }

  /** Keys of all partitions, with the node that leads each; -1 while there is none. */
  get leaders(): ReadonlyMap<string, number> {
    return this.#leaders;
  }

  /** How long ago the cluster was asked. */
  get ageMs(): number {
    return Date.now() - this.#refreshedAtMs;
  }

  /** Reaches the cluster and finds every topic that was named. Throws KAFKA_UNREACHABLE or KAFKA_TOPIC_NOT_FOUND within the time limit. */
  async open(): Promise<void> {
    const deadlineMs = Date.now() + this.#settings.startTimeoutMs;
    let refusals = 0;
    for (let tries = 1; ; tries += 1) {
      const failure = await this.#tryOpen(deadlineMs);
      if (failure === null) return;
      refusals += isRefusal(failure) ? 1 : 0;
      // Each server of the list has its say before the start gives up: one of them may be the right one.
      const isHopeless = isMissingTopic(failure) ? tries >= TOPIC_TRIES_MAX : isFinal(failure);
      if (isHopeless || Date.now() >= deadlineMs || refusals >= REFUSALS_MAX * this.#settings.bootstrapServers.length) {
        throw unreachable(this.#settings.bootstrapServers, failure);
      }
      const pauseMs = backoffMs(tries, this.#settings.retryBackoffMs, this.#settings.retryBackoffMaxMs);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, Math.min(pauseMs, deadlineMs - Date.now()))));
    }
  }

  /** Asks the cluster again. Calls at the same time share one question. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  /** Offsets of partitions at a time, or EARLIEST or LATEST. Partitions whose leader does not answer now are missing in the answer. */
  async listOffsets(timestampsMs: PartitionOffsets): Promise<Map<string, bigint>> {
    const byLeader = new Map<number, OffsetQuery[]>();
    for (const [key, timestampMs] of timestampsMs) {
      const leader = this.#leaders.get(key) ?? -1;
      if (leader < 0) continue;
      const queries = byLeader.get(leader) ?? [];
      queries.push({ ...partitionOf(key), timestampMs });
      byLeader.set(leader, queries);
    }
    const offsets = new Map<string, bigint>();
    await Promise.all([...byLeader].map(([leader, queries]) => this.#listOffsetsOf(leader, queries, offsets)));
    return offsets;
  }

  /** The same, tried until all are there. Throws KAFKA_UNREACHABLE when the time limit passes. */
  async listAllOffsets(timestampsMs: PartitionOffsets): Promise<Map<string, bigint>> {
    const deadlineMs = Date.now() + this.#settings.startTimeoutMs;
    for (let tries = 1; ; tries += 1) {
      const offsets = await this.listOffsets(timestampsMs);
      if (offsets.size === timestampsMs.size) return offsets;
      const missing = [...timestampsMs.keys()].filter((key) => !offsets.has(key));
      if (Date.now() >= deadlineMs)
        throw unreachable(this.#settings.bootstrapServers, new Error(`no leader answers for ${missing.join(', ')}`));
      await new Promise((resolve) =>
        setTimeout(resolve, backoffMs(tries, this.#settings.retryBackoffMs, this.#settings.retryBackoffMaxMs)),
      );
      await this.refresh().catch(ignoreUnlessFinal);
    }
  }

  /** Where a partition's log begins and ends, null where its leader does not answer now. */
  async logRange(key: string): Promise<LogRange | null> {
    const earliest = (await this.listOffsets(new Map([[key, EARLIEST]]))).get(key);
    const latest = (await this.listOffsets(new Map([[key, LATEST]]))).get(key);
    return earliest === undefined || latest === undefined ? null : { earliest: Number(earliest), latest: Number(latest) };
  }

  async #tryOpen(deadlineMs: number): Promise<unknown> {
    try {
      await within(this.refresh(), deadlineMs);
    } catch (error) {
      return error;
    }
    const missing = this.#namedTopics().find((topic) => this.#misses.has(topic));
    if (missing !== undefined) return topicNotFound(missing);
    const [unsettled] = this.#unsettled;
    return unsettled === undefined ? null : new Error(`topic ${unsettled} has no leader yet`);
  }

  async #listOffsetsOf(leader: number, queries: readonly OffsetQuery[], offsets: Map<string, bigint>): Promise<void> {
    try {
      for (const answer of await this.#link.listOffsets(leader, queries)) {
        if (answer.errorCode === 0) offsets.set(partitionKey(answer), answer.offset);
        else this.#refreshedAtMs = 0;
      }
    } catch (error) {
      ignoreUnlessFinal(error);
      this.#refreshedAtMs = 0;
    }
  }

  async #refresh(): Promise<void> {
    const { topics } = await this.#link.metadata(this.#namedTopics());
    const found = topics.filter((topic) => this.#isWanted(topic));
    const leaders = new Map<string, number>();
    const answered = new Set<string>();
    const unsettled = new Set<string>();
    for (const { topic, errorCode, partitions } of found) {
      if (errorCode === UNKNOWN_TOPIC_OR_PARTITION) continue;
      if (errorCode !== 0 && !isRetriableCode(errorCode)) throw refusedTopic(topic, errorCode);
      if (errorCode !== 0) {
        // An error that passes says nothing about partitions: what was known stays.
        unsettled.add(topic);
        continue;
      }
      answered.add(topic);
      this.#misses.delete(topic);
      for (const { partition, leader } of partitions) {
        const key = partitionKey({ topic, partition });
        if (this.#subscription.kind !== 'assign' || this.#subscription.partitions.has(key)) leaders.set(key, leader);
      }
    }
    const known = new Set([...this.#leaders.keys()].map((key) => partitionOf(key).topic));
    for (const topic of new Set([...known, ...this.#namedTopics()])) {
      if (!answered.has(topic) && !unsettled.has(topic)) this.#misses.set(topic, (this.#misses.get(topic) ?? 0) + 1);
    }
    for (const [key, leader] of this.#leaders) {
      const { topic } = partitionOf(key);
      if (!answered.has(topic) && (this.#misses.get(topic) ?? 0) < MISSES_MAX) leaders.set(key, leader);
    }
    this.#leaders = leaders;
    this.#unsettled = unsettled;
    this.#refreshedAtMs = Date.now();
  }

  #namedTopics(): readonly string[] {
    return this.#subscription.kind === 'subscribePattern' ? [] : [...new Set(this.#subscription.topics)];
  }

  #isWanted({ topic, isInternal }: TopicMetadata): boolean {
    return this.#subscription.kind !== 'subscribePattern' || (!isInternal && this.#subscription.pattern.test(topic));
  }
}

/** The same question for all partitions. */
export function allAt(keys: Iterable<string>, timestampMs: bigint): Map<string, bigint> {
  return new Map([...keys].map((key) => [key, timestampMs]));
}

/** Lets errors pass that time may heal; throws the others. */
export function ignoreUnlessFinal(error: unknown): void {
  if (isFinal(error)) throw error;
}

function isMissingTopic(error: unknown): boolean {
  return error instanceof MillraceError && error.code === 'KAFKA_TOPIC_NOT_FOUND';
}

function refusedTopic(topic: string, errorCode: number): MillraceError {
  const parameters = { topic, partition: '*', reason: protocolErrorName(errorCode) };
  return new MillraceError('KAFKA_FETCH_FAILED', {
    message: `The cluster refuses topic ${topic}: ${parameters.reason}.`,
    parameters,
    context: { topic },
  });
}

async function within<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer within the time limit')), Math.max(1, deadlineMs - Date.now()));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
