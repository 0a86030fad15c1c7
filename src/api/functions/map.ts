// Functions of maps.
import { callNode } from '../../plan/expression.js';
import { Column } from '../column.js';
import type { ColumnOrName, Operand } from '../types/column-types.js';
import { call, columnNodes, type ElementOf, type EntryOf, type Given, type KeyOf, type MapOf, type NullOf, type ValueIn } from './call.js';

/** A map of keys and values that take turns. */
export function map(...columns: readonly ColumnOrName[]): Column<Map<unknown, unknown>> {
  return call('map', columns);
}

/** A map of keys and values that take turns; PySpark's name of `map`. Spark counterpart: `map`. */
export function createMap(...columns: readonly ColumnOrName[]): Column<Map<unknown, unknown>> {
  return new Column(callNode('map', columnNodes('createMap', columns)));
}

/** A map of an array of keys and an array of values. Spark counterpart: `map_from_arrays`. */
export function mapFromArrays<const C extends ColumnOrName, const D extends ColumnOrName>(
  keys: C,
  values: D,
): Column<Map<Exclude<ElementOf<C>, null>, ElementOf<D>> | null> {
  return call('map_from_arrays', [keys, values]);
}

/** A map of an array of structs of a key and a value. Spark counterpart: `map_from_entries`. */
export function mapFromEntries(column: ColumnOrName): Column<Map<unknown, unknown> | null> {
  return call('map_from_entries', [column]);
}

/** The entries of all maps. A key that comes twice is an error, as `spark.sql.mapKeyDedupPolicy` has it. Spark counterpart: `map_concat`. */
export function mapConcat<const C extends readonly [ColumnOrName, ...ColumnOrName[]]>(...columns: C): Column<MapOf<C[0]> | null> {
  return call('map_concat', columns);
}

/** The keys. Spark counterpart: `map_keys`. */
export function mapKeys<const C extends ColumnOrName>(column: C): Column<KeyOf<C>[] | NullOf<Given<C>>> {
  return call('map_keys', [column]);
}

/** The values, in the order of the keys. Spark counterpart: `map_values`. */
export function mapValues<const C extends ColumnOrName>(column: C): Column<ValueIn<C>[] | NullOf<Given<C>>> {
  return call('map_values', [column]);
}

/** The entries as structs of `key` and `value`. Spark counterpart: `map_entries`. */
export function mapEntries<const C extends ColumnOrName>(column: C): Column<EntryOf<C>[] | NullOf<Given<C>>> {
  return call('map_entries', [column]);
}

/** Whether the map has the key. Spark counterpart: `map_contains_key`. */
export function mapContainsKey(column: ColumnOrName, key: Operand): Column<boolean | null> {
  return call('map_contains_key', [column], [key]);
}

/** Text such as `a:1,b:2` as a map; the delimiters are columns with regular expressions. Spark counterpart: `str_to_map`. */
export function strToMap(
  text: ColumnOrName,
  pairDelimiter?: ColumnOrName,
  keyValueDelimiter?: ColumnOrName,
): Column<Map<string, string | null> | null> {
  return call('str_to_map', [text, pairDelimiter, keyValueDelimiter]);
}
