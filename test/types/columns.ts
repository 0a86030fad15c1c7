// What operators and functions make of column types.
import {
  abs,
  avg,
  type Column,
  coalesce,
  col,
  concat,
  count,
  countIf,
  type Decimal,
  type Double,
  fromJson,
  length,
  lit,
  max,
  not,
  sum,
  toTimestamp,
  upper,
  when,
  window,
} from '../../src/index.js';
import { type Equal, expectType } from './equal.js';

declare const id: Column<string | null, 'id'>;
declare const int: Column<number | null, 'int'>;
declare const required: Column<number, 'required'>;
declare const long: Column<bigint | null, 'long'>;
declare const double: Column<Double | null, 'double'>;
declare const decimal: Column<Decimal | null, 'decimal'>;
declare const at: Column<Date | null, 'at'>;
declare const flag: Column<boolean | null, 'flag'>;
declare const someNumber: number;

/** The value type of a column expression. */
type Value<C> = C extends Column<infer T, string> ? T : never;
const shown = <C extends Column>(column: C): Value<C> => column as never;

// Arithmetic widens as Spark does, and keeps null only where a side may be null.
const products = {
  ints: int.mul(-1),
  required: required.mul(2),
  withDouble: int.mul(1.5),
  withLong: int.add(long),
  withBigint: required.add(1n),
  unknownNumber: sum(int.mul(someNumber)),
  quotient: required.div(2),
  decimals: decimal.mul(2),
  untyped: col('x').mul(2),
};
expectType<Equal<Value<typeof products.ints>, number | null>>();
expectType<Equal<Value<typeof products.required>, number>>();
expectType<Equal<Value<typeof products.withDouble>, Double | null>>();
expectType<Equal<Value<typeof products.withLong>, bigint | null>>();
expectType<Equal<Value<typeof products.withBigint>, bigint>>();
expectType<Equal<Value<typeof products.unknownNumber>, number | bigint | null>>();
expectType<Equal<Value<typeof products.quotient>, Double | null>>();
expectType<Equal<Value<typeof products.decimals>, Decimal | null>>();
expectType<Equal<Value<typeof products.untyped>, unknown>>();

// Sums: of whole numbers bigint, of doubles number, of decimals text; nothing else has one.
const sums = { int: sum(int), long: sum(long), double: sum(double), decimal: sum(decimal), name: sum('int') };
expectType<Equal<Value<typeof sums.int>, bigint | null>>();
expectType<Equal<Value<typeof sums.long>, bigint | null>>();
expectType<Equal<Value<typeof sums.double>, Double | null>>();
expectType<Equal<Value<typeof sums.decimal>, Decimal | null>>();
// @ts-expect-error: text has no sum
sum(id);
// @ts-expect-error: neither has a time an average
avg(at);
// @ts-expect-error: nor an absolute value
abs(at);

const aggregates = { avg: avg(int), decimalAvg: avg(decimal), count: count(id), all: count('*'), max: max(at) };
expectType<Equal<Value<typeof aggregates.avg>, Double | null>>();
expectType<Equal<Value<typeof aggregates.decimalAvg>, Decimal | null>>();
expectType<Equal<Value<typeof aggregates.count>, bigint>>();
expectType<Equal<Value<typeof aggregates.all>, bigint>>();
expectType<Equal<Value<typeof aggregates.max>, Date | null>>();

// when: null until otherwise; branches widen to one number type.
const choices = {
  open: when(id.eq('sell'), int),
  closed: when(id.eq('sell'), int.mul(-1)).otherwise(int),
  constants: when(flag, 'yes').when(not(flag), 'no').otherwise('unknown'),
  widened: when(flag, required).otherwise(1.5),
  first: coalesce(int, required),
  nullable: coalesce(int, long),
};
expectType<Equal<Value<typeof choices.open>, number | null>>();
expectType<Equal<Value<typeof choices.closed>, number | null>>();
expectType<Equal<Value<typeof choices.constants>, string>>();
expectType<Equal<Value<typeof choices.widened>, Double>>();
expectType<Equal<Value<typeof choices.first>, number>>();
expectType<Equal<Value<typeof choices.nullable>, bigint | null>>();
// @ts-expect-error: a number is no condition
when(int, 1);
// @ts-expect-error: nor does it go with and
flag.and(int);

// Comparisons take constants of the column's own kind.
id.eq('sell');
int.lt(5n);
at.geq(new Date(0));
at.lt('2020-04-20');
int.between(1, long);
id.isin('a', 'b');
id.isin(['a', 'b']);
id.eqNullSafe(null);
// @ts-expect-error: text against a number
id.eq(5);
// @ts-expect-error: a number against text
int.lt('5');
// @ts-expect-error: a list of the wrong kind
id.isin(1, 2);

// Casts, names, structs, JSON.
const value = col('value').cast('string');
expectType<Equal<typeof value, Column<string | null, 'value'>>>();
expectType<Equal<Value<ReturnType<typeof castToDecimal>>, Decimal | null>>();
const castToDecimal = () => id.cast('decimal(10,2)');
const json = fromJson(col('value'), 'id STRING NOT NULL, at STRUCT<x: INT>');
expectType<Equal<Value<typeof json>, { id: string | null; at: { x: number | null } | null } | null>>();
const window5 = window(at, '5 minutes');
expectType<Equal<Value<ReturnType<typeof windowStart>>, Date>>();
const windowStart = () => window5.getField('start');
// @ts-expect-error: a window has no such field
window5.getField('begin');
shown(countIf(id.eq('a'))) satisfies bigint;
// @ts-expect-error: a number is no condition
countIf(int);
shown(lit(5)) satisfies number;
shown(concat('a', lit('b'))) satisfies string | null;
shown(length(upper(id))) satisfies number | null;
shown(toTimestamp('time', 'yyyy')) satisfies Date | null;

// @ts-expect-error: the third argument is the slide duration; other columns go beside the window
window('eventtime', '5 minute', col('id'));
window('eventtime', '5 minutes', '1 minute', '30 seconds');

// A column is a column of the wider type, not of the narrower.
const wider: Column<number | null> = required;
// @ts-expect-error: it may be null
const narrower: Column<number> = int;

export { narrower, wider };
