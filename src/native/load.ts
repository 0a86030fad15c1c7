// The only place that loads the addon. Everything else calls `native`.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MillraceError } from '../error/millrace-error.js';
import { NATIVE_FUNCTIONS, type NativeBinding } from './binding.js';
import { fromNativeError } from './native-error.js';
import { platformName } from './platform.js';

const require = createRequire(import.meta.url);

let binding: NativeBinding | undefined;

/**
 * The addon's functions, with native failures as MillraceErrors. The first call loads the addon. The main thread makes that call
 * (`loadNative`) before any worker does: an addon that only workers hold is unloaded under the feet of the last one that exits.
 */
export const native: NativeBinding = Object.freeze(
  Object.fromEntries(NATIVE_FUNCTIONS.map((name) => [name, (...values: unknown[]) => call(name, values)])),
) as unknown as NativeBinding;

/** Loads the addon now, or throws NATIVE_ADDON_MISSING. */
export function loadNative(): void {
  binding ??= load();
}

function call(name: keyof NativeBinding, values: unknown[]): unknown {
  binding ??= load();
  const implementation = binding[name] as ((...values: unknown[]) => unknown) | undefined;
  if (implementation === undefined) throw missing(platformName(), `the build has no function ${name}`);
  try {
    const answer = implementation(...values);
    if (!(answer instanceof Promise)) return answer;
    return answer.catch((thrown: unknown) => {
      throw fromNativeError(name, thrown);
    });
  } catch (thrown) {
    throw fromNativeError(name, thrown);
  }
}

function load(): NativeBinding {
  const platform = platformName();
  // A checkout runs what was built in it; the published package has no such folder.
  const local = fileURLToPath(new URL(`../../native/binding/millrace.${platform}.node`, import.meta.url));
  try {
    return existsSync(local) ? (require(local) as NativeBinding) : loadPackage(platform);
  } catch (thrown) {
    if (thrown instanceof MillraceError) throw thrown;
    // Node appends the stack of requires to the message; its first line says it all.
    const reason = String(thrown instanceof Error ? thrown.message : thrown).split('\n', 1)[0] ?? '';
    throw missing(platform, reason, thrown);
  }
}

function loadPackage(platform: string): NativeBinding {
  const name = `@millrace/native-${platform}`;
  const own = require('../../package.json') as { version: string };
  const theirs = require(`${name}/package.json`) as { version: string };
  if (own.version !== theirs.version) {
    throw missing(platform, `${name} is version ${theirs.version}, millrace is ${own.version}`);
  }
  return require(name) as NativeBinding;
}

function missing(platform: string, reason: string, cause?: unknown): MillraceError {
  return new MillraceError('NATIVE_ADDON_MISSING', {
    parameters: { platform, reason },
    context: { platform, node: process.version },
    cause,
  });
}
