// The queries that run in this process (Spark's StreamingQueryManager).
import { MillraceError } from '../error/millrace-error.js';
import type { StreamExecution } from './stream-execution.js';

const active = new Set<StreamExecution>();

/** Registers a query before it opens anything. Throws QUERY_ALREADY_ACTIVE where another query has its name. */
export function registerQuery(query: StreamExecution): void {
  const { name } = query;
  if (name !== null && activeQueries().some((other) => other.name === name)) {
    throw new MillraceError('QUERY_ALREADY_ACTIVE', { parameters: { name }, context: { queryName: name } });
  }
  active.add(query);
}

/** Takes a query that is over out of the registry. */
export function unregisterQuery(query: StreamExecution): void {
  active.delete(query);
}

/** The queries that have been started and are not over, in the order of their start. Spark counterpart: `spark.streams.active`. */
export function activeQueries(): StreamExecution[] {
  return [...active];
}

/** How many queries run. */
export function activeQueryCount(): number {
  return active.size;
}

/** Stops every query: running batches end, none starts. Resolves when all are over. */
export async function stopAllQueries(): Promise<void> {
  await Promise.all(activeQueries().map((query) => query.stop()));
}
