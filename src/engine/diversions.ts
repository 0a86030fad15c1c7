// Records that do not go on: those whose evaluation raised and those that came too late, batch by batch into sinks of their own.
import { native } from '../native/load.js';
import { ResultBatch, type ShowStyle } from '../result/result-batch.js';
import type { Sink, SinkQuery } from '../sink/sink.js';
import type { BatchTarget } from './batch-work.js';

/** The sinks of a query's diverted records, each where it was asked for. */
export interface Diversions {
  /** Gets the records whose decoding or evaluation raised; without it the first such record ends the query. */
  readonly badRecords?: Sink;
  /** Gets the records that were behind the watermark in all their windows; without it they are counted alone. */
  readonly lateRows?: Sink;
}

/** Where a diverted record came from: null for what its source has not. */
const RECORD_DDL = 'value BINARY, topic STRING, partition INT, offset BIGINT, path STRING, byte BIGINT';

/** The columns of bad records. */
export const BAD_RECORDS_DDL = `${RECORD_DDL}, errorClass STRING NOT NULL, message STRING NOT NULL, column STRING NOT NULL`;

/** The columns of late rows. */
export const LATE_ROWS_DDL = `${RECORD_DDL}, eventTime TIMESTAMP NOT NULL, watermark TIMESTAMP NOT NULL, latenessMs BIGINT NOT NULL`;

const KINDS = ['badRecords', 'lateRows'] as const;

/** Says to Rust what is to be kept, and opens the sinks; `opened` takes what closes them again. */
export async function openDiversions(
  handle: number,
  diversions: Diversions,
  query: SinkQuery,
  opened: (() => void | Promise<void> | undefined)[],
): Promise<void> {
  const { badRecords, lateRows } = diversions;
  if (badRecords === undefined && lateRows === undefined) return;
  native.divertRows(handle, badRecords !== undefined, lateRows !== undefined);
  for (const sink of [badRecords, lateRows]) {
    await sink?.open?.(query);
    opened.push(() => sink?.close?.());
  }
}

/** Whether any records are written beside the rows. */
export function keepsRecords(diversions: Diversions): boolean {
  return KINDS.some((kind) => diversions[kind] !== undefined);
}

/** Writes a batch's diverted records: before the batch's own rows, so that none is lost where the process ends between the two. */
export async function writeDiversions({ handle, batchId }: BatchTarget, diversions: Diversions, show: ShowStyle): Promise<void> {
  for (const kind of KINDS) {
    const sink = diversions[kind];
    if (sink === undefined) continue;
    const batch = new ResultBatch(native.divertedRows(handle, batchId, kind === 'lateRows'), show);
    await sink.write(batchId, batch, 'append');
  }
}

/** Closes the sinks; resolves when all are closed. */
export async function closeDiversions({ badRecords, lateRows }: Diversions): Promise<void> {
  await badRecords?.close?.();
  await lateRows?.close?.();
}
