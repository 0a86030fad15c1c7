// Runs the program's functions over the groups of a batch that Rust hands over, and hands back what they made of them.
import { encodeColumn } from '../batch/encode-column.js';
import { encodeTable } from '../batch/encode-rows.js';
import { type PhysicalField, physicalFieldsOf } from '../batch/physical-type.js';
import { type EncodedTable, writeTableSet } from '../batch/write-input-batch.js';
import { MillraceError } from '../error/millrace-error.js';
import { native } from '../native/load.js';
import type { StructType } from '../plan/data-type.js';
import type { ColumnVector } from '../result/column-vector.js';
import { type OpenTable, openTableSet } from '../result/table-set.js';
import { CallCounters, CallSite } from './call-site.js';
import { keyFromText } from './key-text.js';
import type { Program } from './program.js';
import { type CallOutcome, callGroupFunction, callProcessor, type ProgramCalls } from './program-calls.js';
import { GroupRows, type RowViewMaker, rowViewClass } from './row-views.js';
import type { DueTimer, TimerWrites } from './timers.js';
import type { VariableWrites } from './variable-writes.js';

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
const DUE_FIELDS = fieldsOf(['group', 'integer'], ['time', 'long']);
const TIME_FIELDS = fieldsOf(['watermarkMs', 'long'], ['timestampMs', 'long']);
const SHARD_FIELDS = fieldsOf(
  ['outputEnd', 'integer'],
  ['updated', 'long'],
  ['removed', 'long'],
  ['registered', 'long'],
  ['deleted', 'long'],
  ['expired', 'long'],
);
const TIMER_FIELDS = fieldsOf(['group', 'integer'], ['time', 'long'], ['isRegistered', 'boolean']);
const WRITE_FIELDS = fieldsOf(['group', 'integer'], ['replaces', 'boolean']);

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
    this.#calls =
      program.api === 'transformWithState'
        ? callProcessor(program, this.#site)
        : callGroupFunction(program, description.hasWatermark, this.#site, (text) => native.parseInterval(text));
  }

  /** Runs the functions over some shards. Throws what they threw, with the key that was in hand; nothing is handed back then. */
  run({ handle, batchId, stage, first, count }: ShardRange): void {
    const open = this.#open(native.openGroups(handle, batchId, stage, first, count), batchId);
    const output: unknown[] = [];
    const shards: { outputEnd: number; counters: CallCounters }[] = [];
    let start = 0;
    let due = 0;
    for (let shard = first; shard < first + count; shard += 1) {
      this.#site.counters = new CallCounters();
      let end = start;
      while (end < open.shards.length && open.shards[end] === shard) end += 1;
      const dueTimers = dueOf(open.due, due, end);
      due += dueTimers.length;
      try {
        this.#runShard(open, { start, end }, dueTimers, output);
      } catch (cause) {
        throw this.#calls.failure(open.keyOf(this.#site.group), cause);
      }
      shards.push({ outputEnd: output.length, counters: this.#site.counters });
      start = end;
    }
    native.answerGroups(handle, batchId, stage, first, this.#answer(open, output, shards));
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
  #runShard(open: OpenGroups, { start, end }: { start: number; end: number }, due: readonly DueTimer[], output: unknown[]): void {
    const { rowEnds } = open;
    let firstRow = start === 0 ? 0 : (rowEnds[start - 1] as number);
    for (let group = start; group < end; group += 1) {
      const endRow = rowEnds[group] as number;
      this.#site.group = group;
      const isInitial = open.initial.numRows > 0 && this.#beginState(open, group);
      if (endRow === firstRow && !(isInitial && this.#calls.callsWithoutRows)) continue;
      const rows = new GroupRows(this.#makeView, open.rows.columns, firstRow, endRow);
      collect(this.#calls.onRows(open.keyOf(group), rows), output);
      firstRow = endRow;
    }
    for (const timer of this.#calls.due(due)) {
      this.#site.group = timer.group;
      this.#site.counters.expired += 1;
      collect(this.#calls.onDue(open.keyOf(timer.group), timer.timeMs), output);
    }
  }

  /** Hands a key the rows that its state begins with; tells whether there are any. */
  #beginState(open: OpenGroups, group: number): boolean {
    const start = group === 0 ? 0 : (open.initialEnds[group - 1] as number);
    const end = open.initialEnds[group] as number;
    if (start === end) return false;
    const rows = new GroupRows(this.#makeInitialView, open.initial.columns, start, end);
    this.#calls.onInitial(open.keyOf(group), rows);
    return true;
  }

  #answer(open: OpenGroups, output: readonly unknown[], shards: readonly { outputEnd: number; counters: CallCounters }[]): Uint8Array {
    const counted = (name: keyof CallCounters) => shards.map(({ counters }) => counters[name]);
    const shardTable = tableOf(
      SHARD_FIELDS,
      shards.map(({ outputEnd }) => outputEnd),
      counted('updated'),
      counted('removed'),
      counted('registered'),
      counted('deleted'),
      counted('expired'),
    );
    const tables = [
      this.#guarded(open, null, () => encodeTable(this.#output, output as readonly object[])),
      shardTable,
      timerTable(this.#calls.timerWrites()),
      ...this.#calls.writes().map((writes, position) => {
        const field = this.#variables[position] as PhysicalField;
        return this.#guarded(open, writes, () => writeTable(field, writes));
      }),
    ];
    return writeTableSet(tables);
  }

  /** A value of the program that its schema does not take is the program's failure, and names the key where that is known. */
  #guarded<T>(open: OpenGroups, writes: VariableWrites | null, encode: () => T): T {
    try {
      return encode();
    } catch (cause) {
      const row = cause instanceof MillraceError ? cause.context['row'] : undefined;
      const group = writes === null ? undefined : writes.groups[Number(row ?? -1)];
      if (group === undefined) throw cause;
      throw this.#calls.failure(open.keyOf(group), cause);
    }
  }
}

/** Adds the rows that a call gave to those of the calls before. */
function collect(rows: CallOutcome, output: unknown[]): void {
  if (rows === undefined || rows === null) return;
  if (Array.isArray(rows)) {
    for (let at = 0; at < rows.length; at += 1) output.push(rows[at]);
    return;
  }
  if (typeof rows[Symbol.iterator] !== 'function') {
    throw new TypeError('the function must return a list of rows, or another iterable; it cannot be asynchronous');
  }
  for (const row of rows) output.push(row);
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

function timerTable({ groups, times, isRegistered }: TimerWrites): EncodedTable {
  return tableOf(TIMER_FIELDS, groups, times, isRegistered);
}

function writeTable(field: PhysicalField, { groups, replaces, values }: VariableWrites): EncodedTable {
  return tableOf([...WRITE_FIELDS, field], groups, replaces, values);
}

function tableOf(fields: readonly PhysicalField[], ...columns: readonly (readonly unknown[])[]): EncodedTable {
  const encoded = fields.map((field, position) => encodeColumn(field, columns[position] ?? []));
  return { numRows: columns[0]?.length ?? 0, columns: encoded };
}

function fieldsOf(...fields: readonly (readonly [name: string, type: string])[]): PhysicalField[] {
  return physicalFieldsOf({
    type: 'struct',
    fields: fields.map(([name, type]) => ({ name, type, nullable: true, metadata: {} })),
  } as StructType);
}
