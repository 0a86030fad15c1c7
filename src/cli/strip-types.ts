// TypeScript to JavaScript of the same length: what Node 22.18 and later do by themselves, for the versions and places where they don't.
import { createRequire } from 'node:module';
import { stripOnce } from './strip-cache.js';

interface Stripper {
  transformSync(source: string, options: { mode: 'strip-only'; filename: string }): { code: string };
}

/** What the stripper throws: a plain object, not an Error. */
interface StripFailure {
  readonly code: string;
  readonly message: string;
  readonly snippet?: string;
  readonly startLine?: number;
  readonly startColumn?: number;
}

let stripper: Stripper | undefined;

/** Throws a SyntaxError that names file, line and column for syntax that has no JavaScript (enums, namespaces) or is none. */
export function stripTypes(source: string, path: string): string {
  return stripOnce(source, () => strip(source, path));
}

function strip(source: string, path: string): string {
  // Loaded late: it is large, and a program in plain JavaScript has no need of it.
  stripper ??= createRequire(import.meta.url)('@swc/wasm-typescript') as Stripper;
  try {
    return stripper.transformSync(source, { mode: 'strip-only', filename: path }).code;
  } catch (thrown) {
    const { message, snippet, startLine, startColumn } = thrown as StripFailure;
    if (thrown instanceof Error || typeof message !== 'string') throw thrown;
    const place = startLine === undefined ? path : `${path}:${startLine}:${(startColumn ?? 0) + 1}`;
    throw new SyntaxError(`${message} (${place})${snippet ? `\n${snippet.trimEnd()}` : ''}`);
  }
}
