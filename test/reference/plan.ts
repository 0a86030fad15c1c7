// A query tree as the reference model runs it: the steps below the grouping or deduplication, that one, and the steps above it.
import { DEDUPLICATIONS } from './deduplication.ts';
import { columnsOf, evaluate, NotModelled, nameOf, type Tree } from './expression.ts';
import type { Row, Value } from './value.ts';
import { durationOf } from './window.ts';

export interface Plan {
  readonly source: string;
  readonly below: readonly Tree[];
  /** keys and aggs of `groupBy(...).agg(...)`. */
  readonly grouping: Tree | null;
  /** The step that removes duplicates, where there is one instead. */
  readonly deduplication: Tree | null;
  /** Conditions on windows and keys that stand above the grouping and that Spark moves below it: other groups never come to be. */
  readonly groupFilters: readonly Tree[];
  readonly above: readonly Tree[];
  /** The watermark's column and delay, and its place among the steps below. */
  readonly watermark: { readonly at: number; readonly column: string; readonly delayMs: number } | null;
}

export function planOf(query: Tree): Plan {
  const steps: Tree[] = [];
  let tree = query;
  for (; tree['op'] !== 'source'; tree = tree['input']) steps.unshift(tree);
  const stateful = steps.flatMap(({ op }, at) => (op === 'groupBy' || DEDUPLICATIONS.includes(op) ? [at] : []));
  if (stateful.length > 1) throw new NotModelled('several stateful operators');
  const grouped = stateful[0] ?? steps.length;
  const step = steps[grouped] ?? null;
  const grouping = step?.['op'] === 'groupBy' ? step : null;
  const rest = steps.slice(grouped + 1);
  const moved = grouping === null ? { below: [], groupFilters: [], above: rest } : moveBelow(grouping, rest);
  const below = [...steps.slice(0, grouped), ...moved.below];
  const at = below.findIndex(({ op }) => op === 'withWatermark');
  const watermark = below[at];
  return {
    source: tree['name'],
    below,
    grouping,
    deduplication: grouping === null ? step : null,
    groupFilters: moved.groupFilters,
    above: moved.above,
    watermark:
      watermark === undefined ? null : { at, column: watermark['eventTime'], delayMs: Number(durationOf(watermark['delay']) / 1000n) },
  };
}

/** Sorts the conditions right above a grouping: those on its keys alone belong below it, as in Spark's optimizer. */
function moveBelow(grouping: Tree, above: readonly Tree[]): { below: Tree[]; groupFilters: Tree[]; above: Tree[] } {
  const keys = new Map((grouping['keys'] as Tree[]).map((key) => [nameOf(key), 'alias' in key ? (key['expr'] as Tree) : key]));
  const isWindow = (name: string) => keys.get(name)?.['fn'] === 'window';
  const count = above.findIndex(({ op }) => op !== 'filter');
  const filters = count < 0 ? above : above.slice(0, count);
  const conditions = filters.flatMap(({ condition }) => conjunctsOf(condition));
  const ofKeys = conditions.filter((condition) => columnsOf(condition).every((name) => keys.has(name)));
  const asFilter = (condition: Tree) => ({ op: 'filter', condition });
  return {
    below: ofKeys.filter((condition) => !columnsOf(condition).some(isWindow)).map((condition) => asFilter(substitute(condition, keys))),
    groupFilters: ofKeys.filter((condition) => columnsOf(condition).some(isWindow)),
    above: [...conditions.filter((condition) => !ofKeys.includes(condition)).map(asFilter), ...above.slice(filters.length)],
  };
}

/** An expression with columns replaced by what they stand for. */
function substitute(tree: Tree, definitions: ReadonlyMap<string, Tree>): Tree {
  if ('col' in tree) return definitions.get(tree['col']) ?? tree;
  if ('args' in tree) return { ...tree, args: (tree['args'] as Tree[]).map((argument) => substitute(argument, definitions)) };
  return tree;
}

/** Rows through steps without state. */
export function runSteps(steps: readonly Tree[], rows: readonly Row[]): Row[] {
  return steps.reduce<Row[]>((input, step) => runStep(step, input), [...rows]);
}

function runStep(step: Tree, rows: Row[]): Row[] {
  switch (step['op']) {
    case 'withWatermark':
      return rows;
    case 'filter':
      return rows.filter((row) => evaluate(step['condition'], row) === true);
    case 'withColumn':
      return rows.map((row) => ({ ...row, [step['name']]: evaluate(step['expr'], row) }));
    case 'select':
      return rows.map((row) => Object.fromEntries((step['exprs'] as Tree[]).flatMap((expr) => selected(expr, row))));
    default:
      throw new NotModelled(`the operation ${step['op']}`);
  }
}

function selected(expr: Tree, row: Row): [string, Value][] {
  const star = /^(\w+)\.\*$/.exec(expr['col'] ?? '');
  return star === null ? [[nameOf(expr), evaluate(expr, row)]] : Object.entries(row[star[1] as string] as Row);
}

/**
 * The rows that the watermark sees. Spark moves each condition that comes later and does not need the event time below the
 * watermark, so rows that such a condition removes do not count.
 */
export function watchedRows(plan: Plan, rows: readonly Row[]): Row[] {
  if (plan.watermark === null) return [];
  const { at, column } = plan.watermark;
  const later = plan.below.slice(at + 1);
  const isWatched = (row: Row) =>
    later.every((step, index) => {
      if (step['op'] !== 'filter') return true;
      const projections = later.slice(0, index).filter(({ op }) => op !== 'filter');
      return conjunctsOf(step['condition'])
        .filter((condition) => !needs(condition, column, projections))
        .every((condition) => evaluate(condition, runSteps(projections, [row])[0] as Row) === true);
    });
  return runSteps(plan.below.slice(0, at), rows).filter(isWatched);
}

function conjunctsOf(condition: Tree): Tree[] {
  return condition['fn'] === 'and' ? (condition['args'] as Tree[]).flatMap(conjunctsOf) : [condition];
}

/** Whether an expression over the output of some projections needs a column of their input. */
function needs(tree: Tree, column: string, projections: readonly Tree[]): boolean {
  const projection = projections.at(-1);
  if (projection === undefined) return columnsOf(tree).includes(column);
  const definitions = new Map<string, Tree>();
  if (projection['op'] === 'withColumn') definitions.set(projection['name'], projection['expr']);
  else for (const expr of projection['exprs'] as Tree[]) definitions.set(nameOf(expr), expr);
  return columnsOf(tree).some((name) => needs(definitions.get(name) ?? { col: name }, column, projections.slice(0, -1)));
}
