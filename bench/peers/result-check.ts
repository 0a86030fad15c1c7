// Compares what a peer found with the reference: the same rows, in any order, each window and key once. Large results are compared part by part, some of the
// windows at a time: V8's heap does not hold tens of millions of rows.
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { isFlushRow } from './workloads.ts';

/** What the comparison found. */
export interface Check {
  readonly right: boolean;
  readonly rows: number;
  readonly referenceRows: number;
  /** Rows that are missing, too many, or have other figures. */
  readonly wrongRows: number;
  /** Rows whose window and key had come before. */
  readonly repeatedRows: number;
  /** The first row that is wrong. */
  readonly example?: string;
}

/** Some of the windows: part `number` of `count`, by a hash of their start. */
export interface Part {
  readonly number: number;
  readonly count: number;
}

const WHOLE: Part = { number: 0, count: 1 };
/** Bytes of a reference whose rows are held at once: each part reads both files anew, and some 8 million rows of both fit in V8's heap. */
const PART_BYTES_MAX = 192 * 2 ** 20;

/** Rows by `window,key`: their figures as text. */
export class ResultRows {
  readonly #figures = new Map<string, string>();
  readonly #part: Part;
  #repeated = 0;

  /** Rows of other parts are left out. */
  constructor(part = WHOLE) {
    this.#part = part;
  }

  get size(): number {
    return this.#figures.size;
  }

  get repeated(): number {
    return this.#repeated;
  }

  /**
   * Takes a line `window start in ms,key,figures`; the last one of a window and key counts. `P,rows,sum` is a share of W4's check sum,
   * of an engine that cannot add up across its tasks. Lines that begin with no number (headers) are left out.
   */
  add(line: string): void {
    const plain = line.includes('"') ? line.replaceAll('"', '') : line;
    const [window = '', key = '', ...figures] = plain.split(',');
    if (window === 'P') {
      this.#addShare(Number(key), Number(figures[0]));
      return;
    }
    if (figures.length === 0 || !/^-?\d+$/.test(window) || isFlushRow(Number(window), key) || !this.#takes(Number(window))) return;
    const place = `${window},${key}`;
    if (this.#figures.has(place)) this.#repeated += 1;
    this.#figures.set(place, figures.join(','));
  }

  async addFile(path: string): Promise<this> {
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) this.add(line);
    return this;
  }

  /** Compares these rows with the reference's. `isUpdates`: rows come again as they change, as an engine in update mode emits them. */
  against(reference: ResultRows, isUpdates = false): Check {
    let wrongRows = 0;
    let example: string | undefined;
    const note = (text: string): void => {
      wrongRows += 1;
      example ??= text;
    };
    for (const [place, figures] of reference.#figures) {
      const found = this.#figures.get(place);
      if (found !== figures) note(`${place}: found ${found}, expected ${figures}`);
    }
    for (const place of this.#figures.keys()) {
      if (!reference.#figures.has(place)) note(`${place}: found, not expected`);
    }
    const counts = { rows: this.size, referenceRows: reference.size, wrongRows, repeatedRows: this.#repeated };
    return judged({ ...counts, ...(example === undefined ? {} : { example }) }, isUpdates);
  }

  #takes(windowMs: number): boolean {
    const { number, count } = this.#part;
    return count === 1 || (Math.imul(windowMs / 1000, 0x9e3779b1) >>> 8) % count === number;
  }

  #addShare(rows: number, sum: number): void {
    const [rowsBefore = 0, sumBefore = 0] = (this.#figures.get('0,check') ?? '0,0').split(',').map(Number);
    this.#figures.set('0,check', `${rowsBefore + rows},${sumBefore + sum}`);
  }
}

/** Compares a result, a file or a folder in which an engine's tasks left theirs, with the file of the reference. */
export async function checkResult(result: string, reference: string, isUpdates = false, partBytesMax = PART_BYTES_MAX): Promise<Check> {
  const count = Math.max(1, Math.ceil(statSync(reference).size / partBytesMax));
  const checks: Check[] = [];
  for (let number = 0; number < count; number += 1) {
    const found = await readResult(result, { number, count });
    checks.push(found.against(await readResult(reference, { number, count }), isUpdates));
  }
  return judged(checks.reduce<Counts>(bothOf, { rows: 0, referenceRows: 0, wrongRows: 0, repeatedRows: 0 }), isUpdates);
}

type Counts = Omit<Check, 'right'>;

function judged(counts: Counts, isUpdates: boolean): Check {
  const right = counts.wrongRows === 0 && counts.referenceRows > 0 && (isUpdates || counts.repeatedRows === 0);
  return { right, ...counts };
}

function bothOf(one: Counts, other: Counts): Counts {
  const example = one.example ?? other.example;
  return {
    rows: one.rows + other.rows,
    referenceRows: one.referenceRows + other.referenceRows,
    wrongRows: one.wrongRows + other.wrongRows,
    repeatedRows: one.repeatedRows + other.repeatedRows,
    ...(example === undefined ? {} : { example }),
  };
}

async function readResult(path: string, part: Part): Promise<ResultRows> {
  const rows = new ResultRows(part);
  for (const file of resultFiles(path)) await rows.addFile(file);
  return rows;
}

function resultFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => (name.endsWith('.csv') || basename(name).startsWith('part-')) && !name.endsWith('.crc'))
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile())
    .sort();
}
