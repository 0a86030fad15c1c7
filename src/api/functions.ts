// The functions of queries, by kind. Spark counterpart: `org.apache.spark.sql.functions`.
export * from './functions/aggregate.js';
export * from './functions/aggregate-collect.js';
export * from './functions/aggregate-statistics.js';
export * from './functions/array.js';
export * from './functions/basic.js';
export * from './functions/conditional.js';
export * from './functions/date.js';
export * from './functions/encode.js';
export * from './functions/higher-order.js';
export * from './functions/json.js';
export * from './functions/map.js';
export * from './functions/math.js';
export * from './functions/regexp.js';
export * from './functions/sort.js';
export * from './functions/struct.js';
export * from './functions/text.js';
export * from './functions/time.js';
