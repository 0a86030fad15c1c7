// The state of a key with its timeout, for flatMapGroupsWithState and mapGroupsWithState. Spark counterpart: `GroupState`.
import { MillraceError } from '../error/millrace-error.js';
import { type ArrayVector, type ColumnVector, StructVector } from '../result/column-vector.js';
import type { CallSite } from './call-site.js';
import { copied } from './copied.js';
import type { TimeMode } from './program.js';
import type { TimerWrites } from './timers.js';
import type { VariableWrites } from './variable-writes.js';

/** Turns interval text into milliseconds. */
export type IntervalReader = (text: string) => number;

/** The state of the key in hand. */
export class GroupStateVariable {
  readonly #mode: TimeMode;
  readonly #hasWatermark: boolean;
  readonly #site: CallSite;
  readonly #millisOf: IntervalReader;
  #values: { readonly groups: number[]; readonly values: unknown[] } = { groups: [], values: [] };
  #timeouts: { readonly groups: number[]; readonly times: (number | null)[] } = { groups: [], times: [] };
  #held: ColumnVector | null = null;
  #heldTimeouts: ArrayVector | null = null;
  #value: unknown = null;
  /** The group whose next call finds the state that it begins with. */
  #initialGroup = -1;
  #initial: unknown = null;
  #isUpdated = false;
  #isRemoved = false;
  #timeoutMs: number | null = null;
  /** The timeout that the group had before the call. */
  #heldTimeoutMs: number | null = null;
  #hasTimedOut = false;

  constructor(mode: TimeMode, hasWatermark: boolean, site: CallSite, millisOf: IntervalReader) {
    this.#mode = mode;
    this.#hasWatermark = hasWatermark;
    this.#site = site;
    this.#millisOf = millisOf;
  }

  /** A batch begins: what its groups hold, and their timeouts. */
  open(held: ColumnVector, timeouts: ArrayVector): void {
    this.#held = held;
    this.#heldTimeouts = timeouts;
    this.#values = { groups: [], values: [] };
    this.#timeouts = { groups: [], times: [] };
  }

  /** The group in hand begins with the state that this row has: its columns of the names of the state's fields, or the column `state`. */
  begin(row: object): void {
    const fields = row as Readonly<Record<string, unknown>>;
    const picked = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, fields[name] ?? null]));
    this.#initial = this.#held instanceof StructVector ? picked(this.#held.names) : fields['state'];
    this.#initialGroup = this.#site.group;
  }

  /** A call begins for the group in hand. */
  beginCall(hasTimedOut: boolean): void {
    const isBeginning = this.#initialGroup === this.#site.group;
    this.#value = isBeginning ? this.#initial : (this.#held?.get(this.#site.group) ?? null);
    this.#initialGroup = -1;
    this.#isUpdated = isBeginning;
    this.#isRemoved = false;
    // A timeout is for one call: the function sets it again, or there is none.
    this.#timeoutMs = null;
    this.#heldTimeoutMs = this.#heldTimeout(this.#site.group);
    this.#hasTimedOut = hasTimedOut;
  }

  /** The call is through: what it left becomes a change of the state, as Spark has it. */
  endCall(): void {
    const { counters } = this.#site;
    if (this.#isRemoved && this.#timeoutMs === null) {
      this.#write(null);
      counters.removed += 1;
      return;
    }
    const hasTimeoutChanged = this.#timeoutMs !== this.#heldTimeoutMs;
    if (!this.#isUpdated && !this.#isRemoved && !hasTimeoutChanged) return;
    this.#write(this.#value);
    counters.updated += 1;
  }

  /** Whether there is state. */
  get exists(): boolean {
    return this.#value !== null;
  }

  /** The state. Throws where there is none; see `getOption`. */
  get(): unknown {
    if (this.#value !== null) return copied(this.#value);
    throw refused('GroupState.get', 'State is either not defined or has already been removed');
  }

  /** The state, null where there is none. */
  getOption(): unknown {
    return copied(this.#value);
  }

  /** Sets the state. */
  update(value: unknown): void {
    if (value === null || value === undefined) throw refused('GroupState.update', "'null' is not a valid state value");
    this.#value = copied(value);
    this.#isUpdated = true;
    this.#isRemoved = false;
  }

  /** Removes the state. */
  remove(): void {
    this.#value = null;
    this.#isUpdated = false;
    this.#isRemoved = true;
  }

  /** Has the function called again with `hasTimedOut` when so much time (milliseconds, or interval text) has passed by the clock without rows. */
  setTimeoutDuration(duration: number | string): void {
    if (this.#mode !== 'processingTime') throw new MillraceError('_LEGACY_ERROR_TEMP_2203');
    const durationMs = typeof duration === 'string' ? this.#millisOf(duration) : duration;
    if (!(durationMs > 0)) throw refused('GroupState.setTimeoutDuration', 'Timeout duration must be positive');
    this.#timeoutMs = this.#site.timestampMs + Math.trunc(durationMs);
  }

  /** Has the function called again with `hasTimedOut` when the watermark has passed the time, a Date or milliseconds since 1970. */
  setTimeoutTimestamp(timestamp: number | Date, additionalDuration: number | string = 0): void {
    if (this.#mode !== 'eventTime') throw new MillraceError('_LEGACY_ERROR_TEMP_2205');
    const additionalMs = typeof additionalDuration === 'string' ? this.#millisOf(additionalDuration) : additionalDuration;
    const timeMs = Math.trunc(Number(timestamp) + additionalMs);
    if (!(timeMs > 0)) throw refused('GroupState.setTimeoutTimestamp', 'Timeout timestamp must be positive');
    const { watermarkMs } = this.#site;
    if (this.#hasWatermark && timeMs < watermarkMs) {
      throw refused(
        'GroupState.setTimeoutTimestamp',
        `Timeout timestamp (${timeMs}) cannot be earlier than the current watermark (${watermarkMs})`,
      );
    }
    this.#timeoutMs = timeMs;
  }

  /** Whether the call is made because the timeout has passed: there are no rows then. */
  get hasTimedOut(): boolean {
    return this.#hasTimedOut;
  }

  /** The watermark of the batch, milliseconds since 1970. Throws _LEGACY_ERROR_TEMP_2204 where the query has none. */
  getCurrentWatermarkMs(): number {
    if (!this.#hasWatermark) throw new MillraceError('_LEGACY_ERROR_TEMP_2204');
    return this.#site.watermarkMs;
  }

  /** The time of the batch, milliseconds since 1970. */
  getCurrentProcessingTimeMs(): number {
    return this.#site.timestampMs;
  }

  /** What was written since it was last asked for, group by group. */
  takeWrites(): VariableWrites {
    const { groups, values } = this.#values;
    this.#values = { groups: [], values: [] };
    return { groups, replaces: groups.map(() => true), values };
  }

  /** The timeouts that were set since they were last asked for: each takes the place of the one before. */
  takeTimerWrites(): TimerWrites {
    const set = this.#timeouts;
    this.#timeouts = { groups: [], times: [] };
    const groups: number[] = [];
    const times: (number | null)[] = [];
    for (const [at, group] of set.groups.entries()) {
      const time = set.times[at] as number | null;
      groups.push(group);
      times.push(null);
      if (time === null) continue;
      groups.push(group);
      times.push(time);
    }
    return { groups, times, isRegistered: times.map((time) => time !== null) };
  }

  #write(value: unknown): void {
    const { group } = this.#site;
    this.#values.groups.push(group);
    this.#values.values.push(value);
    if (this.#timeoutMs === this.#heldTimeoutMs) return;
    this.#timeouts.groups.push(group);
    this.#timeouts.times.push(this.#timeoutMs);
  }

  #heldTimeout(group: number): number | null {
    const { offsets, child } = this.#heldTimeouts as ArrayVector;
    const place = offsets[group] as number;
    return place === offsets[group + 1] ? null : Number(child.get(place));
  }
}

function refused(name: string, reason: string): MillraceError {
  return new MillraceError('ARGUMENT_INVALID', { parameters: { function: name, reason } });
}
