// Functions of dates and times. Fields are those in the session's time zone.
import { callNode } from '../../plan/expression.js';
import { Column, operandNode } from '../column.js';
import type { CallName, ColumnOrName } from '../types/column-types.js';
import type { Double } from '../types/value-types.js';
import { call, columnNodes } from './call.js';

/** The year. */
export function year<const C extends ColumnOrName>(column: C): Column<number | null, CallName<'year', C>> {
  return call('year', [column]);
}

/** The quarter, from 1 to 4. */
export function quarter<const C extends ColumnOrName>(column: C): Column<number | null, CallName<'quarter', C>> {
  return call('quarter', [column]);
}

/** The month, from 1. */
export function month<const C extends ColumnOrName>(column: C): Column<number | null, CallName<'month', C>> {
  return call('month', [column]);
}

/** The day of the month. */
export function day<const C extends ColumnOrName>(column: C): Column<number | null, CallName<'day', C>> {
  return call('day', [column]);
}

/** The day of the month. */
export function dayofmonth<const C extends ColumnOrName>(column: C): Column<number | null, CallName<'dayofmonth', C>> {
  return call('dayofmonth', [column]);
}

/** The day of the week, Sunday being 1. */
export function dayofweek<const C extends ColumnOrName>(column: C): Column<number | null, CallName<'dayofweek', C>> {
  return call('dayofweek', [column]);
}

/** The day of the week, Monday being 0. */
export function weekday<const C extends ColumnOrName>(column: C): Column<number | null, CallName<'weekday', C>> {
  return call('weekday', [column]);
}

/** The day of the year. */
export function dayofyear<const C extends ColumnOrName>(column: C): Column<number | null, CallName<'dayofyear', C>> {
  return call('dayofyear', [column]);
}

/** The ISO week of the year. */
export function weekofyear<const C extends ColumnOrName>(column: C): Column<number | null, CallName<'weekofyear', C>> {
  return call('weekofyear', [column]);
}

/** The hour. */
export function hour<const C extends ColumnOrName>(column: C): Column<number | null, CallName<'hour', C>> {
  return call('hour', [column]);
}

/** The minute. */
export function minute<const C extends ColumnOrName>(column: C): Column<number | null, CallName<'minute', C>> {
  return call('minute', [column]);
}

/** The second. */
export function second<const C extends ColumnOrName>(column: C): Column<number | null, CallName<'second', C>> {
  return call('second', [column]);
}

/** A field of a time by its name, such as `YEAR`; seconds are DECIMAL. */
export function extract(field: Column | string, source: ColumnOrName): Column<number | string | null> {
  return new Column(callNode('extract', [operandNode(field), ...columnNodes('extract', [source])]));
}

/** The same as `extract`. Spark counterpart: `date_part`. */
export function datePart(field: Column | string, source: ColumnOrName): Column<number | string | null> {
  return new Column(callNode('date_part', [operandNode(field), ...columnNodes('datePart', [source])]));
}

/** The same as `extract`. */
export function datepart(field: Column | string, source: ColumnOrName): Column<number | string | null> {
  return new Column(callNode('datepart', [operandNode(field), ...columnNodes('datepart', [source])]));
}

/** The day's short English name. */
export function dayname<const C extends ColumnOrName>(column: C): Column<string | null, CallName<'dayname', C>> {
  return call('dayname', [column]);
}

/** The month's short English name. */
export function monthname<const C extends ColumnOrName>(column: C): Column<string | null, CallName<'monthname', C>> {
  return call('monthname', [column]);
}

/** The start of the unit, such as `hour`, that a timestamp falls into. Spark counterpart: `date_trunc`. */
export function dateTrunc(unit: string, column: ColumnOrName): Column<Date | null> {
  return new Column(callNode('date_trunc', [operandNode(unit), ...columnNodes('dateTrunc', [column])]));
}

/** The first day of the unit, such as `month`, that a date falls into. */
export function trunc(column: ColumnOrName, unit: string): Column<Date | null> {
  return call('trunc', [column], [unit]);
}

/** The last day of the month. Spark counterpart: `last_day`. */
export function lastDay(column: ColumnOrName): Column<Date | null> {
  return call('last_day', [column]);
}

/** The next such day of the week, such as `Mon`. Spark counterpart: `next_day`. */
export function nextDay(column: ColumnOrName, day: string): Column<Date | null> {
  return call('next_day', [column], [day]);
}

/** Text as a date, by a pattern as `toTimestamp` takes it. Spark counterpart: `to_date`. */
export function toDate(column: ColumnOrName, pattern?: string): Column<Date | null> {
  return call('to_date', [column], [pattern]);
}

/** As `toDate`, but text that does not fit is null in every mode. Spark counterpart: `try_to_date`. */
export function tryToDate(column: ColumnOrName, pattern?: string): Column<Date | null> {
  return call('try_to_date', [column], [pattern]);
}

/** As `toTimestamp`; the pattern is a column. Spark counterpart: `to_timestamp_ltz`. */
export function toTimestampLtz(column: ColumnOrName, pattern?: ColumnOrName): Column<Date | null> {
  return call('to_timestamp_ltz', [column, pattern]);
}

/** Text as a timestamp without time zone; the pattern is a column. Spark counterpart: `to_timestamp_ntz`. */
export function toTimestampNtz(column: ColumnOrName, pattern?: ColumnOrName): Column<Date | null> {
  return call('to_timestamp_ntz', [column, pattern]);
}

/** A time, or text by a pattern, as seconds since 1970. Spark counterpart: `unix_timestamp`. */
export function unixTimestamp(column: ColumnOrName, pattern?: string): Column<bigint | null> {
  return call('unix_timestamp', [column], [pattern]);
}

/** As `unixTimestamp`; the pattern is a column. Spark counterpart: `to_unix_timestamp`. */
export function toUnixTimestamp(column: ColumnOrName, pattern?: ColumnOrName): Column<bigint | null> {
  return call('to_unix_timestamp', [column, pattern]);
}

/** A time as text by a pattern. Spark counterpart: `date_format`. */
export function dateFormat(column: ColumnOrName, pattern: string): Column<string | null> {
  return call('date_format', [column], [pattern]);
}

/** Seconds since 1970 as text, by the pattern `yyyy-MM-dd HH:mm:ss` if none is given. Spark counterpart: `from_unixtime`. */
export function fromUnixtime(column: ColumnOrName, pattern?: string): Column<string | null> {
  return call('from_unixtime', [column], [pattern]);
}

/** A date as days since 1970. Spark counterpart: `unix_date`. */
export function unixDate(column: ColumnOrName): Column<number | null> {
  return call('unix_date', [column]);
}

/** A timestamp as seconds since 1970. Spark counterpart: `unix_seconds`. */
export function unixSeconds(column: ColumnOrName): Column<bigint | null> {
  return call('unix_seconds', [column]);
}

/** A timestamp as milliseconds since 1970. Spark counterpart: `unix_millis`. */
export function unixMillis(column: ColumnOrName): Column<bigint | null> {
  return call('unix_millis', [column]);
}

/** A timestamp as microseconds since 1970. Spark counterpart: `unix_micros`. */
export function unixMicros(column: ColumnOrName): Column<bigint | null> {
  return call('unix_micros', [column]);
}

/** Days since 1970 as a date. Spark counterpart: `date_from_unix_date`. */
export function dateFromUnixDate(column: ColumnOrName): Column<Date | null> {
  return call('date_from_unix_date', [column]);
}

/** The date so many days later. Spark counterpart: `date_add`. */
export function dateAdd(column: ColumnOrName, days: Column | number): Column<Date | null> {
  return call('date_add', [column], [days]);
}

/** The same as `dateAdd`. */
export function dateadd(column: ColumnOrName, days: Column | number): Column<Date | null> {
  return call('dateadd', [column], [days]);
}

/** The date so many days earlier. Spark counterpart: `date_sub`. */
export function dateSub(column: ColumnOrName, days: Column | number): Column<Date | null> {
  return call('date_sub', [column], [days]);
}

/** How many days lie from `start` to `end`. */
export function datediff(end: ColumnOrName, start: ColumnOrName): Column<number | null> {
  return call('datediff', [end, start]);
}

/** The same as `datediff`. Spark counterpart: `date_diff`. */
export function dateDiff(end: ColumnOrName, start: ColumnOrName): Column<number | null> {
  return call('date_diff', [end, start]);
}

/** The date so many months later. Spark counterpart: `add_months`. */
export function addMonths(column: ColumnOrName, months: Column | number): Column<Date | null> {
  return call('add_months', [column], [months]);
}

/** How many months lie from `start` to `end`, rounded to eight places unless `roundOff` is false. Spark counterpart: `months_between`. */
export function monthsBetween(end: ColumnOrName, start: ColumnOrName, roundOff?: boolean): Column<Double | null> {
  return call('months_between', [end, start], [roundOff]);
}

/** A time of UTC as the clock of a zone shows it. Spark counterpart: `from_utc_timestamp`. */
export function fromUtcTimestamp(column: ColumnOrName, zone: Column | string): Column<Date | null> {
  return call('from_utc_timestamp', [column], [zone]);
}

/** A time of a zone's clock as UTC. Spark counterpart: `to_utc_timestamp`. */
export function toUtcTimestamp(column: ColumnOrName, zone: Column | string): Column<Date | null> {
  return call('to_utc_timestamp', [column], [zone]);
}

/** The time so many units later; units are names such as `MINUTE`. Spark counterpart: `timestamp_add`, in SQL `timestampadd`. */
export function timestampAdd(unit: string, quantity: ColumnOrName, column: ColumnOrName): Column<Date | null> {
  return new Column(
    callNode('timestampadd', [operandNode(unit), ...columnNodes('timestampAdd', [quantity]), ...columnNodes('timestampAdd', [column])]),
  );
}

/** How many whole units lie from `start` to `end`. Spark counterpart: `timestamp_diff`, in SQL `timestampdiff`. */
export function timestampDiff(unit: string, start: ColumnOrName, end: ColumnOrName): Column<bigint | null> {
  return new Column(
    callNode('timestampdiff', [operandNode(unit), ...columnNodes('timestampDiff', [start]), ...columnNodes('timestampDiff', [end])]),
  );
}

/** The date of its parts. Spark counterpart: `make_date`. */
export function makeDate(year: ColumnOrName, month: ColumnOrName, day: ColumnOrName): Column<Date | null> {
  return call('make_date', [year, month, day]);
}

/** The timestamp of its parts, in a zone or the session's. Spark counterpart: `make_timestamp`. */
export function makeTimestamp(
  year: ColumnOrName,
  month: ColumnOrName,
  day: ColumnOrName,
  hour: ColumnOrName,
  minute: ColumnOrName,
  second: ColumnOrName,
  zone?: ColumnOrName,
): Column<Date | null> {
  return call('make_timestamp', [year, month, day, hour, minute, second, zone]);
}

/** The timestamp of its parts, in a zone or the session's. Spark counterpart: `make_timestamp_ltz`. */
export function makeTimestampLtz(
  year: ColumnOrName,
  month: ColumnOrName,
  day: ColumnOrName,
  hour: ColumnOrName,
  minute: ColumnOrName,
  second: ColumnOrName,
  zone?: ColumnOrName,
): Column<Date | null> {
  return call('make_timestamp_ltz', [year, month, day, hour, minute, second, zone]);
}

/** The timestamp without time zone of its parts. Spark counterpart: `make_timestamp_ntz`. */
export function makeTimestampNtz(
  year: ColumnOrName,
  month: ColumnOrName,
  day: ColumnOrName,
  hour: ColumnOrName,
  minute: ColumnOrName,
  second: ColumnOrName,
): Column<Date | null> {
  return call('make_timestamp_ntz', [year, month, day, hour, minute, second]);
}

/** As `makeTimestamp`, but null where the parts are no time. Spark counterpart: `try_make_timestamp`. */
export function tryMakeTimestamp(
  year: ColumnOrName,
  month: ColumnOrName,
  day: ColumnOrName,
  hour: ColumnOrName,
  minute: ColumnOrName,
  second: ColumnOrName,
  zone?: ColumnOrName,
): Column<Date | null> {
  return call('try_make_timestamp', [year, month, day, hour, minute, second, zone]);
}

/** As `makeTimestampLtz`, but null where the parts are no time. Spark counterpart: `try_make_timestamp_ltz`. */
export function tryMakeTimestampLtz(
  year: ColumnOrName,
  month: ColumnOrName,
  day: ColumnOrName,
  hour: ColumnOrName,
  minute: ColumnOrName,
  second: ColumnOrName,
  zone?: ColumnOrName,
): Column<Date | null> {
  return call('try_make_timestamp_ltz', [year, month, day, hour, minute, second, zone]);
}

/** As `makeTimestampNtz`, but null where the parts are no time. Spark counterpart: `try_make_timestamp_ntz`. */
export function tryMakeTimestampNtz(
  year: ColumnOrName,
  month: ColumnOrName,
  day: ColumnOrName,
  hour: ColumnOrName,
  minute: ColumnOrName,
  second: ColumnOrName,
): Column<Date | null> {
  return call('try_make_timestamp_ntz', [year, month, day, hour, minute, second]);
}

/** The event time of a window column: its end less one microsecond. Spark counterpart: `window_time`. */
export function windowTime(column: ColumnOrName): Column<Date | null> {
  return call('window_time', [column]);
}

/**
 * A time of one zone's clock as another's; the source zone is the session's where it is null. Zones are names, or columns with names.
 * Spark counterpart: `convert_timezone`.
 */
export function convertTimezone(source: Column | string | null, target: Column | string, column: ColumnOrName): Column<Date | null> {
  const zones = source === null ? [target] : [source, target];
  return new Column(callNode('convert_timezone', [...zones.map(operandNode), ...columnNodes('convertTimezone', [column])]));
}
