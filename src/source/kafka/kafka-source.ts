// The Kafka source: plans offsets as Spark does, and hands over raw record sets that Rust decodes. The engine owns the offsets;
// there is no consumer group.
import { MillraceError } from '../../error/millrace-error.js';
import { offsetJson, sameOffset } from '../offset.js';
import type { Offset, ReadLimit, Source, Split } from '../source.js';
import { ClusterLink } from './cluster-link.js';
import { fetchOffset } from './fetch-offset.js';
import { fetchFailed, initialOffsetsNotFound, newPartitionNotAtZero, offsetChanged, partitionsDeleted } from './kafka-error.js';
import { describeSubscription, type KafkaStreamOptions, readStreamOptions } from './kafka-options.js';
import { resolveLimit } from './limit-resolution.js';
import {
  behindLatest,
  evenPart,
  fromOffsetJson,
  limitOffsets,
  offsetsBetween,
  type PartitionOffsets,
  sortedKeys,
  toOffsetJson,
} from './offset-plan.js';
import { divideRanges, dividesRanges, rangesBetween } from './offset-range.js';
import { allAt, EARLIEST, LATEST, PartitionCatalog } from './partition-catalog.js';
import { RangeReader } from './range-reader.js';
import { RecordFetcher } from './record-fetcher.js';
import { splitBytesOf } from './split-packer.js';
import { type PartitionProgress, StallWatch, warnOfStandstill } from './stall-watch.js';

/** Partitions are looked up anew for a batch unless they were just now. */
const CATALOG_FRESH_MS = 250;
/** A batch waits this long for the planned offsets to be fetched where brokers are slow; then what is there will do. */
const PREFETCH_WAIT_MS = 5000;
/** As in Spark, an end that went back is asked for again before it is believed: a leader that has just started may report an old one. */
const LATEST_TRIES_MAX = 3;
const LATEST_RETRY_MS = 1000;
/** How long nothing moves, though there is something to read, before the watchdog says so. */
const STANDSTILL_MS = 30_000;

/** Makes the source of reader number `sourceNumber`. Throws OPTION_INVALID. */
export function createKafkaSource(
  sourceNumber: number,
  options: Readonly<Record<string, string>>,
  conf: Readonly<Record<string, string>>,
): Source {
  return new KafkaSource(sourceNumber, readStreamOptions(options), splitBytesOf(conf));
}

/** Checks the options of `readStream.format('kafka')` as `load()` does. Throws OPTION_INVALID. */
export function validateKafkaOptions(options: Readonly<Record<string, string>>): void {
  readStreamOptions(options);
}

class KafkaSource implements Source {
  readonly description: string;
  readonly offsetKind = 'partitions';
  readonly notesInitialOffset = true;
  readonly allowsReadingAhead = true;
  readonly #options: KafkaStreamOptions;
  readonly #link: ClusterLink;
  readonly #catalog: PartitionCatalog;
  readonly #fetcher: RecordFetcher;
  readonly #reader: RangeReader;
  /** Where partitions begin that the start of a batch does not have. */
  readonly #earliest = new Map<string, bigint>();
  /** The newest two looks: how far a batch goes, and where the partitions ended then. The later one may be that of a batch ahead. */
  #looks: readonly { readonly end: Offset; readonly latest: PartitionOffsets }[] = [];
  #pinned: PartitionOffsets | null = null;
  readonly #watch: StallWatch;
  /** The end of the newest range that was cut into splits. */
  #splitEnd: Offset | null = null;
  /** The offsets behind the newest committed batch, or where the query began. */
  #committed: PartitionOffsets = new Map();
  #lastTriggerMs = 0;
  #lookedMs = 0;
  #refreshTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(sourceNumber: number, options: KafkaStreamOptions, splitBytes: number) {
    const { client, subscription, failOnDataLoss, pollTimeoutMs } = options;
    this.description = describeSubscription(subscription);
    this.#options = options;
    this.#watch = new StallWatch(STANDSTILL_MS, (standstill) => warnOfStandstill(this.description, standstill));
    this.#link = new ClusterLink(client);
    this.#catalog = new PartitionCatalog(this.#link, subscription, client);
    this.#fetcher = new RecordFetcher(this.#link, this.#catalog, client);
    const rangesAreTasks = dividesRanges(options.division);
    this.#reader = new RangeReader(this.#fetcher, this.#catalog, {
      sourceNumber,
      splitBytes,
      rangesAreTasks,
      failOnDataLoss,
      pollTimeoutMs,
    });
  }

  async open(start: Offset | null): Promise<void> {
    try {
      await this.#catalog.open();
      if (start !== null) this.#fetchFrom(readOffset(start));
    } catch (error) {
      await this.close();
      throw error;
    }
    const { metadataAgeMaxMs } = this.#options.client;
    this.#refreshTimer = setInterval(() => {
      void this.#refreshIfOld(metadataAgeMaxMs / 2);
      this.#watch.look(this.#progressOfPartitions(), Date.now());
    }, metadataAgeMaxMs);
    // Fetches under way keep the process alive; looking for new partitions alone need not.
    this.#refreshTimer.unref();
  }

  async initialOffset(): Promise<Offset> {
    const offsets = await resolveLimit(this.#options.starting, 'starting', this.#catalog);
    this.#fetchFrom(offsets);
    return toOffsetJson(offsets);
  }

  async latestOffset(start: Offset, limit: ReadLimit): Promise<Offset> {
    this.#fetcher.check();
    const from = readOffset(start);
    const latest = this.#pinned ?? (await this.#findLatest(from));
    this.#lookedMs = Date.now();
    await this.#meetNewPartitions(from, latest);
    const end = await this.#endOf(start, latest, limit);
    this.#looks = [...this.#looks.slice(-1), { end, latest }];
    return end;
  }

  /** How far a batch from `start` goes. */
  async #endOf(start: Offset, latest: PartitionOffsets, limit: ReadLimit): Promise<Offset> {
    if (limit === 'all') return toOffsetJson(latest);
    const from = readOffset(start);
    if (this.#isTooFew(from, latest)) return start;
    const { maxOffsetsPerTrigger } = this.#options;
    const planned = maxOffsetsPerTrigger === null ? latest : limitOffsets(from, latest, this.#earliest, maxOffsetsPerTrigger);
    return toOffsetJson(await this.#fetchedPartOf(from, planned));
  }

  async prepareForTriggerAvailableNow(): Promise<void> {
    await this.#catalog.refresh();
    this.#pinned = await this.#catalog.listAllOffsets(allAt(this.#catalog.leaders.keys(), LATEST));
  }

  async splits(start: Offset, end: Offset): Promise<Split[]> {
    const to = readOffset(end);
    const from = await this.#startOf(readOffset(start), to);
    // Those of the batch before are mapped.
    this.#reader.release();
    this.#splitEnd = end;
    return this.#reader.read(divideRanges(rangesBetween(from, to), this.#options.division));
  }

  async commit(end: Offset): Promise<void> {
    this.#committed = readOffset(end);
    // The next batch may be read already.
    if (this.#splitEnd !== null && sameOffset(end, this.#splitEnd)) this.#reader.release();
    for (const [key, offset] of this.#committed) this.#fetcher.peek(key)?.release(fetchOffset(key, offset));
    this.#fetcher.changed.notify();
  }

  async awaitData(start: Offset, signal: AbortSignal): Promise<void> {
    const from = readOffset(start);
    while (!signal.aborted && !this.#isClosed && !this.#fetcher.hasFailed) {
      const pauseMs = this.#untilData(from);
      if (pauseMs === 0) return;
      await this.#fetcher.changed.wait(pauseMs ?? undefined, signal);
    }
  }

  progress(end: Offset): { latestOffset: Offset | null; metrics: Record<string, string> } {
    const look = this.#looks.findLast((each) => sameOffset(each.end, end)) ?? this.#looks.at(-1);
    if (look === undefined || look.latest.size === 0) return { latestOffset: null, metrics: {} };
    return { latestOffset: toOffsetJson(look.latest), metrics: behindLatest(readOffset(end), look.latest) };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#refreshTimer);
    const loops = this.#fetcher.close();
    await this.#link.close();
    await loops;
  }

  /**
   * Where every partition ends now; a partition that is gone is left out. A leader that does not answer leaves the end as it was known:
   * nothing is lost, it comes later.
   */
  async #findLatest(from: PartitionOffsets): Promise<Map<string, bigint>> {
    await this.#refreshIfOld(CATALOG_FRESH_MS);
    for (let tries = 1; ; tries += 1) {
      const keys = [...this.#catalog.leaders.keys()];
      const latest = await this.#catalog.listOffsets(allAt(keys, LATEST));
      for (const key of keys) {
        const known = BigInt(this.#fetcher.peek(key)?.end ?? -1);
        const listed = latest.get(key);
        const start = from.get(key);
        if (listed === undefined && start !== undefined) latest.set(key, start > known ? start : known);
      }
      const isShorter = keys.some((key) => (latest.get(key) ?? 0n) < (from.get(key) ?? 0n));
      if (!isShorter || tries >= LATEST_TRIES_MAX) return latest;
      await this.#fetcher.changed.wait(LATEST_RETRY_MS);
    }
  }

  /** Partitions that came up since the last batch are read from their beginning. */
  async #meetNewPartitions(from: PartitionOffsets, to: PartitionOffsets): Promise<void> {
    const unknown = [...to.keys()].filter((key) => !from.has(key) && !this.#earliest.has(key) && this.#catalog.leaders.has(key));
    if (unknown.length === 0) return;
    const earliest = await this.#catalog.listAllOffsets(allAt(unknown, EARLIEST));
    for (const [key, offset] of earliest) {
      this.#earliest.set(key, offset);
      this.#fetcher.bufferOf(key, fetchOffset(key, offset));
    }
  }

  /**
   * Where a batch to `to` begins in each partition. Partitions that are gone, that came up without their first records, or that end before
   * they begin are data loss. It shows here and not when the batch is planned, so that it shows again when the batch runs again, as in Spark.
   */
  async #startOf(from: PartitionOffsets, to: PartitionOffsets): Promise<PartitionOffsets> {
    await this.#meetNewPartitions(from, to);
    const start = new Map(from);
    const fresh = sortedKeys([...to.keys()].filter((key) => !from.has(key)));
    for (const key of fresh) start.set(key, this.#earliest.get(key) ?? (to.get(key) as bigint));
    const gone = sortedKeys([...from.keys()].filter((key) => !to.has(key)));
    for (const key of gone) this.#fetcher.forget(key);
    if (!this.#options.failOnDataLoss) return start;
    const missing = fresh.filter((key) => !this.#earliest.has(key));
    if (missing.length > 0) throw initialOffsetsNotFound(missing);
    for (const key of fresh) if ((start.get(key) as bigint) > 0n) throw newPartitionNotAtZero(key, start.get(key) as bigint);
    if (gone.length > 0) throw partitionsDeleted(gone, this.#options.hasGroupId);
    for (const key of sortedKeys(to.keys())) {
      const [first, end] = [start.get(key) as bigint, to.get(key) as bigint];
      if (end < first) throw offsetChanged(key, first, end);
    }
    return start;
  }

  /** Spark's minOffsetsPerTrigger: wait for more, but not longer than maxTriggerDelay. The first look of a start never waits. */
  #isTooFew(from: PartitionOffsets, latest: PartitionOffsets): boolean {
    const { minOffsetsPerTrigger, maxTriggerDelayMs } = this.#options;
    if (minOffsetsPerTrigger === null) return false;
    const nowMs = Date.now();
    if (nowMs - this.#lastTriggerMs < maxTriggerDelayMs && offsetsBetween(from, latest) < minOffsetsPerTrigger) return true;
    this.#lastTriggerMs = nowMs;
    return false;
  }

  /**
   * What a batch can have without waiting at the broker: the planned offsets when they are fetched, and where the buffers are full an even part of
   * them; where a broker is slow or away, as much as there is. So memory bounds a batch, and a batch once planned can be read.
   */
  async #fetchedPartOf(from: PartitionOffsets, planned: PartitionOffsets): Promise<Map<string, bigint>> {
    const begin = new Map([...planned.keys()].map((key) => [key, from.get(key) ?? this.#earliest.get(key) ?? 0n]));
    const deadlineMs = Date.now() + PREFETCH_WAIT_MS;
    for (;;) {
      this.#fetcher.check();
      const fetched = this.#fetchedTo(begin, planned);
      const isWhole = [...planned].every(([key, end]) => fetched.get(key) === end);
      if (isWhole || this.#isClosed) return fetched;
      const leftMs = deadlineMs - Date.now();
      const { isFull, isFailing } = this.#fetcher;
      const hasAny = [...fetched].some(([key, offset]) => offset > (begin.get(key) as bigint));
      // With nothing at all the engine waits for data. With pinned ends that would look like the end, so it is waited for here.
      if ((isFull || isFailing || leftMs <= 0) && (hasAny || this.#pinned === null)) {
        return isFailing ? fetched : evenPart(begin, fetched, planned);
      }
      if (leftMs < -this.#options.pollTimeoutMs) throw this.#tooSlow(fetched, planned);
      await this.#fetcher.changed.wait(leftMs > 0 ? leftMs : PREFETCH_WAIT_MS);
    }
  }

  /** How far the planned offsets are fetched. What the log does not hold counts as fetched: reading it says what is lost. */
  #fetchedTo(begin: PartitionOffsets, planned: PartitionOffsets): Map<string, bigint> {
    const fetched = new Map<string, bigint>();
    for (const [key, end] of planned) {
      const first = begin.get(key) as bigint;
      const buffer = end > first ? this.#fetcher.bufferAt(key, fetchOffset(key, first)) : undefined;
      const isLost = buffer !== undefined && (buffer.outOfRange !== null || buffer.failure !== null);
      fetched.set(key, buffer === undefined || isLost ? end : within(first, BigInt(buffer.position), end));
    }
    return fetched;
  }

  #tooSlow(part: PartitionOffsets, planned: PartitionOffsets): MillraceError {
    const key = sortedKeys(planned.keys()).find((candidate) => part.get(candidate) !== planned.get(candidate)) ?? '';
    return fetchFailed(key, `no records came for ${this.#options.pollTimeoutMs} ms`);
  }

  /** 0: there is something for a batch. Else how long to wait for a change, null without bound. */
  #untilData(from: PartitionOffsets): number | null {
    let isNew = false;
    let hasNewPartition = false;
    for (const key of this.#catalog.leaders.keys()) {
      const start = from.get(key);
      const buffer = this.#fetcher.peek(key);
      const lost = buffer?.outOfRange ?? null;
      // While brokers are away only what is fetched can be read.
      const end = Math.max(this.#fetcher.isFailing ? -1 : (buffer?.end ?? -1), buffer?.position ?? -1);
      if (start === undefined) hasNewPartition = true;
      else if (end > start || (lost !== null && lost.latest < start)) isNew = true;
    }
    // A new partition whose leader does not answer yet is looked at again, but not without a pause.
    const newPartitionMs = this.#lookedMs + CATALOG_FRESH_MS - Date.now();
    if (hasNewPartition && newPartitionMs <= 0) return 0;
    if (hasNewPartition && !isNew) return newPartitionMs;
    const { minOffsetsPerTrigger, maxTriggerDelayMs } = this.#options;
    if (!isNew || minOffsetsPerTrigger === null) return isNew ? 0 : null;
    const ends = new Map([...from].map(([key, start]) => [key, endBehind(start, this.#fetcher.peek(key)?.end)]));
    if (offsetsBetween(from, ends) >= minOffsetsPerTrigger) return 0;
    return Math.max(0, this.#lastTriggerMs + maxTriggerDelayMs - Date.now());
  }

  /** How far each partition is, for the watchdog. */
  #progressOfPartitions(): PartitionProgress[] {
    return [...this.#committed].map(([key, offset]) => {
      const buffer = this.#fetcher.peek(key);
      const committed = Number(offset);
      const end = Math.max(buffer?.end ?? -1, Number(this.#looks.at(-1)?.latest.get(key) ?? -1));
      return { key, committed, position: buffer?.position ?? committed, end };
    });
  }

  #fetchFrom(offsets: PartitionOffsets): void {
    this.#committed = offsets;
    for (const [key, offset] of offsets) this.#fetcher.bufferAt(key, fetchOffset(key, offset));
  }

  async #refreshIfOld(ageMs: number): Promise<void> {
    if (this.#isClosed || this.#catalog.ageMs < ageMs) return;
    // A cluster that does not answer now is asked again; the fetch loops report what is final.
    await this.#catalog.refresh().catch(() => {});
    this.#fetcher.followLeaders();
  }
}

/** `value`, but not below `least` or above `most`. */
function within(least: bigint, value: bigint, most: bigint): bigint {
  const atLeast = value < least ? least : value;
  return atLeast > most ? most : atLeast;
}

/** The end of a partition as it is known, but not before the place that was reached. */
function endBehind(start: bigint, end = 0): bigint {
  return start > end ? start : BigInt(end);
}

function readOffset(offset: Offset): Map<string, bigint> {
  const offsets = fromOffsetJson(offset);
  if (offsets !== null) return offsets;
  throw new MillraceError('INTERNAL_ERROR', { parameters: { message: `${offsetJson(offset)} is no offset of Kafka` } });
}
