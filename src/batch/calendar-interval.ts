// INTERVAL without fields: months, days and microseconds side by side, as make_interval() makes them.

/**
 * A value of type INTERVAL: its parts are added to a time one after the other, months first. An hour is not a day's 24th part here, nor a
 * day a month's 30th, so intervals have no order. Spark counterpart: `CalendarInterval`.
 */
export interface CalendarInterval {
  readonly months: number;
  readonly days: number;
  readonly microseconds: bigint;
}

/** The parts of the interval in row `index`; each has two words. */
export function readCalendarInterval(words: BigInt64Array, index: number): CalendarInterval {
  const fields = words[2 * index] ?? 0n;
  return {
    months: Number(BigInt.asIntN(32, fields)),
    days: Number(BigInt.asIntN(32, fields >> 32n)),
    microseconds: words[2 * index + 1] ?? 0n,
  };
}

/** Writes an interval into row `index`. */
export function writeCalendarInterval(words: BigInt64Array, index: number, interval: CalendarInterval): void {
  words[2 * index] = (BigInt(interval.days) << 32n) | BigInt.asUintN(32, BigInt(interval.months));
  words[2 * index + 1] = interval.microseconds;
}
