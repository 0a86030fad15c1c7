// The pure rules of the Kafka source: how a limit is divided, what offsets look like as JSON, which options are refused and how.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { offsetLogFormat } from '../../dist/checkpoint/offset-log.js';
import { MillraceError } from '../../dist/error/millrace-error.js';
import { describeSubscription, readBatchOptions, readStreamOptions } from '../../dist/source/kafka/kafka-options.js';
import {
  behindLatest,
  evenPart,
  fromOffsetJson,
  limitOffsets,
  offsetsBetween,
  partitionOf,
  toOffsetJson,
} from '../../dist/source/kafka/offset-plan.js';
import { divideRanges, rangesBetween, takeOffsets } from '../../dist/source/kafka/offset-range.js';
import { offsetJson, parseOffset, sameOffset } from '../../dist/source/offset.js';

const NONE = new Map<string, bigint>();

function partitions(...offsets: number[]): Map<string, bigint> {
  return new Map(offsets.map((offset, partition) => [`t-${partition}`, BigInt(offset)]));
}

/** Runs batches under a limit until everything is read; gives the ends of each. */
function batches(sizes: number[], limit: number): number[][] {
  const latest = partitions(...sizes);
  let start = partitions(...sizes.map(() => 0));
  const ends: number[][] = [];
  for (let count = 0; count < 100; count += 1) {
    const end = limitOffsets(start, latest, NONE, limit);
    if (offsetsBetween(start, end) === 0) break;
    ends.push([...end.values()].map(Number));
    start = end;
  }
  return ends;
}

describe('maxOffsetsPerTrigger', () => {
  // Each row is what Spark 4.3 planned for the sizes and the limit.
  const recorded: [number[], number, number[][]][] = [
    [[10], 4, [[4], [8], [10]]],
    [
      [10, 10],
      5,
      [
        [2, 2],
        [4, 4],
        [6, 6],
        [8, 8],
        [10, 10],
      ],
    ],
    [
      [30, 10],
      10,
      [
        [7, 2],
        [14, 4],
        [21, 6],
        [27, 9],
        [30, 10],
      ],
    ],
    [
      [100, 3, 1],
      20,
      [
        [19, 1, 1],
        [38, 2, 1],
        [57, 3, 1],
        [77, 3, 1],
        [97, 3, 1],
        [100, 3, 1],
      ],
    ],
    [
      [7, 7, 7],
      10,
      [
        [3, 3, 3],
        [6, 6, 6],
        [7, 7, 7],
      ],
    ],
    [
      [5, 0, 50],
      12,
      [
        [1, 0, 10],
        [2, 0, 20],
        [3, 0, 30],
        [4, 0, 40],
        [5, 0, 50],
      ],
    ],
    [[1, 1, 1, 1, 1], 3, [[1, 1, 1, 1, 1]]],
    [
      [20, 6],
      11,
      [
        [8, 2],
        [16, 4],
        [20, 6],
      ],
    ],
    [[6, 4], 100, [[6, 4]]],
  ];
  for (const [sizes, limit, expected] of recorded) {
    it(`divides ${limit} over [${sizes.join(', ')}] as Spark does`, () => assert.deepEqual(batches(sizes, limit), expected));
  }

  it('reads nothing at a limit of 0', () => assert.deepEqual(batches([2], 0), []));

  it('counts a new partition from its first offset', () => {
    const end = limitOffsets(partitions(3), partitions(13, 20), new Map([['t-1', 10n]]), 10);
    assert.deepEqual([...end.values()], [8n, 15n]);
  });

  it('lets an end that went back stand', () => {
    assert.deepEqual([...limitOffsets(partitions(6), partitions(2), NONE, 10).values()], [2n]);
  });
});

describe('offset JSON', () => {
  it('is in order of topics and partitions', () => {
    const offsets = new Map([
      ['b-10', 1n],
      ['b-2', 2n],
      ['a-x-0', 3n],
    ]);
    assert.equal(JSON.stringify(toOffsetJson(offsets)), '{"a-x":{"0":3},"b":{"2":2,"10":1}}');
    assert.deepEqual(fromOffsetJson(toOffsetJson(offsets)), offsets);
    assert.deepEqual(partitionOf('a-x-0'), { topic: 'a-x', partition: 0 });
  });

  it('is refused where it is something else', () => {
    for (const json of [null, 3, [], { t: 3 }, { t: { a: 1 } }, { t: { 0: 1.5 } }, { t: { 0: '1' } }, { t: { 0: 2n ** 63n } }]) {
      assert.equal(fromOffsetJson(json), null);
    }
    assert.deepEqual(fromOffsetJson({ t: { 0: -2 } }), new Map([['t-0', -2n]]));
  });

  it('keeps all 64 bits, from the text to the text', () => {
    const text = '{"t":{"0":9223372036854775807,"1":-9223372036854775808,"2":9007199254740993,"3":9007199254740992}}';
    const offset = parseOffset(text);
    assert.equal(offsetJson(toOffsetJson(fromOffsetJson(offset) as Map<string, bigint>)), text);
    const entry = { batchWatermarkMs: 0, batchTimestampMs: 0, conf: {}, offsets: [offset, null] };
    assert.deepEqual(offsetLogFormat.read(offsetLogFormat.write(entry)).offsets, [offset, null]);
    assert.ok(!sameOffset(offset, parseOffset(text.replace('740993', '740992'))));
  });
});

describe('tasks', () => {
  /** Sizes of the tasks that partitions of these sizes are divided into. */
  const tasks = (sizes: number[], minPartitions: number | null, maxRecordsPerPartition: number | null): number[] => {
    const ranges = rangesBetween(partitions(...sizes.map(() => 0)), partitions(...sizes));
    return divideRanges(ranges, { minPartitions, maxRecordsPerPartition }).map(({ from, until }) => Number(until - from));
  };

  it('have no more records than asked for, as evenly as whole numbers go', () => {
    assert.deepEqual(tasks([10, 4], null, 3), [2, 2, 3, 3, 2, 2]);
    assert.deepEqual(tasks([50], null, 20), [16, 17, 17]);
  });

  it('are about as many as asked for, and small partitions stay whole', () => {
    assert.deepEqual(tasks([100, 1, 1], 6, null), [25, 25, 25, 25, 1, 1]);
    assert.deepEqual(tasks([7, 7, 7], 4, null), [7, 7, 7]);
    assert.deepEqual(tasks([3], 8, null), [1, 1, 1]);
  });

  it('are cut by records first, then to the number', () => {
    assert.deepEqual(tasks([10, 4], 9, 5), [1, 2, 2, 1, 2, 2, 1, 1, 2]);
    assert.deepEqual(tasks([6, 4], 7, 3), [1, 1, 1, 1, 1, 1, 2, 2]);
  });
});

describe('offsets behind latest', () => {
  it("are Spark's metrics", () => {
    const metrics = behindLatest(partitions(19, 1, 1), partitions(100, 3, 1));
    assert.deepEqual(metrics, { avgOffsetsBehindLatest: '27.7', maxOffsetsBehindLatest: '81', minOffsetsBehindLatest: '0' });
  });

  it('are exact beyond 2^53', () => {
    const metrics = behindLatest(new Map([['t-0', 1n]]), new Map([['t-0', 2n ** 53n + 2n]]));
    assert.equal(metrics.maxOffsetsBehindLatest, '9007199254740993');
  });

  it('are absent without partitions', () => assert.deepEqual(behindLatest(NONE, NONE), {}));
});

describe('options', () => {
  const servers = { 'kafka.bootstrap.servers': 'localhost:9092' };
  const refused = (options: Record<string, string>, message: string | RegExp): void => {
    assert.throws(
      () => readStreamOptions(options),
      (error) => {
        assert.ok(error instanceof MillraceError);
        assert.equal(error.code, 'OPTION_INVALID');
        if (typeof message === 'string') assert.ok(error.message.includes(message), error.message);
        else assert.match(error.message, message);
        return true;
      },
    );
  };

  it('have names in any case, and topics with blanks and twins', () => {
    const options = readStreamOptions({
      'KAFKA.Bootstrap.Servers': 'a:1, b:2',
      SUBSCRIBE: ' x , y,x ',
      STARTINGOFFSETS: 'EARLIEST',
      MaxOffsetsPerTrigger: '7',
    });
    assert.deepEqual(options.client.bootstrapServers, ['a:1', 'b:2']);
    assert.equal(describeSubscription(options.subscription), 'KafkaV2[Subscribe[x, y, x]]');
    assert.deepEqual(options.starting, { kind: 'earliest' });
    assert.equal(options.maxOffsetsPerTrigger, 7);
  });

  it('describe the other subscriptions as Spark does', () => {
    const description = (options: Record<string, string>) =>
      describeSubscription(readStreamOptions({ ...servers, ...options }).subscription);
    assert.equal(description({ subscribePattern: 'p-.' }), 'KafkaV2[SubscribePattern[p-.]]');
    assert.equal(description({ assign: '{"t":[1,0]}' }), 'KafkaV2[Assign[t-0, t-1]]');
  });

  it("are refused in Spark's words", () => {
    refused({ subscribe: 't' }, "Option 'kafka.bootstrap.servers' must be specified for configuring Kafka consumer");
    refused(
      servers,
      'One of the following options must be specified for Kafka source: subscribe, subscribepattern, assign. See the docs for more details.',
    );
    refused({ ...servers, subscribe: 't', assign: '{"t":[0]}' }, 'Only one of the following options can be specified for Kafka source');
    refused({ ...servers, subscribe: ',' }, "No topics to subscribe to as specified value for option 'subscribe' is ','");
    refused({ ...servers, subscribePattern: ' ' }, "Pattern to subscribe is empty as specified value for option 'subscribePattern' is ' '");
    refused({ ...servers, assign: 'abc' }, "No topicpartitions to assign as specified value for option 'assign' is 'abc'");
    const subscribed = { ...servers, subscribe: 't' };
    refused({ ...subscribed, 'kafka.auto.offset.reset': 'latest' }, "Kafka option 'auto.offset.reset' is not supported.");
    refused({ ...subscribed, 'kafka.Key.Deserializer': 'x' }, "Kafka option 'key.deserializer' is not supported as keys are deserialized");
    refused({ ...subscribed, 'kafka.enable.auto.commit': 'false' }, "Kafka option 'enable.auto.commit' is not supported");
    refused({ ...subscribed, 'kafka.interceptor.classes': 'x' }, "Kafka option 'interceptor.classes' is not supported");
    refused({ ...subscribed, endingOffsets: 'latest' }, 'ending offset not valid in streaming queries');
    refused({ ...subscribed, endingOffsetsByTimestamp: '{}' }, 'ending timestamp not valid in streaming queries');
    refused(
      { ...subscribed, minOffsetsPerTrigger: '5', maxOffsetsPerTrigger: '4' },
      'The value of minOffsetPerTrigger(5) is higher than the maxOffsetsPerTrigger(4).',
    );
    refused({ ...subscribed, maxRecordsPerPartition: '0' }, 'maxrecordsperpartition must be positive');
    refused({ ...subscribed, maxOffsetsPerTrigger: 'x' }, 'For input string: "x"');
    refused({ ...subscribed, maxOffsetsPerTrigger: '9223372036854775808' }, 'For input string: "9223372036854775808"');
    assert.equal(readStreamOptions({ ...subscribed, maxOffsetsPerTrigger: '9223372036854775807' }).maxOffsetsPerTrigger, 2 ** 63);
    refused({ ...subscribed, failOnDataLoss: 'perhaps' }, 'For input string: "perhaps"');
    refused({ ...subscribed, startingOffsets: 'sometimes' }, 'got sometimes');
    refused({ ...subscribed, includeHeaders: 'yes' }, 'For input string: "yes"');
    refused({ ...subscribed, 'kafka.receive.buffer.bytes': '-5' }, 'Value must be at least -1');
    refused({ ...subscribed, 'kafka.isolation.level': 'committed' }, 'String must be one of: read_committed, read_uncommitted');
    refused({ ...subscribed, 'kafka.bootstrap.servers': 'localhost' }, 'host:port');
  });

  it('of a batch may have an end, but not begin there', () => {
    const batch = (options: Record<string, string>) => readBatchOptions({ ...servers, subscribe: 't', ...options });
    assert.deepEqual(batch({ endingTimestamp: '5' }).ending, { kind: 'timestamp', timestampMs: 5n, elseLatest: false });
    assert.equal(batch({ maxOffsetsPerTrigger: 'x' }).starting.kind, 'earliest', 'limits of batches are not looked at');
    const fails = (options: Record<string, string>, code: string, message: string) =>
      assert.throws(
        () => batch(options),
        (error: MillraceError) => error.code === code && error.message.includes(message),
      );
    fails({ startingOffsets: 'latest' }, 'OPTION_INVALID', "starting offset can't be latest for batch queries on Kafka");
    fails({ startingOffsets: '{"t":{"0":-1}}' }, 'OPTION_INVALID', "startingOffsets for t-0 can't be latest for batch queries on Kafka");
    fails({ endingOffsets: '{"t":{"0":-2}}' }, 'OPTION_INVALID', "ending offset for t-0 can't be earliest for batch queries on Kafka");
    const behind = { startingOffsets: '{"t":{"0":4}}', endingOffsets: '{"t":{"0":2}}' };
    fails(behind, 'UNRESOLVED_START_OFFSET_GREATER_THAN_END_OFFSET', 'start offset 4 is greater than the end offset 2');
    const other = { startingOffsets: '{"t":{"0":4}}', endingOffsets: '{"t":{"1":5}}' };
    fails(other, 'MISMATCHED_TOPIC_PARTITIONS_BETWEEN_START_OFFSET_AND_END_OFFSET', 'Set(t-0)');
  });

  it('that Spark lets pass pass', () => {
    const options = {
      endingTimestamp: '1',
      'kafka.group.id': 'g',
      groupIdPrefix: 'p',
      'kafka.key.serializer': 'x',
      'kafka.no.such.setting': '1',
      'no.such.option': '1',
    };
    assert.equal(readStreamOptions({ ...servers, subscribe: 't', ...options, minPartitions: '3' }).starting.kind, 'latest');
  });

  it('take TLS and SASL settings of the Java client, and never show a password', () => {
    const sasl = (config: Record<string, string>) =>
      readStreamOptions({ ...servers, subscribe: 't', 'kafka.security.protocol': 'sasl_plaintext', ...config }).client.sasl;
    const jaas = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="alice" password="s\\"cret";';
    assert.deepEqual(sasl({ 'kafka.sasl.mechanism': 'SCRAM-SHA-512', 'kafka.sasl.jaas.config': jaas }), {
      mechanism: 'SCRAM-SHA-512',
      username: 'alice',
      password: 's"cret',
    });
    assert.deepEqual(sasl({ 'kafka.sasl.username': 'bob', 'kafka.sasl.password': 'p' }), {
      mechanism: 'PLAIN',
      username: 'bob',
      password: 'p',
    });
    assert.throws(
      () => sasl({ 'kafka.sasl.jaas.config': 'x required password="hidden";' }),
      (error: Error) => !error.message.includes('hidden'),
    );
    refused({ ...servers, subscribe: 't', 'kafka.security.protocol': 'SSL', 'kafka.ssl.truststore.location': '/nowhere.jks' }, 'only PEM');
  });
});

it('a batch reads the offsets of partitions in order, so many at a time', () => {
  const range = (key: string, from: number, until: number) => ({ key, from: BigInt(from), until: BigInt(until) });
  let rest: readonly ReturnType<typeof range>[] = [range('t-0', 5, 15), range('t-1', 0, 3), range('t-2', 0, 4)];
  const groups: unknown[] = [];
  while (rest.length > 0) {
    const taken = takeOffsets(rest, 8);
    groups.push(taken.first);
    rest = taken.rest;
  }
  assert.deepEqual(groups, [[range('t-0', 5, 13)], [range('t-0', 13, 15), range('t-1', 0, 3), range('t-2', 0, 3)], [range('t-2', 3, 4)]]);
});

it('a batch that memory bounds takes the same share of every partition, so that none runs ahead in event time', () => {
  const even = (fetched: number[], planned: number[], begin = planned.map(() => 0)) =>
    [...evenPart(partitions(...begin), partitions(...fetched), partitions(...planned)).values()].map(Number);
  assert.deepEqual(even([100, 100], [200, 400]), [50, 100]);
  assert.deepEqual(even([110, 30, 7], [210, 50, 7], [10, 10, 7]), [110, 30, 7]);
  assert.deepEqual(even([210, 15], [210, 30], [10, 10]), [60, 15]);
  // Nothing of one partition: the others go on all the same.
  assert.deepEqual(even([80, 0], [100, 100]), [80, 0]);
});
