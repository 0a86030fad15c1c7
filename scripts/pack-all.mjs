// Writes the tarballs that npm publishes: npm run pack:all -- --pack-destination DIR [--target TRIPLE] [--only root|platform]
// Without --target: this machine's platform. Nothing in the checkout changes but target/.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { hostTarget, platformOf, portableBuild } from './native/portable-build.mjs';
import { root, tool } from './steps.mjs';

const { values } = parseArgs({
  options: { 'pack-destination': { type: 'string', default: '.' }, target: { type: 'string' }, only: { type: 'string' } },
});
if (![undefined, 'root', 'platform'].includes(values.only)) throw new Error('--only takes root or platform');

const destination = resolve(values['pack-destination']);
const staging = join(root, 'target', 'pack');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
rmSync(staging, { recursive: true, force: true });
mkdirSync(staging, { recursive: true });
mkdirSync(destination, { recursive: true });

const platforms = platformPackages();
if (values.only !== 'root') packPlatform(values.target ?? hostTarget());
if (values.only !== 'platform') packRoot();

/** The packages of all platforms as @napi-rs/cli lays them out: the folder's name is the platform's. */
function platformPackages() {
  const folder = join(staging, 'npm');
  // A copy of the manifest, so that what a release adds to it (the repository) is in every package.
  writeManifest(staging, { ...manifest, ...repository() });
  run(process.execPath, [tool('@napi-rs/cli/dist/cli.js'), 'create-npm-dirs', '--cwd', staging, '--npm-dir', 'npm'], { stdio: 'pipe' });
  return new Map(readdirSync(folder).map((platform) => [platform, join(folder, platform)]));
}

function packPlatform(target) {
  const platform = platformOf(target);
  const folder = platforms.get(platform);
  if (folder === undefined) throw new Error(`${target} is not a target of package.json`);
  const addon = portableBuild(root, target);
  copyFileSync(addon, join(folder, `millrace.${platform}.node`));
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  pack(folder);
}

function packRoot() {
  const folder = join(staging, 'root');
  mkdirSync(folder);
  // Compiled anew: dist may hold what has since been deleted from src.
  const output = ['--outDir', join(folder, 'dist'), '--sourceMap', 'false'];
  run(process.execPath, [tool('typescript/bin/tsc'), '-p', 'tsconfig.json', ...output]);
  run(process.execPath, ['scripts/bundle.mjs', join(folder, 'dist')]);
  for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md']) cpSync(join(root, name), join(folder, name));
  const { devDependencies: _, overrides: __, scripts: ___, napi: ____, ...published } = manifest;
  // Injected here and not written in the checkout's package.json: while a version is unpublished its platform packages are in no
  // registry, npm leaves them out of package-lock.json, and npm 11's `npm ci` then refuses a fresh clone ("Missing: … from lock file").
  const optionalDependencies = Object.fromEntries([...platforms.keys()].map((name) => [`@millrace/native-${name}`, manifest.version]));
  writeManifest(folder, { ...published, ...repository(), optionalDependencies });
  pack(folder);
}

/** npm's provenance statement must name the repository that the release is built from. */
function repository() {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env;
  return server && name ? { repository: { type: 'git', url: `git+${server}/${name}.git` } } : {};
}

function pack(folder) {
  run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', destination], { cwd: folder });
}

function writeManifest(folder, content) {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(content, null, 2)}\n`);
}

function run(command, commandArguments, options = {}) {
  const result = spawnSync(command, commandArguments, { cwd: root, stdio: 'inherit', encoding: 'utf8', ...options });
  if (result.status !== 0) throw new Error(`${command} ${commandArguments[0]} failed: ${result.error ?? result.stderr ?? result.status}`);
  return result.stdout;
}
