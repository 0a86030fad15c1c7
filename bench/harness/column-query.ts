// A query over columns, opened by hand: its native calls one by one, without a loop, offsets or workers around them.
import { type DataFrame, MemoryStream, type OutputMode, type ResultBatch, type Schema, Session } from 'millrace';
import { type ColumnInput, type EncodedColumns, encodeColumns } from '../../dist/batch/encode-columns.js';
import type { MapReport, QueryDescription } from '../../dist/engine/query-description.js';
import { native } from '../../dist/native/load.js';
import { planToJson } from '../../dist/plan/plan-json.js';
import { ResultBatch as ResultBatchReader } from '../../dist/result/result-batch.js';

const BATCH_SPEC = JSON.stringify({ lateWatermarkMs: 0, evictWatermarkMs: 0, batchTimestampMs: 0 });

/** The query and its newest batch. */
export class ColumnQuery<T> {
  readonly handle: number;
  readonly #description: QueryDescription;
  readonly #stream: MemoryStream<T>;
  #batchId = -1;

  /** `build` makes the query out of the stream of `schema`. */
  constructor(schema: Schema<T>, build: (input: DataFrame<T>) => DataFrame<any>, outputMode: OutputMode = 'update') {
    const session = Session.create();
    this.#stream = new MemoryStream(session, schema);
    const { plan } = build(this.#stream.toDF());
    const text = native.openQuery(planToJson(plan), JSON.stringify(session.conf.getAll()), outputMode);
    this.#description = JSON.parse(text) as QueryDescription;
    this.handle = this.#description.handle;
  }

  /** Columns in the form in which they are handed over. */
  encode(columns: Readonly<Record<string, ColumnInput>>): EncodedColumns {
    return encodeColumns(this.#stream.schema, columns);
  }

  /** Begins a batch; what the one before left unfinished is dropped. */
  begin(): number {
    this.#batchId += 1;
    native.beginBatch(this.handle, this.#batchId, BATCH_SPEC);
    return this.#batchId;
  }

  /** The SplitSpec of columns, for who hands them over by another way than `map`. */
  get splitSpec(): string {
    return JSON.stringify({ source: this.#description.sources[0]?.source, format: 'columns' });
  }

  /** A map task: from bytes to partial groups, or to rows where the query does not group. Returns how many rows it read. */
  map({ bytes }: EncodedColumns): number {
    const report = native.mapSplit(this.handle, this.#batchId, 0, this.splitSpec, [new Uint8Array(bytes)]);
    return (JSON.parse(report) as MapReport).numInputRows;
  }

  /** The reduce tasks: partial groups into the state, and out of it. */
  reduce(): void {
    for (const [stage, { numShards }] of this.#description.stages.entries())
      native.reduceShards(this.handle, this.#batchId, stage, 0, numShards);
  }

  /** Ends the batch: its result as bytes. */
  finish(): Uint8Array {
    return native.finishBatch(this.handle, this.#batchId);
  }

  /** Begin to end: a whole batch. */
  batch(columns: EncodedColumns): ResultBatch {
    this.begin();
    this.map(columns);
    this.reduce();
    return new ResultBatchReader(this.finish());
  }

  close(): void {
    native.closeQuery(this.handle);
  }
}

/** Throws unless the two are equal. */
export function expectEqual(found: unknown, expected: unknown, what: string): void {
  if (found !== expected) throw new Error(`${what}: found ${String(found)}, expected ${String(expected)}`);
}
