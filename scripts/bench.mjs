// npm run bench [-- WORD... [--record]]: runs bench/micro and bench/engine, or those files whose path holds all the words, one after another.
// `npm run bench -- engine`, `npm run bench -- micro parse`; --record keeps the numbers in bench/record.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, step } from './steps.mjs';

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const options = process.argv.slice(2).filter((word) => word.startsWith('--'));
const files = ['micro', 'engine']
  .flatMap((folder) => readdirSync(join(root, 'bench', folder)).map((name) => `bench/${folder}/${name}`))
  .filter((path) => path.endsWith('.ts') && words.every((word) => path.includes(word)))
  .sort();

if (files.length === 0) {
  console.error(`no benchmark matches ${words.join(' ')}`);
  process.exit(1);
}
const passed = files.map((path) => step(path, process.execPath, ['--import', './dist/cli/register.js', path, ...options]));
process.exit(passed.every(Boolean) ? 0 : 1);
