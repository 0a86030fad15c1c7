// DDL text and schema({...}) as row types.
import { type Ddl, type Decimal, type Double, type RowOf, schema, type TypeOf } from '../../src/index.js';
import { type Equal, expectType } from './equal.js';

// Fields may be null unless they say NOT NULL; upper and lower case are the same; white space does not matter.
expectType<Equal<Ddl<'id STRING, amount INT'>, { id: string | null; amount: number | null }>>();
expectType<Equal<Ddl<'id string NOT NULL,\n  amount int not null'>, { id: string; amount: number }>>();
expectType<Equal<Ddl<'  a   BIGINT  ,b:long'>, { a: bigint | null; b: bigint | null }>>();
expectType<Equal<keyof Ddl<''>, never>>();

// Every SQL type.
expectType<Equal<TypeOf<'tinyint'>, number | null>>();
expectType<Equal<TypeOf<'SMALLINT NOT NULL'>, number>>();
expectType<Equal<TypeOf<'long'>, bigint | null>>();
expectType<Equal<TypeOf<'float'>, Double | null>>();
expectType<Equal<TypeOf<'double not null'>, Double>>();
expectType<Equal<TypeOf<'boolean'>, boolean | null>>();
expectType<Equal<TypeOf<'date'>, Date | null>>();
expectType<Equal<TypeOf<'timestamp_ntz'>, Date | null>>();
expectType<Equal<TypeOf<'binary'>, Uint8Array | null>>();
expectType<Equal<TypeOf<'varchar(10)'>, string | null>>();
expectType<Equal<TypeOf<'no such type'>, unknown>>();

// Commas inside brackets do not end a field.
expectType<Equal<Ddl<'price DECIMAL(10, 2) NOT NULL, id INT'>, { price: Decimal; id: number | null }>>();
expectType<
  Equal<
    Ddl<'place STRUCT<cityName: STRING, at: STRUCT<x: DOUBLE NOT NULL, y: DOUBLE>>, n INT'>,
    {
      place: { cityName: string | null; at: { x: Double; y: Double | null } | null } | null;
      n: number | null;
    }
  >
>();
expectType<Equal<TypeOf<'ARRAY<INT>'>, (number | null)[] | null>>();
expectType<Equal<TypeOf<'MAP<STRING, ARRAY<BIGINT>> NOT NULL'>, Map<string, (bigint | null)[] | null>>>();

// Quoted names, comments, text known at run time only.
expectType<Equal<Ddl<'`first name` STRING, id INT'>, { 'first name': string | null; id: number | null }>>();
expectType<Equal<Ddl<"id INT NOT NULL COMMENT 'key', b INT">, { id: number; b: number | null }>>();
expectType<Equal<Ddl<string>, Record<string, unknown>>>();

// schema({...}) and schema('...') make the same rows.
const Trade = schema({ id: 'string', amount: 'int not null', at: 'timestamp', place: schema({ city: 'STRING' }), tags: 'array<string>' });
expectType<
  Equal<
    RowOf<typeof Trade>,
    { id: string | null; amount: number; at: Date | null; place: { city: string | null } | null; tags: (string | null)[] | null }
  >
>();
const Point = schema('x DOUBLE NOT NULL, y DOUBLE');
expectType<Equal<RowOf<typeof Point>, { x: Double; y: Double | null }>>();
// @ts-expect-error: there is no type 'strng'
schema({ id: 'strng' });

// Plain numbers and strings go where doubles and decimals are asked for, and come out as such.
const double: Double = 1.5;
const number: number = double;
const decimal: Decimal = '1.50';
const text: string = decimal;

export { number, text };
