// Sends trades to a topic at a steady rate and remembers when each was handed over.
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { emptyTrade, TradeGenerator, tradeLine } from '../data/trades.ts';
import type { Sent } from './event-latency.ts';

const TICK_MS = 2;
/** A broker takes a megabyte at once. */
const EVENTS_PER_REQUEST_MAX = 2000;
/** As many as make twelve hours of event time in about a minute at 50,000 a second. */
const TRADES = 4_000_000;

/** Sends `rate` events a second for some seconds, a handful every two milliseconds, to the partitions in turn. */
export async function sendSteadily(bootstrap: string, topic: string, partitions: number, rate: number, seconds: number): Promise<Sent[]> {
  const producer = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING }).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const generator = new TradeGenerator(TRADES);
  const trade = emptyTrade();
  const sent: Sent[] = [];
  const pending = new Set<Promise<void>>();
  const began = performance.now();
  let [handedOver, turn] = [0, 0];
  while (handedOver < rate * seconds) {
    const elapsedMs = performance.now() - began;
    const due = Math.min(rate * seconds, Math.floor((elapsedMs / 1000) * rate));
    const count = Math.min(due - handedOver, EVENTS_PER_REQUEST_MAX);
    if (count > 0) {
      const [first, partition] = [handedOver, turn % partitions];
      const messages = Array.from({ length: count }, (_, at) => {
        generator.read((first + at) % TRADES, trade);
        return { value: tradeLine(trade), partition };
      });
      handedOver += count;
      turn += 1;
      const sentMs = performance.timeOrigin + performance.now();
      const lateMs = elapsedMs - (first / rate) * 1000;
      const sending = producer.send({ topic, messages, acks: 1 }).then(([answer]) => {
        pending.delete(sending);
        sent.push({ partition, baseOffset: Number(answer?.baseOffset ?? 0), count, sentMs, lateMs });
      });
      pending.add(sending);
    }
    // Who is behind makes no pause, but lets answers come in.
    await pause(handedOver < due ? 0 : TICK_MS);
  }
  await Promise.all(pending);
  await producer.disconnect();
  return sent;
}
