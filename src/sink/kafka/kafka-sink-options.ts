// Reads and checks the options of the Kafka sink: Spark's names, and the settings of Java's producer in its words.
import type { MillraceError } from '../../error/millrace-error.js';
import { type ClientSettings, invalidSetting, readClientSettings, settingInt } from '../../source/kafka/client-settings.js';
import { clientValues, invalidOption, optionValues } from '../../source/kafka/option-values.js';

/** How records are packed. */
export type KafkaCodec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** The options of one sink. Defaults are Java's unless a comment says why not. */
export interface KafkaSinkOptions {
  /** Where all rows go; null: the column `topic` says. */
  readonly topic: string | null;
  /** Name of a header that tells each record's batch, null for none: Spark writes none. */
  readonly batchIdHeader: string | null;
  readonly codec: KafkaCodec;
  /** -1 all replicas, 1 the leader, 0 nobody answers. */
  readonly acks: number;
  /** Whether the broker keeps out what is sent twice. */
  readonly isIdempotent: boolean;
  /** Bytes of records in one batch of a partition, about. */
  readonly batchBytes: number;
  readonly requestBytesMax: number;
  /** Bytes that may wait to be sent. */
  readonly bufferBytesMax: number;
  /** How long a row may wait for its topic or partition to be known. */
  readonly blockMaxMs: number;
  /** How long a batch may take with all its tries. */
  readonly deliveryTimeoutMs: number;
  readonly client: ClientSettings;
}

const CODECS: readonly string[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const ACKS: Readonly<Record<string, number>> = { all: -1, '-1': -1, '0': 0, '1': 1 };
const REFUSED: Readonly<Record<string, string>> = {
  'key.serializer': "Kafka option 'key.serializer' is not supported as keys are serialized with ByteArraySerializer.",
  'value.serializer': "Kafka option 'value.serializer' is not supported as value are serialized with ByteArraySerializer.",
};

/** Reads the options of `write.format('kafka')` and `writeStream.format('kafka')`. Throws OPTION_INVALID. */
export function readKafkaSinkOptions(options: Readonly<Record<string, string>>): KafkaSinkOptions {
  const values = optionValues(options);
  const client = clientValues(values);
  for (const [name, message] of Object.entries(REFUSED)) {
    const value = client.get(name);
    if (value !== undefined) throw invalidOption(`kafka.${name}`, value, message);
  }
  if (!client.has('bootstrap.servers')) throw missingServers();
  const codec = client.get('compression.type') ?? 'none';
  if (!CODECS.includes(codec)) throw invalidSetting('compression.type', codec, `String must be one of: ${CODECS.join(', ')}`);
  const acksText = client.get('acks')?.trim() ?? 'all';
  const acks = ACKS[acksText];
  if (acks === undefined) throw invalidSetting('acks', acksText, 'String must be one of: all, -1, 0, 1');
  return {
    topic: values.get('topic')?.trim() ?? null,
    batchIdHeader: values.get('batchidheader') ?? null,
    codec: codec as KafkaCodec,
    acks,
    isIdempotent: readIdempotence(client, acks),
    // Java: 16 KiB, for senders of single records. Here a batch of rows is at hand, and larger ones pack better.
    batchBytes: settingInt(client, 'batch.size', 256 << 10, 0),
    requestBytesMax: settingInt(client, 'max.request.size', 1 << 20, 0),
    bufferBytesMax: settingInt(client, 'buffer.memory', 32 << 20, 0),
    blockMaxMs: settingInt(client, 'max.block.ms', 60_000, 0),
    deliveryTimeoutMs: settingInt(client, 'delivery.timeout.ms', 120_000, 0),
    client: readClientSettings(client),
  };
}

/** On unless acks say otherwise; asked for by name it needs acks of all. */
function readIdempotence(client: ReadonlyMap<string, string>, acks: number): boolean {
  const text = client.get('enable.idempotence')?.trim().toLowerCase();
  if (text === undefined) return acks === -1;
  if (text !== 'true' && text !== 'false') throw invalidSetting('enable.idempotence', text, 'Expected value to be either true or false');
  if (text === 'false' || acks === -1) return text === 'true';
  const message = 'Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.';
  throw invalidOption('kafka.enable.idempotence', text, message);
}

function missingServers(): MillraceError {
  const message = 'Missing required configuration "bootstrap.servers" which has no default value.';
  return invalidOption('kafka.bootstrap.servers', '', message);
}
