// Loads modules of the program, in whatever thread.
import { MillraceError } from '../error/millrace-error.js';
import { reasonOf } from '../error/reason-of.js';

/** What a module exports; `loader` is loaded before it, where there is one. Rejects with MODULE_NOT_LOADED. */
export async function importModule(module: string, loader: string | null): Promise<Readonly<Record<string, unknown>>> {
  if (loader !== null) await importOne(loader);
  return importOne(module);
}

/** The functions that a module exports under their names, or together as its default: known by `name`. Rejects with ARGUMENT_INVALID where it has none. */
export async function importFunctions<T extends object>(
  functionName: string,
  module: string,
  loader: string | null,
  name: keyof T & string,
): Promise<T> {
  const exported = await importModule(module, loader);
  const hasThem = (candidate: unknown) => typeof (candidate as Readonly<Record<string, unknown>> | undefined)?.[name] === 'function';
  const found = [exported, exported['default']].find(hasThem);
  if (found === undefined) throw missingExport(functionName, module, name);
  return found as T;
}

/** ARGUMENT_INVALID: a module lacks what `functionName` calls. */
export function missingExport(functionName: string, module: string, name: string): MillraceError {
  const parameters = { function: functionName, reason: `the module ${module} exports no function ${name}` };
  return new MillraceError('ARGUMENT_INVALID', { parameters });
}

async function importOne(module: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(module)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new MillraceError('MODULE_NOT_LOADED', { parameters: { module, reason: reasonOf(cause) }, context: { module }, cause });
  }
}
