// Watches what the row types cost: the type instantiations of a fixed program, less those of a program that only imports the same names.
// What it costs now is in instantiations/recorded.json; after a change that is worth its price, run this test with MILLRACE_RECORD=1.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'instantiations');
const recordPath = join(folder, 'recorded.json');
const growthMax = 0.1;

/** Type instantiations of checking one project. One checker, because several share work by chance. */
function countInstantiations(project: string): number {
  const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
  const tsc = join(dirname(manifest), 'bin', 'tsc');
  const flags = ['-p', join(folder, project), '--extendedDiagnostics', '--checkers', '1'];
  const output = execFileSync(process.execPath, [tsc, ...flags], { encoding: 'utf8' });
  const match = /^Instantiations:\s+(\d+)/m.exec(output);
  assert.ok(match?.[1] !== undefined, `tsc does not tell the number of instantiations any more:\n${output}`);
  return Number(match[1]);
}

test('the types of a program cost no more than 10 % above what is recorded', () => {
  const instantiations = countInstantiations('tsconfig.json') - countInstantiations('tsconfig.names-only.json');
  if (process.env['MILLRACE_RECORD'] === '1') writeFileSync(recordPath, `${JSON.stringify({ instantiations }, null, 2)}\n`);
  const recorded = JSON.parse(readFileSync(recordPath, 'utf8')) as { instantiations: number };
  const most = Math.floor(recorded.instantiations * (1 + growthMax));
  assert.ok(instantiations > 0, 'the program costs nothing: it is not looked at');
  assert.ok(
    instantiations <= most,
    `${instantiations} type instantiations, recorded are ${recorded.instantiations}; at most ${most} are allowed`,
  );
});
