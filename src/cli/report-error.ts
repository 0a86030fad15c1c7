// How an error that nobody caught looks on the terminal: what happened, what to do, what was in hand, then where.
import { inspect } from 'node:util';
import type { MillraceError } from '../error/millrace-error.js';

/** More causes than this are a cycle or noise. */
const CAUSES_MAX = 8;

export function describeError(thrown: unknown): string {
  const parts = [describeOne(thrown)];
  let cause = causeOf(thrown);
  for (let depth = 0; cause !== undefined && depth < CAUSES_MAX; depth++) {
    parts.push(`caused by ${describeOne(cause)}`);
    cause = causeOf(cause);
  }
  return `${parts.join('\n')}\n`;
}

function describeOne(thrown: unknown): string {
  if (!(thrown instanceof Error)) return inspect(thrown);
  const { message, stack = '' } = thrown;
  const frames = stack.includes('\n    at ') ? stack.slice(stack.indexOf('\n    at ')) : '';
  if (!isMillraceError(thrown)) return stack === '' ? `${thrown.name}: ${message}` : stack;
  const body = message.endsWith(thrown.advice) ? message.slice(0, message.length - thrown.advice.length).trimEnd() : message;
  const context = Object.entries(thrown.context).map(([name, value]) => `${name}=${typeof value === 'string' ? value : inspect(value)}`);
  const lines = [`MillraceError ${body}`];
  if (thrown.advice !== '') lines.push(`  advice: ${thrown.advice}`);
  if (context.length > 0) lines.push(`  context: ${context.join(', ')}`);
  return lines.join('\n') + frames;
}

/** By name: the program may have its own installation of millrace, with its own class. */
function isMillraceError(error: Error): error is MillraceError {
  return error.name === 'MillraceError' && typeof (error as Partial<MillraceError>).advice === 'string';
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof Error ? thrown.cause : undefined;
}
