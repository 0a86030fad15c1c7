// Works one batch ahead: while a batch is reduced, written and committed, the next one is planned, read and mapped (docs/design/overlap.md).
import { type BatchRange, planAhead } from './batch-range.js';
import { abortBatch } from './batch-work.js';
import { batchTarget, type MappedBatch, mapBatch } from './mapped-batch.js';
import type { RunningQuery } from './running-query.js';
import { StageTimer } from './stage-timer.js';

/** A batch that was planned and is being mapped before its turn. */
export interface BatchAhead {
  readonly range: BatchRange;
  readonly timer: StageTimer;
  readonly mapped: Promise<MappedBatch>;
}

/**
 * Whether the query may work ahead: batches follow on each other without a pause, the watermark of the next batch is known once this one is mapped, and
 * no source minds being asked early.
 */
export function worksAhead({ trigger, sources, idleSources, description, diversions }: Omit<RunningQuery, 'worksAhead'>): boolean {
  const isUnpaused = trigger.kind === 'availableNow' || (trigger.kind === 'processingTime' && trigger.intervalMs === 0);
  // With bad records kept, static sides are met in reduce tasks, and watermarks behind them move there.
  const knowsTimes = description.timesKnownWhenMapped && diversions.badRecords === undefined;
  return isUnpaused && knowsTimes && idleSources === null && sources.every(({ source }) => source.allowsReadingAhead === true);
}

/** Begins the batch behind `range`, if there is something for it by now. What fails fails the batch when its turn comes. */
export function startAhead(query: RunningQuery, range: BatchRange): void {
  if (query.state.ahead !== null) return;
  query.state.ahead = planAndMap(query, range);
  query.state.ahead.catch(() => {});
}

/** The batch that was begun ahead, whose turn it is now; null where there is none. Rejects with what made its planning fail. */
export async function takeAhead({ state }: RunningQuery): Promise<BatchAhead | null> {
  const { ahead } = state;
  state.ahead = null;
  const batch = (await ahead) ?? null;
  batch?.timer.restart();
  return batch;
}

/** Waits until nothing works ahead any more, and drops what was done. Resolves to what had failed there, null where nothing had. */
export async function dropAhead(query: RunningQuery): Promise<unknown> {
  const { ahead } = query.state;
  query.state.ahead = null;
  try {
    const batch = await ahead;
    if (batch === null) return null;
    try {
      await batch.mapped;
    } finally {
      abortBatch(batchTarget(query, batch.range));
    }
    return null;
  } catch (error) {
    return error;
  }
}

async function planAndMap(query: RunningQuery, before: BatchRange): Promise<BatchAhead | null> {
  const timer = new StageTimer();
  const range = await planAhead(query, before, timer);
  if (range === null) return null;
  const mapped = mapBatch(query, range, timer);
  mapped.catch(() => {});
  return { range, timer, mapped };
}
