// npm run bench [-- WORD...]: runs bench/**/*.bench.ts, or those whose path holds one of the words, one after another.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, step } from './steps.mjs';

const words = process.argv.slice(2);
const files = readdirSync(join(root, 'bench'), { recursive: true })
  .map((path) => `bench/${path.replaceAll('\\', '/')}`)
  .filter((path) => path.endsWith('.bench.ts') && (words.length === 0 || words.some((word) => path.includes(word))))
  .sort();

if (files.length === 0) {
  console.error(`no benchmark matches ${words.join(' ')}`);
  process.exit(1);
}
const passed = files.map((path) => step(path, process.execPath, ['--expose-gc', '--import', './dist/cli/register.js', path]));
process.exit(passed.every(Boolean) ? 0 : 1);
