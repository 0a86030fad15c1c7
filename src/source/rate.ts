// Rows that count up at a given rate, for load tests and demonstrations (Spark's `rate` source).
import { type Clock, systemClock } from '../engine/clock.js';
import { type Conf, confDurationMs } from '../engine/conf-values.js';
import { native } from '../native/load.js';
import { keptRateStart, rateStartLine } from './rate-start.js';
import type { Offset, ReadLimit, Source, SourceLog, Split } from './source.js';
import { optionInt, optionInvalid, optionText } from './source-option.js';

const MS_PER_SECOND = 1000;

/** Rows per map task: a few megabytes of timestamps and values. */
const SPLIT_ROWS_MAX = 1_000_000;
/** A timestamp and a value. */
const ROW_BYTES = 16;

/**
 * Makes the source of reader `sourceNumber`. Options: `rowsPerSecond` (1); `numPartitions` is accepted and has no say;
 * `rampUpTime` must be 0, which is its default. Columns are `timestamp TIMESTAMP, value BIGINT`. Throws OPTION_INVALID.
 */
export function createRateSource(
  sourceNumber: number,
  options: Readonly<Record<string, string>>,
  conf: Conf,
  clock: Clock = systemClock,
): Source {
  const rowsPerSecond = optionInt(options, 'rowsPerSecond', 1) ?? 1;
  refuseRampUp(options);
  const numPartitions = optionInt(options, 'numPartitions', 1);
  return new RateSource({
    sourceNumber,
    rowsPerSecond,
    numPartitions,
    clock,
    pollingDelayMs: confDurationMs(conf, 'spark.sql.streaming.pollingDelay'),
  });
}

interface RateSettings {
  readonly sourceNumber: number;
  readonly rowsPerSecond: number;
  readonly numPartitions: number | undefined;
  readonly clock: Clock;
  readonly pollingDelayMs: number;
}

/** The source itself. An offset is a number of seconds since the query's first start. */
class RateSource implements Source {
  readonly description: string;
  readonly offsetKind = 'number';
  readonly #settings: RateSettings;
  #startTimestampMs: number;
  #pinned: number | null = null;

  constructor(settings: RateSettings) {
    this.#settings = settings;
    this.#startTimestampMs = settings.clock.nowMs();
    // Spark's text lacks its closing bracket, and tools compare it as it is.
    this.description = `RateStreamV2[rowsPerSecond=${settings.rowsPerSecond}, rampUpTimeSeconds=0, numPartitions=${settings.numPartitions ?? 'default'}`;
  }

  async open(start: Offset | null, log: SourceLog | null = null): Promise<void> {
    const kept = log === null ? null : await keptRateStart(log);
    // Where nobody kept it, going on from second N means that the start lies N seconds back.
    this.#startTimestampMs = kept ?? this.#settings.clock.nowMs() - secondsOf(start ?? 0) * MS_PER_SECOND;
    if (kept === null) await log?.write(0, [rateStartLine(this.#startTimestampMs)]);
  }

  async initialOffset(): Promise<Offset> {
    return 0;
  }

  async latestOffset(start: Offset, _limit: ReadLimit): Promise<Offset> {
    return Math.max(secondsOf(start), this.#pinned ?? this.#elapsedSeconds());
  }

  async prepareForTriggerAvailableNow(): Promise<void> {
    this.#pinned = this.#elapsedSeconds();
  }

  async splits(start: Offset, end: Offset): Promise<Split[]> {
    const { sourceNumber, rowsPerSecond } = this.#settings;
    const firstValue = secondsOf(start) * rowsPerSecond;
    const endValue = secondsOf(end) * rowsPerSecond;
    const splits: Split[] = [];
    for (let value = firstValue; value < endValue; value += SPLIT_ROWS_MAX) {
      const splitEnd = Math.min(endValue, value + SPLIT_ROWS_MAX);
      const spec = {
        source: sourceNumber,
        format: 'rate',
        start: value,
        end: splitEnd,
        startTimestampMs: this.#startTimestampMs,
        rowsPerSecond,
      };
      splits.push({ spec, byteLength: (splitEnd - value) * ROW_BYTES });
    }
    return splits;
  }

  async commit(_end: Offset): Promise<void> {}

  async awaitData(start: Offset, signal: AbortSignal): Promise<void> {
    const { clock, pollingDelayMs } = this.#settings;
    const nextSecondMs = this.#startTimestampMs + (secondsOf(start) + 1) * MS_PER_SECOND;
    await clock.sleepUntil(Math.max(nextSecondMs, clock.nowMs() + pollingDelayMs), signal);
  }

  progress(end: Offset): { latestOffset: Offset } {
    return { latestOffset: end };
  }

  async close(): Promise<void> {}

  #elapsedSeconds(): number {
    return Math.max(0, Math.floor((this.#settings.clock.nowMs() - this.#startTimestampMs) / MS_PER_SECOND));
  }
}

function secondsOf(offset: Offset): number {
  return typeof offset === 'number' ? offset : 0;
}

function refuseRampUp(options: Readonly<Record<string, string>>): void {
  const text = optionText(options, 'rampUpTime')?.trim();
  if (text === undefined || text === '0') return;
  const rampUpMs = /^\d+$/.test(text) ? Number(text) * MS_PER_SECOND : native.parseInterval(text.replace(/^(\d+)s$/, '$1 seconds'));
  if (rampUpMs !== 0) throw optionInvalid('rampUpTime', text, 'this version starts at full rate; leave it out or set it to 0');
}
