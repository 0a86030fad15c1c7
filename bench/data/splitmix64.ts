// splitmix64 of (seed, field, index): the same numbers in any language, whichever order they are asked for in.

const SEED = 20_240_229n;
const MASK_64 = (1n << 64n) - 1n;
const TWO_POW_32 = 4_294_967_296;

/** A 64-bit word as two halves: 64-bit integers as BigInt would take most of a generator's time. */
interface Word {
  high: number;
  low: number;
}

const GOLDEN = wordOf(0x9e3779b97f4a7c15n);
const MIX_1 = wordOf(0xbf58476d1ce4e5b9n);
const MIX_2 = wordOf(0x94d049bb133111ebn);

function wordOf(value: bigint): Readonly<Word> {
  return { high: Number(value >> 32n), low: Number(value & 0xffffffffn) };
}

/** The draws of one field of a record. */
export class Draws {
  readonly #start: Readonly<Word>;
  readonly #word: Word = { high: 0, low: 0 };

  constructor(field: number) {
    this.#start = wordOf((SEED * 1_000_003n + BigInt(field) * 0xd1b54a32d192ed03n) & MASK_64);
  }

  /** A number from 0 to `bound` - 1 for the record `index`: the 64-bit draw modulo `bound`, which is at most 2^20. */
  below(index: number, bound: number): number {
    const word = this.#word;
    word.high = Math.floor(index / TWO_POW_32);
    word.low = index >>> 0;
    multiply(word, GOLDEN);
    add(word, this.#start);
    xorShifted(word, 30);
    multiply(word, MIX_1);
    xorShifted(word, 27);
    multiply(word, MIX_2);
    xorShifted(word, 31);
    return ((word.high % bound) * (TWO_POW_32 % bound) + word.low) % bound;
  }
}

/** word *= factor, modulo 2^64. */
function multiply(word: Word, factor: Readonly<Word>): void {
  // Pieces of 16 bits: their products are exact in a double.
  const a0 = word.low & 0xffff;
  const a1 = word.low >>> 16;
  const b0 = factor.low & 0xffff;
  const b1 = factor.low >>> 16;
  const bottom = a0 * b0;
  const middle = a1 * b0 + Math.floor(bottom / 65_536);
  const cross = a0 * b1 + (middle % 65_536);
  const carry = a1 * b1 + Math.floor(middle / 65_536) + Math.floor(cross / 65_536);
  const outer = Math.imul(word.low, factor.high) + Math.imul(word.high, factor.low);
  word.low = ((cross << 16) | (bottom & 0xffff)) >>> 0;
  word.high = (carry + outer) >>> 0;
}

/** word += term, modulo 2^64. */
function add(word: Word, term: Readonly<Word>): void {
  const low = word.low + term.low;
  word.high = (word.high + term.high + (low >= TWO_POW_32 ? 1 : 0)) >>> 0;
  word.low = low >>> 0;
}

/** word ^= word >> bits, for 0 < bits < 32. */
function xorShifted(word: Word, bits: number): void {
  word.low = (word.low ^ ((word.low >>> bits) | (word.high << (32 - bits)))) >>> 0;
  word.high = (word.high ^ (word.high >>> bits)) >>> 0;
}
