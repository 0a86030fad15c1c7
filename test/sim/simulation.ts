// One seed: a query over a disk that lies. Rows, faults and cuts of power come from the seed; every batch must give what it gives without them.
import { MemoryStream, type ResultBatch, Session, type StreamingQuery, schema } from 'millrace';
import { native } from '../../dist/native/load.js';
import { rowsWithout, rowText } from '../row-text.ts';
import { anyQuery, type SimulatedQuery } from './queries.ts';
import { Random } from './random.ts';

/** What came of a seed. */
export interface SimulationOutcome {
  /** Which query, in which output mode. */
  readonly query: string;
  readonly starts: number;
  readonly faults: number;
  /** Batches that gave other rows when they ran again. */
  readonly torn: readonly number[];
  /** Rows of the undisturbed run that are missing, by batch. */
  readonly lost: readonly string[];
  /** Rows that the undisturbed run does not have, by batch. */
  readonly duplicated: readonly string[];
  /** The disk destroyed a file at rest, and the query said so rather than going on. */
  readonly detected: boolean;
}

const STARTS_MAX = 60;

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
  const query = anyQuery(random);
  const name = `${query.name}, ${query.outputMode}`;
  const expected = new Map<number, readonly string[]>();
  const undisturbed = new Job(query, expected, null);
  for (const rows of additions) await undisturbed.process(rows);
  await undisturbed.stop();

  const disk = native.simulateDisk(seed);
  const got = new Map<number, readonly string[]>();
  const job = new Job(query, got, `simulated:${disk}`);
  let starts = 0;
  let faults = 0;
  // Only a write that lands in another file destroys what was durable.
  const mayDestroy = seed % 10 === 0;
  try {
    for (const rows of additions) {
      job.add(rows);
      for (let isThrough = false; !isThrough; ) {
        if (starts >= STARTS_MAX) return { query: name, starts, faults, torn: job.torn, lost: [], duplicated: [], detected: mayDestroy };
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
  const lost = [...expected].flatMap(([batchId, rows]) => ofBatch(batchId, rowsWithout(rows, got.get(batchId) ?? [])));
  const duplicated = [...got].flatMap(([batchId, rows]) => ofBatch(batchId, rowsWithout(rows, expected.get(batchId) ?? [])));
  return { query: name, starts, faults, torn: job.torn, lost, duplicated, detected: false };
}

function ofBatch(batchId: number, rows: readonly string[]): string[] {
  return rows.map((row) => `batch ${batchId}: ${row}`);
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

/** The query of a simulation; its sources outlive it. */
class Job {
  readonly torn: number[] = [];
  readonly #streams: readonly [MemoryStream<any>, MemoryStream<any>];
  readonly #simulated: SimulatedQuery;
  readonly #batches: Map<number, readonly string[]>;
  readonly #location: string | null;
  #query: StreamingQuery | null = null;

  constructor(simulated: SimulatedQuery, batches: Map<number, readonly string[]>, location: string | null) {
    // Without batches that a moved watermark starts, each addition is one batch, however often the query is started.
    const conf = {
      'spark.sql.streaming.noDataMicroBatches.enabled': false,
      // Of two watermarks a restart brings back only the query's own, as in Spark: under `min` a restarted query may be behind for a while.
      'spark.sql.streaming.multipleWatermarkPolicy': 'max',
      'spark.sql.shuffle.partitions': 2,
      'spark.sql.streaming.minBatchesToRetain': 3,
      'spark.sql.streaming.stateStore.minDeltasForSnapshot': 2,
    };
    const session = Session.create({ conf });
    this.#streams = [new MemoryStream(session, EVENTS), new MemoryStream(session, EVENTS)];
    this.#simulated = simulated;
    this.#batches = batches;
    this.#location = location;
  }

  /** Half of the rows come in by each stream. */
  add(rows: readonly Event[]): void {
    const half = Math.ceil(rows.length / 2);
    this.#streams[0].addData(...rows.slice(0, half));
    this.#streams[1].addData(...rows.slice(half));
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
    const { build, outputMode } = this.#simulated;
    const [left, right] = this.#streams;
    const writer = build(left.toDF(), right.toDF())
      .writeStream.outputMode(outputMode)
      .foreachBatch((batch: ResultBatch<any>, batchId: number) => this.#take(batch, batchId));
    if (this.#location !== null) writer.option('checkpointLocation', this.#location);
    return writer.start();
  }

  /** Two attempts at a batch must give the same, bit for bit. */
  #take(batch: ResultBatch<any>, batchId: number): void {
    const rows = batch.toArray().map(rowText);
    const before = this.#batches.get(batchId);
    if (before !== undefined && before.join('\n') !== rows.join('\n')) this.torn.push(batchId);
    this.#batches.set(batchId, rows);
  }
}
