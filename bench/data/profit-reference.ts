// What the profit job must find: profit and count for each window and account, summed up in plain JavaScript.
import { readFileSync, writeFileSync } from 'node:fs';
import type { Trade } from './trades.ts';

const WINDOW_MINUTES = 5;
const MINUTE_MS = 60_000;

/** Profit and number of trades of one group. */
export interface Profit {
  profit: number;
  trades: number;
}

/** Groups by window start in milliseconds and account, as `start,acct-0001`; without the account for windows alone. */
export class ProfitReference {
  readonly #groups: Map<string, Profit>;

  constructor(groups: Iterable<readonly [string, Profit]> = []) {
    this.#groups = new Map(groups);
  }

  static load(path: string): ProfitReference {
    const groups = JSON.parse(readFileSync(path, 'utf8')) as [string, number, number][];
    return new ProfitReference(groups.map(([key, profit, trades]) => [key, { profit, trades }]));
  }

  save(path: string): void {
    writeFileSync(path, JSON.stringify([...this.#groups].map(([key, { profit, trades }]) => [key, profit, trades])));
  }

  add({ account, isSell, amount, minute }: Trade): void {
    const startMs = (minute - (minute % WINDOW_MINUTES)) * MINUTE_MS;
    this.#addTo(profitKey(startMs, `acct-${String(account).padStart(4, '0')}`), isSell ? -amount : amount, 1);
  }

  /** The same trades by window alone. */
  byWindow(): ProfitReference {
    const windows = new ProfitReference();
    for (const [key, { profit, trades }] of this.#groups) windows.#addTo(key.slice(0, key.indexOf(',')), profit, trades);
    return windows;
  }

  /** Throws unless `found` holds these groups and no others. */
  check(found: ReadonlyMap<string, Profit>): void {
    if (found.size !== this.#groups.size) throw new Error(`${found.size} groups, expected ${this.#groups.size}`);
    for (const [key, { profit, trades }] of this.#groups) {
      const group = found.get(key);
      if (group?.profit === profit && group.trades === trades) continue;
      throw new Error(`group ${key}: found ${JSON.stringify(group)}, expected ${JSON.stringify({ profit, trades })}`);
    }
  }

  #addTo(key: string, profit: number, trades: number): void {
    const group = this.#groups.get(key);
    if (group === undefined) {
      this.#groups.set(key, { profit, trades });
      return;
    }
    group.profit += profit;
    group.trades += trades;
  }
}

/** The key of a group. */
export function profitKey(startMs: number, id?: string): string {
  return id === undefined ? String(startMs) : `${startMs},${id}`;
}
