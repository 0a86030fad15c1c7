// Pass rates as the guide writes them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `npm run conformance -- ... --record` wrote: by kind of vectors, by topic. */
export function readRates(root) {
  return JSON.parse(readFileSync(join(root, 'docs/guide/pass-rates.json'), 'utf8'));
}

/** The rate of one name over all kinds of vectors; undefined where none is about it. */
export function rateOf(rates, topic, name) {
  const found = Object.values(rates)
    .map((run) => run[topic][name])
    .filter((rate) => rate !== undefined);
  if (found.length === 0) return undefined;
  return found.reduce(([passed, failed], [morePassed, moreFailed]) => [passed + morePassed, failed + moreFailed]);
}

/** `100 % of 52`; never rounded up to 100 where one fails, a dash where there is no vector. */
export function rateText(rate) {
  if (rate === undefined) return '-';
  const [passed, failed] = rate;
  const percent = Math.floor((1000 * passed) / (passed + failed)) / 10;
  return `${percent} % of ${(passed + failed).toLocaleString('en-US')}`;
}

/** What a page says of its rates. */
export const RATES_NOTE =
  'The last column says how many of the vectors that name it give what real Spark 4.3 gave (`npm run conformance`); a vector names several things, so ' +
  "a failure may be another's. A dash: no vector names it.";
