// One column as plain buffers, on its way into an InputBatch: what ColumnData of schema/batch.fbs holds, before it is written.
import { MillraceError } from '../error/millrace-error.js';

/** The buffers of a column in Arrow's layout; see schema/batch.fbs for which are there for which type. */
export interface ColumnBuffers {
  /** One bit a row, 1 = present; null where no row is null. */
  readonly validity: Uint8Array | null;
  readonly nullCount: number;
  readonly offsets: Int32Array | null;
  readonly values: Uint8Array | null;
  readonly children: readonly ColumnBuffers[];
}

/** Offsets are int32, so the values of one column of a batch end here. */
export const COLUMN_BYTES_MAX = 2 ** 31 - 1;

/** Marks rows as present or null. The bitmap is made only when the first null comes. */
export class ValidityBuilder {
  readonly #numRows: number;
  #bits: Uint8Array | null = null;
  #nullCount = 0;

  constructor(numRows: number) {
    this.#numRows = numRows;
  }

  setNull(index: number): void {
    if (this.#bits === null) {
      this.#bits = new Uint8Array((this.#numRows + 7) >> 3).fill(0xff);
      // Bits behind the last row are 0, so that equal columns have equal bytes.
      const tailBits = this.#numRows & 7;
      if (tailBits !== 0) this.#bits[this.#bits.length - 1] = (1 << tailBits) - 1;
    }
    const byte = index >> 3;
    this.#bits[byte] = (this.#bits[byte] ?? 0) & ~(1 << (index & 7));
    this.#nullCount += 1;
  }

  get bits(): Uint8Array | null {
    return this.#bits;
  }

  get nullCount(): number {
    return this.#nullCount;
  }
}

/** The bytes under a typed array, without a copy. */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Throws LIMIT_EXCEEDED where a column's values or children do not fit int32 offsets. */
export function checkOffset(end: number, column: string): void {
  if (end <= COLUMN_BYTES_MAX) return;
  const parameters = { what: `The size of column ${column}`, value: String(end), limit: String(COLUMN_BYTES_MAX) };
  throw new MillraceError('LIMIT_EXCEEDED', { parameters, context: { column } });
}
