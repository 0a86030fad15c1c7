// The records of the profit job: buys and sells of 1,000 accounts over twelve hours, one in five late by up to nine minutes.
import { Draws } from './splitmix64.ts';

/** 2026-01-01T00:00:00Z. */
const FIRST_MS = 1_767_225_600_000;
const SPAN_MS = 12 * 3_600_000;
const MINUTE_MS = 60_000;

/** How many accounts there are. */
export const ACCOUNTS = 1_000;

/** One trade. Its time is cut to the minute. */
export interface Trade {
  account: number;
  isSell: boolean;
  amount: number;
  minute: number;
}

/** Makes trade number `index` of `total`; the same numbers give the same trade, on any machine. */
export class TradeGenerator {
  readonly #stepMs: number;
  readonly #isLate = new Draws(1);
  readonly #lateness = new Draws(2);
  readonly #jitter = new Draws(3);
  readonly #account = new Draws(4);
  readonly #type = new Draws(5);
  readonly #amount = new Draws(6);

  constructor(total: number) {
    this.#stepMs = SPAN_MS / total;
  }

  /** Fills `trade`, so that millions of them need no object each. */
  read(index: number, trade: Trade): void {
    const behindMs = this.#isLate.below(index, 100) < 20 ? this.#lateness.below(index, 539_000) : this.#jitter.below(index, 5_000);
    trade.minute = Math.floor((FIRST_MS + Math.trunc(index * this.#stepMs) - behindMs) / MINUTE_MS);
    trade.account = this.#account.below(index, ACCOUNTS);
    trade.isSell = this.#type.below(index, 2) === 1;
    trade.amount = this.#amount.below(index, 10_000) + 1;
  }
}

const minuteTexts = new Map<number, string>();

/** A trade as a line of JSON, without its line feed. */
export function tradeLine({ account, isSell, amount, minute }: Trade): string {
  const id = String(account).padStart(4, '0');
  return `{"id":"acct-${id}","type":"${isSell ? 'sell' : 'buy'}","amount":${amount},"time":"${minuteText(minute)}"}`;
}

/** A minute since 1970 as `dd-MM-yyyy-HH-mm`. */
export function minuteText(minute: number): string {
  const known = minuteTexts.get(minute);
  if (known !== undefined) return known;
  const iso = new Date(minute * MINUTE_MS).toISOString();
  const text = `${iso.slice(8, 10)}-${iso.slice(5, 7)}-${iso.slice(0, 4)}-${iso.slice(11, 13)}-${iso.slice(14, 16)}`;
  minuteTexts.set(minute, text);
  return text;
}

/** An empty trade to be filled. */
export function emptyTrade(): Trade {
  return { account: 0, isSell: false, amount: 0, minute: 0 };
}
