// The types of aggregates of the program's own: what their functions get and give, and their columns.
import { col, type Double, type Schema, Session, schema, udaf } from '../../src/index.js';
import { type Equal, expectType } from './equal.js';

const average = udaf({
  input: schema({ price: 'double', amount: 'long not null' }),
  buffer: schema({ worth: 'double not null', amount: 'long not null' }),
  output: 'double',
  zero: () => ({ worth: 0, amount: 0n }),
  reduce(buffer, row) {
    expectType<Equal<typeof buffer, { worth: Double; amount: bigint }>>();
    expectType<Equal<typeof row, Readonly<{ price: Double | null; amount: bigint }>>>();
    return { worth: buffer.worth + (row.price ?? 0) * Number(row.amount), amount: buffer.amount + row.amount };
  },
  finish: ({ worth, amount }) => (amount === 0n ? null : worth / Number(amount)),
});

declare const Row: Schema<{ k: string; price: number; amount: bigint }>;
const rows = Session.create().createDataFrame([], Row);
const averages = rows.groupBy('k').agg(average('price', col('amount')).alias('average'));
expectType<Equal<(typeof averages)['row'], { k: string; average: Double | null }>>();

const pair = udaf({
  input: 'int not null',
  buffer: 'int not null',
  output: schema({ least: 'int' }),
  zero: () => 0,
  reduce: (buffer, value) => Math.min(buffer, value),
  merge: (left, right) => Math.min(left, right),
  finish: (least) => ({ least }),
});
const pairs = rows.groupBy('k').agg(pair('amount').alias('p'));
expectType<Equal<(typeof pairs)['row'], { k: string; p: { least: number | null } | null }>>();

// @ts-expect-error: an aggregate of one column takes one column
pair('price', 'amount');

udaf({
  input: 'int',
  buffer: schema({ n: 'int not null' }),
  output: 'int',
  // @ts-expect-error: the buffer has an n, which is a number
  zero: () => ({ n: 'none' }),
  reduce: (buffer) => buffer,
  finish: ({ n }) => n,
});

// The functions may be a module's.
const ofModule = udaf({ module: './average.js', input: 'int', buffer: 'int', output: 'string not null' });
const texts = rows.groupBy('k').agg(ofModule('amount').alias('text'));
expectType<Equal<(typeof texts)['row'], { k: string; text: string }>>();

// What is registered stays what it is.
const registered = Session.create().udf.register('average', average);
expectType<Equal<typeof registered, typeof average>>();
// @ts-expect-error: there are no functions of single rows
Session.create().udf.register('plus', (n: number) => n + 1);
