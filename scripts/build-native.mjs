// Builds the addon for this machine into native/binding: node scripts/build-native.mjs [--release]
// With MILLRACE_PORTABLE=1 the build is the one that is published: CI tests that one, and need not build a second one to pack it.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fingerprint } from './native/inputs.mjs';
import { hostTarget, portableBuild } from './native/portable-build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'native', 'binding');
const stamp = join(folder, '.build-stamp');
const options = process.argv.slice(2);

// @napi-rs/cli makes cargo link again on the second build of a checkout, which takes a minute with LTO, so cargo's own "fresh" is not
// enough: nothing is run at all while the inputs are the same.
const before = fingerprint(root, options.join(' '));
const isCurrent = existsSync(stamp) && readFileSync(stamp, 'utf8') === before && readdirSync(folder).some((name) => name.endsWith('.node'));
if (process.env.MILLRACE_PORTABLE) {
  rmSync(stamp, { force: true });
  const addon = portableBuild(root, hostTarget());
  const copy = join(folder, basename(addon));
  // Never written in place: a process may have it mapped.
  copyFileSync(addon, `${copy}.new`);
  renameSync(`${copy}.new`, copy);
} else if (isCurrent) {
  console.log('native: nothing changed');
} else {
  const hadLock = existsSync(join(root, 'Cargo.lock'));
  rmSync(stamp, { force: true });
  const cli = join(root, 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js');
  const build = [
    'build',
    '--platform',
    '--no-js',
    '--manifest-path',
    'native/binding/Cargo.toml',
    '--output-dir',
    'native/binding',
    ...options,
  ];
  const { status } = spawnSync(process.execPath, [cli, ...build], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  // A file that changed during the build must not pass for built; only Cargo.lock may come out of it.
  writeFileSync(stamp, hadLock ? before : fingerprint(root, options.join(' ')));
}
