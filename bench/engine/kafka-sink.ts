// The Kafka sink against a real broker: rows of a result that is there already, written by millrace and by kafkajs's own producer in turn; the broker's
// CPU time is not in the figures.
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { type ResultBatch, Session } from 'millrace';
import { createKafkaSink } from '../../dist/sink/kafka/kafka-sink.js';
import { KafkaBroker } from '../../test/kafka/broker.ts';
import { median, type Row, report, rounded } from '../harness/report.ts';

const RECORDS = 100_000;
const PARTITIONS = 4;
const RUNS = 3;
/** Until a new topic's partitions have leaders. */
const LEADERS_MS = 1000;
/** What a kafkajs program sends at once: a megabyte, more or less. */
const KAFKAJS_RECORDS_PER_SEND = 10_000;

/** One run: records written and answered for. */
interface Run {
  readonly wallS: number;
  readonly cpuS: number;
}

const session = Session.create({ timeZone: 'UTC' });
// Keys of nine bytes, values of 72, as the trades of the profit job.
const frame = session
  .range(RECORDS)
  .selectExpr("concat('account-', lpad(id % 1000, 3, '0')) AS key", "rpad(concat('{\"id\":', id, ',\"note\":\"'), 72, 'x') AS value");
const batch = (await frame.toResultBatch()) as ResultBatch<any>;

const broker = await KafkaBroker.start();
try {
  const admin = new Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const ways: Readonly<Record<string, (topic: string) => Promise<Run>>> = {
    'millrace, uncompressed': (topic) => withMillrace(topic, 'none'),
    'millrace, gzip': (topic) => withMillrace(topic, 'gzip'),
    'millrace, zstd': (topic) => withMillrace(topic, 'zstd'),
    'kafkajs, uncompressed': (topic) => withKafkajs(topic, 0),
    'kafkajs, gzip': (topic) => withKafkajs(topic, 1),
  };
  const runs = Object.fromEntries(Object.keys(ways).map((way) => [way, [] as Run[]]));
  for (let run = 0; run <= RUNS; run += 1) {
    for (const [number, [way, write]] of Object.entries(ways).entries()) {
      const topic = `bench-${run}-${number}`;
      await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: PARTITIONS }] });
      await pause(LEADERS_MS);
      const measured = await write(topic);
      const offsets = await admin.fetchTopicOffsets(topic);
      const written = offsets.reduce((sum, { offset }) => sum + Number(offset), 0);
      if (written !== RECORDS) throw new Error(`${way} wrote ${written} records instead of ${RECORDS}`);
      await admin.deleteTopics({ topics: [topic] });
      // The first round warms the process and the broker up.
      if (run > 0) runs[way]?.push(measured);
    }
  }
  await admin.disconnect();
  const rows = Object.entries(runs).map(
    ([way, all]): Row => ({
      way,
      'records/s': Math.round(RECORDS / median(all.map(({ wallS }) => wallS))),
      'CPU s / M records': rounded((median(all.map(({ cpuS }) => cpuS)) * 1e6) / RECORDS),
    }),
  );
  report('engine/kafka-sink', rows, runs);
} finally {
  await broker.stop();
}

async function withMillrace(topic: string, codec: string): Promise<Run> {
  const options = { 'kafka.bootstrap.servers': broker.bootstrapServers, topic, 'kafka.compression.type': codec };
  const sink = createKafkaSink(options, batch.schema);
  await sink.open?.({ id: 'bench' });
  const run = await measured(() => sink.write(0, batch, 'append'));
  await sink.close?.();
  return run;
}

async function withKafkajs(topic: string, compression: number): Promise<Run> {
  const producer = new Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING }).producer({ idempotent: true });
  await producer.connect();
  const [keys, values] = [batch.column('key'), batch.column('value')];
  const run = await measured(async () => {
    for (let start = 0; start < RECORDS; start += KAFKAJS_RECORDS_PER_SEND) {
      const count = Math.min(KAFKAJS_RECORDS_PER_SEND, RECORDS - start);
      const messages = Array.from({ length: count }, (_, at) => ({ key: keys.get(start + at), value: values.get(start + at) }));
      await producer.send({ topic, messages: messages as never, compression });
    }
  });
  await producer.disconnect();
  return run;
}

async function measured(work: () => Promise<unknown>): Promise<Run> {
  const [cpu, began] = [process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wallS: (performance.now() - began) / 1000, cpuS: (user + system) / 1e6 };
}
