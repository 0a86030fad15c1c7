// Sessions as Spark has them: each row is a session of its own at first; those of a key that meet, or touch, are one.
import { type Buffers, callsOf, emptyBuffers, mergeBuffers, updateBuffers } from './aggregate.ts';
import { evaluate, nameOf, type Tree } from './expression.ts';
import { resultOf } from './grouping.ts';
import type { Clock, Operator } from './operator.ts';
import { isEventTime, type PlannedOperator } from './plan.ts';
import { groupValue, Instant, keyText, type Row } from './value.ts';
import { durationOf } from './window.ts';

interface Session {
  /** The other keys. */
  readonly key: string;
  readonly keys: Row;
  readonly start: bigint;
  readonly end: bigint;
  readonly buffers: Buffers;
}

export class Sessions implements Operator {
  readonly asksForNoData: boolean;
  readonly #grouping: Tree;
  readonly #window: Tree;
  readonly #isBounded: boolean;
  readonly #mode: string;
  #state: readonly Session[] = [];

  constructor({ tree, inputs }: PlannedOperator, mode: string) {
    this.#grouping = tree;
    this.#window = (tree['keys'] as Tree[]).find(isSession) as Tree;
    this.#mode = mode;
    this.#isBounded = isEventTime(this.#window, (inputs[0] as PlannedOperator['inputs'][number]).eventTimes);
    this.asksForNoData = this.#isBounded && mode !== 'complete';
  }

  watermarkBehind(watermarkMs: number): number {
    return watermarkMs;
  }

  batch([rows = []]: readonly (readonly Row[])[], { lateMs, evictMs }: Clock) {
    const calls = (this.#grouping['aggs'] as Tree[]).flatMap(callsOf);
    const hasPassed = ({ end }: Session, byMs: number) => this.#isBounded && end <= BigInt(byMs) * 1000n;

    // Equal sessions of a key are one partial group, and late as one.
    const partial = new Map<string, Session>();
    for (const row of rows) {
      const session = this.#sessionOf(row);
      if (session === null) continue;
      const id = `${session.key} ${session.start} ${session.end}`;
      const known = partial.get(id)?.buffers ?? emptyBuffers(calls);
      partial.set(id, { ...session, buffers: updateBuffers(calls, known, row) });
    }
    const fresh = [...partial.values()].filter((session) => !hasPassed(session, lateMs));

    const touched = new Set(fresh.map(({ key }) => key));
    const before = this.#state.filter(({ key }) => touched.has(key));
    const merged = mergeMeeting([...before, ...fresh], calls);
    // Sessions are kept by key and start: one that another swallowed is removed, those that the key has now are written.
    const swallowed = before.filter((old) => !merged.some(({ key, start }) => key === old.key && start === old.start));
    const all = [...this.#state.filter(({ key }) => !touched.has(key)), ...merged];

    // In complete mode rows are late, but no session is closed.
    const closed = this.#mode === 'complete' ? [] : all.filter((session) => hasPassed(session, evictMs));
    this.#state = all.filter((session) => !closed.includes(session));
    const shown = this.#mode === 'complete' ? this.#state : closed;
    const output = shown.map((session) => resultOf(this.#grouping, calls, { ...session, keys: this.#keysOf(session) }));
    return {
      output,
      counts: {
        operator: 'sessionWindowStateStoreSaveExec',
        total: this.#state.length,
        updated: merged.length,
        removed: swallowed.length + closed.length,
        droppedByWatermark: partial.size - fresh.length,
      },
    };
  }

  /** A row's own session; none where it has no time, or no gap above zero. */
  #sessionOf(row: Row): Omit<Session, 'buffers'> | null {
    const [time, gap] = this.#call['args'] as [Tree, Tree];
    const start = evaluate(time, row) as Instant | null;
    const length = durationOf(String(evaluate(gap, row) ?? '0 seconds'));
    if (start === null || length <= 0n) return null;
    const others = (this.#grouping['keys'] as Tree[]).filter((tree) => !isSession(tree));
    const keys = Object.fromEntries(others.map((tree) => [nameOf(tree), groupValue(evaluate(tree, row))]));
    return { key: Object.values(keys).map(keyText).join(), keys, start: start.micros, end: start.micros + length };
  }

  get #call(): Tree {
    return 'alias' in this.#window ? this.#window['expr'] : this.#window;
  }

  /** The keys in their order, the session among them. */
  #keysOf({ keys, start, end }: Session): Row {
    const names = (this.#grouping['keys'] as Tree[]).map(nameOf);
    const window = { start: new Instant(start), end: new Instant(end) };
    return Object.fromEntries(names.map((name) => [name, name in keys ? (keys[name] ?? null) : window]));
  }
}

/** Whether a key is a session window. */
export function isSession(tree: Tree): boolean {
  return ('alias' in tree ? tree['expr']['fn'] : tree['fn']) === 'session_window';
}

/** Sessions by key and start; those that begin before the one before them has ended, or just then, go into it. Where starts are equal, old ones come first. */
function mergeMeeting(sessions: readonly Session[], calls: readonly Tree[]): Session[] {
  const byStart = sessions.toSorted((left, right) =>
    left.key !== right.key ? (left.key < right.key ? -1 : 1) : Number(left.start - right.start),
  );
  const merged: Session[] = [];
  for (const session of byStart) {
    const last = merged.at(-1);
    if (last === undefined || last.key !== session.key || session.start > last.end) merged.push(session);
    else {
      const end = session.end > last.end ? session.end : last.end;
      merged[merged.length - 1] = { ...last, end, buffers: mergeBuffers(calls, last.buffers, session.buffers) };
    }
  }
  return merged;
}
