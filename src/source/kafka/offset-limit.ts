// Reads the options that say where a reader begins and ends, in Spark's order of preference and with Spark's checks.
import { MillraceError } from '../../error/millrace-error.js';
import { fromOffsetJson, type PartitionOffsets, partitionOf, partitionSet } from './offset-plan.js';
import { invalidOption, type OptionValues, optionJson, parseLong } from './option-values.js';

/** Which end of what is read. */
export type Side = 'starting' | 'ending';

/** Where a reader begins or ends, before the cluster was asked. Offsets by partition may be -1 for latest and -2 for earliest. */
export type OffsetLimit =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'latest' }
  | { readonly kind: 'offsets'; readonly offsets: PartitionOffsets }
  | { readonly kind: 'timestamp'; readonly timestampMs: bigint | ReadonlyMap<string, bigint>; readonly elseLatest: boolean };

const LATEST_OFFSET = -1n;
const EARLIEST_OFFSET = -2n;

/** As in Spark a timestamp for all beats timestamps by partition, and both beat offsets. Throws OPTION_INVALID. */
export function readOffsetLimit(values: OptionValues, side: Side, otherwise: 'earliest' | 'latest'): OffsetLimit {
  const elseLatest = readsLatestWithoutMatch(values);
  const global = values.get(`${side}timestamp`)?.trim();
  if (global !== undefined) {
    const timestampMs = parseLong(global);
    if (timestampMs === null) throw invalidOption(`${side}Timestamp`, global, `Expected a single long value, got ${global}`);
    return { kind: 'timestamp', timestampMs, elseLatest };
  }
  const byTimestamp = values.get(`${side}offsetsbytimestamp`)?.trim();
  if (byTimestamp !== undefined) {
    const timestamps = fromOffsetJson(optionJson(byTimestamp));
    const expected = `Expected e.g. {"topicA": {"0": 123456789, "1": 123456789},\n"topicB": {"0": 123456789, "1": 123456789}}, got ${byTimestamp}`;
    if (timestamps === null) throw invalidOption(`${side}OffsetsByTimestamp`, byTimestamp, expected);
    return { kind: 'timestamp', timestampMs: timestamps, elseLatest };
  }
  const text = values.get(`${side}offsets`)?.trim() ?? otherwise;
  const word = text.toLowerCase();
  if (word === 'earliest' || word === 'latest') return { kind: word };
  const offsets = fromOffsetJson(optionJson(text));
  if (offsets !== null) return { kind: 'offsets', offsets };
  throw invalidOption(`${side}Offsets`, text, `Expected e.g. {"topicA":{"0":23,"1":-1},"topicB":{"0":-2}}, got ${text}`);
}

/** What Spark's startingOffsetsByTimestampStrategy says, `error` or `latest` in any case. */
function readsLatestWithoutMatch(values: OptionValues): boolean {
  const strategy = values.get('startingoffsetsbytimestampstrategy')?.toUpperCase() ?? 'ERROR';
  if (strategy === 'ERROR' || strategy === 'LATEST') return strategy === 'LATEST';
  throw invalidOption('startingOffsetsByTimestampStrategy', strategy, `No value found for '${strategy}'`);
}

/** What a batch cannot begin with: an end that is not known yet. Throws OPTION_INVALID. */
export function refuseLatestStart(limit: OffsetLimit): void {
  if (limit.kind === 'latest')
    throw invalidOption('startingOffsets', 'latest', "starting offset can't be latest for batch queries on Kafka");
  if (limit.kind !== 'offsets') return;
  for (const [key, offset] of limit.offsets) {
    if (offset === LATEST_OFFSET)
      throw invalidOption('startingOffsets', '-1', `startingOffsets for ${key} can't be latest for batch queries on Kafka`);
  }
}

/** What a batch cannot end with. Throws OPTION_INVALID. */
export function refuseEarliestEnd(limit: OffsetLimit): void {
  if (limit.kind === 'earliest')
    throw invalidOption('endingOffsets', 'earliest', "ending offset can't be earliest for batch queries on Kafka");
  if (limit.kind !== 'offsets') return;
  for (const [key, offset] of limit.offsets) {
    if (offset === EARLIEST_OFFSET)
      throw invalidOption('endingOffsets', '-2', `ending offset for ${key} can't be earliest for batch queries on Kafka`);
  }
}

/**
 * A start may not lie behind its end, as far as the options alone tell. Throws UNRESOLVED_START_OFFSET_GREATER_THAN_END_OFFSET and its like,
 * MISMATCHED_TOPIC_PARTITIONS_BETWEEN_START_OFFSET_AND_END_OFFSET.
 */
export function checkLimitOrder(start: OffsetLimit, end: OffsetLimit): void {
  if (start.kind === 'offsets' && end.kind === 'offsets') {
    checkSamePartitions(start.offsets, end.offsets);
    for (const [key, from] of start.offsets) {
      const until = end.offsets.get(key) as bigint;
      if (from > until && from >= 0n && until >= 0n)
        throw startBehindEnd('UNRESOLVED_START_OFFSET_GREATER_THAN_END_OFFSET', key, { startOffset: `${from}`, endOffset: `${until}` });
    }
  }
  if (start.kind !== 'timestamp' || end.kind !== 'timestamp') return;
  if (typeof start.timestampMs === 'bigint' || typeof end.timestampMs === 'bigint') return;
  checkSamePartitions(start.timestampMs, end.timestampMs);
  for (const [key, from] of start.timestampMs) {
    const until = end.timestampMs.get(key) as bigint;
    if (from <= until || from < 0n || until < 0n) continue;
    const times = { startTimestamp: `${from}`, endTimestamp: `${until}` };
    throw startBehindEnd('UNRESOLVED_START_TIMESTAMP_GREATER_THAN_END_TIMESTAMP', key, times);
  }
}

function checkSamePartitions(start: ReadonlyMap<string, unknown>, end: ReadonlyMap<string, unknown>): void {
  if (start.size === end.size && [...start.keys()].every((key) => end.has(key))) return;
  throw new MillraceError('MISMATCHED_TOPIC_PARTITIONS_BETWEEN_START_OFFSET_AND_END_OFFSET', {
    parameters: { tpsForStartOffset: partitionSet(start.keys()), tpsForEndOffset: partitionSet(end.keys()) },
  });
}

function startBehindEnd(
  code: 'UNRESOLVED_START_OFFSET_GREATER_THAN_END_OFFSET' | 'UNRESOLVED_START_TIMESTAMP_GREATER_THAN_END_TIMESTAMP',
  key: string,
  limits: Readonly<Record<string, string>>,
): MillraceError {
  const { topic, partition } = partitionOf(key);
  return new MillraceError(code, { parameters: { ...limits, topic, partition: String(partition) }, context: { topic, partition } });
}
