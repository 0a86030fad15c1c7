// All generated pages of docs/guide.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { configurationsPage } from './configurations.mjs';
import { functionsPage } from './functions.mjs';
import { missingPage } from './missing.mjs';
import { optionsPage } from './options.mjs';
import { readRates } from './rates.mjs';
import { typesPage } from './types.mjs';

/** @returns {Map<string, string>} path below the root -> text */
export function guidePages(root) {
  const rates = readRates(root);
  const toml = (name) => parse(readFileSync(join(root, 'schema', name), 'utf8'));
  return new Map([
    ['docs/guide/functions.md', functionsPage(root, rates)],
    ['docs/guide/types.md', typesPage(rates)],
    ['docs/guide/options.md', optionsPage(toml('options.toml'), rates)],
    ['docs/guide/configurations.md', configurationsPage(toml('config.toml'), rates)],
    ['docs/guide/missing.md', missingPage(rates)],
  ]);
}
