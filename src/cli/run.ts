// Runs a program in this process, so that the queries it starts are the ones that Ctrl-C stops.
import { existsSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describeError } from './report-error.js';

const ownRoot = fileURLToPath(new URL('../..', import.meta.url));

/** Why `file` cannot be run, or null. */
export function whyNotRunnable(file: string): string | null {
  const path = resolve(file);
  if (!existsSync(path)) return `there is no file ${path}`;
  return statSync(path).isFile() ? null : `${path} is not a file`;
}

export async function runProgram(file: string, programArguments: readonly string[]): Promise<void> {
  const path = realpathSync(resolve(file));
  const local = otherInstallation(path);
  // The program's own installation takes over: its queries register there, and its signal handlers must see them.
  const runner = local === null ? undefined : ((await import(pathToFileURL(local).href)) as typeof import('./run.js'));
  await (runner?.runHere ?? runHere)(path, programArguments);
}

/** Runs `path` on this installation. */
export async function runHere(path: string, programArguments: readonly string[]): Promise<void> {
  process.argv = [process.execPath, path, ...programArguments];
  process.on('uncaughtException', fail);
  // Before the hooks, which on Node 20 live in a thread that each module loaded later has to ask.
  const { stopOnSignals } = await import('./graceful-stop.js');
  await import('../index.js');
  await import('./register.js');
  const program = import(pathToFileURL(path).href);
  stopOnSignals(program);
  try {
    await program;
  } catch (error) {
    fail(error);
  }
}

/** The run.js of the millrace that `path` would import, when that is another one than this. */
function otherInstallation(path: string): string | null {
  try {
    const root = dirname(realpathSync(createRequire(path).resolve('millrace/package.json')));
    const runner = join(root, 'dist', 'cli', 'run.js');
    return root === realpathSync(ownRoot) || !existsSync(runner) ? null : runner;
  } catch {
    return null;
  }
}

function fail(error: unknown): void {
  process.stderr.write(describeError(error));
  process.exit(1);
}
