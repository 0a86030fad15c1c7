// Functions that read and write JSON text.
import { callNode } from '../../plan/expression.js';
import { literalNode } from '../../plan/literal.js';
import { describe, invalidArgument } from '../argument.js';
import { Column, columnOrNameNode, operandNode } from '../column.js';
import { ddlOf, type Schema } from '../schema.js';
import type { ColumnOrName } from '../types/column-types.js';
import type { Ddl } from '../types/ddl-types.js';
import { call } from './call.js';

/** Options of JSON text, under Spark's names, such as `mode`, `timestampFormat`, `allowSingleQuotes`. */
export type JsonOptions = Readonly<Record<string, string | number | boolean>>;

/**
 * Parses JSON text into a struct. The schema is DDL text or a `schema(...)`. Text that is no JSON makes a null struct, a field that does
 * not fit makes a null field (`mode` PERMISSIVE); with `mode` FAILFAST it is MALFORMED_RECORD_IN_PARSING. All fields may be null.
 * Single quotes are accepted, as by Spark. Spark counterpart: `from_json`.
 *
 * ```ts
 * fromJson(col('value'), 'id STRING, amount INT')
 * ```
 */
export function fromJson<const S extends string>(column: ColumnOrName, ddl: S, options?: JsonOptions): Column<Parsed<Ddl<S>>>;
export function fromJson<T>(column: ColumnOrName, schema: Schema<T>, options?: JsonOptions): Column<Parsed<T>>;
export function fromJson(column: ColumnOrName, schema: string | Schema<unknown>, options: JsonOptions = {}): Column<Parsed<unknown>> {
  const texts = optionTexts('fromJson', options);
  const ddl = ddlOf('fromJson', schema);
  return new Column(callNode('from_json', [columnOrNameNode('fromJson', column), literalNode(ddl)], texts));
}

/** Whatever NOT NULL the schema says, JSON may leave a field out. */
type Parsed<T> = { [K in keyof T]: T[K] | null } | null;

/** A struct, an array or a map as JSON text; fields that are null are left out, unless `ignoreNullFields` is false. Spark counterpart: `to_json`. */
export function toJson(column: ColumnOrName, options: JsonOptions = {}): Column<string | null> {
  return new Column(callNode('to_json', [columnOrNameNode('toJson', column)], optionTexts('toJson', options)));
}

/** The schema of a constant JSON text as DDL text. Spark counterpart: `schema_of_json`. */
export function schemaOfJson(json: Column | string, options: JsonOptions = {}): Column<string> {
  return new Column(callNode('schema_of_json', [operandNode(json)], optionTexts('schemaOfJson', options)));
}

/** What a path such as `$.trade.id` finds in JSON text, as text; null where it finds nothing. Spark counterpart: `get_json_object`. */
export function getJsonObject(column: ColumnOrName, path: string): Column<string | null> {
  return call('get_json_object', [column], [path]);
}

/** The number of elements of a JSON array; null where the text is none. Spark counterpart: `json_array_length`. */
export function jsonArrayLength(column: ColumnOrName): Column<number | null> {
  return call('json_array_length', [column]);
}

/** The names of a JSON object's members; null where the text is none. Spark counterpart: `json_object_keys`. */
export function jsonObjectKeys(column: ColumnOrName): Column<string[] | null> {
  return call('json_object_keys', [column]);
}

function optionTexts(functionName: string, options: JsonOptions): Record<string, string> {
  if (typeof options !== 'object' || options === null)
    throw invalidArgument(functionName, `the options must be an object, got ${describe(options)}`);
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)]));
}
