// Every codec as the broker itself packs it, read through the whole engine: subscribePattern, availableNow, keys, times and offsets.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { col, Session } from '../../dist/index.js';
import type { KafkaBroker as Broker } from './broker.ts';
import { KafkaBroker } from './broker.ts';

const CODECS = ['uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'];
const BATCHES = 5;
const RECORDS_PER_BATCH = 400;
const TIMESTAMP_MS = 1_704_067_200_000;

describe('record batches that the broker has packed', () => {
  let broker: Broker;

  before(async () => {
    broker = await KafkaBroker.start();
    const producer = broker.client().producer();
    await producer.connect();
    for (const codec of CODECS) {
      // The broker packs anew what comes in another codec, with the libraries that Java producers use.
      await broker.createTopic(`packed-${codec}`, 1, { 'compression.type': codec });
      for (let batch = 0; batch < BATCHES; batch += 1) {
        const messages = Array.from({ length: RECORDS_PER_BATCH }, (_, n) => ({
          key: n % 3 === 0 ? null : `key ${n}`,
          value: n % 7 === 0 ? null : `value ${batch} ${n} ${'abc'.repeat(n % 50)}`,
          timestamp: String(TIMESTAMP_MS + n),
        }));
        await producer.send({ topic: `packed-${codec}`, messages });
      }
    }
    await producer.disconnect();
  });

  after(async () => {
    await broker?.stop();
  });

  it('come out as they went in', async () => {
    const session = Session.create({ appName: 'codecs', timeZone: 'UTC' });
    const rows: { key: string | null; value: string | null; topic: string; offset: bigint | number; timestamp: unknown }[] = [];
    const query = await session.readStream
      .format('kafka')
      .option('kafka.bootstrap.servers', broker.bootstrapServers)
      .option('subscribePattern', '^packed-')
      .option('startingOffsets', 'earliest')
      .load()
      .select(col('key').cast('string').alias('key'), col('value').cast('string').alias('value'), 'topic', 'offset', 'timestamp')
      .writeStream.trigger({ availableNow: true })
      .foreachBatch((batch) => {
        rows.push(...(batch.toArray() as unknown as typeof rows));
      })
      .start();
    await query.awaitTermination();
    for (const codec of CODECS) {
      const own = rows.filter(({ topic }) => topic === `packed-${codec}`);
      assert.equal(own.length, BATCHES * RECORDS_PER_BATCH, codec);
      for (const [offset, row] of own.entries()) {
        const n = offset % RECORDS_PER_BATCH;
        assert.equal(Number(row.offset), offset);
        assert.equal(row.key, n % 3 === 0 ? null : `key ${n}`);
        const value = n % 7 === 0 ? null : `value ${Math.floor(offset / RECORDS_PER_BATCH)} ${n} ${'abc'.repeat(n % 50)}`;
        assert.equal(row.value, value);
        assert.equal(new Date(row.timestamp as Date).getTime(), TIMESTAMP_MS + n);
      }
    }
  });
});
