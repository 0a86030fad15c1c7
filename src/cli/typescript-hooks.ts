// Module hooks that run TypeScript without a build step: types become spaces, so that lines and columns stay true.
import { readFileSync } from 'node:fs';
import type { LoadFnOutput, LoadHookContext, ResolveFnOutput, ResolveHookContext } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { moduleFormat, packageType } from './module-format.js';
import { stripTypes } from './strip-types.js';

/** Whether this Node strips types itself (22.18, 23.6 and later). */
const isNative = Boolean((process.features as { typescript?: 'strip' | 'transform' | false }).typescript);

type Next<Context, Result> = (argument: string, context?: Context) => Result;

/** A program outside any installation of millrace still finds this one. */
export function resolveSync(
  specifier: string,
  context: ResolveHookContext,
  next: Next<ResolveHookContext, ResolveFnOutput>,
): ResolveFnOutput {
  try {
    return next(specifier, context);
  } catch (error) {
    return ownModule(specifier, error);
  }
}

/** `resolveSync` for Node before 22.15, whose hooks run in a thread of their own. */
export async function resolve(
  specifier: string,
  context: ResolveHookContext,
  next: Next<ResolveHookContext, Promise<ResolveFnOutput>>,
): Promise<ResolveFnOutput> {
  try {
    return await next(specifier, context);
  } catch (error) {
    return ownModule(specifier, error);
  }
}

export function loadSync(url: string, context: LoadHookContext, next: Next<LoadHookContext, LoadFnOutput>): LoadFnOutput {
  return loadTypeScript(url) ?? next(url, context);
}

export async function load(
  url: string,
  context: LoadHookContext,
  next: Next<LoadHookContext, Promise<LoadFnOutput>>,
): Promise<LoadFnOutput> {
  return loadTypeScript(url) ?? next(url, context);
}

function ownModule(specifier: string, error: unknown): ResolveFnOutput {
  const file = specifier === 'millrace' ? '../index.js' : specifier === 'millrace/testing' ? '../testing/index.js' : null;
  if (file === null) throw error;
  return { url: new URL(file, import.meta.url).href, format: 'module', shortCircuit: true };
}

function loadTypeScript(url: string): LoadFnOutput | null {
  if (!url.startsWith('file:') || !/\.[cm]?ts(?:[?#]|$)/.test(url)) return null;
  const path = fileURLToPath(url);
  if (isNative && isLeftToNode(path)) return null;
  const source = stripTypes(readFileSync(path, 'utf8'), path);
  return { format: moduleFormat(path, source), source, shortCircuit: true };
}

/**
 * Node refuses to strip below node_modules; in a package that says "type": "commonjs", as `npm init` writes, it refuses the first
 * import statement; and where there is no type it warns about having to guess.
 */
function isLeftToNode(path: string): boolean {
  return !/[\\/]node_modules[\\/]/.test(path) && (extname(path) !== '.ts' || packageType(path) === 'module');
}
