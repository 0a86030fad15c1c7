// A fixed number of rows in every batch, with a time of its own for each batch (Spark's `rate-micro-batch` source): for tests that repeat.
import type { Offset, ReadLimit, Source, Split } from './source.js';
import { optionInt, optionInvalid } from './source-option.js';

/** Rows per map task. */
const SPLIT_ROWS_MAX = 1_000_000;
/** A timestamp and a value. */
const ROW_BYTES = 16;

/** How far the source is: rows given so far, and the time of the next batch. Spark's offset JSON. */
type BatchOffset = { readonly offset: number; readonly timestamp: number };

/**
 * Makes the source of reader `sourceNumber`. Options: `rowsPerBatch` (must be given), `startTimestamp` (0; milliseconds since 1970),
 * `advanceMillisPerBatch` (1000); `numPartitions` is accepted and has no say. Columns are `timestamp TIMESTAMP, value BIGINT`.
 * Throws OPTION_INVALID.
 */
export function createRateMicroBatchSource(sourceNumber: number, options: Readonly<Record<string, string>>): Source {
  const rowsPerBatch = optionInt(options, 'rowsPerBatch', 1);
  if (rowsPerBatch === undefined) throw optionInvalid('rowsPerBatch', '', 'it must be given: the number of rows of each batch');
  optionInt(options, 'numPartitions', 1);
  return new RateMicroBatchSource(
    sourceNumber,
    rowsPerBatch,
    optionInt(options, 'startTimestamp', 0) ?? 0,
    optionInt(options, 'advanceMillisPerBatch', 0) ?? 1000,
  );
}

class RateMicroBatchSource implements Source {
  readonly description: string;
  readonly offsetKind = 'rows and time';
  readonly #sourceNumber: number;
  readonly #rowsPerBatch: number;
  readonly #startTimestampMs: number;
  readonly #advanceMs: number;
  #isPinned = false;
  /** For availableNow: the end of its one batch. */
  #pinned: Offset | null = null;

  constructor(sourceNumber: number, rowsPerBatch: number, startTimestampMs: number, advanceMs: number) {
    this.#sourceNumber = sourceNumber;
    this.#rowsPerBatch = rowsPerBatch;
    this.#startTimestampMs = startTimestampMs;
    this.#advanceMs = advanceMs;
    this.description = `RatePerMicroBatchStream[rowsPerBatch=${rowsPerBatch}, startTimestamp=${startTimestampMs}, advanceMsPerBatch=${advanceMs}]`;
  }

  async open(_start: Offset | null): Promise<void> {}

  async initialOffset(): Promise<Offset> {
    return { offset: 0, timestamp: this.#startTimestampMs };
  }

  async latestOffset(start: Offset, _limit: ReadLimit): Promise<Offset> {
    if (!this.#isPinned) return this.#after(start);
    this.#pinned ??= this.#after(start);
    return this.#pinned;
  }

  /** `availableNow` reads one batch: there is always another. */
  async prepareForTriggerAvailableNow(): Promise<void> {
    this.#isPinned = true;
  }

  async splits(start: Offset, end: Offset): Promise<Split[]> {
    const [from, to] = [batchOffset(start), batchOffset(end)];
    const splits: Split[] = [];
    for (let value = from.offset; value < to.offset; value += SPLIT_ROWS_MAX) {
      const splitEnd = Math.min(to.offset, value + SPLIT_ROWS_MAX);
      const spec = {
        source: this.#sourceNumber,
        format: 'rate',
        start: value,
        end: splitEnd,
        startTimestampMs: from.timestamp,
        rowsPerSecond: 0,
      };
      splits.push({ spec, byteLength: (splitEnd - value) * ROW_BYTES });
    }
    return splits;
  }

  async commit(_end: Offset): Promise<void> {}

  /** There is always another batch. */
  async awaitData(): Promise<void> {}

  progress(end: Offset): { latestOffset: Offset } {
    return { latestOffset: end };
  }

  async close(): Promise<void> {}

  #after(start: Offset): Offset {
    const { offset, timestamp } = batchOffset(start);
    return { offset: offset + this.#rowsPerBatch, timestamp: timestamp + this.#advanceMs };
  }
}

function batchOffset(offset: Offset): BatchOffset {
  return offset as BatchOffset;
}
