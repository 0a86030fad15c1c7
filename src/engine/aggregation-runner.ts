// An aggregation without sources, sinks or a loop: columns are pushed, result batches are taken.
import type { EncodedColumns } from '../batch/encode-columns.js';
import { MillraceError } from '../error/millrace-error.js';
import { native } from '../native/load.js';
import type { Relation } from '../plan/nodes.generated.js';
import { planToJson } from '../plan/plan-json.js';
import { leasePool, type PoolLease } from '../pool/worker-pool.js';
import type { ResultBatch } from '../result/result-batch.js';
import type { OutputMode } from '../sink/sink.js';
import { columnsSplit } from '../source/columns-split.js';
import type { Split } from '../source/source.js';
import { abortBatch, type BatchTarget, beginBatch, finishBatch, isSmall, mapInline, mapInPool, reduceStages } from './batch-work.js';
import type { Conf } from './conf-values.js';
import type { MapReport, QueryDescription } from './query-description.js';
import { type QuerySettings, readSettings } from './query-settings.js';
import { mergeEventTimeStats, WatermarkTracker } from './watermark.js';

/** How many pushes each worker may have waiting before `push` waits for one to finish. */
const PUSHES_PER_WORKER_MAX = 2;

/** What is open between the first push after a `finish` and the next `finish`. */
interface OpenBatch {
  readonly target: BatchTarget;
  readonly splits: Split[];
  readonly reports: MapReport[];
  readonly running: Set<Promise<void>>;
  failure: unknown;
}

/** What a state file says about the batch that comes next. */
interface SavedState {
  readonly watermarkMs: number;
  readonly lateWatermarkMs: number;
  readonly batchId: number;
}

/**
 * Runs a plan over columns that the program hands over. Each `finish` is a micro-batch: late rows, eviction and watermark follow the same rules as in
 * a streaming query. Calls are made one after another; after a failure only `close` is left.
 */
export class AggregationRunner {
  readonly #description: QueryDescription;
  readonly #settings: QuerySettings;
  readonly #source: number;
  readonly #pool: PoolLease;
  readonly #watermark: WatermarkTracker;
  #nextBatchId = 0;
  #previousWatermarkMs = 0;
  #stateRows = 0;
  #batch: OpenBatch | null = null;
  #isUsable = true;
  #isClosed = false;

  private constructor(description: QueryDescription, settings: QuerySettings, source: number, threads: number) {
    this.#description = description;
    this.#settings = settings;
    this.#source = source;
    this.#pool = leasePool(threads);
    this.#watermark = new WatermarkTracker(description.watermarks, settings.watermarkPolicy);
  }

  /**
   * Compiles a plan of one source of columns. `threads`: 1 works on the calling thread, more in that many workers, 0 in one per core.
   * Rejects with what is wrong with the plan.
   */
  static async open(plan: Relation, conf: Conf, outputMode: OutputMode, threads: number): Promise<AggregationRunner> {
    const settings = readSettings(conf);
    const text = native.openQuery(planToJson(plan), JSON.stringify(conf), outputMode);
    const description = JSON.parse(text) as QueryDescription;
    const [source] = description.sources;
    if (source === undefined || description.sources.length > 1) {
      native.closeQuery(description.handle);
      const reason = `the plan has ${description.sources.length} sources; an aggregation runs over one`;
      throw new MillraceError('ARGUMENT_INVALID', { parameters: { function: 'AggregationRunner.open', reason } });
    }
    return new AggregationRunner(description, settings, source.source, threads);
  }

  /**
   * Aggregates columns of the source's schema. With workers it resolves when there is room for the next push, so that pushes overlap;
   * a failure then comes with a later call. Rejects with what a row's evaluation raised, STATE_MEMORY_LIMIT_EXCEEDED, WORKER_LOST, ...
   */
  async push(batch: EncodedColumns): Promise<void> {
    await this.#guarded(async () => {
      const open = this.#openBatch();
      const split = columnsSplit(this.#source, batch.bytes);
      const task = open.splits.push(split) - 1;
      if (this.#pool.workers <= 1 || split.byteLength <= this.#settings.inlineBytesMax) {
        open.reports.push(mapInline(open.target, split, task));
        return;
      }
      this.#dispatch(open, split, task);
      while (open.running.size >= PUSHES_PER_WORKER_MAX * this.#pool.workers) await Promise.race(open.running);
      if (open.failure !== null) throw open.failure;
    });
  }

  /** Ends the batch: state is updated, closed windows are evicted, and the rows that the output mode asks for come back. */
  async finish(): Promise<ResultBatch> {
    return this.#guarded(async () => {
      const open = this.#openBatch();
      await Promise.all(open.running);
      if (open.failure !== null) throw open.failure;
      const staysHere = isSmall(open.target, open.splits, this.#stateRows);
      await reduceStages(open.target, staysHere);
      const result = await finishBatch(open.target, staysHere, this.#settings);
      this.#batch = null;
      this.#previousWatermarkMs = this.#watermark.currentMs;
      this.#watermark.update(mergeEventTimeStats(open.reports.map((report) => report.eventTime)));
      this.#nextBatchId += 1;
      this.#stateRows = result.counters.stateOperators.reduce((sum, operator) => sum + operator.numRowsTotal, 0);
      return result;
    });
  }

  /** Writes the state to one durable, checksummed file. Pushed rows that no `finish` has taken in are refused: ARGUMENT_INVALID. */
  async saveState(path: string): Promise<void> {
    this.#refuseOpenBatch('saveState');
    native.saveState(this.#description.handle, path, this.#watermark.currentMs, this.#previousWatermarkMs);
  }

  /** Goes on from a file that `saveState` wrote. Throws STATE_FILE_CORRUPT, STATE_FILE_MISMATCH. */
  async loadState(path: string): Promise<void> {
    this.#refuseOpenBatch('loadState');
    const saved = JSON.parse(native.loadState(this.#description.handle, path)) as SavedState;
    this.#watermark.restore(saved.watermarkMs);
    this.#previousWatermarkMs = saved.lateWatermarkMs;
    this.#nextBatchId = saved.batchId + 1;
  }

  /** Frees the state and gives the workers back. A batch that is open is dropped. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isUsable = false;
    await this.#dropBatch();
    await this.#pool.release();
    native.closeQuery(this.#description.handle);
  }

  /** A batch begins with the first push or `finish` after the last one's end. */
  #openBatch(): OpenBatch {
    if (this.#batch !== null) return this.#batch;
    const { handle, stages } = this.#description;
    const target = {
      handle,
      stages,
      batchId: this.#nextBatchId,
      pool: this.#pool,
      programs: new Map(),
      inlineBytesMax: this.#inlineBytesMax(),
    };
    beginBatch(target, {
      lateWatermarkMs: this.#previousWatermarkMs,
      evictWatermarkMs: this.#watermark.currentMs,
      batchTimestampMs: Date.now(),
    });
    this.#batch = { target, splits: [], reports: [], running: new Set(), failure: null };
    return this.#batch;
  }

  /** One thread means the calling one, whatever the size of the input. */
  #inlineBytesMax(): number {
    return this.#pool.workers <= 1 ? Number.POSITIVE_INFINITY : this.#settings.inlineBytesMax;
  }

  #dispatch(open: OpenBatch, split: Split, task: number): void {
    const running = mapInPool(open.target, split, task)
      .then(
        (report) => void open.reports.push(report),
        (error: unknown) => {
          open.failure ??= error;
        },
      )
      .finally(() => open.running.delete(running));
    open.running.add(running);
  }

  /** A failure leaves half a batch behind: it is dropped, and the runner refuses further work. */
  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#isUsable) throw new MillraceError('QUERY_NOT_ACTIVE', { parameters: { name: 'aggregation' } });
    try {
      return await work();
    } catch (error) {
      this.#isUsable = false;
      await this.#dropBatch();
      throw error;
    }
  }

  async #dropBatch(): Promise<void> {
    const open = this.#batch;
    this.#batch = null;
    if (open === null) return;
    await Promise.all(open.running);
    abortBatch(open.target);
  }

  #refuseOpenBatch(name: string): void {
    if (this.#batch === null) return;
    const reason = 'rows were pushed since the last update; take their results first';
    throw new MillraceError('ARGUMENT_INVALID', { parameters: { function: `WindowAggregator.${name}`, reason } });
  }
}
