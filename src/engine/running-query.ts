// Everything a started query holds: native state, sources, sink, logs, worker pool, and where it stands between batches.
import { type Checkpoint, memoryCheckpoint } from '../checkpoint/checkpoint.js';
import { openDiskCheckpoint } from '../checkpoint/disk-checkpoint.js';
import { type LoggedBatch, type Recovery, recover } from '../checkpoint/recovery.js';
import { checkSourceCount, checkSourceKind } from '../checkpoint/stored-sources.js';
import { MillraceError } from '../error/millrace-error.js';
import { native } from '../native/load.js';
import { planToJson } from '../plan/plan-json.js';
import { readersOf } from '../plan/relation.js';
import { leasePool, type PoolLease } from '../pool/worker-pool.js';
import type { Sink } from '../sink/sink.js';
import { offsetJson, parseOffset } from '../source/offset.js';
import type { Offset, Source, SourceLog } from '../source/source.js';
import { type BatchAhead, dropAhead, worksAhead } from './batch-ahead.js';
import { type Clock, systemClock } from './clock.js';
import { confChoice, confInt } from './conf-values.js';
import { closeDiversions, type Diversions, openDiversions } from './diversions.js';
import { IdleSources } from './idle-sources.js';
import { LogPurge } from './log-purge.js';
import type { QueryDefinition } from './query-definition.js';
import type { QueryDescription } from './query-description.js';
import { type QuerySettings, readSettings } from './query-settings.js';
import { closePrograms, openPrograms, type StagePrograms } from './stage-programs.js';
import { allowsNoDataBatch, planTrigger, type TriggerPlan } from './trigger.js';
import { WatermarkTracker } from './watermark.js';

/** A source of a running query and how far it has come. */
export interface SourcePosition {
  /** The reader's number in the plan. */
  readonly number: number;
  readonly source: Source;
  /** Where this start's first batch begins. */
  readonly initial: Offset;
  /** The end of the newest committed batch, null before the first. */
  committed: Offset | null;
}

/** What changes from batch to batch. */
export interface QueryState {
  nextBatchId: number;
  /** Batches that an earlier start logged and did not finish: they run again as they were logged. */
  logged: readonly LoggedBatch[];
  /** Whether this start has run a batch. */
  hasRunBatch: boolean;
  /** The watermark that was in force in the newest committed batch, null before the first. */
  previousWatermarkMs: number | null;
  /** When the look for data before this one began, by the query's clock; null before the first. */
  previousTriggerMs: number | null;
  /** Rows of state after the newest batch. */
  stateRows: number;
  /** What is done ahead of the next batch's turn; null where nothing is, and resolving to null where there was nothing to do. */
  ahead: Promise<BatchAhead | null> | null;
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
  /** Where records go that do not go on. */
  readonly diversions: Diversions;
  readonly checkpoint: Checkpoint;
  readonly logPurge: LogPurge;
  readonly pool: PoolLease;
  /** What runs the program's functions. */
  readonly programs: StagePrograms;
  readonly watermark: WatermarkTracker;
  /** Moves the watermarks of sources that are quiet; null where that was not asked for. */
  readonly idleSources: IdleSources | null;
  /** Whether a moved watermark alone may start a batch in this query. */
  readonly runsNoDataBatches: boolean;
  /** Whether the next batch may be begun before this one is through. */
  readonly worksAhead: boolean;
  readonly state: QueryState;
  /** Aborts when the query is asked to stop: the running batch ends, none starts. */
  readonly stopSignal: AbortSignal;
  /** Tells what the query does now: Spark's status messages. */
  readonly report: (message: string) => void;
}

/** What a start gives to `openQuery` beside the definition. */
export interface QueryIdentity {
  readonly runId: string;
  readonly stopSignal: AbortSignal;
  readonly report: (message: string) => void;
  readonly clock?: Clock;
}

/**
 * Opens all that a query needs, and brings it to where its checkpoint stands; on a failure what was opened is closed again. Rejects with the failure:
 * a wrong plan, an unreachable broker, a checkpoint that is in use, damaged or another query's, ...
 */
export async function openQuery(given: QueryDefinition, identity: QueryIdentity): Promise<RunningQuery> {
  const checkpoint = await openCheckpoint(given);
  const opened: (() => void | Promise<void> | undefined)[] = [() => checkpoint.close()];
  try {
    const recovery = await recover(checkpoint, given.checkpointLocation ?? '');
    // What state depends on is as it was when the checkpoint was born, whatever the session says now.
    const definition = { ...given, conf: { ...given.conf, ...recovery.conf } };
    const settings = readSettings(definition.conf);
    const trigger = planTrigger(definition.trigger);
    const description = compile(definition);
    opened.push(() => native.closeQuery(description.handle));
    const stateRows = await restoreState(checkpoint, description, recovery);
    const sources = await openSources(definition, trigger, checkpoint, recovery, opened);
    await definition.sink.open?.({ id: checkpoint.queryId });
    opened.push(() => definition.sink.close?.());
    const diversions = definition.diversions ?? {};
    await openDiversions(description.handle, diversions, { id: checkpoint.queryId }, opened);
    const programs = openPrograms(definition.plan, description.stages);
    const watermark = new WatermarkTracker(description.watermarks, settings.watermarkPolicy);
    watermark.restore(recovery.watermarkMs);
    const idleSources = definition.closeOnIdle === undefined ? null : new IdleSources(idleMsOf(definition.closeOnIdle));
    const query = {
      id: checkpoint.queryId,
      runId: identity.runId,
      definition,
      description,
      settings,
      trigger,
      clock: identity.clock ?? systemClock,
      sources,
      sink: definition.sink,
      diversions,
      checkpoint,
      logPurge: new LogPurge(checkpoint, settings.minBatchesToRetain),
      pool: leasePool(settings.workers),
      programs,
      watermark,
      idleSources,
      runsNoDataBatches: settings.noDataBatchesEnabled && allowsNoDataBatch(trigger) && description.wantsNoDataBatch,
      state: {
        nextBatchId: recovery.nextBatchId,
        logged: recovery.logged,
        hasRunBatch: false,
        previousWatermarkMs: recovery.previousWatermarkMs,
        previousTriggerMs: null,
        stateRows,
        ahead: null,
      },
      stopSignal: identity.stopSignal,
      report: identity.report,
    };
    return { ...query, worksAhead: worksAhead(query) };
  } catch (error) {
    // The failure that made the start fail is what the caller needs to see; what closing adds to it is noise.
    for (const close of opened.reverse()) await settle(close);
    throw error;
  }
}

/** Reads how long a source is quiet before its watermark moves. Throws OPTION_INVALID, CANNOT_PARSE_INTERVAL. */
function idleMsOf(closeOnIdle: string): number {
  const idleMs = native.parseInterval(closeOnIdle);
  if (idleMs > 0) return idleMs;
  throw new MillraceError('OPTION_INVALID', {
    parameters: { name: 'closeOnIdle', value: closeOnIdle, reason: 'it must be longer than nothing' },
  });
}

async function openCheckpoint({ checkpointLocation, conf }: QueryDefinition): Promise<Checkpoint> {
  if (checkpointLocation === null) return memoryCheckpoint();
  return openDiskCheckpoint(checkpointLocation, {
    compression: confChoice(conf, 'spark.sql.streaming.stateStore.compression.codec', ['lz4', 'zstd']),
    minDeltasForSnapshot: confInt(conf, 'spark.sql.streaming.stateStore.minDeltasForSnapshot'),
  });
}

/** Resolves to the rows of state that the query begins with. */
async function restoreState(checkpoint: Checkpoint, description: QueryDescription, recovery: Recovery): Promise<number> {
  // Offsets that were imported come without state: it begins with this start.
  await checkpoint.checkOperators(description.operators, recovery.stateFiles === null);
  return recovery.stateFiles === null ? 0 : checkpoint.restoreState(description.handle, recovery.stateFiles);
}

/** Closes all that a query holds, whatever fails on the way; resolves to the first failure, null without one. */
export async function closeQuery(query: RunningQuery): Promise<unknown> {
  const closers = [
    ...query.sources.map(
      ({ source }) =>
        () =>
          source.close(),
    ),
    // What waits for a source has ended with it; tasks that still run are waited for before the state goes.
    () => dropAhead(query).then(() => {}),
    () => query.sink.close?.(),
    () => closeDiversions(query.diversions),
    () => query.pool.release(),
    () => closePrograms(query.programs),
    () => native.closeQuery(query.description.handle),
    () => query.logPurge.finish(query.state.nextBatchId),
    () => query.checkpoint.close(),
  ];
  let failure: unknown = null;
  for (const close of closers) {
    // Each is closed, also behind one that failed: a checkpoint that stays open is locked as long as the process lives.
    const outcome = await settle(close);
    failure ??= outcome;
  }
  return failure;
}

function compile(definition: QueryDefinition): QueryDescription {
  const text = native.openQuery(planToJson(definition.plan), JSON.stringify(definition.conf), definition.outputMode);
  return JSON.parse(text) as QueryDescription;
}

async function openSources(
  definition: QueryDefinition,
  trigger: TriggerPlan,
  checkpoint: Checkpoint,
  recovery: Recovery,
  opened: (() => void | Promise<void> | undefined)[],
): Promise<SourcePosition[]> {
  const sources: SourcePosition[] = [];
  const numbers = readersOf(definition.plan).filter((number) => definition.sources.has(number));
  const path = definition.checkpointLocation ?? '';
  const newest = recovery.logged.at(-1)?.entry.offsets ?? recovery.committed;
  checkSourceCount(numbers.length, newest, path);
  for (const [position, number] of numbers.entries()) {
    const source = (definition.sources.get(number) as () => Source)();
    checkSourceKind(source, position, newest, path);
    opened.push(() => source.close());
    const committed = recovery.committed?.[position] ?? null;
    const log = checkpoint.sourceLog(position);
    await source.open(committed, log);
    const initial = committed ?? (await initialOffset(source, log, (newest?.[position] ?? null) !== null));
    if (trigger.kind === 'availableNow') await source.prepareForTriggerAvailableNow();
    sources.push({ number, source, initial, committed });
  }
  return sources;
}

/** Where a source begins. Those whose beginning depends on when they are asked note it, so that a first batch that runs again has the same. */
async function initialOffset(source: Source, log: SourceLog | null, isLogged: boolean): Promise<Offset> {
  if (log === null || source.notesInitialOffset !== true) return source.initialOffset();
  const [noted] = await log.entries(isLogged ? 0 : -1);
  if (noted?.lines[0] !== undefined) return parseOffset(noted.lines[0]);
  const initial = await source.initialOffset();
  await log.writeFirst(offsetJson(initial));
  return initial;
}

async function settle(close: () => void | Promise<void> | undefined): Promise<unknown> {
  try {
    await close();
    return null;
  } catch (error) {
    return error;
  }
}
