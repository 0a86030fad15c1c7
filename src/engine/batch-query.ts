// Runs a query over sources that end: one micro-batch in complete mode, on native state of its own.
import { MillraceError } from '../error/millrace-error.js';
import { native } from '../native/load.js';
import type { Relation } from '../plan/nodes.generated.js';
import { planToJson } from '../plan/plan-json.js';
import { leasePool } from '../pool/worker-pool.js';
import type { ResultBatch, ShowStyle } from '../result/result-batch.js';
import type { BatchSource } from '../source/batch-source.js';
import type { Split } from '../source/source.js';
import { abortBatch, type BatchTarget, beginBatch, finishBatch, mapSplits, reduceStages } from './batch-work.js';
import type { Conf } from './conf-values.js';
import type { QueryDescription } from './query-description.js';
import { readSettings } from './query-settings.js';
import { closePrograms, openPrograms } from './stage-programs.js';

/** A batch query: the plan, and what it reads by the numbers of its readers. */
export interface BatchQuery {
  readonly plan: Relation;
  readonly sources: ReadonlyMap<number, BatchSource>;
  readonly conf: Conf;
}

/** Without event time nothing is late and nothing is evicted. */
const NO_WATERMARK_MS = 0;

/** Runs the query; resolves to its rows. Rejects with what is wrong with the plan, or with what a row's evaluation raised. */
export async function runBatchQuery({ plan, sources, conf }: BatchQuery): Promise<ResultBatch> {
  const settings = readSettings(conf);
  const description = JSON.parse(native.openQuery(planToJson(plan), JSON.stringify(conf), 'complete')) as QueryDescription;
  const { handle, stages } = description;
  const pool = leasePool(settings.workers);
  const programs = openPrograms(plan, stages);
  try {
    const splits = await readSplits(description, sources);
    return await runOnce({ handle, stages, batchId: 0, pool, programs, inlineBytesMax: settings.inlineBytesMax }, splits, settings);
  } finally {
    closePrograms(programs);
    await pool.release();
    native.closeQuery(handle);
  }
}

async function runOnce(target: BatchTarget, splits: readonly Split[], show: ShowStyle): Promise<ResultBatch> {
  beginBatch(target, { lateWatermarkMs: NO_WATERMARK_MS, evictWatermarkMs: NO_WATERMARK_MS, batchTimestampMs: Date.now() });
  try {
    await mapSplits(target, splits, []);
    await reduceStages(target, splits, 0);
    return finishBatch(target, show);
  } catch (error) {
    abortBatch(target);
    throw error;
  }
}

/** The splits of the sources that the compiled plan reads, in the order of their numbers. A view read twice is one source. */
async function readSplits({ sources: readers }: QueryDescription, sources: ReadonlyMap<number, BatchSource>): Promise<Split[]> {
  const numbers = [...new Set(readers.map((reader) => reader.source))].sort((left, right) => left - right);
  const splits: Split[] = [];
  for (const number of numbers) {
    const source = sources.get(number);
    if (source === undefined) throw new MillraceError('INTERNAL_ERROR', { message: `The plan reads source ${number}, which nobody made.` });
    splits.push(...(await source.splits()));
  }
  return splits;
}
