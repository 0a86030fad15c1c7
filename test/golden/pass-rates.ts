// How many vectors pass, by family and by what they are about, and what is missing: what docs/guide is made of. `npm run conformance -- ... --record FILE`.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { topicsOf } from './topics.ts';

type Json = any;

/** Cases that passed, and those that did not. */
type Rate = [passed: number, failed: number];

const TOPICS = ['functions', 'types', 'options', 'configurations'] as const;

/** Counts the cases of one run. */
export class PassRates {
  readonly #families = new Map<string, Rate>();
  readonly #topics = new Map(TOPICS.map((topic) => [topic, new Map<string, Rate>()] as const));
  /** Cases by family, group and what became of them. */
  readonly #missing = new Map<string, Map<string, Map<string, number>>>();

  /** Notes what became of a case. */
  add(family: string, golden: Json, differences: readonly string[]): void {
    const passed = differences.length === 0;
    count(this.#families, family, passed);
    const topics = topicsOf(golden);
    for (const topic of TOPICS) for (const name of topics[topic]) count(this.#topics.get(topic)!, name, passed);
    if (passed) return;
    const groups = entry(this.#missing, family, () => new Map());
    const reasons = entry(groups, String(golden.group ?? ''), () => new Map<string, number>());
    const reason = reasonOf(differences);
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }

  /** Writes the rates of a run of `kind` into a file, beside those that are there of other kinds. */
  write(path: string, kind: string): void {
    const before = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
    const topics = TOPICS.map((topic) => [topic, sorted(this.#topics.get(topic)!)]);
    const missing = sorted(new Map([...this.#missing].map(([family, groups]) => [family, sorted(mapValues(groups, sorted))])));
    const run = { families: sorted(this.#families), ...Object.fromEntries(topics), missing };
    const all = sorted(new Map(Object.entries({ ...before, [kind]: run })));
    // A rate on one line, so that a difference of two records can be read.
    const text = JSON.stringify(all, null, 2).replace(/\[\s+(\d+),\s+(\d+)\s+\]/g, '[$1, $2]');
    writeFileSync(path, `${text}\n`);
  }
}

/** Why a case fails, in a few words that cases of one kind share: the error's code and what it names, or that the answer is another. */
function reasonOf(differences: readonly string[]): string {
  const text = differences.find((line) => /not expressible|cannot be run|got:\s+\[[A-Z_]/.test(line));
  if (text === undefined) return 'another answer';
  const [, code] = /\[([A-Z_0-9]+(?:\.[A-Z_0-9]+)*)\]/.exec(text) ?? [];
  const [, named] = /`([^`]+)`/.exec(text) ?? [];
  if (code === undefined) return text.slice(0, 80);
  return code === 'UNRESOLVED_ROUTINE' || code.startsWith('UNSUPPORTED') ? `${code} ${named ?? ''}`.trimEnd() : code;
}

function count(rates: Map<string, Rate>, name: string, passed: boolean): void {
  entry(rates, name, (): Rate => [0, 0])[passed ? 0 : 1] += 1;
}

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function mapValues<V, W>(map: ReadonlyMap<string, V>, change: (value: V) => W): Map<string, W> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}

/** An object with its keys in order. */
function sorted<V>(map: ReadonlyMap<string, V>): Record<string, V> {
  return Object.fromEntries([...map].sort(([left], [right]) => (left < right ? -1 : 1)));
}
