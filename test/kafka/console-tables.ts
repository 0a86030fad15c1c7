// Reads what a query's console sink printed: the batches with their tables, as they come.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

/** One batch of the console sink. */
export interface ConsoleBatch {
  readonly batchId: number;
  /** The table's lines, borders included. */
  readonly table: readonly string[];
}

const BATCH = /^-{43}\nBatch: (\d+)\n-{43}\n((?:[+|].*\n)+)/gm;
const POLL_MS = 20;

/** A program whose console is watched. */
export class ConsoleProgram {
  readonly child: ChildProcess;
  output = '';
  private readonly kill = (): void => void this.child.kill('SIGKILL');

  constructor(command: string, args: readonly string[], cwd: string) {
    this.child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    process.on('exit', this.kill);
    this.child.on('exit', () => process.off('exit', this.kill));
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
  }

  /** The batches whose tables are complete. */
  batches(): ConsoleBatch[] {
    return [...this.output.matchAll(BATCH)]
      .map(([, batchId, table]) => ({ batchId: Number(batchId), table: (table as string).trimEnd().split('\n') }))
      .filter(({ table }) => table.filter((line) => line.startsWith('+')).length === 3);
  }

  /** Waits until `count` batches are printed. */
  async batchCount(count: number, limitMs: number): Promise<ConsoleBatch[]> {
    await this.until(() => this.batches().length >= count, `batch ${count - 1}`, limitMs);
    return this.batches();
  }

  /** Waits until a condition holds; a program that ends before is an error. */
  async until(holds: () => boolean, what: string, limitMs: number): Promise<void> {
    const deadlineMs = Date.now() + limitMs;
    while (!holds()) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) throw new Error(`ended before ${what}:\n${this.output}`);
      if (Date.now() > deadlineMs) throw new Error(`no ${what} in ${limitMs} ms:\n${this.output}`);
      await pause(POLL_MS);
    }
  }

  /** The exit code, null where a signal ended it. */
  async exitCode(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }
}
