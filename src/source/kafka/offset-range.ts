// Ranges of offsets by partition, and their division into tasks, as pure functions: Spark's rules (KafkaOffsetRangeCalculator).
import { type PartitionOffsets, sortedKeys } from './offset-plan.js';

/** Offsets of one partition that a batch reads: `from` included, `until` not. */
export interface OffsetRange {
  readonly key: string;
  readonly from: bigint;
  readonly until: bigint;
}

/** How ranges are divided into tasks. With neither of the two, millrace packs them into tasks by bytes. */
export interface RangeDivision {
  readonly minPartitions: number | null;
  readonly maxRecordsPerPartition: number | null;
}

/** Whether a division was asked for. */
export function dividesRanges({ minPartitions, maxRecordsPerPartition }: RangeDivision): boolean {
  return minPartitions !== null || maxRecordsPerPartition !== null;
}

/** The ranges between two positions, by topic and partition; those without an offset are left out. */
export function rangesBetween(start: PartitionOffsets, end: PartitionOffsets): OffsetRange[] {
  const ranges = sortedKeys(end.keys()).map((key) => ({ key, from: start.get(key) ?? 0n, until: end.get(key) as bigint }));
  return ranges.filter(({ from, until }) => until > from);
}

/**
 * Divides ranges: first so that none has more than `maxRecordsPerPartition` offsets, then, where that makes fewer than `minPartitions`, in
 * proportion to their sizes. Small ranges stay whole and do not count in the proportions, so the number comes near to the minimum only.
 */
export function divideRanges(ranges: readonly OffsetRange[], { minPartitions, maxRecordsPerPartition }: RangeDivision): OffsetRange[] {
  const limited =
    maxRecordsPerPartition === null
      ? [...ranges]
      : ranges.flatMap((range) => cutRange(range, Math.ceil(sizeOf(range) / maxRecordsPerPartition)));
  if (minPartitions === null || minPartitions <= limited.length) return limited;
  const total = sumOf(limited);
  const whole = limited.filter((range) => partsOf(sizeOf(range), total, minPartitions) === 1);
  const wholeKeys = new Set(whole.map(({ key }) => key));
  const dividedTotal = total - sumOf(whole);
  const dividedMin = Math.max(minPartitions - whole.length, 1);
  return limited.flatMap((range) => cutRange(range, wholeKeys.has(range.key) ? 1 : partsOf(sizeOf(range), dividedTotal, dividedMin)));
}

/** The first `count` offsets of ranges, and what is left of them. */
export function takeOffsets(
  ranges: readonly OffsetRange[],
  count: number,
): { readonly first: OffsetRange[]; readonly rest: OffsetRange[] } {
  const first: OffsetRange[] = [];
  const rest: OffsetRange[] = [];
  let left = BigInt(count);
  for (const range of ranges) {
    const size = range.until - range.from;
    const middle = range.from + (size < left ? size : left);
    left -= middle - range.from;
    if (middle > range.from) first.push({ ...range, until: middle });
    if (range.until > middle) rest.push({ ...range, from: middle });
  }
  return { first, rest };
}

function sizeOf({ from, until }: OffsetRange): number {
  return Number(until - from);
}

function sumOf(ranges: readonly OffsetRange[]): number {
  return ranges.reduce((sum, range) => sum + sizeOf(range), 0);
}

function partsOf(size: number, total: number, minPartitions: number): number {
  return Math.max(Math.round((size / total) * minPartitions), 1);
}

/** Cuts into parts of nearly equal size; the last ones take what does not divide. Parts without an offset are left out. */
function cutRange({ key, from, until }: OffsetRange, parts: number): OffsetRange[] {
  const ranges: OffsetRange[] = [];
  let start = from;
  // No more parts than offsets: the others would be empty.
  const count = Math.min(parts, Number(until - from));
  for (let part = 0; part < count; part += 1) {
    const end = start + (until - start) / BigInt(count - part);
    ranges.push({ key, from: start, until: end });
    start = end;
  }
  return ranges;
}
