// Which stateful operators a checkpoint was made by (Spark's state/<operator>/_metadata/metadata), and what of them may change between starts.
import { MillraceError } from '../error/millrace-error.js';

/** A stateful operator, as Rust describes it: two queries that agree in it can take over each other's state. */
export interface OperatorSchema {
  /** Spark's name, such as `stateStoreSave`. */
  readonly name: string;
  readonly numShards: number;
  /** Types of what rows of state are found by. */
  readonly keys: readonly string[];
  /** What is kept for each key. */
  readonly values: readonly string[];
  /** By what rules it is kept: time mode and output mode of the program's functions, the type of a join. */
  readonly properties?: Readonly<Record<string, string>>;
  /** How it reads as rows: Rust's alone. Not there in a checkpoint of an earlier version. */
  readonly rows?: object;
}

/** Spark's stores of a join. */
export const JOIN_STORES: readonly string[] = [
  'left-keyToNumValues',
  'left-keyWithIndexToValue',
  'right-keyToNumValues',
  'right-keyWithIndexToValue',
];

/** The names of an operator's stores. */
export function storesOf(schema: OperatorSchema): readonly string[] {
  return schema.name === 'symmetricHashJoin' ? JOIN_STORES : ['default'];
}

/** The path of an operator's metadata within the checkpoint. */
export function operatorMetadata(operator: number): string {
  return `state/${operator}/_metadata/metadata`;
}

/** The text of an operator's metadata: Spark's, with the schema as a further member. */
export function storedOperator(operator: number, schema: OperatorSchema): string {
  const operatorInfo = { operatorId: operator, operatorName: schema.name };
  const stateStoreInfo = storesOf(schema).map((storeName) => ({ storeName, numColsPrefixKey: 0, numPartitions: schema.numShards }));
  return `v1\n${JSON.stringify({ operatorInfo, stateStoreInfo, schema })}`;
}

/** What `storedOperator` wrote. */
export function readOperatorMetadata(text: string): OperatorSchema {
  return JSON.parse(text.split('\n')[1] ?? '{}').schema;
}

/**
 * Refuses a query whose state would not be the checkpoint's, with Spark's errors: other operators, other types of keys, other aggregates, other
 * rules by which the same state would mean something else. Delay, output mode, length of windows and what keys and aggregates are computed from may change, as in Spark.
 */
export function compareOperators(stored: readonly OperatorSchema[], current: readonly OperatorSchema[]): void {
  const namesOf = (operators: readonly OperatorSchema[]) =>
    operators.map(({ name }, operator) => `(OperatorId: ${operator} -> OperatorName: ${name})`).join(', ');
  if (namesOf(stored) !== namesOf(current)) {
    const parameters = { OpsInMetadataSeq: namesOf(stored), OpsInCurBatchSeq: namesOf(current) };
    throw new MillraceError('STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA', { parameters });
  }
  for (const [operator, before] of stored.entries()) {
    const now = current[operator] as OperatorSchema;
    const changed = changedProperty(before, now);
    if (changed !== null) throw new MillraceError('STATE_STORE_INVALID_CONFIG_AFTER_RESTART', { parameters: changed });
    const keys = difference(before.keys, now.keys);
    if (keys !== null) {
      throw new MillraceError('STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE', {
        parameters: { storedKeySchema: listed(before.keys), newKeySchema: listed(now.keys), difference: keys },
      });
    }
    const values = difference(before.values, now.values);
    if (values !== null) {
      throw new MillraceError('STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE', {
        parameters: { storedValueSchema: listed(before.values), newValueSchema: listed(now.values), difference: values },
      });
    }
  }
}

/** The first property that is not what it was. */
function changedProperty(before: OperatorSchema, now: OperatorSchema) {
  for (const [configName, newConfig] of Object.entries(now.properties ?? {})) {
    const oldConfig = before.properties?.[configName];
    if (oldConfig !== undefined && oldConfig !== newConfig) return { configName, oldConfig, newConfig };
  }
  return null;
}

function listed(types: readonly string[]): string {
  return `(${types.join(', ')})`;
}

/** What changed, for a person: position by position; null where nothing did. */
function difference(before: readonly string[], now: readonly string[]): string | null {
  const changes: string[] = [];
  for (let index = 0; index < Math.max(before.length, now.length); index += 1) {
    const [old, current] = [before[index], now[index]];
    if (old === current) continue;
    if (old === undefined) changes.push(`number ${index + 1} is new: ${current}`);
    else if (current === undefined) changes.push(`number ${index + 1} is gone: ${old}`);
    else changes.push(`number ${index + 1} was ${old}, now it is ${current}`);
  }
  return changes.length === 0 ? null : changes.join('; ');
}
