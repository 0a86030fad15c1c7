// Sources that end: rows of the program, ranges of numbers, and everything that a streaming source has now.
import { type EncodedColumns, encodeColumns } from '../batch/encode-columns.js';
import type { StructType } from '../plan/data-type.js';
import { columnsSplit } from './columns-split.js';
import type { Source, Split } from './source.js';

/** A source that a batch query reads to its end. */
export interface BatchSource {
  /** All of its splits, in the order of its rows. */
  splits(): Promise<readonly Split[]>;
  /** The same, group by group, where all of them may be more than memory holds: a group is worked on before the next is read. */
  groups?(): AsyncIterable<readonly Split[]>;
}

/** Rows of a range that one map task makes. */
const RANGE_ROWS_MAX = 1_048_576;

const RANGE_SCHEMA: StructType = { type: 'struct', fields: [{ name: 'id', type: 'long', nullable: false, metadata: {} }] };

/** Rows that were encoded when the DataFrame was made. */
export function localRows(source: number, rows: EncodedColumns): BatchSource {
  return { splits: async () => [columnsSplit(source, rows.bytes)] };
}

/** The numbers from `start` in steps of `step`, as long as they are before `end`: a column `id` of BIGINT. */
export function numberRange(source: number, start: bigint, end: bigint, step: bigint): BatchSource {
  return {
    async splits() {
      const splits: Split[] = [];
      const numRows = rangeLength(start, end, step);
      for (let from = 0n; from < numRows; from += BigInt(RANGE_ROWS_MAX)) {
        const length = Math.min(RANGE_ROWS_MAX, Number(numRows - from));
        const id = BigInt64Array.from({ length }, (_, row) => start + (from + BigInt(row)) * step);
        splits.push(columnsSplit(source, encodeColumns(RANGE_SCHEMA, { id }).bytes));
      }
      return splits;
    },
  };
}

/** What a streaming source has now. */
export function wholeSource(create: () => Source): BatchSource {
  return {
    async splits() {
      const source = create();
      try {
        await source.open(null);
        const start = await source.initialOffset();
        return await source.splits(start, await source.latestOffset(start, 'all'));
      } finally {
        await source.close();
      }
    },
  };
}

/** How many steps are before the end: never negative. */
function rangeLength(start: bigint, end: bigint, step: bigint): bigint {
  const distance = step > 0n ? end - start : start - end;
  const stride = step > 0n ? step : -step;
  return distance <= 0n ? 0n : (distance + stride - 1n) / stride;
}
