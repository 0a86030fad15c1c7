// Makes strings of a column's UTF-8 bytes. Grouping keys come again and again: a text that was made for one row is given to others that have the same bytes.
// Others are cut out of the column's text as a whole, where that is ASCII: a call out of JavaScript for each takes several times as long.
import { isAscii } from 'node:buffer';

/** How many texts are remembered at most, a power of two. */
const SLOTS_MAX = 4096;
/** Longer texts are seldom the same, and cost more to compare. */
const REMEMBERED_BYTES_MAX = 32;
/** After so many texts it shows whether remembering them is worth while: it is where every fourth one was known. */
const TRIAL = 4096;
const WORTH = 4;
/** Texts that are made one by one before the column is made as a whole. */
const MADE_BEFORE_WHOLE = 16;
/** Columns of more bytes are not made as a whole. */
const WHOLE_BYTES_MAX = 4 * 1024 * 1024;
/** V8 copies texts up to this length that are cut out of others; a longer one would keep all of the column alive. */
const COPIED_TEXT_MAX = 12;

/** The texts of one column. */
export class TextReader {
  readonly #values: Uint8Array;
  readonly #offsets: Int32Array;
  readonly #buffer: Buffer;
  /** By hash, the row whose text is remembered, -1 for none; null where nothing is remembered, undefined before the first text is read. */
  #rows: Int32Array | null | undefined;
  #texts: string[] = [];
  #reads = 0;
  #known = 0;
  #made = 0;
  /** All of the column, once some of it was made, where a character is a byte. */
  #ascii: string | null = null;

  constructor(values: Uint8Array, offsets: Int32Array) {
    this.#values = values;
    this.#offsets = offsets;
    this.#buffer = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  }

  /** The text of a row. */
  read(index: number): string {
    const start = this.#offsets[index] ?? 0;
    const end = this.#offsets[index + 1] ?? 0;
    if (this.#rows === undefined) this.#rows = slotsFor(this.#offsets.length - 1);
    const rows = this.#rows;
    if (rows === null || end - start > REMEMBERED_BYTES_MAX) return this.#make(start, end);
    const values = this.#values;
    let hash = 0;
    for (let at = start; at < end; at += 1) hash = (Math.imul(hash, 31) + (values[at] as number)) | 0;
    const slot = (hash ^ (hash >>> 12)) & (rows.length - 1);
    this.#reads += 1;
    if (this.#isSame(rows[slot] as number, start, end)) {
      this.#known += 1;
      return this.#texts[slot] as string;
    }
    const text = this.#make(start, end);
    rows[slot] = index;
    this.#texts[slot] = text;
    if (this.#reads === TRIAL && this.#known * WORTH < TRIAL) this.#forget();
    return text;
  }

  #make(start: number, end: number): string {
    if (this.#ascii !== null && end - start <= COPIED_TEXT_MAX) return this.#ascii.substring(start, end);
    this.#made += 1;
    if (this.#made === MADE_BEFORE_WHOLE && this.#buffer.byteLength <= WHOLE_BYTES_MAX && isAscii(this.#buffer)) {
      this.#ascii = this.#buffer.toString('latin1');
    }
    return this.#buffer.toString('utf8', start, end);
  }

  #isSame(row: number, start: number, end: number): boolean {
    if (row < 0) return false;
    const first = this.#offsets[row] as number;
    if ((this.#offsets[row + 1] as number) - first !== end - start) return false;
    const values = this.#values;
    for (let at = start; at < end; at += 1) if (values[at] !== values[first + at - start]) return false;
    return true;
  }

  #forget(): void {
    this.#rows = null;
    this.#texts = [];
  }
}

/** Room for what is remembered of so many texts; null where that is nothing. */
function slotsFor(numTexts: number): Int32Array | null {
  const slots = Math.min(SLOTS_MAX, 2 ** Math.floor(Math.log2(Math.max(1, numTexts))));
  return slots > 1 ? new Int32Array(slots).fill(-1) : null;
}
