// A query tree as the reference model runs it: chains of steps without state between sources, operators with state, and the sink.
import { columnsOf, evaluate, NotModelled, nameOf, type Tree } from './expression.ts';
import { Instant, type Row, type Value } from './value.ts';
import { durationOf, startsOf, windowOf } from './window.ts';

/** Rows from a place on, through steps without state. */
export interface Feed {
  readonly from: From;
  readonly steps: readonly Tree[];
  /** The names of the columns of what comes out of it. */
  readonly columns: readonly string[];
  /** Those that hold event time, or windows of it, with a watermark. */
  readonly eventTimes: readonly string[];
}

export type From =
  | { readonly kind: 'source'; readonly name: string }
  | { readonly kind: 'static'; readonly tree: Tree }
  | { readonly kind: 'union'; readonly inputs: readonly Feed[] }
  | { readonly kind: 'operator'; readonly operator: PlannedOperator };

/** An operator with state, over one input or two. */
export interface PlannedOperator {
  readonly tree: Tree;
  readonly inputs: readonly Feed[];
  /** Conditions on windows above a grouping that Spark moves below it: other groups never come to be. */
  readonly groupFilters: readonly Tree[];
}

const STATELESS: readonly string[] = ['withWatermark', 'filter', 'withColumn', 'select'];
/** The steps of a query tree that remove duplicates. */
export const DEDUPLICATIONS: readonly string[] = ['dropDuplicates', 'distinct', 'dropDuplicatesWithinWatermark'];
const STATEFUL: readonly string[] = ['groupBy', 'join', 'stateful', ...DEDUPLICATIONS];

/** The columns of each source. */
export type Sources = ReadonlyMap<string, readonly string[]>;

/** The feed of the sink. */
export function planOf(query: Tree, sources: Sources): Feed {
  return feedOf(query, [], sources);
}

/** `below` are the steps that Spark moves to the end of this feed. */
function feedOf(tree: Tree, below: readonly Tree[], sources: Sources): Feed {
  const steps: Tree[] = [];
  let origin = tree;
  for (; STATELESS.includes(origin['op']); origin = origin['input']) steps.unshift(origin);
  const behind = [...steps, ...below];
  if (origin['op'] === 'source') return feed({ kind: 'source', name: origin['name'] }, behind, sources.get(origin['name']) ?? [], []);
  if (origin['op'] === 'static')
    return feed(
      { kind: 'static', tree: origin },
      behind,
      staticSchema(origin).map(([name]) => name),
      [],
    );
  if (origin['op'] === 'union') {
    const inputs = [feedOf(origin['left'], [], sources), feedOf(origin['right'], [], sources)];
    return feed({ kind: 'union', inputs }, behind, (inputs[0] as Feed).columns, (inputs[0] as Feed).eventTimes);
  }
  if (!STATEFUL.includes(origin['op'])) throw new NotModelled(`the operation ${origin['op']}`);
  const moved = origin['op'] === 'groupBy' ? moveBelow(origin, steps) : { below: [], groupFilters: [], above: steps };
  const sides = origin['op'] === 'join' ? sidesOf(origin, sources) : [withTimes(origin, sources)];
  const inputs = sides.map((side) => feedOf(side, moved.below, sources));
  const operator = { tree: origin, inputs, groupFilters: moved.groupFilters };
  return feed({ kind: 'operator', operator }, [...moved.above, ...below], columnsBehind(operator), eventTimesBehind(operator));
}

/** The input of an operator. A row without a time is in no window: Spark asks for one where the rows come from, below a join too. */
function withTimes({ op, keys, input }: Tree, sources: Sources): Tree {
  if (op !== 'groupBy' || input['op'] !== 'join') return input;
  const call = (keys as Tree[]).map((key) => ('alias' in key ? (key['expr'] as Tree) : key)).find(({ fn }) => fn === 'window');
  const name = call?.['args'][0]['col'] as string | undefined;
  if (name === undefined) return input;
  const side = ['left', 'right'].find((each) => feedOf(input[each], [], sources).columns.includes(name)) as string;
  const keeps = KEEPS[input['how']] ?? [];
  if (keeps.length > 0 && (keeps.length > 1 || !keeps.includes(side))) throw new NotModelled('a window that makes an outer join another');
  return { ...input, [side]: { op: 'filter', input: input[side], condition: { fn: 'isNotNull', args: [{ col: name }] } } };
}

/**
 * The sides of a join. Spark has the rows of a side meet a condition of their own below it, unless those that don't would come out: no nulls where
 * the join's condition could not hold.
 */
function sidesOf(join: Tree, sources: Sources): Tree[] {
  const named = new Set(conjunctsOf(join['condition']).flatMap(columnsOf));
  return ['left', 'right'].map((side) => {
    if (KEEPS[join['how']]?.includes(side) ?? true) return join[side];
    const { columns } = feedOf(join[side], [], sources);
    const tests: Tree[] = columns.filter((name) => named.has(name)).map((name) => ({ fn: 'isNotNull', args: [{ col: name }] }));
    return tests.reduce<Tree>((input, condition) => ({ op: 'filter', input, condition }), join[side]);
  });
}

/** The sides whose rows come out without a partner; joins that are not here know no such condition. */
const KEEPS: Readonly<Record<string, readonly string[]>> = {
  inner: [],
  left_semi: [],
  left_outer: ['left'],
  right_outer: ['right'],
  full_outer: ['left', 'right'],
};

function columnsBehind({ tree, inputs }: PlannedOperator): readonly string[] {
  if (tree['op'] === 'stateful') return [];
  if (tree['op'] === 'groupBy') return [...tree['keys'], ...tree['aggs']].map(nameOf);
  if (tree['how'] === 'left_semi' || tree['how'] === 'left_anti') return (inputs[0] as Feed).columns;
  return inputs.flatMap(({ columns }) => columns);
}

function columnsAfter(columns: readonly string[], step: Tree): readonly string[] {
  if (step['op'] === 'withColumn') return columns.includes(step['name']) ? columns : [...columns, step['name']];
  if (step['op'] !== 'select') return columns;
  return (step['exprs'] as Tree[]).map(nameOf);
}

/** The columns of rows that are there already, with their types. */
export function staticSchema(tree: Tree): [name: string, type: string][] {
  return (tree['schema'] as string).split(',').map((field) => field.trim().split(' ') as [string, string]);
}

function feed(from: From, steps: readonly Tree[], columns: readonly string[], eventTimes: readonly string[]): Feed {
  if (steps.filter(({ op }) => op === 'withWatermark').length > (from.kind === 'source' ? 1 : 0)) {
    throw new NotModelled('a watermark above another, or above an operator');
  }
  return { from, steps, columns: steps.reduce(columnsAfter, columns), eventTimes: steps.reduce(eventTimesAfter, eventTimes) };
}

function eventTimesBehind({ tree, inputs }: PlannedOperator): readonly string[] {
  const [first] = inputs as [Feed];
  if (tree['op'] === 'stateful') return [];
  if (tree['op'] !== 'groupBy') return inputs.flatMap(({ eventTimes }) => eventTimes);
  return (tree['keys'] as Tree[]).filter((key) => isEventTime(key, first.eventTimes)).map(nameOf);
}

/** Whether an expression is an event time, or a window of one. */
export function isEventTime(tree: Tree, eventTimes: readonly string[]): boolean {
  if ('alias' in tree) return isEventTime(tree['expr'], eventTimes);
  if ('col' in tree) return eventTimes.includes(tree['col']);
  return ['window', 'session_window', 'window_time'].includes(tree['fn']) && isEventTime(tree['args'][0], eventTimes);
}

function eventTimesAfter(eventTimes: readonly string[], step: Tree): readonly string[] {
  if (step['op'] === 'withWatermark') return [...eventTimes, step['eventTime']];
  if (step['op'] === 'withColumn') {
    const others = eventTimes.filter((name) => name !== step['name']);
    return isEventTime(step['expr'], eventTimes) ? [...others, step['name']] : others;
  }
  return step['op'] === 'select' ? (step['exprs'] as Tree[]).filter((expr) => isEventTime(expr, eventTimes)).map(nameOf) : eventTimes;
}

/** Sorts the conditions right above a grouping: those on its keys alone belong below it, as in Spark's optimizer. */
function moveBelow(grouping: Tree, above: readonly Tree[]): { below: Tree[]; groupFilters: Tree[]; above: Tree[] } {
  const keys = new Map((grouping['keys'] as Tree[]).map((key) => [nameOf(key), 'alias' in key ? (key['expr'] as Tree) : key]));
  const kindOf = (name: string) => keys.get(name)?.['fn'];
  const count = above.findIndex(({ op }) => op !== 'filter');
  const filters = count < 0 ? above : above.slice(0, count);
  const conditions = filters.flatMap(({ condition }) => conjunctsOf(condition));
  // What a session is shows only when it is whole.
  const isMovable = (name: string) => keys.has(name) && kindOf(name) !== 'session_window';
  const ofKeys = conditions.filter((condition) => columnsOf(condition).every(isMovable));
  const isOfWindow = (condition: Tree) => columnsOf(condition).some((name) => kindOf(name) === 'window');
  const asFilter = (condition: Tree) => ({ op: 'filter', condition });
  return {
    below: ofKeys.filter((condition) => !isOfWindow(condition)).map((condition) => asFilter(substitute(condition, keys))),
    groupFilters: ofKeys.filter(isOfWindow),
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
      return rows.flatMap((row) => withWindows([{ alias: step['name'], expr: step['expr'] }], row).map((made) => ({ ...row, ...made })));
    case 'select':
      return rows.flatMap((row) => withWindows(step['exprs'], row));
    default:
      throw new NotModelled(`the operation ${step['op']}`);
  }
}

/** A row through a projection as a condition below it sees it: a time in no window has one that is null. */
function projected(row: Row, step: Tree): Row {
  const [made = null] = runStep(step, [row]);
  return made ?? Object.fromEntries((step['exprs'] as Tree[]).flatMap((expr) => selected(expr, row, null)));
}

/** The columns of a row, once for each window that its time is in where one of them is a window. */
function withWindows(exprs: readonly Tree[], row: Row): Row[] {
  const call = exprs.map((expr) => ('alias' in expr ? (expr['expr'] as Tree) : expr)).find(({ fn }) => fn === 'window');
  const windows = call === undefined ? [null] : windowsOf(call, row);
  return windows.map((window) => Object.fromEntries(exprs.flatMap((expr) => selected(expr, row, window))));
}

/** The windows that a row's time is in; a null time is in none. */
export function windowsOf(call: Tree, row: Row): { readonly start: Instant; readonly end: Instant }[] {
  const held = evaluate(call['args'][0], row) as Instant | { readonly end: Instant } | null;
  if (held === null) return [];
  // The time of a window is the last microsecond in it.
  const micros = held instanceof Instant ? held.micros : held.end.micros - 1n;
  const spec = windowOf(call);
  return startsOf(spec, micros).map((start) => ({ start: new Instant(start), end: new Instant(start + spec.size) }));
}

function selected(expr: Tree, row: Row, window: Value): [string, Value][] {
  const star = /^(\w+)\.\*$/.exec(expr['col'] ?? '');
  if (star !== null) return Object.entries(row[star[1] as string] as Row);
  const call = 'alias' in expr ? (expr['expr'] as Tree) : expr;
  return [[nameOf(expr), call['fn'] === 'window' ? window : evaluate(expr, row)]];
}

/** Where a feed has its watermark. */
export interface Watermark {
  readonly source: string;
  readonly column: string;
  readonly delayMs: number;
  /** The rows that it sees. */
  readonly watched: (rows: readonly Row[]) => Row[];
}

/** The watermark of a feed that begins at a source. */
export function watermarkOf({ from, steps }: Feed): Watermark | null {
  const at = steps.findIndex(({ op }) => op === 'withWatermark');
  const step = steps[at];
  if (step === undefined || from.kind !== 'source') return null;
  return {
    source: from.name,
    column: step['eventTime'],
    delayMs: Number(durationOf(step['delay']) / 1000n),
    watched: (rows) => watchedRows(steps.slice(0, at), steps.slice(at + 1), step['eventTime'], rows),
  };
}

/**
 * The rows that the watermark sees. Spark moves each condition that comes later and does not need the event time below the
 * watermark, so rows that such a condition removes do not count.
 */
function watchedRows(before: readonly Tree[], later: readonly Tree[], column: string, rows: readonly Row[]): Row[] {
  const isWatched = (row: Row) =>
    later.every((step, index) => {
      if (step['op'] !== 'filter') return true;
      const projections = later.slice(0, index).filter(({ op }) => op !== 'filter');
      return conjunctsOf(step['condition'])
        .filter((condition) => !needs(condition, column, projections))
        .every((condition) => evaluate(condition, projections.reduce(projected, row)) === true);
    });
  return runSteps(before, rows).filter(isWatched);
}

export function conjunctsOf(condition: Tree): Tree[] {
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
