// npm run crash -- --points N [--seed S]: kills the job at its N-th durable step, lets it recover (and kills that too), and compares with a run that was
// never killed. Steps are system calls where strace is at hand, and places in the code (MILLRACE_CRASH_AT) everywhere.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { inspectCheckpoint } from '../../dist/checkpoint/inspection.js';
import { addFile } from '../checkpoint/profit-query.ts';
import { Random } from '../sim/simulation.ts';

const SYSTEM_CALLS = ['fsync', 'rename', 'unlink', 'mkdir', 'flock'] as const;
const FILES = 5;
const JOB = resolve('test/crash/job.ts');

/** Where a run is killed: never, at a place in the code, or at a system call. */
type Point =
  | { readonly kind: 'none' }
  | { readonly kind: 'code'; readonly at: number }
  | { readonly kind: 'call'; readonly call: string; readonly at: number };

const { values } = parseArgs({ options: { points: { type: 'string', default: '40' }, seed: { type: 'string', default: '1' } } });
const seed = Number(values.seed);
const random = new Random(seed);
const hasStrace = spawnSync('strace', ['-V']).status === 0;
const root = mkdtempSync(join(tmpdir(), 'millrace-crash-'));
const total = { killed: 0, torn: 0, lost: 0, duplicated: 0, differing: 0 };
try {
  const reference = newFolder('reference');
  run(reference, { kind: 'none' });
  run(addLast(reference), { kind: 'none' });
  for (let point = 0; total.killed < Number(values.points); point += 1) tryPoint(reference, point);
} finally {
  rmSync(root, { recursive: true, force: true });
}
const { killed, torn, lost, duplicated, differing } = total;
console.log(`crash: ${killed} points, ${torn} torn, ${lost} lost, ${duplicated} duplicated, ${differing} states that differ, seed ${seed}`);
process.exitCode = torn + lost + duplicated + differing > 0 ? 1 : 0;

/** Kills a run, and one in three of the recoveries; then lets it come through and compares. */
function tryPoint(reference: string, number: number): void {
  const folder = newFolder(`point-${number}`);
  const kills = 1 + (random.below(3) === 0 ? 1 : 0);
  for (let kill = 0; kill < kills; kill += 1) {
    const place = pointOf(kill === 0 ? 150 : 40);
    if (run(folder, place) === 'killed') total.killed += 1;
  }
  if (run(folder, { kind: 'none' }) !== 'through') total.torn += 1;
  run(addLast(folder), { kind: 'none' });
  compare(reference, folder, number);
  rmSync(folder, { recursive: true, force: true });
}

function pointOf(codePointsMax: number): Point {
  if (!hasStrace || random.below(2) === 0) return { kind: 'code', at: 1 + random.below(codePointsMax) };
  const call = SYSTEM_CALLS[random.below(SYSTEM_CALLS.length)] ?? 'fsync';
  return { kind: 'call', call, at: 1 + random.below(call === 'fsync' || call === 'rename' ? 40 : 4) };
}

function newFolder(name: string): string {
  const folder = join(root, name);
  mkdirSync(join(folder, 'in'), { recursive: true });
  for (let file = 0; file < FILES; file += 1) addFile(placeOf(folder), file);
  return folder;
}

/** A file more: what it gives depends on the whole state. */
function addLast(folder: string): string {
  addFile(placeOf(folder), FILES);
  return folder;
}

function placeOf(folder: string) {
  return { input: join(folder, 'in'), checkpoint: join(folder, 'checkpoint') };
}

function run(folder: string, point: Point): 'through' | 'killed' | 'failed' {
  const program = [process.execPath, '--import', resolve('dist/cli/register.js'), JOB, folder];
  const trace =
    point.kind === 'call' ? ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `inject=${point.call}:signal=KILL:when=${point.at}`] : [];
  const [command = '', ...rest] = [...trace, ...program];
  const env = { ...process.env, ...(point.kind === 'code' ? { MILLRACE_CRASH_AT: String(point.at) } : {}) };
  const { status, signal, stderr } = spawnSync(command, rest, { env, encoding: 'utf8' });
  if (status === 0) return 'through';
  if (signal !== null || (status ?? 0) > 128) return 'killed';
  console.log(stderr.slice(0, 2000));
  return 'failed';
}

function compare(reference: string, folder: string, number: number): void {
  const [expected, got] = [rowsOf(reference), rowsOf(folder)];
  const lost = expected.filter((row) => !got.includes(row)).length;
  const duplicated = got.length - new Set(got).size;
  const shards = ({ shards }: ReturnType<typeof inspectCheckpoint>) =>
    JSON.stringify(shards.map(({ operator, shard, rows }) => [operator, shard, rows]));
  const [left, right] = [inspectCheckpoint(join(reference, 'checkpoint')), inspectCheckpoint(join(folder, 'checkpoint'))];
  total.torn += right.problems.length;
  total.lost += lost;
  total.duplicated += duplicated;
  total.differing += shards(left) === shards(right) ? 0 : 1;
  if (lost + duplicated + right.problems.length > 0) {
    const kept = join(tmpdir(), `millrace-crash-kept-${seed}-${number}`);
    cpSync(folder, kept, { recursive: true });
    console.log(`point ${number} of seed ${seed}: kept in ${kept}`);
  }
}

/** Every row of every batch's file. */
function rowsOf(folder: string): string[] {
  const names = readdirSync(join(folder, 'out')).filter((name) => /^\d+$/.test(name));
  return names.flatMap((name) =>
    readFileSync(join(folder, 'out', name), 'utf8')
      .split('\n')
      .filter(Boolean),
  );
}
