// The Kafka source against a real broker: what it plans, what it reads, and what it does when the broker or the log changes under it.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Producer } from 'kafkajs';
import { MillraceError } from '../../dist/error/millrace-error.js';
import { createKafkaSource } from '../../dist/source/kafka/kafka-source.js';
import type { Offset, Source, Split } from '../../dist/source/source.js';
import { KafkaBroker } from './broker.ts';
import { rowsOf, valuesOf } from './segment-rows.ts';

const DEADLINE_MS = 30_000;
const CONF = { 'millrace.splitBytes': '8m' };

let broker: KafkaBroker;
let producer: Producer;
let topicCount = 0;

before(async () => {
  broker = await KafkaBroker.start();
  producer = broker.client().producer();
  await producer.connect();
});

after(async () => {
  await producer?.disconnect();
  await broker?.stop();
});

/** A topic of its own for every test. */
async function newTopic(numPartitions = 1, configs: Record<string, string> = {}): Promise<string> {
  topicCount += 1;
  const topic = `source-${topicCount}`;
  await broker.createTopic(topic, numPartitions, configs);
  return topic;
}

async function produce(topic: string, values: (string | null)[], partition = 0, key?: string): Promise<void> {
  await producer.send({ topic, messages: values.map((value) => ({ value, partition, ...(key === undefined ? {} : { key }) })) });
}

function sourceOf(options: Record<string, string>): Source {
  return createKafkaSource(3, { 'kafka.bootstrap.servers': broker.bootstrapServers, startingOffsets: 'earliest', ...options }, CONF);
}

/** Opens a source, hands it over, and closes it whatever happens. */
async function withSource(
  options: Record<string, string>,
  use: (source: Source) => Promise<void>,
  start: Offset | null = null,
): Promise<void> {
  const source = sourceOf(options);
  await source.open(start);
  try {
    await use(source);
  } finally {
    await source.close();
  }
}

/** The next batch that has data, as the engine would plan it. */
async function nextBatch(source: Source, start: Offset): Promise<{ end: Offset; splits: Split[] }> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  for (;;) {
    const end = await source.latestOffset(start, 'limited');
    if (JSON.stringify(end) !== JSON.stringify(start)) {
      const splits = await source.splits(start, end);
      await source.commit(end);
      return { end, splits };
    }
    assert.ok(!signal.aborted, 'no data came');
    await source.awaitData(start, signal);
  }
}

/** Batches until `count` records have come. */
async function readRows(
  source: Source,
  start: Offset,
  count: number,
): Promise<{ values: (string | null)[]; end: Offset; batches: number }> {
  const values: (string | null)[] = [];
  let end = start;
  let batches = 0;
  for (; values.length < count; batches += 1) {
    const batch = await nextBatch(source, end);
    values.push(...valuesOf(batch.splits));
    end = batch.end;
  }
  return { values, end, batches };
}

function refusal(code: string, text?: string) {
  return (error: unknown) => {
    assert.ok(error instanceof MillraceError, String(error));
    assert.equal(error.code, code);
    if (text !== undefined) assert.ok(error.message.includes(text), error.message);
    return true;
  };
}

describe('reading', () => {
  it('gives raw batches of two partitions as segments', async () => {
    const topic = await newTopic(2);
    await produce(topic, ['a', 'b', null]);
    await produce(topic, ['x'], 1, 'key');
    await withSource({ subscribe: topic }, async (source) => {
      const start = await source.initialOffset();
      assert.deepEqual(start, { [topic]: { 0: 0, 1: 0 } });
      const { end, splits } = await nextBatch(source, start);
      assert.deepEqual(end, { [topic]: { 0: 3, 1: 1 } });
      assert.equal(splits.length, 1);
      const [split] = splits;
      assert.equal(split?.spec.source, 3);
      assert.equal(split?.spec.format, 'kafka');
      const buffers = split?.buffers ?? [];
      assert.ok(buffers.every(({ buffer }) => buffer instanceof SharedArrayBuffer));
      assert.equal(
        buffers.reduce((sum, { length }) => sum + length, 0),
        split?.byteLength,
      );
      const row = (partition: number, offset: number, value: string | null, key: string | null = null) => ({
        topic,
        partition,
        offset,
        key,
        value,
      });
      assert.deepEqual(rowsOf(splits), [row(0, 0, 'a'), row(0, 1, 'b'), row(0, 2, null), row(1, 0, 'x', 'key')]);
      assert.equal(source.description, `KafkaV2[Subscribe[${topic}]]`);
      assert.deepEqual(source.progress?.(end).metrics, {
        avgOffsetsBehindLatest: '0.0',
        maxOffsetsBehindLatest: '0',
        minOffsetsBehindLatest: '0',
      });
      assert.deepEqual(source.progress?.(end).latestOffset, end);
    });
  });

  it('gives the same range again, also after it was committed', async () => {
    const topic = await newTopic();
    await produce(topic, ['a', 'b']);
    await withSource({ subscribe: topic }, async (source) => {
      const start = await source.initialOffset();
      const { end } = await nextBatch(source, start);
      await produce(topic, ['c']);
      assert.deepEqual(valuesOf(await source.splits(start, end)), ['a', 'b']);
      assert.deepEqual(valuesOf(await source.splits({ [topic]: { 0: 1 } }, end)), ['b']);
      assert.deepEqual(valuesOf((await nextBatch(source, end)).splits), ['c']);
    });
  });

  it('cuts inside a record batch where maxOffsetsPerTrigger does', async () => {
    const topic = await newTopic();
    await produce(topic, [...'abcdefghij']);
    await withSource({ subscribe: topic, maxOffsetsPerTrigger: '4' }, async (source) => {
      const start = await source.initialOffset();
      const first = await nextBatch(source, start);
      assert.deepEqual(first.end, { [topic]: { 0: 4 } });
      assert.deepEqual(source.progress?.(first.end).metrics?.['maxOffsetsBehindLatest'], '6');
      const second = await nextBatch(source, first.end);
      const third = await nextBatch(source, second.end);
      assert.deepEqual(
        [first, second, third].map(({ splits }) => valuesOf(splits).join('')),
        ['abcd', 'efgh', 'ij'],
      );
      assert.deepEqual(await source.latestOffset(start, 'all'), { [topic]: { 0: 10 } }, 'trigger once reads all');
    });
  });

  it('starts where startingOffsets says, and a restart where the engine says', async () => {
    const topic = await newTopic(2);
    await produce(topic, ['a', 'b', 'c']);
    await produce(topic, ['x', 'y'], 1);
    const initial = async (options: Record<string, string>) => {
      let offset: Offset = {};
      await withSource({ subscribe: topic, ...options }, async (source) => {
        offset = await source.initialOffset();
      });
      return offset;
    };
    assert.deepEqual(await initial({ startingOffsets: 'latest' }), { [topic]: { 0: 3, 1: 2 } });
    assert.deepEqual(await initial({ startingOffsets: JSON.stringify({ [topic]: { 0: 1, 1: -1 } }) }), { [topic]: { 0: 1, 1: 2 } });
    assert.deepEqual(await initial({ startingOffsets: JSON.stringify({ [topic]: { 0: -2, 1: 1 } }) }), { [topic]: { 0: 0, 1: 1 } });
    assert.deepEqual(await initial({ startingTimestamp: '1' }), { [topic]: { 0: 0, 1: 0 } });
    await assert.rejects(
      initial({ startingOffsets: JSON.stringify({ [topic]: { 0: 1 } }) }),
      refusal('KAFKA_START_OFFSET_DOES_NOT_MATCH_ASSIGNED', "don't match what are assigned"),
    );
    await assert.rejects(initial({ startingTimestamp: '99999999999999' }), refusal('OPTION_INVALID', 'No offset matched'));
    await withSource(
      { subscribe: topic },
      async (source) => assert.deepEqual(valuesOf((await nextBatch(source, { [topic]: { 0: 2, 1: 1 } })).splits), ['c', 'y']),
      { [topic]: { 0: 2, 1: 1 } },
    );
  });

  it('reads by pattern, found anywhere in the name, and by assignment', async () => {
    const topic = await newTopic(2);
    await produce(topic, ['zero']);
    await produce(topic, ['one'], 1);
    await withSource({ subscribePattern: `ource-${topicCount}$` }, async (source) => {
      assert.deepEqual(valuesOf((await nextBatch(source, await source.initialOffset())).splits), ['zero', 'one']);
    });
    await withSource({ assign: JSON.stringify({ [topic]: [1, 7] }) }, async (source) => {
      assert.deepEqual(valuesOf((await nextBatch(source, await source.initialOffset())).splits), ['one']);
    });
    await withSource({ subscribePattern: 'no-topic-has-this-name' }, async (source) => {
      assert.deepEqual(await source.latestOffset(await source.initialOffset(), 'limited'), {});
    });
  });

  it('sees a record soon after it arrives', async () => {
    const topic = await newTopic();
    await withSource({ subscribe: topic }, async (source) => {
      let end = await source.initialOffset();
      const latenciesMs: number[] = [];
      for (let count = 0; count < 20; count += 1) {
        const arrival = nextBatch(source, end).then((batch) => ({ batch, atMs: performance.now() }));
        await produce(topic, [`value ${count}`]);
        const sentMs = performance.now();
        const { batch, atMs } = await arrival;
        assert.deepEqual(valuesOf(batch.splits), [`value ${count}`]);
        latenciesMs.push(atMs - sentMs);
        end = batch.end;
      }
      latenciesMs.sort((left, right) => left - right);
      // The acknowledgement and the record race; a wait for a poll interval would show as hundreds of milliseconds.
      assert.ok((latenciesMs[10] as number) < 100, `median ${latenciesMs[10]} ms`);
    });
  });

  it('pins the end for availableNow', async () => {
    const topic = await newTopic();
    await produce(topic, ['a', 'b']);
    await withSource({ subscribe: topic }, async (source) => {
      const start = await source.initialOffset();
      await source.prepareForTriggerAvailableNow();
      await produce(topic, ['later']);
      const end = await source.latestOffset(start, 'limited');
      assert.deepEqual(end, { [topic]: { 0: 2 } });
      assert.deepEqual(valuesOf(await source.splits(start, end)), ['a', 'b']);
      assert.deepEqual(await source.latestOffset(end, 'limited'), end);
    });
  });

  it('waits for minOffsetsPerTrigger, but not in the first batch', async () => {
    const topic = await newTopic();
    await produce(topic, ['a', 'b']);
    await withSource({ subscribe: topic, minOffsetsPerTrigger: '5', maxTriggerDelay: '10m' }, async (source) => {
      const { end } = await nextBatch(source, await source.initialOffset());
      assert.deepEqual(end, { [topic]: { 0: 2 } });
      await produce(topic, ['c', 'd']);
      assert.deepEqual(await source.latestOffset(end, 'limited'), end);
      await produce(topic, ['e', 'f', 'g']);
      assert.deepEqual(valuesOf((await nextBatch(source, end)).splits), [...'cdefg']);
    });
  });

  it('reads a backlog larger than its buffers in batches that memory can hold, in splits of the size asked for', async () => {
    const topic = await newTopic(2);
    const value = 'x'.repeat(64 * 1024);
    const count = 1400;
    for (let sent = 0; sent < count; sent += 14) await produce(topic, Array(14).fill(value), (sent / 14) % 2);
    await withSource({ subscribe: topic }, async (source) => {
      let end = await source.initialOffset();
      let rows = 0;
      let batches = 0;
      while (rows < count) {
        const batch = await nextBatch(source, end);
        for (const split of batch.splits) assert.ok(split.byteLength <= 8 * 2 ** 20);
        rows += rowsOf(batch.splits).length;
        end = batch.end;
        batches += 1;
      }
      assert.equal(rows, count);
      assert.ok(batches > 1);
    });
  });
});

describe('the log', () => {
  it('may have gaps, control records and open ends', async () => {
    const topic = await newTopic();
    const transactional = broker.client().producer({ transactionalId: `transactions-${topic}`, maxInFlightRequests: 1, idempotent: true });
    await transactional.connect();
    const write = async (value: string, outcome: 'commit' | 'abort') => {
      const transaction = await transactional.transaction();
      await transaction.send({ topic, messages: [{ value }] });
      await transaction[outcome]();
    };
    await write('aborted', 'abort');
    await write('committed', 'commit');
    await produce(topic, ['plain']);
    await write('aborted too', 'abort');
    await transactional.disconnect();
    await withSource({ subscribe: topic }, async (source) => {
      const { values, end } = await readRows(source, await source.initialOffset(), 4);
      assert.deepEqual(values, ['aborted', 'committed', 'plain', 'aborted too'], 'the default is read_uncommitted');
      assert.deepEqual(end, { [topic]: { 0: 7 } }, 'markers take offsets');
    });
    await withSource({ subscribe: topic, 'kafka.isolation.level': 'read_committed' }, async (source) => {
      const { end, splits } = await nextBatch(source, await source.initialOffset());
      assert.deepEqual(end, { [topic]: { 0: 7 } });
      assert.deepEqual(valuesOf(splits), ['committed', 'plain']);
    });
    await withSource({ subscribe: topic, 'kafka.isolation.level': 'read_committed', maxOffsetsPerTrigger: '2' }, async (source) => {
      const first = await nextBatch(source, await source.initialOffset());
      assert.deepEqual(first.end, { [topic]: { 0: 2 } });
      assert.deepEqual(valuesOf(first.splits), [], 'a batch may have no row and still move on');
    });
  });

  it('may have lost the offsets asked for: an error, or with failOnDataLoss=false what is left', async () => {
    const topic = await newTopic();
    await produce(topic, [...'abcdefghij']);
    const admin = broker.client().admin();
    await admin.connect();
    // kafkajs knows a topic's leaders only once it was asked about it.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '4' }] });
    await admin.disconnect();
    const start = { [topic]: { 0: 1 } };
    const lost = refusal(
      'KAFKA_DATA_LOSS.COULD_NOT_READ_OFFSET_RANGE',
      `Could not read records in offset [1, 10) for topic partition ${topic}-0`,
    );
    await withSource({ subscribe: topic }, async (source) => assert.rejects(nextBatch(source, start), lost), start);
    const keep = { subscribe: topic, failOnDataLoss: 'false' };
    await withSource(
      keep,
      async (source) => {
        const { end, splits } = await nextBatch(source, start);
        assert.deepEqual(end, { [topic]: { 0: 10 } });
        assert.deepEqual(valuesOf(splits), [...'efghij']);
      },
      start,
    );
  });

  it('may be shorter than the offsets asked for', async () => {
    const topic = await newTopic();
    await produce(topic, ['a', 'b']);
    const start = { [topic]: { 0: 6 } };
    const lost = refusal('KAFKA_DATA_LOSS.PARTITION_OFFSET_CHANGED', 'from 6 to 2');
    await withSource({ subscribe: topic }, async (source) => assert.rejects(nextBatch(source, start), lost), start);
    await withSource(
      { subscribe: topic, failOnDataLoss: 'false' },
      async (source) => {
        const back = await nextBatch(source, start);
        assert.deepEqual(back.end, { [topic]: { 0: 2 } }, 'as in Spark a batch goes back and has no row');
        assert.deepEqual(back.splits, []);
        await produce(topic, ['c', 'd']);
        assert.deepEqual(valuesOf((await nextBatch(source, back.end)).splits), ['c', 'd']);
      },
      start,
    );
  });

  it('grows new partitions while the query runs, and they are read from their beginning', async () => {
    const topic = await newTopic();
    await produce(topic, ['old']);
    await withSource({ subscribe: topic, startingOffsets: 'latest', 'kafka.metadata.max.age.ms': '300' }, async (source) => {
      const start = await source.initialOffset();
      const admin = broker.client().admin();
      await admin.connect();
      await admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] });
      await admin.disconnect();
      const fresh = broker.client().producer();
      await fresh.connect();
      await fresh.send({ topic, messages: [{ value: 'new', partition: 1 }] });
      await fresh.disconnect();
      const { values, end } = await readRows(source, start, 1);
      assert.deepEqual(values, ['new']);
      assert.deepEqual(end, { [topic]: { 0: 1, 1: 1 } });
    });
  });

  it('may lose a topic that was read', async () => {
    const kept = await newTopic();
    const gone = await newTopic();
    const start = { [kept]: { 0: 0 }, [gone]: { 0: 5 } };
    await produce(kept, ['a']);
    await withSource(
      { subscribe: kept },
      async (source) => assert.rejects(nextBatch(source, start), refusal('KAFKA_DATA_LOSS.PARTITIONS_DELETED', `${gone}-0`)),
      start,
    );
    await withSource(
      { subscribe: kept, failOnDataLoss: 'false' },
      async (source) => assert.deepEqual((await nextBatch(source, start)).end, { [kept]: { 0: 1 } }),
      start,
    );
  });
});

describe('what is not there', () => {
  it('is a topic', async () => {
    const source = sourceOf({ subscribe: 'no-such-topic' });
    await assert.rejects(source.open(null), refusal('KAFKA_TOPIC_NOT_FOUND', 'no-such-topic'));
  });

  it('is a broker that refuses', async () => {
    const source = sourceOf({ subscribe: 't', 'kafka.bootstrap.servers': '127.0.0.1:1' });
    const began = performance.now();
    await assert.rejects(source.open(null), refusal('KAFKA_UNREACHABLE', '127.0.0.1:1'));
    assert.ok(performance.now() - began < 10_000);
  });

  it('is a broker that never answers', async () => {
    const deaf = createServer(() => {});
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
    const { port } = deaf.address() as { port: number };
    const source = sourceOf({ subscribe: 't', 'kafka.bootstrap.servers': `127.0.0.1:${port}`, 'kafka.request.timeout.ms': '1500' });
    const began = performance.now();
    await assert.rejects(source.open(null), refusal('KAFKA_UNREACHABLE'));
    assert.ok(performance.now() - began < 10_000);
    deaf.close();
  });
});

describe('a broker that goes away', () => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`and comes back after ${signal} costs no record and brings none twice`, async () => {
      const topic = await newTopic(2);
      await produce(topic, ['a', 'b']);
      await withSource({ subscribe: topic }, async (source) => {
        const first = await readRows(source, await source.initialOffset(), 2);
        await producer.disconnect();
        await broker.halt(signal);
        assert.deepEqual(await source.latestOffset(first.end, 'limited'), first.end, 'planning does not wait for the broker');
        await broker.resume();
        await producer.connect();
        await produce(topic, ['c']);
        await produce(topic, ['d'], 1);
        const second = await readRows(source, first.end, 2);
        assert.deepEqual([...second.values].sort(), ['c', 'd']);
        assert.deepEqual(second.end, { [topic]: { 0: 3, 1: 1 } });
      });
    });
  }

  it('does not keep a closed source', async () => {
    const topic = await newTopic();
    const source = sourceOf({ subscribe: topic });
    await source.open(null);
    const start = await source.initialOffset();
    const waiting = source.awaitData(start, new AbortController().signal);
    const began = performance.now();
    await source.close();
    await waiting;
    assert.ok(performance.now() - began < 1000, 'a fetch under way is cut');
  });
});
