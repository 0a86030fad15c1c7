// Formatting, lints and types of everything: node scripts/lint.mjs. Runs to the end, so that one run shows all there is to mend.
import { node, step, tool } from './steps.mjs';

const results = [
  step('rustfmt', 'cargo', ['fmt', '--all', '--check']),
  step('clippy', 'cargo', ['clippy', '--workspace', '--all-targets', '--', '-D', 'warnings']),
  step('biome', process.execPath, [tool('@biomejs/biome/bin/biome'), 'ci', '--error-on-warnings', '.']),
  node('types of src', tool('typescript/bin/tsc'), '-p', 'tsconfig.json', '--noEmit'),
  // Tests and examples see the declarations that the build wrote, as a user's program would.
  node('types of test, bench and examples', tool('typescript/bin/tsc'), '-p', 'tsconfig.check.json'),
];
process.exit(results.every(Boolean) ? 0 : 1);
