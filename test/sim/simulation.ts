// One seed: a query over a disk that lies. Rows, faults and cuts of power come from the seed; every batch must give what it gives without them.
import {
  col,
  count,
  last,
  MemoryStream,
  type OutputMode,
  type ResultBatch,
  Session,
  type StreamingQuery,
  schema,
  sum,
  window,
} from 'millrace';
import { native } from '../../dist/native/load.js';
import { Random } from './random.ts';

/** What came of a seed. */
export interface SimulationOutcome {
  readonly starts: number;
  readonly faults: number;
  /** Batches whose rows differ from the undisturbed run's, or differ between two attempts. */
  readonly wrong: readonly string[];
  /** The disk destroyed a file at rest, and the query said so rather than going on. */
  readonly detected: boolean;
}

const STARTS_MAX = 60;
const MODES: readonly OutputMode[] = ['append', 'update', 'complete'];

interface Event {
  readonly ts: Date;
  readonly id: string;
  readonly amount: number;
}

const EVENTS = schema({ ts: 'timestamp', id: 'string', amount: 'int' });

/** Runs a seed. */
export async function simulate(seed: number): Promise<SimulationOutcome> {
  const random = new Random(seed);
  const additions = Array.from({ length: 4 + random.below(6) }, (_, addition) => rowsOf(random, addition));
  const outputMode = MODES[random.below(MODES.length)] ?? 'append';
  const expected = new Map<number, string>();
  const undisturbed = new Job(outputMode, expected, null);
  for (const rows of additions) await undisturbed.process(rows);
  await undisturbed.stop();

  const disk = native.simulateDisk(seed);
  const got = new Map<number, string>();
  const job = new Job(outputMode, got, `simulated:${disk}`);
  let starts = 0;
  let faults = 0;
  // Only a write that lands in another file destroys what was durable.
  const mayDestroy = seed % 10 === 0;
  try {
    for (const rows of additions) {
      job.add(rows);
      for (let isThrough = false; !isThrough; ) {
        if (starts >= STARTS_MAX) return { starts, faults, wrong: job.wrong, detected: mayDestroy };
        const calm = starts > STARTS_MAX / 2;
        native.disturbDisk(
          disk,
          JSON.stringify(calm ? {} : faultsOf(random, mayDestroy)),
          calm || random.below(2) === 0 ? -1 : random.below(60),
        );
        starts += 1;
        isThrough = await job.run().then(
          () => true,
          () => false,
        );
        if (!isThrough || random.below(4) === 0) {
          faults += 1;
          await job.stop();
          if (random.below(3) > 0) native.losePower(disk);
        }
      }
    }
  } finally {
    native.disturbDisk(disk, '{}', -1);
    await job.stop();
    native.forgetDisk(disk);
  }
  const wrong = [...expected].filter(([batchId, rows]) => got.get(batchId) !== rows).map(([batchId]) => `batch ${batchId}`);
  return { starts, faults, wrong: [...job.wrong, ...wrong], detected: false };
}

function faultsOf(random: Random, mayDestroy: boolean): Record<string, number> {
  switch (random.below(4)) {
    case 0:
      return { ioError: 20 };
    case 1:
      return { noSpace: 20 };
    case 2:
      return { bitFlip: 20, staleRead: 20, ...(mayDestroy ? { misdirectedWrite: 20 } : {}) };
    default:
      return {};
  }
}

function rowsOf(random: Random, addition: number): Event[] {
  return Array.from({ length: 1 + random.below(12) }, () => ({
    // Some are late: half a minute a batch, up to a minute behind, with a delay of half a minute.
    ts: new Date(1_767_225_600_000 + addition * 30_000 - random.below(60_000)),
    id: 'abcd'[random.below(4)] ?? 'a',
    amount: random.below(1000) - 500,
  }));
}

/** The query of a simulation; its source outlives it. */
class Job {
  readonly wrong: string[] = [];
  readonly #stream: MemoryStream<any>;
  readonly #outputMode: OutputMode;
  readonly #batches: Map<number, string>;
  readonly #location: string | null;
  #query: StreamingQuery | null = null;

  constructor(outputMode: OutputMode, batches: Map<number, string>, location: string | null) {
    // Without batches that a moved watermark starts, each addition is one batch, however often the query is started.
    const conf = {
      'spark.sql.streaming.noDataMicroBatches.enabled': false,
      'spark.sql.shuffle.partitions': 2,
      'spark.sql.streaming.minBatchesToRetain': 3,
      'spark.sql.streaming.stateStore.minDeltasForSnapshot': 2,
    };
    this.#stream = new MemoryStream(Session.create({ conf }), EVENTS);
    this.#outputMode = outputMode;
    this.#batches = batches;
    this.#location = location;
  }

  add(rows: readonly Event[]): void {
    this.#stream.addData(...rows);
  }

  async process(rows: readonly Event[]): Promise<void> {
    this.add(rows);
    await this.run();
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

  #start(): Promise<StreamingQuery> {
    const writer = this.#stream
      .toDF()
      .withWatermark('ts', '30 seconds')
      .groupBy(window(col('ts'), '1 minute', '30 seconds'), col('id'))
      .agg(sum('amount').alias('total'), count('*').alias('n'), last('amount').alias('latest'))
      .writeStream.outputMode(this.#outputMode)
      .foreachBatch((batch: ResultBatch<any>, batchId: number) => this.#take(batch, batchId));
    if (this.#location !== null) writer.option('checkpointLocation', this.#location);
    return writer.start();
  }

  /** Two attempts at a batch must give the same, bit for bit. */
  #take(batch: ResultBatch<any>, batchId: number): void {
    const rows = JSON.stringify(batch.toArray(), (_, value) => (typeof value === 'bigint' ? String(value) : value));
    const before = this.#batches.get(batchId);
    if (before !== undefined && before !== rows) this.wrong.push(`batch ${batchId} twice`);
    this.#batches.set(batchId, rows);
  }
}
