// The Kafka sink against a real broker: every codec, batches larger than one request, a broker that goes away and comes back.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { MillraceError, Session } from 'millrace';
import { prepareKafkaWrite } from '../../dist/sink/kafka/kafka-sink.js';
import { readKafkaSinkOptions } from '../../dist/sink/kafka/kafka-sink-options.js';
import { KafkaBroker } from './broker.ts';

let broker: KafkaBroker;
let topicCount = 0;

before(async () => {
  broker = await KafkaBroker.start();
});

after(async () => {
  await broker?.stop();
});

async function newTopic(numPartitions = 1): Promise<string> {
  topicCount += 1;
  const topic = `sink-${topicCount}`;
  await broker.createTopic(topic, numPartitions);
  return topic;
}

/** Writes rows as a batch does. */
async function write(rows: object[], schema: string, options: Record<string, string>): Promise<void> {
  const frame = Session.create().createDataFrame(rows, schema as 'value STRING');
  const target = { 'kafka.bootstrap.servers': broker.bootstrapServers, ...options };
  await prepareKafkaWrite(target, frame.schema)(await frame.toResultBatch());
}

/** All rows of a topic: partition, key and value as text. */
async function read(topic: string): Promise<[number, string | null, string | null][]> {
  const rows = await Session.create()
    .read.format('kafka')
    .options({ 'kafka.bootstrap.servers': broker.bootstrapServers, subscribe: topic })
    .load()
    .selectExpr('partition', 'CAST(key AS STRING) AS key', 'CAST(value AS STRING) AS value')
    .collect();
  return (rows as { partition: number; key: string | null; value: string | null }[]).map(({ partition, key, value }) => [
    partition,
    key,
    value,
  ]);
}

describe('rows', () => {
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    it(`are there as they were, packed with ${codec}`, async () => {
      const topic = await newTopic();
      const values = Array.from({ length: 500 }, (_, index) => `value ${index} of many that are alike`);
      await write(
        values.map((value) => ({ value })),
        'value STRING',
        { topic, 'kafka.compression.type': codec },
      );
      assert.deepEqual(
        (await read(topic)).map(([, , value]) => value),
        values,
      );
    });
  }

  it('of one key are in one partition, in their order, however many batches they make', async () => {
    const topic = await newTopic(4);
    const rows = Array.from({ length: 3000 }, (_, index) => ({ key: `k${index % 7}`, value: `${index}` }));
    await write(rows, 'key STRING, value STRING', { topic, 'kafka.batch.size': '2000' });
    const byKey = new Map<string, { partitions: Set<number>; values: number[] }>();
    for (const [partition, key, value] of await read(topic)) {
      const seen = byKey.get(key as string) ?? { partitions: new Set(), values: [] };
      seen.partitions.add(partition);
      seen.values.push(Number(value));
      byKey.set(key as string, seen);
    }
    assert.equal(byKey.size, 7);
    for (const [key, { partitions, values }] of byKey) {
      assert.equal(partitions.size, 1, key);
      assert.deepEqual(
        values,
        rows.filter((row) => row.key === key).map((row) => Number(row.value)),
      );
    }
  });

  it('before one that cannot be written are there', async () => {
    const topic = await newTopic();
    const rows = [
      { value: 'a', partition: 0 },
      { value: 'b', partition: -1 },
    ];
    const refused = (error: unknown) => error instanceof MillraceError && error.code === 'KAFKA_RECORD_INVALID';
    await assert.rejects(write(rows, 'value STRING, partition INT', { topic }), refused);
    assert.deepEqual(await read(topic), [[0, null, 'a']]);
  });

  it('are there once, though the broker was away for a while', async () => {
    const topic = await newTopic();
    const values = Array.from({ length: 200 }, (_, index) => String(index));
    await broker.halt('SIGKILL');
    const written = write(
      values.map((value) => ({ value })),
      'value STRING',
      { topic, 'kafka.batch.size': '100' },
    );
    await broker.resume();
    await written;
    assert.deepEqual(
      (await read(topic)).map(([, , value]) => value),
      values,
    );
  });
});

describe('settings', () => {
  const servers = { 'kafka.bootstrap.servers': 'localhost:9092' };
  const refused = (options: Record<string, string>, message: string): void => {
    assert.throws(
      () => readKafkaSinkOptions(options),
      (error: Error) => error.message.includes(message),
    );
  };

  it("are refused in the words of Spark and of Java's producer", () => {
    refused({}, 'Missing required configuration "bootstrap.servers" which has no default value.');
    refused({ ...servers, 'kafka.key.serializer': 'x' }, "Kafka option 'key.serializer' is not supported");
    refused({ ...servers, 'kafka.acks': '7' }, 'Invalid value 7 for configuration acks: String must be one of: all, -1, 0, 1');
    refused({ ...servers, 'kafka.compression.type': 'rar' }, 'String must be one of: none, gzip, snappy, lz4, zstd');
    refused({ ...servers, 'kafka.acks': '1', 'kafka.enable.idempotence': 'true' }, 'Must set acks to all');
  });

  it('make an idempotent producer unless acks say otherwise', () => {
    assert.equal(readKafkaSinkOptions(servers).isIdempotent, true);
    assert.equal(readKafkaSinkOptions({ ...servers, 'kafka.acks': '1' }).isIdempotent, false);
  });
});
