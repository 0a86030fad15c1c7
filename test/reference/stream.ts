// The reference model: what Spark's micro-batches give for a stream of one source, computed in the most obvious way. It answers in the form of the
// streaming vectors, so that the same runner replays what Spark recorded and what the model says.
import { type Buffers, callsOf, emptyBuffers, finishExpression, mergeBuffers, updateBuffers } from './aggregate.ts';
import { type Counts, Deduplication } from './deduplication.ts';
import { evaluate, NotModelled, nameOf, type Tree } from './expression.ts';
import { type Plan, planOf, runSteps, watchedRows } from './plan.ts';
import { compare, fromJson, groupValue, Instant, isoTime, keyText, type Row, toJson, type Value } from './value.ts';
import { startsOf, windowOf } from './window.ts';

/** What a case of the streaming vectors asks. */
export interface StreamCase {
  readonly config: { readonly conf?: Readonly<Record<string, unknown>> };
  readonly sources: readonly { readonly name: string; readonly schema: readonly (readonly [string, string])[] }[];
  readonly query: Tree;
  readonly outputMode: string;
  readonly steps: readonly { readonly input: Readonly<Record<string, readonly (readonly unknown[])[]>> }[];
}

/** What one batch answers, as the vectors write it. */
export interface BatchAnswer {
  readonly batchId: number;
  readonly noData: boolean;
  readonly numInputRows: number;
  readonly eventTime?: Readonly<Record<string, string>>;
  readonly stateOperators: readonly Counts[];
  readonly output: readonly (readonly unknown[])[];
}

/** One group of the state, or of a batch before it is merged into the state. */
interface Group {
  readonly keys: Row;
  /** When event time has passed the group, in microseconds; null: never. */
  readonly end: bigint | null;
  readonly buffers: Buffers;
}

/** The batches of every step. Throws NotModelled where the case is beyond the model. */
export function replay(given: StreamCase): BatchAnswer[][] {
  const [source] = given.sources;
  if (source === undefined || given.sources.length > 1) throw new NotModelled('several sources');
  const stream = new Stream(planOf(given.query), given.outputMode, given.config.conf ?? {});
  return given.steps.map(({ input }) => {
    const rows = (input[source.name] ?? []).map((row) =>
      Object.fromEntries(source.schema.map(([name, type], at) => [name, fromJson(row[at], type)])),
    );
    return stream.step(rows);
  });
}

class Stream {
  readonly #plan: Plan;
  readonly #mode: string;
  readonly #runsNoDataBatches: boolean;
  readonly #state = new Map<string, Group>();
  readonly #deduplication: Deduplication | null;
  #batchId = 0;
  #watermarkMs = 0;
  /** The watermark of the batch before: it judges late rows. */
  #previousWatermarkMs = 0;

  constructor(plan: Plan, mode: string, conf: Readonly<Record<string, unknown>>) {
    this.#plan = plan;
    this.#mode = mode;
    const isAllowed = String(conf['spark.sql.streaming.noDataMicroBatches.enabled'] ?? true) === 'true';
    this.#deduplication = plan.deduplication === null ? null : new Deduplication(plan.deduplication, plan.watermark);
    // A deduplication asks for such a batch even where nothing of it ends.
    const isAsked = plan.deduplication !== null || (plan.grouping !== null && mode !== 'complete');
    this.#runsNoDataBatches = isAllowed && isAsked && plan.watermark !== null;
  }

  /** Rows are added, and batches run until there is nothing more to do. */
  step(rows: readonly Row[]): BatchAnswer[] {
    const answers: BatchAnswer[] = [];
    if (rows.length > 0) answers.push(this.#batch(rows, false));
    while (answers.length > 0 && this.#runsNoDataBatches && this.#watermarkMs > this.#previousWatermarkMs)
      answers.push(this.#batch([], true));
    return answers;
  }

  #batch(rows: readonly Row[], noData: boolean): BatchAnswer {
    const { below, grouping, above } = this.#plan;
    const watermarkMs = this.#watermarkMs;
    const times = watchedRows(this.#plan, rows).map((row) => millisOf(row[this.#plan.watermark?.column ?? '']));
    const ready = runSteps(below, rows);
    const { output, counters } = grouping === null ? this.#deduplicate(ready, watermarkMs) : this.#aggregate(grouping, ready, watermarkMs);
    const answer = {
      batchId: this.#batchId,
      noData,
      numInputRows: rows.length,
      ...(this.#plan.watermark === null ? {} : { eventTime: eventTimeOf(times, watermarkMs) }),
      stateOperators: counters,
      output: runSteps(above, output).map((row) => Object.values(row).map(toJson)),
    };
    this.#batchId += 1;
    this.#previousWatermarkMs = watermarkMs;
    const delayMs = this.#plan.watermark?.delayMs ?? 0;
    for (const time of times) this.#watermarkMs = Math.max(this.#watermarkMs, Number(time) - delayMs);
    return answer;
  }

  /** The rows without duplicates, where they are to be removed. */
  #deduplicate(rows: readonly Row[], watermarkMs: number): { output: readonly Row[]; counters: Counts[] } {
    if (this.#deduplication === null) return { output: rows, counters: [] };
    const { output, counts } = this.#deduplication.batch(rows, this.#previousWatermarkMs, watermarkMs);
    return { output, counters: [counts] };
  }

  #aggregate(grouping: Tree, rows: readonly Row[], watermarkMs: number) {
    const calls = (grouping['aggs'] as Tree[]).flatMap(callsOf);
    const hasPassed = ({ end }: Group, byMs: number) => this.#mode !== 'complete' && end !== null && end <= BigInt(byMs) * 1000n;

    const partial = new Map<string, Group>();
    // A global aggregate has its one group whatever comes.
    if (grouping['keys'].length === 0) partial.set('', { keys: {}, end: null, buffers: emptyBuffers(calls) });
    for (const row of rows) {
      for (const { keys, end } of this.#groupsOf(grouping['keys'], row)) {
        const id = Object.values(keys).map(keyText).join();
        const { buffers } = partial.get(id) ?? { buffers: emptyBuffers(calls) };
        partial.set(id, { keys, end, buffers: updateBuffers(calls, buffers, row) });
      }
    }

    const late = [...partial.values()].filter((group) => hasPassed(group, this.#previousWatermarkMs));
    const updated = [...partial].filter(([, group]) => !late.includes(group)).map(([id]) => id);
    for (const id of updated) {
      const fresh = partial.get(id) as Group;
      const known = this.#state.get(id);
      this.#state.set(id, known === undefined ? fresh : { ...known, buffers: mergeBuffers(calls, known.buffers, fresh.buffers) });
    }
    const closed = [...this.#state].filter(([, group]) => hasPassed(group, watermarkMs)).map(([id]) => id);
    const shown = { append: closed, update: updated, complete: [...this.#state.keys()] }[this.#mode] as string[];
    const output = shown.map((id) => resultOf(grouping, calls, this.#state.get(id) as Group));
    for (const id of closed) this.#state.delete(id);
    const operator = 'stateStoreSave';
    const counts = { total: this.#state.size, updated: updated.length, removed: closed.length, droppedByWatermark: late.length };
    return { output, counters: [{ operator, ...counts }] };
  }

  /** The groups that a row belongs to: one for each of its windows. A null time is in no window. */
  #groupsOf(keys: readonly Tree[], row: Row): { keys: Row; end: bigint | null }[] {
    let groups: { keys: Row; end: bigint | null }[] = [{ keys: {}, end: null }];
    for (const tree of keys) {
      const name = nameOf(tree);
      const call = 'alias' in tree ? (tree['expr'] as Tree) : tree;
      if (call['fn'] === 'window') {
        const time = evaluate(call['args'][0], row) as Instant | null;
        const isEventTime = call['args'][0]['col'] === this.#plan.watermark?.column;
        const spec = windowOf(call);
        const starts = time === null ? [] : startsOf(spec, time.micros);
        groups = groups.flatMap((group) =>
          starts.map((start) => ({
            keys: { ...group.keys, [name]: { start: new Instant(start), end: new Instant(start + spec.size) } },
            end: isEventTime ? start + spec.size : group.end,
          })),
        );
      } else {
        const value = groupValue(evaluate(tree, row));
        const isEventTime = call['col'] !== undefined && call['col'] === this.#plan.watermark?.column;
        groups = groups.map(({ keys: known, end }) => ({
          keys: { ...known, [name]: value },
          end: isEventTime && value !== null ? (value as Instant).micros : end,
        }));
      }
    }
    return groups.filter(({ keys }) => this.#plan.groupFilters.every((condition) => evaluate(condition, keys) === true));
  }
}

function resultOf(grouping: Tree, calls: readonly Tree[], { keys, buffers }: Group): Row {
  return {
    ...keys,
    ...Object.fromEntries((grouping['aggs'] as Tree[]).map((tree) => [nameOf(tree), finishExpression(tree, calls, buffers)])),
  };
}

/** Spark's statistics are in milliseconds, and a null counts as 1970. */
function millisOf(time: Value | undefined): bigint {
  const micros = time instanceof Instant ? time.micros : 0n;
  return micros >= 0n ? micros / 1000n : -((999n - micros) / 1000n);
}

function eventTimeOf(times: readonly bigint[], watermarkMs: number): Record<string, string> {
  const shown = (ms: bigint) => isoTime(ms * 1000n);
  const watermark = shown(BigInt(watermarkMs));
  if (times.length === 0) return { watermark };
  const sorted = [...times].sort(compare);
  // Spark keeps a running average in doubles, whose rounding shows in the last millisecond.
  let average = 0;
  for (const [at, time] of times.entries()) average += (Number(time) - average) / (at + 1);
  return { avg: shown(BigInt(Math.trunc(average))), max: shown(sorted.at(-1) as bigint), min: shown(sorted[0] as bigint), watermark };
}
