// The options of the source `statestore`: Spark's names, rules and refusals, in Spark's order. What depends on the operator is checked by `checkOperator`.
import { MillraceError } from '../error/millrace-error.js';
import { optionInvalid, optionText } from '../source/source-option.js';
import { JOIN_STORES, type OperatorSchema } from './operator-metadata.js';

type Options = Readonly<Record<string, string>>;

/** What of an operator is read: a part of the requests of docs/design/border.md. */
export interface ReadOptions {
  readonly variable: string | null;
  readonly storeName: string | null;
  readonly joinSide: 'left' | 'right' | null;
  readonly timers: boolean;
  readonly wholeCollections: boolean;
}

/** What is read of which operator after which batch. */
export interface StateOptions {
  readonly operator: number;
  /** The batch that was asked for, null for the newest. */
  readonly batchId: number | null;
  readonly read: ReadOptions;
  /** Where one shard is read from. */
  readonly snapshot: { readonly batchId: number; readonly shard: number } | null;
  /** The batches whose changes are read; the last is the newest where it is null. */
  readonly changes: { readonly from: number; readonly until: number | null } | null;
}

const DEFAULT_STORE = 'default';

const KNOWN = new Set(
  [
    'batchId',
    'operatorId',
    'storeName',
    'joinSide',
    'stateVarName',
    'readRegisteredTimers',
    'flattenCollectionTypes',
    'readChangeFeed',
    'changeStartBatchId',
    'changeEndBatchId',
    'snapshotStartBatchId',
    'snapshotPartitionId',
  ].map((name) => name.toLowerCase()),
);

/** Reads the options. Throws STDS_INVALID_OPTION_VALUE, STDS_CONFLICT_OPTIONS, STDS_REQUIRED_OPTION_UNSPECIFIED, OPTION_INVALID. */
export function readStateOptions(options: Options): StateOptions {
  for (const [name, value] of Object.entries(options)) {
    if (!KNOWN.has(name.toLowerCase())) throw optionInvalid(name, value, 'the source statestore has no such option');
  }
  const operator = numberOf(options, 'operatorId') ?? 0;
  const read = readOptionsOf(options);
  const readsChanges = booleanOf(options, 'readChangeFeed') ?? false;
  const changes = readsChanges ? changesOf(options, read) : null;
  if (!readsChanges) refuseChangeOptions(options);
  return { operator, batchId: numberOf(options, 'batchId'), read, snapshot: snapshotOf(options), changes };
}

function readOptionsOf(options: Options): ReadOptions {
  const store = textOf(options, 'storeName') ?? DEFAULT_STORE;
  const variable = textOf(options, 'stateVarName');
  const timers = booleanOf(options, 'readRegisteredTimers') ?? false;
  if (timers && variable !== null) throw conflict('readRegisteredTimers', 'stateVarName');
  const flattens = booleanOf(options, 'flattenCollectionTypes') ?? true;
  const side = optionText(options, 'joinSide') ?? 'none';
  if (side !== 'left' && side !== 'right' && side !== 'none') throw invalid('joinSide', 'Valid values are left,right,none');
  if (side !== 'none' && store !== DEFAULT_STORE) throw conflict('joinSide', 'storeName');
  return {
    variable,
    storeName: store === DEFAULT_STORE ? null : store,
    joinSide: side === 'none' ? null : side,
    timers,
    wholeCollections: !flattens,
  };
}

function changesOf(options: Options, read: ReadOptions): { from: number; until: number | null } {
  if (read.joinSide !== null) throw conflict('joinSide', 'readChangeFeed');
  for (const other of ['batchId', 'snapshotStartBatchId', 'snapshotPartitionId']) {
    if (optionText(options, other) !== undefined) throw conflict(other, 'readChangeFeed');
  }
  if (read.timers) throw conflict('readRegisteredTimers', 'readChangeFeed');
  return { from: numberOf(options, 'changeStartBatchId') ?? required('changeStartBatchId'), until: numberOf(options, 'changeEndBatchId') };
}

function refuseChangeOptions(options: Options): void {
  for (const name of ['changeStartBatchId', 'changeEndBatchId']) {
    if (optionText(options, name) !== undefined) throw invalid(name, 'Only specify this option when readChangeFeed is set to true.');
  }
}

function snapshotOf(options: Options): { batchId: number; shard: number } | null {
  const batchId = numberOf(options, 'snapshotStartBatchId');
  const shard = numberOf(options, 'snapshotPartitionId');
  if (batchId === null && shard === null) return null;
  return { batchId: batchId ?? required('snapshotStartBatchId'), shard: shard ?? required('snapshotPartitionId') };
}

/** Checks what depends on the batches that there are: `batchId` is the one that is read, or the last whose changes are. */
export function checkBatches({ snapshot, changes }: StateOptions, batchId: number): void {
  if (snapshot !== null && snapshot.batchId > batchId) {
    throw invalid('snapshotStartBatchId', `value should be less than or equal to ${batchId}`);
  }
  if (changes !== null && changes.from > batchId) {
    const advice = `Please check the input to changeEndBatchId, or if you are using its default value, make sure that changeStartBatchId is less than ${batchId}.`;
    throw invalid('changeEndBatchId', `changeEndBatchId cannot be smaller than changeStartBatchId. ${advice}`);
  }
}

/**
 * The options as they hold for an operator; `describe` says where it was looked for. Throws STDS_INVALID_OPTION_VALUE,
 * STDS_REQUIRED_OPTION_UNSPECIFIED, STDS_FAILED_TO_READ_STATE_SCHEMA.
 */
export function checkOperator(schema: OperatorSchema | null, read: ReadOptions, describe: () => string): ReadOptions {
  if (schema === null) throw unreadableSchema(describe);
  const isProgram = schema.name === 'transformWithStateExec';
  const isJoin = schema.name === 'symmetricHashJoin';
  const only = (option: string, what: string) =>
    invalid(
      option,
      `${what} is only supported with the transformWithState operator. Found operator=${schema.name}. Please remove this option and re-run the query.`,
    );
  if (isProgram) return checkProgram(schema, read, describe);
  // Spark takes the store of an operator that has one alone for the name of a variable.
  if (read.variable !== null || (!isJoin && read.storeName !== null)) throw only('stateVarName', 'Providing state variable names');
  if (read.timers) throw only('readRegisteredTimers', 'Providing readRegisteredTimers=true');
  const knowsStore = read.storeName !== null && JOIN_STORES.includes(read.storeName);
  const isWhole = isJoin ? read.joinSide !== null || knowsStore : read.joinSide === null;
  // Early checkpoints do not say how groups and joins read.
  const isDescribed = schema.rows !== undefined || schema.name.startsWith('dedupe') || schema.name === 'flatMapGroupsWithState';
  if (!isWhole || !isDescribed) throw unreadableSchema(describe);
  return read;
}

function checkProgram(schema: OperatorSchema, read: ReadOptions, describe: () => string): ReadOptions {
  if (read.joinSide !== null) throw unreadableSchema(describe);
  if (read.timers) return read;
  const variable = read.variable ?? read.storeName ?? required('stateVarName');
  const names = schema.values.map(variableName);
  if (!names.includes(variable)) {
    throw invalid('stateVarName', `State variable ${variable} is not defined for the transformWithState operator.`);
  }
  return { ...read, variable };
}

/** The name of a variable in an operator's schema: it stands first, in backquotes. */
export function variableName(text: string): string {
  const quoted = /^`((?:[^`]|``)*)`/.exec(text)?.[1] ?? text;
  return quoted.replaceAll('``', '`');
}

/** Refuses a shard that the operator does not have. Throws CANNOT_LOAD_STATE_STORE.SNAPSHOT_PARTITION_ID_NOT_FOUND. */
export function checkShard({ operator, snapshot }: StateOptions, numShards: number, location: string): void {
  if (snapshot === null || snapshot.shard < numShards) return;
  throw new MillraceError('CANNOT_LOAD_STATE_STORE.SNAPSHOT_PARTITION_ID_NOT_FOUND', {
    parameters: { snapshotPartitionId: String(snapshot.shard), operatorId: String(operator), checkpointLocation: location },
  });
}

/** The options as Spark's messages have them. */
export function describeOptions(location: string, { operator, read }: StateOptions, batchId: number): string {
  const { storeName, joinSide, variable, wholeCollections } = read;
  const parts = [
    `checkpointLocation=${location}`,
    `batchId=${batchId}`,
    `operatorId=${operator}`,
    `storeName=${storeName ?? DEFAULT_STORE}`,
    `joinSide=${joinSide ?? 'none'}`,
    `stateVarName=${variable === null ? 'None' : `Some(${variable})`}`,
    `flattenCollectionTypes=${!wholeCollections}`,
  ];
  return `StateSourceOptions(${parts.join(', ')})`;
}

function numberOf(options: Options, name: string): number | null {
  const text = optionText(options, name)?.trim();
  if (text === undefined) return null;
  if (/^-\d+$/.test(text)) throw new MillraceError('STDS_INVALID_OPTION_VALUE.IS_NEGATIVE', { parameters: { optionName: name } });
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw invalid(name, `For input string: "${text}"`);
  return value;
}

function booleanOf(options: Options, name: string): boolean | null {
  const text = optionText(options, name)?.toLowerCase();
  if (text === undefined) return null;
  if (text !== 'true' && text !== 'false') throw invalid(name, 'Boolean value is expected');
  return text === 'true';
}

function textOf(options: Options, name: string): string | null {
  const text = optionText(options, name)?.trim();
  if (text === '') throw new MillraceError('STDS_INVALID_OPTION_VALUE.IS_EMPTY', { parameters: { optionName: name } });
  return text ?? null;
}

function required(optionName: string): never {
  throw new MillraceError('STDS_REQUIRED_OPTION_UNSPECIFIED', { parameters: { optionName } });
}

function conflict(first: string, second: string): MillraceError {
  return new MillraceError('STDS_CONFLICT_OPTIONS', { parameters: { options: `['${first}', '${second}']` } });
}

function invalid(optionName: string, message: string): MillraceError {
  return new MillraceError('STDS_INVALID_OPTION_VALUE.WITH_MESSAGE', { parameters: { optionName, message } });
}

function unreadableSchema(describe: () => string): MillraceError {
  return new MillraceError('STDS_FAILED_TO_READ_STATE_SCHEMA', { parameters: { sourceOptions: describe() } });
}
