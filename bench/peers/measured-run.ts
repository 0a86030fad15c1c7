// Runs one command as a session of its own and measures all its processes: wall time, CPU time, the peak of their memory together.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';

/** What is to be run. */
export interface Command {
  readonly program: string;
  readonly words: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** What was measured. */
export interface Measured {
  /** null where the time ran out. */
  readonly exitCode: number | null;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakRssMiB: number;
  readonly output: string;
}

// The shell's own clock: to the millisecond, and free of what this process does meanwhile. Its line goes to descriptor 3.
const TIMED = `TIMEFORMAT='%3R %3U %3S'; { time "$@" 2>&4; } 4>&2 2>&3`;
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;
const MIB = 2 ** 20;
const SAMPLE_MS = 50;
/** Programs that run longer are looked at less often. */
const SLOW_SAMPLE_MS = 250;
const SLOW_AFTER_MS = 2000;

/** Runs `command`; what it writes to stderr is appended to the file `log`. */
export async function measure(command: Command, log: string, limitSeconds: number): Promise<Measured> {
  const errors = openSync(log, 'a');
  const child = spawn('bash', ['-c', TIMED, 'bash', command.program, ...command.words], {
    // A session of its own, by whose number its processes are found.
    detached: true,
    stdio: ['ignore', 'pipe', errors, 'pipe'],
    env: { ...process.env, ...command.environment },
  });
  closeSync(errors);
  const texts = [1, 3].map((descriptor) => textOf(child.stdio[descriptor] as NodeJS.ReadableStream));
  const tree = new ProcessTree(child.pid as number);
  const began = performance.now();
  let [isOver, isLate] = [false, false];
  const closed = once(child, 'close').then(([code]) => {
    isOver = true;
    return code as number | null;
  });
  while (!isOver) {
    tree.sample();
    const elapsed = performance.now() - began;
    if (elapsed > limitSeconds * 1000 && !isLate) {
      isLate = true;
      process.kill(-(child.pid as number), 'SIGKILL');
    }
    await Promise.race([closed, pause(elapsed < SLOW_AFTER_MS ? SAMPLE_MS : SLOW_SAMPLE_MS)]);
  }
  const exitCode = await closed;
  const [output = '', timing = ''] = await Promise.all(texts);
  const [wall = Number.NaN, user = 0, system = 0] = timing.trim().split(' ').map(Number);
  return {
    exitCode: isLate ? null : exitCode,
    wallSeconds: timing === '' ? (performance.now() - began) / 1000 : wall,
    // The shell counts who was waited for, to the millisecond; the samples also who was not.
    cpuSeconds: Math.max(user + system, tree.cpuSeconds),
    peakRssMiB: Math.round(tree.peakBytes / MIB),
    output,
  };
}

/** The processes of a session, as /proc shows them. */
class ProcessTree {
  readonly #session: number;
  readonly #cpuSeconds = new Map<string, number>();
  readonly #strangers = new Set<string>();
  peakBytes = 0;

  constructor(session: number) {
    this.#session = session;
  }

  get cpuSeconds(): number {
    let total = 0;
    for (const seconds of this.#cpuSeconds.values()) total += seconds;
    return total;
  }

  sample(): void {
    let bytes = 0;
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name) || this.#strangers.has(name)) continue;
      const process = processOf(name);
      if (process === null) continue;
      if (process.session !== this.#session) {
        this.#strangers.add(name);
        continue;
      }
      this.#cpuSeconds.set(name, process.cpuSeconds);
      bytes += process.bytes;
    }
    this.peakBytes = Math.max(this.peakBytes, bytes);
  }
}

function processOf(name: string): { session: number; cpuSeconds: number; bytes: number } | null {
  try {
    const text = readFileSync(`/proc/${name}/stat`, 'utf8');
    // The program's name stands in parentheses and may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { session: Number(fields[3]), cpuSeconds: ticks / TICKS_PER_SECOND, bytes: Number(fields[21]) * PAGE_BYTES };
  } catch {
    // It ended between the list and the look.
    return null;
  }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const piece of stream) text += String(piece);
  return text;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
