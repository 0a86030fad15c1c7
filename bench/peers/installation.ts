// Brings what the peers need into the cache folder, once, through the ordinary clients: pip, npm, Maven, javac.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CACHE_FOLDER } from '../data/trade-files.ts';

const run = promisify(execFile);
const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
const OUTPUT_MAX = 64 * 2 ** 20;

/** A file of this folder. */
export function benchFile(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** The Python of an environment that has the packages. */
export async function pythonWith(name: string, packages: readonly string[]): Promise<string> {
  const folder = await installed(`venv-${name}`, packages.join(' '), async (draft) => {
    await command('python3', ['-m', 'venv', draft]);
    await command(join(draft, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages]);
  });
  return join(folder, 'bin', 'python');
}

/** A folder whose node_modules has the packages. */
export function packagesOfNode(name: string, packages: readonly string[]): Promise<string> {
  return installed(`node-${name}`, packages.join(' '), async (draft) => {
    await command('npm', ['install', '--prefix', draft, '--no-audit', '--no-fund', '--ignore-scripts', ...packages]);
  });
}

/** The folder of the jars that a pom of this folder names, with what they need. */
export function jarsOf(pom: string): Promise<string> {
  const path = benchFile(pom);
  const name = pom.replaceAll('/', '-').replace(/-?pom\.xml$/, '');
  return installed(`jars-${name}`, readFileSync(path, 'utf8'), async (draft) => {
    await command('mvn', ['-B', '-q', '-f', path, COPY_DEPENDENCIES, '-DincludeScope=runtime', `-DoutputDirectory=${draft}`]);
  });
}

/** The folder of the classes of a Java file of this folder. */
export function classesOf(source: string, jars: string): Promise<string> {
  const path = benchFile(source);
  const name = source.replaceAll('/', '-').replace(/\.java$/, '');
  return installed(`classes-${name}`, readFileSync(path, 'utf8') + jars, async (draft) => {
    await command('javac', ['-nowarn', '-cp', join(jars, '*'), '-d', draft, path]);
  });
}

/** The folder that `install` fills, named after what is in it: other versions are other folders, and half of one is none. */
async function installed(name: string, content: string, install: (draft: string) => Promise<void>): Promise<string> {
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const folder = join(CACHE_FOLDER, 'installed', `${name}-${digest}`);
  if (existsSync(folder)) return folder;
  console.error(`installing ${name} …`);
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  await install(draft);
  renameSync(draft, folder);
  return folder;
}

async function command(program: string, words: readonly string[]): Promise<void> {
  try {
    await run(program, words, { maxBuffer: OUTPUT_MAX });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
