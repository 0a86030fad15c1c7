// Decides when the next look for data happens, by Spark's trigger executors.
import { MillraceError } from '../error/millrace-error.js';
import { native } from '../native/load.js';
import type { ReadLimit } from '../source/source.js';
import type { Clock } from './clock.js';
import type { Trigger } from './query-definition.js';

const UNITS = /^(year|month|week|day|hour|minute|second|millisecond|microsecond|nanosecond)s?$/i;

/** A trigger with its texts read. An interval of 0 ms is the default trigger: as soon as possible. */
export type TriggerPlan =
  | { readonly kind: 'processingTime'; readonly intervalMs: number }
  | { readonly kind: 'availableNow' }
  | { readonly kind: 'once' };

/** Reads a trigger. Throws INVALID_INTERVAL_FORMAT.* or ARGUMENT_INVALID. */
export function planTrigger(trigger: Trigger | null): TriggerPlan {
  if (trigger === null) return { kind: 'processingTime', intervalMs: 0 };
  if ('availableNow' in trigger) return { kind: 'availableNow' };
  if ('once' in trigger) return { kind: 'once' };
  const { processingTime } = trigger;
  const intervalMs = typeof processingTime === 'number' ? processingTime : intervalMsOf(processingTime);
  if (!Number.isSafeInteger(intervalMs) || intervalMs < 0) {
    const reason = `processingTime must be a whole number of milliseconds of at least 0, not ${intervalMs}`;
    throw new MillraceError('ARGUMENT_INVALID', { parameters: { function: 'trigger', reason } });
  }
  return { kind: 'processingTime', intervalMs };
}

/** Reads the interval of a trigger. Where a window's text is refused with CANNOT_PARSE_INTERVAL, Spark tells here what is wrong with it. */
function intervalMsOf(input: string): number {
  try {
    return native.parseInterval(input);
  } catch (cause) {
    throw intervalError(input, cause);
  }
}

function intervalError(input: string, cause: unknown): MillraceError {
  const words = input
    .trim()
    .replace(/^interval\s+/i, '')
    .split(/\s+/)
    .filter(Boolean);
  if (words.length === 0) return new MillraceError('INVALID_INTERVAL_FORMAT.INPUT_IS_EMPTY', { parameters: { input }, cause });
  for (let at = 0; at < words.length; at += 2) {
    const [number, unit] = [words[at] as string, words[at + 1]];
    if (!/^[+-]?\d+(\.\d*)?$/.test(number)) {
      return new MillraceError('INVALID_INTERVAL_FORMAT.UNRECOGNIZED_NUMBER', { parameters: { input, number }, cause });
    }
    if (unit === undefined)
      return new MillraceError('INVALID_INTERVAL_FORMAT.MISSING_UNIT', { parameters: { input, word: number }, cause });
    if (!UNITS.test(unit)) return new MillraceError('INVALID_INTERVAL_FORMAT.INVALID_UNIT', { parameters: { input, unit }, cause });
  }
  return cause instanceof MillraceError
    ? cause
    : new MillraceError('CANNOT_PARSE_INTERVAL', { parameters: { intervalString: input }, cause });
}

/** `once` reads all there is, whatever the source's limit options say; the other triggers honour them. */
export function readLimitOf(plan: TriggerPlan): ReadLimit {
  return plan.kind === 'once' ? 'all' : 'limited';
}

/** Spark's `once` runs no batch just to let closed windows out; every other trigger may. */
export function allowsNoDataBatch(plan: TriggerPlan): boolean {
  return plan.kind !== 'once';
}

/** What a trigger drives. */
export interface TriggerHandler {
  /** Looks for data and runs at most one batch; resolves to whether one ran. */
  runBatch(): Promise<boolean>;
  /** Resolves when there may be data again, or when the query stops. */
  awaitData(): Promise<void>;
  /** Called when the trigger has nothing to do until its next time. */
  onWait(): void;
}

/** Runs batches until the trigger is through (`availableNow`, `once`) or `signal` aborts. Rejects with what `runBatch` rejects with. */
export async function runTrigger(plan: TriggerPlan, clock: Clock, signal: AbortSignal, handler: TriggerHandler): Promise<void> {
  switch (plan.kind) {
    case 'once':
      if (!signal.aborted) await handler.runBatch();
      return;
    case 'availableNow':
      while (!signal.aborted && (await handler.runBatch())) await letOthersRun();
      return;
    case 'processingTime':
      if (plan.intervalMs === 0) await runAsSoonAsPossible(signal, handler);
      else await runAtIntervals(plan.intervalMs, clock, signal, handler);
  }
}

async function runAsSoonAsPossible(signal: AbortSignal, handler: TriggerHandler): Promise<void> {
  while (!signal.aborted) {
    const ran = await handler.runBatch();
    if (ran) await letOthersRun();
    else if (!signal.aborted) await handler.awaitData();
  }
}

/** A query whose data is always there would otherwise starve timers, signals and the other queries of the process. */
function letOthersRun(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

async function runAtIntervals(intervalMs: number, clock: Clock, signal: AbortSignal, handler: TriggerHandler): Promise<void> {
  while (!signal.aborted) {
    const nextMs = nextTriggerTimeMs(clock.nowMs(), intervalMs);
    await handler.runBatch();
    if (signal.aborted) return;
    handler.onWait();
    await clock.sleepUntil(nextMs, signal);
  }
}

/** The first multiple of the interval after `nowMs`. A batch that outlasts its interval is followed by the next at once (Spark's ProcessingTimeExecutor). */
export function nextTriggerTimeMs(nowMs: number, intervalMs: number): number {
  return Math.floor(nowMs / intervalMs) * intervalMs + intervalMs;
}
