// From what was sent and what each batch delivered to the latency of every event, and to where it goes.
import type { DeliveredBatch } from './latency-job.ts';

/** Events that were handed to the producer together. */
export interface Sent {
  readonly partition: number;
  readonly baseOffset: number;
  readonly count: number;
  /** When they were handed over, in milliseconds since 1970. */
  readonly sentMs: number;
  /** How long after the first of them was due: what the sender itself, on a busy machine, is behind its rate. */
  readonly lateMs: number;
}

/** Latencies in milliseconds, one of each an event. */
export interface Latencies {
  /** From the hand-over to the producer to the delivery of the batch that holds the event. */
  readonly whole: number[];
  /** Until that batch was triggered: producer, broker, and the batch before. */
  readonly untilBatch: number[];
  /** From there to the delivery. */
  readonly inBatch: number[];
  /** Events that no batch held. */
  readonly missing: number;
}

/** The latencies of the events that were sent from `fromMs` on: what came before warmed up. */
export function latenciesOf(sent: readonly Sent[], batches: readonly DeliveredBatch[], fromMs: number): Latencies {
  const found: Latencies & { missing: number } = { whole: [], untilBatch: [], inBatch: [], missing: 0 };
  for (const partition of new Set(sent.map((one) => one.partition))) {
    const own = sent.filter((one) => one.partition === partition).sort((left, right) => left.baseOffset - right.baseOffset);
    const ends = batches.map(({ endOffsets }) => endOffsets[partition] ?? 0);
    let at = 0;
    for (const { baseOffset, count, sentMs } of own) {
      for (let offset = baseOffset; offset < baseOffset + count; offset += 1) {
        while (at < batches.length && (ends[at] as number) <= offset) at += 1;
        const batch = batches[at];
        if (batch === undefined) found.missing += 1;
        else if (sentMs >= fromMs) {
          found.whole.push(batch.deliveredMs - sentMs);
          found.untilBatch.push(batch.triggeredMs - sentMs);
          found.inBatch.push(batch.deliveredMs - batch.triggeredMs);
        }
      }
    }
  }
  return found;
}

/** The value below which `share` of the values are, of them one. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}
