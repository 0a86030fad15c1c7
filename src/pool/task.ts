// What travels between the main thread and a worker: four kinds of tasks, and answers that keep an error's shape.
import type { ErrorCode } from '../error/codes.generated.js';
import { MillraceError } from '../error/millrace-error.js';
import type { BoundAggregator } from '../state/aggregator.js';
import type { FoldsDescription } from '../state/fold-runner.js';
import type { ModuleProgram } from '../state/program.js';
import type { ProgramDescription } from '../state/program-runner.js';

/** Maps one split: `native.mapSplit`. `spec` is the JSON text of a SplitSpec; `buffers` are of shared memory, not copied. */
export interface MapTask {
  readonly handle: number;
  readonly batchId: number;
  readonly task: number;
  readonly spec: string;
  readonly buffers: readonly Uint8Array[];
}

/** Reduces `count` shards of a stage from `first` on: `native.reduceShards`. */
export interface ReduceTask {
  readonly handle: number;
  readonly batchId: number;
  readonly stage: number;
  readonly first: number;
  readonly count: number;
}

/** Runs a module's functions over the groups of `count` shards of a stage from `first` on. */
export interface ProgramTask extends ReduceTask {
  readonly description: ProgramDescription;
  readonly program: ModuleProgram;
}

/** Runs aggregates, whose functions are modules', over the groups of `count` shards of a stage from `first` on. */
export interface FoldsTask extends ReduceTask {
  readonly description: FoldsDescription;
  readonly bound: readonly BoundAggregator[];
}

/** What a worker sends back. An exception would lose everything but its message on the way, so failures are answers too. */
export type TaskAnswer = { readonly report: string } | { readonly failure: TransferredError };

/** A MillraceError as plain data. */
export interface TransferredError {
  readonly code: ErrorCode;
  readonly text: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly context: Readonly<Record<string, unknown>>;
}

/** Takes an error apart for the way to another thread. What is no MillraceError is a bug in the worker: INTERNAL_ERROR. */
export function transferError(error: unknown): TransferredError {
  const known = error instanceof MillraceError ? error : internalError(error);
  return { code: known.code, text: errorText(known), parameters: known.parameters, context: known.context };
}

/** Puts an error together again. */
export function reviveError(transferred: TransferredError): MillraceError {
  const { code, text, parameters, context } = transferred;
  return new MillraceError(code, { message: text, parameters, context });
}

/** An error's message without the code before it and the advice behind it, which the constructor adds. */
export function errorText(error: MillraceError): string {
  const prefix = `[${error.code}] `;
  const withoutCode = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
  const suffix = ` ${error.advice}`;
  return error.advice !== '' && withoutCode.endsWith(suffix) ? withoutCode.slice(0, -suffix.length) : withoutCode;
}

function internalError(error: unknown): MillraceError {
  return new MillraceError('INTERNAL_ERROR', {
    parameters: { message: String(error instanceof Error ? error.message : error) },
    cause: error,
  });
}
