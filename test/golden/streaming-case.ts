// One streaming vector through the public API: its steps are fed to memory streams, batch by batch, and compared with Spark's.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStream, Session, type StreamingQuery, schema } from 'millrace';
import { collectInto, compareBatches, compareError, inputRow, type SinkBatch } from './batch-comparison.ts';
import { runActionCase, runCallCase } from './call-case.ts';
import { runConsoleCase } from './console-case.ts';
import { runFileCase } from './file-case.ts';
import { runOffsetCase } from './offset-case.ts';
import { runProgressCase } from './progress-case.ts';
import { NotExpressible, toDataFrame } from './query-tree.ts';

type Json = any;

/** A row of a static side; times are text in the vectors. */
const staticRow = (row: Json[]) => row.map((value) => (/^\d{4}-\d\d-\d\dT.*Z$/.test(value) ? new Date(value) : value));

/** What differs, or nothing. */
export interface Outcome {
  readonly id: string;
  readonly differences: readonly string[];
}

/** How a case is replayed beside straight: stopped and started again before each step, with these numbers of workers in turn. */
export interface Variant {
  readonly workers: readonly number[];
}

/** The variants that `--also` names. */
export const VARIANTS: Readonly<Record<string, Variant>> = { restart: { workers: [0] }, workers: { workers: [1, 2, 8] } };

/**
 * Whether a case must give the same where it is stopped between its steps. Of several watermarks only the query's own comes back, as in Spark, so that
 * those may differ.
 */
export function isRestartable(golden: Json): boolean {
  const numWatermarks = JSON.stringify(golden.query ?? null).split('"op":"withWatermark"').length - 1;
  return formOf(golden) === null && golden.steps !== undefined && golden.error === undefined && numWatermarks <= 1;
}

/** How a case is replayed whose form is not that of steps over memory streams. */
function formOf(golden: Json): ((golden: Json) => Promise<string[]>) | null {
  if (golden.runs !== undefined) return runFileCase;
  if (golden.call !== undefined) return runCallCase;
  if (golden.query?.op === 'action') return runActionCase;
  if (golden.sink?.format === 'console') return runConsoleCase;
  if (golden.json !== undefined) return runOffsetCase;
  if (golden.steps === undefined && golden.sources === undefined) return runProgressCase;
  return null;
}

/** Runs a case of golden/streaming (README.md there describes it) and tells what differs from Spark. */
export async function runStreamingCase(golden: Json, variant: Variant | null = null): Promise<Outcome> {
  const differences: string[] = [];
  const outcome = { id: golden.id as string, differences };
  const runForm = formOf(golden);
  if (runForm !== null) return { id: golden.id, differences: await runForm(golden) };
  if (golden.steps === undefined && golden.starts === undefined && golden.error === undefined) {
    // Progress documents have a form of their own.
    differences.push('not expressible: this form of case is not replayed yet');
    return outcome;
  }
  const session = Session.create({
    timeZone: golden.config?.timeZone ?? 'UTC',
    // Two partitions is what the vectors were recorded with: Spark's count of updates starts anew, by partition, at each put of a list.
    conf: { 'spark.sql.shuffle.partitions': 2, ...golden.config?.conf },
  });
  const streams = new Map<string, MemoryStream<any>>();
  for (const source of golden.sources) {
    streams.set(source.name, new MemoryStream(session, schema(Object.fromEntries(source.schema)) as never));
  }
  const batches: SinkBatch[] = [];
  const restarts = variant !== null || (golden.steps ?? []).some((step: Json) => step.restart);
  const checkpoint = restarts ? mkdtempSync(join(tmpdir(), 'millrace-golden-')) : null;
  let query: StreamingQuery;
  let starts = 0;
  const start = () => {
    const frame = toDataFrame(golden.query, (leaf) =>
      leaf['op'] === 'static' ? session.createDataFrame(leaf['rows'].map(staticRow), leaf['schema']) : streams.get(leaf['name'])!.toDF(),
    );
    session.conf.set('millrace.workers', variant?.workers[starts % variant.workers.length] ?? 0);
    // Several workers are put to use however small the input is.
    if ((variant?.workers.length ?? 0) > 1) session.conf.set('millrace.inlineBytesMax', 0);
    starts += 1;
    const writer = frame.writeStream.outputMode(golden.outputMode).foreachBatch(collectInto(batches));
    if (checkpoint !== null) writer.option('checkpointLocation', checkpoint);
    return writer.start();
  };
  try {
    query = await start();
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
    for (const [step, { input, batches: expected, failed, restart }] of (golden.steps ?? []).entries()) {
      if (restart || (variant !== null && step > 0)) {
        await query.stop();
        query = await start();
      }
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
      compareBatches(`step ${step}`, expected ?? [], batches, query.recentProgress, differences);
    }
    if (golden.error) differences.push(`expected the error ${golden.error.errorClass}, got none`);
  } catch (error) {
    differences.push(`unexpected error: ${String((error as Error)?.message ?? error).slice(0, 300)}`);
  } finally {
    await query.stop().catch(() => undefined);
    if (checkpoint !== null) rmSync(checkpoint, { recursive: true, force: true });
  }
  return outcome;
}
