// Expression trees of the vectors over one row, by Spark's rules (three-valued logic, ANSI), evaluated in the most obvious way.
import { compare, floorDivide, Instant, type Row, type Value } from './value.ts';
import { durationOf } from './window.ts';

export type Tree = { readonly [key: string]: any };

/** What the model does not know: the case is beyond it, which says nothing about the product. */
export class NotModelled extends Error {}

const LONG_MIN = -(2n ** 63n);
const LONG_MAX = 2n ** 63n - 1n;

/** The value of an expression in a row. */
export function evaluate(tree: Tree, row: Row): Value {
  if ('col' in tree) return columnOf(row, tree['col']);
  if ('lit' in tree) return literal(tree['lit']);
  if ('alias' in tree) return evaluate(tree['expr'], row);
  if ('cast' in tree) return cast(evaluate(tree['expr'], row), tree['cast']);
  if (tree['fn'] === 'when') {
    for (const [condition, value] of tree['branches']) if (evaluate(condition, row) === true) return evaluate(value, row);
    return tree['otherwise'] === undefined ? null : evaluate(tree['otherwise'], row);
  }
  const [first = null, second = null] = (tree['args'] as Tree[]).map((argument) => evaluate(argument, row));
  switch (tree['fn']) {
    case 'isNull':
      return first === null;
    case 'isNotNull':
      return first !== null;
    case 'and':
      return first === false || second === false ? false : first === null || second === null ? null : true;
    case 'or':
      return first === true || second === true ? true : first === null || second === null ? null : false;
    case 'eqNullSafe':
      return first === null || second === null ? first === second : compare(first, second) === 0;
    case 'interval':
      return durationOf(first as string);
    case 'from_json':
      return first === null ? null : trade(first as string);
  }
  if (first === null || (second === null && tree['args'].length > 1)) return null;
  switch (tree['fn']) {
    case 'not':
      return !first;
    case 'eq':
      return compare(...alike(first, second)) === 0;
    case 'ne':
      return compare(...alike(first, second)) !== 0;
    case 'lt':
      return compare(...alike(first, second)) < 0;
    case 'le':
      return compare(...alike(first, second)) <= 0;
    case 'gt':
      return compare(...alike(first, second)) > 0;
    case 'ge':
      return compare(...alike(first, second)) >= 0;
    case 'plus':
      if (first instanceof Instant) return new Instant(first.micros + (second as bigint));
      return arithmetic(first, second, (a, b) => a + b);
    case 'minus':
      if (first instanceof Instant) return new Instant(first.micros - (second as bigint));
      return arithmetic(first, second, (a, b) => a - b);
    case 'multiply':
      return arithmetic(first, second, (a, b) => a * b);
    case 'mod':
      return arithmetic(first, second, (a, b) => a % b);
    // The time of a window is the last microsecond in it.
    case 'window_time':
      return new Instant((first as { readonly end: Instant }).end.micros - 1n);
    case 'second':
      return ((floorDivide((first as Instant).micros, 1_000_000n) % 60n) + 60n) % 60n;
    case 'to_timestamp':
      return timeOfTrade(first as string);
    case 'sort_array':
      return [...(first as Value[])].sort((a, b) => (a === null ? -1 : b === null ? 1 : compare(a, b)));
    default:
      throw new NotModelled(`function ${tree['fn']}`);
  }
}

/** The columns that an expression reads: `window.start` reads `window`. */
export function columnsOf(tree: Tree): string[] {
  if (Array.isArray(tree)) return tree.flatMap(columnsOf);
  if (tree === null || typeof tree !== 'object') return [];
  if ('col' in tree) return [(tree['col'] as string).replace(/\..*/, '')];
  return Object.values(tree).flatMap(columnsOf);
}

/** The name under which a column stands in the output. */
export function nameOf(tree: Tree): string {
  if ('alias' in tree) return tree['alias'];
  if ('col' in tree) return (tree['col'] as string).replace(/.*\./, '');
  if (['window', 'session_window', 'window_time'].includes(tree['fn'])) return tree['fn'];
  return `${tree['fn']}(${(tree['args'] as Tree[]).map(nameOf).join()})`;
}

function columnOf(row: Row, name: string): Value {
  if (name in row) return row[name] as Value;
  const [column = '', ...fields] = name.split('.');
  if (!(column in row)) throw new NotModelled(`column ${name}`);
  return fields.reduce<Value>((value, field) => (value as Record<string, Value> | null)?.[field] ?? null, row[column] as Value);
}

function literal(value: unknown): Value {
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : (value as Value);
}

/** An integer beside a double becomes one. */
function alike(left: Value, right: Value): [Value, Value] {
  if (typeof left === 'number' && typeof right === 'bigint') return [left, Number(right)];
  if (typeof left === 'bigint' && typeof right === 'number') return [Number(left), right];
  return [left, right];
}

/** Cases stay within the range of bigint: overflow has vectors of its own. */
function arithmetic(left: Value, right: Value, operate: (a: any, b: any) => any): Value {
  const result = operate(...alike(left, right)) as Value;
  if (typeof result === 'bigint' && (result < LONG_MIN || result > LONG_MAX)) throw new NotModelled('overflow');
  return result;
}

function cast(value: Value, type: string): Value {
  if (value === null) return null;
  if (type === 'string' && (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean')) return String(value);
  if (type === 'bigint' && typeof value === 'bigint') return value;
  if (type === 'double' && typeof value !== 'object') return Number(value);
  throw new NotModelled(`cast to ${type}`);
}

/** The article's records: JSON in single quotes with known fields. Anything else has vectors of its own. */
function trade(text: string): Value {
  const field = (name: string) => {
    const [, value] = new RegExp(`'${name}':(null|-?\\d+|'[^']*')`).exec(text) ?? [];
    if (value === undefined) throw new NotModelled(`the record ${text}`);
    return value === 'null' ? null : value.replace(/^'|'$/g, '');
  };
  const amount = field('amount');
  return { id: field('id'), type: field('type'), amount: amount === null ? null : BigInt(amount), time: field('time') };
}

/** The article's pattern, dd-MM-yyyy-HH-mm, in UTC. */
function timeOfTrade(text: string): Value {
  const [, day, month, year, hour, minute] = /^(\d\d)-(\d\d)-(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:00Z`);
  if (Number.isNaN(ms)) throw new NotModelled(`the time ${text}`);
  return new Instant(BigInt(ms) * 1000n);
}
