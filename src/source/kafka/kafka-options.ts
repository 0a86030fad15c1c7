// Reads and checks the options of the Kafka source: Spark's names (in any case), Spark's rules, Spark's words for what is refused.
import { type ClientSettings, readClientSettings } from './client-settings.js';
import { checkLimitOrder, type OffsetLimit, readOffsetLimit, refuseEarliestEnd, refuseLatestStart } from './offset-limit.js';
import { partitionKey, sortedKeys } from './offset-plan.js';
import type { RangeDivision } from './offset-range.js';
import {
  clientValues,
  invalidOption,
  type OptionValues,
  optionBoolean,
  optionDurationMs,
  optionJson,
  optionLong,
  optionValues,
} from './option-values.js';

/** Which partitions are read. */
export type Subscription =
  | { readonly kind: 'subscribe'; readonly topics: readonly string[] }
  | { readonly kind: 'subscribePattern'; readonly text: string; readonly pattern: RegExp }
  | { readonly kind: 'assign'; readonly partitions: ReadonlySet<string>; readonly topics: readonly string[] };

/** The options that streams and batches share. */
export interface KafkaReadOptions {
  readonly subscription: Subscription;
  readonly starting: OffsetLimit;
  readonly failOnDataLoss: boolean;
  readonly division: RangeDivision;
  /** How long a read of planned offsets may bring nothing before it fails. */
  readonly pollTimeoutMs: number;
  /** Whether `kafka.group.id` was given: there is no group here, but Spark's words for lost partitions depend on it. */
  readonly hasGroupId: boolean;
  readonly client: ClientSettings;
}

/** The options of one streaming source. */
export interface KafkaStreamOptions extends KafkaReadOptions {
  readonly maxOffsetsPerTrigger: number | null;
  readonly minOffsetsPerTrigger: number | null;
  readonly maxTriggerDelayMs: number;
}

/** The options of one batch read. */
export interface KafkaBatchOptions extends KafkaReadOptions {
  readonly ending: OffsetLimit;
}

const SUBSCRIPTIONS = ['subscribe', 'subscribepattern', 'assign'] as const;
const SEE_DOCS = 'See the docs for more details.';

// What the reader itself decides, so Spark takes no word on it.
const REFUSED_CLIENT_OPTIONS: Readonly<Record<string, string>> = {
  'auto.offset.reset':
    "Kafka option 'auto.offset.reset' is not supported.\nInstead set the source option 'startingoffsets' to 'earliest' or 'latest'\nto specify where to start. Structured Streaming manages which offsets are consumed\ninternally, rather than relying on the kafkaConsumer to do it. This will ensure that no\ndata is missed when new topics/partitions are dynamically subscribed. Note that\n'startingoffsets' only applies when a new Streaming query is started, and\nthat resuming will always pick up from where the query left off. See the docs for more\ndetails.",
  'key.deserializer':
    "Kafka option 'key.deserializer' is not supported as keys are deserialized as byte arrays with ByteArrayDeserializer. Use DataFrame operations to explicitly deserialize the keys.",
  'value.deserializer':
    "Kafka option 'value.deserializer' is not supported as values are deserialized as byte arrays with ByteArrayDeserializer. Use DataFrame operations to explicitly deserialize the values.",
  'enable.auto.commit': "Kafka option 'enable.auto.commit' is not supported",
  'interceptor.classes': "Kafka option 'interceptor.classes' is not supported",
};

/**
 * Reads the options of `readStream.format('kafka')`. Throws OPTION_INVALID. Accepted without effect: options of Spark's that steer its
 * consumers, `kafka.group.id` and `groupIdPrefix` (there is no consumer group), and client settings that nothing here answers to.
 */
export function readStreamOptions(options: Readonly<Record<string, string>>): KafkaStreamOptions {
  const values = optionValues(options);
  refuseBatchOptions(values);
  checkGeneralOptions(values);
  return {
    ...readCommonOptions(values, 'latest'),
    maxOffsetsPerTrigger: optionLong(values, 'maxoffsetspertrigger'),
    minOffsetsPerTrigger: optionLong(values, 'minoffsetspertrigger'),
    maxTriggerDelayMs: optionDurationMs(values, 'maxtriggerdelay', 15 * 60_000),
  };
}

/** Reads the options of `read.format('kafka')`, where limits of batches are not looked at. Throws OPTION_INVALID and what is wrong with limits. */
export function readBatchOptions(options: Readonly<Record<string, string>>): KafkaBatchOptions {
  const values = optionValues(options);
  refuseLatestStart(readOffsetLimit(values, 'starting', 'earliest'));
  const ending = readOffsetLimit(values, 'ending', 'latest');
  refuseEarliestEnd(ending);
  checkGeneralOptions(values);
  const common = readCommonOptions(values, 'earliest');
  checkLimitOrder(common.starting, ending);
  return { ...common, ending };
}

function readCommonOptions(values: OptionValues, otherwise: 'earliest' | 'latest'): KafkaReadOptions {
  const client = clientValues(values);
  // Only checked here: Rust, which makes the column, reads the option from the plan.
  optionBoolean(values, 'includeheaders', false);
  return {
    subscription: readSubscription(values),
    starting: readOffsetLimit(values, 'starting', otherwise),
    failOnDataLoss: optionBoolean(values, 'failondataloss', true),
    division: {
      minPartitions: optionLong(values, 'minpartitions'),
      maxRecordsPerPartition: optionLong(values, 'maxrecordsperpartition'),
    },
    pollTimeoutMs: optionLong(values, 'kafkaconsumer.polltimeoutms') ?? 120_000,
    hasGroupId: client.has('group.id'),
    client: readClientSettings(client),
  };
}

/** Spark's checks of what streams and batches share, in its order. */
function checkGeneralOptions(values: OptionValues): void {
  readSubscription(values);
  for (const [name, spelling] of [
    ['minpartitions', 'minPartitions'],
    ['maxrecordsperpartition', 'maxrecordsperpartition'],
  ] as const) {
    const value = optionLong(values, name);
    if (value !== null && value <= 0) throw invalidOption(spelling, String(value), `${spelling} must be positive`);
  }
  const client = clientValues(values);
  for (const [name, message] of Object.entries(REFUSED_CLIENT_OPTIONS)) {
    const value = client.get(name);
    if (value !== undefined) throw invalidOption(`kafka.${name}`, value, message);
  }
  if (!client.has('bootstrap.servers')) {
    const message = "Option 'kafka.bootstrap.servers' must be specified for configuring Kafka consumer";
    throw invalidOption('kafka.bootstrap.servers', '', message);
  }
  if (!values.has('minoffsetspertrigger') || !values.has('maxoffsetspertrigger')) return;
  const minOffsets = optionLong(values, 'minoffsetspertrigger') as number;
  const maxOffsets = optionLong(values, 'maxoffsetspertrigger') as number;
  if (minOffsets <= maxOffsets) return;
  const message = `The value of minOffsetPerTrigger(${minOffsets}) is higher than the maxOffsetsPerTrigger(${maxOffsets}).`;
  throw invalidOption('minOffsetsPerTrigger', String(minOffsets), message);
}

/** The description that Spark gives the source in progress reports, such as `KafkaV2[Subscribe[trades]]`. */
export function describeSubscription(subscription: Subscription): string {
  switch (subscription.kind) {
    case 'subscribe':
      return `KafkaV2[Subscribe[${subscription.topics.join(', ')}]]`;
    case 'subscribePattern':
      return `KafkaV2[SubscribePattern[${subscription.text}]]`;
    case 'assign':
      return `KafkaV2[Assign[${sortedKeys(subscription.partitions).join(', ')}]]`;
  }
}

function readSubscription(values: OptionValues): Subscription {
  const given = SUBSCRIPTIONS.filter((name) => values.has(name));
  const [name] = given;
  if (name === undefined || given.length > 1) {
    const which = name === undefined ? 'One' : 'Only one';
    const message = `${which} of the following options ${name === undefined ? 'must' : 'can'} be specified for Kafka source: ${SUBSCRIPTIONS.join(', ')}. ${SEE_DOCS}`;
    throw invalidOption('subscribe', given.join(', '), message);
  }
  const value = values.get(name) ?? '';
  switch (name) {
    case 'subscribe':
      return { kind: 'subscribe', topics: readTopics(value) };
    case 'subscribepattern':
      return { kind: 'subscribePattern', text: value.trim(), pattern: readPattern(value) };
    case 'assign':
      return readAssignment(value);
  }
}

function readTopics(value: string): string[] {
  const topics = value
    .split(',')
    .map((topic) => topic.trim())
    .filter((topic) => topic !== '');
  if (topics.length === 0)
    throw invalidOption('subscribe', value, `No topics to subscribe to as specified value for option 'subscribe' is '${value}'`);
  return topics;
}

/** Spark searches for the pattern in the topic's name, it need not match the whole name. */
function readPattern(value: string): RegExp {
  if (value.trim() === '')
    throw invalidOption(
      'subscribePattern',
      value,
      `Pattern to subscribe is empty as specified value for option 'subscribePattern' is '${value}'`,
    );
  try {
    return new RegExp(value.trim());
  } catch (cause) {
    throw invalidOption('subscribePattern', value, `It is no regular expression: ${(cause as Error).message}`);
  }
}

function readAssignment(value: string): Subscription {
  const message = `No topicpartitions to assign as specified value for option 'assign' is '${value}'`;
  if (!value.trim().startsWith('{')) throw invalidOption('assign', value, message);
  const json = optionJson(value);
  const topics = typeof json === 'object' && json !== null ? Object.entries(json) : null;
  const partitions = new Set<string>();
  for (const [topic, numbers] of topics ?? [['', null]]) {
    if (!Array.isArray(numbers) || !numbers.every((number) => Number.isSafeInteger(number)))
      throw invalidOption('assign', value, `Expected e.g. {"topicA":[0,1],"topicB":[0,1]}, got ${value}`);
    for (const partition of numbers as number[]) partitions.add(partitionKey({ topic, partition }));
  }
  return { kind: 'assign', partitions, topics: (topics ?? []).map(([topic]) => topic) };
}

/** A stream has no end; Spark refuses these two and lets endingTimestamp pass. */
function refuseBatchOptions(values: OptionValues): void {
  const offsets = values.get('endingoffsets');
  if (offsets !== undefined) throw invalidOption('endingOffsets', offsets, 'ending offset not valid in streaming queries');
  const timestamps = values.get('endingoffsetsbytimestamp');
  if (timestamps !== undefined)
    throw invalidOption('endingOffsetsByTimestamp', timestamps, 'ending timestamp not valid in streaming queries');
}
