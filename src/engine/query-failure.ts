// The error that a failed query shows: the cause's own code, with the query in its context.
import { MillraceError } from '../error/millrace-error.js';
import { reasonOf } from '../error/reason-of.js';
import { errorText } from '../pool/task.js';

const CONSEQUENCES: ReadonlySet<string> = new Set(['STATE_POISONED', 'CHECKPOINT_POISONED']);

/** Whether something fails only because something else has failed before. */
export function isConsequence(failure: unknown): boolean {
  return failure instanceof MillraceError && CONSEQUENCES.has(failure.code);
}

/** Of failures of things that were done at once, the first one that is no consequence of another; where all are, the first. */
export function causeAmong(failures: readonly unknown[]): unknown {
  return failures.find((failure) => !isConsequence(failure)) ?? failures[0];
}

/** Which query failed, and in which batch. */
export interface FailedQuery {
  readonly id: string;
  readonly runId: string;
  readonly name: string | null;
  /** The batch that was running, or would have run next. */
  readonly batchId: number;
}

/**
 * Where Spark wraps every failure in STREAM_FAILED, millrace keeps the code of the cause, since that is what a program can act on:
 * `error.code === 'CANNOT_PARSE_TIMESTAMP'`. What is no MillraceError, such as an error of the user's foreachBatch function, becomes
 * STREAM_FAILED with the error as `cause`.
 */
export function queryFailure(query: FailedQuery, cause: unknown): MillraceError {
  const context = { queryId: query.id, runId: query.runId, queryName: query.name, batchId: query.batchId };
  if (cause instanceof MillraceError) {
    return new MillraceError(cause.code, {
      message: errorText(cause),
      parameters: cause.parameters,
      context: { ...cause.context, ...context },
      cause,
    });
  }
  const message = reasonOf(cause);
  return new MillraceError('STREAM_FAILED', { parameters: { id: query.id, runId: query.runId, message }, context, cause });
}
