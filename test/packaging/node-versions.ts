// The Node versions that millrace supports, from the packages that npm's `node` package installs.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const NODE_VERSIONS = [20, 22, 24] as const;

const folder = fileURLToPath(new URL('../../target/node-versions', import.meta.url));

/** The folder that holds `node` of a major version. The first call installs all of them into target/. */
export function nodeFolder(version: (typeof NODE_VERSIONS)[number]): string {
  const path = binFolder(version);
  if (!existsSync(path)) install();
  return path;
}

function binFolder(version: number): string {
  return join(folder, 'node_modules', `node${version}`, 'bin');
}

function install(): void {
  // Moved into place when complete: test files run side by side, and whichever is ready first has installed for all.
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  // A manifest of its own: npm would otherwise install into the checkout's package.
  writeFileSync(join(draft, 'package.json'), '{ "private": true }\n');
  // `node` itself only installs one of these, from an install script; npm may be told not to run those.
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const packages = NODE_VERSIONS.map((version) => `node${version}@npm:node-${platform}-${process.arch}@${version}`);
  execFileSync('npm', ['install', '--silent', '--no-package-lock', '--ignore-scripts', ...packages], { cwd: draft, stdio: 'inherit' });
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
}
