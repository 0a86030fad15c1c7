// State per key in the most obvious way: values, lists and maps with times to live, timers and timeouts by event time or by a clock. What is done with them
// is written in the rows, one instruction each, so that random rows are random programs.
import { NotModelled, type Tree } from './expression.ts';
import type { Clock, Operator } from './operator.ts';
import type { PlannedOperator } from './plan.ts';
import { compare, Instant, keyText, type Row, type Value } from './value.ts';

/** A value with when it is gone, in milliseconds. */
interface Living {
  readonly value: number;
  readonly goneMs: number;
}

/** What a key holds. */
interface Held {
  readonly key: Value;
  value: Living | null;
  list: Living[];
  map: Map<number, Living>;
  timers: Set<number>;
}

/** What is counted: the put of a list begins the count of updates anew. */
interface Counted {
  updated: number;
  removed: number;
  registered: number;
  deleted: number;
  expired: number;
}

/** The instructions of rows; for `transformWithState` and for `flatMapGroupsWithState`. */
export const INSTRUCTIONS = {
  processor: [
    'value set',
    'value clear',
    'list append',
    'list put',
    'list clear',
    'map set',
    'map remove',
    'map clear',
    'timer set',
    'timer delete',
    'look',
  ],
  function: ['set', 'remove', 'timeout', 'look'],
} as const;

const EMPTY: Counted = { updated: 0, removed: 0, registered: 0, deleted: 0, expired: 0 };

/** Groups whose rows say what is done with their state: columns k, op and n, and a time. */
export class ScriptedGroups implements Operator {
  readonly asksForNoData: boolean;
  readonly #tree: Tree;
  readonly #isProcessor: boolean;
  readonly #ttlMs: number;
  readonly #eventTime: string | null;
  readonly #held = new Map<string, Held>();
  #nowMs = 0;
  #watermarkMs = 0;
  #counted: Counted = EMPTY;

  constructor({ tree, inputs }: PlannedOperator) {
    this.#tree = tree;
    this.#isProcessor = tree['api'] === 'transformWithState';
    this.#ttlMs = tree['ttlMs'] ?? Number.POSITIVE_INFINITY;
    this.#eventTime = inputs[0]?.eventTimes[0] ?? null;
    this.asksForNoData = this.#eventTime !== null && (this.#isProcessor || tree['timeMode'] === 'eventTime');
  }

  watermarkBehind(watermarkMs: number): number {
    return watermarkMs;
  }

  isDue(nowMs: number): boolean {
    if (this.#tree['timeMode'] !== 'processingTime') return false;
    const times = [...this.#held.values()].flatMap(({ value, list, map, timers }) => [
      ...timers,
      ...[value ?? [], list, [...map.values()]].flat().map(({ goneMs }) => goneMs),
    ]);
    return times.some((time) => time < nowMs);
  }

  batch([rows = []]: readonly (readonly Row[])[], { lateMs, evictMs, nowMs }: Clock) {
    this.#nowMs = nowMs;
    this.#watermarkMs = evictMs;
    this.#counted = { ...EMPTY };
    const onTime = rows.filter((row) => !this.#isLate(row, lateMs));
    const byKey = new Map<string, Row[]>();
    // Keys are called in the order of their values, null first.
    const textOf = (row: Row) => String(row['k'] ?? '');
    for (const row of [...onTime].sort((left, right) => compare(textOf(left), textOf(right)))) {
      const id = keyText(row['k'] ?? null);
      byKey.set(id, [...(byKey.get(id) ?? []), row]);
    }
    const output: Row[] = [];
    const say = (held: Held, what: string) => output.push({ k: held.key, what });
    for (const [id, rowsOfKey] of byKey) {
      const held = this.#held.get(id) ?? { key: rowsOfKey[0]?.['k'] ?? null, value: null, list: [], map: new Map(), timers: new Set() };
      this.#held.set(id, held);
      if (this.#isProcessor) for (const row of rowsOfKey) say(held, this.#instruct(held, row));
      else for (const text of this.#call(held, rowsOfKey)) say(held, text);
    }
    const limitMs = this.#limitMs;
    for (const [id, held] of this.#held) {
      // Rows end a timeout; a timer fires all the same.
      if (!this.#isProcessor && byKey.has(id)) continue;
      for (const time of [...held.timers].filter((each) => each < limitMs).sort((left, right) => left - right)) {
        this.#counted.expired += 1;
        say(held, this.#isProcessor ? `due ${time} ${this.#look(held)}` : `due ${this.#timeOut(held)}`);
        if (!this.#isProcessor) continue;
        held.timers.delete(time);
        this.#counted.deleted += 1;
      }
    }
    for (const held of this.#held.values()) this.#expire(held);
    const kept = [...this.#held].filter(([, { value, list, map, timers }]) => value || list.length + map.size + timers.size > 0);
    this.#held.clear();
    for (const [id, held] of kept) this.#held.set(id, held);
    const { updated, removed, registered, deleted, expired } = this.#counted;
    return {
      output,
      counts: {
        operator: this.#isProcessor ? 'transformWithStateExec' : 'flatMapGroupsWithState',
        total: kept.reduce((sum, [, held]) => sum + this.#rowsOf(held), 0),
        updated,
        removed,
        ...(this.#isProcessor ? { numRegisteredTimers: registered, numDeletedTimers: deleted, numExpiredTimers: expired } : {}),
        droppedByWatermark: rows.length - onTime.length,
      },
    };
  }

  get #limitMs(): number {
    const limits: Readonly<Record<string, number>> = { eventTime: this.#watermarkMs, processingTime: this.#nowMs };
    return limits[this.#tree['timeMode']] ?? Number.NEGATIVE_INFINITY;
  }

  /** Late rows never reach transformWithState; the older functions see them where nothing goes by event time. */
  #isLate(row: Row, lateMs: number): boolean {
    const time = this.#eventTime === null ? null : row[this.#eventTime];
    return (
      (this.#isProcessor || this.#tree['timeMode'] === 'eventTime') && time instanceof Instant && time.micros <= BigInt(lateMs) * 1000n
    );
  }

  /** Does what a row says; tells what is held then. */
  #instruct(held: Held, { op, n }: Row): string {
    const number = Number(n ?? 0);
    const living = { value: number, goneMs: this.#nowMs + this.#ttlMs };
    const counted = this.#counted;
    switch (op) {
      case 'value set':
        held.value = living;
        counted.updated += 1;
        break;
      case 'value clear':
        held.value = null;
        counted.removed += 1;
        break;
      case 'list append':
        held.list.push(living);
        counted.updated += 1;
        break;
      case 'list put':
        held.list = [living, living];
        counted.updated = 2;
        break;
      case 'list clear':
        counted.removed += held.list.filter((each) => this.#lives(each)).length;
        held.list = [];
        break;
      case 'map set':
        held.map.set(number % 3, living);
        counted.updated += 1;
        break;
      case 'map remove':
        held.map.delete(number % 3);
        counted.removed += 1;
        break;
      case 'map clear':
        counted.removed += [...held.map.values()].filter((each) => this.#lives(each)).length;
        held.map.clear();
        break;
      case 'timer set':
        held.timers.add(this.#limitMs + number * 1000);
        counted.registered += 1;
        break;
      case 'timer delete': {
        const [first] = [...held.timers].sort((left, right) => left - right);
        if (first === undefined) break;
        held.timers.delete(first);
        counted.deleted += 1;
        break;
      }
      case 'look':
        break;
      default:
        throw new NotModelled(`the instruction ${op}`);
    }
    return this.#look(held);
  }

  /** A call of the function: its state is written when it is through, where it has changed. */
  #call(held: Held, rows: readonly Row[]): string[] {
    const before = [...held.timers];
    held.timers.clear();
    let change: 'none' | 'set' | 'removed' = 'none';
    const said: string[] = [];
    for (const { op, n } of rows) {
      const number = Number(n ?? 0);
      if (op === 'set') {
        held.value = { value: number, goneMs: Number.POSITIVE_INFINITY };
        change = 'set';
      } else if (op === 'remove') {
        held.value = null;
        change = 'removed';
      } else if (op === 'timeout') held.timers = new Set([this.#limitMs + number * 1000]);
      else if (op !== 'look') throw new NotModelled(`the instruction ${op}`);
      said.push(String(held.value?.value ?? null));
    }
    if (change === 'removed' && held.timers.size === 0) this.#counted.removed += 1;
    else if (change !== 'none' || before.join() !== [...held.timers].join()) this.#counted.updated += 1;
    return said;
  }

  /** The call for a timeout: the function leaves its state where it is even, and removes it where it is odd. */
  #timeOut(held: Held): string {
    const said = String(held.value?.value ?? null);
    const removes = (held.value?.value ?? 1) % 2 !== 0;
    held.timers.clear();
    if (removes) {
      held.value = null;
      this.#counted.removed += 1;
    } else this.#counted.updated += 1;
    return said;
  }

  #look({ value, list, map, timers }: Held): string {
    const lists = list.filter((each) => this.#lives(each)).map((each) => each.value);
    const entries = [...map].filter(([, each]) => this.#lives(each)).map(([key, each]) => `${key}=${each.value}`);
    const shown = value !== null && this.#lives(value) ? value.value : null;
    return `${shown} [${lists}] {${entries.sort()}} ${[...timers].sort((left, right) => left - right)}`;
  }

  #lives({ goneMs }: Living): boolean {
    return goneMs > this.#nowMs;
  }

  #expire(held: Held): void {
    const gone = (each: Living) => !this.#lives(each);
    const expired = [held.value ?? [], held.list, [...held.map.values()]].flat().filter(gone);
    this.#counted.removed += expired.length;
    if (held.value !== null && gone(held.value)) held.value = null;
    held.list = held.list.filter((each) => !gone(each));
    for (const [key, each] of [...held.map]) if (gone(each)) held.map.delete(key);
  }

  /** Rows of state as Spark counts them: a value, a list, each entry of a map; of the older functions a key with state or timeout. */
  #rowsOf({ value, list, map }: Held): number {
    return this.#isProcessor ? Number(value !== null) + Number(list.length > 0) + map.size : 1;
  }
}
