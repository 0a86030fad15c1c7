// Fetches ahead in the background: one loop per leading broker fills the partitions' buffers with raw record sets, bounded by bytes.
import { MillraceError } from '../../error/millrace-error.js';
import { backoffMs, ChangeSignal } from './change-signal.js';
import type { ClientSettings } from './client-settings.js';
import { type ClusterLink, type FetchRequest, protocolErrorName } from './cluster-link.js';
import type { FetchedPartition } from './fetch-response.js';
import { fetchFailed, isFinal, isRetriableCode, OFFSET_OUT_OF_RANGE, unreachable } from './kafka-error.js';
import { partitionKey } from './offset-plan.js';
import { BUFFER_BYTES_MAX, PartitionBuffer } from './partition-buffer.js';
import { ignoreUnlessFinal, type PartitionCatalog } from './partition-catalog.js';
import type { Received } from './receive-memory.js';
import { dropAborted, measureRecordSet } from './record-set.js';

/** Answers without a record before a hole in the log is believed: the first may be due to the sizes in the request. */
const EMPTY_ANSWERS_MAX = 3;

/** A partition's part of an answer. */
interface PartitionAnswer extends FetchedPartition {
  readonly received: Received;
  /** Whether the answer had room for more records than it has. */
  readonly hadRoom: boolean;
}

/** The background readers of one source. */
export class RecordFetcher {
  /** Fires when anything that a batch may wait for has changed. */
  readonly changed = new ChangeSignal();
  readonly #link: ClusterLink;
  readonly #catalog: PartitionCatalog;
  readonly #settings: ClientSettings;
  readonly #buffers = new Map<string, PartitionBuffer>();
  readonly #loops = new Map<number, Promise<void>>();
  #failure: MillraceError | null = null;
  #failingNodes = new Set<number>();
  #isClosed = false;

  constructor(link: ClusterLink, catalog: PartitionCatalog, settings: ClientSettings) {
    this.#link = link;
    this.#catalog = catalog;
    this.#settings = settings;
  }

  /** The buffer of a partition, made at `offset` where there is none. */
  bufferOf(key: string, offset: number): PartitionBuffer {
    let buffer = this.#buffers.get(key);
    if (buffer === undefined) {
      buffer = new PartitionBuffer(key, offset);
      this.#buffers.set(key, buffer);
      this.followLeaders();
    }
    return buffer;
  }

  /** The buffer of a partition, made to hold or fetch `offset`: it starts anew there where it was elsewhere. */
  bufferAt(key: string, offset: number): PartitionBuffer {
    const buffer = this.bufferOf(key, offset);
    if (offset < buffer.start || offset > buffer.position) {
      buffer.seek(offset);
      this.changed.notify();
    }
    return buffer;
  }

  /** The buffer of a partition that is being fetched. */
  peek(key: string): PartitionBuffer | undefined {
    return this.#buffers.get(key);
  }

  /** Partitions that are gone are not fetched any more. */
  forget(key: string): void {
    this.#buffers.get(key)?.clear();
    this.#buffers.delete(key);
  }

  /** Whether the buffers are full, so that more is fetched only where a batch waits for it. */
  get isFull(): boolean {
    let bytes = 0;
    for (const buffer of this.#buffers.values()) bytes += buffer.bytes;
    return bytes >= BUFFER_BYTES_MAX;
  }

  /** Whether some broker does not answer at present; the loops keep trying. */
  get isFailing(): boolean {
    return this.#failingNodes.size > 0;
  }

  /** Throws what makes reading on impossible. */
  check(): void {
    if (this.#failure !== null) throw this.#failure;
    for (const { failure } of this.#buffers.values()) if (failure !== null) throw failure;
  }

  /** Whether `check` would throw. */
  get hasFailed(): boolean {
    return this.#failure !== null || [...this.#buffers.values()].some(({ failure }) => failure !== null);
  }

  /** Whether `close` was called. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Starts a loop for every broker that leads a partition and has none; called after the leaders may have changed. */
  followLeaders(): void {
    if (this.#isClosed) return;
    for (const key of this.#buffers.keys()) {
      const node = this.#catalog.leaders.get(key) ?? -1;
      if (node < 0 || this.#loops.has(node)) continue;
      const loop = this.#run(node).finally(() => {
        this.#loops.delete(node);
        this.#failingNodes.delete(node);
      });
      this.#loops.set(node, loop);
    }
    this.changed.notify();
  }

  /** Ends all loops. The link must be closed too, which ends the fetches under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.changed.notify();
    await Promise.all(this.#loops.values());
  }

  /** One broker's loop. It ends when the broker leads nothing any more; it never rejects. */
  async #run(node: number): Promise<void> {
    let failures = 0;
    // The first partition of a request is sure to be served, so each has its turn.
    for (let turn = 0; !this.#isClosed && this.#leadsAny(node); turn += 1) {
      const due = this.#dueOf(node, turn);
      if (due.length === 0) {
        await this.changed.wait();
        continue;
      }
      try {
        await this.#fetch(node, due);
        failures = 0;
        this.#failingNodes.delete(node);
      } catch (error) {
        if (this.#isClosed) return;
        failures += 1;
        this.#failingNodes.add(node);
        await this.#recover(error, failures);
      }
      this.changed.notify();
    }
  }

  #leadsAny(node: number): boolean {
    for (const key of this.#buffers.keys()) if (this.#catalog.leaders.get(key) === node) return true;
    return false;
  }

  #dueOf(node: number, turn: number): PartitionBuffer[] {
    if (this.#failure !== null) return [];
    const { isFull } = this;
    const shareOf = this.#memoryShares();
    const due: PartitionBuffer[] = [];
    for (const buffer of this.#buffers.values()) {
      if (this.#catalog.leaders.get(buffer.key) !== node || buffer.failure !== null || buffer.outOfRange !== null) continue;
      const hasRoom = !isFull && (buffer.position >= buffer.end || buffer.bytes < shareOf(buffer));
      if (hasRoom || buffer.position < buffer.wantedTo) due.push(buffer);
    }
    const doubtful = due.find(({ emptyAnswers }) => emptyAnswers > 0);
    if (doubtful !== undefined && turn % 2 === 0) return [doubtful];
    const first = due.length === 0 ? 0 : turn % due.length;
    return [...due.slice(first), ...due.slice(0, first)];
  }

  /** A partition with more to read has more of the memory: so all of them get on evenly, and their events stay side by side. */
  #memoryShares(): (buffer: PartitionBuffer) => number {
    const leftOf = ({ start, end }: PartitionBuffer) => Math.max(0, end - start);
    let left = 0;
    for (const buffer of this.#buffers.values()) left += leftOf(buffer);
    return (buffer) => (left === 0 ? BUFFER_BYTES_MAX : (BUFFER_BYTES_MAX * leftOf(buffer)) / left);
  }

  async #fetch(node: number, due: readonly PartitionBuffer[]): Promise<void> {
    const asked = new Map(due.map((buffer) => [buffer.key, buffer.position]));
    const { fetchWaitMaxMs, fetchBytesMax, partitionFetchBytesMax } = this.#settings;
    const request: FetchRequest = {
      waitMaxMs: fetchWaitMaxMs,
      bytesMax: fetchBytesMax,
      partitions: due.map((buffer) => ({
        topic: buffer.topic,
        partition: buffer.partition,
        fetchOffset: buffer.position,
        bytesMax: partitionFetchBytesMax,
      })),
    };
    const { partitions, received } = await this.#link.fetch(node, request);
    try {
      const hadRoom = partitions.reduce((bytes, { recordSet }) => bytes + recordSet.length, 0) < fetchBytesMax / 2;
      let error: Error | null = null;
      for (const partition of partitions) {
        const buffer = this.#buffers.get(partitionKey(partition));
        // A batch may have sent the buffer elsewhere in the meantime: then this answer is for nobody.
        if (buffer === undefined || buffer.position !== asked.get(buffer.key)) continue;
        error = (await this.#accept(buffer, { ...partition, received, hadRoom })) ?? error;
      }
      if (error !== null) throw error;
    } finally {
      received.release();
    }
  }

  /** Takes a partition's answer; gives an error that new metadata and another try may heal. */
  async #accept(buffer: PartitionBuffer, answer: PartitionAnswer): Promise<Error | null> {
    if (answer.errorCode === OFFSET_OUT_OF_RANGE) return this.#markOutOfRange(buffer);
    if (isRetriableCode(answer.errorCode)) return new Error(`${buffer.key}: ${protocolErrorName(answer.errorCode)}`);
    if (answer.errorCode !== 0) {
      buffer.failure = fetchFailed(buffer.key, protocolErrorName(answer.errorCode));
      return null;
    }
    buffer.end = this.#settings.readCommitted ? answer.lastStableOffset : answer.highWatermark;
    try {
      this.#take(buffer, answer);
    } catch (error) {
      buffer.failure = error instanceof MillraceError ? error : fetchFailed(buffer.key, String(error), error);
    }
    return null;
  }

  #take(buffer: PartitionBuffer, { recordSet, abortedTransactions, received, hadRoom }: PartitionAnswer): void {
    const { wholeBytes, nextOffset } = measureRecordSet(recordSet, buffer);
    if (nextOffset > buffer.position) {
      const whole = recordSet.subarray(0, wholeBytes);
      const visible =
        this.#settings.readCommitted && abortedTransactions.length > 0 ? dropAborted(whole, buffer, abortedTransactions) : [whole];
      buffer.append(visible, nextOffset, received);
      return;
    }
    // Only an answer that had room for more says something about the log; a partition in doubt is also asked about alone.
    if (buffer.position >= buffer.end || !hadRoom) return;
    buffer.emptyAnswers += 1;
    if (buffer.emptyAnswers < EMPTY_ANSWERS_MAX) return;
    if (recordSet.length > 0) throw fetchFailed(buffer.key, `no whole record batch at offset ${buffer.position}: its length is wrong`);
    // Compaction or deletion has left nothing up to the end of the log.
    buffer.skipTo(buffer.end);
  }

  /** The log begins after, or ends before, the offset that was asked for: who reads there decides what that means. */
  async #markOutOfRange(buffer: PartitionBuffer): Promise<Error | null> {
    const { key, position } = buffer;
    const range = await this.#catalog.logRange(key);
    if (range === null || buffer.position !== position) return new Error(`${key}: the log's ends are not known`);
    if (position >= range.earliest && position <= range.latest) return new Error(`${key}: offset ${position} is out of range`);
    buffer.outOfRange = range;
    return null;
  }

  /** Pauses, longer each time, then asks who leads now. Only what time cannot heal ends the query. */
  async #recover(error: unknown, failures: number): Promise<void> {
    if (isFinal(error)) {
      this.#fail(error);
      return;
    }
    this.changed.notify();
    const { retryBackoffMs, retryBackoffMaxMs } = this.#settings;
    const dueMs = Date.now() + backoffMs(failures, retryBackoffMs, retryBackoffMaxMs);
    // Other changes wake too; the pause is kept, only closing cuts it short.
    for (let leftMs = dueMs - Date.now(); leftMs > 0 && !this.#isClosed; leftMs = dueMs - Date.now()) await this.changed.wait(leftMs);
    if (this.#isClosed) return;
    try {
      await this.#catalog.refresh().catch(ignoreUnlessFinal);
    } catch (final) {
      this.#fail(final);
    }
    this.followLeaders();
  }

  #fail(error: unknown): void {
    this.#failure ??= unreachable(this.#settings.bootstrapServers, error);
    this.changed.notify();
  }
}
