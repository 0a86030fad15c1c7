// Aggregates as Spark computes them: rows of a batch make a partial result, and partial results are merged into the state in order.
import { evaluate, NotModelled, type Tree } from './expression.ts';
import { compare, keyText, type Row, type Value } from './value.ts';

/** One aggregate function: an empty buffer, how a row changes it, how two are merged, and the result. */
interface Aggregate<Buffer> {
  readonly empty: Buffer;
  readonly update: (buffer: Buffer, values: Value[]) => Buffer;
  readonly merge: (left: Buffer, right: Buffer) => Buffer;
  readonly finish: (buffer: Buffer) => Value;
}

const keep = (value: any): Value => value;

/** An aggregate that keeps one value (null while it has none) and ignores nulls. */
function fold(combine: (left: any, right: any) => Value): Aggregate<Value> {
  const merge = (left: Value, right: Value) => (left === null ? right : right === null ? left : combine(left, right));
  return { empty: null, update: (buffer, [value = null]) => merge(buffer, value), merge, finish: keep };
}

/** first and last count nulls: what matters is which row came. */
function pick(choose: (left: Value[], right: Value[]) => Value[]): Aggregate<Value[]> {
  const merge = (left: Value[], right: Value[]) => (left.length === 0 ? right : right.length === 0 ? left : choose(left, right));
  return { empty: [], update: (buffer, [value = null]) => merge(buffer, [value]), merge, finish: ([value = null]) => value };
}

/** The value beside the least or greatest key. Among equals the newest wins. */
function pickBy(keepsOld: (old: Value, fresh: Value) => boolean): Aggregate<Value[]> {
  const merge = (left: Value[], right: Value[]) => {
    if (left.length === 0 || right.length === 0) return left.length === 0 ? right : left;
    return keepsOld(left[1] as Value, right[1] as Value) ? left : right;
  };
  return {
    empty: [],
    update: (buffer, [value = null, key = null]) => (key === null ? buffer : merge(buffer, [value, key])),
    merge,
    finish: ([value = null]) => value,
  };
}

function counting(counts: (values: Value[]) => boolean): Aggregate<bigint> {
  return {
    empty: 0n,
    update: (buffer, values) => buffer + (counts(values) ? 1n : 0n),
    merge: (left, right) => left + right,
    finish: keep,
  };
}

/** Spark adds to a zero, so that the sum of a negative zero is a positive one. */
function summing(): Aggregate<Value> {
  const zero = (like: Value) => (typeof like === 'number' ? 0 : 0n);
  const merge = (left: Value, right: Value) => (right === null ? left : ((left ?? zero(right)) as any) + right);
  return { empty: null, update: (buffer, [value = null]) => merge(buffer, value), merge, finish: keep };
}

function collecting(finish: (values: Value[]) => Value): Aggregate<Value[]> {
  return {
    empty: [],
    update: (buffer, [value = null]) => (value === null ? buffer : [...buffer, value]),
    merge: (left, right) => [...left, ...right],
    finish,
  };
}

function distinct(values: Value[]): Value[] {
  return [...new Map(values.map((value) => [keyText(value), value])).values()];
}

const AGGREGATES: Readonly<Record<string, Aggregate<any>>> = {
  count_star: counting(() => true),
  count: counting((values) => values.every((value) => value !== null)),
  count_if: counting(([value]) => value === true),
  sum: summing(),
  min: fold((left, right) => (compare(right, left) < 0 ? right : left)),
  max: fold((left, right) => (compare(right, left) > 0 ? right : left)),
  bool_and: fold((left, right) => left && right),
  bool_or: fold((left, right) => left || right),
  first: pick((left) => left),
  last: pick((_, right) => right),
  min_by: pickBy((old, fresh) => compare(old, fresh) < 0),
  max_by: pickBy((old, fresh) => compare(old, fresh) > 0),
  // Integers are added as doubles, as Spark does.
  avg: {
    empty: { sum: 0, count: 0 },
    update: ({ sum, count }, [value]) => (value === null ? { sum, count } : { sum: sum + Number(value), count: count + 1 }),
    merge: (left, right) => ({ sum: left.sum + right.sum, count: left.count + right.count }),
    finish: ({ sum, count }) => (count === 0 ? null : sum / count),
  },
  collect_list: collecting(keep),
  collect_set: collecting(distinct),
  // Exact: for the few values of a case HyperLogLog is, too.
  approx_count_distinct: collecting((values) => BigInt(distinct(values).length)),
};

/** The aggregate calls within an output expression of `agg`. */
export function callsOf(tree: Tree): Tree[] {
  if (tree['fn'] in AGGREGATES) return [tree];
  if ('expr' in tree) return callsOf(tree['expr']);
  if ('args' in tree) return (tree['args'] as Tree[]).flatMap(callsOf);
  return [];
}

/** The buffers of some calls, in their order. */
export type Buffers = unknown[];

export function emptyBuffers(calls: readonly Tree[]): Buffers {
  return calls.map((call) => aggregateOf(call).empty);
}

export function updateBuffers(calls: readonly Tree[], buffers: Buffers, row: Row): Buffers {
  return calls.map((call, at) =>
    aggregateOf(call).update(
      buffers[at],
      (call['args'] as Tree[]).map((argument) => evaluate(argument, row)),
    ),
  );
}

export function mergeBuffers(calls: readonly Tree[], left: Buffers, right: Buffers): Buffers {
  return calls.map((call, at) => aggregateOf(call).merge(left[at], right[at]));
}

/** An output expression of `agg`: its calls are columns by now. */
export function finishExpression(tree: Tree, calls: readonly Tree[], buffers: Buffers): Value {
  const at = calls.indexOf(tree);
  if (at >= 0) return aggregateOf(tree).finish(buffers[at]);
  if ('alias' in tree) return finishExpression(tree['expr'], calls, buffers);
  // Evaluate what is around the call over a row of its arguments' values.
  const args = (tree['args'] as Tree[]).map((argument) =>
    callsOf(argument).length === 0 ? evaluate(argument, {}) : finishExpression(argument, calls, buffers),
  );
  const row = Object.fromEntries(args.map((value, index) => [String(index), value]));
  return evaluate({ fn: tree['fn'], args: args.map((_, index) => ({ col: String(index) })) }, row);
}

function aggregateOf(call: Tree): Aggregate<any> {
  const found = AGGREGATES[call['fn']];
  if (found === undefined) throw new NotModelled(`aggregate ${call['fn']}`);
  return found;
}
