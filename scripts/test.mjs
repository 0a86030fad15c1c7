// npm test: all of it. npm test -- WORD...: builds, then runs only the test files whose path holds one of the words.
// Words that begin with `--` go to node's test runner (npm test -- window --test-name-pattern=sliding).
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fuzzReport, root, step } from './steps.mjs';

const words = process.argv.slice(2);
const runnerOptions = words.filter((word) => word.startsWith('--'));
const filters = words.filter((word) => !word.startsWith('--'));

/** A test that hangs says so, long after the slowest one is through. */
const TEST_TIMEOUT_MS = 20 * 60_000;

if (!step('build', 'npm', ['run', '--silent', 'build'])) process.exit(1);

const isWhole = words.length === 0;
const checked = !isWhole || step('lint', process.execPath, ['scripts/lint.mjs']);
const rustPassed = !isWhole || step('cargo test', 'cargo', ['test', '--quiet']);
const fuzzPassed = !isWhole || step('fuzz', process.execPath, ['scripts/fuzz.mjs', '--seconds', '20']);
const guardPassed = !isWhole || step('guard', process.execPath, ['scripts/guard.mjs']);
const nodePassed = runNodeTests();

if (!checked) console.log('✖ lint failed; its messages are above.');
if (!rustPassed) console.log('✖ cargo test failed; its messages are above.');
if (!fuzzPassed) {
  console.log('✖ a fuzz target failed; its input is in native/fuzz/artifacts.');
  if (existsSync(fuzzReport)) console.log(readFileSync(fuzzReport, 'utf8'));
}
if (!guardPassed) console.log('✖ a hot stage does more than its record says; which one is above.');
process.exit(checked && rustPassed && fuzzPassed && guardPassed && nodePassed ? 0 : 1);

function runNodeTests() {
  const files = testFiles('test').filter((path) => isWhole || filters.length === 0 || filters.some((word) => path.includes(word)));
  if (files.length === 0) {
    console.log(`✖ no test file matches ${filters.join(' ')}`);
    return false;
  }
  return step('node tests', process.execPath, [
    ...['--import', './dist/cli/register.js', '--enable-source-maps'],
    ...['--test', '--test-reporter=spec', `--test-timeout=${TEST_TIMEOUT_MS}`],
    ...runnerOptions,
    ...files,
  ]);
}

function testFiles(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? testFiles(path) : path.endsWith('.test.ts') ? [path] : [];
    });
}
