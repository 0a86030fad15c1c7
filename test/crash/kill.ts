// Runs a crash test's job in a process of its own and kills it there: at a place in the code or at a system call.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { JobFolder } from './job-folder.ts';

const SYSTEM_CALLS = ['fsync', 'rename', 'unlink', 'mkdir', 'flock', 'ftruncate'] as const;
const CODE_POINTS_MAX = 1024;

type SystemCall = (typeof SYSTEM_CALLS)[number];

/** Where a run is killed: when it comes to `what` the `at`-th time. */
export interface Place {
  readonly what: 'code point' | SystemCall;
  readonly at: number;
}

/** How a run has ended. */
export type Ending = 'through' | 'killed' | 'failed';

/** Every place that an undisturbed run comes by, found with runs in folders that `newFolder` makes. */
export async function findPlaces(newFolder: (name: string) => JobFolder): Promise<Place[]> {
  const placesOf = (what: Place['what'], count: number): Place[] => Array.from({ length: count }, (_, place) => ({ what, at: place + 1 }));
  const calls = spawnSync('strace', ['-V']).status === 0 ? await countCalls(newFolder('trace')) : new Map<SystemCall, number>();
  return [...placesOf('code point', await countCodePoints(newFolder)), ...[...calls].flatMap(([call, count]) => placesOf(call, count))];
}

async function countCalls(folder: JobFolder): Promise<Map<SystemCall, number>> {
  const trace = join(folder.path, 'strace.log');
  const { ending, stderr } = await run(
    folder,
    ['strace', '-f', '--seccomp-bpf', '-qq', '-o', trace, '-e', `trace=${SYSTEM_CALLS.join(',')}`],
    {},
  );
  if (ending !== 'through') throw new Error(`the job fails without being killed:\n${stderr}`);
  const lines = readFileSync(trace, 'utf8').split('\n');
  return new Map(SYSTEM_CALLS.map((call) => [call, lines.filter((line) => new RegExp(`^\\d+ +${call}\\(`).test(line)).length]));
}

/** The last code point at which a run can be killed, by bisection. */
async function countCodePoints(newFolder: (name: string) => JobFolder): Promise<number> {
  let [killing, through] = [0, CODE_POINTS_MAX];
  while (through - killing > 1) {
    const at = Math.floor((killing + through) / 2);
    if ((await runJob(newFolder(`count-${at}`), { what: 'code point', at })) === 'killed') killing = at;
    else through = at;
  }
  return killing;
}

/** Runs the job in `folder`; without a place it is not killed. */
export async function runJob(folder: JobFolder, place?: Place): Promise<Ending> {
  const isCall = place !== undefined && place.what !== 'code point';
  const strace = isCall
    ? ['strace', '-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', '-e', `inject=${place.what}:signal=KILL:when=${place.at}`]
    : [];
  const { ending, stderr } = await run(folder, strace, place?.what === 'code point' ? { MILLRACE_CRASH_AT: String(place.at) } : {});
  if (ending === 'failed') console.log(stderr.slice(0, 2000));
  return ending;
}

function run(
  folder: JobFolder,
  trace: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ ending: Ending; stderr: string }> {
  const program = [process.execPath, resolve('test/crash/job.mjs'), folder.path];
  const [command = '', ...rest] = [...trace, ...program];
  return new Promise((settle, reject) => {
    const child = spawn(command, rest, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (status, signal) => {
      const isKilled = signal !== null || (status ?? 0) > 128;
      settle({ ending: status === 0 ? 'through' : isKilled ? 'killed' : 'failed', stderr });
    });
  });
}
