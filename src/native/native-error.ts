// What the addon throws becomes a MillraceError: the exception's message is an error document, or the text of a caught panic.
import { ERROR_CODES, type ErrorCode } from '../error/codes.generated.js';
import { MillraceError } from '../error/millrace-error.js';
import { reasonOf } from '../error/reason-of.js';

interface ErrorDocument {
  readonly code: string;
  readonly message: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly context?: Readonly<Record<string, unknown>>;
}

/** `place` is the function of the border that threw. */
export function fromNativeError(place: string, thrown: unknown): MillraceError {
  if (thrown instanceof MillraceError) return thrown;
  const text = reasonOf(thrown);
  const document = parseDocument(text);
  if (document !== null) return fromDocument(place, document);
  // napi-rs gives a panic that it caught, and an argument of the wrong type, as plain text; only the status tells them apart.
  const status = (thrown as { code?: unknown } | null)?.code;
  if (status !== undefined && status !== 'GenericFailure') {
    return new MillraceError('INTERNAL_ERROR', { message: `${place}: ${text}.`, context: { place, status }, cause: thrown });
  }
  return new MillraceError('NATIVE_PANIC', { parameters: { place, message: text }, context: { place } });
}

function fromDocument(place: string, document: ErrorDocument): MillraceError {
  const { code, message, parameters = {}, context = {} } = document;
  if (isErrorCode(code)) return new MillraceError(code, { message, parameters, context });
  return new MillraceError('INTERNAL_ERROR', { message: `${code}: ${message}`, parameters, context: { ...context, place } });
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

function parseDocument(text: string): ErrorDocument | null {
  if (!text.startsWith('{')) return null;
  try {
    const value = JSON.parse(text) as Partial<ErrorDocument> | null;
    return typeof value?.code === 'string' && typeof value.message === 'string' ? (value as ErrorDocument) : null;
  } catch {
    return null;
  }
}
