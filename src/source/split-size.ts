// How finely a batch's input is cut into splits for map tasks.

/** A batch is cut into about so many splits, as far as that makes none too small or too large: workers that are done then find another one. */
const SPLITS = 8;
/** What every task leaves for the stages behind it is put together there: below this size that costs more than it brings. */
const SPLIT_BYTES_MIN = 2 * 2 ** 20;

/** The size of the splits of a batch of `totalBytes`; by these alone, so that the same range has the same splits wherever it is read. */
export function splitBytesFor(totalBytes: number, splitBytesMax: number): number {
  return Math.min(splitBytesMax, Math.max(SPLIT_BYTES_MIN, Math.ceil(totalBytes / SPLITS)));
}
