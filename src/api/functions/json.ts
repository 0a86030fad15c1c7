// Functions that read JSON text.
import { callNode } from '../../plan/expression.js';
import { literalNode } from '../../plan/literal.js';
import { describe, invalidArgument } from '../argument.js';
import { Column, columnOrNameNode } from '../column.js';
import { ddlOf, type Schema } from '../schema.js';
import type { ColumnOrName } from '../types/column-types.js';
import type { Ddl } from '../types/ddl-types.js';

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
  if (typeof options !== 'object' || options === null)
    throw invalidArgument('fromJson', `the options must be an object, got ${describe(options)}`);
  const ddl = ddlOf('fromJson', schema);
  const texts = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)]));
  return new Column(callNode('from_json', [columnOrNameNode('fromJson', column), literalNode(ddl)], texts));
}

/** Whatever NOT NULL the schema says, JSON may leave a field out. */
type Parsed<T> = { [K in keyof T]: T[K] | null } | null;
