// Texts one after the other, as UTF-8.

/** Texts of so many characters are written here, as long as they are ASCII: a call out of JavaScript takes longer. */
const SHORT_TEXT = 32;
/** UTF-8 bytes of a UTF-16 code unit, at most. */
const BYTES_PER_UNIT = 3;
/** Room that is made for a text before it is known how long texts are. */
const EXPECTED_LENGTH = 16;

/** Bytes that grow at their end. */
export class TextBytes {
  #buffer: Buffer;
  #length = 0;

  /** Nothing yet, of so many texts at most. */
  constructor(numTexts: number) {
    this.#buffer = Buffer.allocUnsafeSlow(numTexts * EXPECTED_LENGTH);
  }

  /** Number of bytes. */
  get length(): number {
    return this.#length;
  }

  /** Appends a text; gives where it ends. A lone half of a pair of code units becomes U+FFFD. */
  add(text: string): number {
    this.#reserve(text.length);
    this.#length = text.length > SHORT_TEXT ? this.#length + this.#buffer.write(text, this.#length, 'utf8') : this.#addShort(text);
    return this.#length;
  }

  /** All bytes. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  #addShort(text: string): number {
    const buffer = this.#buffer;
    const start = this.#length;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      if (unit >= 0x80) return start + buffer.write(text, start, 'utf8');
      buffer[start + at] = unit;
    }
    return start + text.length;
  }

  #reserve(numUnits: number): void {
    const needed = this.#length + numUnits * BYTES_PER_UNIT;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.bytes());
    this.#buffer = grown;
  }
}
