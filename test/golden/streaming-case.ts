// One streaming vector through the public API: its steps are fed to memory streams, batch by batch, and compared with Spark's.
import { MemoryStream, type ResultBatch, Session, type StreamingQuery, schema } from 'millrace';
import { NotExpressible, toDataFrame } from './query-tree.ts';

type Json = any;

/** What differs, or nothing. */
export interface Outcome {
  readonly id: string;
  readonly differences: readonly string[];
}

/** Runs a case of golden/streaming (README.md there describes it) and tells what differs from Spark. */
export async function runStreamingCase(golden: Json): Promise<Outcome> {
  const differences: string[] = [];
  const outcome = { id: golden.id as string, differences };
  if (golden.runs !== undefined || (golden.steps === undefined && golden.starts === undefined && golden.error === undefined)) {
    // File-source runs and progress documents have a form of their own.
    differences.push('not expressible: this form of case is not replayed yet');
    return outcome;
  }
  const session = Session.create({
    timeZone: golden.config?.timeZone ?? 'UTC',
    conf: golden.config?.conf ?? {},
  });
  const streams = new Map<string, MemoryStream<any>>();
  for (const source of golden.sources) {
    streams.set(source.name, new MemoryStream(session, schema(Object.fromEntries(source.schema)) as never));
  }
  const batches: { batchId: number; rows: Json[] }[] = [];
  let query: StreamingQuery;
  try {
    const frame = toDataFrame(golden.query, (name) => streams.get(name)!.toDF());
    query = await frame.writeStream
      .outputMode(golden.outputMode)
      .foreachBatch((batch: ResultBatch<any>, batchId: number) => {
        batches.push({ batchId, rows: batch.toArray().map((row: Json) => rowOf(row, batch)) });
      })
      .start();
  } catch (error) {
    if (error instanceof NotExpressible) differences.push(`not expressible: ${error.message}`);
    else compareError(golden.error, error, differences);
    return outcome;
  }
  if (golden.starts) {
    await query.stop();
    return outcome;
  }
  try {
    for (const [step, { input, batches: expected, failed }] of (golden.steps ?? []).entries()) {
      for (const [name, rows] of Object.entries<Json[]>(input ?? {})) {
        const columns = golden.sources.find((source: Json) => source.name === name).schema;
        if (rows.length > 0) streams.get(name)!.addData(...rows.map((row) => inputRow(row, columns)));
      }
      batches.length = 0;
      try {
        await query.processAllAvailable();
      } catch (error) {
        if (!failed && !golden.error) throw error;
        compareError(golden.error, error, differences);
        return outcome;
      }
      compareBatches(step, expected ?? [], batches, query.recentProgress, differences);
    }
    if (golden.error) differences.push(`expected the error ${golden.error.errorClass}, got none`);
  } catch (error) {
    differences.push(`unexpected error: ${String((error as Error)?.message ?? error).slice(0, 300)}`);
  } finally {
    await query.stop().catch(() => undefined);
  }
  return outcome;
}

function compareError(expected: Json, error: unknown, differences: string[]): void {
  const code = (error as { code?: string }).code;
  if (!expected) differences.push(`unexpected error: ${String((error as Error).message).slice(0, 300)}`);
  else {
    const classes = [expected.errorClass, ...(expected.causes ?? []).map((cause: Json) => cause.errorClass)].filter(Boolean);
    if (classes.length > 0 && !classes.includes(code)) differences.push(`expected error ${classes.join(' / ')}, got ${code}`);
  }
}

function compareBatches(
  step: number,
  expected: Json[],
  got: { batchId: number; rows: Json[] }[],
  progress: readonly Json[],
  differences: string[],
): void {
  const ids = expected.map((batch) => batch.batchId).join();
  if (ids !== got.map((batch) => batch.batchId).join()) {
    differences.push(`step ${step}: batches ${ids || 'none'} expected, got ${got.map((batch) => batch.batchId).join() || 'none'}`);
    return;
  }
  for (const [index, batch] of expected.entries()) {
    const at = `step ${step} batch ${batch.batchId}`;
    const rows = got[index]!.rows.map((row) => JSON.stringify(row)).sort();
    const wanted = batch.output.map((row: Json) => JSON.stringify(row)).sort();
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
    }));
    const wantedOperators = (batch.stateOperators ?? []).map((operator: Json) => ({
      operator: operator.operator,
      total: operator.total,
      updated: operator.updated,
      removed: operator.removed,
      droppedByWatermark: operator.droppedByWatermark,
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
function inputRow(row: Json[], columns: [string, string][]): Json {
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

/** A result row as the vectors write it. */
function rowOf(row: Json, batch: ResultBatch<any>): Json[] {
  return batch.schema.fields.map((field) => outputValue(row[field.name], field.type));
}

function outputValue(value: Json, type: Json): Json {
  if (value === null || value === undefined) return null;
  if (type?.type === 'struct')
    return Object.fromEntries(type.fields.map((field: Json) => [field.name, outputValue(value[field.name], field.type)]));
  if (type?.type === 'array') return [...value].map((element) => outputValue(element, type.elementType));
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}
