// What functions make of column types, kind by kind.
import {
  anyValue,
  approxCountDistinct,
  array,
  boolAnd,
  type Column,
  ceil,
  col,
  collectList,
  collectSet,
  type Decimal,
  type Double,
  elementAt,
  getJsonObject,
  greatest,
  mapFromArrays,
  mapKeys,
  mapValues,
  maxBy,
  median,
  nullif,
  nvl,
  percentile,
  percentileApprox,
  round,
  second,
  sha2,
  sortArray,
  split,
  stddev,
  toDate,
  tryDivide,
  unixTimestamp,
} from '../../src/index.js';
import { type Equal, expectType } from './equal.js';

declare const id: Column<string | null, 'id'>;
declare const int: Column<number | null, 'int'>;
declare const required: Column<number, 'required'>;
declare const decimal: Column<Decimal | null, 'decimal'>;
declare const flag: Column<boolean | null, 'flag'>;
declare const list: Column<bigint[] | null, 'list'>;
declare const dictionary: Column<Map<string, number | null>, 'dictionary'>;

/** The value type of a column expression. */
type Value<C> = C extends Column<infer T, string> ? T : never;

const parts = {
  element: list.getItem(0),
  value: dictionary.getItem('a'),
  column: dictionary.getItem(id),
  bits: int.bitwiseAND(1),
};
expectType<Equal<Value<typeof parts.element>, bigint | null>>();
expectType<Equal<Value<typeof parts.value>, number | null>>();
expectType<Equal<Value<typeof parts.column>, number | null>>();
expectType<Equal<Value<typeof parts.bits>, number | null>>();

const aggregates = {
  distinct: approxCountDistinct(id, 0.01),
  sorted: sortArray(collectSet(id)),
  named: collectList('id'),
  all: boolAnd(flag),
  best: maxBy(id, 'int'),
  some: anyValue(required),
  spread: stddev(int),
  middle: median('int'),
  quartiles: percentile(int, [0.25, 0.75]),
  about: percentileApprox(int, 0.5),
  abouts: percentileApprox(int, [0.5, 0.9]),
};
expectType<Equal<Value<typeof aggregates.distinct>, bigint>>();
expectType<Equal<Value<typeof aggregates.sorted>, string[]>>();
expectType<Equal<typeof aggregates.named, Column<unknown[], 'collect_list(id)'>>>();
expectType<Equal<Value<typeof aggregates.all>, boolean | null>>();
expectType<Equal<Value<typeof aggregates.best>, string | null>>();
expectType<Equal<Value<typeof aggregates.some>, number | null>>();
expectType<Equal<typeof aggregates.spread, Column<Double | null, string>>>();
expectType<Equal<typeof aggregates.middle, Column<Double | null, 'median(int)'>>>();
expectType<Equal<Value<typeof aggregates.quartiles>, Double[] | null>>();
expectType<Equal<Value<typeof aggregates.about>, number | null>>();
expectType<Equal<Value<typeof aggregates.abouts>, number[] | null>>();
// @ts-expect-error: text has no spread
stddev(id);
// @ts-expect-error: a number is no condition
boolAnd(int);

const scalars = {
  second: second('time'),
  epoch: unixTimestamp('time'),
  date: toDate(id, 'yyyy'),
  ceil: ceil(required),
  ceilDecimal: ceil(decimal),
  ceilPlaces: ceil(int, 2),
  round: round(int, 1),
  quotient: tryDivide(int, required),
  parts: split(id, ','),
  digest: sha2(id, 256),
  json: getJsonObject('value', '$.id'),
  first: nvl(int, required),
  nullable: nullif(required, int),
  largest: greatest(int, list.cast('bigint')),
};
expectType<Equal<typeof scalars.second, Column<number | null, 'second(time)'>>>();
expectType<Equal<Value<typeof scalars.epoch>, bigint | null>>();
expectType<Equal<Value<typeof scalars.date>, Date | null>>();
expectType<Equal<Value<typeof scalars.ceil>, bigint>>();
expectType<Equal<Value<typeof scalars.ceilDecimal>, Decimal | null>>();
expectType<Equal<Value<typeof scalars.ceilPlaces>, Decimal | null>>();
expectType<Equal<Value<typeof scalars.round>, number | null>>();
expectType<Equal<Value<typeof scalars.quotient>, Double | null>>();
expectType<Equal<Value<typeof scalars.parts>, string[] | null>>();
expectType<Equal<Value<typeof scalars.digest>, string | null>>();
expectType<Equal<Value<typeof scalars.json>, string | null>>();
expectType<Equal<Value<typeof scalars.first>, number>>();
expectType<Equal<Value<typeof scalars.nullable>, number | null>>();
expectType<Equal<Value<typeof scalars.largest>, bigint | null>>();

const nested = {
  array: array(required, int),
  element: elementAt(list, 1),
  value: elementAt(dictionary, 'a'),
  unknown: elementAt(col('x'), 1),
  keys: mapKeys(dictionary),
  values: mapValues(dictionary),
  map: mapFromArrays(list, split(id, ',')),
};
expectType<Equal<Value<typeof nested.array>, (number | null)[]>>();
expectType<Equal<Value<typeof nested.element>, bigint | null>>();
expectType<Equal<Value<typeof nested.value>, number | null>>();
expectType<Equal<Value<typeof nested.unknown>, unknown>>();
expectType<Equal<Value<typeof nested.keys>, string[]>>();
expectType<Equal<Value<typeof nested.values>, (number | null)[]>>();
expectType<Equal<Value<typeof nested.map>, Map<bigint, string> | null>>();
