// Finds the offsets that a limit stands for, by asking the cluster.
import { MillraceError } from '../../error/millrace-error.js';
import type { OffsetLimit, Side } from './offset-limit.js';
import { type PartitionOffsets, partitionSet, sortedKeys } from './offset-plan.js';
import { invalidOption } from './option-values.js';
import { allAt, EARLIEST, LATEST, type PartitionCatalog } from './partition-catalog.js';

/**
 * One offset for every partition there is. Throws KAFKA_START_OFFSET_DOES_NOT_MATCH_ASSIGNED,
 * KAFKA_TIMESTAMP_OFFSET_DOES_NOT_MATCH_ASSIGNED, OPTION_INVALID, KAFKA_UNREACHABLE.
 */
export async function resolveLimit(limit: OffsetLimit, side: Side, catalog: PartitionCatalog): Promise<PartitionOffsets> {
  const keys = [...catalog.leaders.keys()];
  switch (limit.kind) {
    case 'earliest':
      return catalog.listAllOffsets(allAt(keys, EARLIEST));
    case 'latest':
      return catalog.listAllOffsets(allAt(keys, LATEST));
    case 'offsets':
      return resolveOffsets(limit.offsets, keys, catalog);
    case 'timestamp':
      return resolveTimestamps(limit, side, keys, catalog);
  }
}

/** -1 and -2 are asked for, the others stand as given, also where the log does not hold them (that shows at the first read). */
async function resolveOffsets(given: PartitionOffsets, keys: readonly string[], catalog: PartitionCatalog): Promise<PartitionOffsets> {
  if (!namesExactly(given, keys)) {
    const parameters = { specifiedPartitions: partitionSet(given.keys()), assignedPartitions: partitionSet(keys) };
    throw new MillraceError('KAFKA_START_OFFSET_DOES_NOT_MATCH_ASSIGNED', { parameters });
  }
  const asked = [...given].filter(([, offset]) => offset === EARLIEST || offset === LATEST);
  const found = await catalog.listAllOffsets(new Map(asked));
  return new Map([...given].map(([key, offset]) => [key, found.get(key) ?? offset]));
}

async function resolveTimestamps(
  { timestampMs, elseLatest }: Extract<OffsetLimit, { kind: 'timestamp' }>,
  side: Side,
  keys: readonly string[],
  catalog: PartitionCatalog,
): Promise<PartitionOffsets> {
  if (typeof timestampMs !== 'bigint' && !namesExactly(timestampMs, keys)) {
    const position = side === 'starting' ? 'start' : 'end';
    const parameters = { position, specifiedPartitions: partitionSet(timestampMs.keys()), assignedPartitions: partitionSet(keys) };
    throw new MillraceError('KAFKA_TIMESTAMP_OFFSET_DOES_NOT_MATCH_ASSIGNED', { parameters });
  }
  const times = typeof timestampMs === 'bigint' ? new Map(keys.map((key) => [key, timestampMs])) : timestampMs;
  const found = await catalog.listAllOffsets(times);
  const beyond = sortedKeys([...found].filter(([, offset]) => offset < 0n).map(([key]) => key));
  const [first] = beyond;
  if (first === undefined) return found;
  if (side === 'starting' && !elseLatest) {
    const value = String(times.get(first));
    const message = `No offset matched from request of topic-partition ${first} and timestamp ${value}.`;
    throw invalidOption('startingTimestamp', value, message);
  }
  const latest = await catalog.listAllOffsets(allAt(beyond, LATEST));
  return new Map([...found, ...latest]);
}

/** As in Spark an option by partition must name exactly the partitions that are subscribed to. */
function namesExactly(given: ReadonlyMap<string, unknown>, keys: readonly string[]): boolean {
  return given.size === keys.length && keys.every((key) => given.has(key));
}
