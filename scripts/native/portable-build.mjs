// Builds the addon for a target as it is published: for Linux against an old glibc, wherever it is built.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { highestGlibc } from './glibc-version.mjs';
import { fingerprint } from './inputs.mjs';

/** Debian 10, RHEL 8, Ubuntu 18.10: Node's own official binaries of version 20 ask for as much. */
export const GLIBC_MAX = '2.28';

/** How @napi-rs/cli builds for a target. docs/design/packaging.md compares the roads. */
function toolchain(target) {
  if (target.endsWith('-linux-gnu')) return ['--use-napi-cross'];
  if (target.endsWith('-linux-musl')) return ['--cross-compile'];
  return [];
}

/** The Rust target of this machine. */
export function hostTarget() {
  return /^host: (.*)$/m.exec(execFileSync('rustc', ['-vV'], { encoding: 'utf8' }))[1];
}

/** The platform of a Rust target, as napi-rs and our packages name it. */
export function platformOf(target) {
  const [cpu, , system, abi] = target.split('-');
  const name = { linux: 'linux', darwin: 'darwin', windows: 'win32' }[system];
  const arch = { x86_64: 'x64', aarch64: 'arm64' }[cpu];
  if (name === undefined || arch === undefined) throw new Error(`there is no platform for ${target}`);
  return [name, arch, ...(abi === undefined ? [] : [abi])].join('-');
}

/** @returns {string} the path of `millrace.<platform>.node` */
export function portableBuild(root, target) {
  const platform = platformOf(target);
  const folder = join(root, 'target', 'portable', platform);
  const addon = join(folder, `millrace.${platform}.node`);
  const stamp = join(folder, 'stamp');
  const current = fingerprint(root, `portable ${target}`);
  if (existsSync(addon) && existsSync(stamp) && readFileSync(stamp, 'utf8') === current) {
    console.log(`native: ${platform} is current`);
    return addon;
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  build(root, target, folder);
  refuseNewGlibc(addon, target);
  writeFileSync(stamp, current);
  return addon;
}

function build(root, target, outputFolder) {
  const cli = join(root, 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js');
  const build = ['build', '--release', '--platform', '--no-js', '--manifest-path', 'native/binding/Cargo.toml'];
  // A folder of cargo's own: another linker makes cargo build every crate again, and again on the way back.
  const folders = ['--output-dir', outputFolder, '--target-dir', join(root, 'target', 'portable-build')];
  const { status } = spawnSync(process.execPath, [cli, ...build, ...folders, '--target', target, ...toolchain(target)], {
    cwd: root,
    stdio: 'inherit',
    env: buildEnvironment(root),
  });
  if (status !== 0) throw new Error(`napi build --target ${target} failed with exit code ${status}`);
}

function buildEnvironment(root) {
  const home = homedir();
  // @napi-rs/cli unpacks its cross toolchain below the home folder; it belongs to this checkout. Cargo and npm keep theirs.
  const toolchainHome = join(root, 'target', 'napi-home');
  mkdirSync(toolchainHome, { recursive: true });
  return {
    CARGO_HOME: join(home, '.cargo'),
    RUSTUP_HOME: join(home, '.rustup'),
    npm_config_cache: join(home, '.npm'),
    npm_config_userconfig: join(home, '.npmrc'),
    ...process.env,
    HOME: toolchainHome,
    // For native/binding/build.rs.
    MILLRACE_PORTABLE: '1',
  };
}

function refuseNewGlibc(addon, target) {
  if (!target.endsWith('-linux-gnu')) return;
  const highest = highestGlibc(readFileSync(addon));
  console.log(`native: asks for glibc ${highest}`);
  if (highest.localeCompare(GLIBC_MAX, 'en', { numeric: true }) > 0)
    throw new Error(`${addon} asks for glibc ${highest}, above ${GLIBC_MAX}`);
}
