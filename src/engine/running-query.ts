// Everything a started query holds: native state, sources, sink, logs, worker pool, and where it stands between batches.
import { type Checkpoint, openCheckpoint } from '../checkpoint/checkpoint.js';
import { native } from '../native/load.js';
import { planToJson } from '../plan/plan-json.js';
import { leasePool, type PoolLease } from '../pool/worker-pool.js';
import type { Sink } from '../sink/sink.js';
import type { Offset, Source } from '../source/source.js';
import { type Clock, systemClock } from './clock.js';
import type { QueryDefinition } from './query-definition.js';
import type { QueryDescription } from './query-description.js';
import { type QuerySettings, readSettings } from './query-settings.js';
import { allowsNoDataBatch, planTrigger, type TriggerPlan } from './trigger.js';
import { WatermarkTracker } from './watermark.js';

/** A source of a running query and how far it has come. */
export interface SourcePosition {
  /** The reader's number in the plan. */
  readonly number: number;
  readonly source: Source;
  /** Where the first batch begins. */
  readonly initial: Offset;
  /** The end of the newest committed batch, null before the first. */
  committed: Offset | null;
}

/** What changes from batch to batch. */
export interface QueryState {
  nextBatchId: number;
  /** The watermark that was in force in the newest committed batch, null before the first. */
  previousWatermarkMs: number | null;
  /** When the look for data before this one began, by the query's clock; null before the first. */
  previousTriggerMs: number | null;
  /** Rows of state after the newest batch. */
  stateRows: number;
}

/** A started query. */
export interface RunningQuery {
  readonly id: string;
  readonly runId: string;
  readonly definition: QueryDefinition;
  readonly description: QueryDescription;
  readonly settings: QuerySettings;
  readonly trigger: TriggerPlan;
  readonly clock: Clock;
  readonly sources: readonly SourcePosition[];
  readonly sink: Sink;
  readonly checkpoint: Checkpoint;
  readonly pool: PoolLease;
  readonly watermark: WatermarkTracker;
  /** Whether a moved watermark alone may start a batch in this query. */
  readonly runsNoDataBatches: boolean;
  readonly state: QueryState;
  /** Aborts when the query is asked to stop: the running batch ends, none starts. */
  readonly stopSignal: AbortSignal;
  /** Tells what the query does now: Spark's status messages. */
  readonly report: (message: string) => void;
}

/** What a start gives to `openQuery` beside the definition. */
export interface QueryIdentity {
  readonly id: string;
  readonly runId: string;
  readonly stopSignal: AbortSignal;
  readonly report: (message: string) => void;
  readonly clock?: Clock;
}

/** Opens all that a query needs; on a failure what was opened is closed again. Rejects with the failure: a wrong plan, an unreachable broker, ... */
export async function openQuery(definition: QueryDefinition, identity: QueryIdentity): Promise<RunningQuery> {
  const settings = readSettings(definition.conf);
  const trigger = planTrigger(definition.trigger);
  const checkpoint = await openCheckpoint(definition.checkpointLocation);
  const opened: (() => void | Promise<void> | undefined)[] = [() => checkpoint.close()];
  try {
    const description = compile(definition);
    opened.push(() => native.closeQuery(description.handle));
    const sources = await openSources(definition, trigger, opened);
    await definition.sink.open?.();
    opened.push(() => definition.sink.close?.());
    return {
      id: identity.id,
      runId: identity.runId,
      definition,
      description,
      settings,
      trigger,
      clock: identity.clock ?? systemClock,
      sources,
      sink: definition.sink,
      checkpoint,
      pool: leasePool(settings.workers),
      watermark: new WatermarkTracker(description.watermarks, settings.watermarkPolicy),
      runsNoDataBatches: settings.noDataBatchesEnabled && allowsNoDataBatch(trigger) && description.wantsNoDataBatch,
      state: { nextBatchId: 0, previousWatermarkMs: null, previousTriggerMs: null, stateRows: 0 },
      stopSignal: identity.stopSignal,
      report: identity.report,
    };
  } catch (error) {
    // The failure that made the start fail is what the caller needs to see; what closing adds to it is noise.
    for (const close of opened.reverse()) await settle(close);
    throw error;
  }
}

/** Closes all that a query holds, whatever fails on the way; resolves to the first failure, null without one. */
export async function closeQuery(query: RunningQuery): Promise<unknown> {
  const closers = [
    ...query.sources.map(
      ({ source }) =>
        () =>
          source.close(),
    ),
    () => query.sink.close?.(),
    () => query.pool.release(),
    () => native.closeQuery(query.description.handle),
    () => query.checkpoint.close(),
  ];
  let failure: unknown = null;
  for (const close of closers) failure ??= await settle(close);
  return failure;
}

function compile(definition: QueryDefinition): QueryDescription {
  const text = native.openQuery(planToJson(definition.plan), JSON.stringify(definition.conf), definition.outputMode);
  return JSON.parse(text) as QueryDescription;
}

async function openSources(
  definition: QueryDefinition,
  trigger: TriggerPlan,
  opened: (() => void | Promise<void> | undefined)[],
): Promise<SourcePosition[]> {
  const sources: SourcePosition[] = [];
  const numbered = [...definition.sources].sort(([left], [right]) => left - right);
  for (const [number, create] of numbered) {
    const source = create();
    opened.push(() => source.close());
    await source.open(null);
    const initial = await source.initialOffset();
    if (trigger.kind === 'availableNow') await source.prepareForTriggerAvailableNow();
    sources.push({ number, source, initial, committed: null });
  }
  return sources;
}

async function settle(close: () => void | Promise<void> | undefined): Promise<unknown> {
  try {
    await close();
    return null;
  } catch (error) {
    return error;
  }
}
