// Functions of event time: parsing times, and windows.
import { callNode } from '../../plan/expression.js';
import { literalNode } from '../../plan/literal.js';
import type { Expression } from '../../plan/nodes.generated.js';
import { describe, invalidArgument, requireText } from '../argument.js';
import { Column, columnOrNameNode } from '../column.js';
import type { ColumnOrName } from '../types/column-types.js';

/** A window of event time: `start` is in, `end` is not. */
export interface WindowRange {
  readonly start: Date;
  readonly end: Date;
}

/**
 * Text as a timestamp in the session's time zone, by a pattern of java.time's DateTimeFormatter such as `'dd-MM-yyyy-HH-mm'`; without one,
 * as a cast reads it. Text that does not fit ends the query with CANNOT_PARSE_TIMESTAMP in ANSI mode, else it is null.
 * Spark counterpart: `to_timestamp`.
 */
export function toTimestamp(column: ColumnOrName, pattern?: string): Column<Date | null> {
  return new Column(callNode('to_timestamp', timeArguments('toTimestamp', column, pattern)));
}

/** As `toTimestamp`, but text that does not fit is null in every mode. Spark counterpart: `try_to_timestamp`. */
export function tryToTimestamp(column: ColumnOrName, pattern?: string): Column<Date | null> {
  return new Column(callNode('try_to_timestamp', timeArguments('tryToTimestamp', column, pattern)));
}

/** A number of seconds since 1970 as a timestamp; fractions count. Spark counterpart: `timestamp_seconds`. */
export function timestampSeconds(column: ColumnOrName): Column<Date | null> {
  return new Column(callNode('timestamp_seconds', [columnOrNameNode('timestampSeconds', column)]));
}

/** A whole number of milliseconds since 1970 as a timestamp. Spark counterpart: `timestamp_millis`. */
export function timestampMillis(column: ColumnOrName): Column<Date | null> {
  return new Column(callNode('timestamp_millis', [columnOrNameNode('timestampMillis', column)]));
}

/** A whole number of microseconds since 1970 as a timestamp. Spark counterpart: `timestamp_micros`. */
export function timestampMicros(column: ColumnOrName): Column<Date | null> {
  return new Column(callNode('timestamp_micros', [columnOrNameNode('timestampMicros', column)]));
}

/**
 * The windows of event time that a row falls into, as a grouping column named `window` with the fields `start` and `end`.
 * Durations are interval text such as `'5 minutes'`; units are whole words, and months and years have no fixed length. Windows are
 * aligned to 1970-01-01 00:00 UTC plus `startTime`, whatever the time zone. Rows without a time fall into no window.
 *
 * @param timeColumn a timestamp column, or its name
 * @param windowDuration how long a window is
 * @param slideDuration how far apart windows start, at most `windowDuration`, which it is by default (tumbling windows)
 * @param startTime shift of the windows' starts, shorter than `slideDuration`; may be negative
 *
 * Other columns to group by do not go in here, but beside it: `groupBy(window('time', '5 minutes'), col('id'))`.
 */
export function window(
  timeColumn: ColumnOrName,
  windowDuration: string,
  slideDuration?: string,
  startTime?: string,
): Column<WindowRange, 'window'> {
  const windowArguments = [columnOrNameNode('window', timeColumn), durationNode('windowDuration', windowDuration)];
  if (slideDuration !== undefined || startTime !== undefined)
    windowArguments.push(durationNode('slideDuration', slideDuration ?? windowDuration));
  if (startTime !== undefined) windowArguments.push(durationNode('startTime', startTime));
  return new Column(callNode('window', windowArguments));
}

/**
 * The session of event time that a row belongs to, as a grouping column named `session_window` with the fields `start` and `end`: rows of one
 * key that are no more than `gapDuration` apart are one session, which ends that long after its last row. The gap is interval text such as
 * `'5 minutes'`, or a column of such texts, so that each row says how long it holds its session open; a row whose gap is no interval, or not above
 * zero, is in no session. Spark counterpart: `session_window`.
 *
 * @example
 * events.groupBy(sessionWindow('time', '5 minutes'), col('user')).agg(count('*').alias('clicks'))
 */
export function sessionWindow(timeColumn: ColumnOrName, gapDuration: string | Column): Column<WindowRange, 'session_window'> {
  const time = columnOrNameNode('sessionWindow', timeColumn);
  if (gapDuration instanceof Column) return new Column(callNode('session_window', [time, columnOrNameNode('sessionWindow', gapDuration)]));
  return new Column(callNode('session_window', [time, literalNode(requireText('sessionWindow', 'the gap', gapDuration))]));
}

const DURATION_POSITIONS = { windowDuration: 'second', slideDuration: 'third', startTime: 'fourth' } as const;

function durationNode(parameter: keyof typeof DURATION_POSITIONS, duration: unknown): Expression {
  if (typeof duration === 'string') return literalNode(duration);
  const expectation = `the ${DURATION_POSITIONS[parameter]} argument is ${parameter}, a duration such as '5 minutes', not ${describe(duration)}`;
  const advice =
    duration instanceof Column
      ? "; to group by a column as well, put it beside the window: groupBy(window('time', '5 minutes'), col('id'))"
      : '';
  throw invalidArgument('window', expectation + advice);
}

function timeArguments(functionName: string, column: ColumnOrName, pattern: unknown): Expression[] {
  const time = columnOrNameNode(functionName, column);
  return pattern === undefined ? [time] : [time, literalNode(requireText(functionName, 'the pattern', pattern))];
}
