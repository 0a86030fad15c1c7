// Reads and checks the options of the Kafka source: Spark's names (in any case), Spark's rules, Spark's words for what is refused.
import { MillraceError } from '../../error/millrace-error.js';
import { type ClientSettings, readClientSettings } from './client-settings.js';
import { fromOffsetJson, type PartitionOffsets, partitionKey, sortedKeys } from './offset-plan.js';

/** Which partitions are read. */
export type Subscription =
  | { readonly kind: 'subscribe'; readonly topics: readonly string[] }
  | { readonly kind: 'subscribePattern'; readonly text: string; readonly pattern: RegExp }
  | { readonly kind: 'assign'; readonly partitions: ReadonlySet<string>; readonly topics: readonly string[] };

/** Where a new query begins. Offsets by partition may be -1 for latest and -2 for earliest. */
export type StartingPosition =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'latest' }
  | { readonly kind: 'offsets'; readonly offsets: PartitionOffsets }
  | { readonly kind: 'timestamp'; readonly timestampMs: number | PartitionOffsets; readonly elseLatest: boolean };

/** The options of one Kafka source. */
export interface KafkaSourceOptions {
  readonly subscription: Subscription;
  readonly starting: StartingPosition;
  readonly maxOffsetsPerTrigger: number | null;
  readonly minOffsetsPerTrigger: number | null;
  readonly maxTriggerDelayMs: number;
  readonly failOnDataLoss: boolean;
  /** How long a read of planned offsets may bring nothing before it fails. */
  readonly pollTimeoutMs: number;
  readonly client: ClientSettings;
}

const SUBSCRIPTIONS = ['subscribe', 'subscribepattern', 'assign'] as const;
const SEE_DOCS = 'See the docs for more details.';
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

// What the reader itself decides, so Spark takes no word on it.
const REFUSED_CLIENT_OPTIONS: Readonly<Record<string, string>> = {
  'auto.offset.reset':
    "Kafka option 'auto.offset.reset' is not supported.\nInstead set the source option 'startingoffsets' to 'earliest' or 'latest'\nto specify where to start. Structured Streaming manages which offsets are consumed\ninternally, rather than relying on the kafkaConsumer",
  'key.deserializer':
    "Kafka option 'key.deserializer' is not supported as keys are deserialized as byte arrays with ByteArrayDeserializer. Use DataFrame operations to explicitly deserialize the keys.",
  'value.deserializer':
    "Kafka option 'value.deserializer' is not supported as values are deserialized as byte arrays with ByteArrayDeserializer. Use DataFrame operations to explicitly deserialize the values.",
  'enable.auto.commit': "Kafka option 'enable.auto.commit' is not supported",
  'interceptor.classes': "Kafka option 'interceptor.classes' is not supported",
};

/**
 * Reads the options of `format('kafka')`. Throws OPTION_INVALID. Accepted without effect: options of Spark's that steer its consumers and
 * tasks (`minPartitions` and `maxRecordsPerPartition` among them: here splits are cut by bytes, which balances better than by offsets),
 * `kafka.group.id` and `groupIdPrefix` (there is no consumer group), and client settings that nothing here answers to.
 */
export function readKafkaOptions(options: Readonly<Record<string, string>>): KafkaSourceOptions {
  const values = new Map(Object.entries(options).map(([name, value]) => [name.toLowerCase(), String(value)]));
  const subscription = readSubscription(values);
  const clientValues = new Map<string, string>();
  for (const [name, value] of values) if (name.startsWith('kafka.')) clientValues.set(name.slice('kafka.'.length), value);
  for (const [name, message] of Object.entries(REFUSED_CLIENT_OPTIONS)) {
    const value = clientValues.get(name);
    if (value !== undefined) throw invalid(`kafka.${name}`, value, message);
  }
  if (!clientValues.has('bootstrap.servers')) {
    throw invalid('kafka.bootstrap.servers', '', "Option 'kafka.bootstrap.servers' must be specified for configuring Kafka consumer");
  }
  refuseBatchOptions(values);
  const maxOffsetsPerTrigger = wholeNumber(values, 'maxoffsetspertrigger');
  const minOffsetsPerTrigger = wholeNumber(values, 'minoffsetspertrigger');
  if (maxOffsetsPerTrigger !== null && minOffsetsPerTrigger !== null && minOffsetsPerTrigger > maxOffsetsPerTrigger) {
    const message = `The value of minOffsetPerTrigger(${minOffsetsPerTrigger}) is higher than the maxOffsetsPerTrigger(${maxOffsetsPerTrigger}).`;
    throw invalid('minOffsetsPerTrigger', String(minOffsetsPerTrigger), message);
  }
  for (const name of ['minpartitions', 'maxrecordsperpartition']) {
    const value = wholeNumber(values, name);
    if (value !== null && value <= 0) throw invalid(name, String(value), `${name} must be positive`);
  }
  if (boolean(values, 'includeheaders', false)) {
    throw invalid('includeHeaders', 'true', 'Headers are not read as a column yet; leave the option out');
  }
  return {
    subscription,
    starting: readStarting(values),
    maxOffsetsPerTrigger,
    minOffsetsPerTrigger,
    maxTriggerDelayMs: durationMs(values, 'maxtriggerdelay', 15 * 60_000),
    failOnDataLoss: boolean(values, 'failondataloss', true),
    pollTimeoutMs: wholeNumber(values, 'kafkaconsumer.polltimeoutms') ?? 120_000,
    client: readClientSettings(clientValues),
  };
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

function readSubscription(values: ReadonlyMap<string, string>): Subscription {
  const given = SUBSCRIPTIONS.filter((name) => values.has(name));
  const [name] = given;
  if (name === undefined || given.length > 1) {
    const which = name === undefined ? 'One' : 'Only one';
    const message = `${which} of the following options ${name === undefined ? 'must' : 'can'} be specified for Kafka source: ${SUBSCRIPTIONS.join(', ')}. ${SEE_DOCS}`;
    throw invalid('subscribe', given.join(', '), message);
  }
  const value = values.get(name) ?? '';
  switch (name) {
    case 'subscribe':
      return { kind: 'subscribe', topics: readTopics(value) };
    case 'subscribepattern':
      return { kind: 'subscribePattern', text: value, pattern: readPattern(value) };
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
    throw invalid('subscribe', value, `No topics to subscribe to as specified value for option 'subscribe' is '${value}'`);
  return [...new Set(topics)];
}

/** Spark searches for the pattern in the topic's name, it need not match the whole name. */
function readPattern(value: string): RegExp {
  if (value.trim() === '')
    throw invalid(
      'subscribePattern',
      value,
      `Pattern to subscribe is empty as specified value for option 'subscribePattern' is '${value}'`,
    );
  try {
    return new RegExp(value);
  } catch (cause) {
    throw invalid('subscribePattern', value, `It is no regular expression: ${(cause as Error).message}`);
  }
}

function readAssignment(value: string): Subscription {
  const json = parseJson(value);
  const partitions = new Set<string>();
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) {
    for (const [topic, numbers] of Object.entries(json)) {
      if (!Array.isArray(numbers) || !numbers.every((number) => Number.isSafeInteger(number) && number >= 0)) {
        throw invalid('assign', value, `Expected e.g. {"topicA":[0,1],"topicB":[0,1]}, got ${value}`);
      }
      for (const partition of numbers as number[]) partitions.add(partitionKey({ topic, partition }));
    }
  }
  if (partitions.size === 0)
    throw invalid('assign', value, `No topicpartitions to assign as specified value for option 'assign' is '${value}'`);
  return { kind: 'assign', partitions, topics: Object.keys(json as object) };
}

/** As in Spark a timestamp for all beats timestamps by partition, and both beat offsets. */
function readStarting(values: ReadonlyMap<string, string>): StartingPosition {
  const strategy = values.get('startingoffsetsbytimestampstrategy')?.trim().toLowerCase() ?? 'error';
  if (strategy !== 'error' && strategy !== 'latest') {
    throw invalid('startingOffsetsByTimestampStrategy', strategy, "It must be 'error' or 'latest'");
  }
  const elseLatest = strategy === 'latest';
  const timestampMs = wholeNumber(values, 'startingtimestamp');
  if (timestampMs !== null) return { kind: 'timestamp', timestampMs, elseLatest };
  const byTimestamp = values.get('startingoffsetsbytimestamp');
  if (byTimestamp !== undefined) {
    const timestamps = fromOffsetJson(parseJson(byTimestamp));
    if (timestamps === null)
      throw invalid(
        'startingOffsetsByTimestamp',
        byTimestamp,
        `Expected e.g. {"topicA": {"0": 123456789, "1": 123456789}}, got ${byTimestamp}`,
      );
    return { kind: 'timestamp', timestampMs: timestamps, elseLatest };
  }
  const value = (values.get('startingoffsets') ?? 'latest').trim();
  const word = value.toLowerCase();
  if (word === 'earliest' || word === 'latest') return { kind: word };
  const offsets = fromOffsetJson(parseJson(value), -2);
  if (offsets === null) throw invalid('startingOffsets', value, `Expected e.g. {"topicA":{"0":23,"1":-1},"topicB":{"0":-2}}, got ${value}`);
  return { kind: 'offsets', offsets };
}

/** A stream has no end; Spark refuses these two and lets endingTimestamp pass. */
function refuseBatchOptions(values: ReadonlyMap<string, string>): void {
  const offsets = values.get('endingoffsets');
  if (offsets !== undefined) throw invalid('endingOffsets', offsets, 'ending offset not valid in streaming queries');
  const timestamps = values.get('endingoffsetsbytimestamp');
  if (timestamps !== undefined) throw invalid('endingOffsetsByTimestamp', timestamps, 'ending timestamp not valid in streaming queries');
}

function wholeNumber(values: ReadonlyMap<string, string>, name: string): number | null {
  const text = values.get(name)?.trim();
  if (text === undefined) return null;
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) throw invalid(name, text, 'It must be a whole number');
  return value;
}

function boolean(values: ReadonlyMap<string, string>, name: string, otherwise: boolean): boolean {
  const text = values.get(name)?.trim().toLowerCase();
  if (text === undefined) return otherwise;
  if (text !== 'true' && text !== 'false') throw invalid(name, text, 'It must be true or false');
  return text === 'true';
}

/** Spark's time texts for this option: `15m`, `30s`, `500ms`; milliseconds without a unit. */
function durationMs(values: ReadonlyMap<string, string>, name: string, otherwise: number): number {
  const text = values.get(name)?.trim().toLowerCase();
  if (text === undefined) return otherwise;
  const match = /^(\d+)\s*([a-z]*)$/.exec(text);
  const unit = UNITS_MS[match?.[2] || 'ms'];
  if (match === null || unit === undefined) throw invalid(name, text, 'It must be a duration such as 15m or 30s');
  return Number(match[1]) * unit;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The message is Spark's where Spark has one. */
function invalid(name: string, value: string, message: string): MillraceError {
  return new MillraceError('OPTION_INVALID', {
    message: message.endsWith('.') ? message : `${message}.`,
    parameters: { name, value, reason: message },
  });
}
