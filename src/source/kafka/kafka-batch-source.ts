// The Kafka source of batch queries: what lies between two limits when an action asks for it.
import { MillraceError } from '../../error/millrace-error.js';
import type { BatchSource } from '../batch-source.js';
import type { Split } from '../source.js';
import { ClusterLink } from './cluster-link.js';
import { type KafkaBatchOptions, readBatchOptions } from './kafka-options.js';
import { resolveLimit } from './limit-resolution.js';
import type { OffsetLimit } from './offset-limit.js';
import { type PartitionOffsets, partitionOf, sortedKeys } from './offset-plan.js';
import { divideRanges, dividesRanges, type OffsetRange, type RangeDivision, rangesBetween, takeOffsets } from './offset-range.js';
import { invalidOption } from './option-values.js';
import { EARLIEST, LATEST, PartitionCatalog } from './partition-catalog.js';
import { RangeReader } from './range-reader.js';
import { RecordFetcher } from './record-fetcher.js';
import { splitBytesOf } from './split-packer.js';

/** Makes the source of reader number `sourceNumber`. Throws OPTION_INVALID and what is wrong with the limits. */
export function createKafkaBatchSource(
  sourceNumber: number,
  options: Readonly<Record<string, string>>,
  conf: Readonly<Record<string, string>>,
): BatchSource {
  const read = readBatchOptions(options);
  const groups = () => readInGroups(sourceNumber, read, splitBytesOf(conf));
  const splits = async () => {
    const all: Split[] = [];
    for await (const group of groups()) all.push(...group);
    return all;
  };
  // Tasks that were asked for are Spark's, all at once.
  return dividesRanges(read.division) ? { splits } : { splits, groups };
}

/** Offsets of the first group: how large records are is not known before. */
const FIRST_GROUP_OFFSETS = 20_000;
/** Bytes of a group, more or less: so much of a topic is in memory at a time, however long it is. */
const GROUP_BYTES = 128 * 2 ** 20;
/** How much more than the last one a group may have. */
const GROWTH_MAX = 8;

/** Reads in the order of partitions and offsets, so much at a time as memory shall hold; tasks that were asked for are one group. */
async function* readInGroups(sourceNumber: number, options: KafkaBatchOptions, splitBytes: number): AsyncGenerator<Split[]> {
  const { client, subscription, failOnDataLoss, pollTimeoutMs } = options;
  const link = new ClusterLink(client);
  const catalog = new PartitionCatalog(link, subscription, client);
  const fetcher = new RecordFetcher(link, catalog, client);
  try {
    await catalog.open();
    const start = await resolveLimit(options.starting, 'starting', catalog);
    const end = await resolveLimit(options.ending, 'ending', catalog);
    checkRange(start, end, options);
    const division = divisionOf(options.division, end.size);
    const rangesAreTasks = dividesRanges(options.division);
    const reader = new RangeReader(fetcher, catalog, { sourceNumber, splitBytes, rangesAreTasks, failOnDataLoss, pollTimeoutMs });
    const ranges = divideRanges(rangesBetween(start, end), division);
    if (rangesAreTasks) {
      yield await reader.read(ranges);
      return;
    }
    let offsets = FIRST_GROUP_OFFSETS;
    for (let rest: readonly OffsetRange[] = ranges; rest.length > 0; ) {
      const taken = takeOffsets(rest, offsets);
      const splits = await reader.read(taken.first);
      yield splits;
      reader.release();
      const bytes = splits.reduce((sum, { byteLength }) => sum + byteLength, 1);
      offsets = Math.max(1, Math.floor(offsets * Math.min(GROWTH_MAX, GROUP_BYTES / bytes)));
      rest = taken.rest;
    }
  } finally {
    const loops = fetcher.close();
    await link.close();
    await loops;
  }
}

/** In a batch Spark divides only where there are fewer partitions than asked for, empty ones included; a limit of records alone does nothing. */
function divisionOf({ minPartitions, maxRecordsPerPartition }: RangeDivision, numPartitions: number): RangeDivision {
  if (minPartitions === null) return { minPartitions: null, maxRecordsPerPartition: null };
  return { minPartitions, maxRecordsPerPartition: minPartitions > numPartitions ? maxRecordsPerPartition : null };
}

/** What shows only once the limits are known. Throws OPTION_INVALID, RESOLVED_START_OFFSET_GREATER_THAN_END_OFFSET. */
function checkRange(start: PartitionOffsets, end: PartitionOffsets, { starting, ending }: KafkaBatchOptions): void {
  for (const key of sortedKeys(start.keys())) {
    const [startOffset, endOffset] = [start.get(key) as bigint, end.get(key) as bigint];
    refuseUnknownWord(starting, key, 'startingOffsets', 'earliest', EARLIEST);
    refuseUnknownWord(ending, key, 'endingOffsets', 'latest', LATEST);
    if (startOffset <= endOffset) continue;
    const { topic, partition } = partitionOf(key);
    throw new MillraceError('RESOLVED_START_OFFSET_GREATER_THAN_END_OFFSET', {
      parameters: { startOffset: String(startOffset), endOffset: String(endOffset), topic, partition: String(partition) },
      context: { topic, partition },
    });
  }
}

/** Of the negative offsets only -1 and -2 mean something. */
function refuseUnknownWord(limit: OffsetLimit, key: string, name: string, word: string, meaning: bigint): void {
  const offset = limit.kind === 'offsets' ? (limit.offsets.get(key) as bigint) : 0n;
  if (offset < EARLIEST) throw invalidOption(name, String(offset), `assertion failed: ${word} offset ${offset} does not equal ${meaning}`);
}
