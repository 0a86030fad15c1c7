// npm run guide [-- --check]: writes the tables of docs/guide from what the build knows (dist), from schema/*.toml and from the pass rates that
// `npm run conformance -- scalar|streaming DIR --record docs/guide/pass-rates.json` has left. With --check nothing is written: stale pages and
// what the tables leave out are named.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { guideProblems } from './guide/check.mjs';
import { guidePages } from './guide/pages.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const pages = guidePages(root);
const stale = [...pages].filter(([path, text]) => !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text);

const problems = await guideProblems(root);
for (const problem of problems) console.error(problem);

if (process.argv.includes('--check')) {
  for (const [path] of stale) console.error(`stale: ${path}`);
  if (stale.length > 0) console.error('Run `npm run guide` and commit the result.');
  process.exit(stale.length + problems.length > 0 ? 1 : 0);
}
for (const [path, text] of stale) {
  writeFileSync(join(root, path), text);
  console.log(`wrote ${path}`);
}
console.log(`${pages.size} pages, ${stale.length} changed.`);
process.exitCode = problems.length > 0 ? 1 : 0;
