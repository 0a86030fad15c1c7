// What users get: the tarballs, installed into an empty folder on a machine without cargo, run the profit program on every supported Node.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { platformName } from '../../dist/native/platform.js';
import { highestGlibc } from '../../scripts/native/glibc-version.mjs';
import { NODE_VERSIONS, nodeFolder } from './node-versions.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const platform = platformName();

/** What Spark's console sink prints for examples/trades.ndjson. */
const TABLE = `-------------------------------------------
Batch: 0
-------------------------------------------
+------------------------------------------+------+
|window                                    |profit|
+------------------------------------------+------+
|{2020-04-20 10:10:00, 2020-04-20 10:15:00}|33    |
|{2020-04-20 10:20:00, 2020-04-20 10:25:00}|-5    |
+------------------------------------------+------+
`;

/** Complete mode has no order of rows; the text's lines do. */
const sortedLines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .sort();

describe('the packages', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-pack-'));
  const tarballs = join(folder, 'tarballs');
  const app = join(folder, 'app');
  const commands = join(folder, 'commands');
  const environment = (version: (typeof NODE_VERSIONS)[number]) => ({
    ...process.env,
    PATH: [nodeFolder(version), commands].join(delimiter),
  });

  before(() => {
    execFileSync('npm', ['run', '--silent', 'pack:all', '--', '--pack-destination', tarballs], { cwd: root, stdio: 'inherit' });
    mkdirSync(app);
    mkdirSync(commands);
    // All that is on PATH beside node. env and sh are what npm's scripts ask for.
    for (const name of ['npm', 'npx', 'sh', 'env']) {
      const path = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
      symlinkSync(realpathSync(path), join(commands, name));
    }
    for (const name of ['profit.ts', 'trades.ndjson']) copyFileSync(join(root, 'examples', name), join(app, name));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('are the root and this platform', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    assert.deepEqual(readdirSync(tarballs).sort(), [`millrace-${version}.tgz`, `millrace-native-${platform}-${version}.tgz`]);
  });

  test('install together where there is no cargo', () => {
    const paths = readdirSync(tarballs).map((name) => join(tarballs, name));
    const { status, stderr } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...paths], {
      cwd: app,
      env: environment(20),
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    const manifest = JSON.parse(readFileSync(join(app, 'node_modules/millrace/package.json'), 'utf8'));
    assert.equal(manifest.scripts, undefined);
    assert.equal(manifest.optionalDependencies[`@millrace/native-${platform}`], manifest.version);
    assert.deepEqual(readdirSync(join(app, 'node_modules/millrace')).sort(), [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'dist',
      'package.json',
    ]);
  });

  for (const version of NODE_VERSIONS) {
    test(`run the profit program on Node ${version}`, () => {
      const env = environment(version);
      assert.match(execFileSync('node', ['--version'], { env, encoding: 'utf8' }), new RegExp(`^v${version}\\.`));
      assert.throws(() => execFileSync('cargo', ['--version'], { env, stdio: 'ignore' }), /ENOENT/);
      const { status, stdout, stderr } = spawnSync('npx', ['millrace', 'run', 'profit.ts'], { cwd: app, env, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      assert.deepEqual(sortedLines(stdout), sortedLines(TABLE));
    });
  }

  test('a missing addon says what to type', () => {
    rmSync(join(app, 'node_modules', '@millrace'), { recursive: true });
    const { status, stderr } = spawnSync('npx', ['millrace', 'run', 'profit.ts'], { cwd: app, env: environment(20), encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /\[NATIVE_ADDON_MISSING\]/);
    assert.match(stderr, /npm install --include=optional millrace/);
  });

  test('the addon runs on glibc 2.28', { skip: platform.endsWith('-gnu') ? false : 'not a glibc platform' }, () => {
    const addon = readFileSync(join(root, 'target', 'portable', platform, `millrace.${platform}.node`));
    assert.ok(highestGlibc(addon).localeCompare('2.28', 'en', { numeric: true }) <= 0, highestGlibc(addon));
  });
});
