// Writes both halves' view of schema/: node scripts/generate.mjs [--check]. With --check nothing is written and stale files are named.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateBatches } from './generate/batches.mjs';
import { generateConfigurations } from './generate/configurations.mjs';
import { generateErrors } from './generate/errors.mjs';
import { generatePlan } from './generate/plan.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Folders that hold nothing but generated files: what is no longer generated goes away. */
const GENERATED_FOLDERS = ['src/batch/generated', 'src/result/generated'];

const schema = (name) => readFileSync(join(root, 'schema', name), 'utf8');

/** Path below the root -> text. */
const files = new Map(
  [
    ...generateErrors(schema('errors.toml')),
    ...generateConfigurations(schema('config.toml')),
    ...generatePlan(schema('plan.toml')),
    ...(await generateBatches({ 'batch.fbs': schema('batch.fbs'), 'result.fbs': schema('result.fbs') })),
  ].sort(([left], [right]) => (left < right ? -1 : 1)),
);

const stale = [...files].filter(([path, text]) => !isCurrent(join(root, path), text)).map(([path]) => path);
const orphans = GENERATED_FOLDERS.flatMap((folder) => listFiles(join(root, folder)))
  .map((path) => relative(root, path).replaceAll('\\', '/'))
  .filter((path) => !files.has(path));

if (process.argv.includes('--check')) {
  for (const path of stale) console.error(`stale: ${path}`);
  for (const path of orphans) console.error(`no longer generated: ${path}`);
  if (stale.length + orphans.length > 0) {
    console.error('Run `npm run generate` and commit the result.');
    process.exit(1);
  }
  console.log(`${files.size} generated files are current.`);
} else {
  for (const path of orphans) rmSync(join(root, path));
  for (const path of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), files.get(path));
    console.log(`wrote ${path}`);
  }
  console.log(`${files.size} generated files, ${stale.length} changed.`);
}

function isCurrent(path, text) {
  return existsSync(path) && readFileSync(path, 'utf8') === text;
}

function listFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}
