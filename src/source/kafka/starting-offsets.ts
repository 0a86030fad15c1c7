// Finds the offsets at which a new query begins, out of the starting options.
import { MillraceError } from '../../error/millrace-error.js';
import type { StartingPosition } from './kafka-options.js';
import { type PartitionOffsets, sortedKeys } from './offset-plan.js';
import { EARLIEST, LATEST, type PartitionCatalog } from './partition-catalog.js';

/** One offset for every partition there is. Throws OPTION_INVALID, KAFKA_UNREACHABLE. */
export async function resolveStart(starting: StartingPosition, catalog: PartitionCatalog): Promise<PartitionOffsets> {
  const keys = [...catalog.leaders.keys()];
  switch (starting.kind) {
    case 'earliest':
      return catalog.listAllOffsets(new Map(keys.map((key) => [key, EARLIEST])));
    case 'latest':
      return catalog.listAllOffsets(new Map(keys.map((key) => [key, LATEST])));
    case 'offsets':
      return resolveOffsets(starting.offsets, keys, catalog);
    case 'timestamp':
      return resolveTimestamps(starting, keys, catalog);
  }
}

/** -1 and -2 are asked for, the others stand as given, also where the log does not hold them (that shows at the first read). */
async function resolveOffsets(given: PartitionOffsets, keys: readonly string[], catalog: PartitionCatalog): Promise<PartitionOffsets> {
  refuseOthers('startingOffsets', given, keys);
  const asked = [...given].filter(([, offset]) => offset < 0);
  const found = await catalog.listAllOffsets(new Map(asked));
  return new Map([...given].map(([key, offset]) => [key, found.get(key) ?? offset]));
}

async function resolveTimestamps(
  { timestampMs, elseLatest }: Extract<StartingPosition, { kind: 'timestamp' }>,
  keys: readonly string[],
  catalog: PartitionCatalog,
): Promise<PartitionOffsets> {
  if (typeof timestampMs !== 'number') refuseOthers('startingOffsetsByTimestamp', timestampMs, keys);
  const times = typeof timestampMs === 'number' ? new Map(keys.map((key) => [key, timestampMs])) : timestampMs;
  const found = await catalog.listAllOffsets(times);
  const beyond = sortedKeys([...found].filter(([, offset]) => offset < 0).map(([key]) => key));
  const [first] = beyond;
  if (first === undefined) return found;
  if (!elseLatest) {
    const value = String(times.get(first));
    const message = `No offset matched from request of topic-partition ${first} and timestamp ${value}.`;
    throw new MillraceError('OPTION_INVALID', { message, parameters: { name: 'startingTimestamp', value, reason: message } });
  }
  const latest = await catalog.listAllOffsets(new Map(beyond.map((key) => [key, LATEST])));
  return new Map([...found, ...latest]);
}

/** As in Spark the option must name exactly the partitions that are subscribed to. */
function refuseOthers(name: string, given: PartitionOffsets, keys: readonly string[]): void {
  const assigned = new Set(keys);
  if (given.size === assigned.size && [...given.keys()].every((key) => assigned.has(key))) return;
  const message =
    "Partitions specified for Kafka start offsets don't match what are assigned. Maybe topic partitions are created or deleted while the query is running. " +
    `Use -1 for latest, -2 for earliest. Specified: ${sortedKeys(given.keys()).join(', ')} Assigned: ${sortedKeys(keys).join(', ')}.`;
  throw new MillraceError('OPTION_INVALID', { message, parameters: { name, value: sortedKeys(given.keys()).join(', '), reason: message } });
}
