// Checks of arguments for callers from JavaScript, where the type checker has not looked.
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MillraceError } from '../error/millrace-error.js';

/** ARGUMENT_INVALID: the call, and what is wrong with it. */
export function invalidArgument(functionName: string, reason: string): MillraceError {
  return new MillraceError('ARGUMENT_INVALID', { parameters: { function: functionName, reason } });
}

/** Checks that an argument is text. Throws ARGUMENT_INVALID. */
export function requireText(functionName: string, what: string, argument: unknown): string {
  if (typeof argument === 'string') return argument;
  throw invalidArgument(functionName, `${what} must be a string, got ${describe(argument)}`);
}

/** Checks that an argument is a function. Throws ARGUMENT_INVALID. */
export function requireFunction(functionName: string, what: string, argument: unknown): void {
  if (typeof argument !== 'function') throw invalidArgument(functionName, `${what} must be a function, got ${describe(argument)}`);
}

/** The URL of a module that is given as a URL, as the text of one, or as a path. Throws ARGUMENT_INVALID. */
export function moduleUrl(functionName: string, module: unknown): string {
  if (module instanceof URL) return module.href;
  if (typeof module !== 'string') throw invalidArgument(functionName, `the module must be a URL or a path, got ${describe(module)}`);
  return /^[a-z][a-z\d+.-]+:/i.test(module) ? module : pathToFileURL(resolve(module)).href;
}

/** What a wrong argument is: its class or its type, without the user's data. */
export function describe(argument: unknown): string {
  if (argument === null) return 'null';
  if (argument === undefined) return 'undefined';
  const kind = typeof argument === 'object' ? (argument.constructor?.name ?? 'object') : typeof argument;
  return `${/^[aeiou]/i.test(kind) ? 'an' : 'a'} ${kind}`;
}

/** An argument as the 64-bit integer that Spark takes. Throws ARGUMENT_INVALID. */
export function longArgument(functionName: string, what: string, argument: unknown): bigint {
  const isExact = typeof argument === 'bigint' || Number.isSafeInteger(argument);
  const long = isExact ? BigInt(argument as number | bigint) : null;
  if (long !== null && BigInt.asIntN(64, long) === long) return long;
  throw invalidArgument(functionName, `${what} must be a whole number of 64 bits, as a bigint where it is large`);
}

/** A path as text: paths may be file URLs, whose escapes must be undone. Throws ARGUMENT_INVALID. */
export function pathText(functionName: string, path: unknown): string {
  if (typeof path === 'string') return path.startsWith('file:') ? fileURLToPath(path) : path;
  if (path instanceof URL && path.protocol === 'file:') return fileURLToPath(path);
  throw invalidArgument(
    functionName,
    path instanceof URL ? `the URL must be a file: URL, not ${path.protocol}` : `the path must be a string or a URL, got ${describe(path)}`,
  );
}
