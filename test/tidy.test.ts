// Keeps true what nobody wants to have to remember: imports point one way, files stay small, every way into the addon catches panics.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NATIVE_FUNCTIONS } from '../dist/native/binding.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What each folder of src may import, besides itself and Node. An entry with a slash is a single file. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  error: [],
  plan: ['error'],
  native: ['error'],
  batch: ['error', 'plan'],
  result: ['batch', 'error', 'native', 'plan'],
  pool: ['error', 'native', 'state'],
  source: ['batch', 'engine/clock', 'engine/conf-values', 'error', 'native', 'plan'],
  sink: ['engine/clock', 'engine/conf-values', 'error', 'native', 'plan', 'result', 'source'],
  checkpoint: ['error', 'native', 'source'],
  state: ['batch', 'error', 'native', 'plan', 'result'],
  engine: ['batch', 'checkpoint', 'error', 'native', 'plan', 'pool', 'result', 'sink', 'source', 'state'],
  api: ['batch', 'engine', 'error', 'plan', 'result', 'sink', 'source', 'state'],
  testing: ['api', 'batch', 'engine', 'error', 'plan', 'result', 'sink', 'source'],
  cli: ['checkpoint', 'engine', 'error', 'index', 'source', 'testing'],
};

/** Packages and the only places that may import them. */
const PACKAGE_HOMES: Readonly<Record<string, readonly string[]>> = {
  '@swc/wasm-typescript': ['src/cli/'],
  'apache-arrow': ['src/result/'],
  flatbuffers: ['src/batch/', 'src/result/'],
  kafkajs: ['src/source/kafka/', 'src/sink/kafka/'],
  piscina: ['src/pool/'],
};

/** Files above the limit that are better whole, each with its reason. */
const LONG_FILES: Readonly<Record<string, string>> = {};

const LINES_MAX = 600;
/** Nothing that is written by hand or generated from it comes near. */
const FILE_BYTES_MAX = 512 * 1024;

interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const files: readonly SourceFile[] = ['src', 'native', 'scripts', 'test', 'bench', 'examples', 'schema']
  .flatMap((folder) => walk(folder))
  .filter((path) => /\.(ts|mts|mjs|js|rs|toml|fbs)$/.test(path))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

const typeScript = files.filter(({ path }) => path.startsWith('src/'));
const rust = files.filter(({ path }) => path.startsWith('native/') && path.endsWith('.rs'));

function walk(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules' && name !== 'target' && name !== 'golden')
    .flatMap((entry) => (entry.isDirectory() ? walk(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`]));
}

/** Every module that a file names, however it loads it. */
function importsOf({ text }: SourceFile): string[] {
  return [...text.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\(\s*|\brequire\(\s*|\brequire\.resolve\(\s*)['"]([^'"]+)['"]/g)].map(
    ([, name]) => name as string,
  );
}

function isGenerated(path: string): boolean {
  return /generated/.test(path);
}

function assertNone(found: readonly string[], message: string): void {
  assert.deepEqual(found, [], message);
}

describe('arrows', () => {
  test('folders of src import only what stands below them', () => {
    const wrong = typeScript.flatMap((file) => {
      const [, folder = ''] = file.path.split('/');
      if (folder === 'index.ts') return [];
      const allowed = ARROWS[folder];
      if (allowed === undefined) return [`${file.path}: the folder ${folder} has no entry in ARROWS`];
      return importsOf(file)
        .filter((name) => name.startsWith('.') && !name.endsWith('/package.json'))
        .map((name) =>
          posix
            .join(posix.dirname(file.path), name)
            .replace(/^src\//, '')
            .replace(/\.js$/, ''),
        )
        .filter((target) => !isAllowed(target, [folder, ...allowed]))
        .map((target) => `${file.path} imports ${target}`);
    });
    assertNone(wrong, 'wrong arrows');
  });

  test('the plan does no I/O', () => {
    const wrong = typeScript
      .filter(({ path }) => path.startsWith('src/plan/'))
      .flatMap((file) => importsOf(file).filter((name) => /^node:(fs|net|http|https|child_process|worker_threads|dgram|tls)/.test(name)));
    assertNone(wrong, 'I/O in src/plan');
  });

  test('packages stay at home', () => {
    const wrong = typeScript.flatMap((file) =>
      importsOf(file)
        .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
        .filter((name) => {
          const home = Object.keys(PACKAGE_HOMES).find((known) => name === known || name.startsWith(`${known}/`));
          return home === undefined || !PACKAGE_HOMES[home]?.some((folder) => file.path.startsWith(folder));
        })
        .map((name) => `${file.path} imports ${name}`),
    );
    assertNone(wrong, 'packages away from home');
  });

  test('only src/native knows of .node files', () => {
    const wrong = typeScript.filter(({ path, text }) => !path.startsWith('src/native/') && /\.node['"`]/.test(text));
    assertNone(
      wrong.map(({ path }) => path),
      '.node outside src/native',
    );
  });

  test('every durable byte goes through one door', () => {
    const wrong = files
      .filter(({ path }) => /^native\/(core|binding)\/src\//.test(path) && !path.startsWith('native/core/src/storage/'))
      .filter(({ text }) =>
        /OpenOptions|File::create|fs::(write|rename|copy|create_dir|remove)|sync_all|sync_data/.test(text.split('#[cfg(test)]')[0] ?? ''),
      );
    assertNone(
      wrong.map(({ path }) => path),
      'files written outside of the storage',
    );
  });

  test('the core crate knows nothing of Node', () => {
    const wrong = files.filter(({ path, text }) => path.startsWith('native/core/') && /\bnapi\b|millrace[-_]binding/.test(text));
    assertNone(
      wrong.map(({ path }) => path),
      'napi in native/core',
    );
  });
});

function isAllowed(target: string, allowed: readonly string[]): boolean {
  return allowed.some((entry) => target === entry || (!entry.includes('/') && target.startsWith(`${entry}/`)));
}

describe('the addon', () => {
  const binding = rust.filter(({ path }) => path.startsWith('native/binding/src/'));

  test('every export catches panics', () => {
    // Attributes and doc comments may stand between #[napi] and the function.
    const exported = binding.flatMap(({ path, text }) =>
      [...text.matchAll(/#\[napi(?:\(([^)]*)\))?\]\s*(?:(?:\/\/[^\n]*|#\[[^\n]*\])\s*)*pub\s+(?:unsafe\s+)?fn\s+(\w+)/g)].map(
        ([, flags = '', name = '']) => ({ path, name, catches: /\bcatch_unwind\b/.test(flags) }),
      ),
    );
    assertNone(
      exported.filter(({ catches }) => !catches).map(({ path, name }) => `${path}: ${name}`),
      'exports without catch_unwind',
    );
    const names = exported.map(({ name }) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));
    assert.deepEqual(names.sort(), [...NATIVE_FUNCTIONS].sort(), 'the exports of native/binding and src/native/binding.ts differ');
    const attributes = binding.reduce((sum, { text }) => sum + [...text.matchAll(/#\[napi\b/g)].length, 0);
    assert.equal(attributes, exported.length, 'a #[napi] stands on something that is not a plain function');
  });

  test('no threads that outlive an environment', () => {
    const wrong = files.filter(({ path, text }) => path.endsWith('Cargo.toml') && /tokio_rt|\basync\b/.test(text.replace(/#.*/g, '')));
    assertNone(
      wrong.map(({ path }) => path),
      'tokio_rt',
    );
  });
});

describe('files', () => {
  test('none is long', () => {
    const wrong = files
      .filter(({ path }) => !isGenerated(path) && !Object.hasOwn(LONG_FILES, path) && !path.startsWith('schema/'))
      .filter(({ text }) => text.split('\n').length > LINES_MAX + 1);
    assertNone(
      wrong.map(({ path, text }) => `${path}: ${text.split('\n').length} lines`),
      `more than ${LINES_MAX} lines`,
    );
    assertNone(
      Object.keys(LONG_FILES).filter((path) => !existsSync(join(root, path))),
      'LONG_FILES names what is not there',
    );
  });

  test('none is a dump or a build', { skip: !existsSync(join(root, '.git')) }, () => {
    const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean);
    const large = tracked.filter((path) => existsSync(join(root, path)) && statSync(join(root, path)).size > FILE_BYTES_MAX);
    assertNone(large, `more than ${FILE_BYTES_MAX} bytes`);
  });

  test('each is named after what is in it', () => {
    const wrong = files.filter(({ path }) => path.split('/').some((part) => /^(utils?|helpers?|common|misc)(\.|$)/.test(part)));
    assertNone(
      wrong.map(({ path }) => path),
      'names that say nothing',
    );
  });

  test('what is left to do has an issue', () => {
    const wrong = files
      .filter(({ path }) => basename(path) !== 'tidy.test.ts')
      .flatMap(({ path, text }) => text.split('\n').map((line, index) => ({ place: `${path}:${index + 1}`, line })))
      .filter(({ line }) => /\b(TODO|FIXME)\b/.test(line) && !/(#|issue )\d+/.test(line));
    assertNone(
      wrong.map(({ place }) => place),
      'TODO or FIXME without an issue',
    );
  });

  test('the lockfile names no registry', () => {
    assert.doesNotMatch(readFileSync(join(root, 'package-lock.json'), 'utf8'), /"resolved"/);
  });

  test('no install scripts', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    assertNone(
      Object.keys(scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name)),
      'install scripts',
    );
  });
});
