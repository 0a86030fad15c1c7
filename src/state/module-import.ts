// Loads modules of the program, in whatever thread.
import { MillraceError } from '../error/millrace-error.js';

/** What a module exports; `loader` is loaded before it, where there is one. Rejects with MODULE_NOT_LOADED. */
export async function importModule(module: string, loader: string | null): Promise<Readonly<Record<string, unknown>>> {
  if (loader !== null) await importOne(loader);
  return importOne(module);
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
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MillraceError('MODULE_NOT_LOADED', { parameters: { module, reason }, context: { module }, cause });
  }
}
