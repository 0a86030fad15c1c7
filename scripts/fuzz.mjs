// Fuzzes the ways in with libFuzzer: npm run fuzz -- [--seconds N] [TARGET...]. One line a target; exit 0 only when none crashed and the canary, which must
// crash, did. What a run finds is kept under native/fuzz/artifacts, and what it said of that in report.txt there. cargo builds the targets, with
// fuzz-rustc.sh before the compiler: installing cargo-fuzz takes longer than the rest together.
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fuzzReport, root } from './steps.mjs';

const CANARY = 'canary';
/** A target that hangs or hoards is a finding. */
const LIMITS = ['-timeout=10', '-rss_limit_mb=2048', '-max_len=4096'];
const words = process.argv.slice(2);
const at = words.indexOf('--seconds');
const seconds = at < 0 ? 20 : Number(words[at + 1]);
const wanted = words.filter((_word, index) => at < 0 || (index !== at && index !== at + 1));
const all = readdirSync(join(root, 'native/fuzz/fuzz_targets')).map((name) => name.replace('.rs', ''));
if (!(seconds > 0) || wanted.some((name) => !all.includes(name))) {
  console.error(`usage: npm run fuzz -- [--seconds N] [TARGET...]; targets are ${all.join(', ')}`);
  process.exit(2);
}

mkdirSync(dirname(fuzzReport), { recursive: true });
rmSync(fuzzReport, { force: true });
const binaries = build();
const targets = (wanted.length === 0 ? all : wanted).filter((name) => name !== CANARY);
const waiting = [...targets, CANARY];
const results = await Promise.all(Array.from({ length: availableParallelism() }, runWaiting));
process.exit(results.every(Boolean) ? 0 : 1);

/** Runs targets, one after the other, until none is left; whether all passed. */
async function runWaiting() {
  let passed = true;
  for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) passed = (await run(target)) && passed;
  return passed;
}

/** Builds all targets with the dependencies of the guard; the folder that they are in. */
function build() {
  const core = (name, value) => ['--config', `profile.guard.package.millrace-core.${name}=${value}`];
  const { status, stderr } = spawnSync(
    'cargo',
    [
      ...['build', '--quiet', '--profile', 'guard', '-p', 'millrace-fuzz'],
      // The checks that a debug build has; the coverage counters make up most of what there is to optimise.
      ...core('debug-assertions', true),
      ...core('overflow-checks', true),
      ...core('opt-level', 1),
      ...core('debug', '"line-tables-only"'),
    ],
    {
      cwd: root,
      env: { ...process.env, RUSTC_WORKSPACE_WRAPPER: join(root, 'scripts/fuzz-rustc.sh'), CARGO_INCREMENTAL: '0' },
      stdio: ['ignore', 'inherit', 'pipe'],
    },
  );
  if (status !== 0) {
    report(`fuzz targets do not build:\n${stderr}`);
    process.exit(1);
  }
  return join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'guard');
}

/** Runs a target; new inputs go into a folder of the run, so that the tree's corpus stays as it is. */
async function run(target) {
  const found = mkdtempSync(join(tmpdir(), `millrace-fuzz-${target}-`));
  const artifacts = join(root, 'native/fuzz/artifacts', target);
  mkdirSync(artifacts, { recursive: true });
  const corpus = readdirSync(join(root, 'native/fuzz/corpus')).includes(target) ? [join(root, 'native/fuzz/corpus', target)] : [];
  const options = [`-max_total_time=${Math.ceil(seconds)}`, `-artifact_prefix=${artifacts}/`, '-print_final_stats=1', ...LIMITS];
  const { status, stderr } = await outcomeOf(join(binaries, target), [found, ...corpus, ...options]);
  rmSync(found, { recursive: true, force: true });
  const executions = /number_of_executed_units:\s*(\d+)/.exec(stderr)?.[1];
  const crashed = /panicked at|ERROR: libFuzzer/.test(stderr);
  const mustCrash = target === CANARY;
  const passed = mustCrash ? crashed : status === 0 && !crashed;
  const outcome = passed ? (mustCrash ? 'crashed, as it must' : '0 crashes') : crashed ? 'CRASHED' : 'FAILED';
  console.log(`fuzz ${target}: ${executions ?? 'no'} executions, ${outcome}`);
  if (mustCrash) rmSync(artifacts, { recursive: true, force: true });
  if (!passed) report(`fuzz ${target}: ${outcome}\n${stderr.split('\n').slice(-40).join('\n')}`);
  return passed;
}

/** Says what failed, here and in the file that is looked at when all else is through. */
function report(text) {
  console.log(text);
  appendFileSync(fuzzReport, `${text}\n`);
}

/** How a program ended, and what it said. */
async function outcomeOf(program, options) {
  const child = spawn(program, options, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  const chunks = [];
  child.stderr.on('data', (chunk) => chunks.push(chunk));
  const status = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  return { status, stderr: Buffer.concat(chunks).toString() };
}
