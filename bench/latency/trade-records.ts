// Trades as records of Kafka's format 2, made before they are sent, so that who sends them takes next to nothing of the machine.
import { emptyTrade, TradeGenerator, tradeLine } from '../data/trades.ts';

/** As many as make twelve hours of event time in about a minute at 50,000 a second. */
const TRADES = 4_000_000;
/** Length, attributes, three numbers, the key that is not there, the value's length, no headers: at their longest. */
const OVERHEAD_BYTES = 20;

/** The lines of the first trades, one behind the other. */
export class TradeRecords {
  readonly #lines: Buffer;
  /** Where each line ends. */
  readonly #ends: Uint32Array;

  constructor(count: number) {
    const generator = new TradeGenerator(TRADES);
    const trade = emptyTrade();
    this.#ends = new Uint32Array(count);
    this.#lines = Buffer.allocUnsafe(count * 80);
    let end = 0;
    for (let index = 0; index < count; index += 1) {
      generator.read(index % TRADES, trade);
      end += this.#lines.write(tradeLine(trade), end, 'latin1');
      this.#ends[index] = end;
    }
  }

  /** `count` trades from number `first` on, as the record section of one batch. */
  section(first: number, count: number): Buffer {
    const start = this.#startOf(first);
    const section = Buffer.allocUnsafe(this.#startOf(first + count) - start + count * OVERHEAD_BYTES);
    let at = 0;
    const varint = (value: number) => {
      let rest = ((value << 1) ^ (value >> 31)) >>> 0;
      for (; rest > 0x7f; rest >>>= 7) section[at++] = (rest & 0x7f) | 0x80;
      section[at++] = rest;
    };
    for (let number = 0; number < count; number += 1) {
      const [from, to] = [this.#startOf(first + number), this.#startOf(first + number + 1)];
      const numberBytes = number < 64 ? 1 : number < 8192 ? 2 : 3;
      const lengthBytes = to - from < 64 ? 1 : 2;
      varint(2 + numberBytes + 1 + lengthBytes + (to - from) + 1);
      section[at++] = 0;
      section[at++] = 0;
      varint(number);
      varint(-1);
      varint(to - from);
      at += this.#lines.copy(section, at, from, to);
      section[at++] = 0;
    }
    return section.subarray(0, at);
  }

  #startOf(index: number): number {
    return index === 0 ? 0 : (this.#ends[index - 1] as number);
  }
}
