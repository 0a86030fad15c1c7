// How finely a batch's input is cut into splits for map tasks.

/** A batch is cut into about so many splits, as far as that makes none too small or too large: workers that are done then find another one. */
const SPLITS = 8;
/** What every task leaves for the stages behind it is put together there: below this size that costs more than it brings. */
const SPLIT_BYTES_MIN = 2 * 2 ** 20;
/** Splits need not be larger than this until there are very many. */
const SPLIT_BYTES_ENOUGH = 16 * 2 ** 20;
/** A batch that is larger still is cut into so many: more give the workers nothing, and each costs half a millisecond. */
const SPLITS_MAX = 64;

/**
 * The size of the splits of a batch of `totalBytes`; by these alone, so that the same range has the same splits wherever it is read. Of packed columns a byte
 * is as many rows as `packing` bytes of text.
 */
export function splitBytesFor(totalBytes: number, splitBytesMax: number, packing = 1): number {
  const few = Math.min(SPLIT_BYTES_ENOUGH / packing, Math.ceil(totalBytes / SPLITS));
  return Math.min(splitBytesMax, Math.max(SPLIT_BYTES_MIN, few, Math.ceil(totalBytes / SPLITS_MAX)));
}
