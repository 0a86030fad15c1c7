// How generated text looks: headers, names in each language's case, quoting, rustfmt.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** First line of every generated file. */
export function header(schema) {
  return `// Generated from schema/${schema} by \`npm run generate\`; edit the schema, not this file.\n`;
}

/** Words of an identifier: camelCase, snake_case, SCREAMING_CASE and dotted names. */
function words(name) {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
}

export function pascalCase(name) {
  return words(name)
    .map((word) => word[0].toUpperCase() + word.slice(1))
    .join('');
}

export function snakeCase(name) {
  return words(name).join('_');
}

export function screamingCase(name) {
  return snakeCase(name).toUpperCase();
}

/** A string literal that both TypeScript and Rust read the same. */
export function quote(text) {
  if (/[^\n\x20-\x7e]/.test(text)) throw new Error(`schema text must be printable ASCII: ${JSON.stringify(text)}`);
  return JSON.stringify(text);
}

/** A TypeScript literal in the repository's quotes. */
export function quoteTypeScript(text) {
  const inner = quote(text).slice(1, -1).replaceAll('\\"', '"');
  return inner.includes("'") && !inner.includes('"') ? `"${inner}"` : `'${inner.replaceAll("'", "\\'")}'`;
}

/** Two names that fall together would silently hide one of them. */
export function assertDistinct(names, what) {
  const seen = new Set();
  for (const name of names) {
    if (seen.has(name)) throw new Error(`two ${what} become ${name}`);
    seen.add(name);
  }
}

export function rustfmt(source) {
  const result = spawnSync('rustfmt', ['--edition', '2024', '--emit', 'stdout', '--config-path', repository], {
    input: source,
    encoding: 'utf8',
  });
  if (result.error) throw new Error(`rustfmt does not run (rustup component add rustfmt): ${result.error.message}`);
  if (result.status !== 0) throw new Error(`rustfmt refuses generated code: ${result.stderr}`);
  return result.stdout;
}
