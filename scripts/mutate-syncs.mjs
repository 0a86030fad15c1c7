// npm run mutate: takes each sync out of the storage's code, one at a time, and runs its tests, which must fail. Works on a copy.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './steps.mjs';

const ROOM = 'native/core/src/storage';
/** A call that makes something durable, with what it is called on. */
const SYNC = /(?:[\w:]+(?:\([^()]*\)\??)?\.)*sync(?:_all|_data|_folder)?\((?:[^()]|\([^()]*\))*\)/;

const copy = mkdtempSync(join(tmpdir(), 'millrace-mutate-'));
const survivors = [];
let count = 0;
try {
  for (const name of ['native', 'schema', 'Cargo.toml', 'Cargo.lock']) {
    cpSync(join(root, name), join(copy, name), { recursive: true, filter: (path) => !/\/(target|node_modules)$/.test(path) });
  }
  const outcome = runTests();
  if (outcome !== 'passed') throw new Error(`tests must pass before anything is taken out; they ${outcome}`);
  for (const { file, line, mutated } of mutations()) {
    const path = join(copy, file);
    const original = readFileSync(path, 'utf8');
    writeFileSync(path, mutated);
    const answer = runTests();
    writeFileSync(path, original);
    count += 1;
    console.log(`${answer === 'failed' ? 'caught ' : 'MISSED '} ${file}:${line}`);
    if (answer !== 'failed') survivors.push(`${file}:${line} (${answer})`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`mutate: ${count} syncs taken out, ${survivors.length} not noticed`);
process.exit(survivors.length > 0 || count === 0 ? 1 : 0);

/** Each sync of the room, tests left out: the file without it. */
function mutations() {
  return readdirSync(join(root, ROOM)).flatMap((name) => {
    const file = `${ROOM}/${name}`;
    const lines = readFileSync(join(root, file), 'utf8').split('\n');
    const end = lines.indexOf('#[cfg(test)]');
    return lines.flatMap((text, index) => {
      const isCall = SYNC.test(text) && !/^\s*(\/\/|(pub )?fn |use )/.test(text) && (end < 0 || index < end);
      if (!isCall || name === 'simulated.rs') return [];
      const mutated = lines.with(index, text.replace(SYNC, 'Ok::<(), std::io::Error>(())')).join('\n');
      return [{ file, line: index + 1, mutated }];
    });
  });
}

function runTests() {
  const { status, stdout, stderr } = spawnSync(
    'cargo',
    ['test', '-p', 'millrace-core', '--lib', '--test', 'durable_system_calls', '--', 'storage::', 'every_step'],
    { cwd: copy, encoding: 'utf8', env: { ...process.env, CARGO_TARGET_DIR: join(root, 'target') } },
  );
  if (status === 0) return 'passed';
  if (/^test result: FAILED/m.test(stdout)) return 'failed';
  console.log(stderr.slice(-2000));
  return 'did not compile';
}
