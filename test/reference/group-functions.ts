// The named functions of the vectors of arbitrary state (golden/streaming/README.md), over state that is a map: written from what the README says, with
// no word of the API that the product gives them.
import { NotModelled, type Tree } from './expression.ts';
import type { Clock, Operator } from './operator.ts';
import type { PlannedOperator } from './plan.ts';
import { Instant, keyText, type Row, type Value } from './value.ts';

const SECOND = 1000;
const DAY = 86_400 * SECOND;

/** What a key holds: fields by name, and when it is due, in milliseconds. */
interface Held {
  readonly key: Value;
  fields: Readonly<Record<string, number>> | null;
  dueMs: readonly number[];
}

/** A call of a function, with what it did to the state. */
interface Call {
  readonly held: Held;
  readonly rows: readonly Row[];
  /** When the timer was due, for a call without rows. */
  readonly dueMs: number | null;
  readonly watermarkMs: number;
  updated: number;
  removed: number;
  registered: number;
  deleted: number;
}

type Emitted = readonly Value[][];

function keep(call: Call, fields: Readonly<Record<string, number>>): void {
  call.held.fields = fields;
  call.updated += 1;
}

function clear(call: Call): void {
  call.held.fields = null;
  call.removed += 1;
}

const values = (rows: readonly Row[]) => rows.map(({ v }) => Number(v ?? 0));
const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
const times = (rows: readonly Row[]) => rows.flatMap(({ ts }) => (ts instanceof Instant ? [Number(ts.micros / 1000n)] : []));
const long = (value: number) => BigInt(value);

function runningTotal(call: Call): Emitted {
  const { total = 0, n = 0 } = call.held.fields ?? {};
  const next = { total: total + sum(values(call.rows)), n: n + call.rows.length };
  keep(call, next);
  return [[call.held.key, long(next.total), long(next.n)]];
}

/** By the timeout of the older API: one a key, which each call sets anew. */
const evictAfter =
  (gapMs: number) =>
  (call: Call): Emitted => {
    const { held, rows, watermarkMs } = call;
    const { total = 0, n = 0, mx = Number.NEGATIVE_INFINITY } = held.fields ?? {};
    if (call.dueMs !== null) {
      clear(call);
      held.dueMs = [];
      return [[held.key, long(total), long(n), 'evicted']];
    }
    const next = { total: total + sum(values(rows)), n: n + rows.length, mx: Math.max(mx, ...times(rows)) };
    keep(call, next);
    held.dueMs = [next.mx + gapMs <= watermarkMs ? watermarkMs + 1 : next.mx + gapMs];
    return [[held.key, long(next.total), long(next.n), 'update']];
  };

function sessionize10s(call: Call): Emitted {
  const { held, rows, watermarkMs } = call;
  const { n = 0, a = Number.POSITIVE_INFINITY, b = Number.NEGATIVE_INFINITY } = held.fields ?? {};
  if (call.dueMs !== null) {
    clear(call);
    held.dueMs = [];
    return [[held.key, long(n), long(a), long(b)]];
  }
  const seen = times(rows);
  const next = { n: n + seen.length, a: Math.min(a, ...seen), b: Math.max(b, ...seen) };
  keep(call, next);
  held.dueMs = [Math.max(next.b + 10 * SECOND, watermarkMs + 1)];
  return [];
}

function cap100(call: Call): Emitted {
  const total = (call.held.fields?.['total'] ?? 0) + sum(values(call.rows));
  if (total > 100) clear(call);
  else keep(call, { total });
  return [[call.held.key, long(total), total > 100 ? 'full' : 'open']];
}

function onlyIncrease(call: Call): Emitted {
  const greatest = Math.max(...call.rows.flatMap(({ v }) => (v === null || v === undefined ? [] : [Number(v)])));
  if (greatest <= (call.held.fields?.['best'] ?? Number.NEGATIVE_INFINITY)) return [];
  keep(call, { best: greatest });
  return [[call.held.key, long(greatest)]];
}

/** By timers, of which a key may have many. */
function evict7d(call: Call): Emitted {
  const { held, rows, watermarkMs, dueMs } = call;
  const { total = 0, n = 0, mx = Number.NEGATIVE_INFINITY } = held.fields ?? {};
  if (dueMs !== null) {
    clear(call);
    // A timer that has fired is deleted.
    held.dueMs = held.dueMs.filter((time) => time !== dueMs);
    call.deleted += 1;
    return [[held.key, long(total), long(n), `evicted at ${dueMs}, watermark ${watermarkMs}`]];
  }
  const next = { total: total + sum(values(rows)), n: n + rows.length, mx: Math.max(mx, ...times(rows)) };
  if (next.mx > mx) {
    call.deleted += held.fields === null ? 0 : 1;
    call.registered += 1;
    held.dueMs = [...held.dueMs.filter((time) => time !== mx + 7 * DAY), next.mx + 7 * DAY];
  }
  keep(call, next);
  return [[held.key, long(next.total), long(next.n), 'update']];
}

interface Named {
  readonly run: (call: Call) => Emitted;
  readonly columns: readonly string[];
}

const FUNCTIONS: Readonly<Record<string, Readonly<Record<string, Named>>>> = {
  applyInPandasWithState: {
    runningTotal: { run: runningTotal, columns: ['k', 'total', 'n'] },
    evict7d: { run: evictAfter(7 * DAY), columns: ['k', 'total', 'n', 'event'] },
    evict20s: { run: evictAfter(20 * SECOND), columns: ['k', 'total', 'n', 'event'] },
    sessionize10s: { run: sessionize10s, columns: ['k', 'n', 'a', 'b'] },
    cap100: { run: cap100, columns: ['k', 'total', 'event'] },
    onlyIncrease: { run: onlyIncrease, columns: ['k', 'best'] },
  },
  transformWithStateInPandas: {
    runningTotal: { run: runningTotal, columns: ['k', 'total', 'n'] },
    evict7d: { run: evict7d, columns: ['k', 'total', 'n', 'event'] },
  },
};

export class GroupFunctions implements Operator {
  readonly asksForNoData: boolean;
  readonly #tree: Tree;
  readonly #function: Named;
  readonly #hasTimeouts: boolean;
  readonly #judgesRows: boolean;
  readonly #eventTimes: readonly string[];
  readonly #state = new Map<string, Held>();

  constructor({ tree, inputs }: PlannedOperator) {
    const found = FUNCTIONS[tree['api']]?.[tree['function']];
    if (found === undefined) throw new NotModelled(`function ${tree['function']} of ${tree['api']}`);
    this.#tree = tree;
    this.#function = found;
    this.#hasTimeouts = tree['timeout'] === 'EventTimeTimeout' || tree['timeMode'] === 'EventTime';
    this.#eventTimes = inputs[0]?.eventTimes ?? [];
    // Late rows never reach transformWithState; the older functions see them where nothing goes by event time.
    this.#judgesRows = this.#hasTimeouts || !this.#isOlder;
    this.asksForNoData = this.#eventTimes.length > 0 && this.#judgesRows;
  }

  get #isOlder(): boolean {
    return this.#tree['api'] === 'applyInPandasWithState';
  }

  watermarkBehind(watermarkMs: number): number {
    return watermarkMs;
  }

  batch([rows = []]: readonly (readonly Row[])[], { lateMs, evictMs }: Clock) {
    const isLate = (row: Row) => {
      const time = row[this.#eventTimes[0] ?? ''];
      return this.#judgesRows && time instanceof Instant && time.micros <= BigInt(lateMs) * 1000n;
    };
    const onTime = rows.filter((row) => !isLate(row));
    const byKey = new Map<string, Row[]>();
    for (const row of onTime) {
      const id = keyText(row[this.#tree['keys'][0]] ?? null);
      byKey.set(id, [...(byKey.get(id) ?? []), row]);
    }
    const counts = { updated: 0, removed: 0 };
    const timers = { numRegisteredTimers: 0, numDeletedTimers: 0, numExpiredTimers: 0 };
    const output: Row[] = [];
    const call = (held: Held, rowsOfKey: readonly Row[], dueMs: number | null) => {
      const made: Call = { held, rows: rowsOfKey, dueMs, watermarkMs: evictMs, updated: 0, removed: 0, registered: 0, deleted: 0 };
      const emitted = this.#function.run(made);
      counts.updated += made.updated;
      counts.removed += made.removed;
      timers.numRegisteredTimers += made.registered;
      timers.numDeletedTimers += made.deleted;
      timers.numExpiredTimers += dueMs === null ? 0 : 1;
      output.push(...emitted.map((row) => Object.fromEntries(this.#function.columns.map((name, at) => [name, row[at] ?? null]))));
    };
    for (const [id, rowsOfKey] of byKey) {
      const key = rowsOfKey[0]?.[this.#tree['keys'][0]] ?? null;
      const held = this.#state.get(id) ?? { key, fields: null, dueMs: [] };
      this.#state.set(id, held);
      call(held, rowsOfKey, null);
    }
    if (this.#hasTimeouts) {
      for (const [id, held] of this.#state) {
        // Rows end a timeout of the older functions; a timer fires all the same.
        if (this.#isOlder && byKey.has(id)) continue;
        for (const dueMs of held.dueMs.filter((time) => time < evictMs)) call(held, [], dueMs);
      }
    }
    for (const [id, { fields, dueMs }] of this.#state) if (fields === null && dueMs.length === 0) this.#state.delete(id);
    const total = [...this.#state.values()].filter(({ fields, dueMs }) => fields !== null || (this.#isOlder && dueMs.length > 0)).length;
    return {
      output,
      counts: {
        operator: OPERATORS[this.#tree['api']] as string,
        total,
        ...counts,
        ...(this.#isOlder ? {} : timers),
        droppedByWatermark: rows.length - onTime.length,
      },
    };
  }
}

const OPERATORS: Readonly<Record<string, string>> = {
  applyInPandasWithState: 'applyInPandasWithState',
  transformWithStateInPandas: 'transformWithStateInPandasExec',
};
