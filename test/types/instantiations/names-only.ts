// The program without its queries: what the compiler does for the names alone, which is taken off.
import {
  col,
  count,
  fromJson,
  MemoryStream,
  Session,
  schema,
  sum,
  toTimestamp,
  WindowAggregator,
  when,
  window,
} from '../../../src/index.js';

export const names = [col, count, fromJson, MemoryStream, Session, schema, sum, toTimestamp, WindowAggregator, when, window];
