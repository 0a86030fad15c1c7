// Runs commands one after another, says which and how long, and remembers what failed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** What the last run of the fuzzers said of what failed; absent where nothing did. */
export const fuzzReport = join(root, 'native/fuzz/artifacts/report.txt');

/** The file behind a command of a development dependency: no shell and no npx between us and its exit code. */
export function tool(path) {
  const file = join(root, 'node_modules', path);
  if (!existsSync(file)) throw new Error(`${path} is not installed; run npm ci`);
  return file;
}

/** @returns {boolean} whether the command ended with 0 */
export function step(title, command, commandArguments, options = {}) {
  const began = performance.now();
  console.log(`▶ ${title}`);
  const result = spawnSync(command, commandArguments, { cwd: root, stdio: 'inherit', ...options });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const passed = result.status === 0;
  const reason = result.error?.message ?? (result.signal ? `signal ${result.signal}` : `exit code ${result.status}`);
  console.log(passed ? `✔ ${title} (${seconds} s)` : `✖ ${title}: ${reason} (${seconds} s)`);
  return passed;
}

export const node = (title, file, ...rest) => step(title, process.execPath, [file, ...rest]);
