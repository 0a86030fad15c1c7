// The workloads without an engine, as a program of its own: JSON.parse and a Map, one thread, no checkpoint, everything kept to the end.
// node.mjs WORKLOAD HOW INPUT RESULT; HOW: file (lines of a folder's files), or kafkajs or platformatic (INPUT is a topic of the broker
// BOOTSTRAP, read with that client).
import { createReadStream, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [workload, how, input, result] = process.argv.slice(2);
const groups = new Map();
const campaigns = workload === 'W2' ? new Map(tableOf(process.env.ADS)) : new Map();
const take = workload === 'W1' ? takeTrade : takeAd;

await { file: readFiles, kafkajs: readWithKafkajs, platformatic: readWithPlatformatic }[how]();
writeFileSync(
  result,
  [...groups].map(([key, { sum, count }]) => (workload === 'W1' ? `${key},${sum},${count}\n` : `${key},${count}\n`)).join(''),
);
console.log(`PEER ${JSON.stringify({ version: process.version })}`);
process.exit(0);

function tableOf(path) {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
}

function add(window, id, amount) {
  const key = `${window},${id}`;
  const group = groups.get(key);
  if (group === undefined) groups.set(key, { sum: amount, count: 1 });
  else {
    group.sum += amount;
    group.count += 1;
  }
}

function takeTrade(line) {
  const { id, type, amount, time } = JSON.parse(line);
  const [day, month, year, hour, minute] = time.split('-').map(Number);
  const ms = Date.UTC(year, month - 1, day, hour, minute);
  add(ms - (ms % 300_000), id, type === 'sell' ? -amount : amount);
}

function takeAd(line) {
  const { event_type: type, ad_id: ad, event_time: ms } = JSON.parse(line);
  if (type !== 'view') return;
  const campaign = campaigns.get(ad);
  if (campaign !== undefined) add(ms - (ms % 10_000), campaign, 1);
}

async function readFiles() {
  for (const name of readdirSync(input).sort()) {
    const stream = createReadStream(join(input, name), { highWaterMark: 1 << 20 });
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) take(line);
  }
}

function installed(name) {
  return createRequire(join(process.env.PACKAGES, 'node_modules', 'any.js'))(name);
}

async function readWithKafkajs() {
  const { Kafka, logLevel } = installed('kafkajs');
  const kafka = new Kafka({ brokers: [process.env.BOOTSTRAP], logLevel: logLevel.ERROR });
  const admin = kafka.admin();
  await admin.connect();
  const ends = new Map((await admin.fetchTopicOffsets(input)).map(({ partition, high }) => [partition, Number(high)]));
  await admin.disconnect();
  const consumer = kafka.consumer({ groupId: `peer-${Date.now()}`, maxBytesPerPartition: 4 << 20 });
  await consumer.connect();
  await consumer.subscribe({ topics: [input], fromBeginning: true });
  await new Promise((resolve) => {
    const eachBatch = async ({ batch, heartbeat }) => {
      for (const { value } of batch.messages) take(value.toString());
      await heartbeat();
      if (Number(batch.lastOffset()) + 1 >= ends.get(batch.partition)) ends.delete(batch.partition);
      if (ends.size === 0) resolve();
    };
    consumer.run({ eachBatch });
  });
}

async function readWithPlatformatic() {
  // The client is written for Node 22.
  Promise.withResolvers ??= function withResolvers() {
    const deferred = {};
    deferred.promise = new this((resolve, reject) => Object.assign(deferred, { resolve, reject }));
    return deferred;
  };
  const { Consumer } = installed('@platformatic/kafka');
  const bootstrapBrokers = [process.env.BOOTSTRAP];
  const consumer = new Consumer({ clientId: 'peer', bootstrapBrokers, groupId: `peer-${Date.now()}`, maxBytes: 16 << 20 });
  // Timestamp -1 stands for the end.
  const ends = (await consumer.listOffsets({ topics: [input], timestamp: -1n })).get(input);
  const left = new Map(ends.map((end, partition) => [partition, end]));
  const stream = await consumer.consume({ topics: [input], mode: 'earliest', autocommit: true });
  for await (const { value, offset, partition } of stream) {
    take(value.toString());
    if (offset + 1n >= left.get(partition)) left.delete(partition);
    if (left.size === 0) break;
  }
}
