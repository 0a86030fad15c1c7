// The Kafka source over a network that is slow, silent or cut, and while a partition's leader moves: everything is read, and nothing twice.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { createKafkaSource } from '../../dist/source/kafka/kafka-source.js';
import type { Offset, Source } from '../../dist/source/source.js';
import { KafkaBroker } from './broker.ts';
import { FaultProxy } from './fault-proxy.ts';
import { valuesOf } from './segment-rows.ts';

const DEADLINE_MS = 90_000;

let proxy: FaultProxy;
let broker: KafkaBroker;

before(async () => {
  proxy = await FaultProxy.start();
  broker = await KafkaBroker.start({
    advertise: (port) => {
      proxy.target = port;
      return proxy.port;
    },
  });
});

after(async () => {
  await proxy?.stop();
  await broker?.stop();
});

async function sourceOn(topic: string, options: Record<string, string> = {}, servers = broker.bootstrapServers): Promise<Source> {
  const given = { 'kafka.bootstrap.servers': servers, subscribe: topic, startingOffsets: 'earliest', ...options };
  const source = createKafkaSource(1, given, { 'millrace.splitBytes': '8m' });
  await source.open(null);
  return source;
}

async function produce(client: Kafka, topic: string, values: readonly string[]): Promise<void> {
  const producer = client.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  await producer.send({ topic, messages: values.map((value) => ({ value })) });
  await producer.disconnect();
}

/** Reads batches from `start` until `count` values have come. */
async function read(source: Source, start: Offset, count: number): Promise<{ values: (string | null)[]; end: Offset }> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const values: (string | null)[] = [];
  let from = start;
  while (values.length < count) {
    const end = await source.latestOffset(from, 'limited');
    if (JSON.stringify(end) === JSON.stringify(from)) {
      assert.ok(!signal.aborted, `only ${values.length} of ${count} values came`);
      await source.awaitData(from, AbortSignal.any([signal, AbortSignal.timeout(500)]));
      continue;
    }
    values.push(...valuesOf(await source.splits(from, end)));
    await source.commit(end);
    from = end;
  }
  return { values, end: from };
}

const numbered = (first: number, count: number, width = 8): string[] =>
  Array.from({ length: count }, (_, index) => String(first + index).padStart(width, '0'));

test('a connection that falls silent is given up and made anew', { timeout: DEADLINE_MS }, async () => {
  await broker.createTopic('silent');
  await produce(broker.client(), 'silent', numbered(0, 10));
  const source = await sourceOn('silent', { 'kafka.request.timeout.ms': '1500', 'kafka.fetch.max.wait.ms': '200' });
  try {
    const first = await read(source, await source.initialOffset(), 10);
    const connections = proxy.numConnections;
    proxy.fallSilent();
    await new Promise((resolve) => setTimeout(resolve, 2500));
    proxy.heal();
    await produce(broker.client(), 'silent', numbered(10, 10));
    const second = await read(source, first.end, 10);
    assert.deepEqual([...first.values, ...second.values], numbered(0, 20));
    assert.ok(proxy.numConnections > connections, 'the silent connection was given up');
  } finally {
    await source.close();
  }
});

test('a slow connection only takes its time', { timeout: DEADLINE_MS }, async () => {
  await broker.createTopic('slow');
  const values = numbered(0, 200, 1000);
  await produce(broker.client(), 'slow', values);
  const source = await sourceOn('slow');
  try {
    const start = await source.initialOffset();
    proxy.slow(60_000);
    const { values: found } = await read(source, start, values.length);
    assert.deepEqual(found, values);
  } finally {
    proxy.heal();
    await source.close();
  }
});

test('connections that are cut while records come are made anew', { timeout: DEADLINE_MS }, async () => {
  await broker.createTopic('cut');
  const values = numbered(0, 300, 2000);
  await produce(broker.client(), 'cut', values);
  const source = await sourceOn('cut', { 'kafka.max.partition.fetch.bytes': '65536' });
  const start = await source.initialOffset();
  // So slow that the records take several cuts to come, each of which some pass before.
  proxy.slow(1_500_000);
  const connections = proxy.numConnections;
  const cuts = setInterval(() => proxy.cut(), 150);
  const mended = setTimeout(() => clearInterval(cuts), 3000);
  try {
    const { values: found } = await read(source, start, values.length);
    assert.deepEqual(found, values);
    assert.ok(proxy.numConnections > connections, 'connections were cut');
  } finally {
    proxy.heal();
    clearTimeout(mended);
    clearInterval(cuts);
    await source.close();
  }
});

test('a partition whose leader dies is read on from the next', { timeout: 2 * DEADLINE_MS }, async () => {
  const first = await KafkaBroker.start();
  const second = await KafkaBroker.start({ joins: first }).catch(async (error) => {
    await first.stop();
    throw error;
  });
  try {
    const admin = first.client().admin();
    await admin.connect();
    const replicaAssignment = [{ partition: 0, replicas: [2, 1] }];
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: 'moved', replicaAssignment }] });
    await admin.disconnect();
    await produce(first.client(), 'moved', numbered(0, 10));
    const servers = `${first.bootstrapServers},${second.bootstrapServers}`;
    const source = await sourceOn('moved', { 'kafka.request.timeout.ms': '3000', 'kafka.metadata.max.age.ms': '500' }, servers);
    try {
      const before = await read(source, await source.initialOffset(), 10);
      await second.halt('SIGKILL');
      const client = new Kafka({
        brokers: [first.bootstrapServers],
        logLevel: logLevel.NOTHING,
        retry: { retries: 30, maxRetryTime: 2000 },
      });
      await produce(client, 'moved', numbered(10, 10));
      const after = await read(source, before.end, 10);
      assert.deepEqual([...before.values, ...after.values], numbered(0, 20));
    } finally {
      await source.close();
    }
  } finally {
    await second.stop();
    await first.stop();
  }
});
