// Fuzzes the ways in with cargo-fuzz: npm run fuzz -- [--seconds N] [TARGET...]. One line a target; exit 0 only when none crashed and the
// canary, which must crash, did. What a run finds is kept under native/fuzz/artifacts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './steps.mjs';

const CARGO_FUZZ_VERSION = '0.13.1';
const CANARY = 'canary';
/** A target that hangs or hoards is a finding. */
const LIMITS = ['-timeout=10', '-rss_limit_mb=2048', '-max_len=4096'];

const words = process.argv.slice(2);
const at = words.indexOf('--seconds');
const seconds = at < 0 ? 20 : Number(words[at + 1]);
const wanted = words.filter((_word, index) => at < 0 || (index !== at && index !== at + 1));
if (!(seconds > 0)) {
  console.error('usage: npm run fuzz -- [--seconds N] [TARGET...]');
  process.exit(2);
}

// cargo-fuzz asks for a nightly compiler's flags; the stable one takes them when told to.
const env = { ...process.env, RUSTC_BOOTSTRAP: '1' };
// Without a sanitizer: the code is safe Rust, and runs several times as often in the same time.
const cargoFuzz = ['fuzz', 'run', '--fuzz-dir', 'native/fuzz', '--sanitizer', 'none'];

installCargoFuzz();
const all = readdirSync(join(root, 'native/fuzz/fuzz_targets')).map((name) => name.replace('.rs', ''));
const targets = wanted.length === 0 ? all.filter((name) => name !== CANARY) : wanted;
const results = [...targets, CANARY].map(run);
process.exit(results.every(Boolean) ? 0 : 1);

function installCargoFuzz() {
  if (spawnSync('cargo', ['fuzz', '--version'], { stdio: 'ignore' }).status === 0) return;
  const install = ['install', 'cargo-fuzz', '--version', CARGO_FUZZ_VERSION, '--locked'];
  if (spawnSync('cargo', install, { stdio: 'inherit' }).status !== 0) process.exit(1);
}

/** Runs a target; new inputs go into a folder of the run, so that the tree's corpus stays as it is. */
function run(target) {
  const found = mkdtempSync(join(tmpdir(), `millrace-fuzz-${target}-`));
  const corpus = join('native/fuzz/corpus', target);
  const folders = readdirSync(join(root, 'native/fuzz/corpus')).includes(target) ? [found, corpus] : [found];
  const options = ['--', `-max_total_time=${Math.ceil(seconds)}`, '-print_final_stats=1', ...LIMITS];
  const { status, stderr, error } = spawnSync('cargo', [...cargoFuzz, target, ...folders, ...options], {
    cwd: root,
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  rmSync(found, { recursive: true, force: true });
  const executions = /number_of_executed_units:\s*(\d+)/.exec(stderr ?? '')?.[1];
  const crashed = /panicked at|ERROR: libFuzzer/.test(stderr ?? '');
  const mustCrash = target === CANARY;
  const passed = mustCrash ? crashed : status === 0 && !crashed;
  const outcome = passed ? (mustCrash ? 'crashed, as it must' : '0 crashes') : crashed ? 'CRASHED' : 'FAILED';
  console.log(`fuzz ${target}: ${executions ?? 'no'} executions, ${outcome}`);
  if (!passed) console.log((stderr ?? String(error)).split('\n').slice(-40).join('\n'));
  return passed;
}
