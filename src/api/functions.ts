// The functions of queries, by kind. Spark counterpart: `org.apache.spark.sql.functions`.
export { avg, count, countDistinct, countIf, first, last, max, min, sum, sumDistinct } from './functions/aggregate.js';
export { coalesce, col, expr, lit, not, when } from './functions/basic.js';
export { fromJson, type JsonOptions } from './functions/json.js';
export { abs } from './functions/math.js';
export { asc, ascNullsFirst, ascNullsLast, desc, descNullsFirst, descNullsLast } from './functions/sort.js';
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
