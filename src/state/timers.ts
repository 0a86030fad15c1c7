// The timers of a key. Spark counterpart: `StatefulProcessorHandle.registerTimer` and its kin, `TimerValues`.
import { MillraceError } from '../error/millrace-error.js';
import type { ColumnVector } from '../result/column-vector.js';
import type { CallSite } from './call-site.js';
import type { TimeMode } from './program.js';

/** A timer that fires in the batch. */
export interface DueTimer {
  readonly group: number;
  readonly timeMs: number;
}

/** What tells a timer from others. */
function nameOf({ group, timeMs }: DueTimer): string {
  return `${group} ${timeMs}`;
}

/** What was done to timers, in the order of the groups. */
export interface TimerWrites {
  readonly groups: readonly number[];
  /** null: all timers of the group. */
  readonly times: readonly (number | null)[];
  readonly isRegistered: readonly boolean[];
}

/** The timers of the key in hand. */
export class Timers {
  readonly #mode: TimeMode;
  readonly #site: CallSite;
  /** By group: what the batch has done, by time; true is registered. */
  readonly #written = new Map<number, Map<number, boolean>>();
  /** Registered for a time that is past, so that they fire in this batch; each once. */
  #early: DueTimer[] = [];
  #held: ColumnVector | null = null;

  constructor(mode: TimeMode, site: CallSite) {
    this.#mode = mode;
    this.#site = site;
  }

  /** A batch begins: `held` are the timers of its groups. */
  open(held: ColumnVector): void {
    this.#held = held;
    this.#written.clear();
    this.#early = [];
  }

  /** Has `handleExpiredTimer` called for this key once the time (milliseconds since 1970) has passed, by the watermark or by the clock. */
  registerTimer(timeMs: number): void {
    this.#set('register_timer', timeMs, true);
    this.#site.counters.registered += 1;
  }

  /** `registerTimer` for programs of `timeMode: 'eventTime'`. */
  registerEventTimeTimer(timeMs: number): void {
    this.#checkMode('register_timer', 'eventTime');
    this.registerTimer(timeMs);
  }

  /** `registerTimer` for programs of `timeMode: 'processingTime'`. */
  registerProcessingTimeTimer(timeMs: number): void {
    this.#checkMode('register_timer', 'processingTime');
    this.registerTimer(timeMs);
  }

  /** Takes a timer of this key back. */
  deleteTimer(timeMs: number): void {
    this.#set('delete_timer', timeMs, false);
    this.#site.counters.deleted += 1;
  }

  /** The timers of this key, in order. */
  listTimers(): number[] {
    this.#checkMode('list_timers', this.#mode);
    const { group } = this.#site;
    const times = new Set(((this.#held?.get(group) ?? []) as bigint[]).map(Number));
    for (const [time, isRegistered] of this.#written.get(group) ?? []) {
      if (isRegistered) times.add(time);
      else times.delete(time);
    }
    return [...times].sort((left, right) => left - right);
  }

  /** Timers before this fire in the batch: the watermark, or the batch's time. */
  get limitMs(): number {
    return this.#mode === 'eventTime' ? this.#site.watermarkMs : this.#site.timestampMs;
  }

  /** The watermark of the batch, milliseconds since 1970. */
  getCurrentWatermarkMs(): number {
    return this.#site.watermarkMs;
  }

  /** The time of the batch, milliseconds since 1970. */
  getCurrentProcessingTimeMs(): number {
    return this.#site.timestampMs;
  }

  /** Of the timers that were due before the batch, and those that were registered since the last call for a time that is past, the ones that fire, in order. */
  due(before: readonly DueTimer[]): DueTimer[] {
    const stands = ({ group, timeMs }: DueTimer, unwritten: boolean) => this.#written.get(group)?.get(timeMs) ?? unwritten;
    const early = this.#early.filter((timer) => stands(timer, false));
    this.#early = [];
    const again = new Set(early.map(nameOf));
    const due = [...before.filter((timer) => stands(timer, true) && !again.has(nameOf(timer))), ...early];
    return due.sort((left, right) => left.timeMs - right.timeMs || left.group - right.group);
  }

  /** What was written since it was last asked for. */
  takeWrites(): TimerWrites {
    const groups: number[] = [];
    const times: number[] = [];
    const isRegistered: boolean[] = [];
    for (const group of [...this.#written.keys()].sort((left, right) => left - right)) {
      for (const [time, registered] of this.#written.get(group) ?? []) {
        groups.push(group);
        times.push(time);
        isRegistered.push(registered);
      }
    }
    this.#written.clear();
    return { groups, times, isRegistered };
  }

  #set(operation: string, timeMs: number, isRegistered: boolean): void {
    this.#checkMode(operation, this.#mode);
    if (!Number.isSafeInteger(timeMs)) {
      const parameters = { function: operation, reason: 'the time must be a whole number of milliseconds since 1970' };
      throw new MillraceError('ARGUMENT_INVALID', { parameters });
    }
    const { group } = this.#site;
    const written = this.#written.get(group) ?? new Map<number, boolean>();
    if (isRegistered && timeMs < this.limitMs && written.get(timeMs) !== true) this.#early.push({ group, timeMs });
    written.set(timeMs, isRegistered);
    this.#written.set(group, written);
  }

  #checkMode(operationType: string, mode: TimeMode): void {
    if (this.#mode !== 'none' && this.#mode === mode) return;
    const parameters = { operationType, timeMode: this.#mode };
    throw new MillraceError('STATEFUL_PROCESSOR_CANNOT_PERFORM_OPERATION_WITH_INVALID_TIME_MODE', { parameters });
  }
}
