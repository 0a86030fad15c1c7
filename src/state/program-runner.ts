// Runs the program's functions over the groups of a batch that Rust hands over, and hands back what they made of them.
import { type PhysicalField, physicalFieldsOf, simpleFields } from '../batch/physical-type.js';
import { TableSetWriter } from '../batch/write-input-batch.js';
import { native } from '../native/load.js';
import type { StructType } from '../plan/data-type.js';
import type { ColumnVector } from '../result/column-vector.js';
import { type OpenTable, openTableSet } from '../result/table-set.js';
import { CallCounters, CallSite } from './call-site.js';
import { keyFromText } from './key-text.js';
import type { Program } from './program.js';
import { ProgramAnswer } from './program-answer.js';
import { callGroupFunction, callProcessor, type ProgramCalls } from './program-calls.js';
import { GroupRows, type RowViewMaker, rowViewClass } from './row-views.js';
import type { DueTimer } from './timers.js';

/** What Rust says about a stage that runs the program's functions. */
export interface ProgramDescription {
  readonly number: number;
  /** The rows that come in. */
  readonly input: StructType;
  /** The table of groups: shard, end of the rows, end of the initial rows, key, variables, timers. */
  readonly groups: StructType;
  /** The rows that go out. */
  readonly output: StructType;
  /** The rows that state begins with; null where it begins with nothing. */
  readonly initial: StructType | null;
  /** Whether the program computes the keys. */
  readonly computesKeys: boolean;
  readonly hasWatermark: boolean;
}

/** Some shards of a stage in a batch. */
export interface ShardRange {
  readonly handle: number;
  readonly batchId: number;
  readonly stage: number;
  readonly first: number;
  readonly count: number;
}

/** What stands behind a row's columns where the program computes keys. */
const KEY_FIELD: PhysicalField = { name: '', nullable: false, typeName: 'string', type: { kind: 'string' } };
const DUE_FIELDS = simpleFields(['group', 'integer'], ['time', 'long']);
const TIME_FIELDS = simpleFields(['watermarkMs', 'long'], ['timestampMs', 'long']);

/** Room for an answer to begin with. */
const ANSWER_BYTES = 64 * 1024;

/** Columns of the groups' table before its variables. */
const KEY_COLUMN = 3;
const VARIABLES_COLUMN = 4;

/** The groups of a batch, opened. */
interface OpenGroups {
  readonly rows: OpenTable;
  readonly groups: OpenTable;
  readonly shards: Int32Array;
  readonly rowEnds: Int32Array;
  /** The key of a group. */
  readonly keyOf: (group: number) => unknown;
  readonly due: OpenTable;
  readonly initial: OpenTable;
  readonly initialEnds: Int32Array;
}

/** Runs one program's functions, batch by batch. */
export class ProgramRunner {
  readonly #output: readonly PhysicalField[];
  readonly #computesKeys: boolean;
  readonly #tables: readonly (readonly PhysicalField[])[];
  readonly #hasInitial: boolean;
  readonly #initial: readonly PhysicalField[];
  readonly #makeInitialView: RowViewMaker;
  readonly #variables: readonly PhysicalField[];
  readonly #makeView: RowViewMaker;
  readonly #site = new CallSite();
  readonly #calls: ProgramCalls;
  readonly #writer = new TableSetWriter(ANSWER_BYTES);
  /** Whether a group may be called again for a timer when groups behind it have been. */
  readonly #comesBack: boolean;

  constructor(description: ProgramDescription, program: Program) {
    const input = physicalFieldsOf(description.input);
    const groups = physicalFieldsOf(description.groups);
    this.#output = physicalFieldsOf(description.output);
    this.#computesKeys = description.computesKeys;
    this.#tables = [description.computesKeys ? [...input, KEY_FIELD] : input, groups, DUE_FIELDS, TIME_FIELDS];
    this.#hasInitial = description.initial !== null;
    const initial = description.initial === null ? [] : physicalFieldsOf(description.initial);
    this.#initial = description.computesKeys ? [...initial, KEY_FIELD] : initial;
    this.#makeInitialView = rowViewClass(initial.map((field) => field.name));
    this.#variables = groups.slice(VARIABLES_COLUMN, VARIABLES_COLUMN + program.variables.length);
    this.#makeView = rowViewClass(input.map((field) => field.name));
    this.#comesBack = program.timeMode !== 'none';
    this.#calls =
      program.api === 'transformWithState'
        ? callProcessor(program, this.#site)
        : callGroupFunction(program, description.hasWatermark, this.#site, (text) => native.parseInterval(text));
  }

  /** Runs the functions over some shards. Throws what they threw, with the key that was in hand; nothing is handed back then. */
  run({ handle, batchId, stage, first, count }: ShardRange): void {
    const open = this.#open(native.openGroups(handle, batchId, stage, first, count), batchId);
    const failure = (group: number, cause: unknown) => this.#calls.failure(open.keyOf(group), cause);
    const answer = new ProgramAnswer(this.#output, this.#variables, this.#calls, failure, this.#writer);
    let start = 0;
    let due = 0;
    for (let shard = first; shard < first + count; shard += 1) {
      this.#site.counters = new CallCounters();
      let end = start;
      while (end < open.shards.length && open.shards[end] === shard) end += 1;
      const dueTimers = dueOf(open.due, due, end);
      due += dueTimers.length;
      this.#runShard(open, { start, end }, dueTimers, answer);
      answer.endShard(this.#site.counters);
      start = end;
    }
    native.answerGroups(handle, batchId, stage, first, answer.finish());
  }

  /** What was opened for the functions is closed; they may be called again. */
  close(): void {
    this.#calls.close();
  }

  #open(bytes: Uint8Array, batchId: number): OpenGroups {
    // What state begins with comes with the first batch.
    const tables = [...this.#tables, batchId === 0 && this.#hasInitial ? this.#initial : []];
    const [rows, groups, due, times, initial] = openTableSet(bytes, tables) as [OpenTable, OpenTable, OpenTable, OpenTable, OpenTable];
    this.#site.watermarkMs = Number(times.columns[0]?.get(0) ?? 0n);
    this.#site.timestampMs = Number(times.columns[1]?.get(0) ?? 0n);
    const keys = groups.columns[KEY_COLUMN] as ColumnVector;
    const variables = groups.columns.slice(VARIABLES_COLUMN, -1);
    this.#calls.open(variables, groups.columns.at(-1) as ColumnVector, groups.numRows);
    return {
      rows,
      groups,
      shards: groups.columns[0]?.values as Int32Array,
      rowEnds: groups.columns[1]?.values as Int32Array,
      keyOf: this.#computesKeys ? (group) => keyFromText(keys.get(group) as string) : (group) => keys.get(group),
      due,
      initial,
      initialEnds: groups.columns[2]?.values as Int32Array,
    };
  }

  /** First the groups with rows, in the order of their keys; then what is due, in the order of its times. */
  #runShard(open: OpenGroups, { start, end }: { start: number; end: number }, due: readonly DueTimer[], answer: ProgramAnswer): void {
    const { rowEnds } = open;
    let firstRow = start === 0 ? 0 : (rowEnds[start - 1] as number);
    for (let group = start; group < end; group += 1) {
      const endRow = rowEnds[group] as number;
      this.#callWithRows(open, group, firstRow, endRow, answer);
      firstRow = endRow;
      if (!this.#comesBack) answer.leaveGroups();
    }
    for (const timer of this.#calls.due(due)) this.#callForTimer(open, timer, answer);
  }

  #callWithRows(open: OpenGroups, group: number, firstRow: number, endRow: number, answer: ProgramAnswer): void {
    this.#site.group = group;
    const key = open.keyOf(group);
    try {
      const isInitial = open.initial.numRows > 0 && this.#beginState(open, group, key);
      if (endRow === firstRow && !(isInitial && this.#calls.callsWithoutRows)) return;
      const rows = new GroupRows(this.#makeView, open.rows.columns, firstRow, endRow);
      answer.add(group, this.#calls.onRows(key, rows));
    } catch (cause) {
      throw this.#calls.failure(key, cause);
    }
  }

  #callForTimer(open: OpenGroups, { group, timeMs }: DueTimer, answer: ProgramAnswer): void {
    this.#site.group = group;
    this.#site.counters.expired += 1;
    const key = open.keyOf(group);
    try {
      answer.add(group, this.#calls.onDue(key, timeMs));
    } catch (cause) {
      throw this.#calls.failure(key, cause);
    }
  }

  /** Hands a key the rows that its state begins with; tells whether there are any. */
  #beginState(open: OpenGroups, group: number, key: unknown): boolean {
    const start = group === 0 ? 0 : (open.initialEnds[group - 1] as number);
    const end = open.initialEnds[group] as number;
    if (start === end) return false;
    const rows = new GroupRows(this.#makeInitialView, open.initial.columns, start, end);
    this.#calls.onInitial(key, rows);
    return true;
  }
}

/** The timers that are due of the groups before `end`. */
function dueOf(due: OpenTable, from: number, end: number): DueTimer[] {
  const groups = due.columns[0]?.values as Int32Array;
  const times = due.columns[1]?.values as BigInt64Array;
  const timers: DueTimer[] = [];
  for (let at = from; at < due.numRows && (groups[at] as number) < end; at += 1) {
    timers.push({ group: groups[at] as number, timeMs: Number(times[at]) });
  }
  return timers;
}
