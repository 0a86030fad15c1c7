// Plans how far a batch reads, as pure functions over offsets per partition: Spark's rules, Spark's JSON, Spark's metrics.
import { exactNumber } from '../exact-json.js';
import type { Offset } from '../source.js';
import { isLong } from './option-values.js';

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Offsets by partition key. The meaning of a range is always first included, last excluded. */
export type PartitionOffsets = ReadonlyMap<string, bigint>;

/** Spark's text for a partition, `topic-0`, which is also its key in maps. */
export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

/** The partition that a key names. */
export function partitionOf(key: string): TopicPartition {
  const dash = key.lastIndexOf('-');
  return { topic: key.slice(0, dash), partition: Number(key.slice(dash + 1)) };
}

/** Keys by topic, then by partition number. */
export function sortedKeys(keys: Iterable<string>): string[] {
  return [...keys]
    .map((key) => ({ key, ...partitionOf(key) }))
    .sort(byTopicAndPartition)
    .map(({ key }) => key);
}

/** Partitions as Spark's messages have them: `Set(trades-0, trades-1)`. */
export function partitionSet(keys: Iterable<string>): string {
  return `Set(${sortedKeys(keys).join(', ')})`;
}

function byTopicAndPartition(left: TopicPartition, right: TopicPartition): number {
  if (left.topic !== right.topic) return left.topic < right.topic ? -1 : 1;
  return left.partition - right.partition;
}

/** Spark's offset JSON, `{"topic":{"0":5}}`, with topics and partitions in order. */
export function toOffsetJson(offsets: PartitionOffsets): Offset {
  const json: Record<string, Record<string, number | bigint>> = {};
  for (const key of sortedKeys(offsets.keys())) {
    const { topic, partition } = partitionOf(key);
    json[topic] ??= {};
    json[topic][String(partition)] = exactNumber(offsets.get(key) as bigint);
  }
  return json;
}

/** The offsets of Spark's offset JSON; null where it is something else. */
export function fromOffsetJson(json: unknown): Map<string, bigint> | null {
  if (!isRecord(json)) return null;
  const offsets = new Map<string, bigint>();
  for (const [topic, partitions] of Object.entries(json)) {
    if (!isRecord(partitions)) return null;
    for (const [partition, offset] of Object.entries(partitions)) {
      const isWhole = typeof offset === 'bigint' ? isLong(offset) : Number.isSafeInteger(offset);
      if (!/^\d+$/.test(partition) || !isWhole) return null;
      offsets.set(partitionKey({ topic, partition: Number(partition) }), BigInt(offset as number | bigint));
    }
  }
  return offsets;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Spark's division of maxOffsetsPerTrigger: every partition gets its share by size, rounded up below one and down above, capped at
 * its end; the remainder is never handed out again, so the sum may be under the limit, or over it. `earliest` has the first
 * offsets of partitions that `start` lacks.
 */
export function limitOffsets(
  start: PartitionOffsets,
  latest: PartitionOffsets,
  earliest: PartitionOffsets,
  offsetsMax: number,
): Map<string, bigint> {
  const beginOf = (key: string) => start.get(key) ?? earliest.get(key);
  let total = 0;
  for (const [key, end] of latest) total += Math.max(0, Number(end - (beginOf(key) ?? end)));
  const limited = new Map<string, bigint>();
  for (const [key, end] of latest) {
    const begin = beginOf(key);
    if (begin === undefined || end <= begin || total < 1) {
      limited.set(key, end);
      continue;
    }
    const share = offsetsMax * (Number(end - begin) / total);
    const cut = begin + BigInt(share < 1 ? Math.ceil(share) : Math.floor(share));
    limited.set(key, cut < end ? cut : end);
  }
  return limited;
}

/**
 * Of what is `fetched` so much that each partition gets on by the same share of what it has left up to `planned`: events of one time lie in all of
 * them, and a partition that ran ahead would make the rest late. Where that is nothing, all that is fetched. The three have the same partitions.
 */
export function evenPart(begin: PartitionOffsets, fetched: PartitionOffsets, planned: PartitionOffsets): Map<string, bigint> {
  const ranges = [...planned].map(([key, end]) => {
    const first = begin.get(key) ?? end;
    return { key, first, left: Number(end - first), there: Number((fetched.get(key) ?? first) - first) };
  });
  const share = ranges.reduce((least, { left, there }) => (left > 0 ? Math.min(least, there / left) : least), 1);
  const even = ranges.map(({ key, first, left, there }) => [key, first + BigInt(Math.min(there, Math.floor(share * left)))] as const);
  return offsetsBetween(begin, new Map(even)) > 0 ? new Map(even) : new Map(fetched);
}

/** How many offsets lie between two positions. As in Spark's test for minOffsetsPerTrigger, partitions without a start count from 0. */
export function offsetsBetween(start: PartitionOffsets, end: PartitionOffsets): number {
  let sum = 0;
  for (const [key, offset] of end) sum += Number(offset - (start.get(key) ?? 0n));
  return sum;
}

/** Spark's source metrics: how far what is consumed lies behind what there is. Empty without partitions. */
export function behindLatest(consumed: PartitionOffsets, latest: PartitionOffsets): Record<string, string> {
  const behind: bigint[] = [];
  for (const [key, offset] of latest) behind.push(offset - (consumed.get(key) ?? 0n));
  if (behind.length === 0) return {};
  const sum = behind.reduce((total, offsets) => total + offsets, 0n);
  const largest = behind.reduce((most, offsets) => (offsets > most ? offsets : most));
  const smallest = behind.reduce((least, offsets) => (offsets < least ? offsets : least));
  return {
    avgOffsetsBehindLatest: oneDigit(Number(sum) / behind.length),
    maxOffsetsBehindLatest: String(largest),
    minOffsetsBehindLatest: String(smallest),
  };
}

/** One digit behind the point, half up by the digits that are printed, as Java's formatter has it. */
function oneDigit(value: number): string {
  return (Math.round(Number(`${value}e1`)) / 10).toFixed(1);
}
