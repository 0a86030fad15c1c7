// Joins as Spark does them. Of two streams every row is kept until the watermark says that no partner can come: each new row meets the rows of the
// other side that are kept, one by one, and is kept itself. Rows beside a table that does not change meet it and are forgotten.
import { columnsOf, evaluate, NotModelled, type Tree } from './expression.ts';
import type { Clock, Operator } from './operator.ts';
import { conjunctsOf, type Feed, type PlannedOperator } from './plan.ts';
import { Instant, keyText, type Row, type Value } from './value.ts';
import { durationOf } from './window.ts';

/** How old a row of a side must be before it goes. */
interface Bound {
  readonly column: string;
  /** Added to the watermark, in microseconds; a millisecond less where the condition holds for equal times. */
  readonly shift: bigint;
  readonly isInclusive: boolean;
}

interface Kept {
  readonly row: Row;
  readonly key: string;
  isMatched: boolean;
}

/** The sides whose rows come out without a partner. */
const KEEPS: Readonly<Record<string, readonly number[]>> = {
  inner: [],
  left_semi: [],
  left_outer: [0],
  right_outer: [1],
  full_outer: [0, 1],
};

export class StreamJoin implements Operator {
  readonly #how: string;
  readonly #columns: readonly (readonly string[])[];
  readonly #eventTimes: readonly (readonly string[])[];
  readonly #keys: readonly (readonly string[])[];
  readonly #conditions: readonly Tree[];
  readonly #bounds: readonly (Bound | null)[];
  readonly #kept: [Kept[], Kept[]] = [[], []];

  constructor({ tree, inputs }: PlannedOperator) {
    const columns = inputs.map((input) => input.columns);
    this.#how = tree['how'];
    this.#columns = columns;
    this.#eventTimes = inputs.map(({ eventTimes }) => eventTimes);
    const conjuncts = conjunctsOf(tree['condition']);
    const keys = conjuncts.flatMap((condition) => keyPairOf(condition, columns) ?? []);
    this.#keys = [0, 1].map((side) => keys.map((pair) => pair[side] as string));
    this.#conditions = conjuncts.filter((condition) => keyPairOf(condition, columns) === null);
    if (this.#conditions.some((condition) => new Set(columnsOf(condition).map((name) => sideOf(name, columns))).size < 2)) {
      throw new NotModelled('a condition on one side of a join');
    }
    const timeKey = keys.find((pair) => pair.some((name, side) => this.#eventTimes[side]?.includes(name)));
    this.#bounds = [0, 1].map((side) =>
      timeKey === undefined ? this.#boundOf(side) : { column: timeKey[side] as string, shift: 0n, isInclusive: false },
    );
  }

  get asksForNoData(): boolean {
    return this.#bounds.some((bound) => bound !== null);
  }

  watermarkBehind(watermarkMs: number): number {
    const limits = this.#bounds.flatMap((bound) => (bound === null ? [] : [Number(limitOf(bound, watermarkMs) / 1000n)]));
    return Math.min(watermarkMs, ...limits);
  }

  batch(inputs: readonly (readonly Row[])[], { lateMs, evictMs }: Clock) {
    const output: Row[] = [];
    const counts = { updated: 0, removed: 0, droppedByWatermark: 0 };
    // A row of the left side of a semi join that meets one of its own batch is not kept at all.
    for (const side of this.#how === 'left_semi' ? [1, 0] : [0, 1]) {
      const rows = (inputs[side] as readonly Row[]).filter((row) => !this.#isLate(side, row, lateMs));
      counts.droppedByWatermark += (inputs[side] as readonly Row[]).length - rows.length;
      for (const row of rows) {
        const kept = { row, key: this.#keyOf(side, row), isMatched: false };
        output.push(...this.#meet(side, kept));
        if (this.#isWorthKeeping(side, kept, evictMs)) {
          (this.#kept[side] as Kept[]).push(kept);
          counts.updated += 1;
        }
      }
      if (this.#how === 'left_semi' && side === 1) counts.removed += this.#remove(0, ({ isMatched }) => isMatched).length;
    }
    for (const side of [0, 1]) {
      const past = this.#remove(side, ({ row }) => this.#isPast(side, row, evictMs));
      counts.removed += past.length;
      if (KEEPS[this.#how]?.includes(side))
        output.push(...past.filter(({ isMatched }) => !isMatched).map(({ row }) => this.#alone(side, row)));
    }
    return { output, counts: { operator: 'symmetricHashJoin', total: this.#kept[0].length + this.#kept[1].length, ...counts } };
  }

  /** Pairs of a new row with what is kept of the other side; a semi join has the row of the left side once. */
  #meet(side: number, fresh: Kept): Row[] {
    const partners = (this.#kept[1 - side] as Kept[]).filter((other) => {
      if (other.key !== fresh.key) return false;
      const pair = side === 0 ? { ...fresh.row, ...other.row } : { ...other.row, ...fresh.row };
      return this.#conditions.every((condition) => evaluate(condition, pair) === true);
    });
    const isNew = partners.map(({ isMatched }) => !isMatched);
    for (const kept of partners.length > 0 ? [fresh, ...partners] : []) kept.isMatched = true;
    if (this.#how !== 'left_semi') return partners.map(({ row }) => (side === 0 ? { ...fresh.row, ...row } : { ...row, ...fresh.row }));
    if (side === 0) return partners.length > 0 ? [fresh.row] : [];
    return partners.filter((_, at) => isNew[at]).map(({ row }) => row);
  }

  /** Rows of the left side may still meet those of the right side in their batch; of the right side only what must come out at last is kept without need. */
  #isWorthKeeping(side: number, { row, isMatched }: Kept, evictMs: number): boolean {
    if (side === 0) return !(this.#how === 'left_semi' && isMatched);
    return !this.#isPast(side, row, evictMs) || (KEEPS[this.#how]?.includes(side) === true && !isMatched);
  }

  #remove(side: number, isGone: (kept: Kept) => boolean): Kept[] {
    const gone = (this.#kept[side] as Kept[]).filter(isGone);
    this.#kept[side] = (this.#kept[side] as Kept[]).filter((kept) => !gone.includes(kept));
    return gone;
  }

  #isLate(side: number, row: Row, lateMs: number): boolean {
    const times = (this.#eventTimes[side] as readonly string[]).map((name) => microsOf(row[name] ?? null));
    return times.some((time) => time !== null && time <= BigInt(lateMs) * 1000n);
  }

  #isPast(side: number, row: Row, evictMs: number): boolean {
    const bound = this.#bounds[side] as Bound | null;
    const time = bound === null ? null : microsOf(row[bound.column] ?? null);
    return bound !== null && time !== null && time <= limitOf(bound, evictMs);
  }

  /** The state finds null under null: conditions aside, only the filters that Spark puts below some joins keep nulls apart. */
  #keyOf(side: number, row: Row): string {
    return (this.#keys[side] as readonly string[]).map((name) => keyText(row[name] ?? null)).join();
  }

  /** A row beside nulls. */
  #alone(side: number, row: Row): Row {
    const nulls = Object.fromEntries((this.#columns[1 - side] as readonly string[]).map((name) => [name, null]));
    return side === 0 ? { ...row, ...nulls } : { ...nulls, ...row };
  }

  /** Conditions of the form own time > other event time + shift; where several are, the most patient one. */
  #boundOf(side: number): Bound | null {
    const bounds = this.#conditions.flatMap((condition): Bound[] => {
      const [first, second] = (condition['args'] as Tree[]).map(timeTermOf);
      if (!first || !second || !['lt', 'le', 'gt', 'ge'].includes(condition['fn'])) return [];
      const [less, more] = condition['fn'].startsWith('l') ? [first, second] : [second, first];
      if (sideOf(more.column, this.#columns) !== side || !this.#eventTimes[1 - side]?.includes(less.column)) return [];
      return [{ column: more.column, shift: less.shift - more.shift, isInclusive: condition['fn'].endsWith('e') }];
    });
    return bounds.toSorted((left, right) => Number(limitOf(left, 0) - limitOf(right, 0)))[0] ?? null;
  }
}

/** Rows up to this (microseconds) go. */
function limitOf({ shift, isInclusive }: Bound, watermarkMs: number): bigint {
  return ((BigInt(watermarkMs) * 1000n + shift) / 1000n - (isInclusive ? 1n : 0n)) * 1000n;
}

function microsOf(value: Value): bigint | null {
  if (value instanceof Instant) return value.micros;
  return value === null ? null : (value as { readonly end: Instant }).end.micros;
}

/** A column with an interval added or taken away. */
function timeTermOf(tree: Tree): { readonly column: string; readonly shift: bigint } | null {
  if ('col' in tree) return { column: tree['col'], shift: 0n };
  const [column, interval] = (tree['args'] ?? []) as Tree[];
  if (!column || !('col' in column) || interval?.['fn'] !== 'interval') return null;
  const length = durationOf(interval['args'][0]['lit']);
  return { column: column['col'], shift: tree['fn'] === 'minus' ? -length : length };
}

function sideOf(name: string, columns: readonly (readonly string[])[]): number {
  return columns.findIndex((names) => names.includes(name));
}

/** The columns of an equality of both sides, left before right; null for any other condition. */
function keyPairOf(condition: Tree, columns: readonly (readonly string[])[]): [[string, string]] | null {
  const [left, right] = (condition['args'] ?? []) as Tree[];
  if (condition['fn'] !== 'eq' || left?.['col'] === undefined || right?.['col'] === undefined) return null;
  const pair: [string, string] = sideOf(left['col'], columns) === 0 ? [left['col'], right['col']] : [right['col'], left['col']];
  return sideOf(pair[0], columns) === 0 && sideOf(pair[1], columns) === 1 ? [pair] : null;
}

/** A join of a stream with rows that are there already: it keeps nothing. */
export function joinStatic({ tree, inputs: feeds }: PlannedOperator, inputs: readonly (readonly Row[])[]): Row[] {
  const stream = feeds.findIndex(({ from }) => from.kind !== 'static');
  const how = tree['how'] as string;
  const isOuter = how === (stream === 0 ? 'left_outer' : 'right_outer');
  if (how !== 'inner' && !isOuter && !(stream === 0 && ['left_semi', 'left_anti'].includes(how)))
    throw new NotModelled(`${how} with a static side`);
  const nulls = Object.fromEntries((feeds[1 - stream] as Feed).columns.map((name) => [name, null]));
  const pairOf = (row: Row, other: Row): Row => (stream === 0 ? { ...row, ...other } : { ...other, ...row });
  return (inputs[stream] as readonly Row[]).flatMap((row) => {
    const pairs = (inputs[1 - stream] as readonly Row[]).map((other) => pairOf(row, other));
    const met = pairs.filter((pair) => evaluate(tree['condition'], pair) === true);
    if (how === 'left_semi') return met.length > 0 ? [row] : [];
    if (how === 'left_anti') return met.length > 0 ? [] : [row];
    return met.length === 0 && isOuter ? [pairOf(row, nulls)] : met;
  });
}
