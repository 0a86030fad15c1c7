// The query of a simulation: started and stopped as often as it takes, while its sources outlive it.
import { MemoryStream, type OutputMode, type ResultBatch, type Session, type StreamingQuery } from 'millrace';
import { ManualClock } from '../../dist/engine/clock.js';
import { clockedSession } from '../clocked-session.ts';
import { rowText } from '../row-text.ts';
import { EVENTS, type StatefulQuery } from '../stateful-queries.ts';
import { type Disks, locationOf } from './disks.ts';
import { writtenFiles } from './written-files.ts';

/** A query and how it is written. */
export interface SimulatedQuery extends Omit<StatefulQuery, 'modes'> {
  readonly outputMode: OutputMode;
  /** A function of the program, or files with a manifest; late rows go the same way. */
  readonly sink: 'program' | 'files';
}

/** A row of either stream. */
export interface Event {
  readonly ts: Date;
  readonly id: string;
  readonly amount: number;
}

/** How far the clock goes from one addition to the next. */
const ADDITION_MS = 25_000;

/** What a query gave out: rows by where they came out. */
export type Output = ReadonlyMap<string, readonly string[]>;

/** A query with its two streams. */
export class Job {
  /** Batches that gave other rows when they ran again. */
  readonly #torn: string[] = [];
  readonly #batches = new Map<string, readonly string[]>();
  readonly #streams: readonly [MemoryStream<any>, MemoryStream<any>];
  readonly #simulated: SimulatedQuery;
  readonly #disks: Disks | null;
  readonly #onBatch: (name: string) => void | Promise<void>;
  readonly #session: Session;
  readonly #clock = new ManualClock(1_767_225_600_000);
  #query: StreamingQuery | null = null;

  /** Without disks nothing is kept. `onBatch` is the program's part in each batch that it is given. */
  constructor(simulated: SimulatedQuery, disks: Disks | null, onBatch: (name: string) => void | Promise<void> = () => {}) {
    // Without batches that a moved watermark starts, each addition is one batch, however often the query is started.
    const conf = {
      'spark.sql.streaming.noDataMicroBatches.enabled': false,
      // Of two watermarks a restart brings back only the query's own, as in Spark: under `min` a restarted query may be behind for a while.
      'spark.sql.streaming.multipleWatermarkPolicy': 'max',
      'spark.sql.shuffle.partitions': 2,
      'spark.sql.streaming.minBatchesToRetain': 3,
      'spark.sql.streaming.stateStore.minDeltasForSnapshot': 2,
    };
    // Time is the machine's: it goes on with each addition, whenever the query is started.
    this.#session = clockedSession(this.#clock, conf);
    this.#streams = [new MemoryStream(this.#session, EVENTS), new MemoryStream(this.#session, EVENTS)];
    this.#simulated = simulated;
    this.#disks = disks;
    this.#onBatch = onBatch;
  }

  /** How starts from here on run. */
  set(name: string, value: string | number): void {
    this.#session.conf.set(name, value);
  }

  /** Half of the rows come in by each stream. */
  add(rows: readonly Event[]): void {
    this.#clock.advance(ADDITION_MS);
    const half = Math.ceil(rows.length / 2);
    this.#streams[0].addData(...rows.slice(0, half));
    this.#streams[1].addData(...rows.slice(half));
  }

  /** Runs until all is processed. Rejects with the query's failure. */
  async run(): Promise<void> {
    this.#query ??= await this.#start();
    await this.#query.processAllAvailable();
  }

  async stop(): Promise<void> {
    await this.#query?.stop();
    this.#query = null;
  }

  /** Starts the query beside itself, as locks that do not reach allow it. The one that had the checkpoint, a zombie from here on, is handed back. */
  async takeOver(): Promise<StreamingQuery | null> {
    const zombie = this.#query;
    this.#disks?.losePower();
    this.#query = await this.#start();
    return zombie;
  }

  /** What came out by now, and what of it is torn. */
  output(): { readonly rows: Output; readonly torn: readonly string[] } {
    if (this.#simulated.sink === 'program' || this.#disks === null) return { rows: this.#batches, torn: this.#torn };
    const [output, late] = [writtenFiles(this.#disks.output), writtenFiles(this.#disks.late)];
    return {
      rows: new Map([
        ['files', output.rows],
        ['late rows', late.rows],
      ]),
      torn: [...output.torn, ...late.torn],
    };
  }

  #start(): Promise<StreamingQuery> {
    const { build, outputMode, sink } = this.#simulated;
    const [left, right] = this.#streams;
    const writer = build(left.toDF(), right.toDF()).writeStream.outputMode(outputMode);
    if (this.#disks !== null) writer.option('checkpointLocation', locationOf(this.#disks.checkpoint));
    if (sink === 'files' && this.#disks !== null) {
      return writer.lateRows(locationOf(this.#disks.late)).format('json').start(locationOf(this.#disks.output));
    }
    return writer
      .lateRows((batch: ResultBatch<any>, batchId: number) => this.#take(batch, `late rows of batch ${batchId}`))
      .foreachBatch((batch: ResultBatch<any>, batchId: number) => this.#take(batch, `batch ${batchId}`))
      .start();
  }

  /** Two attempts at a batch must give the same, bit for bit. */
  async #take(batch: ResultBatch<any>, name: string): Promise<void> {
    const rows = batch.toArray().map(rowText);
    await this.#onBatch(name);
    const before = this.#batches.get(name);
    if (before !== undefined && before.join('\n') !== rows.join('\n')) this.#torn.push(name);
    this.#batches.set(name, rows);
  }
}
