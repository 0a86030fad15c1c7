// The state of a running query: which operator and what of it is asked for, and the key or the range of event time that is looked up.
import { encodeRows } from '../batch/encode-rows.js';
import { checkOperator, readStateOptions } from '../checkpoint/state-options.js';
import { MillraceError } from '../error/millrace-error.js';
import { native } from '../native/load.js';
import type { StructType } from '../plan/data-type.js';
import { optionInvalid } from '../source/source-option.js';
import { keyToText } from '../state/key-text.js';
import type { QueryDescription } from './query-description.js';

/** What of an operator's state is read: the options of `read.format('statestore')` that a running query has, and what is looked up. */
export interface StateRequest {
  /** Which variable of a processor. */
  readonly stateVarName?: string;
  /** Which store of a join, such as `left-keyToNumValues`. */
  readonly storeName?: string;
  /** Which side of a join. */
  readonly joinSide?: 'left' | 'right';
  /** The timers of a processor, not a variable. */
  readonly readRegisteredTimers?: boolean;
  /** Whether each entry of a list or a map is a row, which it is by default. */
  readonly flattenCollectionTypes?: boolean;
  /**
   * The key that is looked up, its window or session not among it: an object of the key's columns, or the value where there is one column; the key
   * itself where a function of `groupByKey` computes it. Nothing else of the state is looked at.
   */
  readonly key?: unknown;
  /** Windows and sessions that end after this are read, and no others are looked at. */
  readonly from?: Date;
  /** Windows and sessions that begin before this are read. */
  readonly until?: Date;
}

/** The options among them: others say which batches of a checkpoint are read. */
const OPTIONS: readonly string[] = ['stateVarName', 'storeName', 'joinSide', 'readRegisteredTimers', 'flattenCollectionTypes'];

/** The state of an operator of a running query. */
export interface LiveState {
  /** The row type, as Spark's JSON. */
  readonly schema: string;
  /** Reads the rows: an InputBatch of schema/batch.fbs. */
  read(): Promise<Uint8Array>;
}

/** Rust's LiveDescription. */
interface LiveDescription {
  readonly schema: string;
  readonly keys: string;
  readonly computesKeys: boolean;
  readonly hasEventTime: boolean;
}

/** How a query is looked at. */
export interface LiveQuery {
  /** What was compiled; throws once the query is over. */
  description(): QueryDescription;
  /** What `look` sees between two batches. */
  atRest<T>(look: () => T): Promise<T>;
}

/** The state of an operator, by its number or its name in the progress. Throws OPTION_INVALID, Spark's errors STDS_*, VALUE_NOT_ENCODABLE. */
export function liveState(query: LiveQuery, operator: string, request: StateRequest): LiveState {
  const { key, from, until, ...options } = request;
  const { handle, operators } = query.description();
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const strange = given.find(([name]) => !OPTIONS.includes(name));
  if (strange !== undefined) {
    throw optionInvalid(
      strange[0],
      String(strange[1]),
      `the state of a running query is that of its newest batch; it takes ${OPTIONS.join(', ')}`,
    );
  }
  const { read } = readStateOptions(Object.fromEntries(given.map(([name, value]) => [name, String(value)])));
  const isAsked = (number: number) => operator === String(number) || operator === operators[number]?.name;
  const numbers = [...operators.keys()].filter(isAsked);
  const [number] = numbers;
  if (number === undefined || numbers.length > 1) {
    const known = operators.map(({ name }, position) => `${position} (${name})`).join(', ');
    throw optionInvalid('operatorId', operator, `it must be one of the query's stateful operators: ${known}`);
  }
  const found = operators[number] ?? null;
  const checked = checkOperator(found, read, () => `StateRequest(operator=${found?.name}, joinSide=none)`);
  const asked = { operator: number, options: checked, after: microsOf('from', from), before: microsOf('until', until) };
  const text = JSON.stringify(asked);
  const described = JSON.parse(native.describeLive(handle, text)) as LiveDescription;
  if (!described.hasEventTime && (from ?? until) !== undefined) {
    throw optionInvalid(from === undefined ? 'until' : 'from', String(from ?? until), `${found?.name} keeps no windows and no sessions`);
  }
  const encoded = key === undefined ? undefined : encodeKey(key, described);
  return {
    schema: described.schema,
    read: () => query.atRest(() => native.readLive(query.description().handle, text, encoded)),
  };
}

function microsOf(name: string, time: Date | undefined): number | null {
  if (time === undefined) return null;
  if (time instanceof Date && !Number.isNaN(time.getTime())) return time.getTime() * 1000;
  throw optionInvalid(name, String(time), 'it must be a Date');
}

/** The key as an InputBatch of one row. */
function encodeKey(key: unknown, { keys, computesKeys }: LiveDescription): Uint8Array {
  const schema = JSON.parse(keys) as StructType;
  const isRow = typeof key === 'object' && key !== null && !(key instanceof Date || key instanceof Uint8Array);
  const isNamed = !computesKeys && (isRow || schema.fields.length !== 1);
  const row = isNamed ? rowOf(key, schema) : [computesKeys ? keyToText(key) : key];
  return new Uint8Array(encodeRows(schema, [row]).bytes);
}

/** An object that has each of the key's columns. */
function rowOf(key: unknown, schema: StructType): object {
  const names = schema.fields.map(({ name }) => name);
  const lacks = typeof key === 'object' && key !== null ? names.find((name) => !(name in key)) : names[0];
  if (lacks === undefined) return key as object;
  const reason = `the key has the columns ${names.join(', ')}, and ${lacks} is not given`;
  throw new MillraceError('ARGUMENT_INVALID', { parameters: { function: 'state', reason } });
}
