// The Kafka source: plans offsets as Spark does, and hands over raw record sets that Rust decodes. The engine owns the offsets;
// there is no consumer group.
import { MillraceError } from '../../error/millrace-error.js';
import type { Offset, ReadLimit, Source, Split } from '../source.js';
import { ClusterLink } from './cluster-link.js';
import { fetchFailed, newPartitionNotAtZero, offsetChanged, partitionsDeleted } from './kafka-error.js';
import { describeSubscription, type KafkaSourceOptions, readKafkaOptions } from './kafka-options.js';
import {
  behindLatest,
  fromOffsetJson,
  limitOffsets,
  offsetsBetween,
  type PartitionOffsets,
  sortedKeys,
  toOffsetJson,
} from './offset-plan.js';
import type { PartitionBuffer } from './partition-buffer.js';
import { EARLIEST, LATEST, PartitionCatalog } from './partition-catalog.js';
import { RecordFetcher } from './record-fetcher.js';
import { SplitPacker } from './split-packer.js';
import { resolveStart } from './starting-offsets.js';

/** Partitions are looked up anew for a batch unless they were just now. */
const CATALOG_FRESH_MS = 250;
/** A batch waits this long for the planned offsets to be fetched; then what is there will do. */
const PREFETCH_WAIT_MS = 500;
/** As in Spark, an end that went back is asked for again before it is believed: a leader that has just started may report an old one. */
const LATEST_TRIES_MAX = 3;
const LATEST_RETRY_MS = 1000;
const SPLIT_BYTES_DEFAULT = 8 * 2 ** 20;

/** Makes the source of reader number `sourceNumber`. Throws OPTION_INVALID. */
export function createKafkaSource(
  sourceNumber: number,
  options: Readonly<Record<string, string>>,
  conf: Readonly<Record<string, string>>,
): Source {
  return new KafkaSource(sourceNumber, readKafkaOptions(options), splitBytesOf(conf));
}

/** Checks the options of `format('kafka')` as `load()` does. Throws OPTION_INVALID. */
export function validateKafkaOptions(options: Readonly<Record<string, string>>): void {
  readKafkaOptions(options);
}

class KafkaSource implements Source {
  readonly description: string;
  readonly notesInitialOffset = true;
  readonly #number: number;
  readonly #options: KafkaSourceOptions;
  readonly #splitBytes: number;
  readonly #link: ClusterLink;
  readonly #catalog: PartitionCatalog;
  readonly #fetcher: RecordFetcher;
  /** Where partitions begin that the start of a batch does not have. */
  readonly #earliest = new Map<string, number>();
  #latest: PartitionOffsets = new Map();
  #pinned: PartitionOffsets | null = null;
  #lastTriggerMs = 0;
  #lookedMs = 0;
  #refreshTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(number: number, options: KafkaSourceOptions, splitBytes: number) {
    const { client, subscription, failOnDataLoss } = options;
    this.description = describeSubscription(subscription);
    this.#number = number;
    this.#options = options;
    this.#splitBytes = splitBytes;
    this.#link = new ClusterLink(client);
    this.#catalog = new PartitionCatalog(this.#link, subscription, client);
    this.#fetcher = new RecordFetcher(this.#link, this.#catalog, client, failOnDataLoss);
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
    this.#refreshTimer = setInterval(() => void this.#refreshIfOld(metadataAgeMaxMs / 2), metadataAgeMaxMs);
    // Fetches under way keep the process alive; looking for new partitions alone need not.
    this.#refreshTimer.unref();
  }

  async initialOffset(): Promise<Offset> {
    const offsets = await resolveStart(this.#options.starting, this.#catalog);
    this.#fetchFrom(offsets);
    return toOffsetJson(offsets);
  }

  async latestOffset(start: Offset, limit: ReadLimit): Promise<Offset> {
    this.#fetcher.check();
    const from = readOffset(start);
    const latest = this.#pinned ?? (await this.#findLatest(from));
    this.#latest = latest;
    this.#lookedMs = Date.now();
    await this.#meetNewPartitions(from, latest);
    if (limit === 'all') return toOffsetJson(latest);
    const { maxOffsetsPerTrigger } = this.#options;
    if (this.#isTooFew(from, latest)) return start;
    const planned = maxOffsetsPerTrigger === null ? latest : limitOffsets(from, latest, this.#earliest, maxOffsetsPerTrigger);
    return toOffsetJson(await this.#fetchedPartOf(from, planned));
  }

  async prepareForTriggerAvailableNow(): Promise<void> {
    await this.#catalog.refresh();
    this.#pinned = await this.#catalog.listAllOffsets(allAt(this.#catalog.leaders.keys(), LATEST));
  }

  async splits(start: Offset, end: Offset): Promise<Split[]> {
    const from = readOffset(start);
    const to = readOffset(end);
    const packer = new SplitPacker(this.#number, this.#splitBytes);
    const pending = new Map<PartitionBuffer, { from: number; readonly to: number }>();
    for (const key of sortedKeys(to.keys())) {
      const range = { from: from.get(key) ?? this.#earliest.get(key) ?? 0, to: to.get(key) as number };
      if (range.from >= range.to) continue;
      const buffer = this.#fetcher.bufferOf(key, range.from);
      // Read before (a batch is done again) or not fetched so far: the buffer starts anew there.
      if (range.from < buffer.start || range.from > buffer.position) buffer.seek(range.from);
      buffer.wantedTo = range.to;
      pending.set(buffer, range);
    }
    await this.#drain(pending, packer);
    return packer.finish();
  }

  async commit(end: Offset): Promise<void> {
    for (const [key, offset] of readOffset(end)) this.#fetcher.peek(key)?.release(offset);
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
    if (this.#latest.size === 0) return { latestOffset: null, metrics: {} };
    return { latestOffset: toOffsetJson(this.#latest), metrics: behindLatest(readOffset(end), this.#latest) };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#refreshTimer);
    const loops = this.#fetcher.close();
    await this.#link.close();
    await loops;
  }

  /** Where every partition ends now. A leader that does not answer leaves the end as it was known: nothing is lost, it comes later. */
  async #findLatest(from: PartitionOffsets): Promise<Map<string, number>> {
    await this.#refreshIfOld(CATALOG_FRESH_MS);
    for (let tries = 1; ; tries += 1) {
      const keys = this.#partitionsFor(from);
      const latest = await this.#catalog.listOffsets(allAt(keys, LATEST));
      for (const key of keys) {
        const known = this.#fetcher.peek(key)?.end ?? -1;
        const listed = latest.get(key);
        const start = from.get(key);
        if (listed === undefined && start !== undefined) latest.set(key, Math.max(start, known));
      }
      const shorter = keys.find((key) => (latest.get(key) ?? 0) < (from.get(key) ?? 0));
      if (shorter === undefined) return latest;
      if (tries >= LATEST_TRIES_MAX) {
        const end = latest.get(shorter) as number;
        if (this.#options.failOnDataLoss) throw offsetChanged(shorter, from.get(shorter) as number, end);
        return latest;
      }
      await this.#fetcher.changed.wait(LATEST_RETRY_MS);
    }
  }

  /** The partitions that a batch from `from` has; those that are gone are data loss, or are left out. */
  #partitionsFor(from: PartitionOffsets): string[] {
    const { leaders } = this.#catalog;
    const gone = sortedKeys([...from.keys()].filter((key) => !leaders.has(key)));
    if (gone.length > 0) {
      if (this.#options.failOnDataLoss) throw partitionsDeleted(gone, from.get(gone[0] as string) as number);
      for (const key of gone) this.#fetcher.forget(key);
    }
    return [...leaders.keys()];
  }

  /** Partitions that came up since the last batch are read from their beginning, which should be offset 0. */
  async #meetNewPartitions(from: PartitionOffsets, latest: PartitionOffsets): Promise<void> {
    const unknown = [...latest.keys()].filter((key) => !from.has(key) && !this.#earliest.has(key));
    if (unknown.length === 0) return;
    const earliest = await this.#catalog.listAllOffsets(allAt(unknown, EARLIEST));
    for (const [key, offset] of earliest) {
      if (offset > 0 && this.#options.failOnDataLoss) throw newPartitionNotAtZero(key, offset);
      this.#earliest.set(key, offset);
      this.#fetcher.bufferOf(key, offset);
    }
  }

  /** Spark's minOffsetsPerTrigger: wait for more, but not longer than maxTriggerDelay. availableNow does not wait. */
  #isTooFew(from: PartitionOffsets, latest: PartitionOffsets): boolean {
    const { minOffsetsPerTrigger, maxTriggerDelayMs } = this.#options;
    if (minOffsetsPerTrigger === null || this.#pinned !== null) return false;
    const nowMs = Date.now();
    if (nowMs - this.#lastTriggerMs < maxTriggerDelayMs && offsetsBetween(from, latest) < minOffsetsPerTrigger) return true;
    this.#lastTriggerMs = nowMs;
    return false;
  }

  /**
   * What a batch can have without waiting at the broker: the planned offsets when they are fetched, and where the buffers are full, or a
   * broker is slow or away, as much as there is. So memory bounds a batch, and a batch once planned can be read.
   */
  async #fetchedPartOf(from: PartitionOffsets, planned: PartitionOffsets): Promise<Map<string, number>> {
    const startOf = (key: string) => from.get(key) ?? this.#earliest.get(key) ?? 0;
    const deadlineMs = Date.now() + PREFETCH_WAIT_MS;
    for (;;) {
      this.#fetcher.check();
      const part = new Map<string, number>();
      let isWhole = true;
      let hasAny = false;
      for (const [key, end] of planned) {
        const begin = startOf(key);
        const buffer = end > begin ? this.#bufferAt(key, begin) : undefined;
        const fetched = buffer === undefined ? end : Math.min(end, Math.max(begin, buffer.position));
        isWhole &&= fetched === end;
        hasAny ||= fetched > begin;
        part.set(key, fetched);
      }
      if (isWhole || this.#isClosed) return part;
      const leftMs = deadlineMs - Date.now();
      const isEnough = this.#fetcher.isFull || this.#fetcher.isFailing || leftMs <= 0;
      // With nothing at all the engine waits for data. With pinned ends that would look like the end, so it is waited for here.
      if (isEnough && (hasAny || this.#pinned === null)) return part;
      if (leftMs < -this.#options.pollTimeoutMs) throw this.#tooSlow(part, planned);
      await this.#fetcher.changed.wait(leftMs > 0 ? leftMs : PREFETCH_WAIT_MS);
    }
  }

  #bufferAt(key: string, offset: number): PartitionBuffer {
    const buffer = this.#fetcher.bufferOf(key, offset);
    if (offset < buffer.start || offset > buffer.position) {
      buffer.seek(offset);
      this.#fetcher.changed.notify();
    }
    return buffer;
  }

  /** Moves the ranges from the buffers into splits as they come in; what is packed makes room for more. */
  async #drain(pending: Map<PartitionBuffer, { from: number; readonly to: number }>, packer: SplitPacker): Promise<void> {
    let progressMs = Date.now();
    for (;;) {
      this.#fetcher.check();
      for (const [buffer, range] of pending) {
        const to = Math.min(range.to, buffer.position);
        // The log was cut back below the range and the options allow it: what is gone cannot come any more.
        if (buffer.truncatedTo !== null && buffer.truncatedTo <= range.from) pending.delete(buffer);
        if (to <= range.from) continue;
        const { from } = range;
        buffer.read(from, to, (batch, fromOffset) => packer.add(buffer, fromOffset, to, batch));
        buffer.release(to);
        range.from = to;
        progressMs = Date.now();
        if (to === range.to) pending.delete(buffer);
      }
      this.#fetcher.changed.notify();
      if (pending.size === 0) return;
      const [next] = pending.keys();
      if (this.#isClosed) throw fetchFailed((next as PartitionBuffer).key, 'the source was closed');
      const leftMs = progressMs + this.#options.pollTimeoutMs - Date.now();
      if (leftMs <= 0) throw fetchFailed((next as PartitionBuffer).key, `no records came for ${this.#options.pollTimeoutMs} ms`);
      await this.#fetcher.changed.wait(leftMs);
    }
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
      // While brokers are away only what is fetched can be read.
      const end = Math.max(this.#fetcher.isFailing ? -1 : (buffer?.end ?? -1), buffer?.position ?? -1);
      if (start === undefined) hasNewPartition = true;
      else if (end > start || (buffer?.truncatedTo ?? start) < start) isNew = true;
    }
    // A new partition whose leader does not answer yet is looked at again, but not without a pause.
    const newPartitionMs = this.#lookedMs + CATALOG_FRESH_MS - Date.now();
    if (hasNewPartition && newPartitionMs <= 0) return 0;
    if (hasNewPartition && !isNew) return newPartitionMs;
    const { minOffsetsPerTrigger, maxTriggerDelayMs } = this.#options;
    if (!isNew || minOffsetsPerTrigger === null) return isNew ? 0 : null;
    const ends = new Map([...from.keys()].map((key) => [key, Math.max(from.get(key) ?? 0, this.#fetcher.peek(key)?.end ?? 0)]));
    if (offsetsBetween(from, ends) >= minOffsetsPerTrigger) return 0;
    return Math.max(0, this.#lastTriggerMs + maxTriggerDelayMs - Date.now());
  }

  #fetchFrom(offsets: PartitionOffsets): void {
    for (const [key, offset] of offsets) this.#bufferAt(key, offset);
  }

  async #refreshIfOld(ageMs: number): Promise<void> {
    if (this.#isClosed || this.#catalog.ageMs < ageMs) return;
    // A cluster that does not answer now is asked again; the fetch loops report what is final.
    await this.#catalog.refresh().catch(() => {});
    this.#fetcher.followLeaders();
  }
}

function readOffset(offset: Offset): Map<string, number> {
  const offsets = fromOffsetJson(offset);
  if (offsets !== null) return offsets;
  throw new MillraceError('INTERNAL_ERROR', { parameters: { message: `${JSON.stringify(offset)} is no offset of Kafka` } });
}

function allAt(keys: Iterable<string>, timestampMs: number): Map<string, number> {
  return new Map([...keys].map((key) => [key, timestampMs]));
}

/** `millrace.splitBytes`, which the session has checked. */
function splitBytesOf(conf: Readonly<Record<string, string>>): number {
  const match = /^\s*(\d+)\s*([kmg]?)b?\s*$/i.exec(conf['millrace.splitBytes'] ?? '');
  const bytes = Number(match?.[1]) * 2 ** (10 * ' kmg'.indexOf((match?.[2] || ' ').toLowerCase()));
  return bytes >= 1 ? Math.min(bytes, SPLIT_BYTES_DEFAULT) : SPLIT_BYTES_DEFAULT;
}
