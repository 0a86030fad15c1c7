// Functions that make intervals out of numbers.
import type { CalendarInterval } from '../../batch/calendar-interval.js';
import { callNode } from '../../plan/expression.js';
import type { Expression } from '../../plan/nodes.generated.js';
import { Column, columnOrNameNode, operandNode } from '../column.js';
import type { ColumnOrName } from '../types/column-types.js';

/** Numbers of a calendar interval's units; those that are left out are 0. */
export interface IntervalParts {
  readonly years?: ColumnOrName;
  readonly months?: ColumnOrName;
  readonly weeks?: ColumnOrName;
  readonly days?: ColumnOrName;
  readonly hours?: ColumnOrName;
  readonly mins?: ColumnOrName;
  /** Seconds, with a fraction of up to six digits. */
  readonly secs?: ColumnOrName;
}

/** Numbers of a day-time interval's units. */
export type DayTimeParts = Pick<IntervalParts, 'days' | 'hours' | 'mins' | 'secs'>;

/** Numbers of a year-month interval's units. */
export type YearMonthParts = Pick<IntervalParts, 'years' | 'months'>;

/**
 * An interval of months, days and microseconds, which a time is moved by one after the other. Spark counterpart: `make_interval`.
 *
 * ```ts
 * col('ts').plus(makeInterval({ months: lit(1), hours: col('delay') }))
 * ```
 */
export function makeInterval(parts: IntervalParts): Column<CalendarInterval | null> {
  return made('make_interval', ['years', 'months', 'weeks', 'days', 'hours', 'mins', 'secs'], parts);
}

/** As `makeInterval`, but null where a part is too large. Spark counterpart: `try_make_interval`. */
export function tryMakeInterval(parts: IntervalParts): Column<CalendarInterval | null> {
  return made('try_make_interval', ['years', 'months', 'weeks', 'days', 'hours', 'mins', 'secs'], parts);
}

/** An INTERVAL DAY TO SECOND: microseconds. Spark counterpart: `make_dt_interval`. */
export function makeDtInterval(parts: DayTimeParts): Column<bigint | null> {
  return made('make_dt_interval', ['days', 'hours', 'mins', 'secs'], parts);
}

/** An INTERVAL YEAR TO MONTH: months. Spark counterpart: `make_ym_interval`. */
export function makeYmInterval(parts: YearMonthParts): Column<number | null> {
  return made('make_ym_interval', ['years', 'months'], parts);
}

function made<T>(name: string, order: readonly (keyof IntervalParts)[], parts: IntervalParts): Column<T> {
  const nodes = order.map((unit): Expression => {
    const part = parts[unit];
    return part === undefined ? operandNode(0) : columnOrNameNode(name, part);
  });
  return new Column(callNode(name, nodes));
}
