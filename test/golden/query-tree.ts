// Query trees of the golden vectors (JSON of DataFrame calls) to the public API.
import * as functions from 'millrace';
import { type Column, col, type DataFrame, expr, lit, not, rank, Window, when } from 'millrace';
import { statefulFrame } from './stateful-functions.ts';

type Tree = { readonly [key: string]: any };
type AnyFrame = DataFrame<any>;
type AnyColumn = Column<any, any>;

/** Thrown where a tree asks for something that the public API does not have. */
export class NotExpressible extends Error {}

const METHODS: Record<string, string> = {
  eq: 'eq',
  ne: 'neq',
  gt: 'gt',
  ge: 'geq',
  lt: 'lt',
  le: 'leq',
  and: 'and',
  or: 'or',
  plus: 'add',
  minus: 'sub',
  multiply: 'mul',
  divide: 'div',
  mod: 'mod',
  eqNullSafe: 'eqNullSafe',
  isNull: 'isNull',
  isNotNull: 'isNotNull',
  desc: 'desc',
  asc: 'asc',
};

/** The DataFrame of a query tree; `source` gives the DataFrame of a leaf, a named source or rows that are there already. */
export function toDataFrame(tree: Tree, source: (leaf: Tree) => AnyFrame): AnyFrame {
  const input = () => toDataFrame(tree['input'], source);
  const both = (combine: (left: AnyFrame, right: AnyFrame) => unknown) =>
    combine(toDataFrame(tree['left'], source), toDataFrame(tree['right'], source)) as AnyFrame;
  switch (tree['op']) {
    case 'source':
    case 'static':
      return source(tree);
    case 'withWatermark':
      return input().withWatermark(tree['eventTime'], tree['delay']);
    case 'withColumn':
      return input().withColumn(tree['name'], toColumn(tree['expr']));
    case 'select':
      return input().select(...tree['exprs'].map(toColumn)) as AnyFrame;
    case 'filter':
      return input().filter(toColumn(tree['condition'])) as AnyFrame;
    case 'pivot':
      return input()
        .groupBy(...tree['keys'].map(toColumn))
        .pivot(tree['col'], tree['values'])
        .agg(...tree['aggs'].map(toColumn));
    case 'join':
      return both((left, right) => left.join(right, toColumn(tree['condition']), tree['how']));
    case 'crossJoin':
      return both((left, right) => left.crossJoin(right));
    case 'union':
      return both((left, right) => left.union(right));
    case 'except':
      return both((left, right) => (tree['all'] ? left.exceptAll(right) : left.except(right)));
    case 'intersect':
      return both((left, right) => (tree['all'] ? left.intersectAll(right) : left.intersect(right)));
    case 'dropDuplicates':
      return input().dropDuplicates(tree['cols'] ?? undefined);
    case 'dropDuplicatesWithinWatermark':
      return input().dropDuplicatesWithinWatermark(tree['cols'] ?? undefined);
    case 'drop':
      return input().drop(...tree['cols']);
    case 'stateful':
      return statefulFrame(input(), tree);
    case 'groupBy':
    case 'rollup':
    case 'cube':
      return (input() as unknown as Tree)[tree['op']](...tree['keys'].map(toColumn)).agg(...tree['aggs'].map(toColumn)) as AnyFrame;
    default:
      return call(input() as unknown as Tree, tree['op'], tree) as AnyFrame;
  }
}

function call(frame: Tree, op: string, tree: Tree): unknown {
  const method = frame[op];
  if (typeof method !== 'function') throw new NotExpressible(`DataFrame.${op}`);
  const rest = Object.entries(tree)
    .filter(([key]) => key !== 'op' && key !== 'input')
    .map(([, value]) => value);
  const flat = rest.flatMap((value) => (Array.isArray(value) ? value : [value]));
  return method.apply(
    frame,
    flat.map((value) => (typeof value === 'object' && value !== null ? toColumn(value) : value)),
  );
}

/** The column of an expression tree. */
export function toColumn(tree: Tree): AnyColumn {
  if ('col' in tree) return col(tree['col']);
  if ('lit' in tree) return 'type' in tree && tree['type'] ? lit(tree['lit'] as never).cast(tree['type']) : lit(tree['lit'] as never);
  if ('alias' in tree) return toColumn(tree['expr']).alias(tree['alias']);
  if ('cast' in tree) return toColumn(tree['expr']).cast(tree['cast']);
  return toCall(tree['fn'], tree);
}

function toCall(name: string, tree: Tree): AnyColumn {
  if (name === 'when') {
    const [[condition, value], ...others] = tree['branches'];
    let result = when(toColumn(condition), toColumn(value));
    for (const [next, then] of others) result = result.when(toColumn(next), toColumn(then));
    return tree['otherwise'] === undefined ? result : result.otherwise(toColumn(tree['otherwise']));
  }
  const args: Tree[] = tree['args'] ?? [];
  if (name === 'count_star') return functions.count(lit(1));
  if (name === 'rank_over') return rank().over(Window.partitionBy(args[0]!['lit']).orderBy(args[1]!['lit']));
  if (name === 'not') return not(toColumn(args[0]!));
  if (name === 'interval') return expr(`INTERVAL '${args[0]!['lit']}'`);
  const method = METHODS[name];
  if (method !== undefined) {
    const [first, ...rest] = args.map(toColumn);
    const bound = (first as unknown as Tree)[method];
    if (typeof bound !== 'function') throw new NotExpressible(`Column.${method}`);
    return bound.apply(first, rest);
  }
  const camel = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const fn = (functions as Tree)[camel];
  if (typeof fn !== 'function') throw new NotExpressible(`function ${name}`);
  // Durations, patterns and DDL are text arguments, not columns.
  return fn(...args.map((argument) => ('lit' in argument && typeof argument['lit'] === 'string' ? argument['lit'] : toColumn(argument))));
}
