// What a query gave against what Spark gave: rows, event times, state counts, errors; and the values of the vectors in both directions.
import type { ResultBatch } from 'millrace';
import { isoTime } from '../reference/value.ts';

type Json = any;

/** A batch as the sink got it. */
export interface SinkBatch {
  readonly batchId: number;
  readonly rows: Json[];
}

/** The vectors of arbitrary state are recorded from Python, whose operators are those of Scala under other names. */
const RECORDED_NAMES: Readonly<Record<string, string>> = {
  applyInPandasWithState: 'flatMapGroupsWithState',
  transformWithStateInPandasExec: 'transformWithStateExec',
};

/** Counts that an operator has beside those of all: of timers, of duplicates. */
const OWN_METRICS = ['numRegisteredTimers', 'numDeletedTimers', 'numExpiredTimers', 'numDroppedDuplicateRows'];

/** A failure against the one Spark recorded; null where Spark had none. */
export function compareError(expected: Json, error: unknown, differences: string[]): void {
  const code = (error as { code?: string }).code;
  if (!expected) differences.push(`unexpected error: ${String((error as Error).message).slice(0, 300)}`);
  else {
    const classes = [expected.errorClass, ...(expected.causes ?? []).map((cause: Json) => cause.errorClass)].filter(Boolean);
    if (classes.length > 0 && !classes.includes(code)) differences.push(`expected error ${classes.join(' / ')}, got ${code}`);
    else if (code === expected.errorClass) compareParameters(expected.messageParameters ?? {}, error, differences);
  }
}

/** What an error says of the case at hand, in Spark's words; what names Spark's own plan, `#N`, is left out. */
function compareParameters(expected: Json, error: unknown, differences: string[]): void {
  const { parameters } = error as { parameters: Readonly<Record<string, string>> };
  for (const [name, value] of Object.entries<string>(expected)) {
    const inScala = value
      .replaceAll('applyInPandasWithState', 'flatMapGroupsWithState')
      .replace('in a flatMapGroups', 'in a [map|flatMap]Groups');
    const got = parameters[name];
    if (got !== value && got !== inScala && !value.includes('#N')) differences.push(`the error's ${name}: expected ${value}, got ${got}`);
  }
}

/** Batches that a step or a run gave against those of Spark: their ids, rows, event times and state counts. */
export function compareBatches(
  place: string,
  expected: Json[],
  got: readonly SinkBatch[],
  progress: readonly Json[],
  differences: string[],
): void {
  const ids = expected.map((batch) => batch.batchId).join();
  if (ids !== got.map((batch) => batch.batchId).join()) {
    differences.push(`${place}: batches ${ids || 'none'} expected, got ${got.map((batch) => batch.batchId).join() || 'none'}`);
    return;
  }
  for (const [index, batch] of expected.entries()) {
    const at = `${place} batch ${batch.batchId}`;
    // The reference model has bigints where the vectors' JSON has rounded numbers.
    const isExact = batch.output.flat().some((value: Json) => typeof value === 'bigint');
    const rows = got[index]!.rows.map((row) => textOf(row, isExact)).sort();
    const wanted = batch.output.map((row: Json) => textOf(row, isExact)).sort();
    if (rows.join('\n') !== wanted.join('\n')) differences.push(`${at}: expected ${wanted.join(' ')}, got ${rows.join(' ')}`);
    const report = progress.find((entry) => entry.batchId === batch.batchId);
    if (report === undefined) {
      differences.push(`${at}: no progress`);
      continue;
    }
    if (report.numInputRows !== batch.numInputRows)
      differences.push(`${at}: numInputRows ${batch.numInputRows} expected, got ${report.numInputRows}`);
    if (JSON.stringify(sorted(report.eventTime)) !== JSON.stringify(sorted(batch.eventTime))) {
      differences.push(
        `${at}: eventTime ${JSON.stringify(sorted(batch.eventTime))} expected, got ${JSON.stringify(sorted(report.eventTime))}`,
      );
    }
    const operators = (report.stateOperators ?? []).map((operator: Json) => ({
      operator: operator.operatorName,
      total: operator.numRowsTotal,
      updated: operator.numRowsUpdated,
      removed: operator.numRowsRemoved,
      droppedByWatermark: operator.numRowsDroppedByWatermark,
      own: OWN_METRICS.map((name) => operator.customMetrics[name]),
    }));
    const wantedOperators = (batch.stateOperators ?? []).map((operator: Json) => ({
      operator: RECORDED_NAMES[operator.operator] ?? operator.operator,
      total: operator.total,
      updated: operator.updated,
      removed: operator.removed,
      droppedByWatermark: operator.droppedByWatermark,
      own: OWN_METRICS.map((name) => operator[name]),
    }));
    if (JSON.stringify(operators) !== JSON.stringify(wantedOperators)) {
      differences.push(`${at}: state ${JSON.stringify(wantedOperators)} expected, got ${JSON.stringify(operators)}`);
    }
  }
}

function sorted(value: Json): Json {
  return value === undefined || value === null ? {} : Object.fromEntries(Object.entries(value).sort());
}

/** An input row as the memory stream takes it. */
export function inputRow(row: Json[], columns: [string, string][]): Json {
  return Object.fromEntries(columns.map(([name, type], index) => [name, inputValue(row[index], type)]));
}

function inputValue(value: Json, type: string): Json {
  if (value === null || value === undefined) return null;
  if (type === 'timestamp') return microsOf(value);
  if (type === 'bigint' || type === 'long') return BigInt(value);
  if (value === 'NaN') return Number.NaN;
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY;
  return value;
}

function microsOf(text: string): bigint {
  const [, seconds, fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(text)!;
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}

/** Collects what a query gives to its sink. */
export function collectInto(batches: SinkBatch[]): (batch: ResultBatch<any>, batchId: number) => void {
  return (batch, batchId) => {
    batches.push({ batchId, rows: rowsOf(batch) });
  };
}

/** Result rows as the vectors write them, read from the columns' own memory: a Date would lose the microseconds. */
function rowsOf(batch: ResultBatch<any>): Json[][] {
  const columns = batch.schema.fields.map((field) => [batch.column(field.name), field.type] as const);
  return Array.from({ length: batch.numRows }, (_, index) => columns.map(([column, type]) => outputValue(column, index, type)));
}

function outputValue(column: Json, index: number, type: Json): Json {
  if (column.isNull(index)) return null;
  if (type?.type === 'struct')
    return Object.fromEntries(
      type.fields.map((field: Json, at: number) => [field.name, outputValue(column.children[at], index, field.type)]),
    );
  if (type?.type === 'array') {
    const [start, end] = [column.offsets[index], column.offsets[index + 1]];
    return Array.from({ length: end - start }, (_, at) => outputValue(column.child, start + at, type.elementType));
  }
  if (type === 'timestamp') return isoTime(column.values[index]);
  const value = column.get(index);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}

/** One text for each row, so that equal texts are equal bits. */
function textOf(row: Json, isExact: boolean): string {
  return JSON.stringify(row, (_, value) => {
    if (Object.is(value, -0)) return '-0.0';
    if (typeof value !== 'bigint') return value;
    return isExact && !Number.isSafeInteger(Number(value)) ? String(value) : Number(value);
  });
}
