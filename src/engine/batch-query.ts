// Runs a query over sources that end: one micro-batch in complete mode, on native state of its own.
import { MillraceError } from '../error/millrace-error.js';
import { native } from '../native/load.js';
import type { Relation } from '../plan/nodes.generated.js';
import { planToJson } from '../plan/plan-json.js';
import { leasePool } from '../pool/worker-pool.js';
import type { ResultBatch, ShowStyle } from '../result/result-batch.js';
import type { BatchSource } from '../source/batch-source.js';
import type { Split } from '../source/source.js';
import { abortBatch, type BatchTarget, beginBatch, finishBatch, isSmall, mapSplits, reduceStages } from './batch-work.js';
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
    const target = { handle, stages, batchId: 0, pool, programs, inlineBytesMax: settings.inlineBytesMax };
    return await runOnce(target, splitGroups(description, sources), settings);
  } finally {
    closePrograms(programs);
    await pool.release();
    native.closeQuery(handle);
  }
}

async function runOnce(target: BatchTarget, groups: AsyncIterable<readonly Split[]>, show: ShowStyle): Promise<ResultBatch> {
  beginBatch(target, { lateWatermarkMs: NO_WATERMARK_MS, evictWatermarkMs: NO_WATERMARK_MS, batchTimestampMs: Date.now() });
  try {
    let numTasks = 0;
    let byteLength = 0;
    for await (const splits of groups) {
      await mapSplits(target, splits, numTasks);
      numTasks += splits.length;
      for (const split of splits) byteLength += split.byteLength;
    }
    const staysHere = isSmall(target, [{ byteLength }], 0);
    await reduceStages(target, staysHere);
    return await finishBatch(target, staysHere, show);
  } catch (error) {
    abortBatch(target);
    throw error;
  }
}

/**
 * The splits of the sources that the compiled plan reads, in the order of their numbers. A view read twice is one source. Sources that are read whole are one
 * group together, so that small ones stay on one thread; one that comes in groups is read when those before it are through.
 */
async function* splitGroups(
  { sources: readers }: QueryDescription,
  sources: ReadonlyMap<number, BatchSource>,
): AsyncGenerator<readonly Split[]> {
  const numbers = [...new Set(readers.map((reader) => reader.source))].sort((left, right) => left - right);
  let whole: Split[] = [];
  for (const number of numbers) {
    const source = sources.get(number);
    if (source === undefined) throw new MillraceError('INTERNAL_ERROR', { message: `The plan reads source ${number}, which nobody made.` });
    if (source.groups === undefined) {
      whole.push(...(await source.splits()));
      continue;
    }
    yield whole;
    whole = [];
    yield* source.groups();
  }
  yield whole;
}
