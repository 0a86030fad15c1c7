// The functions of queries, by kind. Spark counterpart: `org.apache.spark.sql.functions`.
export { avg, count, countIf, first, last, max, min, sum } from './functions/aggregate.js';
export { coalesce, col, lit, not, when } from './functions/basic.js';
export { fromJson, type JsonOptions } from './functions/json.js';
export { abs } from './functions/math.js';
export { concat, length, lower, upper } from './functions/text.js';
export {
  timestampMicros,
  timestampMillis,
  timestampSeconds,
  toTimestamp,
  tryToTimestamp,
  type WindowRange,
  window,
} from './functions/time.js';
