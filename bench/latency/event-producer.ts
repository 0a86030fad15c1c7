// Sends trades to a topic at a steady rate and remembers when each was handed over.
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { native } from '../../dist/native/load.js';
import { readKafkaSinkOptions } from '../../dist/sink/kafka/kafka-sink-options.js';
import { ClusterLink } from '../../dist/source/kafka/cluster-link.js';
import type { Sent } from './event-latency.ts';
import { TradeRecords } from './trade-records.ts';

const TICK_MS = 2;
/** A broker takes a megabyte at once. */
const EVENTS_PER_BATCH_MAX = 2000;
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Sends `rate` events a second for some seconds, a handful every two milliseconds, to the partitions in turn. The topic is empty before; its
 * one leader takes batches in the order in which they are sent, so that their offsets are known.
 */
export async function sendSteadily(bootstrap: string, topic: string, partitions: number, rate: number, seconds: number): Promise<Sent[]> {
  const records = new TradeRecords(rate * seconds);
  const link = new ClusterLink(readKafkaSinkOptions({ 'kafka.bootstrap.servers': bootstrap, topic }).client);
  const metadata = await link.metadata([topic]);
  const leader = metadata.topics[0]?.partitions[0]?.leader ?? -1;
  const nextOffsets = new Array<number>(partitions).fill(0);
  const sent: Sent[] = [];
  const pending = new Set<Promise<void>>();
  let failure: unknown = null;
  const began = performance.now();
  let [handedOver, turn] = [0, 0];
  while (handedOver < rate * seconds && failure === null) {
    const elapsedMs = performance.now() - began;
    const due = Math.min(rate * seconds, Math.floor((elapsedMs / 1000) * rate));
    const count = Math.min(due - handedOver, EVENTS_PER_BATCH_MAX);
    if (count > 0) {
      const partition = turn % partitions;
      const sentMs = performance.timeOrigin + performance.now();
      const lateMs = elapsedMs - (handedOver / rate) * 1000;
      const bytes = seal(records.section(handedOver, count), count);
      sent.push({ partition, baseOffset: nextOffsets[partition] as number, count, sentMs, lateMs });
      const sending: Promise<void> = link
        .produce(leader, { acks: 1, timeoutMs: REQUEST_TIMEOUT_MS, batches: [{ topic, partition, bytes }] })
        .then(([answer]) => {
          pending.delete(sending);
          if (answer?.errorCode !== 0) failure ??= new Error(`the broker answers ${String(answer?.errorCode)}`);
        })
        .catch((error: unknown) => {
          failure ??= error;
        });
      pending.add(sending);
      nextOffsets[partition] = (nextOffsets[partition] as number) + count;
      handedOver += count;
      turn += 1;
    }
    // Who is behind makes no pause, but lets answers come in.
    await pause(handedOver < due ? 0 : TICK_MS);
  }
  await Promise.all(pending);
  await link.close();
  if (failure !== null) throw failure;
  return sent;
}

function seal(section: Buffer, recordCount: number): Buffer {
  const nowMs = Date.now();
  const header = {
    codec: 'none',
    recordCount,
    baseTimestampMs: nowMs,
    maxTimestampMs: nowMs,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
  };
  return Buffer.from(native.sealKafkaBatch(JSON.stringify(header), section));
}
