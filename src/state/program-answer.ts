// What a program's functions make of the groups of a batch, on its way to Rust. It is encoded part by part, between calls: what a call has made need not
// outlive it, so that the garbage collector has little to keep.
import { encodeColumn } from '../batch/encode-column.js';
import { encodeTable } from '../batch/encode-rows.js';
import { type PhysicalField, simpleFields } from '../batch/physical-type.js';
import type { EncodedTable, TableSetWriter } from '../batch/write-input-batch.js';
import { MillraceError } from '../error/millrace-error.js';
import type { CallCounters } from './call-site.js';
import type { CallOutcome, ProgramCalls } from './program-calls.js';

const SHARD_FIELDS = simpleFields(
  ['outputEnd', 'integer'],
  ['updated', 'long'],
  ['removed', 'long'],
  ['registered', 'long'],
  ['deleted', 'long'],
  ['expired', 'long'],
);
const TIMER_FIELDS = simpleFields(['group', 'integer'], ['time', 'long'], ['isRegistered', 'boolean']);
const WRITE_FIELDS = simpleFields(['group', 'integer'], ['replaces', 'boolean']);

/** A part is encoded when it has so many groups. More would outlive a collection of what is young, fewer are not worth a part. */
const PART_GROUPS = 512;

/** The answer for some shards of a batch. */
export class ProgramAnswer {
  readonly #output: readonly PhysicalField[];
  readonly #variables: readonly (readonly PhysicalField[])[];
  readonly #calls: ProgramCalls;
  readonly #failure: (group: number, cause: unknown) => MillraceError;
  readonly #writer: TableSetWriter;
  readonly #shards: { readonly outputEnd: number; readonly counters: CallCounters }[] = [];
  /** The rows of this part, and which group gave each. */
  #rows: unknown[] = [];
  #rowGroups: number[] = [];
  #numRowsBefore = 0;
  #numGroups = 0;

  constructor(
    output: readonly PhysicalField[],
    variables: readonly PhysicalField[],
    calls: ProgramCalls,
    failure: (group: number, cause: unknown) => MillraceError,
    writer: TableSetWriter,
  ) {
    writer.begin();
    this.#writer = writer;
    this.#output = output;
    this.#variables = variables.map((field) => [...WRITE_FIELDS, field]);
    this.#calls = calls;
    this.#failure = failure;
  }

  /** Takes in what a call for a group gave. */
  add(group: number, rows: CallOutcome): void {
    this.#numGroups += 1;
    if (rows === undefined || rows === null) return;
    if (Array.isArray(rows)) {
      for (let at = 0; at < rows.length; at += 1) this.#push(group, rows[at]);
      return;
    }
    if (typeof rows[Symbol.iterator] !== 'function') {
      throw new TypeError('the function must return a list of rows, or another iterable; it cannot be asynchronous');
    }
    for (const row of rows) this.#push(group, row);
  }

  /** No call comes for the groups before: what they have made can be encoded, where it is worth it. */
  leaveGroups(): void {
    if (this.#numGroups >= PART_GROUPS) this.#endPart();
  }

  /** The calls of a shard are through. */
  endShard(counters: CallCounters): void {
    this.#shards.push({ outputEnd: this.#numRowsBefore + this.#rows.length, counters });
    this.leaveGroups();
  }

  /** All of it, as one TableSet, valid until the next answer is begun: shards, then for each part its output, its timers, and what it writes into each variable. */
  finish(): Uint8Array {
    // Also without a call: state may have begun, of keys that had no rows.
    this.#endPart();
    const shards = this.#shards;
    const counted = (name: keyof CallCounters) => shards.map(({ counters }) => counters[name]);
    const ends = shards.map(({ outputEnd }) => outputEnd);
    const counters = (['updated', 'removed', 'registered', 'deleted', 'expired'] as const).map(counted);
    return this.#writer.finish(tableOf(SHARD_FIELDS, ends, ...counters));
  }

  #push(group: number, row: unknown): void {
    this.#rows.push(row);
    this.#rowGroups.push(group);
  }

  #endPart(): void {
    const rows = this.#rows as object[];
    this.#writer.add(this.#guarded(this.#rowGroups, () => encodeTable(this.#output, rows)));
    const { groups, times, isRegistered } = this.#calls.takeTimerWrites();
    this.#writer.add(tableOf(TIMER_FIELDS, groups, times, isRegistered));
    for (const [position, { groups, replaces, values }] of this.#calls.takeWrites().entries()) {
      const fields = this.#variables[position] as readonly PhysicalField[];
      this.#writer.add(this.#guarded(groups, () => tableOf(fields, groups, replaces, values)));
    }
    this.#numRowsBefore += rows.length;
    this.#rows = [];
    this.#rowGroups = [];
    this.#numGroups = 0;
  }

  /** A value of the program that its schema does not take is the program's failure, with the key of the group that it is of. */
  #guarded(groups: readonly number[], encode: () => EncodedTable): EncodedTable {
    try {
      return encode();
    } catch (cause) {
      const row = cause instanceof MillraceError ? cause.context['row'] : undefined;
      const group = groups[Number(row ?? -1)];
      throw group === undefined ? cause : this.#failure(group, cause);
    }
  }
}

function tableOf(fields: readonly PhysicalField[], ...columns: readonly (readonly unknown[])[]): EncodedTable {
  const encoded = fields.map((field, position) => encodeColumn(field, columns[position] ?? []));
  return { numRows: columns[0]?.length ?? 0, columns: encoded };
}
