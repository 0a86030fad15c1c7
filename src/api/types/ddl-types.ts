// The row type of DDL text such as 'id STRING, price DECIMAL(10, 2), place STRUCT<city: STRING>', computed by the type checker.
import type { Decimal, EmptyRow, ScalarTypes, Simplify } from './value-types.js';

type Space = ' ' | '\n' | '\t' | '\r';

/** Text without white space around it. */
type Trim<S extends string> = S extends `${Space}${infer Rest}` ? Trim<Rest> : S extends `${infer Rest}${Space}` ? Trim<Rest> : S;

/** How often a character occurs, as the length of a tuple. */
type Occurrences<S extends string, C extends string, Found extends 0[] = []> = S extends `${string}${C}${infer Rest}`
  ? Occurrences<Rest, C, [...Found, 0]>
  : Found['length'];

/** Whether every bracket in the text is closed. */
type IsBalanced<S extends string> = S extends `${string}${'<' | '('}${string}`
  ? [Occurrences<S, '<'>, Occurrences<S, '('>] extends [Occurrences<S, '>'>, Occurrences<S, ')'>]
    ? true
    : false
  : true;

/** Text cut at the commas that stand outside brackets. */
type SplitFields<S extends string, Open extends string = ''> = S extends `${infer Head},${infer Rest}`
  ? IsBalanced<`${Open}${Head}`> extends true
    ? [`${Open}${Head}`, ...SplitFields<Rest>]
    : SplitFields<Rest, `${Open}${Head},`>
  : [`${Open}${S}`];

/** `name TYPE`, `name: TYPE` or `` `quoted name` TYPE`` as an object type with one property. */
type Field<S extends string> = S extends `\`${infer Name}\`${infer Type}`
  ? { [K in Name]: TypeOf<Type extends `${Space | ''}:${infer T}` ? T : Type> }
  : S extends `${infer Head} ${infer Type}`
    ? Head extends `${infer Name}:${infer Start}`
      ? { [K in Name]: TypeOf<`${Start} ${Type}`> }
      : { [K in Head]: TypeOf<Type extends `:${infer T}` ? T : Type> }
    : S extends `${infer Name}:${infer Type}`
      ? { [K in Name]: TypeOf<Type> }
      : unknown;

type FieldsOf<Fields extends readonly string[]> = Fields extends readonly [infer Head extends string, ...infer Rest extends string[]]
  ? Field<Trim<Head>> & FieldsOf<Rest>
  : unknown;

/** The fields of a struct, given as the text between its angle brackets. */
type StructFields<S extends string> = Trim<S> extends '' ? EmptyRow : Simplify<FieldsOf<SplitFields<S>>>;

/** The type of a value that is not null. */
type PresentType<S extends string> =
  Lowercase<S> extends keyof ScalarTypes
    ? ScalarTypes[Lowercase<S>]
    : S extends `${infer Head}<${infer Inner}>`
      ? NestedType<Lowercase<Trim<Head>>, Inner>
      : Lowercase<S> extends `${'decimal' | 'dec' | 'numeric'}${Space | ''}(${string})`
        ? Decimal
        : Lowercase<S> extends `${'varchar' | 'char'}${Space | ''}(${string})`
          ? string
          : unknown;

type NestedType<Head extends string, Inner extends string> = Head extends 'struct'
  ? StructFields<Inner>
  : Head extends 'array'
    ? TypeOf<Inner>[]
    : Head extends 'map'
      ? SplitFields<Inner> extends [infer K extends string, infer V extends string]
        ? Map<Exclude<TypeOf<K>, null>, TypeOf<V>>
        : unknown
      : unknown;

type Constrained<S extends string> = S extends `${infer Type} ${'COMMENT' | 'comment'} ${string}`
  ? Constrained<Trim<Type>>
  : S extends `${infer Type} ${'NOT NULL' | 'not null' | 'Not Null'}`
    ? PresentType<Trim<Type>>
    : PresentType<S> | null;

/**
 * The TypeScript type of a SQL type's values: `TypeOf<'int'>` is `number | null`, `TypeOf<'int not null'>` is `number`. Text that is
 * known at run time only, and types that this arithmetic does not follow, are `unknown`.
 */
export type TypeOf<S extends string> = string extends S
  ? unknown
  : Lowercase<S> extends keyof ScalarTypes
    ? ScalarTypes[Lowercase<S>] | null
    : Constrained<Trim<S>>;

/**
 * The row type of DDL text: `Ddl<'id STRING, amount INT NOT NULL'>` is `{ id: string | null; amount: number }`.
 * Text that is known at run time only gives `Record<string, unknown>`.
 */
export type Ddl<S extends string> = string extends S ? Record<string, unknown> : StructFields<S>;

type ScalarName = Exclude<keyof ScalarTypes, 'void'>;
type TypeText =
  | ScalarName
  | `${'decimal' | 'dec' | 'numeric' | 'varchar' | 'char'}(${string})`
  | `${'array' | 'map' | 'struct'}<${string}>`;

/** SQL type text that `schema({...})` takes, in lower or upper case, with `not null` where nulls are impossible. */
export type SqlTypeText =
  | TypeText
  | `${TypeText} not null`
  | Uppercase<ScalarName>
  | `${Uppercase<ScalarName>} NOT NULL`
  | `${Uppercase<'decimal' | 'array' | 'map' | 'struct'>}${'(' | '<'}${string}`;
