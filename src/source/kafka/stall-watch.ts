// The watchdog of a Kafka source: records are there, and neither fetches nor batches move. It says so once, and again after the next standstill.
import { partitionOf } from './offset-plan.js';

/** How far one partition is. */
export interface PartitionProgress {
  readonly key: string;
  /** The next offset that a batch has not committed. */
  readonly committed: number;
  /** The next offset to fetch. */
  readonly position: number;
  /** Where the log ends, as far as that is known. */
  readonly end: number;
}

/** Where a standstill shows. */
export interface Standstill {
  readonly lag: number;
  readonly stillMs: number;
  /** The partition with the largest lag. */
  readonly partition: PartitionProgress;
}

/** Follows a source's partitions. */
export class StallWatch {
  readonly #stallMs: number;
  readonly #report: (standstill: Standstill) => void;
  #mark = '';
  #sinceMs = 0;
  #hasReported = false;

  /** `stallMs`: how long nothing moves before `report` is called. */
  constructor(stallMs: number, report: (standstill: Standstill) => void) {
    this.#stallMs = stallMs;
    this.#report = report;
  }

  /** Takes a look at `nowMs`. */
  look(partitions: readonly PartitionProgress[], nowMs: number): void {
    const behind = partitions.filter(({ committed, end }) => end > committed);
    const mark = partitions.map(({ key, committed, position }) => `${key} ${committed} ${position}`).join();
    if (behind.length === 0 || mark !== this.#mark) {
      this.#mark = mark;
      this.#sinceMs = nowMs;
      this.#hasReported = false;
      return;
    }
    const stillMs = nowMs - this.#sinceMs;
    if (this.#hasReported || stillMs < this.#stallMs) return;
    this.#hasReported = true;
    const lagOf = ({ end, committed }: PartitionProgress) => end - committed;
    const lag = behind.reduce((sum, partition) => sum + lagOf(partition), 0);
    const partition = behind.reduce((most, other) => (lagOf(other) > lagOf(most) ? other : most));
    this.#report({ lag, stillMs, partition });
  }
}

/** Says it as a warning of the process, which a program can listen to (`process.on('warning')`). */
export function warnOfStandstill(description: string, { lag, stillMs, partition: { key, committed, position, end } }: Standstill): void {
  const { topic, partition } = partitionOf(key);
  const what =
    position > committed
      ? 'the records are fetched: the batch that reads them, or its sink, does not end'
      : 'no records come: the broker that leads the partition does not answer, or refuses';
  process.emitWarning(
    `${description} stands still for ${Math.round(stillMs / 1000)} s with ${lag} records to read; ${topic}-${partition} is at offset ${committed} of ${end}, and ${what}.`,
    { type: 'MillraceWarning', code: 'KAFKA_STANDSTILL' },
  );
}
