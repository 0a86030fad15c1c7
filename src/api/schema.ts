// Schemas with row types: `schema({...})`, and the DDL text that they stand for. Spark counterpart: `StructType`.
import { describe, invalidArgument } from './argument.js';
import type { Ddl, SqlTypeText, TypeOf } from './types/ddl-types.js';

declare const rowType: unique symbol;

/** A row type: what the type checker knows as `T`, and what Spark reads as DDL. Made by `schema(...)`. */
export class Schema<out T> {
  /** The row type; there is nothing here at run time. */
  declare readonly [rowType]: T;
  /** The schema as DDL text, such as `id STRING, amount INT NOT NULL`. */
  readonly ddl: string;

  /** Users call `schema(...)`. */
  constructor(ddl: string) {
    this.ddl = ddl;
  }
}

/** What `schema({...})` takes for a field: SQL type text, or the schema of a nested struct. */
export type SchemaField = SqlTypeText | Schema<unknown>;

/** The row type of the fields that `schema({...})` takes. */
export type SchemaRow<F extends Readonly<Record<string, SchemaField>>> = {
  -readonly [K in keyof F]: F[K] extends Schema<infer T> ? T | null : F[K] extends string ? TypeOf<F[K]> : never;
};

/** The row type of a schema: `type Trade = RowOf<typeof Trade>`; of a DataFrame as well. */
export type RowOf<S> = S extends Schema<infer T> ? T : S extends { readonly row: infer T } ? T : never;

/**
 * A schema from an object of SQL types, or from DDL text. Fields may be null unless their type says `not null`; a nested schema is a
 * struct that may be null. `long` is a bigint in TypeScript, `timestamp` and `date` are Dates, `binary` is a Uint8Array, `decimal` a string.
 * Throws ARGUMENT_INVALID for fields of other kinds; what the type texts say is checked where the schema is used.
 *
 * ```ts
 * const Trade = schema({ id: 'string', amount: 'int not null', eventtime: 'timestamp' });
 * const Point = schema('x DOUBLE NOT NULL, y DOUBLE NOT NULL');
 * ```
 */
export function schema<const F extends Readonly<Record<string, SchemaField>>>(fields: F): Schema<SchemaRow<F>>;
export function schema<const S extends string>(ddl: S): Schema<Ddl<S>>;
export function schema(fields: string | Readonly<Record<string, unknown>>): Schema<unknown> {
  if (typeof fields === 'string') return new Schema(fields);
  if (typeof fields !== 'object' || fields === null)
    throw invalidArgument('schema', `expected an object of types or DDL text, got ${describe(fields)}`);
  return new Schema(
    Object.entries(fields)
      .map(([name, type]) => `${quoteField(name)} ${sqlTypeOf('schema', `the type of field ${name}`, type)}`)
      .join(', '),
  );
}

/** The DDL text of a schema argument. Throws ARGUMENT_INVALID where it is neither text nor a schema. */
export function ddlOf(functionName: string, schemaArgument: string | Schema<unknown>): string {
  if (schemaArgument instanceof Schema) return schemaArgument.ddl;
  if (typeof schemaArgument === 'string') return schemaArgument;
  throw invalidArgument(functionName, `the schema must be DDL text or a schema(...), got ${describe(schemaArgument)}`);
}

/** The SQL type of values: that of a struct for a schema. Throws ARGUMENT_INVALID, in the name of `functionName`, where `what` is neither type text nor a schema. */
export function sqlTypeOf(functionName: string, what: string, type: unknown): string {
  if (type instanceof Schema) return `STRUCT<${type.ddl}>`;
  if (typeof type === 'string') return type;
  throw invalidArgument(functionName, `${what} must be SQL type text or a schema(...), got ${describe(type)}`);
}

/** Field names are always quoted: any text may be one. */
function quoteField(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
