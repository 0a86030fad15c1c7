// The one error class of millrace: a stable code, whose fault it is, whether to try again, what was in hand, and advice.
import { ERROR_CODES, type ErrorCode } from './codes.generated.js';

/** What an error is about, beside its code. Values never hold whole user records unless the code's message names them. */
export interface ErrorDetails {
  /** Values of the code's message parameters, as in Spark's getMessageParameters(). */
  readonly parameters?: Readonly<Record<string, string>>;
  /** What was in hand: query, batch, topic, partition, offset, path, line. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Replaces the message made from the code's template. */
  readonly message?: string;
  readonly cause?: unknown;
}

/** Every failure that millrace reports. `code` is stable and listed in schema/errors.toml; codes that Spark has are Spark's conditions. */
export class MillraceError extends Error {
  override readonly name = 'MillraceError';
  readonly code: ErrorCode;
  /** user: the query or its data; external: disk, broker, host; internal: a bug in millrace. */
  readonly domain: 'user' | 'external' | 'internal';
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  readonly sqlState: string | null;
  /** What to do about it. */
  readonly advice: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    const definition = ERROR_CODES[code];
    const parameters = details.parameters ?? {};
    const text = details.message ?? definition.message.replace(/<(\w+)>/g, (whole, name: string) => parameters[name] ?? whole);
    super(`[${code}] ${text} ${definition.advice}`.trimEnd(), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.domain = definition.domain;
    this.retryable = definition.retryable;
    this.sqlState = definition.sqlState;
    this.advice = definition.advice;
    this.parameters = Object.freeze({ ...parameters });
    this.context = Object.freeze({ ...details.context });
  }

  /** Spark's name for `code`. */
  getCondition(): string {
    return this.code;
  }
}
