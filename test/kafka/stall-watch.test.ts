// The watchdog of the Kafka source speaks once for a standstill, and never while something moves or nothing is left to read.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { StallWatch, type Standstill, warnOfStandstill } from '../../dist/source/kafka/stall-watch.js';

const at = (committed: number, position: number, end: number) => [{ key: 'trades-0', committed, position, end }];

test('records to read and nothing that moves is reported once, and anew after something moved', () => {
  const reports: Standstill[] = [];
  const watch = new StallWatch(30_000, (standstill) => reports.push(standstill));
  watch.look(at(5, 5, 9), 0);
  watch.look(at(5, 5, 9), 29_999);
  assert.equal(reports.length, 0);
  watch.look(at(5, 5, 12), 30_000);
  watch.look(at(5, 5, 12), 90_000);
  assert.deepEqual(
    reports.map(({ lag, stillMs }) => [lag, stillMs]),
    [[7, 30_000]],
  );
  watch.look(at(5, 8, 12), 95_000);
  watch.look(at(5, 8, 12), 125_000);
  assert.equal(reports.length, 2);
});

test('a source that has read everything stands still in peace', () => {
  const watch = new StallWatch(1, () => assert.fail('nothing is left to read'));
  for (const nowMs of [0, 10, 20]) watch.look(at(9, 9, 9), nowMs);
});

test('the warning names partition, offset and where the records are stuck', async () => {
  const warned = once(process, 'warning');
  warnOfStandstill('KafkaV2[Subscribe[trades]]', {
    lag: 7,
    stillMs: 30_400,
    partition: { key: 'trades-0', committed: 5, position: 9, end: 12 },
  });
  const [warning] = (await warned) as [Error & { code?: string }];
  assert.equal(warning.code, 'KAFKA_STANDSTILL');
  assert.match(warning.message, /stands still for 30 s with 7 records to read; trades-0 is at offset 5 of 12, and the records are fetched/);
});
