// The reference model: what Spark's micro-batches give for streams of rows, computed in the most obvious way. It answers in the form of the
// streaming vectors, so that the same runner replays what Spark recorded and what the model says.
import { Deduplication } from './deduplication.ts';
import { NotModelled, type Tree } from './expression.ts';
import { GroupFunctions } from './group-functions.ts';
import { Grouping } from './grouping.ts';
import { joinStatic, StreamJoin } from './join.ts';
import type { Clock, Counts, Operator } from './operator.ts';
import { DEDUPLICATIONS, type Feed, type PlannedOperator, planOf, runSteps, staticSchema, type Watermark, watermarkOf } from './plan.ts';
import { ScriptedGroups } from './scripted-groups.ts';
import { isSession, Sessions } from './sessions.ts';
import { compare, fromJson, Instant, isoTime, type Row, toJson, type Value } from './value.ts';

/** Rows that are added, how far the clock goes on behind them, and whether the query is stopped and started before. */
export interface CaseStep {
  readonly input: Readonly<Record<string, readonly (readonly unknown[])[]>>;
  readonly advanceMs?: number;
  readonly restart?: boolean;
}

/** What a case of the streaming vectors asks. */
export interface StreamCase {
  readonly config: { readonly conf?: Readonly<Record<string, unknown>> };
  readonly sources: readonly { readonly name: string; readonly schema: readonly (readonly [string, string])[] }[];
  readonly query: Tree;
  readonly outputMode: string;
  readonly steps: readonly CaseStep[];
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

/** The batches of every step. Throws NotModelled where the case is beyond the model. */
export function replay(given: StreamCase): BatchAnswer[][] {
  const stream = new Stream(given);
  return given.steps.map(({ input, advanceMs = 0, restart = false }) => {
    const rows = given.sources.map(({ name, schema }): [string, Row[]] => [
      name,
      (input[name] ?? []).map((row) => Object.fromEntries(schema.map(([column, type], at) => [column, fromJson(row[at], type)]))),
    ]);
    if (restart) stream.restart();
    const answers = stream.step(new Map(rows));
    stream.advance(advanceMs);
    return [...answers, ...stream.step(new Map())];
  });
}

/** Rows of a batch, with the watermarks that they go by. */
interface Flowing extends Clock {
  readonly rows: readonly Row[];
}

/** Where the clock of a case begins. */
export const START_MS = 1_000_000_000_000;

class Stream {
  readonly #feed: Feed;
  readonly #mode: string;
  readonly #policy: 'min' | 'max';
  readonly #isNoDataAllowed: boolean;
  /** Operators with state, the one nearest the sink first, left before right. */
  readonly #operators = new Map<PlannedOperator, Operator | null>();
  readonly #watermarks: Watermark[] = [];
  /** What each watermark would be by its own rows, milliseconds. */
  readonly #ownMs: number[] = [];
  #batchId = 0;
  #nowMs = START_MS;
  /** Since the last start. */
  #hasRunBatch = false;
  #watermarkMs = 0;
  /** The watermark of the batch before: it judges late rows. */
  #previousWatermarkMs = 0;

  constructor(given: StreamCase) {
    this.#mode = given.outputMode;
    this.#feed = planOf(given.query, new Map(given.sources.map(({ name, schema }) => [name, schema.map(([column]) => column)])));
    const conf = given.config.conf ?? {};
    this.#policy = conf['spark.sql.streaming.multipleWatermarkPolicy'] === 'max' ? 'max' : 'min';
    this.#isNoDataAllowed = String(conf['spark.sql.streaming.noDataMicroBatches.enabled'] ?? true) === 'true';
    this.#open(this.#feed);
  }

  /** Makes the operators. */
  #open(feed: Feed): void {
    const watermark = watermarkOf(feed);
    if (watermark !== null) {
      this.#watermarks.push(watermark);
      this.#ownMs.push(0);
    }
    const { from } = feed;
    if (from.kind === 'union') for (const input of from.inputs) this.#open(input);
    if (from.kind !== 'operator') return;
    const { operator } = from;
    this.#operators.set(operator, null);
    for (const input of operator.inputs) this.#open(input);
    this.#operators.set(operator, this.#operatorOf(operator));
  }

  /** null for what keeps no state. */
  #operatorOf(planned: PlannedOperator): Operator | null {
    const { tree, inputs } = planned;
    if (tree['op'] === 'join') return isStatic(planned) ? null : new StreamJoin(planned);
    if (tree['op'] === 'stateful') return tree['function'] === 'script' ? new ScriptedGroups(planned) : new GroupFunctions(planned);
    if (tree['op'] === 'groupBy')
      return (tree['keys'] as Tree[]).some(isSession) ? new Sessions(planned, this.#mode) : new Grouping(planned, this.#mode);
    if (!DEDUPLICATIONS.includes(tree['op'])) throw new NotModelled(`the operation ${tree['op']}`);
    return new Deduplication(tree, inputs[0]?.eventTimes[0] ?? null, this.#watermarks.at(-1)?.delayMs ?? 0);
  }

  /** No batch comes by the clock or the watermark alone before one with rows. */
  restart(): void {
    this.#hasRunBatch = false;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  /** Rows are added, and batches run until there is nothing more to do. */
  step(rows: ReadonlyMap<string, readonly Row[]>): BatchAnswer[] {
    const answers: BatchAnswer[] = [];
    if ([...rows.values()].some((added) => added.length > 0)) answers.push(this.#batch(rows, false));
    const isAsked = [...this.#operators.values()].some((operator) => operator?.asksForNoData);
    const isDue = () =>
      (isAsked && this.#watermarkMs > this.#previousWatermarkMs) ||
      [...this.#operators.values()].some((operator) => operator?.isDue?.(this.#nowMs) ?? false);
    while (this.#hasRunBatch && this.#isNoDataAllowed && isDue()) answers.push(this.#batch(new Map(), true));
    return answers;
  }

  #batch(rows: ReadonlyMap<string, readonly Row[]>, noData: boolean): BatchAnswer {
    const watermarkMs = this.#watermarkMs;
    const times = this.#watermarks.map(({ source, column, watched }) =>
      watched(rows.get(source) ?? []).map((row) => millisOf(row[column])),
    );
    const counts = new Map<PlannedOperator, Counts>();
    const { rows: output } = this.#run(this.#feed, rows, counts);
    const seen = times.find((each) => each.length > 0) ?? [];
    const answer = {
      batchId: this.#batchId,
      noData,
      numInputRows: [...rows.values()].reduce((sum, added) => sum + added.length, 0),
      ...(this.#watermarks.length === 0 ? {} : { eventTime: eventTimeOf(seen, watermarkMs) }),
      stateOperators: [...this.#operators.keys()].flatMap((operator) => counts.get(operator) ?? []),
      output: output.map((row) => Object.values(row).map(toJson)),
    };
    this.#batchId += 1;
    this.#hasRunBatch = true;
    this.#previousWatermarkMs = watermarkMs;
    this.#moveWatermark(times);
    return answer;
  }

  /** A watermark that has seen no rows yet counts as 1970. The query's never goes back. */
  #moveWatermark(times: readonly (readonly bigint[])[]): void {
    for (const [at, { delayMs }] of this.#watermarks.entries())
      for (const time of times[at] ?? []) this.#ownMs[at] = Math.max(this.#ownMs[at] as number, Number(time) - delayMs);
    if (this.#ownMs.length > 0) this.#watermarkMs = Math.max(this.#watermarkMs, Math[this.#policy](...this.#ownMs));
  }

  #run({ from, steps }: Feed, rows: ReadonlyMap<string, readonly Row[]>, counts: Map<PlannedOperator, Counts>): Flowing {
    const flowing = this.#runFrom(from, rows, counts);
    return { ...flowing, rows: runSteps(steps, flowing.rows) };
  }

  #runFrom(from: Feed['from'], rows: ReadonlyMap<string, readonly Row[]>, counts: Map<PlannedOperator, Counts>): Flowing {
    const own = { lateMs: this.#previousWatermarkMs, evictMs: this.#watermarkMs, nowMs: this.#nowMs };
    if (from.kind === 'source') return { ...own, rows: rows.get(from.name) ?? [] };
    if (from.kind === 'static') return { ...own, rows: staticRows(from.tree) };
    const feeds = from.kind === 'union' ? from.inputs : from.operator.inputs;
    const inputs = feeds.map((feed) => this.#run(feed, rows, counts));
    // Each operator goes by the watermark of what it reads.
    const clock = {
      lateMs: Math.min(...inputs.map(({ lateMs }) => lateMs)),
      evictMs: Math.min(...inputs.map(({ evictMs }) => evictMs)),
      nowMs: this.#nowMs,
    };
    if (from.kind === 'union')
      return {
        ...clock,
        rows: alignColumns(inputs, feeds),
      };
    const sides = inputs.map((input) => input.rows);
    const operator = this.#operators.get(from.operator) ?? null;
    if (operator === null) return { ...clock, rows: joinStatic(from.operator, sides) };
    const answer = operator.batch(sides, clock);
    counts.set(from.operator, answer.counts);
    const behind = { lateMs: operator.watermarkBehind(clock.lateMs), evictMs: operator.watermarkBehind(clock.evictMs) };
    return { rows: answer.output, ...behind, nowMs: this.#nowMs };
  }
}

function isStatic({ inputs }: PlannedOperator): boolean {
  return inputs.some(({ from }) => from.kind === 'static');
}

/** The columns of a union have the names of its first input. */
function alignColumns(inputs: readonly Flowing[], feeds: readonly Feed[]): Row[] {
  const { columns: names } = feeds[0] as Feed;
  return inputs.flatMap(({ rows }, input) =>
    rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[feeds[input]?.columns[at] ?? ''] ?? null]))),
  );
}

function staticRows(tree: Tree): Row[] {
  const schema = staticSchema(tree);
  return (tree['rows'] as unknown[][]).map((row) => Object.fromEntries(schema.map(([name, type], at) => [name, fromJson(row[at], type)])));
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
